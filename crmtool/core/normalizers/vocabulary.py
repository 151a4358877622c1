"""Values of a vocabulary: a synonym becomes its canonical value, anything else stays and is reported.

`vocabulary_index` makes the look-up table from a rule file; words that say nothing in front ("г.", "місто") are built
into it, so that a look-up is one step. To add synonyms: `rules/vocabularies/NAME.toml`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from crmtool.core.folding import folded, folds
from crmtool.core.normalizers.cells import answered, changed, prepared
from crmtool.core.normalizers.nearness import one_off
from crmtool.core.normalizers.registry import Settings, normalizer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def vocabulary_index(values: Mapping[str, tuple[str, ...]], drop: tuple[str, ...]) -> dict[str, str]:
    """Return folded synonym -> canonical value, with and without the words of `drop` in front.

    `values` maps canonical values to synonyms. A word that is written stands before a derived one: with "г. Орск" as a
    synonym of its own, "г." + "Орск" does not replace it.

    >>> vocabulary_index({"Москва": ("Мск",)}, ("г.",))["г.мск"]
    'Москва'
    """
    written = {folded(name): canonical for canonical, names in values.items() for name in (canonical, *names)}
    index = dict(written)
    for name, canonical in written.items():
        for longer in _with_words(name, drop):
            index.setdefault(longer, canonical)
    return index


def looked_up(values: pl.Series, index: Mapping[str, str]) -> pl.Series:
    """Return the canonical value of each text, null where `index` (from `vocabulary_index`) does not know it."""
    folds_of = folds(values).str.strip_chars(" .,;\"'«»")
    return folds_of.replace_strict(list(index), list(index.values()), default=None, return_dtype=pl.String)


@normalizer("vocabulary")
def vocabulary(values: pl.Series, settings: Settings) -> pl.DataFrame:
    """Return canonical values by `settings.vocabulary`; an unknown one is kept, tidied, with vocabulary.unknown.

    One that is a letter away from a known one is vocabulary.near, with that as the suggestion; it is kept all the same.
    """
    frame = prepared(values, settings)
    frame = frame.with_columns(known=looked_up(frame["text"], settings.vocabulary), fold=folds(frame["text"]))
    unknown = pl.col("known").is_null() & pl.col("text").is_not_null()
    near = one_off(frame.filter(unknown)["fold"].unique(), settings.vocabulary)
    frame = frame.with_columns(
        clean=pl.coalesce("known", "text"),
        suggestion=pl.col("fold").replace_strict(near, default=None, return_dtype=pl.String),
    )
    said = (
        pl.when(pl.col("suggestion").is_null()).then(pl.lit("vocabulary.unknown")).otherwise(pl.lit("vocabulary.near"))
    )
    frame = frame.with_columns(code=pl.when(unknown).then(said).otherwise("code"))
    rule = (
        pl.when(pl.col("clean") == pl.col("text")).then(pl.lit("text.spaces")).otherwise(pl.lit("vocabulary.synonym"))
    )
    return answered(frame.with_columns(rule=changed(rule)))


def _with_words(name: str, drop: tuple[str, ...]) -> Iterator[str]:
    """Yield `name` with each word in front; a word that ends with a full stop may stand without a space or the stop."""
    for word in map(folded, drop):
        yield f"{word} {name}"
        if word.endswith("."):
            yield f"{word}{name}"
            yield f"{word[:-1]} {name}"
