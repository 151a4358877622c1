"""How alike two texts are: edits and common words, by rapidfuzz, over distinct pairs.

Texts come as places in a column of distinct values that is `marked` once: which signs each has. Texts of too many other
signs cannot be alike, which is told from two numbers, without looking at the texts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.process import cpdist

from crmtool.core.comparators import coding

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from crmtool.core.comparators.coding import Flags, Numbers

_SIGNS = 64
_AT_ONCE = 100_000  # texts
_SLIP = 0.01  # a likeness at the very bar is not told by the bar, which may round it down
_WIDE = 4  # bytes of a letter at most


@dataclass(frozen=True)
class Marked:
    """Distinct texts: a bit of 64 for the bytes each has, their lengths in bytes, and bytes of a letter at most."""

    texts: pl.Series
    signs: NDArray[np.uint64]
    length: Numbers
    width: int


def marked(texts: pl.Series) -> Marked:
    """Return texts with their marks."""
    length = texts.str.len_bytes().to_numpy().astype(np.int64)
    starts = range(0, len(texts), _AT_ONCE)
    signs = [np.zeros(0, np.uint64), *(_signs(texts.slice(start, _AT_ONCE).to_list()) for start in starts)]
    wide = bool((texts.str.len_chars().to_numpy() != length).any())
    return Marked(texts, np.concatenate(signs), length, _WIDE if wide else 1)


def unmarked(texts: pl.Series) -> Marked:
    """Return texts without marks: where each is compared once, marking costs more than it spares."""
    return Marked(texts, np.zeros(len(texts), np.uint64), np.zeros(len(texts), np.int64), 1)


def _signs(texts: list[str]) -> NDArray[np.uint64]:
    found = np.zeros(len(texts), np.uint64)
    filled = [text.encode() for text in texts if text]
    if filled:
        every = np.frombuffer(b"".join(filled), np.uint8).astype(np.uint64) % _SIGNS
        starts = np.cumsum([0, *map(len, filled)])[:-1]
        held = np.bitwise_or.reduceat(np.left_shift(np.uint64(1), every), starts)
        found[np.array([bool(text) for text in texts])] = held
    return found


def _perhaps(texts: Marked, left: Numbers, right: Numbers, most: Numbers | int) -> Flags:
    """Return which texts may be `most` letters apart: nothing more than missing or too many in one of them."""
    room = most * texts.width
    apart: Flags = np.bitwise_count(texts.signs[left] ^ texts.signs[right]) <= room
    apart &= np.abs(texts.length[left] - texts.length[right]) <= room
    return apart


def edits(texts: Marked, left: Numbers, right: Numbers, most: int) -> NDArray[np.int64]:
    """Return how many letters are missing, too many, other or swapped with their neighbour; more than `most`: one more.

    Optimal string alignment distance (Damerau 1964, in the restricted form). Another letter is one missing and one too
    many.
    """
    found = np.full(len(left), most + 1)
    near = np.flatnonzero(_perhaps(texts, left, right, 2 * most))
    sides = coding.texts(texts.texts, left[near]), coding.texts(texts.texts, right[near])
    found[near] = _asked(*sides, OSA.distance, np.int32, score_cutoff=most)
    return found


def jaro_winkler(texts: Marked, left: Numbers, right: Numbers, least: float) -> NDArray[np.float32]:
    """Return the likeness of short texts by Jaro and Winkler (1990), 0 to 1; where it is below `least` perhaps 0."""
    sides = coding.texts(texts.texts, left), coding.texts(texts.texts, right)
    return _asked(*sides, JaroWinkler.similarity, np.float32, score_cutoff=least - _SLIP)


def words(texts: Marked, left: Numbers, right: Numbers) -> NDArray[np.float32]:
    """Return the likeness of texts of several words, 0 to 1: the mean of what the words they share say and all words.

    The first alone takes two firms of one town for one, the second a firm and its name cut short for two.
    """
    sides = coding.texts(texts.texts, left), coding.texts(texts.texts, right)
    found: NDArray[np.float32] = _asked(*sides, fuzz.token_set_ratio, np.float32)
    found += _asked(*sides, fuzz.token_sort_ratio, np.float32)
    found /= 200
    return found


def letters(texts: Marked, left: Numbers, right: Numbers, least: float) -> NDArray[np.float32]:
    """Return the likeness of texts letter by letter, 0 to 1; where it is below `least` perhaps 0.

    Of all letters of both, those that have no fellow in the other.
    """
    found = np.zeros(len(left), np.float32)
    most = np.ceil((1 - least) * (texts.length[left] + texts.length[right])).astype(np.int64)
    near = np.flatnonzero(_perhaps(texts, left, right, most))
    sides = coding.texts(texts.texts, left[near]), coding.texts(texts.texts, right[near])
    found[near] = _asked(*sides, fuzz.ratio, np.float32, score_cutoff=100 * (least - _SLIP))
    found /= 100
    return found


def _asked(left: list[str], right: list[str], scorer: Any, dtype: Any, **wishes: Any) -> NDArray[Any]:  # noqa: ANN401  # rapidfuzz has no types for scorers
    if not left:
        return np.zeros(0, dtype)
    found: NDArray[Any] = cpdist(left, right, scorer=scorer, dtype=dtype, **wishes)
    return found
