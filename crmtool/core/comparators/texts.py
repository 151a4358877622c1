"""Comparing one text with another: a city, a company's name, a job title, an address; a code; a day."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from crmtool.core.comparators import coding, likeness, names
from crmtool.core.comparators.comparison import OPEN, SAME, Agreement, Comparison, blank

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from crmtool.core.comparators.coding import Coded, Counts, Flags, Numbers, Shares
    from crmtool.core.comparators.comparison import Levels
    from crmtool.core.comparators.likeness import Marked

    #: How values that differ are alike: codes on the left and on the right, to levels.
    Graded = Callable[[Numbers, Numbers], Levels]


_NEAR, _ALIKE, _COMMON = 0.9, 0.75, 0.55  # likeness of texts
_PHRASES = ("same", "same, spelled otherwise", "nearly the same", "alike", "something in common", "different")
_TWO = 2  # digits of a day
_BITS, _EVERY = np.uint64(64), np.uint64(2**64 - 1)


def text(name: str, values: pl.Series, counts: Counts | None = None, *, identity: bool = False) -> Comparison:
    """Return the comparison of a column of texts (String): spelling across alphabets, common words, slips.

    With `identity` it is the name of the party: where it is not nearly the same, a person must say.
    """
    whole = coding.of_many(coding.coded(names.folds(values)), name, counts)
    keys = coding.through(whole, word_keys(whole.values))
    marked = phrased(likeness.marked(keys.values))
    return Comparison(
        name,
        frozenset([name]),
        _PHRASES,
        (0.75, 0.05, 0.05, 0.03, 0.02, 0.1),
        whole.chance,
        partial(_soon, whole, keys, marked),
        partial(_once, keys, partial(phrases, marked)),
        whole.known,
        against=4 if identity else None,
        rare=(name, whole),
        dear=len(keys.values),
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
        partial(equal, whole),
        partial(_asked, whole, partial(codes_alike, likeness.marked(whole.values), beginnings(whole.values))),
        whole.known,
        against=2 if name == "tax_id" else None,
        rare=(name, whole),
        dear=len(whole.values),
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
        partial(equal, whole),
        partial(_asked, whole, partial(days_alike, likeness.marked(whole.values), day_parts(whole.values))),
        whole.known,
        against=4 if name == "birthday" else None,
        rare=(name, whole),
        dear=len(whole.values),
    )


def signs(values: pl.Series) -> pl.Series:
    """Return texts as small letters and digits only."""
    return names.folds(values).str.replace_all(r"[^\p{L}\p{N}]+", "").replace("", None)


def word_keys(values: pl.Series) -> pl.Series:
    """Return a key under which texts of the same words meet, whatever their order and alphabet."""
    keys = pl.select(pl.coalesce(names.match_key(values), values)).to_series()
    return keys.str.split(" ").list.sort().list.join(" ")


def equal(whole: Coded, left: Numbers, right: Numbers) -> Agreement:
    """Return which pairs of rows have equal values, and which have others."""
    here, there = whole.codes[left], whole.codes[right]
    return matched(here, there, whole.share, here)


def _soon(whole: Coded, keys: Coded, of: Phrases, left: Numbers, right: Numbers) -> Agreement:
    """Return what `equal` does, and which values are too far from one another to be alike."""
    found = equal(whole, left, right)
    open_ = np.flatnonzero(found.level == OPEN)
    apart = phrases_far(of, keys.codes[left[open_]], keys.codes[right[open_]])
    found.level[open_[apart]] = len(_PHRASES)
    return found


def matched(here: Numbers, there: Numbers, share: Shares, counted: Numbers) -> Agreement:
    """Return which codes are equal, open where they are not; `counted` are those on the left that have a `share`."""
    found = blank(len(here))
    known = np.minimum(here, there) >= 0
    same = here == there
    found.level[known] = OPEN
    places = np.flatnonzero(known & same)
    found.level[places] = SAME
    found.share[places] = share[counted[places]]
    return found


def unshared(level: Levels) -> Agreement:
    """Return levels for which it does not count how rare a value is."""
    return Agreement(level, np.full(len(level), np.nan))


def _asked(column: Coded, alike: Graded, left: Numbers, right: Numbers) -> Agreement:
    """Return how values that differ agree."""
    return unshared(alike(column.codes[left], column.codes[right]))


def _once(keys: Coded, alike: Graded, left: Numbers, right: Numbers) -> Agreement:
    """Return how values that differ agree by their keys, each two keys compared once."""
    pairs = coding.distinct(keys.codes[left], keys.codes[right])
    return unshared(alike(pairs.left, pairs.right)[pairs.place])


def graded(conditions: list[Flags], first: int = 2) -> Levels:
    """Return the number of the first condition that holds, counted from `first`; one more where none does."""
    choices = [np.uint8(first + place) for place in range(len(conditions))]
    return np.select(conditions, choices, np.uint8(first + len(conditions)))


class Phrases(NamedTuple):
    """Keys of words (`word_keys`): which are of several words, and a bit of 64 for each word."""

    keys: Marked
    wordy: Flags
    words: NDArray[np.uint64]


def phrased(keys: Marked) -> Phrases:
    """Return keys with what tells soon that two of them have no word in common."""
    split = keys.texts.str.split(" ")
    lengths = split.list.len().cast(pl.Int64).to_numpy()
    bit = np.left_shift(np.uint64(1), split.explode(empty_as_null=False, keep_nulls=False).hash().to_numpy() % _BITS)
    repeated = (split.list.n_unique() < split.list.len()).to_numpy()
    words = np.bitwise_or.reduceat(bit, np.cumsum(lengths) - lengths) if len(bit) else bit
    return Phrases(keys, lengths > 1, np.where(repeated, _EVERY, words))


def phrases(of: Phrases, left: Numbers, right: Numbers) -> Levels:
    """Return how texts that are not the same agree, by the codes of their keys.

    The words of a key stand in order: without a common word and without a repeated one all words are all letters.
    """
    words = _share_words(of, left, right)
    score = np.zeros(len(left), np.float32)
    score[words] = likeness.words(of.keys, left[words], right[words])
    score[~words] = likeness.letters(of.keys, left[~words], right[~words], _COMMON)
    return graded([left == right, score >= _NEAR, score >= _ALIKE, score >= _COMMON])


def phrases_far(of: Phrases, left: Numbers, right: Numbers) -> Flags:
    """Return which texts are different by their marks alone: what `phrases` would find, but for some of it."""
    far: Flags = left != right
    far &= ~_share_words(of, left, right)
    near = np.flatnonzero(far)
    far[near] = ~likeness.may_be_like(of.keys, left[near], right[near], _COMMON)
    return far


def _share_words(of: Phrases, left: Numbers, right: Numbers) -> Flags:
    """Return which texts perhaps have a word in common and may gain by it."""
    found: Flags = (of.words[left] & of.words[right]) != 0
    found &= of.wordy[left] | of.wordy[right]
    return found


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
