"""Headings in no list: what the shipped catalogue and the likeness of words make of them.

`headings.csv` holds invented headings and what they are ("" for no field of the contact, `|` between answers that are
both right). A new word or rule is tried there.
"""

import csv
from pathlib import Path

import pytest

from crmtool.core.imports import likeness
from crmtool.core.imports.guessing import SURE, chosen
from crmtool.core.imports.headings import said
from crmtool.core.imports.mapping import synonyms
from crmtool.io import rulebook

ROOT = Path(__file__).resolve().parents[3]
NAMES = synonyms(rulebook.loaded(ROOT / "rules").fields)
KNOWN = likeness.index(NAMES)


def cases():
    with (Path(__file__).parent / "headings.csv").open(encoding="utf-8", newline="") as file:
        return [(row["heading"], set(row["target"].split("|"))) for row in csv.DictReader(file)]


def sure(heading):
    """Return what a heading is surely, "" for nothing."""
    choice = chosen(heading, said([heading], NAMES).get(heading), KNOWN, {})
    return choice.target if choice.confidence >= SURE else ""


def score():
    """Return precision, recall and the wrong answers over all cases."""
    answers = [(heading, right, sure(heading)) for heading, right in cases()]
    given = [one for one in answers if one[2]]
    wanted = [one for one in answers if "" not in one[1]]
    good = [one for one in given if one[2] in one[1]]
    found = [one for one in wanted if one[2] in one[1]]
    return len(good) / len(given), len(found) / len(wanted), [one for one in answers if one[2] not in one[1]]


def test_the_list_is_long_and_has_traps():
    every = cases()
    assert len(every) >= 200
    assert sum("" in right for _, right in every) >= 60


def test_headings_are_known_with_few_faults():
    precision, recall, wrong = score()
    assert precision >= 0.98, wrong
    assert recall >= 0.95, wrong


@pytest.mark.parametrize("heading", [heading for heading, right in cases() if right == {""}])
def test_what_is_no_field_of_the_contact_is_none(heading):
    assert sure(heading) == ""


@pytest.mark.parametrize(
    ("one", "two"), [("phone", "phne"), ("phone", "phonee"), ("email", "emial"), ("a", "b"), ("", "a")]
)
def test_one_slip_apart(one, two):
    assert likeness.one_apart(one, two)
    assert likeness.one_apart(two, one)


@pytest.mark.parametrize(("one", "two"), [("phone", "photos"), ("abcd", "badc"), ("", "ab"), ("email", "emliaa")])
def test_two_slips_apart(one, two):
    assert not likeness.one_apart(one, two)


def test_a_label_that_is_left_over_is_kept():
    found, _ = likeness.guesses("Город доставки", likeness.index({"Город": "city"}))
    assert found[0].target == "city.shipping"


def test_a_heading_of_filling_words_is_known_by_itself_only():
    known = likeness.index({"Contact": "name", "Contact Number": "phone", "Number": "key"})
    assert likeness.guesses("Your contact", known)[0] == []
    assert likeness.guesses("Number of contact", known)[0][0].target in {"phone", "key"}
