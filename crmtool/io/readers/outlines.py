"""What the lines of a text can be to a reader of records, told from the bytes of all lines at once.

Only the few bytes that part lines and cells are looked at: line ends, marks of quotation, and the numbers of delimiters
between them. A text that is well formed from end to end is told as a whole. Otherwise each line is told by itself: it
begins a record, or goes on inside a quoted cell that a line above has opened; which of the two is known only when the
lines above are read. So it is told both ways: by the columns as they are named when it begins a record, by those named
`inner_...` when it begins inside a cell. To tell more: an amount in `_amounts`, and its name in `_COUNTS`.
"""

from __future__ import annotations

import re
from functools import lru_cache, reduce
from operator import or_
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from crmtool.io.readers.separators import ONE_COLUMN

if TYPE_CHECKING:
    from crmtool.io.readers.separators import Dialect

_TAB, _FEED, _RETURN, _SPACE = b"\t\n\r "
_DELETE, _C1 = b"\x7f", re.compile(rb"\xc2[\x80-\x9f]")  # control characters beyond the first range
_LEAD = b"\xc2"
_ENDS = ("\n", "\r")
_MOST = 1 << 24  # signs and delimiters of a text: counting more takes too much memory
_STEP = 1 << 20
_LEAST = 2  # cells; in a text of one column a blank line looks like a record
_BOTH = ("faults", "separators", "doubled")  # differ with where a line begins
_COUNTS = ("marks", "openings", "escapes", "delimiters", *_BOTH, *(f"inner_{name}" for name in _BOTH))


class Signs(NamedTuple):
    """What parts the lines and cells of a text.

    `marks`: line ends, marks of quotation and escapes, in their order: `at` (UInt32), `code`, the codes `before` and
    `after`; whether it is a `quote`, or ends a `line`; whether a cell is `open` after it, if the text begins outside of
    cells; and how many `delimiters` stand above it. `known`: those are counted. `delimiter`: the code of one.
    """

    marks: pl.DataFrame
    delimiter: int
    known: bool


class Whole(NamedTuple):
    """Records from the beginning of a text to `stop`: their number, and the bytes of their cells."""

    stop: int
    height: int
    size: int


def codes(text: bytes) -> pl.Series:
    """Return the bytes of a text as numbers."""
    return pl.Series([text]).cast(pl.List(pl.UInt8)).explode()


def controlled(text: bytes, codes: pl.Series) -> bool:
    """Tell whether there are control characters other than tabs and line ends."""
    low = int((codes < _SPACE).sum())
    layout = sum(int((codes == code).sum()) for code in (_FEED, _RETURN, _TAB))
    return low > layout or _DELETE in text or (_LEAD in text and _C1.search(text) is not None)


def signs(text: bytes, codes: pl.Series, dialect: Dialect) -> Signs:
    """Return the signs of a UTF-8 text that ends with a line; `codes` are its bytes."""
    delimiter = (dialect.delimiter or ONE_COLUMN).encode()
    parting = codes == delimiter[0]
    wanted = [mark for mark in (*_ENDS, dialect.quote, dialect.escape) if mark and mark.encode() in text]
    sign = reduce(or_, (codes == ord(mark) for mark in wanted))
    known = len(delimiter) == 1 and int((sign | parting).sum()) <= _MOST
    if not known:
        sign = reduce(or_, (codes == ord(mark) for mark in _ENDS))
    at = _numbers(-(-len(codes) // _STEP) * _STEP).head(len(codes)).filter(sign)
    after = pl.concat([codes.gather(at.head(-1) + 1), codes.tail(1)])  # the last sign is the end of the text
    above = _preceding(sign, parting) if known else pl.lit(0, pl.Int32)
    marks = pl.DataFrame({"at": at, "code": codes.gather(at), "before": codes.gather(at.clip(1) - 1), "after": after})
    line = (pl.col("code") == _FEED) | ((pl.col("code") == _RETURN) & (pl.col("after") != _FEED))
    kinds = marks.with_columns(delimiters=above, line=line, quote=_is(dialect.quote), escape=_is(dialect.escape))
    return Signs(kinds.with_columns(open=pl.col("quote").cum_sum() % 2 == 1), delimiter[0], known)


@lru_cache(maxsize=1)
def _numbers(size: int) -> pl.Series:
    """Return the numbers from 0, kept for the next block of about the same size."""
    return pl.int_range(size, dtype=pl.UInt32, eager=True)


def _preceding(sign: pl.Series, parting: pl.Series) -> pl.Series:
    """Return how many delimiters there are before each sign."""
    both = parting.filter(sign | parting)
    among = pl.int_range(len(both), dtype=pl.Int32, eager=True).filter(~both)
    return among - pl.int_range(len(among), dtype=pl.Int32, eager=True)


def _is(character: str | None) -> pl.Expr:
    return pl.col("code") == (ord(character) if character else 0)


def whole(signs: Signs, width: int, *, final: bool) -> Whole | None:
    """Return the records of a text that is nothing but records of `width` cells, all beyond doubt.

    Unless the text is the `final` one its last record may be cut off.
    """
    closed = (signs.marks.get_column("line") & ~signs.marks.get_column("open")).arg_true()
    last = int(closed.item(-1)) + 1 if len(closed) else 0
    marks, amounts = signs.marks.head(last), _amounts(signs.delimiter)
    if width < _LEAST or not last or not signs.known or (final and last < signs.marks.height):
        return None
    sums = marks.select(pl.col("quote", "escape").sum(), amounts["faults"].sum(), amounts["doubled"].sum()).row(0)
    quotes, escapes, faults, doubled = map(int, sums)
    above = marks.select("at", "code", _tail(), amounts["separators"].cum_sum()).select(pl.all().gather(closed))
    each = above.get_column("separators").diff().fill_null(above.item(0, "separators"))
    if escapes or faults or (each != width - 1).any() or (above.get_column("code") == _RETURN).any():
        return None
    stop = int(above.item(-1, "at")) + 1
    size = stop - int(above.get_column("tail").sum()) - (width - 1) * len(closed) - quotes + doubled
    return Whole(stop, len(closed), size)


def _amounts(delimiter: int) -> dict[str, pl.Expr]:
    """Return what each sign adds to the counts of its line.

    `faults` and the like are those of a text that begins outside of quoted cells, the `inner_...` of one that begins
    inside.
    """
    quote, open_, again = pl.col("quote"), pl.col("open"), pl.col("after") == pl.col("code")
    first = (pl.col("at") == 0) | _among("before", delimiter)
    begins, ends = first | (pl.col("before") == pl.col("code")), _among("after", delimiter) | again
    more = pl.col("delimiters") - pl.col("delimiters").shift(1, fill_value=0)
    inside = open_.shift(1, fill_value=False)
    amounts = {
        "marks": quote,
        "openings": quote & first,
        "escapes": pl.col("escape"),
        "faults": quote & pl.when(open_).then(~begins).otherwise(~ends),
        "inner_faults": quote & pl.when(open_).then(~ends).otherwise(~begins),
        "separators": pl.when(inside).then(0).otherwise(more),
        "inner_separators": pl.when(inside).then(more).otherwise(0),
        "doubled": quote & again & ~open_,
        "inner_doubled": quote & again & open_,
    }
    return {name: amount.alias(name) for name, amount in amounts.items()}


def _among(name: str, delimiter: int) -> pl.Expr:
    return reduce(or_, (pl.col(name) == code for code in (delimiter, _FEED, _RETURN)))


def _tail() -> pl.Expr:
    """Return the bytes of a line end."""
    return (((pl.col("code") == _FEED) & (pl.col("before") == _RETURN)).cast(pl.Int32) + 1).alias("tail")


def lines(signs: Signs) -> pl.DataFrame:
    """Return the lines of a text, in their order.

    `start`, `stop` (UInt32): where a line begins, and where the next one does; `tail`: bytes of its end; `lone`: a
    carriage return by itself; `known`: its parts are counted. The counts (Int32): `marks` of quotation; `openings`:
    those that begin a cell; `escapes`: characters before marks; `delimiters`, and `separators`: those outside of quoted
    cells; `faults`: marks that neither begin nor end a cell, nor are doubled; `doubled` ones inside of quoted cells.
    """
    amounts = _amounts(signs.delimiter).items()
    counts = (amount.cast(pl.Int32).cum_sum().alias(name) for name, amount in amounts)
    ends = signs.marks.with_columns(*counts).filter("line")
    each = ends.select(
        *(pl.col(name) - pl.col(name).shift(1, fill_value=0) for name in _COUNTS),
        _tail(),
        start=(pl.col("at") + 1).shift(1, fill_value=0),
        stop=pl.col("at") + 1,
        lone=pl.col("code") == _RETURN,
        known=pl.lit(signs.known),
        turned=pl.col("open").shift(1, fill_value=False),
    )
    outer = {name: pl.when("turned").then(f"inner_{name}").otherwise(name) for name in _BOTH}
    inner = {f"inner_{name}": pl.when("turned").then(name).otherwise(f"inner_{name}") for name in _BOTH}
    return each.with_columns(**outer, **inner).drop("turned")
