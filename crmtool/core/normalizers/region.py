"""Regions: the official name in the language of the country, and the code of ISO 3166-2.

Words for the kind of region ("обл.", "край", "Oblast") are left out where the whole is not known: "Тверская обл." is
looked up as "Тверская". To add such a word: `_KINDS`; to add a region: `rules/vocabularies/region.toml`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core.normalizers.cells import answered, changed, prepared
from crmtool.core.normalizers.places import keys, vocabulary_keys
from crmtool.core.normalizers.registry import Settings, normalizer

if TYPE_CHECKING:
    from collections.abc import Mapping

_KINDS = (
    r"\b(?:область|обл|край|республика|республіка|респ|автономный округ|автономная область|аобл|ао"
    r"|oblast|obl|krai|kray|republic of|republic|autonomous okrug|okrug|region|state of)\b"
)
_CODE = re.compile(r"^[a-z]{2}-[a-z0-9]{1,3}$")
_PARTS = {"iso": pl.String(), "country": pl.String(), "status": pl.String()}


@normalizer("region")
def regions(values: pl.Series, settings: Settings) -> pl.DataFrame:
    """Return official names with the parts `iso` (code), `country` (of the code) and `status`; an unknown one is kept.

    >>> known = {"тверская": "Тверская область", "ru-tve": "Тверская область"}
    >>> regions(pl.Series(["обл. Тверская"]), Settings(vocabulary=known)).select("clean", "iso").row(0)
    ('Тверская область', 'RU-TVE')
    """
    frame = prepared(values, settings)
    frame = frame.with_columns(known=recognised(frame["text"], settings.vocabulary))
    unknown = pl.col("known").is_null() & pl.col("text").is_not_null()
    frame = frame.with_columns(
        clean=pl.coalesce("known", "text"),
        code=pl.when(unknown).then(pl.lit("vocabulary.unknown")).otherwise("code"),
        iso=pl.col("known").replace_strict(codes(settings.vocabulary), default=None, return_dtype=pl.String),
        status=status(pl.col("known"), pl.col("text")),
    )
    rule = pl.when(unknown).then(pl.lit("text.spaces")).otherwise(pl.lit("vocabulary.synonym"))
    return answered(frame.with_columns(rule=changed(rule), country=pl.col("iso").str.head(2)), _PARTS)


def status(known: pl.Expr, text: pl.Expr) -> pl.Expr:
    """Return "valid" for what is known, "possible" for another text, "unknown" for none."""
    return (
        pl.when(known.is_not_null())
        .then(pl.lit("valid"))
        .when(text.is_null())
        .then(pl.lit("unknown"))
        .otherwise(pl.lit("possible"))
    )


def recognised(texts: pl.Series, vocabulary: Mapping[str, str]) -> pl.Series:
    """Return the official name of each text, null where `vocabulary` (folded synonym -> name) does not know it."""
    known = vocabulary_keys(vocabulary)
    index = dict(zip(known["key"], known["canonical"], strict=True))
    frame = keys(texts).to_frame()
    whole = pl.col("key").replace_strict(index, default=None, return_dtype=pl.String)
    bare = pl.col("key").str.replace_all(_KINDS, "").str.replace_all(" +", " ").str.strip_chars(" ")
    bare = bare.replace_strict(index, default=None, return_dtype=pl.String)
    return frame.select(pl.coalesce(whole, bare)).to_series()


def codes(vocabulary: Mapping[str, str]) -> dict[str, str]:
    """Return official name -> code, for the values that have their code among their synonyms.

    >>> codes({"ru-tve": "Тверская область", "тверская": "Тверская область"})
    {'Тверская область': 'RU-TVE'}
    """
    return {canonical: synonym.upper() for synonym, canonical in vocabulary.items() if _CODE.match(synonym)}
