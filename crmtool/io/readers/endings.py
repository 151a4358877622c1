"""Rows of a delimited text that are no contacts: its header once more, another table below the first, a footer.

They are kept aside as refused rows, whole. What tells them from contacts is in `headers`. To know another kind of them:
a function here that keeps rows aside, its place in `ended`, its code in the catalogue of findings.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from crmtool.io.readers import headers, records, table
from crmtool.io.readers.separators import ONE_COLUMN, Dialect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crmtool.io.readers.table import Table

_SMALL = 10_000  # rows; a file with a second table is a report made for people, not a large list
_LAST = 12  # rows in which a footer is looked for
_LOOK = 20  # rows that show whether a table begins
_MOST = 200  # places where one may begin


class _Row(NamedTuple):
    """A row, accepted or refused, with its cells up to the last one with text."""

    number: int
    cells: list[str]
    at: int | None  # its position among the accepted ones


def ended(tables: Iterator[Table], limit: int | None) -> Iterator[Table]:
    """Give the parts of a text with the rows kept aside that are no contacts; with a limit the end may be elsewhere."""
    held, read = next(tables), 0
    for each in tables:
        if held.cells.height < _SMALL:
            held = table.joined([held, each])
            continue
        yield _without_headers(held)
        read += held.read
        held = each
    if limit is not None and read + held.read >= limit:
        yield _without_headers(held)
    elif read:
        yield _without_footer(_without_headers(held))
    else:
        yield _without_footer(without_others(_without_headers(held)))


def _without_headers(part: Table) -> Table:
    """Keep aside the rows that repeat the header, as lists put together have them."""
    if part.cells.width < 2:  # noqa: PLR2004  # in one column a name like the header may be one
        return part
    same = part.cells.with_row_index("__at")
    for name in part.cells.columns:
        same = same.filter(pl.col(name).str.strip_chars() == name)
        if same.is_empty():
            return part
    return _aside(part, same.get_column("__at").to_list(), "row.header")


def _without_footer(part: Table) -> Table:
    last = [[cell or "" for cell in row] for row in part.cells.tail(_LAST).rows()]
    start = part.cells.height - len(last) + headers.footer(last, part.cells.width)
    return _aside(part, list(range(start, part.cells.height)), "row.footer")


def without_others(part: Table) -> Table:
    """Keep aside the rows of other tables: they begin after a blank row, or where the number of cells changes."""
    rows = _rows(part)
    others, inside = list[_Row](), False
    starts = set(_starts(rows)[:_MOST])
    for at, row in enumerate(rows):
        if at in starts:
            told = headers.continued(part.cells.columns, [each.cells for each in rows[at : at + _LOOK]])
            inside = told == "table" or (inside and told != "header")
        if inside:
            others.append(row)
    refused = pl.Series([row.number for row in others if row.at is None], dtype=pl.Int64)
    code = pl.when(pl.col(table.ROW).is_in(refused.implode())).then(pl.lit("row.other_table")).otherwise("code")
    told_anew = replace(part, refused=part.refused.with_columns(code=code))
    return _aside(told_anew, [row.at for row in others if row.at is not None], "row.other_table")


def _rows(part: Table) -> list[_Row]:
    kept = (
        _Row(number, _trimmed([cell or "" for cell in cells]), at)
        for at, (number, cells) in enumerate(zip(part.rows.to_list(), part.cells.rows(), strict=True))
    )
    aside = (_Row(number, _trimmed(_split(raw, part)), None) for number, raw, _ in part.refused.rows())
    return sorted([*kept, *aside])


def _trimmed(cells: list[str]) -> list[str]:
    end = len(cells)
    while end and not cells[end - 1].strip():
        end -= 1
    return cells[:end]


def _starts(rows: list[_Row]) -> list[int]:
    usual = Counter(len(row.cells) for row in rows).most_common(1)[0][0] if rows else 0
    return [
        at
        for at in range(1, len(rows))
        if rows[at].number - rows[at - 1].number > 1
        or (len(rows[at].cells) != len(rows[at - 1].cells) and len(rows[at].cells) != usual)
    ]


def _aside(part: Table, positions: list[int], code: str) -> Table:
    """Return the table with the rows at `positions` refused."""
    if not positions:
        return part
    at = pl.Series(positions, dtype=pl.UInt32)
    numbers = part.rows.gather(at)
    raws = (_raw([cell or "" for cell in row], part) for row in part.cells[positions].rows())
    refused = table.refused((number, raw, code) for number, raw in zip(numbers.to_list(), raws, strict=True))
    return replace(
        part,
        cells=table.without(part.cells, at),
        rows=part.rows.filter(~part.rows.is_in(numbers.implode())),
        refused=pl.concat([part.refused, refused]).sort(table.ROW, maintain_order=True),
        findings=part.findings.filter(~pl.col("row").is_in(numbers.implode()) | pl.col("row").is_null()),
    )


def _raw(cells: list[str], part: Table) -> str:
    """Return cells as a line of the file; empty ones at the end are left out."""
    mark = part.delimiter or ONE_COLUMN
    if part.quote is None:
        return mark.join(_trimmed(cells))
    sink = io.StringIO()
    form = csv.writer(
        sink,
        delimiter=mark,
        quotechar=part.quote,
        escapechar=part.escape,
        doublequote=not part.escape,
        lineterminator="",
    )
    form.writerow(_trimmed(cells))
    return sink.getvalue()


def _split(raw: str, part: Table) -> list[str]:
    dialect = Dialect(part.delimiter, part.quote, part.escape)
    return records.record(lambda at: None if at else raw, 0, dialect, None).cells or [raw]
