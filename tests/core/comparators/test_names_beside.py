"""Values side by side show the levels that the comparisons of rows with these values show."""

import random

import numpy as np
import polars as pl
import pytest

from crmtool.core.comparators import beside, channels, names, persons, texts

_CHANCE = random.Random(3)
_WORDS = [
    "Ромашка",
    "Romashka",
    "ромашки",
    "Вектор",
    "вектор плюс",
    "Plus Vector",
    "Ли",
    "Li",
    "Иванова-Петрова",
    "ΑΒΓ",
]
_GIVEN = ["Александр", "Саша", "Олександр", "А", "Анна", "Hanna", "Пётр", "Петр", "Sasha", "Alexsandr", "Li", "Ли"]
_DAYS = ["19800102", "19800201", "19800103", "19810102", "1980", "19991231", "1980010", "91800102"]
_NUMBERS = ["79161234567", "89161234567", "79161234576", "9161234567", "1234567", "123456", "74951112233"]
_BOXES = [
    "anna@a.example",
    "ana@a.example",
    "anna@other.example",
    "annna.lee@a.example",
    "anna.lee@a.example",
    "x@y.example",
]


def pairs(values, several=False):
    """Return pairs of different values as one column: the left ones, then the right ones."""
    some = [_CHANCE.sample(values, _CHANCE.randint(1, 3)) if several else _CHANCE.choice(values) for _ in range(600)]
    both = [(one, other) for one, other in zip(some[::2], some[1::2], strict=True) if not set(one) & set(other)]
    both = both if several else [(a, b) for a, b in zip(some[::2], some[1::2], strict=True) if a != b]
    return pl.Series([a for a, _ in both] + [b for _, b in both])


def compared(comparison, column):
    half = len(column) // 2
    return comparison.compare(np.arange(half), np.arange(half) + half).level.tolist()


def told(function, column, *more):
    half = len(column) // 2
    return beside.FUNCTIONS[function].answer(column.head(half), column.tail(half), *more).to_list()


@pytest.mark.parametrize(
    ("function", "make", "values"),
    [("crm_code", texts.code, ["101000", "101001", "1010", "220000", "SW1A"]), ("crm_day", texts.day, _DAYS)],
)
def test_codes_and_days(function, make, values):
    column = pairs(values)
    assert told(function, texts.signs(column)) == compared(make("x", column), column)


@pytest.mark.parametrize(
    ("function", "make", "values"),
    [
        ("crm_phone", channels.phone, _NUMBERS),
        ("crm_email", lambda name, column: channels.email(name, column, pl.DataFrame()), _BOXES),
    ],
)
def test_lists_of_phones_and_addresses(function, make, values):
    column = pairs(values, several=True)
    level = compared(make("x", column), column)
    assert told(function, beside.joined(column)) == level
    assert {2, 3, 4} <= set(level)


def test_texts_that_are_not_the_same_words():
    column = pairs(_WORDS)
    keys, level = texts.word_keys(names.folds(column)), compared(texts.text("x", column), column)
    other = [place for place, each in enumerate(level) if each > 2]
    assert [told("crm_text", keys)[place] for place in other] == [level[place] for place in other]


@pytest.mark.parametrize(
    ("function", "part"), [("crm_family", "family_name"), ("crm_given", "given_name"), ("crm_middle", "middle_name")]
)
def test_names_in_their_own_place(function, part):
    column = pairs(_GIVEN)
    people = persons.people(pl.DataFrame({part: column}))
    words = people.parts[part.removesuffix("_name")]
    half = len(column) // 2
    made = next(c for c in persons.comparisons(people) if c.name == part)
    letter = pl.Series(people.initial[words[:half]] | people.initial[words[half:]])
    more = [letter] if len(beside.FUNCTIONS[function].takes) == 3 else []
    found = told(function, people.keys.marks.texts.gather(people.key[words]), *more)
    level = compared(made, column)
    elsewhere = {1, 5}  # equal values are not asked about, and 5 is of the whole name
    assert [one for one, all_ in zip(found, level, strict=True) if all_ not in elsewhere] == [
        each for each in level if each not in elsewhere
    ]


def test_common_words_are_counted():
    left, right = pl.Series([["a", "b"], ["a"], None]), pl.Series([["b", "a", "c"], ["b"], ["a"]])
    assert beside.common(beside.joined(left), beside.joined(right)).to_list() == [2, 0, None]


@pytest.mark.parametrize("function", beside.FUNCTIONS)
def test_nothing_beside_something_is_not_known(function):
    made = beside.FUNCTIONS[function]
    letter = [pl.Series([False])] * (len(made.takes) - 2)
    assert made.answer(pl.Series([None], dtype=pl.String), pl.Series(["anna"]), *letter).to_list() == [None]
