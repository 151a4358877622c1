"""Frames in parts to one Excel workbook, written as XML column by column: a hundred thousand rows take seconds.

A cell is text, a day or a whole number, and never a formula: texts are inline strings. Phones and ids stay text. One
sheet with a bold header that stays in view, a filter, and widths by the first part. The parts of the package are those
that ECMA-376 asks for, no more. To add a type of cell: a branch in `_cell`, and its style in `xl/styles.xml`.
"""

from __future__ import annotations

import datetime as dt
import zipfile
from typing import IO, TYPE_CHECKING

import polars as pl

from crmtool.core.errors import UsageError
from crmtool.io.writers.xlsx import CELL, COLUMNS, ROWS, sheet_name

if TYPE_CHECKING:
    from collections.abc import Container, Iterable
    from pathlib import Path

_NARROW, _WIDE = 8, 60  # characters
_SAMPLE = 1000
_AT_ONCE = 20_000  # rows whose XML is in memory
_TEXT, _BOLD, _DAY = 1, 2, 3  # numbers of styles
_HIDDEN = ' hidden="1"'
_FIRST_DAY = -25_569  # of the serial numbers of Excel, in days of Unix
_FROM = dt.date(1900, 3, 1)  # before it Excel counts a day that never was
_FORBIDDEN = "[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"  # in XML 1.0
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_REL}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_REL}/styles" Target="styles.xml"/></Relationships>',
    "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}">'
    '<numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1" applyNumberFormat="1"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
}


def write(
    frames: Iterable[pl.DataFrame],
    path: Path,
    *,
    days: Container[str] = (),
    hidden: Container[str] = (),
    sheet: str = "contacts",
) -> None:
    """Write frames of String and integer columns under the same headings into a file that `files.atomic` gave.

    Under the headings `days` a text that is an ISO day is a day in the sheet; any other stays text. Columns under the
    headings `hidden` are there, and not shown.
    Raises UsageError where the rows, the columns or a text are more than a sheet or a cell can hold.
    """
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        for name, text in _PARTS.items():
            _put(package, name, text)
        with package.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as out:
            size = _sheet(frames, out, days, hidden)
        _put(package, "xl/workbook.xml", _workbook(sheet_name(sheet), *size))


def _put(package: zipfile.ZipFile, name: str, text: str) -> None:
    """Write a part; opened by its name it gets a fixed day, so that equal tables are equal files."""
    with package.open(name, "w") as out:
        out.write((_HEAD + text).encode())


def _sheet(
    frames: Iterable[pl.DataFrame], out: IO[bytes], days: Container[str], hidden: Container[str]
) -> tuple[int, int]:
    """Write the sheet; return its rows, the header among them, and its columns."""
    rows, width = 0, 0
    for frame in frames:
        if not rows:
            width = frame.width
            out.write(_opening(frame, days, hidden).encode())
            rows = 1
        _check(frame, rows)
        for part in frame.iter_slices(_AT_ONCE):
            out.write(_rows(part, rows + 1, days).encode())
            rows += part.height
    filtered = f'<autoFilter ref="A1:{_letters(width - 1)}{rows}"/>' if width else ""
    out.write(f"</sheetData>{filtered}</worksheet>".encode())
    return rows, width


def _opening(frame: pl.DataFrame, days: Container[str], hidden: Container[str]) -> str:
    columns = "".join(
        f'<col min="{n}" max="{n}" width="{_width(column)}" style="{_style(column, days)}" customWidth="1"'
        f"{_HIDDEN if column.name in hidden else ''}/>"
        for n, column in enumerate(frame, 1)
    )
    headings = pl.Series(frame.columns, dtype=pl.String)
    named = pl.select(_escaped(pl.lit(headings))).to_series()
    cells = "".join(
        f'<c r="{_letters(n)}1" s="{_BOLD}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
        for n, text in enumerate(named)
    )
    pane = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    return (
        f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView tabSelected="1" workbookViewId="0">{pane}'
        f'</sheetView></sheetViews><cols>{columns}</cols><sheetData><row r="1">{cells}</row>'
    )


def _rows(frame: pl.DataFrame, first: int, days: Container[str]) -> str:
    """Return the XML of rows, numbered from `first`; empty cells are left out."""
    number = (pl.int_range(pl.len()) + first).cast(pl.String)
    cells = [_cell(column, pl.nth(n), _letters(n), number, days) for n, column in enumerate(frame)]
    row = pl.concat_str([pl.lit('<row r="'), number, pl.lit('">'), *cells, pl.lit("</row>")])
    return str(frame.select(row.str.join("")).item())


def _cell(column: pl.Series, value: pl.Expr, letters: str, number: pl.Expr, days: Container[str]) -> pl.Expr:
    """Return the XML of the cells of a column, nothing for an empty one."""
    at = pl.concat_str(pl.lit(f'<c r="{letters}'), number)
    if column.dtype.is_integer():
        return pl.concat_str(at, pl.lit('"><v>'), value.cast(pl.String), pl.lit("</v></c>")).fill_null("")
    opened = pl.lit(f'" s="{_TEXT}" t="inlineStr"><is><t xml:space="preserve">')
    text = pl.concat_str(at, opened, _escaped(value), pl.lit("</t></is></c>"))
    if column.name not in days:
        return text.fill_null("")
    day = value.str.to_date("%Y-%m-%d", strict=False)
    serial = pl.when(day >= _FROM).then((day.cast(pl.Int32) - _FIRST_DAY).cast(pl.String))
    return pl.coalesce(pl.concat_str(at, pl.lit(f'" s="{_DAY}"><v>'), serial, pl.lit("</v></c>")), text, pl.lit(""))


def _escaped(text: pl.Expr) -> pl.Expr:
    """Return texts as XML; signs that it cannot hold become spaces."""
    plain = text.str.replace_many(["&", "<", ">", "\r"], ["&amp;", "&lt;", "&gt;", "&#13;"])
    return plain.str.replace_all(_FORBIDDEN, " ")


def _check(frame: pl.DataFrame, rows: int) -> None:
    if rows + frame.height > ROWS or frame.width > COLUMNS:
        raise UsageError(
            f"More than {ROWS - 1} rows or {COLUMNS} columns do not fit a sheet.", "Export as .csv or .parquet."
        )
    for column in frame:
        if column.dtype == pl.String and (column.str.len_chars().max() or 0) > CELL:  # type: ignore[operator]  # a number
            raise UsageError(f"A text in {column.name!r} is too long for a cell of a workbook.", "Export as .csv.")


def _workbook(sheet: str, rows: int, width: int) -> str:
    name = sheet.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    quoted = name.replace("'", "''")
    area = f"'{quoted}'!$A$1:${_letters(max(width, 1) - 1)}${max(rows, 1)}"
    return (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_REL}"><sheets><sheet name="{name}" sheetId="1" r:id="rId1"/></sheets>'
        f'<definedNames><definedName name="_xlnm._FilterDatabase" localSheetId="0" hidden="1">{area}</definedName>'
        "</definedNames></workbook>"
    )


def _style(column: pl.Series, days: Container[str]) -> int:
    return _DAY if column.name in days else _TEXT if column.dtype == pl.String else 0


def _width(column: pl.Series) -> int:
    """Return a width in characters that shows the heading and nearly all of the first values."""
    usual = column.head(_SAMPLE).cast(pl.String).str.len_chars().quantile(0.95) or 0
    return int(min(max(_NARROW, len(column.name) + 3, usual + 1), _WIDE))


def _letters(number: int) -> str:
    """Return the letters of a column.

    >>> [_letters(n) for n in (0, 25, 26, 701, 702)]
    ['A', 'Z', 'AA', 'ZZ', 'AAA']
    """
    name = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(65 + rest) + name
    return name
