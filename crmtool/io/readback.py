"""Reads a file back that was just written, before it is called done: every row as it was, and no damaged text in it.

Rows are added up to a digest in any order, white space aside. To add a look at the texts: a line in `_FAULTS`.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from crmtool.core.errors import NotWritable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from crmtool.io.writers.delivery import Look

#: What a careless program does to texts -> how it is seen: bytes read in a wrong encoding, words that lost their space.
_BROKEN = "\ufffd|[ÐÑ][\u0080-\u00bf]|[РС][\u0080-\u00bf\u2018-\u201e\u0402-\u040f\u0452-\u045f][РС]"
_GLUED = r"\p{Ll}{2}\p{Lu}\p{Ll}{2}"
_FAULTS = ("broken", "glued")
_CUT = 1 << 24  # of a hash: sixteen million rows add up without overflow
_BLANK = r"[\s\x00-\x1f\ufffe\uffff]"  # and what formats write as a space
_SPACES = rf"{_BLANK}{{2,}}|[{_BLANK}&&[^ ]]"  # all but a plain space alone, which stays and is the most frequent
_EDGE = "\ufdd0"  # between the cells of a row; no character, so no text has it


class Sum(NamedTuple):
    """What rows add up to: how many have any text, and the digest of those; `faults` counts texts (see `_FAULTS`)."""

    rows: int
    digest: int
    faults: dict[str, int]


def summed(frame: pl.DataFrame, names: Iterable[str] = ()) -> Sum:
    """Return what rows add up to; words are looked at for glue in the columns `names`."""
    texts = frame.select(pl.all().cast(pl.String))
    rows = texts.select(_row(texts.columns))
    odd = texts.filter(rows["row"].str.contains(_BROKEN))
    faults = {"broken": _count(odd, _BROKEN), "glued": _count(texts.select(_among(texts, names)), _GLUED)}
    return Sum(*_total(rows.lazy()), faults)


def _among(frame: pl.DataFrame, names: Iterable[str]) -> list[str]:
    wanted = set(names)
    return [name for name in frame.columns if name in wanted]


def _count(texts: pl.DataFrame, pattern: str) -> int:
    """Return how many texts have a pattern in them."""
    return sum(int(column.str.contains(pattern).sum()) for column in texts)


def _row(columns: Sequence[str]) -> pl.Expr:
    """Return the text of a whole row, as a column of this name."""
    cells = [pl.nth(n).cast(pl.String).fill_null("") for n in range(len(columns))]
    return pl.concat_str(cells, separator=_EDGE).alias("row")


def _total(rows: pl.LazyFrame) -> tuple[int, int]:
    """Return how many rows have any text, and their digest, by the texts of whole rows (column row)."""
    row = pl.col("row").str.replace_all(_SPACES, " ").str.replace_all(f" {_EDGE} ?|{_EDGE} ", _EDGE)
    bare = rows.select(row=row.str.strip_chars(" ")).filter(pl.col("row").str.strip_chars(_EDGE) != "")
    told = bare.select(count=pl.len(), digest=(pl.col("row").hash(0) // _CUT).sum())
    count, digest = told.collect(engine="streaming").row(0)
    return int(count), int(digest or 0)


def added(sums: Iterable[Sum]) -> Sum:
    """Return the sums of parts as one."""
    rows, digest, faults = 0, 0, dict.fromkeys(_FAULTS, 0)
    for part in sums:
        rows, digest = rows + part.rows, digest + part.digest
        faults = {name: count + part.faults[name] for name, count in faults.items()}
    return Sum(rows, digest, faults)


def checked(path: Path, look: Look, headings: list[str], wanted: Sum) -> None:
    """Read a file back. Raises NotWritable unless it has these headings and adds up to what was written."""
    found = READERS[look.format](path, look)
    if look.format == "vcard":
        whole, rows, digest = True, int(found.select(pl.len()).collect().item()), wanted.digest
    else:
        columns = found.collect_schema().names()
        whole, (rows, digest) = columns == headings, _total(found.select(_row(columns)))
    if not whole or (rows, digest) != (wanted.rows, wanted.digest):
        raise NotWritable(
            f"{path.name} did not read back as it was written: {rows} rows of {wanted.rows}.",
            "Nothing was kept. Try another disk or another format, and tell the makers of crmtool.",
        )


def _delimited(path: Path, look: Look) -> pl.LazyFrame:
    told: dict[str, Any] = {"separator": look.delimiter, "infer_schema": False}
    if look.encoding == "utf-8":
        return pl.scan_csv(path, **told)
    text = path.read_bytes().decode(look.encoding).encode()
    return pl.read_csv(io.BytesIO(text), **told).lazy()


def _book(path: Path, _: Look) -> pl.LazyFrame:
    import python_calamine

    sheet = python_calamine.CalamineWorkbook.from_path(path).get_sheet_by_index(0)
    headings, *rows = sheet.iter_rows()
    columns = zip(*rows, strict=True) if rows else ([] for _ in headings)
    return pl.LazyFrame([_texts(str(name), cells) for name, cells in zip(headings, columns, strict=True)])


def _texts(name: str, cells: Sequence[object]) -> pl.Series:
    """Return the cells of a column as the texts that were written; whole numbers come as floats."""
    try:
        return pl.Series(name, cells, pl.String)
    except TypeError:
        return pl.Series(name, [_text(cell) for cell in cells], pl.String)


def _text(cell: object) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _lines(path: Path, _: Look) -> pl.LazyFrame:
    return pl.scan_ndjson(path, infer_schema_length=None)


def _cards(path: Path, _: Look) -> pl.LazyFrame:
    from crmtool.io.readers import files
    from crmtool.io.readers.table import Options

    rows = sum(part.cells.height for part in files.parts(path, Options(format="vcard")))
    return pl.LazyFrame({"card": pl.Series([None], dtype=pl.String).new_from_index(0, rows)})


READERS: dict[str, Callable[[Path, Look], pl.LazyFrame]] = {
    "csv": _delimited,
    "xlsx": _book,
    "vcard": _cards,
    "jsonl": _lines,
    "parquet": lambda path, _: pl.scan_parquet(path),
}
