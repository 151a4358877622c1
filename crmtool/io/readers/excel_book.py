"""Workbooks opened by the library: which sheet is read, its cells as a person would type them, what else there is.

Runs in the limited child process (`excel_child`). How a cell becomes text: `text`; what a sheet says besides its
values: `excel_marks`.
"""

from __future__ import annotations

import datetime as dt
import zipfile
import zlib
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from xml.parsers.expat import ExpatError

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
    load_workbook,
)

from crmtool.io.readers import excel_formats, excel_marks, excel_numbers, excel_ods, excel_xls, excel_xlsb
from crmtool.io.readers.excel_answer import About, Found, Refused, Span
from crmtool.io.readers.excel_marks import Marks, Place
from crmtool.io.readers.safe_xml import ForbiddenXml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

UNREADABLE = (zipfile.BadZipFile, zlib.error, ExpatError, RuntimeError, EOFError, ValueError, OSError)
Cell = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta

_SECOND = 1_000_000  # microseconds


def opened(path: str, wanted: str, _encoding: str) -> Found | Refused:
    """Return the sheet of that name or number (from 1); for "" the first visible one with cells."""
    try:
        with ThreadPoolExecutor(1) as beside:
            return _opened(path, wanted, beside)
    except PasswordError:
        return Refused("password", [])
    except ForbiddenXml:
        return Refused("entities", [])
    except CalamineError as fault:
        return Refused(str(fault), [])


def _opened(path: str, wanted: str, beside: ThreadPoolExecutor) -> Found | Refused:
    excel_marks.check(path)
    book = load_workbook(path)
    for name in _candidates(book, wanted):
        scan = beside.submit(_marks, path, name)  # the library lets other threads run while it reads
        sheet = book.get_sheet_by_name(name)
        if sheet.start is not None or wanted:
            return _found(book, path, sheet, scan.result(), told=not wanted)
    return Refused("sheet" if wanted else "empty", book.sheet_names)


def _candidates(book: CalamineWorkbook, wanted: str) -> list[str]:
    names = book.sheet_names
    if not wanted:
        return _of_cells(book, visible=True)
    if wanted in names:
        return [wanted]
    number = int(wanted) if wanted.isascii() and wanted.isdecimal() else 0
    return [names[number - 1]] if 1 <= number <= len(names) else []


def _of_cells(book: CalamineWorkbook, *, visible: bool) -> list[str]:
    """Return the names of the visible, or of the hidden, sheets that can hold cells."""
    return [
        each.name
        for each in book.sheets_metadata
        if (each.visible == SheetVisibleEnum.Visible) == visible and each.typ == SheetTypeEnum.WorkSheet
    ]


def _marks(path: str, name: str) -> Marks:
    """Return the marks of a sheet; what is too broken to have them may still have values."""
    try:
        if not excel_marks.zipped(path):
            return excel_xls.marks(Path(path).read_bytes(), name)
        with zipfile.ZipFile(path) as archive:
            if content := excel_marks.opened(archive, "content.xml"):
                return excel_ods.marks(content, name)
            binary = excel_marks.opened(archive, "xl/workbook.bin") is not None
            return excel_xlsb.marks(archive, name) if binary else excel_marks.xlsx(archive, name)
    except UNREADABLE:
        return Marks()


def _found(book: CalamineWorkbook, path: str, sheet: CalamineSheet, marks: Marks, *, told: bool) -> Found:
    merged = marks.merged or [_span(*each) for each in sheet.merged_cell_ranges or []]
    about = About(
        sheet=sheet.name,
        sheets=book.sheet_names,
        errors=marks.errors,
        uncomputed=marks.uncomputed,
        hidden=marks.hidden,
        merged=merged,
        unread=_holding(book, path, sheet.name, visible=True) if told else [],
        unseen=_holding(book, path, sheet.name, visible=False) if told else [],
    )
    bottom, right = sheet.end or (-1, -1)  # its own totals are one short
    marks = excel_marks.within(marks, right + 1)
    return Found(about, right + 1, bottom + 1, rows_of_text(sheet.iter_rows(), marks))


def _span(start: tuple[int, int], end: tuple[int, int]) -> Span:
    return Span(start[0] + 1, start[1] + 1, end[0] + 1, end[1] + 1)


def _holding(book: CalamineWorkbook, path: str, read: str, *, visible: bool) -> list[str]:
    """Return the names of the other sheets with cells."""
    known = excel_marks.filled(path)
    others = [name for name in _of_cells(book, visible=visible) if name != read]
    return [name for name in others if (known[name] if name in known else _filled(book, name))]


def _filled(book: CalamineWorkbook, name: str) -> bool:
    try:
        return book.get_sheet_by_name(name).start is not None
    except CalamineError:
        return False


def rows_of_text(rows: Iterable[list[Cell]], marks: Marks) -> Iterator[list[str]]:
    """Return the rows as texts, "" for an empty cell; `marks` say which cells are shown otherwise than their value."""
    formats, instead = _by_row(marks.formats), _by_row(marks.texts)
    zeros = {code: excel_formats.zeros(code) for code in set(marks.formats.values())}
    for number, cells in enumerate(rows, 1):
        # a call for each of some million cells would take as long as all the rest
        texts = [
            cell
            if cell.__class__ is str
            else digits
            if cell.__class__ is float and "e" not in (digits := f"{cell:.15g}")
            else TEXTS[cell.__class__](cell)
            for cell in cells
        ]
        for column, code in formats.get(number, ()):
            texts[column - 1] = _formatted(cells[column - 1], texts[column - 1], code, zeros[code])
        for column, said in instead.get(number, ()):
            texts[column - 1] = said
        yield texts


def _by_row(places: dict[Place, str]) -> dict[int, list[tuple[int, str]]]:
    grouped: dict[int, list[tuple[int, str]]] = {}
    for (row, column), said in places.items():
        grouped.setdefault(row, []).append((column, said))
    return grouped


def _formatted(cell: Cell, plain: str, code: str, zeros: int) -> str:
    """Return a cell as its format shows it, if it is a whole number; most such formats are of zeros alone."""
    if cell.__class__ is not float and cell.__class__ is not int:
        return plain
    if zeros and plain.isdecimal():
        return plain.zfill(zeros)
    return excel_numbers.shown(float(cell), code) or plain


def text(cell: Cell) -> str:
    """Return a cell as a person would type it: no exponents, days and times in ISO form, "" for an empty one.

    >>> [text(cell) for cell in (79161234567.0, 0.1 + 0.2, True, "", dt.datetime(2024, 3, 5), dt.timedelta(hours=36))]
    ['79161234567', '0.3', 'TRUE', '', '2024-03-05', '36:00:00']
    """
    return cell if isinstance(cell, str) else TEXTS[type(cell)](cell)


@lru_cache(1 << 16)
def _moment(moment: dt.datetime) -> str:
    return moment.date().isoformat() if moment.time() == dt.time() else moment.isoformat()


@lru_cache(1 << 16)
def _day(day: dt.date) -> str:
    return day.isoformat()


def _duration(length: dt.timedelta) -> str:
    """Return hours, minutes and seconds; hours go on beyond 24."""
    sign, whole = ("-", -length) if length < dt.timedelta() else ("", length)
    seconds, rest = divmod(round(whole / dt.timedelta(microseconds=1)), _SECOND)
    fraction = f".{rest:06d}".rstrip("0") if rest else ""
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{fraction}"


TEXTS: dict[type, Callable[..., str]] = {
    float: excel_numbers.plain,
    bool: {True: "TRUE", False: "FALSE"}.__getitem__,
    int: excel_numbers.whole,
    dt.date: _day,
    dt.datetime: _moment,
    dt.time: dt.time.isoformat,
    dt.timedelta: _duration,
}
