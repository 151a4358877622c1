"""What a sheet of an old workbook (.xls, BIFF8) says besides its values: errors, hidden rows, formats that add digits.

Runs in the limited child process. An .xls is a file system in a file (a compound file) with the workbook as a stream
of records. Formats: [MS-CFB] 2, [MS-XLS] 2.4. What does not fit them has no marks; it is still read.
"""

from __future__ import annotations

import struct
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from crmtool.io.readers import excel_formats
from crmtool.io.readers.excel_marks import Marks, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

_EOF, _BOUNDSHEET, _FORMAT, _XF = 0x0A, 0x85, 0x041E, 0xE0  # kinds of records
_BIFF8 = 0x0600
_HIDDEN = 0x20
ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
_LAST = 0xFFFFFFFA  # numbers of sectors from here on mean something else
_SMALL = 4096  # bytes below which a stream lies in the small sectors


class Record(NamedTuple):
    """One record of the workbook."""

    kind: int
    data: bytes


def marks(file: bytes, sheet: str) -> Marks:
    """Return the marks of a sheet; none where the file is older, encrypted or broken."""
    try:
        return _marks(workbook(file), sheet)
    except (struct.error, IndexError, KeyError, ValueError, StopIteration):
        return Marks()


def workbook(file: bytes) -> bytes:
    """Return the stream of a compound file that holds the workbook; KeyError where there is none."""
    size = 1 << struct.unpack_from("<H", file, 30)[0]
    first, small_first = struct.unpack_from("<I", file, 48)[0], struct.unpack_from("<I", file, 60)[0]
    table = _numbers(b"".join(_sector(file, number, size) for number in _table_sectors(file, size)))
    entries = _stream(file, table, first, size)
    found = {name: (start, length) for name, start, length in _entries(entries)}
    start, length = found.get("workbook") or found["book"]
    if length >= _SMALL:
        return _stream(file, table, start, size)[:length]
    inside = _stream(file, table, found["root entry"][0], size)
    small = _numbers(_stream(file, table, small_first, size))
    return b"".join(inside[number * 64 : number * 64 + 64] for number in _chain(small, start))[:length]


def _sector(file: bytes, number: int, size: int) -> bytes:
    return file[(number + 1) * size : (number + 2) * size]


def _numbers(data: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4])


def _table_sectors(file: bytes, size: int) -> Iterator[int]:
    """Return the numbers of the sectors that hold the table of sectors."""
    yield from (number for number in _numbers(file[76:512]) if number < _LAST)
    more, left = struct.unpack_from("<I", file, 68)[0], len(file) // size
    while more < _LAST and left > 0:
        *numbers, more = _numbers(_sector(file, more, size))
        yield from (number for number in numbers if number < _LAST)
        left -= 1


def _chain(table: tuple[int, ...], start: int) -> Iterator[int]:
    """Return the numbers of the sectors of a stream; a ring ends after as many as there are."""
    number = start
    for _ in range(len(table)):
        if number >= len(table):
            return
        yield number
        number = table[number]


def _stream(file: bytes, table: tuple[int, ...], start: int, size: int) -> bytes:
    return b"".join(_sector(file, number, size) for number in _chain(table, start))


def _entries(directory: bytes) -> Iterator[tuple[str, int, int]]:
    """Return name (lower case), first sector and length of each stream."""
    for at in range(0, len(directory) - 127, 128):
        name = directory[at : at + max(struct.unpack_from("<H", directory, at + 64)[0] - 2, 0)].decode("utf-16-le")
        start, length = struct.unpack_from("<II", directory, at + 116)
        yield name.lower(), start, length


def records(stream: bytes, at: int) -> Iterator[Record]:
    """Return the records from a position to the end of their part."""
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield Record(kind, stream[at + 4 : at + 4 + length])
        if kind == _EOF:
            return
        at += 4 + length


def _marks(stream: bytes, sheet: str) -> Marks:
    book = list(records(stream, 0))
    if struct.unpack_from("<H", book[0].data)[0] != _BIFF8:
        return Marks()
    codes = _digit_formats(book)
    start = next(struct.unpack_from("<I", each.data)[0] for each in book if _names(each, sheet))
    found = Marks()
    for record in islice(records(stream, start), 1, None):
        _told(record, codes, found)
    return found


def _names(record: Record, sheet: str) -> bool:
    return record.kind == _BOUNDSHEET and _text(record.data[6:], record.data[6]) == sheet


def _text(data: bytes, length: int, flags: int = 1) -> str:
    wide = data[flags] & 1
    body = data[flags + 1 : flags + 1 + length * (1 + wide)]
    return body.decode("utf-16-le" if wide else "latin-1")


def _digit_formats(book: list[Record]) -> dict[int, str]:
    """Return the format codes that add digits, by the number of the cell style."""
    formats = {
        struct.unpack_from("<H", each.data)[0]: _text(each.data[2:], struct.unpack_from("<H", each.data, 2)[0], 2)
        for each in book
        if each.kind == _FORMAT
    }
    wanted = {number: code for number, code in formats.items() if excel_formats.adds_digits(code)}
    styles = [struct.unpack_from("<H", each.data, 2)[0] for each in book if each.kind == _XF]
    return {at: wanted[number] for at, number in enumerate(styles) if number in wanted}


def _told(record: Record, codes: dict[int, str], found: Marks) -> None:
    data = record.data
    match record.kind:
        case 0x0208:  # a row
            row, flags = struct.unpack_from("<H", data)[0], struct.unpack_from("<H", data, 12)[0]
            found.hidden.extend([row + 1] if flags & _HIDDEN else [])
        case 0x0205 if data[7]:  # an error by itself
            found.errors.append((*_place(data), ERRORS.get(data[6], "#ERROR")))
        case 0x06 if data[6] == 2 and data[12:14] == b"\xff\xff":  # an error from a formula  # noqa: PLR2004  # places in the record of a formula
            found.errors.append((*_place(data), ERRORS.get(data[8], "#ERROR")))
        case 0x0203 | 0x027E | 0x06:  # a number
            found.formats.update(_styled(_place(data), data[4:6], codes))
        case 0xBD:  # several numbers side by side
            row, left = _place(data)
            for at in range((len(data) - 6) // 6):
                found.formats.update(_styled((row, left + at), data[4 + at * 6 : 6 + at * 6], codes))


def _place(data: bytes) -> Place:
    row, column = struct.unpack_from("<HH", data)
    return row + 1, column + 1


def _styled(place: Place, style: bytes, codes: dict[int, str]) -> dict[Place, str]:
    code = codes.get(int.from_bytes(style, "little"))
    return {place: code} if code else {}
