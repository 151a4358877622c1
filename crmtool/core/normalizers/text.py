"""Free text: white space, control characters, one Unicode form. Nothing else is touched: case and words are content."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmtool.core.normalizers.cells import answered, changed, prepared
from crmtool.core.normalizers.registry import Settings, normalizer

if TYPE_CHECKING:
    import polars as pl


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
