"""Countries: the code of ISO 3166-1 in two letters, from names in English, Russian and Ukrainian and other codes.

To add a name: `rules/vocabularies/country.toml`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from crmtool.core.normalizers.cells import answered, changed, prepared
from crmtool.core.normalizers.region import status
from crmtool.core.normalizers.registry import Settings, normalizer
from crmtool.core.normalizers.vocabulary import looked_up

if TYPE_CHECKING:
    from collections.abc import Mapping

_PARTS = {"iso": pl.String(), "status": pl.String()}


@normalizer("country")
def countries(values: pl.Series, settings: Settings) -> pl.DataFrame:
    """Return codes of countries with the parts `iso` (the code, null for an unknown country) and `status`.

    >>> known = {"украина": "UA", "ua": "UA"}
    >>> countries(pl.Series(["Украина"]), Settings(vocabulary=known)).select("clean", "rule", "status").row(0)
    ('UA', 'vocabulary.synonym', 'valid')
    """
    frame = prepared(values, settings)
    frame = frame.with_columns(known=known(frame["text"], settings.vocabulary))
    unknown = pl.col("known").is_null() & pl.col("text").is_not_null()
    frame = frame.with_columns(
        clean=pl.coalesce("known", "text"),
        iso="known",
        code=pl.when(unknown).then(pl.lit("vocabulary.unknown")).otherwise("code"),
        status=status(pl.col("known"), pl.col("text")),
    )
    rule = pl.when(unknown).then(pl.lit("text.spaces")).otherwise(pl.lit("vocabulary.synonym"))
    return answered(frame.with_columns(rule=changed(rule)), _PARTS)


def known(texts: pl.Series, vocabulary: Mapping[str, str]) -> pl.Series:
    """Return the code of each text, null where `vocabulary` (folded synonym -> code) does not know it."""
    found = looked_up(texts, vocabulary)
    dotless = looked_up(texts.str.replace_all(r"[.]", ""), vocabulary)
    return found.zip_with(found.is_not_null(), dotless)
