"""Comparing names of people: family name, given name and the rest, wherever in the other name they stand.

A name is a set of words: what is the family name here may stand as the given name there, or alone. So each part is
looked for in its own place first, then anywhere in the other name.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from crmtool.core.comparators import coding, likeness, names, nicknames
from crmtool.core.comparators.coding import UNKNOWN
from crmtool.core.comparators.comparison import SAME, SILENT, Agreement, Comparison, blank
from crmtool.core.comparators.texts import graded

if TYPE_CHECKING:
    from collections.abc import Callable

    from crmtool.core.comparators.coding import Flags, Numbers, Shares
    from crmtool.core.comparators.comparison import Levels

    Alike = Callable[["People", Numbers, Numbers], Levels]

#: The columns that hold a person's name.
COLUMNS = ("given_name", "middle_name", "family_name", "name")
_MOST = 5  # words of a name that are looked at
_ELSEWHERE = 5
_NEAR, _ALIKE, _FORM = 0.9, 0.8, 0.85  # likeness of family names that are nearly the same, or alike; of given names
_LONG = 3  # letters of a word in which one edit is a slip

_FAMILY = (
    "same",
    "another spelling, or one letter off",
    "nearly the same",
    "alike",
    "elsewhere in the name",
    "different",
)
_GIVEN = (
    "same",
    "another spelling or a short form",
    "nearly the same",
    "an initial",
    "elsewhere in the name",
    "different",
)
_REST = ("same", "another spelling, or one letter off", "an initial", "different")


@dataclass(frozen=True)
class People:
    """Names as codes of words; row by row: the word that is each part, and the keys of all words.

    `key` is for each word, and last for an unknown one, the code of its key (`names.match_key`), `share` for each key
    how likely others hold it, `initial` for each word whether it is one letter.
    """

    parts: dict[str, Numbers]
    words: pl.Series
    key: Numbers
    keys: pl.Series
    share: Shares
    initial: Flags
    length: Numbers  # of each key
    begin: Numbers  # code of the first letter of each key
    forms: Numbers  # of each key: the names it is a form of, see `nicknames`
    held: Numbers  # rows x _MOST; UNKNOWN where a name has fewer words


def people(parties: pl.DataFrame) -> People:
    """Return the names of parties (the columns of `COLUMNS` that are there, String) as codes."""
    named = _parted(parties)
    whole = coding.coded(
        pl.concat(
            [named[part] for part in ("given", "middle", "family")]
            + [named["words"].explode(empty_as_null=False, keep_nulls=False)]
        )
    )
    keys = coding.through(whole, pl.select(pl.coalesce(names.match_key(whole.values), whole.values)).to_series())
    key = np.full(len(whole.values) + 1, UNKNOWN)  # the last stands for an unknown word
    key[whole.codes[whole.codes >= 0]] = keys.codes[whole.codes >= 0]
    rows = len(parties)
    parts = {
        part: whole.codes[place * rows : (place + 1) * rows] for place, part in enumerate(("given", "middle", "family"))
    }
    held = _held(named["words"], key, whole.codes[3 * rows :])
    return People(
        parts,
        whole.values,
        key,
        keys.values,
        _spread(held, len(keys.values)),
        (whole.values.str.len_chars() == 1).to_numpy(),
        keys.values.str.len_chars().cast(pl.Int64).to_numpy(),
        coding.coded(keys.values.str.head(1)).codes,
        nicknames.forms(keys.values),
        held,
    )


def comparisons(names_: People) -> list[Comparison]:
    """Return the comparisons of names: family name, given name, patronymic or other middle name."""
    wanted = (
        ("family_name", "family", _FAMILY, (0.8, 0.08, 0.03, 0.02, 0.03, 0.04), _family),
        ("given_name", "given", _GIVEN, (0.7, 0.1, 0.02, 0.03, 0.03, 0.12), _given),
        ("middle_name", "middle", _REST, (0.8, 0.08, 0.07, 0.05), _rest),
    )
    return [
        Comparison(
            name,
            frozenset(COLUMNS),
            levels,
            usual,
            _chance(names_, part),
            partial(compare, names_),
            float((names_.parts[part] >= 0).mean()),
            against=len(levels),
        )
        for name, part, levels, usual, compare in wanted
    ]


def _parted(parties: pl.DataFrame) -> pl.DataFrame:
    """Return given, middle and family (a word each, or null) and words (all of them) of each row."""
    columns = [name if name in parties.columns else pl.lit(None, pl.String).alias(name) for name in COLUMNS]
    split = parties.select(columns).select(_words(name) for name in COLUMNS)
    every = pl.concat_list(COLUMNS).list.unique(maintain_order=True).list.head(_MOST)
    parted = split.select(
        given=pl.col("given_name").list.first(),
        family=pl.col("family_name").list.join(" ").replace("", None),
        said=pl.col("middle_name").list.first(),
        words=every,
        used=pl.concat_list("given_name", "family_name"),
    )
    other = pl.col("words").list.set_difference("used").list.first()
    return parted.with_columns(middle=pl.coalesce("said", other))


def _words(column: str) -> pl.Expr:
    text = pl.col(column).map_batches(names.folds, return_dtype=pl.String)
    return text.str.extract_all(r"[\p{L}\p{M}\p{N}'’ʼ]+").fill_null([]).alias(column)


def _held(words: pl.Series, key: Numbers, codes: Numbers) -> Numbers:
    counts = words.list.len().to_numpy().astype(np.int64)
    held = np.full((len(words), _MOST), UNKNOWN)
    rows = np.repeat(np.arange(len(words)), counts)
    place = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    held[rows, place] = key[codes]
    return held


def _spread(held: Numbers, keys: int) -> Shares:
    known = held >= 0
    counts = np.bincount(held[known], minlength=keys)
    return coding.beside(counts, int(known.any(axis=1).sum()), coding.USUAL)


def _chance(people_: People, part: str) -> float:
    codes = people_.parts[part]
    rows = np.bincount(people_.key[codes[codes >= 0]], minlength=1).astype(np.float64)
    return float(np.square(rows / max(rows.sum(), 1.0)).sum())


def _family(people_: People, left: Numbers, right: Numbers) -> Agreement:
    return _part(people_, "family", left, right, _family_alike)


def _given(people_: People, left: Numbers, right: Numbers) -> Agreement:
    """Return how given names agree; one word that both have is not a given and a family name at once."""
    level, share = _part(people_, "given", left, right, _given_alike)
    moved = np.flatnonzero(level == _ELSEWHERE)
    family = _family(people_, left[moved], right[moved]).level
    lone = moved[(family == _ELSEWHERE) & (_common(people_.held, left[moved], right[moved]) == 1)]
    level[lone], share[lone] = SILENT, np.nan
    return Agreement(level, share)


def _rest(people_: People, left: Numbers, right: Numbers) -> Agreement:
    return _aligned(people_, "middle", left, right, _rest_alike)


def _aligned(people_: People, part: str, left: Numbers, right: Numbers, alike: Alike) -> Agreement:
    """Return how the part agrees in its own place."""
    level, share = blank(len(left))
    here, there = people_.parts[part][left], people_.parts[part][right]
    known = (here >= 0) & (there >= 0)
    same = known & (here == there)
    level[same] = SAME
    share[same] = people_.share[people_.key[here[same]]]
    rest = np.flatnonzero(known & ~same)
    if len(rest):
        pairs = coding.distinct(here[rest], there[rest])
        level[rest] = alike(people_, pairs.left, pairs.right)[pairs.place]
    return Agreement(level, share)


def _part(people_: People, part: str, left: Numbers, right: Numbers, alike: Alike) -> Agreement:
    """Return how the part agrees in its own place, or with any word of the other name."""
    level, share = _aligned(people_, part, left, right, alike)
    for mine, other in ((left, right), (right, left)):
        open_ = np.flatnonzero((level == SILENT) | (level > _ELSEWHERE))
        word = people_.parts[part][mine[open_]]
        key = people_.key[word]
        found = ((people_.held[other[open_]] == key[:, None]) & (key >= 0)[:, None]).any(axis=1)
        level[open_[found]] = _ELSEWHERE
        share[open_[found]] = people_.share[key[found]]
    return Agreement(level, share)


def _common(held: Numbers, left: Numbers, right: Numbers) -> Numbers:
    """Return how many words both names have."""
    here, there = held[left], held[right]
    equal: Flags = (here[:, :, None] == there[:, None, :]) & (here >= 0)[:, :, None]
    common: Numbers = equal.any(axis=2).sum(axis=1)
    return common


def _family_alike(people_: People, left: Numbers, right: Numbers) -> Levels:
    one, other, spelling = _spelled(people_, left, right)
    score = likeness.jaro_winkler(one, other)
    return graded([spelling, score >= _NEAR, score >= _ALIKE, _never(left)])


def _given_alike(people_: People, left: Numbers, right: Numbers) -> Levels:
    one, other, spelling = _spelled(people_, left, right)
    here, there = people_.forms[people_.key[left]], people_.forms[people_.key[right]]
    short = ((here[:, :, None] == there[:, None, :]) & (here >= 0)[:, :, None]).any(axis=(1, 2))
    initial = _initial(people_, left, right)
    return graded([spelling | short, (likeness.jaro_winkler(one, other) >= _FORM) & ~initial, initial, _never(left)])


def _rest_alike(people_: People, left: Numbers, right: Numbers) -> Levels:
    _, _, spelling = _spelled(people_, left, right)
    return graded([spelling, _initial(people_, left, right)])


def _never(pairs: Numbers) -> Flags:
    """Return the place of a level that is told by the whole name."""
    return np.zeros(len(pairs), bool)


def _spelled(people_: People, left: Numbers, right: Numbers) -> tuple[list[str], list[str], Flags]:
    """Return the keys of words, and whether they are equal or one edit apart in a word of three letters or more."""
    here, there = people_.key[left], people_.key[right]
    one, other = coding.texts(people_.keys, here), coding.texts(people_.keys, there)
    long = np.minimum(people_.length[here], people_.length[there]) >= _LONG
    return one, other, (here == there) | ((likeness.edits(one, other) <= 1) & long)


def _initial(people_: People, left: Numbers, right: Numbers) -> Flags:
    """Return whether one word is the first letter of the other."""
    begin = people_.begin[people_.key[left]] == people_.begin[people_.key[right]]
    found: Flags = begin & (people_.initial[left] | people_.initial[right])
    return found
