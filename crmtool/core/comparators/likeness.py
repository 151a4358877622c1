"""How alike two texts are: edits and common words, by rapidfuzz, over distinct pairs.

Texts come as places in a column of distinct values that is `marked` once: which signs each has, and which twice. Texts
of too many other signs cannot be alike, which is told from two numbers, without looking at the texts.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.process import cpdist

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from crmtool.core.comparators.coding import Flags, Numbers

_KINDS = 32
_AT_ONCE = 20_000  # texts
_KEPT = 200_000  # texts
_SLIP = 0.01  # a likeness at the very bar is not told by the bar, which may round it down
_WIDE = 4  # bytes of a letter at most
_HEAD, _BONUS = 4, 0.1  # letters that count more where both begin with them, and by how much each (Winkler 1990)


@dataclass(frozen=True)
class Marked:
    """Distinct texts: what bytes each has (64 bits), their lengths in bytes, and bytes of a letter of each at most.

    `head` are the first four bytes; without marks it is none, and nothing can be told without the texts.
    """

    texts: pl.Series
    signs: NDArray[np.uint64]
    length: Numbers
    width: NDArray[np.uint8]
    head: NDArray[np.uint32] | None = None

    def of(self, codes: Numbers) -> list[str]:
        """Return the texts of codes; of texts of which there are not very many each is made once."""
        if len(self.texts) > _KEPT:
            found: list[str] = self.texts.gather(codes).to_list()
            return found
        return list(self._every[codes])

    @cached_property
    def _every(self) -> NDArray[np.object_]:
        return np.array(self.texts.to_list(), object)


def marked(texts: pl.Series) -> Marked:
    """Return texts with their marks."""
    length = texts.str.len_bytes().to_numpy().astype(np.int32)
    starts = range(0, len(texts), _AT_ONCE)
    marks = [_marks(texts.slice(start, _AT_ONCE).to_list()) for start in starts] or [_marks([])]
    width = np.where(texts.str.len_chars().to_numpy() != length, np.uint8(_WIDE), np.uint8(1))
    signs, head = (np.concatenate(part) for part in zip(*marks, strict=True))
    return Marked(texts, signs, length, width, head)


def unmarked(texts: pl.Series) -> Marked:
    """Return texts without marks: where each is compared once, marking costs more than it spares."""
    return Marked(texts, np.zeros(len(texts), np.uint64), np.zeros(len(texts), np.int64), np.ones(len(texts), np.uint8))


def _marks(texts: list[str]) -> tuple[NDArray[np.uint64], NDArray[np.uint32]]:
    """Return what bytes texts have, and the first four (nought where there are fewer)."""
    signs, head = np.zeros(len(texts), np.uint64), np.zeros(len(texts), np.uint32)
    filled = np.array([bool(text) for text in texts], bool)
    if filled.any():
        words = [text.encode() for text in texts if text]
        every = np.frombuffer(b"".join(words) + bytes(_HEAD), np.uint8)
        ends = np.cumsum([0, *map(len, words)])
        signs[filled] = _counted(every[:-_HEAD], ends)
        places = ends[:-1, None] + np.arange(_HEAD)
        first = np.where(places < ends[1:, None], every[places], 0).astype(np.uint8)
        head[filled] = first.view(">u4").ravel()
    return signs, head


def _counted(every: NDArray[np.uint8], ends: Numbers) -> NDArray[np.uint64]:
    """Return for texts that stand one behind the other two bits for each kind of sign: one is there, and another is.

    There are 32 kinds. No more bits differ than bytes are missing or too many.
    """
    key = np.repeat(np.arange(len(ends) - 1) * _KINDS, np.diff(ends)) + every % _KINDS
    key.sort()
    bit = np.left_shift(np.uint64(1), key.astype(np.uint64) % np.uint64(_KINDS))
    again = np.flatnonzero(key[1:] == key[:-1]) + 1
    bit[again] |= bit[again] << np.uint64(_KINDS)
    found: NDArray[np.uint64] = np.bitwise_or.reduceat(bit, ends[:-1])
    return found


def _perhaps(texts: Marked, left: Numbers, right: Numbers, most: Numbers | int) -> Flags:
    """Return which texts may be `most` letters apart: nothing more than missing or too many in one of them."""
    room = most * _wider(texts, left, right)
    apart: Flags = np.bitwise_count(texts.signs[left] ^ texts.signs[right]) <= room
    apart &= np.abs(texts.length[left] - texts.length[right]) <= room
    return apart


def _wider(texts: Marked, left: Numbers, right: Numbers) -> NDArray[np.uint8]:
    """Return bytes of a letter of two texts at most."""
    return np.maximum(texts.width[left], texts.width[right])


def edits(texts: Marked, left: Numbers, right: Numbers, most: int) -> NDArray[np.int64]:
    """Return how many letters are missing, too many, other or swapped with their neighbour; more than `most`: one more.

    Optimal string alignment distance (Damerau 1964, in the restricted form). Another letter is one missing and one too
    many.
    """
    found = np.full(len(left), most + 1)
    near = np.flatnonzero(_perhaps(texts, left, right, 2 * most))
    sides = texts.of(left[near]), texts.of(right[near])
    found[near] = _asked(*sides, OSA.distance, np.int32, score_cutoff=most)
    return found


def jaro_winkler(texts: Marked, left: Numbers, right: Numbers, least: float) -> NDArray[np.float32]:
    """Return the likeness of short texts by Jaro and Winkler (1990), 0 to 1; where it is below `least` perhaps 0."""
    found = np.zeros(len(left), np.float32)
    near = np.flatnonzero(_highest(texts, left, right) >= least - _SLIP)
    sides = texts.of(left[near]), texts.of(right[near])
    found[near] = _asked(*sides, JaroWinkler.similarity, np.float32, score_cutoff=least - _SLIP)
    return found


def _highest(texts: Marked, left: Numbers, right: Numbers) -> NDArray[np.float32]:
    """Return the most that the likeness by Jaro and Winkler can be: all signs that both have are taken for fellows."""
    if texts.head is None:
        return np.ones(len(left), np.float32)
    here, there = texts.signs[left], texts.signs[right]
    one, other = texts.length[left], texts.length[right]
    fellows = np.minimum(one - np.bitwise_count(here & ~there), other - np.bitwise_count(there & ~here))
    shares = fellows / np.maximum(one, 1) + fellows / np.maximum(other, 1) + 1
    apart = texts.head[left] ^ texts.head[right]
    begin = sum((apart >> np.uint32(8 * place) == 0).astype(np.float32) for place in range(_HEAD))
    jaro = (shares / 3).astype(np.float32)
    found: NDArray[np.float32] = jaro + begin * _BONUS * (1 - jaro)
    found[_wider(texts, left, right) > 1] = 1  # a letter of several bytes begins with those of others
    return found


def words(texts: Marked, left: Numbers, right: Numbers) -> NDArray[np.float32]:
    """Return the likeness of texts of several words, 0 to 1: the mean of what the words they share say and all words.

    The words of each stand in order. The first alone takes two firms of one town for one, the second a firm and its
    name cut short for two.
    """
    sides = texts.of(left), texts.of(right)
    found: NDArray[np.float32] = _asked(*sides, fuzz.token_set_ratio, np.float32)
    found += _asked(*sides, fuzz.ratio, np.float32)
    found /= 200
    return found


def letters(texts: Marked, left: Numbers, right: Numbers, least: float) -> NDArray[np.float32]:
    """Return the likeness of texts letter by letter, 0 to 1; where it is below `least` perhaps 0.

    Of all letters of both, those that have no fellow in the other.
    """
    found = np.zeros(len(left), np.float32)
    near = np.flatnonzero(may_be_like(texts, left, right, least))
    sides = texts.of(left[near]), texts.of(right[near])
    found[near] = _asked(*sides, fuzz.ratio, np.float32, score_cutoff=100 * (least - _SLIP))
    found /= 100
    return found


def may_be_like(texts: Marked, left: Numbers, right: Numbers, least: float, edits: int = 0) -> Flags:
    """Tell by their marks which texts may be alike by `least` (see `letters`), or so many `edits` apart."""
    most = np.ceil((1 - least) * (texts.length[left] + texts.length[right])).astype(np.int64)
    return _perhaps(texts, left, right, np.maximum(most, 2 * edits))


def _asked(left: list[str], right: list[str], scorer: Any, dtype: Any, **wishes: Any) -> NDArray[Any]:  # noqa: ANN401  # rapidfuzz has no types for scorers
    if not left:
        return np.zeros(0, dtype)
    found: NDArray[Any] = cpdist(left, right, scorer=scorer, dtype=dtype, **wishes)
    return found
