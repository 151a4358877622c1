"""What a steward may say: keys on three layouts, words, filters."""

from __future__ import annotations

import pytest

from crmtool.cli.review import asking
from crmtool.core.errors import UsageError
from crmtool.io.reviewing import Wanted

LATIN = "qwertyuiop[]asdfghjkl;'zxcvbnm,./"
LAYOUTS = ("йцукенгшщзхъфывапролджэячсмитьбю.", "йцукенгшщзхїфівапролджєячсмитьбю.")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_key_means_the_same_on_every_layout(layout):
    places = dict(zip(LATIN, layout, strict=True))
    for key in asking.KEYS:
        if key.key != "?":  # shift and the key of "/", which is a comma there
            assert places[key.key] in key.cyrillic, key.key


def test_no_key_means_two_things():
    every = [sign for key in asking.KEYS for sign in asking.layouts(key).split(",")]
    assert len(every) == len(set(every))


@pytest.mark.parametrize(
    ("line", "does"),
    [
        *(("y", "same"), (" Y \n", "same"), ("да", "same"), ("так", "same"), ("н", "same")),
        *(("нет", "different"), ("т", "different"), ("ні", "different"), ("s", "skip"), ("ы", "skip"), ("і", "skip")),
        *(("undo", "undo"), ("г", "undo"), ("й", "quit"), ("", None), ("yy", None), ("1", None)),
    ],
)
def test_a_line_says_what_its_key_or_its_word_says(line, does):
    assert asking.answer(line) == does


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", None),
        ("  ", None),
        ("петров", Wanted(words="петров")),
        ('owner="Инна Лисовая" source=event', Wanted(owner="Инна Лисовая", source="event")),
        ("score>=5", Wanted(least=5.0)),
        ("score<-1.5", Wanted(most=-1.5)),
        ("score=3", Wanted(least=3.0, most=3.0)),
        ("score>1 score<9 ann lee", Wanted(words="ann lee", least=1.0, most=9.0)),
    ],
)
def test_a_filter_is_read(text, wanted):
    assert asking.wanted(text) == wanted


@pytest.mark.parametrize("text", ["owner=", "city=Kyiv", "score~5", "score>x", 'owner="Inna'])
def test_a_filter_that_cannot_be_is_refused(text):
    with pytest.raises(UsageError):
        asking.wanted(text)
