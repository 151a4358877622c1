"""What a sheet of a binary workbook (.xlsb) says besides its values: errors and hidden rows.

Runs in the limited child process. A part is a stream of records. Format: [MS-XLSB] 2.1.4 and 2.4.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from crmtool.io.readers import excel_marks
from crmtool.io.readers.excel_marks import Marks
from crmtool.io.readers.excel_xls import ERRORS

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Iterator

_ROW, _ERROR, _ERROR_OF_FORMULA, _SHEET = 0, 3, 11, 156
_FLAGS, _HIDDEN = 11, 0x10  # place and bit in a row
_CODE = 8  # place of the error in a cell
_MORE = 0x80  # a number goes on in the next byte


def marks(archive: zipfile.ZipFile, sheet: str) -> Marks:
    """Return the marks of a sheet; none where the part is broken."""
    try:
        return _marks_of(_part(archive, _target(archive, sheet)))
    except (struct.error, IndexError, UnicodeDecodeError):
        return Marks()


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    part = excel_marks.opened(archive, name)
    if part is None:
        return b""
    with part:
        return part.read()


def _target(archive: zipfile.ZipFile, sheet: str) -> str:
    """Return the name of the part of a sheet."""
    book = _part(archive, "xl/workbook.bin")
    named = dict(_names(data) for kind, data in records(book) if kind == _SHEET)
    relations = excel_marks.elements(archive, "xl/_rels/workbook.bin.rels")
    targets = {each.attributes.get("Id", ""): each.attributes.get("Target", "") for each in relations}
    target = targets.get(named.get(sheet, ""), "")
    return target if target.startswith("/") else f"xl/{target}"


def _names(data: bytes) -> tuple[str, str]:
    """Return name and relation of a sheet."""
    relation, behind = _text(data, 8)
    return _text(data, behind)[0], relation


def _text(data: bytes, at: int) -> tuple[str, int]:
    behind = at + 4 + 2 * struct.unpack_from("<I", data, at)[0]
    return data[at + 4 : behind].decode("utf-16-le"), behind


def records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    """Return kind and data of each record."""
    at = 0
    while at < len(stream):
        kind, at = _number(stream, at, 2)
        length, at = _number(stream, at, 4)
        yield kind, stream[at : at + length]
        at += length


def _number(stream: bytes, at: int, most: int) -> tuple[int, int]:
    """Return a number of up to `most` bytes, of seven bits each, and where the next one begins; 0 behind the end."""
    number = 0
    for place, byte in enumerate(stream[at : at + most]):
        number |= (byte & 0x7F) << (7 * place)
        if not byte & _MORE:
            return number, at + place + 1
    return number, at + most


def _marks_of(stream: bytes) -> Marks:
    found, row = Marks(), 0
    for kind, data in records(stream):
        if kind == _ROW and len(data) > _FLAGS:
            row = struct.unpack_from("<I", data)[0] + 1
            found.hidden.extend([row] if data[_FLAGS] & _HIDDEN else [])
        elif kind in {_ERROR, _ERROR_OF_FORMULA} and len(data) > _CODE:
            found.errors.append((row, struct.unpack_from("<I", data)[0] + 1, ERRORS.get(data[_CODE], "#ERROR")))
    return found
