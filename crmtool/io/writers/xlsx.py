"""Frames to Excel workbooks: every cell is text, nothing in it is a formula or a link.

One sheet with a bold header that stays in view and a filter. Written row by row in constant memory.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import polars as pl

from crmtool.core.errors import UsageError
from crmtool.io.writers.files import atomic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

ROWS = 1_048_576  # of a sheet, the header among them
COLUMNS = 16_384
CELL = 32_767  # characters
_NARROW, _WIDE = 8, 60  # characters
_SAMPLE = 1000
_OPTIONS = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "constant_memory": True,
}
_FORBIDDEN = r"[\[\]:*?/\\]"


def write_xlsx(frame: pl.DataFrame, path: Path, *, sheet: str = "contacts", force: bool = False) -> None:
    """Write a frame as the one sheet of a workbook, headings first, nulls as empty cells.

    Raises UsageError where the file exists (without `force`), or the frame or one of its texts is larger than a sheet
    or a cell can be, NotWritable as `atomic` does.
    """
    with atomic(path, force=force) as temporary:
        write_into(frame.select(pl.all().cast(pl.String())), temporary, sheet=sheet)


def write_sheets(sheets: Mapping[str, pl.DataFrame], path: Path, *, force: bool = False) -> None:
    """Write frames of text as the sheets of one workbook: name, as `sheet_name` allows it -> frame.

    Raises as `write_xlsx`.
    """
    for frame in sheets.values():
        _check(frame)
    with atomic(path, force=force) as temporary, _workbook(temporary) as book:
        for name, frame in sheets.items():
            _fill(book, name, frame)


def write_into(
    texts: pl.DataFrame, path: Path, *, sheet: str, finish: Callable[[Any, Any], None] | None = None
) -> None:
    """Write a frame of text into a file that `files.atomic` gave; otherwise as `write_xlsx`.

    `finish` may add to the look of the sheet: it gets xlsxwriter's workbook and sheet when the cells are written.
    """
    _check(texts)
    with _workbook(path) as book:
        filled = _fill(book, sheet_name(sheet), texts)
        if finish:
            finish(book, filled)


def sheet_name(title: str) -> str:
    r"""Return a title as Excel allows it for a sheet: 31 characters, none of `[]:*?/\\`, no apostrophe at its ends.

    >>> sheet_name("Клиенты 2024/25: Киев")
    'Клиенты 2024-25- Киев'
    """
    return re.sub(_FORBIDDEN, "-", title)[:31].strip("'") or "Sheet1"


def _check(texts: pl.DataFrame) -> None:
    if texts.height >= ROWS or texts.width > COLUMNS:
        raise UsageError(f"{texts.height} rows of {texts.width} columns do not fit a sheet.", "Export as CSV.")
    for column in texts:
        if (column.str.len_chars().max() or 0) > CELL:  # type: ignore[operator]  # the longest of texts is a number
            raise UsageError(f"A text in {column.name!r} is too long for a cell of a workbook.", "Export as CSV.")


@contextmanager
def _workbook(path: Path) -> Iterator[Any]:
    """Give a workbook that keeps its intermediate files in a private folder beside `path`."""
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    with TemporaryDirectory(prefix=".crmtool-", dir=path.parent) as folder:
        try:
            with xlsxwriter.Workbook(str(path), {**_OPTIONS, "tmpdir": folder}) as book:
                yield book
        except FileCreateError as fault:
            raise OSError(*getattr(fault.args[0], "args", fault.args)) from fault


def _fill(book: Any, name: str, texts: pl.DataFrame) -> Any:  # noqa: ANN401 - xlsxwriter has no types
    sheet, bold, plain = book.add_worksheet(name), book.add_format({"bold": True}), book.add_format({"num_format": "@"})
    for position, column in enumerate(texts):
        sheet.set_column(position, position, _width(column), plain)
    sheet.freeze_panes(1, 0)
    if texts.width:
        sheet.autofilter(0, 0, texts.height, texts.width - 1)
    for position, heading in enumerate(texts.columns):
        sheet.write_string(0, position, heading, bold)
    for number, row in enumerate(texts.iter_rows(), 1):
        for position, text in enumerate(row):
            if text is not None:
                sheet.write_string(number, position, text, plain)
    return sheet


def _width(column: pl.Series) -> int:
    """Return a width in characters that shows the heading and nearly all of the first texts."""
    usual = column.head(_SAMPLE).str.len_chars().quantile(0.95) or 0
    return int(min(max(_NARROW, len(column.name) + 3, usual + 1), _WIDE))
