"""Workbooks (xlsx, xlsm, xlsb, xls, ods) and what web programs save as .xls: HTML and XML Spreadsheet 2003.

All of them are opened by a child process that cannot take us with it (`excel_process`), since a small file can ask for
hundreds of gigabytes or abort its process; what comes back is made a `Table` in `excel_table`.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from crmtool.core.errors import UsageError
from crmtool.io.readers import encodings, excel_limits, excel_process, excel_table

if TYPE_CHECKING:
    from pathlib import Path

    from crmtool.io.readers.table import Options, Table

_HEAD = 1 << 14  # bytes in which a page says its encoding
_SAMPLE = 1 << 20  # bytes by which it is guessed otherwise
ABOVE = 50  # rows that may stand above the first row counted by a limit


def read(path: Path, options: Options) -> Table:
    """Read one sheet of a workbook: the one named or numbered, else the first visible one with cells.

    With a limit the sheet is still opened whole. Raises InputRefused where there is nothing to read, the sheet is
    unknown, or the file is protected, broken or too large; UsageError for options that fit no workbook.
    """
    if options.encoding is not None:
        raise UsageError(f"{path.name} is a workbook, its encoding is known.", "Leave out --encoding.")
    _check_separator(path, options)
    limits = excel_limits.of_workbook(path)
    sheet = excel_process.asked(path, "book", limits, sheet=options.sheet or "", rows=_rows(options))
    return excel_table.made(path, sheet, options, "excel")


def read_html(path: Path, options: Options) -> Table:
    """Read the fullest table of a web page, or the one that `sheet` numbers."""
    _check_separator(path, options)
    encoding = options.encoding or _declared(path) or _guessed(path)
    return _read_text(path, options, "html", encoding)


def read_xml(path: Path, options: Options) -> Table:
    """Read one sheet of an XML Spreadsheet 2003, chosen as `read` does."""
    if options.encoding is not None:
        raise UsageError(f"{path.name} says its encoding itself.", "Leave out --encoding.")
    _check_separator(path, options)
    return _read_text(path, options, "xml", "utf-8")


def _read_text(path: Path, options: Options, kind: str, encoding: str) -> Table:
    size = path.stat().st_size
    limits = excel_limits.granted(size, size)
    sheet = excel_process.asked(
        path, kind, limits, sheet=options.sheet or "", rows=_rows(options), encoding=_checked(encoding)
    )
    return replace(excel_table.made(path, sheet, options, kind), encoding=encoding)


def _declared(path: Path) -> str | None:
    """Return the encoding that a page says it has, if there is such a one."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        return "utf-8-sig" if head.startswith(b"\xef") else "utf-16"
    said = re.search(rb"charset\s*=\s*[\"']?\s*([\w:.-]+)", head, re.IGNORECASE)
    return said[1].decode("ascii") if said and _known(said[1].decode("ascii")) else None


def _guessed(path: Path) -> str:
    with path.open("rb") as file:
        return encodings.decoded(file.read(_SAMPLE), None, whole=False).encoding


def _known(encoding: str) -> bool:
    try:
        return codecs.lookup(encoding)._is_text_encoding  # noqa: SLF001 - there is no public way to tell
    except LookupError:
        return False


def _checked(encoding: str) -> str:
    if not _known(encoding):
        raise UsageError(f"There is no encoding {encoding!r}.", "Use utf-8, cp1251, koi8-u, cp866 ...")
    return encoding


def _check_separator(path: Path, options: Options) -> None:
    if options.delimiter is not None:
        raise UsageError(f"{path.name} has cells, nothing stands between them.", "Leave out --delimiter.")


def _rows(options: Options) -> int | None:
    """Return how many rows hold as many below the header as the limit allows."""
    return None if options.limit is None else options.limit + max(ABOVE, options.header or 0)
