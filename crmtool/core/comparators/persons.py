"""Comparing names of people: family name, given name and the rest, wherever in the other name they stand.

A name is a set of words: what is the family name here may stand as the given name there, or alone. So each part is
looked for in its own place first, then anywhere in the other name.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from crmtool.core.comparators import coding, likeness, names, nicknames
from crmtool.core.comparators.coding import UNKNOWN
from crmtool.core.comparators.comparison import OPEN, SILENT, Agreement, Comparison
from crmtool.core.comparators.texts import graded, matched, unshared

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from crmtool.core.comparators.coding import Counts, Flags, Listed, Numbers, Shares
    from crmtool.core.comparators.comparison import Levels
    from crmtool.core.comparators.likeness import Marked

    Alike = Callable[["People", Numbers, Numbers], Levels]

#: The columns that hold a person's name.
COLUMNS = ("given_name", "middle_name", "family_name", "name")
#: What the words of names are counted by.
WORD = "name.word"
_MOST = 5  # words of a name that are looked at
_ELSEWHERE = 5
_NEAR, _ALIKE, _FORM = 0.9, 0.8, 0.85  # likeness of family names that are nearly the same, or alike; of given names
_BITS = np.uint64(64)
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
class Keyed:
    """Keys of words (`names.match_key`), and of each its length, its first letter, the names it is a form of."""

    marks: Marked

    @cached_property
    def length(self) -> Numbers:
        """How many letters each has."""
        return self.marks.texts.str.len_chars().cast(pl.Int64).to_numpy()

    @cached_property
    def begin(self) -> Numbers:
        """The code of the first letter of each."""
        return coding.coded(self.marks.texts.str.head(1)).codes

    @cached_property
    def forms(self) -> Numbers:
        """The numbers of the names that each is a form of, see `nicknames`."""
        return nicknames.forms(self.marks.texts)

    @cached_property
    def form_bits(self) -> NDArray[np.uint64]:
        """A bit of 64 for each of these numbers: two keys without a common bit are no forms of one name."""
        bit = np.left_shift(np.uint64(1), self.forms.astype(np.uint64) % _BITS)
        found: NDArray[np.uint64] = np.bitwise_or.reduce(np.where(self.forms >= 0, bit, np.uint64(0)), axis=1)
        return found


@dataclass(frozen=True)
class People:
    """Names as codes of words; row by row: the word that is each part, and the keys of all words.

    `key` is for each word, and last for an unknown one, the code of its key (`names.match_key`), `initial` for each
    word whether it is one letter.
    """

    parts: dict[str, Numbers]
    words: pl.Series
    key: Numbers
    keys: Keyed
    column: Listed  # the keys of each row
    initial: Flags
    held: Numbers  # rows x _MOST; UNKNOWN where a name has fewer words

    @cached_property
    def share(self) -> Shares:
        """How likely others hold each key."""
        column = self.column
        known = int((column.counts > 0).sum()) if column.many is None else column.many
        return coding.beside(column.held, known, coding.USUAL)

    @cached_property
    def word_share(self) -> Shares:
        """How likely others hold the key of each word."""
        return self.share[self.key[:-1]]

    @cached_property
    def bits(self) -> NDArray[np.uint64]:
        """A bit of 64 for each key; the last stands for an unknown one and has none."""
        bit = np.left_shift(np.uint64(1), np.arange(len(self.keys.marks.texts), dtype=np.uint64) % _BITS)
        return np.append(bit, np.uint64(0))

    @cached_property
    def marks(self) -> NDArray[np.uint64]:
        """The bits of all keys of each row: a key whose bit is missing is not in the name."""
        found: NDArray[np.uint64] = np.bitwise_or.reduce(self.bits[self.held], axis=1)
        return found


def people(parties: pl.DataFrame, counts: Counts | None = None) -> People:
    """Return the names of parties (the columns of `COLUMNS` that are there, String) as codes."""
    words, said, joined = _said(parties)
    keys = coding.coded(pl.select(pl.coalesce(names.match_key(words), words)).to_series())
    key = np.append(keys.codes, UNKNOWN)  # the last stands for an unknown word
    held = key[_held(said)]
    return People(
        _parts(said, joined),
        words,
        key,
        Keyed(likeness.marked(keys.values)),
        coding.listed_of_many(_column(held, keys.values), WORD, counts),
        (words.str.len_chars() == 1).to_numpy(),
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
            partial(_equal, names_, part),
            partial(compare, names_),
            float((names_.parts[part] >= 0).sum()) / max(len(names_.parts[part]), 1),
            against=len(levels),
            rare=(WORD, names_.column),
        )
        for name, part, levels, usual, compare in wanted
    ]


@dataclass(frozen=True)
class _Said:
    """A column of names: how many words the name of each row has, and the codes of all of them."""

    counts: Numbers
    codes: Numbers

    @property
    def rows(self) -> Numbers:
        return np.repeat(np.arange(len(self.counts)), self.counts)

    def first(self) -> Numbers:
        """Return the first word of each row."""
        found = np.full(len(self.counts), UNKNOWN)
        found[self.counts > 0] = self.codes[(np.cumsum(self.counts) - self.counts)[self.counts > 0]]
        return found


def _said(parties: pl.DataFrame) -> tuple[pl.Series, dict[str, _Said], Numbers]:
    """Return all words of names, the words of each column by their codes, and that of each whole family name."""
    columns = {name: coding.coded(parties[name]) for name in COLUMNS if name in parties.columns}
    split = {name: _words(column.values) for name, column in columns.items()}
    lines = {name: words.explode(empty_as_null=False, keep_nulls=False) for name, words in split.items()}
    family = pl.Series([], dtype=pl.String)
    if "family_name" in split:
        family = split["family_name"].list.join(" ").replace("", None)
    whole = coding.coded(pl.concat([family, *lines.values()]))
    codes = np.split(whole.codes, np.cumsum([len(family), *map(len, lines.values())])[:-1])
    said = {
        name: _spread(columns[name].codes, split[name].list.len().cast(pl.Int64).to_numpy(), words)
        for (name, words) in zip(split, codes[1:], strict=True)
    }
    nobody = np.full(parties.height, UNKNOWN)
    joined = np.append(codes[0], UNKNOWN)[columns["family_name"].codes] if "family_name" in columns else nobody
    return whole.values, said, joined


def _words(texts: pl.Series) -> pl.Series:
    return names.folds(texts).str.extract_all(r"[\p{L}\p{M}\p{N}'’ʼ]+")


def _spread(values: Numbers, counts: Numbers, words: Numbers) -> _Said:
    """Return the words of each row from those of each distinct value."""
    starts, many = np.append(np.cumsum(counts) - counts, 0), np.append(counts, 0)[values]
    return _Said(many, words[np.repeat(starts[values], many) + coding.places(many)])


def _together(said: dict[str, _Said], columns: tuple[str, ...]) -> tuple[Numbers, Numbers, Numbers]:
    """Return rows, words and the place of their column, of each row each word once: where it stands first."""
    chosen = [(place, said[name]) for place, name in enumerate(columns) if name in said]
    rows = np.concatenate([np.zeros(0, np.int64), *(each.rows for _, each in chosen)])
    codes = np.concatenate([np.zeros(0, np.int64), *(each.codes for _, each in chosen)])
    place = np.concatenate([np.zeros(0, np.int64), *(np.full(len(each.codes), at) for at, each in chosen)])
    pair = rows * (int(codes.max(initial=0)) + 1) + codes
    order = np.argsort(pair, kind="stable")
    pair = pair[order]
    first = np.sort(order[np.concatenate([pair[:1] >= 0, pair[1:] != pair[:-1]])])
    first = first[np.argsort(rows[first], kind="stable")]
    return rows[first], codes[first], place[first]


def _parts(said: dict[str, _Said], joined: Numbers) -> dict[str, Numbers]:
    """Return the word that is the given, the middle and the family name of each row.

    Without a middle name it is the first word that neither the given nor the family name has.
    """
    nobody = np.full(len(joined), UNKNOWN)
    given, middle = (said[name].first() if name in said else nobody for name in COLUMNS[:2])
    rows, codes, place = _together(said, ("given_name", "family_name", "middle_name", "name"))
    rest = place > 1
    lines, first = np.unique(rows[rest], return_index=True)
    other = nobody.copy()
    other[lines] = codes[rest][first]
    return {"given": given, "middle": np.where(middle >= 0, middle, other), "family": joined}


def _held(said: dict[str, _Said]) -> Numbers:
    """Return the first words of each row (rows x _MOST)."""
    rows, codes, _ = _together(said, COLUMNS)
    counts = np.bincount(rows, minlength=len(next(iter(said.values())).counts))
    place = coding.places(counts)
    held = np.full((len(counts), _MOST), UNKNOWN)
    kept = place < _MOST
    held[rows[kept], place[kept]] = codes[kept]
    return held


def _column(held: Numbers, keys: pl.Series) -> Listed:
    known = held >= 0
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(known.sum(axis=1))])
    return coding.Listed(starts, held[known], keys, np.bincount(held[known], minlength=len(keys)))


def _chance(people_: People, part: str) -> float:
    codes = people_.parts[part]
    rows = np.bincount(people_.key[codes[codes >= 0]], minlength=1).astype(np.float64)
    return float(np.square(rows / max(rows.sum(), 1.0)).sum())


def _equal(people_: People, part: str, left: Numbers, right: Numbers) -> Agreement:
    """Return which pairs of rows have the same word in its own place; what one has may stand elsewhere in the other."""
    here, there = people_.parts[part][left], people_.parts[part][right]
    found = matched(here, there, people_.word_share, here)
    found.level[(found.level == SILENT) & (np.maximum(here, there) >= 0)] = OPEN
    return found


def _family(people_: People, left: Numbers, right: Numbers) -> Agreement:
    return _part(people_, "family", left, right, _family_alike)


def _given(people_: People, left: Numbers, right: Numbers) -> Agreement:
    """Return how given names agree; one word that both have is not a given and a family name at once."""
    level, share = _part(people_, "given", left, right, _given_alike)
    moved = np.flatnonzero(level == _ELSEWHERE)
    moved = moved[_equal(people_, "family", left[moved], right[moved]).level == OPEN]
    family = _family(people_, left[moved], right[moved]).level
    lone = moved[(family == _ELSEWHERE) & (common(people_.held, left[moved], right[moved]) == 1)]
    level[lone], share[lone] = SILENT, np.nan
    return Agreement(level, share)


def _rest(people_: People, left: Numbers, right: Numbers) -> Agreement:
    return unshared(_differing(people_, "middle", left, right, _rest_alike))


def _differing(people_: People, part: str, left: Numbers, right: Numbers, alike: Alike) -> Levels:
    """Return how words that are not the same agree in their own place; where a side has none they are silent."""
    here, there = people_.parts[part][left], people_.parts[part][right]
    level = np.zeros(len(left), np.uint8)
    both = np.flatnonzero(np.minimum(here, there) >= 0)
    level[both] = alike(people_, here[both], there[both])
    return level


def _part(people_: People, part: str, left: Numbers, right: Numbers, alike: Alike) -> Agreement:
    """Return how a part that is not the same agrees in its own place, or with any word of the other name."""
    level, share = unshared(_differing(people_, part, left, right, alike))
    for mine, other in ((left, right), (right, left)):
        open_ = np.flatnonzero((level == SILENT) | (level > _ELSEWHERE))
        key = people_.key[people_.parts[part][mine[open_]]]
        perhaps = np.flatnonzero((people_.bits[key] & people_.marks[other[open_]]) != 0)
        open_, key = open_[perhaps], key[perhaps]
        found = (people_.held[other[open_]] == key[:, None]).any(axis=1)
        level[open_[found]] = _ELSEWHERE
        share[open_[found]] = people_.share[key[found]]
    return Agreement(level, share)


def common(held: Numbers, left: Numbers, right: Numbers) -> Numbers:
    """Return how many words the names of pairs of rows have in common; `held` are the words of each row."""
    here, there = held[left], held[right]
    equal: Flags = (here[:, :, None] == there[:, None, :]) & (here >= 0)[:, :, None]
    found: Numbers = equal.any(axis=2).sum(axis=1)
    return found


def _family_alike(people_: People, left: Numbers, right: Numbers) -> Levels:
    return families(people_.keys, people_.key[left], people_.key[right])


def _given_alike(people_: People, left: Numbers, right: Numbers) -> Levels:
    initial = people_.initial[left] | people_.initial[right]
    return givens(people_.keys, people_.key[left], people_.key[right], initial)


def _rest_alike(people_: People, left: Numbers, right: Numbers) -> Levels:
    initial = people_.initial[left] | people_.initial[right]
    return rests(people_.keys, people_.key[left], people_.key[right], initial)


def families(keys: Keyed, left: Numbers, right: Numbers) -> Levels:
    """Return how family names that are not written alike agree, by the codes of their keys."""
    score = likeness.jaro_winkler(keys.marks, left, right, _ALIKE)
    return graded([_spelled(keys, left, right), score >= _NEAR, score >= _ALIKE, _never(left)])


def givens(keys: Keyed, left: Numbers, right: Numbers, initial: Flags) -> Levels:
    """Return the same of given names; `initial` tells where one of both is written as one letter."""
    short = (keys.form_bits[left] & keys.form_bits[right]) != 0
    perhaps = np.flatnonzero(short)
    here, there = keys.forms[left[perhaps]], keys.forms[right[perhaps]]
    short[perhaps] = ((here[:, :, None] == there[:, None, :]) & (here >= 0)[:, :, None]).any(axis=(1, 2))
    first = initial & (keys.begin[left] == keys.begin[right])
    near = likeness.jaro_winkler(keys.marks, left, right, _FORM) >= _FORM
    return graded([_spelled(keys, left, right) | short, near & ~first, first, _never(left)])


def rests(keys: Keyed, left: Numbers, right: Numbers, initial: Flags) -> Levels:
    """Return the same of patronymics and other middle names."""
    return graded([_spelled(keys, left, right), initial & (keys.begin[left] == keys.begin[right])])


def _never(pairs: Numbers) -> Flags:
    """Return the place of a level that is told by the whole name."""
    return np.zeros(len(pairs), bool)


def _spelled(keys: Keyed, left: Numbers, right: Numbers) -> Flags:
    """Return whether keys are equal, or one edit apart in a word of three letters or more."""
    long = np.minimum(keys.length[left], keys.length[right]) >= _LONG
    found: Flags = (left == right) | ((likeness.edits(keys.marks, left, right, 1) <= 1) & long)
    return found
