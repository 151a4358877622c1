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


def proven(text: bytes, records: pl.DataFrame, dialect: Dialect, width: int) -> pl.DataFrame | None:
    """Return the cells (c0, c1 ..., null where empty) of well-formed records, each with its line end, and their `at`.

    `records` tells the place (`at`) of each and the `size` of its cells in bytes; None if polars finds anything else.
    """
    names = columns(width)
    if records.is_empty():
        return pl.DataFrame(schema={"at": pl.UInt32(), **dict.fromkeys(names, pl.String())})
    marked = bool(dialect.quote) and (dialect.quote or "").encode() in text
    try:
        cells = _read(text, dialect.delimiter or ONE_COLUMN, dialect.quote if marked else None, names)
    except pl.exceptions.PolarsError:
        return None
    size = sum(cells.select(pl.all().str.len_bytes().sum()).row(0))
    if (cells.height, size) != (records.height, records.get_column("size").sum()):
        return None
    texts = cells.select(pl.all().str.strip_chars_start(" ")) if dialect.skip_space else cells
    return texts.select(records.get_column("at"), nulls(names) if marked or dialect.skip_space else pl.all())


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
