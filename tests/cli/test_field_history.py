"""What a field of a contact was, and when."""

import json
from pathlib import Path

import pytest
from commands import FIXED, ran

LIST = "name;phone;email;city\nАнна Ветрова;+79160000102;anna@pochta.example;Самара\nОлег Чиж;;o@x.example;Тверь\n"
OWN = '[field."attr.wish"]\ntitle = "Wish"\nkind = "text"\nheadings = ["Wish"]\n'
STEPS = """import list.csv
contacts set 1 city=Казань
undo 2
contacts set 1 phone=+79160000103
contacts set 1 attr.wish=tea
contacts set 1 attr.wish=cake
undo 6
undo 5
duplicates merge 1 2"""


@pytest.fixture(scope="module", autouse=True)
def base(tmp_path_factory):
    """Work in a folder with a base of two people, joined in the end; the tests only read."""
    place = tmp_path_factory.mktemp("fields")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        for name, value in {**FIXED, "CRMTOOL_WORKSPACE": str(place / "crm")}.items():
            patch.setenv(name, value)
        Path("list.csv").write_text(LIST, "utf-8")
        assert ran("init", "crm")[0] == 0
        with Path("crm/rules/fields.toml").open("a", encoding="utf-8") as rules:
            rules.write(OWN)
        for step in STEPS.splitlines():
            code, _, err = ran(*step.split(), "--yes")
            assert code == 0, (step, err)
        yield


def told(*words):
    lines = json.loads(ran("history", "--contact", *words, "--json")[1])
    return [(line["changeset"], line["field"], line["before"], line["after"]) for line in lines]


def test_every_value_a_field_had_is_told():
    assert told("1", "--field", "phone") == [
        (1, "phone", None, "+79160000102"),
        (1, "phone (one of)", None, "+79160000102"),
        (4, "phone", "+79160000102", "+79160000103"),
        (4, "phone (one of)", None, "+79160000103"),
    ]


def test_both_contacts_of_a_merge_are_told():
    assert told("2", "--field", "city") == [
        (1, "city", None, "Самара"),
        (1, "city", None, "Тверь"),
        (2, "city", "Самара", "Казань"),
        (3, "city", "Казань", "Самара"),
        (9, "city", "Самара", "Тверь"),  # the newer one survives
        (9, "city", "Тверь", None),
    ]


def test_a_field_of_the_workspace_that_came_and_went():
    assert told("1", "--field", "attr.wish") == [
        (5, "attr.wish", None, "tea"),
        (6, "attr.wish", "tea", "cake"),
        (7, "attr.wish", "cake", "tea"),
        (8, "attr.wish", "tea", None),
    ]


def test_who_and_when_stand_on_the_screen():
    shown = ran("history", "--contact", "1", "--field", "city")[1]
    assert "2026-11-21 09:30" in shown
    assert "olha" in shown


@pytest.mark.parametrize(
    "words", [("--contact", "99"), ("--contact", "1", "--field", "cty"), ("--field", "city"), ("1", "--contact", "1")]
)
def test_what_cannot_be_told_is_said(words):
    assert ran("history", *words)[0] == 2
