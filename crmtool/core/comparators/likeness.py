"""How alike two texts are: edits and common words, by rapidfuzz, over distinct pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.process import cpdist

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MANY_EDITS = 3


def edits(left: list[str], right: list[str]) -> NDArray[np.int64]:
    """Return how many letters are missing, too many, other or swapped with their neighbour; 3 means three or more.

    Optimal string alignment distance (Damerau 1964, in the restricted form).
    """
    return _asked(left, right, OSA.distance, np.int32, score_cutoff=_MANY_EDITS - 1).astype(np.int64)


def jaro_winkler(left: list[str], right: list[str]) -> NDArray[np.float32]:
    """Return the likeness of short texts by Jaro and Winkler (1990), 0 to 1."""
    return _asked(left, right, JaroWinkler.similarity, np.float32)


def words(left: list[str], right: list[str]) -> NDArray[np.float32]:
    """Return the likeness of texts of several words, 0 to 1: the mean of what the words they share say and all words.

    The first alone takes two firms of one town for one, the second a firm and its name cut short for two.
    """
    found: NDArray[np.float32] = _asked(left, right, fuzz.token_set_ratio, np.float32)
    found += _asked(left, right, fuzz.token_sort_ratio, np.float32)
    found /= 200
    return found


def letters(left: list[str], right: list[str]) -> NDArray[np.float32]:
    """Return the likeness of texts letter by letter, 0 to 1."""
    found: NDArray[np.float32] = _asked(left, right, fuzz.ratio, np.float32)
    found /= 100
    return found


def _asked(left: list[str], right: list[str], scorer: Any, dtype: Any, **wishes: Any) -> NDArray[Any]:  # noqa: ANN401  # rapidfuzz has no types for scorers
    if not left:
        return np.zeros(0, dtype)
    found: NDArray[Any] = cpdist(left, right, scorer=scorer, dtype=dtype, **wishes)
    return found
