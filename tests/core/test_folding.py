"""Folding: what counts as the same word, the law, and the vectorised way against the plain one."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmtool.core.folding import folded, folds

NAMES = st.text(alphabet="АЯЁЙйиёеїІґ'’ʼ`-–—‑ \u00a0\u0301\u0308\u200bßİAaZ09ﬁ.\n", max_size=12)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ЁЛКИН", "елкин"),
        ("е\u0308ж", "еж"),
        ("Дем’янчук", "дем'янчук"),
        ("Демʼянчук", "дем'янчук"),
        ("Dem`yanchuk", "dem'yanchuk"),
        ("Анна—Мария", "анна-мария"),
        ("Анна‑Мария", "анна-мария"),
        (" a\u00a0\t b \n", "a b"),
        ("ﬁrma\u200b", "firma"),
        ("a\x00b", "ab"),
        ("Straße", "strasse"),
        ("Андрей", "андрей"),
        ("Андреи", "андреи"),
        ("\u00ad", ""),
    ],
)
def test_same_word(text, expected):
    assert folded(text) == expected


@settings(deadline=None)  # a shared machine is no fault of the code
@given(st.text() | NAMES)
def test_folding_twice_is_folding_once(text):
    assert folded(folded(text)) == folded(text)


@settings(deadline=None)  # a shared machine is no fault of the code
@given(st.lists(st.none() | st.text() | NAMES, max_size=8))
def test_columns_fold_like_texts(texts):
    expected = [None if text is None else folded(text) for text in texts]
    for times in (1, 40):  # few are folded one by one
        assert folds(pl.Series("name", texts * times, pl.String)).to_list() == expected * times
