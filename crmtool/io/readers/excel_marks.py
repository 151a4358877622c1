"""What a sheet says besides its values: errors, formulas never computed, hidden rows, merged cells, number formats.

The library that reads the values keeps silent on these. Here are the shape of the answer and the search of .xlsx and
.xlsm; other formats have files of their own (`excel_ods`, `excel_xls`, `excel_xlsb`), `excel_book` knows which. Runs in
the limited child process, beside the library's own work, and only searches: a sheet that cannot be understood here has
no marks, it is still read.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import IO, TYPE_CHECKING

from crmtool.io.readers import excel_formats, safe_xml
from crmtool.io.readers.excel_answer import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crmtool.io.readers.safe_xml import Element

_BLOCK = 1 << 22
_HEAD = 1 << 14
_ROWS_END = b"row>"  # of a row, whatever its namespace
_VALUE = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?(?:v|is)>\s*[^<\s]|<(?:[A-Za-z_][\w.-]*:)?is[ >]")
_NAME = rb"(?:[A-Za-z_][\w.-]*:)?"
_HIDDEN = re.compile(rb"<" + _NAME + rb"row\s[^>]*\bhidden=[\"'](?:1|true)[\"'][^>]*>")
_ERROR = re.compile(
    rb"<"
    + _NAME
    + rb"c\s([^>]*\bt=[\"']e[\"'][^>]*)>(?:(?!</"
    + _NAME
    + rb"c>).){0,40000}?<"
    + _NAME
    + rb"v>([^<]{1,30})<",
    re.DOTALL,
)
_FORMULA = re.compile(
    rb"<" + _NAME + rb"c\s([^>]*)>\s*<" + _NAME + rb"f\b(?:[^>]*/>|[^>]*>[^<]*</" + _NAME + rb"f>)\s*"
    rb"(?:<" + _NAME + rb"v\s*/>|<" + _NAME + rb"v>\s*</" + _NAME + rb"v>)?\s*</" + _NAME + rb"c>"
)
_CELL = re.compile(rb"<" + _NAME + rb"c\s(?:[^>]*\s)?r=[\"']([A-Za-z]{1,3})(\d{1,7})[\"']")
_PLACE = re.compile(rb"\br=[\"']\$?([A-Za-z]{1,3})\$?(\d{1,7})[\"']")
_NUMBER = re.compile(rb"\br=[\"'](\d{1,7})[\"']")
_TEXT_RESULT = re.compile(rb"\bt=[\"']str[\"']")
_MERGED = re.compile(
    rb"<" + _NAME + rb"mergeCell\s[^>]*\bref=[\"']([A-Za-z]{1,3})(\d{1,7}):([A-Za-z]{1,3})(\d{1,7})[\"']"
)

Place = tuple[int, int]  # row and column, counted from 1


@dataclass(frozen=True)
class Marks:
    """What there is to say about the cells of one sheet; rows and columns are counted from 1."""

    errors: list[tuple[int, int, str]] = field(default_factory=list)
    uncomputed: list[Place] = field(default_factory=list)
    hidden: list[int] = field(default_factory=list)
    merged: list[Span] = field(default_factory=list)
    formats: dict[Place, str] = field(default_factory=dict)  # only formats that add digits
    texts: dict[Place, str] = field(default_factory=dict)  # to be read instead of the value


def joined(parts: Iterable[Marks]) -> Marks:
    """Return the marks of the parts of a sheet as one."""
    every = list(parts)
    return Marks(
        errors=[each for part in every for each in part.errors],
        uncomputed=[each for part in every for each in part.uncomputed],
        hidden=[each for part in every for each in part.hidden],
        merged=[each for part in every for each in part.merged],
        formats={place: code for part in every for place, code in part.formats.items()},
    )


@lru_cache(1 << 15)
def column_number(letters: bytes) -> int:
    """Return the number of a column: 1 for A, 28 for AB.

    >>> [column_number(letters) for letters in (b"A", b"z", b"AB", b"XFD")]
    [1, 26, 28, 16384]
    """
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def within(marks: Marks, width: int) -> Marks:
    """Return the marks without formats and texts beyond the last column that has a value."""
    formats, texts = (
        {place: said for place, said in each.items() if place[1] <= width} for each in (marks.formats, marks.texts)
    )
    return replace(marks, formats=formats, texts=texts)


def opened(archive: zipfile.ZipFile, name: str) -> IO[bytes] | None:
    """Return a part of a workbook for reading, if it is there; some programs write backslashes or capitals."""
    actual = next((each for each in archive.namelist() if _plain(each) == _plain(name)), None)
    return archive.open(actual) if actual else None


def _plain(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()


def elements(archive: zipfile.ZipFile, name: str) -> Iterator[Element]:
    """Return the elements of a small part; none where the part is absent."""
    part = opened(archive, name)
    if part is None:
        return iter(())
    with part:
        return safe_xml.elements(part.read())


def zipped(path: str) -> bool:
    """Tell whether a file begins as a zip archive; an old workbook may hold one somewhere inside."""
    with Path(path).open("rb") as file:
        return file.read(2) == b"PK"


def check(path: str) -> None:
    """Raise ForbiddenXml where a part of a zipped workbook declares a document type at its beginning."""
    if not zipped(path):
        return
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.lower().endswith((".xml", ".rels")) and _declares(archive, name):
                raise safe_xml.ForbiddenXml


def _declares(archive: zipfile.ZipFile, name: str) -> bool:
    try:
        with archive.open(name) as part:
            return b"<!DOCTYPE" in part.read(_HEAD).replace(b"\x00", b"")
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError):
        return False


def filled(path: str) -> dict[str, bool]:
    """Return for each sheet of an .xlsx whether cells with values are at its beginning; {} for other formats."""
    if not zipped(path):
        return {}
    with zipfile.ZipFile(path) as archive:
        return {name: _has_values(archive, part) for name, part in sheet_parts(archive).items() if part.endswith("xml")}


def _has_values(archive: zipfile.ZipFile, name: str) -> bool:
    part = opened(archive, name)
    if part is None:
        return False
    with part:
        return _VALUE.search(part.read(_BLOCK)) is not None


def sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the name of the part of each sheet of an .xlsx, by the name of the sheet."""
    targets = {each.attributes.get("Id"): each.attributes.get("Target", "") for each in _relations(archive)}
    sheets = [each.attributes for each in elements(archive, "xl/workbook.xml") if each.name == "sheet"]
    parts = {sheet.get("name", ""): targets.get(sheet.get("id"), "") for sheet in sheets}
    return {name: part if part.startswith("/") else f"xl/{part}" for name, part in parts.items()}


def _relations(archive: zipfile.ZipFile) -> Iterator[Element]:
    return elements(archive, "xl/_rels/workbook.xml.rels")


def xlsx(archive: zipfile.ZipFile, sheet: str) -> Marks:
    """Return the marks of a sheet of an .xlsx."""
    part = opened(archive, sheet_parts(archive).get(sheet, ""))
    if part is None:
        return Marks()
    codes = _digit_formats(archive)
    return joined(_scanned(block, codes, _styled(codes)) for block in _blocks(part))


def _blocks(part: IO[bytes]) -> Iterator[bytes]:
    """Return the bytes of a part in blocks that end with the end of an element."""
    rest = b""
    with part:
        while data := part.read(_BLOCK):
            whole = rest + data
            cut = whole.rfind(_ROWS_END) + len(_ROWS_END) if _ROWS_END in data else 0
            rest = whole[cut:]
            yield whole[:cut]
    yield rest


def _scanned(block: bytes, codes: dict[bytes, str], styled: re.Pattern[bytes] | None) -> Marks:
    """Return the marks in one block; what cannot be in it is not searched for."""
    head = block[:_HEAD]
    quoted, named = b"='" in head, b":row" in head  # rare ways to write the same
    return Marks(
        errors=_errors(block) if b't="e"' in block or (quoted and b"t='e'" in block) else [],
        uncomputed=_uncomputed(block) if b"<f" in block or (named and b":f" in block) else [],
        hidden=_hidden(block) if b"hidden=" in block else [],
        merged=[] if block.endswith(_ROWS_END) else [_span(match) for match in _MERGED.finditer(block)],
        formats=_formats(block, codes, styled) if styled else {},
    )


def _hidden(block: bytes) -> list[int]:
    return [int(number[1]) for row in _HIDDEN.finditer(block) if (number := _NUMBER.search(row[0]))]


def _errors(block: bytes) -> list[tuple[int, int, str]]:
    cells = ((_place(cell[1]), cell[2].decode("ascii", "replace")) for cell in _ERROR.finditer(block))
    return [(*place, error) for place, error in cells if place]


def _uncomputed(block: bytes) -> list[Place]:
    cells = (cell[1] for cell in _FORMULA.finditer(block))
    return [place for cell in cells if not _TEXT_RESULT.search(cell) and (place := _place(cell))]


def _formats(block: bytes, codes: dict[bytes, str], styled: re.Pattern[bytes]) -> dict[Place, str]:
    """Look back from each style to its cell: that is faster than to look at every cell."""
    hits = ((_CELL.match(block, block.rfind(b"<", 0, match.start())), match[1]) for match in styled.finditer(block))
    return {(int(cell[2]), column_number(cell[1])): codes[style] for cell, style in hits if cell}


def _place(attributes: bytes) -> Place | None:
    match = _PLACE.search(attributes)
    return (int(match[2]), column_number(match[1])) if match else None


def _span(match: re.Match[bytes]) -> Span:
    left, top, right, bottom = match.groups()
    return Span(int(top), column_number(left), int(bottom), column_number(right))


def _digit_formats(archive: zipfile.ZipFile) -> dict[bytes, str]:
    """Return the format codes that add digits, by the number of the cell style as it stands in a cell."""
    styles = list(elements(archive, "xl/styles.xml"))
    formats = [each.attributes for each in styles if each.name == "numFmt"]
    codes = {each.get("numFmtId"): each.get("formatCode", "") for each in formats}
    wanted = {number: code for number, code in codes.items() if excel_formats.adds_digits(code)}
    cells = [each.attributes.get("numFmtId") for each in styles if (each.parent, each.name) == ("cellXfs", "xf")]
    return {b"%d" % at: wanted[number] for at, number in enumerate(cells) if number in wanted}


def _styled(codes: dict[bytes, str]) -> re.Pattern[bytes] | None:
    """Return what a cell says that has one of these styles; it begins with letters, which makes the search fast."""
    return re.compile(rb" s=[\"'](" + rb"|".join(codes) + rb")[\"']") if codes else None
