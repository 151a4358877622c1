"""Yes and no: the words of `rules/vocabularies/yes_no.toml`, and marks, which mean something by the rest of the column.

A minus is "no" only where a plus stands in the column, else it is a placeholder as everywhere; a cross beside check
marks is "no", alone it is "yes". To add a word: the vocabulary; a mark: `_YES` or `_NO`.
"""

from __future__ import annotations

import polars as pl

from crmtool.core.folding import folds
from crmtool.core.normalizers.cells import answered, changed, prepared
from crmtool.core.normalizers.registry import Settings, normalizer
from crmtool.core.normalizers.vocabulary import looked_up

_YES = ("✓", "✔", "✅", "☑", "√", "+")
_NO = ("✗", "✘", "❌", "☐", "☒")
_CROSSES = ("x", "х", "×")  # Latin, Cyrillic, and the sign
_KNOWN = {"yes": "yes", "no": "no", "1": "yes", "0": "no"}


@normalizer("yes_no")
def yes_no(values: pl.Series, settings: Settings) -> pl.DataFrame:
    """Return "yes" or "no"; anything else is yes_no.unknown, and null.

    >>> yes_no(pl.Series(["да", "-", "+"]), Settings(vocabulary={"да": "yes"}))["clean"].to_list()
    ['yes', 'no', 'yes']
    """
    frame = prepared(values, settings).with_columns(fold=folds(values))
    table = {**_KNOWN, **settings.vocabularies.get("yes_no", {}), **settings.vocabulary, **_marks(frame["fold"])}
    signs = pl.col("fold").replace_strict(table, default=None, return_dtype=pl.String)
    frame = frame.with_columns(clean=pl.coalesce(signs, looked_up(values, table).alias("words")))
    known = pl.col("clean").is_not_null()
    code = pl.when(~known).then(pl.coalesce("code", pl.when(pl.col("text") != "").then(pl.lit("yes_no.unknown"))))
    return answered(frame.with_columns(code=code, rule=changed("yes_no.word")))


def _marks(column: pl.Series) -> dict[str, str]:
    """Return what the marks mean in a column."""
    there = {*column.filter(column.str.len_chars() == 1)}
    table = {**dict.fromkeys(_YES, "yes"), **dict.fromkeys(_NO, "no")}
    if "+" in there:
        table["-"] = "no"
    checked = bool(there & {*_YES} - {"+"})
    return {**table, **dict.fromkeys(_CROSSES, "no" if checked else "yes")}
