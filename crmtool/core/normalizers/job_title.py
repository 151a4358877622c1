"""Job titles: clear abbreviations written out, one case, by a vocabulary; what it does not know stays as written.

An unknown title is nothing to report: people invent them daily. To add one: `rules/vocabularies/job_title.toml`.
"""

from __future__ import annotations

import polars as pl

from crmtool.core.normalizers.cells import answered, changed, prepared
from crmtool.core.normalizers.registry import Settings, normalizer
from crmtool.core.normalizers.vocabulary import looked_up

_SENTENCE = r"^[А-ЯЁІЇЄҐ -]+$"  # Cyrillic capitals alone
_LONG = r"[А-ЯЁІЇЄҐ]{6,}"  # with a word too long for an abbreviation


@normalizer("job_title")
def job_title(values: pl.Series, settings: Settings) -> pl.DataFrame:
    """Return titles by `settings.vocabulary`; others with a capital at the start if they had capitals or none.

    >>> settings = Settings(vocabulary={"ген. дир": "Генеральный директор"})
    >>> job_title(pl.Series(["ген. дир.", "ведущий архитектор", "VP Sales"]), settings)["clean"].to_list()
    ['Генеральный директор', 'Ведущий архитектор', 'VP Sales']
    """
    frame = prepared(values, settings)
    frame = frame.with_columns(known=looked_up(frame["text"], settings.vocabulary))
    frame = frame.with_columns(clean=pl.coalesce("known", _cased()))
    known, same = pl.col("known").is_not_null(), pl.col("clean") == pl.col("text")
    what = pl.when(known).then(pl.lit("job_title.synonym")).otherwise(pl.lit("job_title.case"))
    rule = pl.when(same).then(pl.lit("text.spaces")).otherwise(what)
    return answered(frame.with_columns(rule=changed(rule)))


def _cased() -> pl.Expr:
    """Return an unknown title; one of Cyrillic capitals or small letters alone begins with a capital, the rest small.

    Short words in capitals may be abbreviations (НАЧАЛЬНИК ОТК): where there is one, the case stays.
    """
    text = pl.col("text")
    shouted = (
        text.str.contains(_SENTENCE)
        & text.str.contains(_LONG)
        & ~text.str.contains(r"(?:^|[ -])[А-ЯЁІЇЄҐ]{2,4}(?:$|[ -])")
    )
    small = text.str.contains(r"^[а-яёіїєґ]{3}") & (text == text.str.to_lowercase())
    whole = pl.when(shouted | small).then(text.str.to_lowercase()).otherwise(text)
    capital = whole.str.head(1).str.to_uppercase() + whole.str.slice(1)
    return pl.when(shouted | small).then(capital).otherwise(text)
