"""Records beyond doubt to columns of cells: polars parses them at once, and the cells must add up.

polars is fast and says little: it fills up rows that are too short, and what it makes of stray quotation marks is its
own affair. So it is given only records that the bytes prove well formed (see `outlines`), and what it returns must have
as many rows and as many bytes as those.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from crmtool.io.readers.separators import ONE_COLUMN

if TYPE_CHECKING:
    from crmtool.io.readers.separators import Dialect

_MARK = b"\xef\xbb\xbf"  # polars drops one at the beginning of what it reads


def proven(text: bytes, dialect: Dialect, width: int, height: int, size: int) -> pl.DataFrame | None:
    """Return the cells (c0, c1 ..., null where empty) of well-formed records, each with its line end.

    There are `height` records, whose cells have `size` bytes together; None if polars finds anything else.
    """
    names = columns(width)
    if not height:
        return pl.DataFrame(schema=dict.fromkeys(names, pl.String()))
    quote = dialect.quote if dialect.quote and dialect.quote.encode() in text else None
    try:
        cells = _read(text, dialect.delimiter or ONE_COLUMN, quote, names)
    except pl.exceptions.PolarsError:
        return None
    found = int(sum(cells.select(pl.all().str.len_bytes().sum()).row(0)))
    if (cells.height, found) != (height, size):
        return None
    texts = cells.select(pl.all().str.strip_chars_start(" ")) if dialect.skip_space else cells
    return texts.select(nulls(names)) if dialect.skip_space or (quote and quote.encode() * 2 in text) else texts


def _read(text: bytes, delimiter: str, quote: str | None, names: list[str]) -> pl.DataFrame:
    return pl.read_csv(
        _MARK + text if text.startswith(_MARK) else text,
        has_header=False,
        separator=delimiter,
        quote_char=quote,
        schema=dict.fromkeys(names, pl.String()),
        infer_schema=False,
    )


def columns(width: int) -> list[str]:
    """Return the names of columns not yet titled."""
    return [f"c{number}" for number in range(width)]


def nulls(names: list[str]) -> pl.Expr:
    """Return the columns with null for what is empty."""
    return pl.when(pl.col(names) != "").then(pl.col(names))
