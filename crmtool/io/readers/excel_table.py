"""A sheet as it was found (`excel_process.Sheet`) to a `Table`: header, rows, and a finding for all that is not plain.

To tell something more about a sheet: a function here that returns findings, a line in `_findings`, a line in the
catalogue.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from crmtool.core import findings
from crmtool.core.errors import InputRefused
from crmtool.io.readers import excel_others, headers, shapes, table
from crmtool.io.readers.excel_process import choice
from crmtool.io.readers.table import Options, Table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from crmtool.io.readers.excel_process import Sheet

_SMALL = 10_000  # rows; a sheet with a second table is a report made for people, not a large list
_ABOVE = 50  # rows in which the header is looked for
_MOSTLY = 0.8  # of the cells of a column
_LAST = 12  # rows in which a footer is looked for
_DEEPEST = 10  # rows of a header of merged cells
DAMAGED = r"^\s*[-+]?[1-9](?:[.,]\d+)?[EeЕе]\+\d{1,3}\s*$"  # a long number that once was shown in a narrow column


class _Frame(NamedTuple):
    """Where the parts of a sheet lie: positions from 0; `bottom` is behind the last row of contacts, `end` of all."""

    first: int  # of the header
    top: int  # of the first row below the header
    bottom: int
    end: int
    names: list[str | None]

    @property
    def header(self) -> int:
        """The number of the header's last row; 0: there is none."""
        return self.top if self.top > self.first else 0


def made(path: Path, sheet: Sheet, options: Options, kind: str) -> Table:
    """Return the sheet as a table; InputRefused where it has no rows below its header."""
    frame = _framed(sheet, options)
    sheet, frame, beside = _without_beside(sheet, frame)
    if not _any(sheet.cells.slice(frame.top, frame.end - frame.top)):
        raise InputRefused(f"Sheet {sheet.name!r} of {path.name} has no rows.", choice(sheet.names, sheet.name))
    body = sheet.cells.slice(frame.top, frame.bottom - frame.top)
    numbers = pl.int_range(frame.top + 1, frame.bottom + 1, dtype=pl.Int64, eager=True).alias(table.ROW)
    blank = table.blank_rows(body)
    rows = table.without(numbers.to_frame(), blank).get_column(table.ROW)
    cells = _titled(table.without(body, blank), sheet.numbers, frame.names)
    footer = _footer(sheet.cells, frame)
    found = Table(
        name=path.name,
        sha256=table.digest(path),
        cells=cells,
        rows=rows,
        refused=footer,
        blank=len(blank) + frame.end - frame.bottom - footer.height,
        findings=findings.joined(_above(sheet.cells, frame), beside, *_findings(sheet, frame, cells, rows)),
        encoding="utf-8",
        sheet=sheet.name,
        format=kind,
        header=frame.header,
    )
    small = options.limit is None and cells.height <= _SMALL
    return excel_others.without_below(found, _numbers(body, sheet.numbers, frame.names)) if small else found


def _without_beside(sheet: Sheet, frame: _Frame) -> tuple[Sheet, _Frame, pl.DataFrame]:
    """Return the first table of a sheet, and the finding about one beside it."""
    at = excel_others.beside(sheet.numbers, frame.names)
    if at == len(frame.names):
        return sheet, frame, findings.empty()
    told = excel_others.told_beside(sheet.numbers[at:], (frame.header, frame.bottom))
    first = replace(sheet, cells=sheet.cells[:, :at], numbers=sheet.numbers[:at])
    return first, frame._replace(names=frame.names[:at]), told


def _numbers(cells: pl.DataFrame, numbers: Sequence[int], names: Sequence[str | None]) -> list[int]:
    """Return the numbers of the columns that are kept (see `_titled`)."""
    every = zip(cells.get_columns(), numbers, names, strict=True)
    return [number for column, number, name in every if name or _said(column)]


def _titled(cells: pl.DataFrame, numbers: Sequence[int], names: Sequence[str | None]) -> pl.DataFrame:
    """Return the columns under their headings, without those that have neither a heading nor any text."""
    pairs = zip(cells.get_columns(), _headings(numbers, names), names, strict=True)
    return pl.DataFrame([column.alias(heading) for column, heading, name in pairs if name or _said(column)])


def _said(column: pl.Series) -> bool:
    return column.null_count() < len(column)


def _headings(numbers: Sequence[int], names: Sequence[str | None]) -> list[str]:
    """Return the headings; a column without one is called by its number in the sheet."""
    return table.headings(name or f"Column {number}" for number, name in zip(numbers, names, strict=True))


def _any(cells: pl.DataFrame) -> bool:
    return len(table.blank_rows(cells)) < cells.height


def _framed(sheet: Sheet, options: Options) -> _Frame:
    """Return where the header and the rows lie."""
    first, top, names = _header(sheet, options.header)
    end = sheet.cells.height if options.limit is None else min(sheet.cells.height, top + options.limit)
    bottom = end
    if end == sheet.about["bottom"]:
        last = sheet.cells.slice(top).tail(_LAST)
        bottom = end - last.height + headers.footer(_texts(last), sum(map(bool, names)) or sheet.cells.width)
    return _Frame(first, top, bottom, end, names)


def _texts(cells: pl.DataFrame) -> list[list[str]]:
    return [list(row) for row in cells.fill_null("").rows()]


def _header(sheet: Sheet, wanted: int | None) -> tuple[int, int, list[str | None]]:
    """Return the positions of the first row of the header and of the first one below it, and the names it gives."""
    cells = sheet.cells
    if wanted is not None:
        named = list(cells.row(wanted - 1)) if 0 < wanted <= cells.height else [None] * cells.width
        below = min(max(wanted, 0), cells.height)
        return max(below - 1, 0), below, named
    found = headers.found(_texts(cells.head(_ABOVE)))
    stop = min(_below(sheet.about["merged"], found.start, found.stop), cells.height)
    stop += found.stop > found.start and _named_below(sheet, stop)
    if stop > found.stop:
        return found.start, stop, _joined(sheet, found.start, stop)
    return found.start, stop, [*found.names, *[None] * cells.width][: cells.width]


def _below(merged: Sequence[Sequence[int]], start: int, stop: int) -> int:
    """Return the position below the header: cells merged downwards from one of its rows belong to it whole."""
    for top, _, bottom, _ in sorted(merged, key=tuple):
        if start < top <= stop < bottom <= start + _DEEPEST:
            stop = bottom
    return stop


def _named_below(sheet: Sheet, stop: int) -> bool:
    """Tell whether the last row of a header merges columns that only the row below it names.

    That row holds words alone, also where the rows below it hold numbers, days or phones.
    """
    if not any(top == bottom == stop and right > left for top, left, bottom, right in sheet.about["merged"]):
        return False
    names, *below = _texts(sheet.cells.slice(stop, _ABOVE)) or [[]]
    columns = list(zip(*below, strict=True)) if below else [()] * len(names)
    valued = [name for name, column in zip(names, columns, strict=True) if name and shapes.common(column, _MOSTLY)]
    return bool(valued) and not any(shapes.is_value(name) for name in names if name)


def _joined(sheet: Sheet, start: int, stop: int) -> list[str | None]:
    """Return the names of a header of merged cells: a merged name holds for all columns below it."""
    rows = [dict(zip(sheet.numbers, row, strict=True)) for row in sheet.cells.slice(start, stop - start).rows()]
    for top, left, _, right in sheet.about["merged"]:
        if start < top <= stop and left in sheet.numbers:
            row = rows[top - 1 - start]
            row.update({number: row[left] for number in sheet.numbers if left <= number <= right})
    return [" ".join(dict.fromkeys(filter(None, (row[number] for row in rows)))) or None for number in sheet.numbers]


def _footer(cells: pl.DataFrame, frame: _Frame) -> pl.DataFrame:
    """Return the rows below the last contact that say something, as refused rows."""
    below = enumerate(cells.slice(frame.bottom, frame.end - frame.bottom).rows(), frame.bottom + 1)
    said = ((row, "\t".join(cell or "" for cell in texts).rstrip("\t")) for row, texts in below)
    return table.refused((row, raw, "row.footer") for row, raw in said if raw.strip())


def _above(cells: pl.DataFrame, frame: _Frame) -> pl.DataFrame:
    """Return a finding for each row that says something above the header."""
    head = cells.head(frame.first).with_row_index(table.ROW, 1)
    texts = pl.concat_str(pl.exclude(table.ROW), separator=" ", ignore_nulls=True)
    return findings.found(head.select(table.ROW, value=texts).filter(pl.col("value") != ""), "row.above")


def _findings(sheet: Sheet, frame: _Frame, cells: pl.DataFrame, rows: pl.Series) -> list[pl.DataFrame]:
    about = sheet.about
    headings = dict(zip(sheet.numbers, _headings(sheet.numbers, frame.names), strict=True))
    errors = [(row, column, error) for row, column, error in about["errors"]]
    return [
        table.holding(cells, rows, table.CONTROL, "row.control"),
        _placed(errors, headings, frame, "cell.error"),
        _placed(_valued(sheet, about["uncomputed"]), headings, frame, "cell.uncomputed"),
        _placed(_valued(sheet, sheet.imprecise), headings, frame, "cell.precision"),
        _damaged(cells, rows),
        _merged(sheet, headings, frame),
        _hidden(about["hidden"], rows),
        _sheets(about["unread"], "sheet.unread"),
        _sheets(about["unseen"], "sheet.hidden"),
    ]


def _valued(sheet: Sheet, places: Sequence[Sequence[int]]) -> list[tuple[int, int, str | None]]:
    """Return the places with the text that stands there."""
    columns = {number: sheet.cells.get_column(str(number)) for number in {at for _, at in places} & set(sheet.numbers)}
    height = sheet.cells.height
    return [(row, at, columns[at][row - 1] if at in columns and row <= height else None) for row, at in places]


def _placed(
    marks: Sequence[tuple[int, int, str | None]], headings: dict[int, str], frame: _Frame, code: str
) -> pl.DataFrame:
    """Return a finding for each marked cell (row, column, value) of the rows that were read."""
    kept = [
        (row, headings.get(column, f"Column {column}"), value)
        for row, column, value in marks
        if frame.top < row <= frame.bottom
    ]
    schema = {table.ROW: pl.Int64, "column": pl.String, "value": pl.String}
    return findings.found(pl.DataFrame(kept, schema=schema, orient="row"), code)


def _damaged(cells: pl.DataFrame, rows: pl.Series) -> pl.DataFrame:
    """Return a finding for each text that is a number cut short, as 7.9161E+10; real numbers are written out by now."""
    hits = [
        pl.DataFrame({table.ROW: rows, "value": cells.get_column(name)})
        .filter(pl.col("value").str.contains(DAMAGED))
        .with_columns(column=pl.lit(name))
        for name in cells.columns
        if bool(cells.get_column(name).str.contains(DAMAGED).any())
    ]
    return findings.found(pl.concat(hits), "cell.damaged") if hits else findings.empty()


def _merged(sheet: Sheet, headings: dict[int, str], frame: _Frame) -> pl.DataFrame:
    """Return a finding for each merged range that begins below the header: only its first cell has the value."""
    spans = [span for span in sheet.about["merged"] if span[0] > frame.top]
    places = _valued(sheet, [(top, left) for top, left, _, _ in spans])
    filled = [place for place in places if place[2] is not None]
    return _placed(filled, headings, frame, "cell.merged")


def _hidden(hidden: Sequence[int], rows: pl.Series) -> pl.DataFrame:
    met = pl.Series(table.ROW, sorted(set(hidden)), dtype=pl.Int64)
    return findings.found(met.filter(met.is_in(rows.implode())).to_frame(), "row.hidden")


def _sheets(names: Sequence[str], code: str) -> pl.DataFrame:
    return findings.found(pl.DataFrame({"value": list(names)}, schema={"value": pl.String}), code)
