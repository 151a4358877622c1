"""One record after another, exactly: the careful reading, which says what a text means.

A record is what the dialect's grammar makes of the text that starts at a line, over as many lines as a quoted cell
takes. Where the grammar breaks (a quotation mark that is never closed, or was not doubled) one line is given up, or
split at its separators alone, and the next line starts anew.
"""

from __future__ import annotations

import csv
import re
import sys
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from crmtool.io.readers.separators import ONE_COLUMN, Dialect, otherwise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from crmtool.io.readers.lines import GetLine

REFUSED = ("row.ragged", "row.unreadable")
LINES = 1000  # a quoted cell that is still open after so many lines was never meant to be one
_CHARACTERS = 1 << 22  # nor one of so many characters
_MOST = 1 << 17  # cells of a line; more are not taken apart
_WIDEST = 1000  # cells; the pattern of a record grows with them


class Shape(NamedTuple):
    """How records look: the dialect, the cells of the header, and how many of them a row should have."""

    dialect: Dialect
    width: int
    needed: int


class Record(NamedTuple):
    """What starts at a line: its cells, or None with the code of the fault; and how many lines it takes.

    `open`: the text ends inside a quoted cell, so that more of it could change what this is. `tried`: lines looked at.
    """

    line: int
    lines: int
    cells: list[str] | None
    code: str | None
    raw: str
    open: bool = False
    tried: int = 1


class _Trial(NamedTuple):
    cells: list[str] | None
    lines: int
    open: bool


def record(line: GetLine, at: int, dialect: Dialect, width: int | None, horizon: int = LINES) -> Record:
    """Return the record that starts at line `at`; `width` is the number of headings, None for the header itself.

    A quoted cell may reach over `horizon` lines.
    """
    bare = (line(at) or "").rstrip("\r\n")
    if bare.count(dialect.delimiter or ONE_COLUMN) > _MOST:
        return Record(at, 1, None, "row.ragged", bare)
    found = _strict(line, at, dialect, horizon)
    if found.cells is not None and (found.lines == 1 or width is None or _belong(line, at, found, dialect, width)):
        raw = "".join(line(at + more) or "" for more in range(found.lines)).rstrip("\r\n")
        other = otherwise(raw, dialect, width or 0) if len(found.cells) == 1 and raw.strip() else None
        if other is not None:
            return Record(at, found.lines, other, "row.delimiter", raw)
        return Record(at, found.lines, found.cells, None, raw)
    stray = _stray(bare, dialect)
    if stray and width in (None, len(stray)):
        return Record(at, 1, stray, "row.quotes", bare, found.open, found.lines)
    return Record(at, 1, None, "row.unreadable", bare, found.open, found.lines)


def _belong(line: GetLine, at: int, found: _Trial, dialect: Dialect, width: int) -> bool:
    """Tell whether the lines of a quoted cell belong together: they fill the header, or none is a record by itself."""
    if fits(found.cells or [], width):
        return True
    alone = regular(dialect, width)
    inner = ((line(at + more) or "").rstrip("\r\n") for more in range(1, found.lines))
    return alone is not None and not any(alone(text) for text in inner)


def fits(cells: list[str], width: int) -> bool:
    """Tell whether a record fills the header: enough cells, and nothing in those beyond."""
    return len(cells) >= width and not any(cell.strip() for cell in cells[width:])


def beyond(cells: list[str], width: int) -> bool:
    """Tell whether a record has text in more cells than the header."""
    return len(cells) > width and any(cell.strip() for cell in cells[width:])


def _strict(line: GetLine, at: int, dialect: Dialect, horizon: int) -> _Trial:
    csv.field_size_limit(sys.maxsize)  # process-wide in the standard library; `LINES` and `_CHARACTERS` are our limits
    ended = list[bool]()
    reader = csv.reader(
        _following(line, at, dialect, horizon, ended),
        delimiter=dialect.delimiter or ONE_COLUMN,
        quotechar=dialect.quote,
        quoting=csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
        escapechar=dialect.escape,
        skipinitialspace=dialect.skip_space,
        strict=True,
    )
    try:
        return _Trial(next(reader), reader.line_num, open=False)
    except (csv.Error, StopIteration):
        return _Trial(None, reader.line_num, open=bool(ended))


def _following(line: GetLine, at: int, dialect: Dialect, horizon: int, ended: list[bool]) -> Iterator[str]:
    size = 0
    for position in range(at, at + horizon):
        text = line(position)
        if text is None:
            ended.append(True)
            return
        size += len(text) if position > at else 0
        if size > _CHARACTERS:
            return
        yield _escaped(text, dialect)


def _escaped(text: str, dialect: Dialect) -> str:
    """Double a backslash that is text, so that only one before a quotation mark or a backslash escapes."""
    mark = dialect.escape
    if mark is None or mark not in text:
        return text
    escape, quote = re.escape(mark), re.escape(dialect.quote or "")
    return re.sub(f"({escape}[{escape}{quote}])|{escape}", lambda found: found[1] or mark * 2, text)


def _stray(bare: str, dialect: Dialect) -> list[str] | None:
    """Split at every separator: right where quotes were not doubled, `"ООО "Ромашка""`, and none holds a separator."""
    quote = dialect.quote
    if quote is None:
        return None
    cells = bare.split(dialect.delimiter or ONE_COLUMN)
    trimmed = [cell.strip() for cell in cells]
    if any(cell.startswith(quote) and (len(cell) == 1 or not cell.endswith(quote)) for cell in trimmed):
        return None
    return [
        _unquoted(short, quote) if short.startswith(quote) else cell for cell, short in zip(cells, trimmed, strict=True)
    ]


def _unquoted(cell: str, quote: str) -> str:
    inner = cell[1:-1]
    return inner.replace(quote * 2, quote) if quote not in inner.replace(quote * 2, "") else inner


def pattern(dialect: Dialect, width: int) -> str | None:
    """Return a regular expression for a record of `width` cells beyond doubt, without its line end, if there is one.

    Each cell either has no quotation mark, or is well quoted to its end.
    """
    mark = dialect.delimiter or ONE_COLUMN
    if width > _WIDEST or len(mark.encode()) > 1:
        return None
    quote, escape = re.escape(dialect.quote or ""), re.escape(dialect.escape or "")
    cell = f"[^{re.escape(mark)}{quote}{escape}\\n\\r]*"
    if quote and not dialect.skip_space:
        cell = f"(?:{cell}|(?:{quote}[^{quote}{escape}]*{quote})+)"
    return f"{cell}(?:{re.escape(mark)}{cell}){{{width - 1}}}"


@lru_cache(maxsize=8)
def regular(dialect: Dialect, width: int) -> Callable[[str], object] | None:
    """Return a function that tells whether a line by itself is a record beyond doubt."""
    expression = pattern(dialect, width)
    return re.compile(expression).fullmatch if expression is not None else None
