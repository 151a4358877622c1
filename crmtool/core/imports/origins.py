"""What a row says as it was read, and what names it in its source."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import polars_hash as _chash  # noqa: F401  # registers the `chash` expressions

from crmtool.core import model

if TYPE_CHECKING:
    from collections.abc import Iterable


def said(cells: pl.DataFrame, key: Iterable[str]) -> pl.DataFrame:
    """Return `raw`, each row of text cells as JSON, and `source_key`: its cells under the headings of the key.

    Where the key says nothing it is a hash of all the row says.
    """
    raw = cells.select(raw=model.json_object(cells.columns))
    content = pl.col("raw").chash.blake3().str.head(32)  # type: ignore[attr-defined]  # a namespace of polars_hash
    named = [model.named(heading).str.strip_chars() for heading in key]
    if not named:
        return raw.with_columns(source_key=content)
    keys = cells.select(source_key=pl.concat_str(named, separator="|", ignore_nulls=True)).to_series()
    if (keys != "").all():
        return raw.with_columns(keys)
    return raw.with_columns(source_key=pl.when(pl.lit(keys) != "").then(pl.lit(keys)).otherwise(content))
