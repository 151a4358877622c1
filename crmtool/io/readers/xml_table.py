"""XML Spreadsheet 2003, which many programs save under the name of a workbook: one of its sheets, as rows.

Runs in the limited child process (`excel_child`). Document types and entities are refused (`safe_xml`).
Format: the "XML Spreadsheet Reference" for Excel 2002 and 2003.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers.expat import ExpatError

from crmtool.io.readers import excel_numbers, safe_xml
from crmtool.io.readers.excel_answer import About, Found, Refused, Span, dense

_HIGHEST, _WIDEST = 1 << 20, 1 << 14  # rows and columns of a sheet
_NO_DAY = ("1899-12-30", "1899-12-31", "1904-01-01")  # stand before a time without a day


@dataclass
class _Sheet:
    """A sheet while its elements go by; `row`, `column`, `kind` and `style` are of the cell met last."""

    name: str
    rows: list[list[str]] = field(default_factory=list)
    errors: list[tuple[int, int, str]] = field(default_factory=list)
    uncomputed: list[tuple[int, int]] = field(default_factory=list)
    hidden: list[int] = field(default_factory=list)
    merged: list[Span] = field(default_factory=list)
    visible: bool = True
    row: int = 0
    column: int = 0
    behind: int = 0  # the last column that the cell covers
    kind: str = ""
    style: str = ""


def opened(path: str, wanted: str, _encoding: str) -> Found | Refused:
    """Return the sheet of that name or number (from 1); for "" the first visible one with cells."""
    try:
        sheets = parsed(Path(path).read_bytes())
    except safe_xml.ForbiddenXml:
        return Refused("entities", [])
    except ExpatError as fault:
        return Refused(str(fault), [])
    except ValueError:
        return Refused("a number in it is out of range", [])
    names = [sheet.name for sheet in sheets]
    chosen = [sheet for at, sheet in enumerate(sheets, 1) if wanted in {sheet.name, str(at)}]
    visible = [sheet for sheet in sheets if sheet.rows and sheet.visible]
    sheet = next(iter(chosen if wanted else visible), None)
    if sheet is None:
        return Refused("sheet" if wanted else "empty", names) if names else Refused("it has no sheet", [])
    others = [] if wanted else [each for each in sheets if each.rows and each is not sheet]
    about = About(
        sheet=sheet.name,
        sheets=names,
        errors=sheet.errors,
        uncomputed=sheet.uncomputed,
        hidden=sheet.hidden,
        merged=sheet.merged,
        unread=[each.name for each in others if each.visible],
        unseen=[each.name for each in others if not each.visible],
    )
    return dense(about, sheet.rows)


def parsed(data: bytes) -> list[_Sheet]:
    """Return the sheets of a document; ForbiddenXml, ExpatError, or ValueError for places outside of any sheet."""
    sheets: list[_Sheet] = []
    formats: dict[str, str] = {"": ""}
    texts: list[str] = []

    def start(tag: str, said: dict[str, str]) -> None:
        name, attributes = safe_xml.local(tag), {safe_xml.local(key): value for key, value in said.items()}
        if name == "Style":
            formats[attributes.get("ID", "")] = ""
        elif name == "NumberFormat":
            formats[next(reversed(formats))] = attributes.get("Format", "")
        elif name == "Worksheet":
            sheets.append(_Sheet(attributes.get("Name", f"Sheet{len(sheets) + 1}")))
        elif sheets and name in _BEGINS:
            _BEGINS[name](sheets[-1], attributes)
        if name in _TEXTS:
            texts.clear()

    def end(tag: str) -> None:
        name = safe_xml.local(tag)
        if name == "Data" and sheets:
            _fill(sheets[-1], "".join(texts), formats.get(sheets[-1].style, ""))
        elif name == "Visible" and sheets:
            sheets[-1].visible = "Hidden" not in "".join(texts)

    parser = safe_xml.parser()
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, texts.append
    parser.Parse(data, True)
    return sheets


def _next_row(sheet: _Sheet, attributes: dict[str, str]) -> None:
    sheet.row, sheet.behind = _within(attributes.get("Index"), sheet.row + 1, _HIGHEST), 0
    if attributes.get("Hidden") == "1":
        sheet.hidden.append(sheet.row)


def _next_cell(sheet: _Sheet, attributes: dict[str, str]) -> None:
    across = _within(attributes.get("MergeAcross"), 0, _WIDEST)
    down = _within(attributes.get("MergeDown"), 0, _HIGHEST)
    sheet.column = _within(attributes.get("Index"), sheet.behind + 1, _WIDEST)
    sheet.behind, sheet.style = sheet.column + across, attributes.get("StyleID", "")
    if across or down:
        sheet.merged.append(Span(sheet.row, sheet.column, sheet.row + down, sheet.behind))
    if "Formula" in attributes:
        sheet.uncomputed.append((sheet.row, sheet.column))  # until its value comes by


def _next_data(sheet: _Sheet, attributes: dict[str, str]) -> None:
    sheet.kind = attributes.get("Type", "String")


_BEGINS = {"Row": _next_row, "Cell": _next_cell, "Data": _next_data}
_TEXTS = {"Data", "Visible"}  # what begins a text of interest


def _within(said: str | None, otherwise: int, most: int) -> int:
    number = otherwise if said is None else int(said)
    if not 0 <= number <= most:
        raise ValueError
    return number


def _fill(sheet: _Sheet, text: str, code: str) -> None:
    """Put a value into its place."""
    place = (sheet.row, sheet.column)
    if sheet.uncomputed[-1:] == [place]:
        sheet.uncomputed.pop()
    if sheet.kind == "Error":
        sheet.errors.append((*place, text))
        return
    while len(sheet.rows) < sheet.row:
        sheet.rows.append([])
    row = sheet.rows[sheet.row - 1]
    row += [""] * (sheet.column - len(row))
    row[sheet.column - 1] = _value(sheet.kind, text, code)


def _value(kind: str, text: str, code: str) -> str:
    """Return a value as a person would type it; one that is not of its kind stays as it stands."""
    match kind:
        case "Number":
            return _number(text, code)
        case "Boolean":
            return {"1": "TRUE", "0": "FALSE"}.get(text, text)
        case "DateTime":
            return _moment(text)
    return text


def _number(text: str, code: str) -> str:
    try:
        return excel_numbers.text(float(text), code)
    except (ValueError, OverflowError):
        return text


def _moment(text: str) -> str:
    """Return a moment without what says nothing: a time at midnight, a day before the first one.

    >>> [_moment(each) for each in ("2024-03-05T00:00:00.000", "2024-03-05T14:30:00.000", "1899-12-31T14:30:00.000")]
    ['2024-03-05', '2024-03-05T14:30:00', '14:30:00']
    """
    day, _, time = re.sub(r"\.0+$", "", text.removesuffix("Z")).partition("T")
    if day in _NO_DAY and time:
        return time
    return day if time in {"", "00:00:00"} else f"{day}T{time}"
