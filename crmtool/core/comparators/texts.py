"""Comparing one text with another: a city, a company's name, a job title, an address; a code; a day."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from crmtool.core.comparators import coding, likeness, names
from crmtool.core.comparators.comparison import SAME, Agreement, Comparison, blank

if TYPE_CHECKING:
    from collections.abc import Callable

    from crmtool.core.comparators.coding import Coded, Counts, Flags, Numbers
    from crmtool.core.comparators.comparison import Levels
    from crmtool.core.comparators.likeness import Marked

    #: How values that differ are alike: codes on the left and on the right, to levels.
    Graded = Callable[[Numbers, Numbers], Levels]


_NEAR, _ALIKE, _COMMON = 0.9, 0.75, 0.55  # likeness of texts
_TWO = 2  # digits of a day


def text(name: str, values: pl.Series, counts: Counts | None = None, *, identity: bool = False) -> Comparison:
    """Return the comparison of a column of texts (String): spelling across alphabets, common words, slips.

    With `identity` it is the name of the party: where it is not nearly the same, a person must say.
    """
    whole = coding.of_many(coding.coded(names.folds(values)), name, counts)
    keys = coding.through(whole, word_keys(whole.values))
    return Comparison(
        name,
        frozenset([name]),
        ("same", "same, spelled otherwise", "nearly the same", "alike", "something in common", "different"),
        (0.75, 0.05, 0.05, 0.03, 0.02, 0.1),
        whole.chance,
        partial(compared, whole, keys, partial(phrases, likeness.marked(keys.values), several(keys.values))),
        whole.known,
        against=4 if identity else None,
        rare=(name, whole),
    )


def code(name: str, values: pl.Series, counts: Counts | None = None) -> Comparison:
    """Return the comparison of a column of codes (String): postcodes, tax ids, numbers of houses."""
    whole = coding.of_many(coding.coded(signs(values)), name, counts)
    return Comparison(
        name,
        frozenset([name]),
        ("same", "one sign off", "same beginning", "different"),
        (0.8, 0.08, 0.04, 0.08),
        whole.chance,
        partial(compared, whole, whole, partial(codes_alike, likeness.marked(whole.values), beginnings(whole.values))),
        whole.known,
        against=2 if name == "tax_id" else None,
        rare=(name, whole),
    )


def day(name: str, values: pl.Series, counts: Counts | None = None) -> Comparison:
    """Return the comparison of a column of days (String, ISO or at least always written alike)."""
    whole = coding.of_many(coding.coded(signs(values)), name, counts)
    return Comparison(
        name,
        frozenset([name]),
        ("same", "one digit off, or day and month exchanged", "two parts of three", "same year", "different"),
        (0.8, 0.12, 0.04, 0.01, 0.03),
        whole.chance,
        partial(compared, whole, whole, partial(days_alike, likeness.marked(whole.values), day_parts(whole.values))),
        whole.known,
        against=4 if name == "birthday" else None,
        rare=(name, whole),
    )


def signs(values: pl.Series) -> pl.Series:
    """Return texts as small letters and digits only."""
    return names.folds(values).str.replace_all(r"[^\p{L}\p{N}]+", "").replace("", None)


def word_keys(values: pl.Series) -> pl.Series:
    """Return a key under which texts of the same words meet, whatever their order and alphabet."""
    keys = names.match_key(values).str.split(" ").list.sort().list.join(" ")
    return pl.select(pl.coalesce(keys, values)).to_series()


def compared(whole: Coded, keys: Coded, alike: Graded, left: Numbers, right: Numbers) -> Agreement:
    """Return how pairs of rows agree: equal values, else what `alike` says of their keys."""
    level, share = blank(len(left))
    here, there = whole.codes[left], whole.codes[right]
    known = (here >= 0) & (there >= 0)
    same = known & (here == there)
    level[same] = SAME
    share[same] = whole.share[here[same]]
    rest = np.flatnonzero(known & ~same)
    if len(rest):
        pairs = coding.distinct(keys.codes[left[rest]], keys.codes[right[rest]])
        level[rest] = alike(pairs.left, pairs.right)[pairs.place]
    return Agreement(level, share)


def graded(conditions: list[Flags], first: int = 2) -> Levels:
    """Return the number of the first condition that holds, counted from `first`; one more where none does."""
    choices = [np.uint8(first + place) for place in range(len(conditions))]
    return np.select(conditions, choices, np.uint8(first + len(conditions)))


def several(keys: pl.Series) -> Flags:
    """Tell which keys are of several words."""
    return keys.str.contains(" ", literal=True).to_numpy()


def phrases(keys: Marked, wordy: Flags, left: Numbers, right: Numbers) -> Levels:
    """Return how texts that are not the same agree, by the codes of their keys; `wordy` as by `several`."""
    words = wordy[left] | wordy[right]
    score = np.zeros(len(left), np.float32)
    score[words] = likeness.words(keys, left[words], right[words])
    score[~words] = likeness.letters(keys, left[~words], right[~words], _COMMON)
    return graded([left == right, score >= _NEAR, score >= _ALIKE, score >= _COMMON])


def beginnings(values: pl.Series) -> Numbers:
    """Return the codes of the first halves of values."""
    text = pl.col("text")
    halves = values.rename("text").to_frame().select(text.str.head((text.str.len_chars() + 1) // 2))
    return coding.coded(halves.to_series()).codes


def codes_alike(values: Marked, begin: Numbers, left: Numbers, right: Numbers) -> Levels:
    """Return how codes that differ agree; `begin` of all as by `beginnings`."""
    near = likeness.edits(values, left, right, 1) <= 1
    return graded([near, begin[left] == begin[right]])


def day_parts(values: pl.Series) -> tuple[Numbers, Numbers, Numbers]:
    """Return the codes of year, month and day of days."""
    year = coding.coded(values.str.head(4)).codes
    month, day_ = np.split(coding.coded(pl.concat([values.str.slice(start, 2) for start in (4, 6)])).codes, 2)
    return year, month, day_


def days_alike(values: Marked, parts: tuple[Numbers, Numbers, Numbers], left: Numbers, right: Numbers) -> Levels:
    """Return how days that differ agree; `parts` of all as by `day_parts`."""
    edits = likeness.edits(values, left, right, _TWO)
    year, month, day = (part[left] == part[right] for part in parts)
    exchanged = year & (parts[1][left] == parts[2][right]) & (parts[2][left] == parts[1][right])
    return graded([(edits <= 1) | exchanged, (month & day) | (year & (month | day)) | (edits <= _TWO), year])
