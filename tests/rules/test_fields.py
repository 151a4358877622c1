"""The field catalogue: whole, and every heading known by one field only."""

import tomllib
from pathlib import Path

import pytest

from crmtool.core import model
from crmtool.core.rules import FieldRule, Fields, field_of, label_of

RULES = Path(__file__).resolve().parents[2] / "rules"
FIELDS = Fields.model_validate(tomllib.loads((RULES / "fields.toml").read_text(encoding="utf-8")))


def bare(heading: str) -> str:
    """Return only the letters and digits: the strictest reading of "case, spaces and punctuation do not matter"."""
    return "".join(letter for letter in heading.casefold().replace("ё", "е") if letter.isalnum() and letter != "ʼ")


def test_every_field_of_a_contact_is_in_the_catalogue():
    expected = {"name", *model.FIELDS, *model.CHANNELS, "tags", "key", "verified_on"}
    assert {field_of(name) for name in FIELDS.field} == expected


def test_a_heading_stands_at_one_field_only():
    homes: dict[str, set[str]] = {}
    for name, rule in FIELDS.field.items():
        for heading in (name, rule.title, *rule.headings):  # a field is known by its own name and title too
            homes.setdefault(bare(heading), set()).add(name)
    assert {heading: sorted(names) for heading, names in homes.items() if len(names) > 1} == {}


def test_a_heading_is_listed_once_at_its_field():
    for name, rule in FIELDS.field.items():
        spelled = [heading.casefold() for heading in rule.headings]
        assert sorted(spelled) == sorted(set(spelled)), name


@pytest.mark.parametrize("name", [name for name in FIELDS.field if label_of(name)])
def test_a_label_is_of_a_channel_and_has_its_kind(name):
    assert field_of(name) in model.CHANNELS
    kind = FIELDS.field[name].kind
    assert kind == FIELDS.field[field_of(name)].kind or name == f"messenger.{kind}"


@pytest.mark.parametrize(("name", "rule"), FIELDS.field.items())
def test_a_vocabulary_field_names_its_vocabulary(name: str, rule: FieldRule):
    by_vocabulary = {"vocabulary", "city", "country", "region", "company", "job_title"}
    assert rule.kind != "vocabulary" or rule.vocabulary is not None, name
    assert rule.vocabulary is None or rule.kind in by_vocabulary, name


def test_every_identity_field_is_in_the_catalogue():
    assert set(FIELDS.identity) <= set(FIELDS.field)


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("Имя", "given_name"),
        ("ПІБ", "name"),
        ("Ім’я", "given_name"),
        ("E-mail", "email"),
        ("мобильный телефон", "phone.mobile"),
        ("Job title", "job_title"),
        ("По батькові", "middle_name"),
    ],
)
def test_common_headings_are_known(heading, field):
    homes = {bare(known): name for name, rule in FIELDS.field.items() for known in rule.headings}
    assert homes[bare(heading)] == field
