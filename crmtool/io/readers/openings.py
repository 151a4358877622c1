"""How a delimited text begins: its dialect, its header, what stands above it, and how many cells its rows have."""

from __future__ import annotations

import re
from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from crmtool.core.errors import InputRefused, UsageError
from crmtool.io.readers import headers, lines, records, separators
from crmtool.io.readers.records import Shape
from crmtool.io.readers.separators import ONE_COLUMN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crmtool.io.readers.lines import GetLine
    from crmtool.io.readers.records import Record
    from crmtool.io.readers.separators import Dialect
    from crmtool.io.readers.table import Options

_LINES = 300
_RECORDS = 60
_MOST = 16_384  # columns, as many as a spreadsheet has
_BLANKS = re.compile(" {50,}")  # patterns take long over them
_TEXT = re.compile(rb"[^\s,;|\"']")
_TABS = ("tab", "\\t")
_END = "Export the list as CSV or Excel and give that file."


class Opening(NamedTuple):
    """What the first lines tell.

    `names`: a heading or None for each column; `top`: the number of the last row above the rows of contacts; `header`:
    of the header's last row, 0 where there is none; `lines`: how many there are down to `top`; `remarks`: row, text,
    code of the rows above and of a header that is not well quoted.
    """

    shape: Shape
    names: list[str | None]
    top: int
    header: int
    lines: int
    remarks: list[tuple[int, str, str]]


def opening(text: bytes, options: Options, name: str) -> Opening:
    """Return what the beginning of a text tells, as far as a person has not said it.

    Raises InputRefused where there is no text, or far too many columns; UsageError for a delimiter that cannot be one,
    or a header below the beginning.
    """
    body, named = lines.without_sep_line(lines.split(text))
    sample = [_BLANKS.sub(" " * 50, line) for line in body.get_column("line").head(_LINES).to_list()]
    dialect = separators.dialect(sample, delimiter(options) or named)
    found = list(islice(_records(lines.getter(body), dialect, name), max(_RECORDS, (options.header or 0) + 1)))
    rows = [_cells(each, dialect) for each in found]
    if not any(map(separators.filled, rows)) or not _TEXT.search(text):
        raise InputRefused(f"{name} holds no text in its first lines.", "Check the export, or remove the empty lines.")
    start, stop, titles = _header(rows, options.header, name)
    width = max(_width(rows[start:stop]), _usual(rows[stop:]))
    needed = separators.filled(titles)
    return Opening(
        shape=Shape(dialect, width, needed),
        names=[title or None for title in [*titles, *[""] * width][:width]],
        top=stop,
        header=stop if stop > start else 0,
        lines=sum(each.lines for each in found[:stop]) + (named is not None),
        remarks=_remarks(found, rows, start, stop),
    )


def delimiter(options: Options) -> str | None:
    """Return the delimiter a person named. Raises UsageError where it is none."""
    given = options.delimiter
    if given is None:
        return None
    mark = "\t" if given.lower() in _TABS else given
    if len(mark) != 1 or mark in "\r\n\"'\\\0":
        raise UsageError(f"{given!r} cannot stand between cells.", "Give one character: , ; | or tab.")
    return mark


def _records(line: GetLine, dialect: Dialect, name: str) -> Iterator[Record]:
    at = 0
    while (text := line(at)) is not None:
        if text.count(dialect.delimiter or ONE_COLUMN) > _MOST:
            raise InputRefused(f"{name} has more than {_MOST} columns.", _END)
        found = records.record(line, at, dialect, None)
        at += found.lines
        yield found


def _cells(each: Record, dialect: Dialect) -> list[str]:
    """Return the cells of a record; where its quotation marks are broken, it is split without them."""
    if each.cells is not None:
        return each.cells
    return each.raw.replace(dialect.quote or "", "").split(dialect.delimiter or ONE_COLUMN)


def _header(rows: list[list[str]], wanted: int | None, name: str) -> tuple[int, int, list[str]]:
    """Return the positions of the header's first row and of the first row below it, and its names."""
    if wanted is None:
        found = headers.found(rows)
        return found.start, found.stop, list(found.names)
    if not 0 <= wanted <= len(rows):
        raise UsageError(f"{name} has no row {wanted} for a header.", "Count the rows from 1; 0 means there is none.")
    return max(wanted - 1, 0), wanted, rows[wanted - 1] if wanted else []


def _width(rows: list[list[str]]) -> int:
    return max(map(len, rows), default=0)


def _usual(rows: list[list[str]]) -> int:
    """Return the number of cells that more than half of the rows fill; 1 where they do not agree."""
    widths = Counter(filled for row in rows if (filled := separators.filled(row)))
    most = sum(widths.values()) / 2
    return next((width for width in sorted(widths) if widths[width] > most), 1)


def _remarks(found: list[Record], rows: list[list[str]], start: int, stop: int) -> list[tuple[int, str, str]]:
    above = [
        (row, each.raw, "row.above")
        for row, (each, cells) in enumerate(zip(found[:start], rows, strict=False), 1)
        if separators.filled(cells)
    ]
    broken = [(row, "", "row.quotes") for row, each in enumerate(found[start:stop], start + 1) if each.code]
    return above + broken
