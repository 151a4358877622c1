"""Lines to records of cells, exactly: regular lines by whole columns, the others one at a time.

A line is regular when it is a record by itself beyond doubt: as many cells as the header, and each cell that begins
with a quotation mark well quoted to its end. All other lines go through `record`, which reads quoted cells over several
lines, and gives up one line only where a quotation mark is never closed. Both ways read a regular line alike (a law in
the tests), so what is regular is a matter of speed alone.
"""

from __future__ import annotations

import csv
import re
import sys
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crmtool.io.readers.lines import GetLine

LINES = 1000  # a quoted cell that is still open after so many lines was never meant to be one


class Record(NamedTuple):
    """What starts at a line: its cells, or None with the code of the fault; and how many lines it takes."""

    line: int
    lines: int
    cells: list[str] | None
    code: str | None
    raw: str


class Split(NamedTuple):
    """All records of a text below the header.

    `cells`: `line` (UInt32) and String columns c0, c1 ..., null where empty; `odd`: those records that are not cells,
    or were read one at a time; `blank`: lines (UInt32) of white space; `starts`: whether a record begins, line by line.
    """

    cells: pl.DataFrame
    odd: list[Record]
    blank: pl.Series
    starts: pl.Series


def record(line: GetLine, at: int, mark: str, width: int | None) -> Record:
    """Return the record that starts at line `at`; `width` is the number of headings, None for the header itself."""
    bare = (line(at) or "").rstrip("\r\n")
    strict = _strict(line, at, mark)
    if strict and (strict[1] == 1 or width is None or fits(strict[0], width)):
        return Record(at, strict[1], strict[0], None, bare)
    stray = _stray(bare, mark)
    if stray and width in (None, len(stray)):
        return Record(at, 1, stray, "row.quotes", bare)
    return Record(at, 1, None, "row.unreadable", bare)


def fits(cells: list[str], width: int) -> bool:
    """Tell whether a record fills the header: enough cells, and nothing in those beyond."""
    return len(cells) >= width and not any(cell.strip() for cell in cells[width:])


def _strict(line: GetLine, at: int, mark: str) -> tuple[list[str], int] | None:
    csv.field_size_limit(sys.maxsize)  # process-wide in the standard library; `LINES` is our limit
    reader = csv.reader(_following(line, at), delimiter=mark, strict=True)
    try:
        return next(reader), reader.line_num
    except (csv.Error, StopIteration):
        return None


def _following(line: GetLine, at: int) -> Iterator[str]:
    for position in range(at, at + LINES):
        text = line(position)
        if text is None:
            return
        yield text


def _stray(bare: str, mark: str) -> list[str] | None:
    """Split at every separator: right where quotes were not doubled, `"ООО "Ромашка""`, and none holds a separator."""
    cells = bare.split(mark)
    trimmed = [cell.strip() for cell in cells]
    if any(cell.startswith('"') and (len(cell) == 1 or not cell.endswith('"')) for cell in trimmed):
        return None
    return [_unquoted(short) if short.startswith('"') else cell for cell, short in zip(cells, trimmed, strict=True)]


def _unquoted(cell: str) -> str:
    inner = cell[1:-1]
    return inner.replace('""', '"') if inner.replace('""', "").count('"') == 0 else inner


def split(lines: pl.DataFrame, line: GetLine, first: int, mark: str, width: int) -> Split:
    """Return the records from line `first` on, for a header of `width` cells."""
    text = pl.col("line")
    body = lines.select("line").with_row_index("at").slice(first).with_columns(_kind(mark, width).alias("kind"))
    odd = list(_odd(line, body.filter(pl.col("kind") == "odd").get_column("at"), mark, width))
    inside = _inside(odd)
    free = body.filter(~pl.col("at").is_in(inside.implode())) if len(inside) else body
    plain = _plain(free.filter(pl.col("kind") == "plain").select("at", text), mark, width)
    quoted = _quoted(free.filter(pl.col("kind") == "quoted").select("at", text), mark, width)
    starts = ~pl.int_range(lines.height, dtype=pl.UInt32, eager=True).is_in(inside.implode())
    blank = free.filter(pl.col("kind") == "blank").get_column("at")
    return Split(_in_order(plain, quoted, _loose(odd, width)), odd, blank, starts)


def _kind(mark: str, width: int) -> pl.Expr:
    """Tell "plain" lines (no cell begins with a quotation mark), "quoted", "blank" and "odd" ones."""
    text = pl.col("line")
    quote = text.str.contains('"', literal=True)
    opening = quote & text.str.contains(f'(?:^|{re.escape(mark)})"')
    marks = text.str.count_matches(mark, literal=True)
    return (
        pl.when(~quote & (text.str.strip_chars() == ""))
        .then(pl.lit("blank"))
        .when(~opening & (marks == width - 1))
        .then(pl.lit("plain"))
        .when(opening)
        .then(pl.when(_well_quoted(mark, width)).then(pl.lit("quoted")).otherwise(pl.lit("odd")))
        .otherwise(pl.lit("odd"))
    )


def _well_quoted(mark: str, width: int) -> pl.Expr:
    separator = re.escape(mark)
    quoted = '"(?:[^"]|"")*"'
    cell = f'(?:[^"{separator}]*|{quoted})'
    marks = pl.col("line").str.replace_all(quoted, "").str.count_matches(mark, literal=True)
    return pl.col("line").str.contains(f"^{cell}(?:{separator}{cell})*$") & (marks == width - 1)


def _odd(line: GetLine, starts: Iterable[int], mark: str, width: int) -> Iterator[Record]:
    after = 0
    for at in starts:
        if at >= after:
            found = record(line, at, mark, width)
            after = at + found.lines
            yield found


def _inside(odd: list[Record]) -> pl.Series:
    """Lines that continue a record."""
    lines = [at for each in odd for at in range(each.line + 1, each.line + each.lines)]
    return pl.Series("at", lines, dtype=pl.UInt32)


def _names(width: int) -> list[str]:
    return [f"c{number}" for number in range(width)]


def _plain(lines: pl.DataFrame, mark: str, width: int) -> pl.DataFrame:
    names, text = _names(width), pl.col("line")
    cells = text.str.split_exact(mark, width - 1).struct.rename_fields(names) if width > 1 else pl.struct(c0=text)
    return lines.select(pl.col("at").alias("line"), cells.struct.unnest()).with_columns(_nulls(names))


def _nulls(names: list[str]) -> pl.Expr:
    return pl.when(pl.col(names) != "").then(pl.col(names))


def _quoted(lines: pl.DataFrame, mark: str, width: int) -> pl.DataFrame:
    """Read well-quoted lines with polars, which unfolds doubled quotation marks."""
    names = _names(width)
    schema = dict.fromkeys(names, pl.String())
    if lines.is_empty():
        return pl.DataFrame(schema={"line": pl.UInt32(), **schema})
    joined = lines.get_column("line").str.join("\n").cast(pl.Binary).item()
    cells = pl.read_csv(joined, has_header=False, separator=mark, schema=schema, infer_schema=False)
    return cells.select(lines.get_column("at").alias("line"), _nulls(names))


def _loose(odd: list[Record], width: int) -> pl.DataFrame:
    """Shape the records read one at a time: cells beyond the header are cut, missing ones null."""
    rows = [
        (each.line, *(cell or None for cell in each.cells[:width]), *[None] * (width - len(each.cells)))
        for each in odd
        if each.cells is not None and not beyond(each.cells, width)
    ]
    return pl.DataFrame(rows, {"line": pl.UInt32(), **dict.fromkeys(_names(width), pl.String())}, orient="row")


def beyond(cells: list[str], width: int) -> bool:
    """Tell whether a record has text in more cells than the header."""
    return any(cell.strip() for cell in cells[width:])


def _in_order(*parts: pl.DataFrame) -> pl.DataFrame:
    filled = [part for part in parts if len(part)] or [parts[0]]
    return filled[0] if len(filled) == 1 else pl.concat(filled).sort("line")
