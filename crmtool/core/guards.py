"""Guards: what a sheet carries to tell, when it comes back, whether the base has moved since it was written.

Plain hashes that a spreadsheet takes for text; they guard against mix-ups, not against forgery.
"""

from __future__ import annotations

import polars as pl
import polars_hash as _chash  # noqa: F401  # registers the `chash` expressions

_DIGITS = 12


def guard(row: pl.Expr) -> pl.Expr:
    """Return a short text that changes with the text of a row; the letter in front keeps it from being a number."""
    hashed: pl.Expr = row.chash.blake3()  # type: ignore[attr-defined]  # a namespace registered by polars_hash
    return pl.lit("g") + hashed.str.head(_DIGITS)


def of_rows(rows: pl.DataFrame) -> pl.Series:
    """Return a guard over all columns of each row."""
    return rows.select(guard(pl.struct(pl.all()).struct.json_encode()).alias("guard")).to_series()
