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
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crmtool.io.readers.lines import GetLine

REFUSED = ("row.ragged", "row.unreadable")
LINES = 1000  # a quoted cell that is still open after so many lines was never meant to be one
_BATCH = 20_000
_WIDEST = 1000  # cells; the pattern grows with them
_NEVER = "[^\\s\\S]"


class Record(NamedTuple):
    """What starts at a line: its cells, or None with the code of the fault; and how many lines it takes."""

    line: int
    lines: int
    cells: list[str] | None
    code: str | None
    raw: str


class Note(NamedTuple):
    """Something to say about the record that starts at a line; with a code of `REFUSED` its cells are left out."""

    line: int
    code: str
    raw: str


class Split(NamedTuple):
    """All records of a text below the header.

    `cells`: `line` (UInt32) and String columns c0, c1 ..., null where empty; `blank`: lines (UInt32) of white space;
    `starts`: for each line of the text, whether a record begins there.
    """

    cells: pl.DataFrame
    notes: list[Note]
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


def split(lines: pl.DataFrame, line: GetLine, first: int, mark: str, width: int, needed: int) -> Split:
    """Return the records from line `first` on, for a header of `width` cells, of which a row should have `needed`."""
    body = lines.select("line").with_row_index("at").slice(first).with_columns(_kind(mark, width).alias("kind"))
    odd = _odd(line, body.filter(pl.col("kind") == "odd").get_column("at"), mark, width)
    loose, notes, inside = _gathered(odd, width, needed)
    free = body.filter(~pl.col("at").is_in(inside.implode())) if len(inside) else body
    parts = {kind: free.filter(pl.col("kind") == kind).select("at", "line") for kind in ("plain", "quoted", "blank")}
    cells = _in_order(_plain(parts["plain"], mark, width), _quoted(parts["quoted"], mark, width), loose)
    starts = ~pl.int_range(lines.height, dtype=pl.UInt32, eager=True).is_in(inside.implode())
    return Split(cells, notes, parts["blank"].get_column("at"), starts)


def _kind(mark: str, width: int) -> pl.Expr:
    """Tell "plain" lines (no cell begins with a quotation mark), "quoted", "blank" and "odd" ones."""
    text = pl.col("line")
    opening = text.str.starts_with('"') | text.str.contains(f'{mark}"', literal=True)
    return (
        pl.when(text.str.strip_chars() == "")
        .then(pl.lit("blank"))
        .when(~opening & (text.str.count_matches(mark, literal=True) == width - 1))
        .then(pl.lit("plain"))
        .when(opening & text.str.contains(_well_quoted(mark, width)))
        .then(pl.lit("quoted"))
        .otherwise(pl.lit("odd"))
    )


def _well_quoted(mark: str, width: int) -> str:
    if width > _WIDEST:
        return _NEVER
    separator = re.escape(mark)
    cell = f'(?:[^"{separator}]*|"(?:[^"]|"")*")'
    return f"^{cell}(?:{separator}{cell}){{{width - 1}}}$"


def _odd(line: GetLine, starts: Iterable[int], mark: str, width: int) -> Iterator[Record]:
    after = 0
    for at in starts:
        if at >= after:
            found = record(line, at, mark, width)
            after = at + found.lines
            yield found


def _gathered(odd: Iterator[Record], width: int, needed: int) -> tuple[pl.DataFrame, list[Note], pl.Series]:
    """Return cells, notes, and the lines (UInt32) that continue a record; cells become columns batch by batch."""
    frames, notes, inside = [_loose([], width)], [], list[int]()
    while batch := list(islice(odd, _BATCH)):
        frames.append(_loose(batch, width))
        notes += [Note(each.line, code, each.raw) for each in batch if (code := _remark(each, width, needed))]
        inside += [at for each in batch for at in range(each.line + 1, each.line + each.lines)]
    return pl.concat(frames), notes, pl.Series("at", inside, dtype=pl.UInt32)


def _remark(each: Record, width: int, needed: int) -> str | None:
    if each.cells is None:
        return each.code
    if beyond(each.cells, width):
        return "row.ragged"
    short = len(each.cells) < needed and any(cell.strip() for cell in each.cells)
    return "row.short" if short else each.code


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


def _loose(batch: list[Record], width: int) -> pl.DataFrame:
    """Shape records read one at a time: empty cells beyond the header are cut, missing ones null."""
    kept = [(each.line, each.cells) for each in batch if each.cells is not None and not beyond(each.cells, width)]
    padded = [cells if len(cells) == width else [*cells, *[None] * width][:width] for _, cells in kept]
    columns = zip(*padded, strict=True) if padded else [()] * width
    names = _names(width)
    texts = pl.DataFrame([pl.Series(name, column, pl.String()) for name, column in zip(names, columns, strict=True)])
    return texts.select(pl.Series("line", [line for line, _ in kept], pl.UInt32()), _nulls(names))


def beyond(cells: list[str], width: int) -> bool:
    """Tell whether a record has text in more cells than the header."""
    return len(cells) > width and any(cell.strip() for cell in cells[width:])


def _in_order(*parts: pl.DataFrame) -> pl.DataFrame:
    filled = [part for part in parts if len(part)] or [parts[0]]
    return filled[0] if len(filled) == 1 else pl.concat(filled).sort("line")
