"""Text as lines. A line ends with a line feed, a carriage return, or both."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from functools import lru_cache

import polars as pl

GetLine = Callable[[int], str | None]
_BLOCK = 4096


def split(utf8: bytes) -> pl.DataFrame:
    """Return the lines of a text: `line` without its end, and `end`, both String."""
    whole = pl.col("whole")
    return pl.DataFrame({"whole": list(io.StringIO(utf8.decode(), newline=""))}, schema={"whole": pl.String}).select(
        line=whole.str.strip_chars_end("\r\n"), end=whole.str.extract("([\r\n]+)$").fill_null("\n")
    )


def getter(lines: pl.DataFrame) -> GetLine:
    """Return a function that gives the line at a position with its end, or None past the last one."""
    count = lines.height

    @lru_cache(maxsize=2)
    def block(number: int) -> list[str]:
        part = lines.slice(number * _BLOCK, _BLOCK)
        return (part.get_column("line") + part.get_column("end")).to_list()

    def line(position: int) -> str | None:
        return block(position // _BLOCK)[position % _BLOCK] if position < count else None

    return line


def without_sep_line(lines: pl.DataFrame) -> tuple[pl.DataFrame, str | None]:
    """Return the lines without the first one if that is Excel's `sep=;`, and the separator it names."""
    first = lines.item(0, "line") if lines.height else ""
    named = re.fullmatch(r'"?sep=([^"\w\s]|\t)"?', first, re.IGNORECASE)
    return (lines.slice(1), named[1]) if named else (lines, None)
