"""An export in the format people asked for, written part by part, with all that is needed to prove it afterwards.

CSV and workbooks are safe to open in a spreadsheet: what it would take for a formula is guarded, or is plain text.
To add a format: a function `(frames, path, look)` here and a line in `FORMATS` and `ENDINGS`.
"""

from __future__ import annotations

import codecs
import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl
from anyascii import anyascii

from crmtool.core.errors import UsageError
from crmtool.io import readback
from crmtool.io.writers import csv, sheet_xml, tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from crmtool.core.export_rules import Format
    from crmtool.io.readback import Sum

    Writer = Callable[[Iterable[pl.DataFrame], Path, "Look"], None]

#: Ending of a file -> its format.
ENDINGS: dict[str, Format] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".xlsx": "xlsx",
    ".vcf": "vcard",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
}
_SHOWN = 200  # values that are listed


@dataclass(frozen=True)
class Look:
    """How a file looks, and what its writing has told.

    `letters` gathers the values an encoding has no letters for (row, heading, value), `sums` what each part adds up to,
    `unfit` how many channels found no column, by kind.
    """

    format: Format
    delimiter: str = ","
    bom: bool = False
    encoding: str = "utf-8"
    approximate: bool = False  # letters that the encoding lacks are written in Latin
    days: frozenset[str] = frozenset()  # headings of ISO days, which a workbook shows as days
    names: frozenset[str] = frozenset()  # headings of names of people
    letters: list[tuple[int, str, str]] = field(default_factory=list)
    sums: list[Sum] = field(default_factory=list)
    unfit: dict[str, int] = field(default_factory=dict)


def format_of(path: Path, usual: Format) -> Format:
    """Return the format a file's ending says; without an ending the usual one. Raises UsageError."""
    ending = path.suffix.lower()
    if not ending:
        return usual
    if ending not in ENDINGS:
        raise UsageError(f"{path.name}: the ending says no format.", f"End it in one of: {', '.join(ENDINGS)}.")
    return ENDINGS[ending]


def written(frames: Iterable[pl.DataFrame], path: Path, look: Look) -> None:
    """Write frames of one shape into a file that `files.atomic` gave; of cards, the one column `card`.

    Raises UsageError for an unknown encoding, for letters that it lacks (each value named), and for what a workbook
    cannot hold.
    """
    FORMATS[look.format](frames, path, look)
    if look.letters and not look.approximate:
        lines = [f"row {row}, {heading}: {value}" for row, heading, value in look.letters[:_SHOWN]]
        rest = [f"and {len(look.letters) - _SHOWN} more"] if len(look.letters) > _SHOWN else []
        raise UsageError(
            f"{look.encoding} lacks letters of these values:",
            "Write UTF-8, or have those letters written in Latin with --approximate.",
            [*lines, *rest],
        )


def _delimited(frames: Iterable[pl.DataFrame], path: Path, look: Look) -> None:
    codec = _codec(look.encoding)
    rows = 1
    with path.open("wb") as out:
        if look.bom and codec == "utf-8":
            out.write(codecs.BOM_UTF8)
        for number, frame in enumerate(frames):
            safe = csv.guarded(frame)
            if codec != "utf-8":
                safe = _fitting(safe, codec, rows, look)
            look.sums.append(readback.summed(safe, look.names))
            target = out if codec == "utf-8" else io.BytesIO()
            safe.write_csv(target, separator=look.delimiter, include_header=not number, quote_style=_quotes(safe))
            if isinstance(target, io.BytesIO):
                out.write(target.getvalue().decode().encode(codec, "replace"))
            rows += frame.height


def _quotes(frame: pl.DataFrame) -> pl._typing.CsvQuoteStyle:
    return "always" if frame.width == 1 else "necessary"  # a row of one empty cell would be an empty line


def _codec(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except LookupError:
        raise UsageError(
            f"There is no encoding called {encoding!r}.", "Use utf-8, or cp1251 for old programs."
        ) from None


def _fitting(frame: pl.DataFrame, codec: str, rows: int, look: Look) -> pl.DataFrame:
    """Return a frame with what the encoding lacks written in Latin; each such value is noted."""
    known = {column.name: _beyond(column, codec) for column in frame}
    for heading, values in known.items():
        odd = frame[heading].is_in(list(values)).fill_null(value=False)
        look.letters.extend((rows + int(n) + 1, heading, frame[heading][int(n)]) for n in odd.arg_true())
    return frame.with_columns(
        pl.Series(name, frame[name].replace(list(values), list(values.values())))
        for name, values in known.items()
        if values
    )


def _beyond(column: pl.Series, codec: str) -> dict[str, str]:
    """Return the distinct values that an encoding cannot write -> how they look in it."""
    distinct = column.drop_nulls().unique()
    try:
        "".join(distinct).encode(codec)
    except UnicodeEncodeError:
        return {text: _nearest(text, codec) for text in distinct if not _fits(text, codec)}
    return {}


def _fits(text: str, codec: str) -> bool:
    try:
        text.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


def _nearest(text: str, codec: str) -> str:
    return "".join(sign if _fits(sign, codec) else anyascii(sign) for sign in text)


def _book(frames: Iterable[pl.DataFrame], path: Path, look: Look) -> None:
    sheet_xml.write(_summed(frames, look), path, days=look.days)


def _table(ending: str) -> Writer:
    return lambda frames, path, look: tables.FORMATS[ending](_summed(frames, look), path)


def _cards(frames: Iterable[pl.DataFrame], path: Path, look: Look) -> None:
    with path.open("wb") as out:
        for frame in _summed(frames, look):
            out.write(frame["card"].str.join("").item().encode())


def _summed(frames: Iterable[pl.DataFrame], look: Look) -> Iterator[pl.DataFrame]:
    for frame in frames:
        look.sums.append(readback.summed(frame, look.names))
        yield frame


FORMATS: dict[Format, Writer] = {
    "csv": _delimited,
    "xlsx": _book,
    "vcard": _cards,
    "jsonl": _table(".jsonl"),
    "parquet": _table(".parquet"),
}
