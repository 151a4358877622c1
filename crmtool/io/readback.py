"""Reads a file back that was just written, before it is called done: every row as it was, and no damaged text in it.

Rows are added up to a digest in any order, white space aside. To add a look at the texts: a line in `_FAULTS`.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from crmtool.core.errors import NotWritable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from crmtool.io.writers.delivery import Look

#: What a careless program does to texts -> how it is seen: bytes read in a wrong encoding, words that lost their space.
_FAULTS = {
    "broken": "\ufffd|[ÐÑ][\u0080-\u00bf]|[РС][\u0080-\u00bf\u2018-\u201e\u0402-\u040f\u0452-\u045f][РС]",
    "glued": r"\p{Cyrillic}*\p{Ll}{2}\p{Lu}\p{Ll}{2}",
}
_CUT = 1 << 24  # of a hash: sixteen million rows add up without overflow
_SAME = r"[\s\x00-\x1f]+"


class Sum(NamedTuple):
    """What rows add up to: how many have any text, and the digest of those; `faults` counts texts (see `_FAULTS`)."""

    rows: int
    digest: int
    faults: dict[str, int]


def summed(frame: pl.DataFrame | pl.LazyFrame, names: Iterable[str] = ()) -> Sum:
    """Return what rows add up to; words are looked at for glue in the columns `names`."""
    lazy = frame.lazy()
    columns = lazy.collect_schema().names()
    texts = [pl.nth(n).cast(pl.String).fill_null("") for n in range(len(columns))]
    row = pl.concat_str([text.str.replace_all(_SAME, " ").str.strip_chars() for text in texts], separator="\x1f")
    filled = row.str.contains("[^\x1f]")
    glued = [n for n, name in enumerate(columns) if name in set(names)]
    faults = {"broken": range(len(columns)), "glued": glued}
    looked = [
        pl.sum_horizontal([texts[n].str.contains(_FAULTS[fault]).cast(pl.Int64) for n in where] or [pl.lit(0)])
        .sum()
        .alias(fault)
        for fault, where in faults.items()
    ]
    told = lazy.select(*looked, rows=filled.sum(), digest=(row.hash(0).filter(filled) // _CUT).sum())
    found = {name: int(count or 0) for name, count in told.collect(engine="streaming").row(0, named=True).items()}
    return Sum(found.pop("rows"), found.pop("digest"), found)


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
    named = found.collect_schema().names()
    got = summed(found) if look.format != "vcard" else Sum(found.select(pl.len()).collect().item(), wanted.digest, {})
    if (named != headings and look.format != "vcard") or (got.rows, got.digest) != (wanted.rows, wanted.digest):
        raise NotWritable(
            f"{path.name} did not read back as it was written: {got.rows} rows of {wanted.rows}.",
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

    rows = python_calamine.CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python(skip_empty_area=False)
    texts = [[_text(cell) for cell in row] for row in rows[1:]]
    return pl.LazyFrame(texts, schema={str(name): pl.String() for name in rows[0]}, orient="row")


def _text(cell: object) -> str:
    """Return a cell of a sheet as the text that was written; whole numbers come as floats."""
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
