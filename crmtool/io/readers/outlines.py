"""What each line of a text can be to a reader of records, told from the bytes of all lines at once.

A line begins a record, or goes on inside a quoted cell that a line above has opened; which of the two is known only
when the lines above are read. So each line is told both ways: by the columns as they are named when it begins a record,
by those named `inner_...` when it begins inside a quoted cell. Only the few bytes that part lines and cells are looked
at. To tell more of a line: an amount in `_counted`, and its name in `_COUNTS`.
"""

from __future__ import annotations

import re
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

import polars as pl

from crmtool.io.readers.separators import ONE_COLUMN

if TYPE_CHECKING:
    from crmtool.io.readers.separators import Dialect

_TAB, _FEED, _RETURN, _SPACE = b"\t\n\r "
_DELETE = b"\x7f"
_C1 = re.compile(rb"\xc2[\x80-\x9f]")  # the second range of control characters
_MOST = 1 << 24  # delimiters of a text: there is no end to the memory that counting more would take
_BOTH = ("faults", "separators", "doubled")  # differ with where a line begins
_COUNTS = ("marks", "openings", "escapes", "delimiters", *_BOTH, *(f"inner_{name}" for name in _BOTH))


def codes(text: bytes) -> pl.Series:
    """Return the bytes of a text as numbers."""
    return pl.Series([text]).cast(pl.List(pl.UInt8)).explode()


def controlled(text: bytes, codes: pl.Series) -> bool:
    """Tell whether there are control characters other than tabs and line ends."""
    layout = sum(int((codes == code).sum()) for code in (_TAB, _FEED, _RETURN))
    return int((codes < _SPACE).sum()) > layout or _DELETE in text or _C1.search(text) is not None


def lines(text: bytes, codes: pl.Series, dialect: Dialect) -> pl.DataFrame:
    """Return the lines of a UTF-8 text that ends with one, in their order; `codes` are its bytes.

    `start`, `stop` (UInt32): where a line begins, and where the next one does; `tail`: bytes of its end; `lone`: that is
    a carriage return by itself; `known`: its parts are counted. The counts (Int64): `marks` of quotation; `openings`:
    those that begin a cell; `escapes`: characters before marks; `delimiters`, and `separators`: those outside of quoted
    cells; `faults`: marks that neither begin nor end a cell, nor are doubled; `doubled` ones inside of quoted cells.
    """
    mark = (dialect.delimiter or ONE_COLUMN).encode()
    parting = codes == mark[0]
    known = len(mark) == 1 and int(parting.sum()) <= _MOST
    signs = _signs(text, codes, dialect, parting if known else None)
    return _by_line(_counted(signs, dialect, mark[0])).with_columns(known=pl.lit(known))


def _signs(text: bytes, codes: pl.Series, dialect: Dialect, parting: pl.Series | None) -> pl.DataFrame:
    """Return line ends, marks and escapes: `at`, `code`, the codes `before` and `after`, the delimiters up to there."""
    wanted = [mark for mark in ("\n", "\r", dialect.quote, dialect.escape) if mark and mark.encode() in text]
    sign = reduce(or_, (codes == ord(mark) for mark in wanted))
    at = pl.int_range(len(codes), dtype=pl.UInt32, eager=True).filter(sign)
    before = codes.gather(pl.select(pl.when(at > 0).then(at - 1).otherwise(0)).to_series())
    after = codes.gather(pl.select(pl.when(at < len(codes) - 1).then(at + 1).otherwise(at)).to_series())
    signs = pl.DataFrame({"at": at, "code": codes.gather(at), "before": before, "after": after})
    return signs.with_columns(delimiters=_preceding(sign, parting) if parting is not None else pl.lit(0, pl.Int64))


def _preceding(sign: pl.Series, parting: pl.Series) -> pl.Series:
    """Return how many delimiters there are before each sign."""
    both = parting.filter(sign | parting)
    among = pl.int_range(len(both), dtype=pl.Int64, eager=True).filter(~both)
    return among - pl.int_range(len(among), dtype=pl.Int64, eager=True)


def _counted(signs: pl.DataFrame, dialect: Dialect, mark: int) -> pl.DataFrame:
    """Return the line ends among the signs, with what there is from the beginning of the text to each.

    `faults` and the like are those of a text that begins outside of quoted cells, the `inner_...` of one that begins
    inside: the marks of an even number then begin cells, those of an odd number end them.
    """
    quote, escape = _is(dialect.quote), _is(dialect.escape)
    first = (pl.col("at") == 0) | pl.col("before").is_in([mark, _FEED, _RETURN])
    fits = {
        "begins": first | (pl.col("before") == pl.col("code")),
        "ends": pl.col("after").is_in([mark, _FEED, _RETURN]) | (pl.col("after") == pl.col("code")),
    }
    told = signs.with_columns(quote=quote, marks=quote.cum_sum().cast(pl.Int64), first=quote & first, **fits)
    begin, end = pl.col("marks") % 2 == 1, pl.col("marks") % 2 == 0
    inside = pl.col("marks").shift(1, fill_value=0) % 2 == 1
    more = pl.col("delimiters") - pl.col("delimiters").shift(1, fill_value=0)
    again = pl.col("quote") & (pl.col("after") == pl.col("code"))
    amounts = {
        "openings": pl.col("first"),
        "escapes": escape,
        "faults": pl.col("quote") & (begin & ~pl.col("begins") | end & ~pl.col("ends")),
        "inner_faults": pl.col("quote") & (end & ~pl.col("begins") | begin & ~pl.col("ends")),
        "separators": pl.when(inside).then(0).otherwise(more),
        "inner_separators": pl.when(inside).then(more).otherwise(0),
        "doubled": again & end,
        "inner_doubled": again & begin,
    }
    line_end = (pl.col("code") == _FEED) | ((pl.col("code") == _RETURN) & (pl.col("after") != _FEED))
    counts = (amount.cast(pl.Int64).cum_sum().alias(name) for name, amount in amounts.items())
    return told.with_columns(*counts).filter(line_end)


def _is(character: str | None) -> pl.Expr:
    return pl.col("code") == ord(character) if character else pl.lit(False)


def _by_line(ends: pl.DataFrame) -> pl.DataFrame:
    """Turn counts from the beginning of the text into those of each line; a line may begin after an odd mark."""
    turned = pl.col("marks").shift(1, fill_value=0) % 2 == 1
    each = ends.select(
        start=(pl.col("at") + 1).shift(1, fill_value=0),
        stop=pl.col("at") + 1,
        tail=1 + ((pl.col("code") == _FEED) & (pl.col("before") == _RETURN)).cast(pl.Int64),
        lone=pl.col("code") == _RETURN,
        turned=turned,
        *(pl.col(name) - pl.col(name).shift(1, fill_value=0) for name in _COUNTS),
    )
    outer = {name: pl.when("turned").then(f"inner_{name}").otherwise(name) for name in _BOTH}
    inner = {f"inner_{name}": pl.when("turned").then(name).otherwise(f"inner_{name}") for name in _BOTH}
    return each.with_columns(**outer, **inner).drop("turned")
