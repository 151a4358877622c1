"""What the rules ask of rows: gathered from the catalogue, told in sentences, patterns that cannot run away."""

import datetime as dt
import time

import pytest

from crmtool.core.requirements import comparison, gathered, matcher, sentence, spoken, wrong_pattern
from crmtool.core.rules import Fields, Requirement


def test_what_is_asked_stands_at_the_file_at_fields_and_in_checks():
    fields = Fields(
        field={
            "city": {"title": "City", "required": "person", "severity": "error"},
            "note": {"title": "Note", "max_length": 9, "required_when": [{"field": "city", "equals": "Київ"}]},
            "owner": {"title": "Owner"},
        },
        identity=["name"],
        required=["name"],
        check=[{"name": "both", "at_least_one": ["phone", "email"]}],
    )
    assert [(rule.name, rule.severity, sentence(rule)) for rule in gathered(fields)] == [
        ("required", "error", "name filled"),
        ("city", "error", "of a person: city filled"),
        ("note", "warning", "if city is Київ: note filled"),
        ("note", "warning", "note at most 9 characters"),
        ("both", "warning", "phone or email filled"),
    ]


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        (
            {"field": "birthday", "min": dt.date(1900, 1, 1), "max": "today"},
            "birthday at least 1900-01-01, at most today",
        ),
        (
            {"field": ["city", "region"], "known": True, "unique": True},
            "city, region in its vocabulary, of one contact only",
        ),
        ({"compare": "birthday <= first_contact_on"}, "birthday <= first_contact_on"),
        ({"field": "note", "min": 0, "pattern": "a+"}, "note of the form a+, at least 0"),
        (
            {
                "kind": "company",
                "when": [{"field": "type"}, {"field": "city", "differs": ["a", "b"]}],
                "required": "phone",
            },
            "of a company: if type is filled and city is not a or b: phone filled",
        ),
        ({"when": [{"field": "type", "filled": False}], "required": "note"}, "if type is empty: note filled"),
    ],
)
def test_each_rule_says_what_it_asks(rule, told):
    assert sentence(Requirement(name="r", **rule)) == told


def test_a_finding_names_the_rule_in_its_own_words_or_says_what_it_asks():
    about = {"name": "r", "field": "note", "max_length": 3}
    assert spoken(Requirement(**about), "en") == "r (at most 3 characters)"
    assert spoken(Requirement(**about, message="Коротше"), "en") == "r (Коротше)"
    both = Requirement(**about, message={"en": "Shorter", "ru": "Короче"})
    assert (spoken(both, "en"), spoken(both, "ru")) == ("r (Shorter)", "r (Короче)")
    assert spoken(Requirement(**about, message={"ru": "Короче"}), "en") == "r (Короче)"
    assert spoken(Requirement(name="r", required="note"), "en") == "r"
    assert spoken(Requirement(name="r", at_least_one=["phone", "email"]), "en") == "r (phone or email)"


def test_comparisons_are_read_with_and_without_spaces():
    assert comparison("a<=b") == comparison(" a <= b ") == ("a", "<=", "b")
    assert comparison("a!=b").sign == "!="


@pytest.mark.parametrize("pattern", ["(a", "[z-a]", r"(a)\1", "(?=a)b", "a{5000}", "*"])
def test_what_is_no_pattern_is_told(pattern):
    assert wrong_pattern(pattern)


def test_a_pattern_is_for_the_whole_text_and_takes_its_time_from_the_text_alone():
    assert not wrong_pattern(r"[\pL]+")
    matches = matcher("a|ab")
    assert (matches("ab"), matches("abc"), matches("")) == (True, False, False)
    begun = time.perf_counter()
    assert not matcher("(a*)*(a*)*b")("a" * 50_000)
    assert time.perf_counter() - begun < 5
