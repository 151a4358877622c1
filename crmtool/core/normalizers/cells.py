"""What every normalizer does with a cell first and last: tidy text, placeholders, the shape of the answer.

To add a character that is never part of a value: `INVISIBLE`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core.folding import folded, folds
from crmtool.core.formulas import unguarded
from crmtool.core.normalizers.registry import COLUMNS, Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Control characters that are no white space, soft hyphens, zero-width spaces, marks of direction, byte order marks.
#: Joiners (U+200C, U+200D) stay: some alphabets need them.
INVISIBLE = (
    "[\u0000-\u0008\u000e-\u001b\u007f-\u0084\u0086-\u009f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
#: White space as Unicode and Python see it; U+001C-001F separate fields in old exports.
SPACE = r"[\s\x1c-\x1f]+"
_HEAD = 3  # characters
_ALONE = re.compile("[ -~А-яЁёІіЇїЄєҐґ]*")  # these fold each by itself
_NO_CONTENT = r"^[\p{P}\p{S}\s]*$"


def tidy(text: pl.Expr) -> pl.Expr:
    """Return a text column in NFC, without invisible characters, with single plain spaces and none at the ends."""
    plain = text.str.contains(r"^[!-~А-яЁёІіЇїЄєҐґ№«»–—’]+(?: [!-~А-яЁёІіЇїЄєҐґ№«»–—’]+)*$").fill_null(value=True)
    cleaned = (
        only(~plain, text)
        .str.replace_all(INVISIBLE, "")
        .str.normalize("NFC")
        .str.replace_all(SPACE, " ")
        .str.strip_chars(" ")
    )
    return pl.when(plain).then(text).otherwise(cleaned)


def only(wanted: pl.Expr, text: pl.Expr) -> pl.Expr:
    """Return a text column with nothing in the cells that are not wanted: patterns run over nulls, but not over ""."""
    return pl.when(wanted).then(text).otherwise(pl.lit(""))


def prepared(values: pl.Series, settings: Settings) -> pl.DataFrame:
    """Return `values` as a frame of `value`, `text` (tidy; null: nothing there) and `code` (value.placeholder or null).

    `text` is without the apostrophe that guards a formula. A placeholder is one of `settings.placeholders`, compared
    folded, or a text of punctuation and symbols alone; its `text` is null.
    """
    frame = values.rename("value").to_frame().with_columns(text=tidy(unguarded(pl.col("value"))).replace("", None))
    unknown = pl.col("text").is_in(_placeholders(frame["text"], settings).implode())
    unknown = unknown | pl.col("text").str.contains(_NO_CONTENT)
    return frame.select(
        "value",
        pl.when(~unknown).then("text").alias("text"),
        pl.when(unknown).then(pl.lit("value.placeholder")).alias("code"),
    )


def _placeholders(texts: pl.Series, settings: Settings) -> pl.Series:
    """Return those of `texts` that are placeholders of the rules; only what could be one by its length is folded."""
    words, beginnings = _words(settings.placeholders)
    longest = max(map(len, words), default=0)
    short = texts.filter(texts.str.len_chars() <= 2 * longest)
    if not any(re.search(r"\d", word) for word in words):
        short = short.filter(~short.str.contains(r"\d"))
    heads = short.str.head(_HEAD)
    begun = pl.Series([head for head in heads.unique() if _may_begin(head, beginnings)], dtype=pl.String)
    short = short.filter(heads.is_in(begun.implode()))
    return short.filter(folds(short).is_in(sorted(words)))


@lru_cache(maxsize=8)
def _words(placeholders: frozenset[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Return placeholders folded, and everything that one of them begins with."""
    words = frozenset(map(folded, placeholders))
    return words, frozenset(word[:end] for word in words for end in range(len(word) + 1))


def _may_begin(head: str, beginnings: frozenset[str]) -> bool:
    """Tell whether a text with this head may fold to a word of these beginnings.

    The last sign of a head is left out: what follows might join it. A sign of other alphabets tells nothing.
    """
    sure = folded(head[:-1]) if len(head) == _HEAD else folded(head)
    return sure in beginnings or not _ALONE.fullmatch(head)


def answered(frame: pl.DataFrame, extra: Mapping[str, pl.DataType] | None = None) -> pl.DataFrame:
    """Return `frame` with the columns a normalizer answers with, then `extra`; absent ones are null, `seq` 0."""
    columns = {**COLUMNS, **(extra or {})}
    absent = [
        pl.lit(0 if name == "seq" else None, dtype).alias(name)
        for name, dtype in columns.items()
        if name not in frame.columns
    ]
    return frame.with_columns(absent).select(pl.col(name).cast(dtype) for name, dtype in columns.items())


def changed(rule: pl.Expr | str, clean: str = "clean") -> pl.Expr:
    """Return `rule` where the clean value differs from the value as read, else null; null where there is none."""
    name = pl.lit(rule) if isinstance(rule, str) else rule
    return pl.when(pl.col(clean) != pl.col("value")).then(name)
