"""What pairs of values are to each other, whatever the alphabet, the order and the slips."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmtool.core.comparators import channels, coding, persons, texts
from crmtool.core.comparators.comparison import SILENT


def level(comparison, left=0, right=1):
    """Return the words for what two rows are to each other; None: unknown."""
    found = int(comparison.compare(np.array([left]), np.array([right])).level[0])
    return comparison.levels[found - 1] if found != SILENT else None


def name(part, one, other):
    """Return what a part of two names is; a name is (given, middle, family)."""
    columns = ("given_name", "middle_name", "family_name")
    parties = pl.DataFrame([one, other], schema=dict.fromkeys(columns, pl.String), orient="row")
    compared = {c.name: c for c in persons.comparisons(persons.people(parties))}
    return level(compared[part])


# -- names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Иванов", "Иванов", "same"),
        ("Щербаков", "Shcherbakov", "another spelling, or one letter off"),
        ("Иванов", "Иванова", "another spelling, or one letter off"),
        ("Петренко", "Петернко", "another spelling, or one letter off"),
        ("Достоевский", "Достоевская", "nearly the same"),
        ("Ким", "Лим", "another spelling, or one letter off"),
        ("Ли", "Ни", "different"),  # in two letters one edit is no slip
        ("Иванов", "Сидоров", "different"),
        ("Иванов", None, None),
    ],
)
def test_family_names(one, other, expected):
    assert name("family_name", ("Иван", None, one), ("Иван", None, other)) == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Александр", "Саша", "another spelling or a short form"),
        ("Олександр", "Alexander", "another spelling or a short form"),
        ("William", "Bill", "another spelling or a short form"),
        ("Саша", "Шура", "another spelling or a short form"),
        ("Иван", "И.", "an initial"),
        ("Иван", "П.", "different"),
        ("Андрей", "Андреи", "another spelling or a short form"),
        ("Мария", "Пётр", "different"),
    ],
)
def test_given_names(one, other, expected):
    assert name("given_name", (one, None, "Ким"), (other, None, "Ким")) == expected


def test_a_name_in_another_order_is_found():
    one, other = ("Thomas", None, "Gabriel"), ("Gabriel", None, "Thomas")
    assert name("family_name", one, other) == name("given_name", one, other) == "elsewhere in the name"


def test_one_word_that_both_have_counts_once():
    one, other = ("Frank", None, "Cobden"), ("Cobden", None, None)
    assert name("family_name", one, other) == "elsewhere in the name"
    assert name("given_name", one, other) is None


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Иванович", "Иванович", "same"),
        ("Иванович", "И", "an initial"),
        ("Иванович", "Петрович", "different"),
        ("Иванович", None, None),
    ],
)
def test_patronymics(one, other, expected):
    assert name("middle_name", ("Иван", one, "Ким"), ("Иван", other, "Ким")) == expected


# -- texts, codes, days -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Ромашка", "РОМАШКА", "same"),
        ("Ромашка", "Romashka", "same, spelled otherwise"),
        ("hotel bel-air", "Bel-Air Hotel", "same, spelled otherwise"),
        ("London", "Lonon", "nearly the same"),
        ("Ромашка", "Лютик", "different"),
        ("Ромашка", None, None),
    ],
)
def test_texts(one, other, expected):
    assert level(texts.text("company", pl.Series([one, other]))) == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("SW1P 1JW", "sw1p1jw", "same"),
        ("SW1P 1JW", "SW1P 1JX", "one sign off"),
        ("SW1P 1JW", "SW1P 9AB", "same beginning"),
        ("SW1P 1JW", "EC2Y 9HT", "different"),
    ],
)
def test_codes(one, other, expected):
    assert level(texts.code("postcode", pl.Series([one, other]))) == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("1980-10-13", "1980-10-13", "same"),
        ("1980-10-13", "1980-10-18", "one digit off, or day and month exchanged"),
        ("1980-10-03", "1980-03-10", "one digit off, or day and month exchanged"),
        ("1980-10-13", "1975-10-13", "two parts of three"),
        ("1980-10-13", "1980-04-28", "same year"),
        ("1980-10-13", "1979-04-28", "different"),
    ],
)
def test_days(one, other, expected):
    found = level(texts.day("birthday", pl.Series([one, other])))
    assert found == expected


# -- channels ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (["+79161234567"], ["+7 916 123-45-67"], "same"),
        (["+79161234567"], ["89161234567"], "same last digits"),
        (["+79161234567"], ["+79161234568"], "one digit off"),
        (["+79161234567", "+74950001122"], ["+380501112233", "+74950001122"], "same"),
        (["+79161234567"], ["+380501112233"], "different"),
        ([], ["+380501112233"], None),
        (None, ["+380501112233"], None),
    ],
)
def test_phones(one, other, expected):
    values = pl.Series([one, other], dtype=pl.List(pl.String))
    assert level(channels.phone("phone", values)) == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("kot85@pochta.example", "KOT85@pochta.example", "same"),
        ("kot.85+shop@gmail.com", "kot85@googlemail.com", "same"),
        ("kot.85@pochta.example", "kot85@pochta.example", "one sign off"),
        ("kot85@pochta.example", "kot85@pochat.example", "one sign off"),
        ("kot85@pochta.example", "kot85@firma.example", "same box at another domain"),
        ("kot85@pochta.example", "lis@firma.example", "different"),
        ("i.petrov@pochta.example", "i.petrov@pochta.example", "same (made from the name)"),
        ("i.petrov@pochta.example", "i.petrov@firma.example", "same box at another domain (made from the name)"),
    ],
)
def test_addresses(one, other, expected):
    called = pl.DataFrame({"given_name": ["Иван", "Иван"], "family_name": ["Петров", "Петров"]})
    values = pl.Series([[one], [other]])
    assert level(channels.email("email", values, called)) == expected


def test_a_number_that_many_have_is_shared_by_others():
    numbers = pl.Series([["+74950001122"]] * 40 + [["+79161234567"]] * 2)
    found = channels.phone("phone", numbers).compare(np.array([0, 40]), np.array([1, 41]))
    assert found.share[0] == pytest.approx(38 / 42)
    assert found.share[1] == pytest.approx(coding.OWN / 42)


# -- laws -------------------------------------------------------------------------------------------------------------

_WORDS = st.one_of(
    st.none(), st.sampled_from(["Иван", "И", "Ivan", "Саша", "Ким", "Мария-Анна", "O'Neil", "Йозеф", ""])
)
_ROW = st.tuples(_WORDS, _WORDS, _WORDS)


@given(st.lists(_ROW, min_size=2, max_size=6))
def test_comparing_names_is_symmetric(rows):
    columns = ("given_name", "middle_name", "family_name")
    parties = pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")
    _symmetric(persons.comparisons(persons.people(parties)), len(rows))


@given(st.lists(st.one_of(st.none(), st.text(alphabet="аяab 12.-", max_size=6)), min_size=2, max_size=6))
def test_comparing_values_is_symmetric(values):
    column = pl.Series(values, dtype=pl.String)
    known = column.replace("", None)
    _symmetric([texts.text("x", known), texts.code("x", known), texts.day("x", known)], len(values))
    _symmetric([channels.phone("x", column), channels.email("x", column, pl.DataFrame())], len(values))


def _symmetric(comparisons, rows):
    left, right = (side.ravel() for side in np.meshgrid(np.arange(rows), np.arange(rows)))
    for comparison in comparisons:
        one, other = comparison.compare(left, right), comparison.compare(right, left)
        assert (one.level == other.level).all()
        assert np.array_equal(one.share, other.share, equal_nan=True)
