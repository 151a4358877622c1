"""Vocabularies that learn: at the keyboard, by likeness, from the base and from a file."""

import io
import sys
import tomllib

import pytest


class Terminal(io.StringIO):
    """Somebody at a keyboard who has typed something."""

    def isatty(self):
        return True


@pytest.fixture
def people(tmp_path):
    path = tmp_path / "people.csv"
    rows = ["Ада,ada@x.example,инстаграммм", "Боб,bob@x.example,Дирижабль", "Ева,eva@x.example,Дирижабль"]
    path.write_text("Имя,Email,Источник\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def learn(crm, people, monkeypatch):
    def typed(text, *flags):
        monkeypatch.setattr(sys, "stdin", Terminal(text))
        return crm("rules", "learn", "source", "--from", people, "--column", "Источник", *flags)

    return typed


def values(crm_folder):
    path = next(crm_folder.rglob("rules/vocabularies/source.toml"))
    return tomllib.loads(path.read_text("utf-8"))["values"]


def test_what_is_not_known_comes_with_counts_and_the_nearest(learn):
    first, second = learn("", "--json").document
    assert (first["value"], first["rows"]) == ("Дирижабль", 2)
    assert (second["value"], second["near"][0]["canonical"]) == ("инстаграммм", "instagram")


@pytest.mark.parametrize("keys", ["n\na\n", "т\nф\n", "N\n1\n", "foo\nn\na\n"])
def test_answers_are_written_at_once(learn, crm, tmp_path, keys):
    assert learn(keys).code == 0
    known = values(tmp_path)
    assert known["Дирижабль"] == []
    assert known["instagram"][-1] == "инстаграммм"
    assert crm("rules", "check").code == 0
    assert learn("", "--json").document == []


@pytest.mark.parametrize("keys", ["s\nы\n", "q\n", "й\n", "", "\n\n"])
def test_nothing_is_taken_in_unasked(learn, tmp_path, keys):
    learn("", "--json")
    before = values(tmp_path)
    assert learn(keys).code == 0
    assert values(tmp_path) == before


def test_scripts_take_what_is_near_enough(learn, tmp_path):
    assert learn("", "--accept-nearest", "0.9").code == 0
    known = values(tmp_path)
    assert known["instagram"][-1] == "инстаграммм"
    assert "Дирижабль" not in known


def test_the_base_is_asked_as_well(crm, people):
    crm("import", people, "--yes")
    found = crm("rules", "learn", "source", "--json").document
    assert {each["value"]: each["rows"] for each in found} == {"Дирижабль": 2, "инстаграммм": 1}


def test_a_field_without_a_vocabulary_is_refused(crm, people):
    assert crm("rules", "learn", "email").code == 2
    assert crm("rules", "learn", "source", "--from", people, "--column", "Нет").code == 2
    assert crm("rules", "learn", "--from", people, "--column", "Источник").code == 2
