"""What is told by marks, without looking at the texts, is what the texts tell."""

from itertools import combinations

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA, JaroWinkler

from crmtool.core.comparators import coding, likeness, texts

_LEAST = 0.8
_WORDS = st.text(alphabet="abcаб9 @", max_size=9) | st.sampled_from(["ivanov", "ivanova", "ivaonv", "vonavi", "martha"])
_COLUMNS = st.lists(_WORDS, min_size=2, max_size=6, unique=True)
_KEYS = st.lists(
    st.lists(st.sampled_from(["zao", "luna", "lun", "volga", "b", "7"]), min_size=1, max_size=4)
    .map(sorted)
    .map(" ".join),
    min_size=2,
    max_size=6,
    unique=True,
)


def marked(values):
    """Return marked texts, and every two of them."""
    left, right = np.array(list(combinations(range(len(values)), 2))).T
    return likeness.marked(pl.Series(values, dtype=pl.String)), left, right


@given(_COLUMNS)
def test_edits(values):
    found = likeness.edits(*marked(values), 2)
    assert found.tolist() == [min(OSA.distance(*pair), 3) for pair in combinations(values, 2)]


@given(_COLUMNS)
def test_the_likeness_of_words(values):
    found = likeness.jaro_winkler(*marked(values), _LEAST)
    for score, pair in zip(found, combinations(values, 2), strict=True):
        whole = np.float32(JaroWinkler.similarity(*pair))
        assert score == whole if whole >= _LEAST else score < _LEAST


@given(_COLUMNS)
def test_the_likeness_of_letters(values):
    found = likeness.letters(*marked(values), _LEAST)
    for score, pair in zip(found, combinations(values, 2), strict=True):
        whole = np.float32(fuzz.ratio(*pair)) / 100
        assert score == whole if whole >= _LEAST else score < _LEAST


@given(_KEYS)
def test_without_a_word_in_common_all_words_are_all_letters(values):
    keys, left, right = marked(values)
    soon = texts.phrases(texts.phrased(keys), left, right)
    wordy = [" " in one + other for one, other in combinations(values, 2)]
    for level, pair, several in zip(soon, combinations(values, 2), wordy, strict=True):
        words = (
            (fuzz.token_set_ratio(*pair) + fuzz.token_sort_ratio(*pair)) / 200 if several else fuzz.ratio(*pair) / 100
        )
        expected = next((at for at, bar in enumerate((0.9, 0.75, 0.55), 3) if words >= bar - 1e-7), 6)
        assert level == expected


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1), st.sampled_from([1, 1000]))
def test_each_two_codes_are_asked_about_once(pairs, spread):
    """However far the codes lie apart: close ones are looked up in a table, others sorted."""
    left, right = (np.array(side, np.int32) * spread for side in zip(*pairs, strict=True))
    found = coding.distinct(left, right)
    once = list(zip(found.left.tolist(), found.right.tolist(), strict=True))
    assert len(set(once)) == len(once)
    assert [once[place] for place in found.place] == [
        tuple(sorted(p)) for p in zip(left.tolist(), right.tolist(), strict=True)
    ]
