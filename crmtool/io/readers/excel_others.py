"""Other tables in the same sheet: below the first, after a blank row, or beside it, after an empty column.

Their rows are no contacts of the first table. Those below are kept aside, row by row; one beside it, which has headings
of the first once more, is not read. Both are told with their cells ("A15:D20").
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core import findings
from crmtool.io.readers import endings, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crmtool.io.readers.table import Table

_FEWEST = 2  # headings of a table
_LETTERS = 26
_TAB = "\t"


def beside(numbers: Sequence[int], names: Sequence[str | None]) -> int:
    """Return at which column another table begins beside the first one; the number of columns where there is none.

    `numbers` are those of the columns with any text in the sheet, `names` their headings. Before the other table stands
    an empty column, and it has two headings at least, one of them the first table's own.

    >>> beside([1, 2, 4, 5], ["Name", "Phone", "Name", "Phone"]), beside([1, 2, 4], ["Name", "Phone", "City"])
    (2, 3)
    """
    for at in range(1, len(numbers)):
        left, right = ({_folded(name) for name in some if name} for some in (names[:at], names[at:]))
        begins = numbers[at] - numbers[at - 1] > 1 and names[at]
        if begins and min(len(left), len(right)) >= _FEWEST and left & right:
            return at
    return len(names)


def _folded(name: str | None) -> str:
    return (name or "").strip().casefold()


def told_beside(numbers: Sequence[int], rows: tuple[int, int]) -> pl.DataFrame:
    """Return the finding about a table beside the first: its columns by number, its first and last row."""
    return _told([_range(rows, (numbers[0], numbers[-1]))] if numbers else [], "sheet.beside")


def without_below(made: Table, numbers: Sequence[int]) -> Table:
    """Return a table with the rows kept aside of others below it; `numbers` are those of its columns in the sheet."""
    apart = replace(endings.without_others(replace(made, delimiter=_TAB)), delimiter=made.delimiter)
    other = apart.refused.filter(pl.col("code") == "row.other_table").select(table.ROW, "raw")
    if other.is_empty():
        return made
    begun = other.with_columns(n=(pl.col(table.ROW).diff() > 1).fill_null(value=False).cum_sum())
    ranges = [_of_rows(group.drop("n").rows(), numbers) for group in begun.partition_by("n", maintain_order=True)]
    return replace(apart, findings=findings.joined(apart.findings, _told(ranges, "sheet.below")))


def _of_rows(rows: Sequence[tuple[int, str]], numbers: Sequence[int]) -> str:
    filled = [at for _, raw in rows for at, cell in enumerate(raw.split(_TAB)) if cell and at < len(numbers)]
    return _range((rows[0][0], rows[-1][0]), (numbers[min(filled)], numbers[max(filled)]))


def _range(rows: tuple[int, int], columns: tuple[int, int]) -> str:
    """Return a range of cells as spreadsheets write it.

    >>> _range((15, 20), (1, 28))
    'A15:AB20'
    """
    return f"{_letters(columns[0])}{rows[0]}:{_letters(columns[1])}{rows[1]}"


def _letters(column: int) -> str:
    before, last = divmod(column - 1, _LETTERS)
    return (_letters(before) if before else "") + chr(ord("A") + last)


def _told(ranges: Sequence[str], code: str) -> pl.DataFrame:
    return findings.found(pl.DataFrame({"value": ranges}, schema={"value": pl.String}), code)
