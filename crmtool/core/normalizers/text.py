"""Free text: white space, control characters, one Unicode form. Nothing else is touched: case and words are content.

A note keeps its lines and the spaces inside: it is kept word for word.
"""

from __future__ import annotations

import polars as pl

from crmtool.core.formulas import unguarded
from crmtool.core.normalizers.cells import INVISIBLE, answered, changed, only, prepared
from crmtool.core.normalizers.registry import Settings, normalizer


@normalizer("text")
def text(values: pl.Series, settings: Settings) -> pl.DataFrame:
    r"""Return texts in NFC with single plain spaces and without invisible characters; columns as in `registry`.

    >>> import polars as pl
    >>> from crmtool.core.normalizers.registry import Settings
    >>> text(pl.Series(["  a\u00a0 b "]), Settings())["clean"].item()
    'a b'
    """
    frame = prepared(values, settings).rename({"text": "clean"})
    return answered(frame.with_columns(rule=changed("text.spaces")))


@normalizer("note")
def note(values: pl.Series, settings: Settings) -> pl.DataFrame:
    r"""Return notes in NFC without invisible characters and without white space at the ends; columns as in `registry`.

    >>> import polars as pl
    >>> from crmtool.core.normalizers.registry import Settings
    >>> note(pl.Series([" 12.04: звонил,\r\n  перезвонить "]), Settings())["clean"].item()
    '12.04: звонил,\n  перезвонить'
    """
    frame = prepared(values, settings)
    tidy = pl.col("value") == pl.col("text")
    lines = (
        only(~tidy, unguarded(pl.col("value")))
        .str.replace_all("\r\n?", "\n")
        .str.replace_all(INVISIBLE, "")
        .str.normalize("NFC")
    )
    kept = pl.when(tidy).then("text").when(pl.col("text").is_not_null()).then(lines.str.strip_chars())
    frame = frame.with_columns(clean=kept)
    return answered(frame.with_columns(rule=changed("text.spaces")))
