"""Tidy text and placeholders, for every normalizer."""

import unicodedata

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmtool.core.folding import folded
from crmtool.core.normalizers.cells import prepared, tidy
from crmtool.core.normalizers.registry import Settings, kinds, normalized

SETTINGS = Settings(region="RU", placeholders=frozenset({"нет", "N/A", "не указано"}))


@pytest.mark.parametrize("word", ["нет", "НЕТ", " Не\u00a0указано ", "n/a", "-", "—", "?", "...", "- -", "«»"])
@pytest.mark.parametrize("kind", ["text", "phone", "email", "person", "name_part", "vocabulary", "date"])
def test_a_placeholder_is_unknown_in_every_kind(kind, word):
    answer = normalized(kind, pl.Series([word]), SETTINGS).row(0, named=True)
    assert (answer["value"], answer["seq"], answer["clean"], answer["code"]) == (word, 0, None, "value.placeholder")


@pytest.mark.parametrize("kind", ["text", "phone", "email", "person", "name_part", "vocabulary", "date"])
@pytest.mark.parametrize("nothing", ["", " ", "\u00a0", "\x00\u200b"])
def test_nothing_is_nothing_and_no_finding(kind, nothing):
    answer = normalized(kind, pl.Series([nothing]), SETTINGS).row(0, named=True)
    assert (answer["clean"], answer["rule"], answer["code"]) == (None, None, None)


@pytest.mark.parametrize("kind", ["text", "phone", "email", "person", "name_part", "vocabulary", "date"])
def test_no_values_give_the_same_columns(kind):
    none = normalized(kind, pl.Series([], dtype=pl.String), SETTINGS)
    assert none.is_empty()
    assert none.schema == normalized(kind, pl.Series(["x"]), SETTINGS).schema


def test_every_kind_is_registered():
    assert {"text", "phone", "email", "person", "name_part", "vocabulary", "date"} <= set(kinds())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\u00a0\t b\r\n", "a b"),
        ("\ufeffq\u200b\x07", "q"),
        ("е\u0308ж", "ёж"),
        ("a\x1fb", "a b"),
        ("И\u00adван", "Иван"),
    ],
)
def test_tidy(text, expected):
    assert pl.select(tidy(pl.lit(text))).item() == expected


@settings(deadline=None)  # a shared machine is no fault of the code
@given(st.text(alphabet="aя \u00a0\t\n\x00\u200b\u0308\u0306е.и-", max_size=10) | st.text())
def test_tidying_twice_is_tidying_once(text):
    once = pl.select(tidy(pl.lit(text))).item()
    assert pl.select(tidy(pl.lit(once))).item() == once


def test_prepared_keeps_values_as_read():
    frame = prepared(pl.Series([" a ", "нет"]), SETTINGS)
    assert frame.rows() == [(" a ", "a", None), ("нет", None, "value.placeholder")]


WORDS = frozenset({"нет", "n/a", "не указано", "н. д.", "ёж", "йо", "no 1", "'x"})


def _is_marks(text):
    return bool(text) and all(unicodedata.category(character)[0] in "PSZ" for character in text)


@settings(deadline=None)  # a shared machine is no fault of the code
@given(
    st.sampled_from(sorted(WORDS)), st.text(alphabet="нетёеийo'`’‘№1/.- \u0308\u0306\u200bЕН\u00a0xXаＸ", max_size=4)
)
def test_a_text_is_a_placeholder_where_it_folds_to_one(word, other):
    texts = list(dict.fromkeys([word, word.upper(), word + other, other + word, other, word[:1] + other + word[1:]]))
    answers = prepared(pl.Series(texts), Settings(placeholders=WORDS))
    folds = {folded(text) for text in WORDS}
    tidied = pl.DataFrame({"text": texts}).select(tidy(pl.col("text")))["text"]
    expected = [folded(text) in folds or _is_marks(text) for text in tidied]
    assert [code is not None for code in answers["code"]] == expected
