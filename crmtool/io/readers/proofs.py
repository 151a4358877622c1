"""Blocks of text that are records from end to end, beyond doubt: polars reads them whole, and the bytes must add up.

polars parses fast and says little: it fills up rows that are too short, and what it makes of stray quotation marks is
its own affair. So the marks are proven first, on the bytes: each odd one begins a cell (or follows a mark inside one),
each even one ends a cell. With that, and since polars raises for a row too long, all bytes are told: those of the
cells, a delimiter between any two, the line ends, and the marks. With a cell missing the sum is wrong.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import polars as pl

from crmtool.io.readers.separators import ONE_COLUMN

if TYPE_CHECKING:
    from crmtool.io.readers.records import Shape

_LEAST = 2  # cells; in a text of one column a blank line looks like a record
_CUTS = 1000
_MANY = 3  # times as many delimiters as cells, where some stand inside of cells
_MARK = b"\xef\xbb\xbf"  # polars drops one at the beginning of what it reads
_SPACE, _FEED, _RETURN, _DELETE = b" ", b"\n", b"\r", b"\x7f"
_C1 = re.compile(rb"\xc2[\x80-\x9f]")  # the second range of control characters


def proven(text: bytes, shape: Shape, *, final: bool) -> tuple[pl.DataFrame, int] | None:
    """Return the cells (c0, c1 ..., null where empty) of a text, and how many of its bytes they are; None: no proof.

    The text is UTF-8 and ends with a line; unless it is the `final` one, a record may be cut off at its end. There is
    no proof either for a text with control characters other than tabs.
    """
    dialect, mark = shape.dialect, (shape.dialect.delimiter or ONE_COLUMN).encode()
    if shape.width < _LEAST or dialect.escape or dialect.skip_space or len(mark) > 1 or text.startswith(_MARK):
        return None
    codes = pl.Series([text]).cast(pl.List(pl.UInt8)).explode()
    marks = _found(codes, dialect.quote if (dialect.quote or "").encode() in text else None)
    stop = len(text) if final else _whole(text, marks)
    text, codes, marks = text[:stop], codes.head(stop), marks.filter(marks < stop)
    if (
        not stop
        or _ragged(codes, marks, mark, shape.width)
        or not _closed(codes, marks, mark + (dialect.quote or "").encode())
        or _controlled(text, codes)
    ):
        return None
    cells = _raised(text, shape)
    return (cells, stop) if cells is not None and _told(codes, marks, cells) == stop else None


def _found(codes: pl.Series, character: str | None) -> pl.Series:
    if not character:
        return pl.Series([], dtype=pl.UInt32)
    return (codes == ord(character)).arg_true()


def _count(codes: pl.Series, character: bytes) -> int:
    """Count a character; a hundred times faster than in bytes where it is common."""
    return int((codes == character[0]).sum())


def _whole(text: bytes, marks: pl.Series) -> int:
    """Return the length of the lines at the beginning of a text that have an even number of marks."""
    stop = len(text)
    for _ in range(_CUTS):
        before = int(marks.search_sorted(stop))
        if before % 2 == 0:
            return stop
        stop = text.rfind(_FEED, 0, int(marks.item(before - 1))) + 1
    return 0


def _ragged(codes: pl.Series, marks: pl.Series, mark: bytes, width: int) -> bool:
    """Tell whether there are other than so many delimiters; polars takes minutes for a line of millions."""
    found, due = _count(codes, mark), _count(codes, _FEED) * (width - 1)
    return found != due if marks.is_empty() else found > _MANY * due


def _controlled(text: bytes, codes: pl.Series) -> bool:
    """Tell whether there are control characters other than tabs and line ends, or carriage returns by themselves."""
    layout = sum(_count(codes, mark) for mark in (b"\t", _FEED, _RETURN))
    if (codes < ord(_SPACE)).sum() > layout or _DELETE in text or _C1.search(text):
        return True
    return _RETURN in text and bool(((codes == _RETURN[0]) & (codes.shift(-1) != _FEED[0])).any())


def _closed(codes: pl.Series, marks: pl.Series, edges: bytes) -> bool:
    """Tell whether the marks are pairs that stand around cells, or are doubled inside."""
    if marks.is_empty():
        return True
    if len(marks) % 2:
        return False
    begun, ended = marks.gather_every(2), marks.gather_every(2, 1)
    before = codes.gather(begun.filter(begun > 0) - 1)
    after = codes.gather(ended + 1)
    return _among(before, edges + _FEED) and _among(after, edges + _FEED + _RETURN)


def _among(codes: pl.Series, allowed: bytes) -> bool:
    return bool(codes.is_in(pl.Series(list(allowed), dtype=pl.UInt8).implode()).all())


def _raised(text: bytes, shape: Shape) -> pl.DataFrame | None:
    """Return the cells; None where polars raises."""
    try:
        return read(text, shape)
    except pl.exceptions.PolarsError:
        return None


def _told(codes: pl.Series, marks: pl.Series, cells: pl.DataFrame) -> int:
    """Return how many bytes a text has by its cells."""
    inside = int(sum(cells.select(pl.all().str.len_bytes().sum()).row(0)))
    doubled = (marks.gather_every(2, 1).head(-1) + 1 == marks.gather_every(2).slice(1)).sum()
    ends = cells.height + _returns(codes, marks, cells.height)
    return inside + cells.height * (cells.width - 1) + ends + len(marks) - int(doubled)


def _returns(codes: pl.Series, marks: pl.Series, height: int) -> int:
    """Return how many rows end with a carriage return and a line feed."""
    every = _count(codes, _RETURN)
    if not every or _count(codes, _FEED) == height:
        return every
    return int((marks.search_sorted((codes == _RETURN[0]).arg_true()) % 2 == 0).sum())


def read(text: bytes, shape: Shape) -> pl.DataFrame:
    """Read records beyond doubt, each with its line end, with polars, which unfolds doubled quotation marks."""
    names = columns(shape.width)
    schema = dict.fromkeys(names, pl.String())
    if not text:
        return pl.DataFrame(schema=schema)
    quote = shape.dialect.quote or ""
    marked = bool(quote) and quote.encode() in text
    cells = pl.read_csv(
        text,
        has_header=False,
        separator=shape.dialect.delimiter or ONE_COLUMN,
        quote_char=quote if marked else None,
        schema=schema,
        infer_schema=False,
    )
    return cells.with_columns(nulls(names)) if marked and quote.encode() * 2 in text else cells


def columns(width: int) -> list[str]:
    """Return the names of columns not yet titled."""
    return [f"c{number}" for number in range(width)]


def nulls(names: list[str]) -> pl.Expr:
    """Return the columns with null for what is empty."""
    return pl.when(pl.col(names) != "").then(pl.col(names))
