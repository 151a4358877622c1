"""The process that opens a workbook: it may be killed or run out of memory without harm to anyone.

Started as `python -m crmtool.io.readers.excel_child FILE SHEET LIMIT`; "" stands for the first visible sheet, all rows.
Writes JSON lines: first {"sheet": name, "sheets": [names]}, then for each row a list of texts and nulls, without the
nulls at its end; the first list is row 1 of the sheet. A reason not to read is one line {"refused": reason, "sheets":
[names]}. Must stay free of heavy imports: it starts for every file.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import sys
from itertools import islice
from typing import TYPE_CHECKING

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
    load_workbook,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

MEMORY = 2 << 30  # bytes of address space
SECONDS = 120  # of processor time
OUTPUT = 1 << 30  # characters
TOO_LONG = 3  # exit code

Cell = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta


def limited(memory: int, seconds: int) -> None:
    """Bound this process; where the system knows no limits, the parent's clock remains."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def text(cell: Cell) -> str | None:
    """Return a cell as a person would type it: whole numbers without a point, days and times in ISO form.

    >>> [text(c) for c in (79161234567.0, 0.5, True, "", dt.datetime(2024, 3, 5))]
    ['79161234567', '0.5', 'TRUE', None, '2024-03-05']
    """
    match cell:
        case str():
            return cell or None
        case bool():
            return "TRUE" if cell else "FALSE"
        case float():
            return str(int(cell)) if cell.is_integer() else repr(cell)
        case dt.datetime():
            midnight = cell.time() == dt.time()
            return cell.date().isoformat() if midnight else cell.isoformat()
        case dt.date() | dt.time():
            return cell.isoformat()
    return str(cell)


def trimmed(row: list[str | None]) -> list[str | None]:
    """Return a row without the nulls at its end."""
    while row and row[-1] is None:
        row.pop()
    return row


def chosen(book: CalamineWorkbook, wanted: str) -> CalamineSheet | None:
    """Return the sheet of that name or number (from 1); for "" the first visible one with cells, if there is any."""
    names = book.sheet_names
    if wanted in names:
        return book.get_sheet_by_name(wanted)
    if wanted:
        number = int(wanted) if wanted.isdecimal() else 0
        return book.get_sheet_by_index(number - 1) if 1 <= number <= len(names) else None
    sheets = (
        book.get_sheet_by_name(each.name)
        for each in book.sheets_metadata
        if each.visible == SheetVisibleEnum.Visible and each.typ == SheetTypeEnum.WorkSheet
    )
    return next((sheet for sheet in sheets if sheet.start is not None), None)


def answer(path: str, wanted: str, limit: int | None) -> Iterator[object]:
    """Yield what is to be written, one value for each line."""
    try:
        with load_workbook(path) as book:
            sheet = chosen(book, wanted)
            if sheet is None:
                yield {"refused": "sheet" if wanted else "empty", "sheets": book.sheet_names}
                return
            yield {"sheet": sheet.name, "sheets": book.sheet_names}
            for row in islice(sheet.iter_rows(), limit):
                yield trimmed([text(cell) for cell in row])
    except PasswordError:
        yield {"refused": "password", "sheets": []}
    except CalamineError as fault:
        yield {"refused": str(fault), "sheets": []}


def main(path: str, wanted: str, limit: str) -> None:
    """Write the answer to standard output."""
    limited(MEMORY, SECONDS)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    left = OUTPUT
    for value in answer(path, wanted, int(limit) if limit else None):
        line = json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"
        left -= len(line)
        if left < 0:
            sys.exit(TOO_LONG)
        sys.stdout.write(line)


if __name__ == "__main__":
    main(*sys.argv[1:])
