"""`crmtool map`: columns shown, asked about, corrected, saved, and known again."""

import io
import sys

import pytest

from crmtool.cli import questions
from crmtool.core.rules import FieldRule, Fields

LIST = """Кто это;Связь;Сколько;Order guid
Иванов Иван Петрович;+7 916 000-00-01;5;a1
Петрова Мария Ивановна;+7 916 000-00-02;5;a2
Сидоров Олег Ильич;+7 916 000-00-03;7;a3
Белая Ольга Петровна;+7 916 000-00-04;8;a4
"""
SAID = ("--column", "Кто это=name", "--column", "Связь=phone")
FIELDS = Fields(
    field={"phone": FieldRule(title="Phone", headings=("Телефон",)), "name": FieldRule(title="Name")}, identity=()
)


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def listed(crm, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "list.csv").write_text(LIST, encoding="utf-8")
    return crm


def fields(ran):
    return {column["column"]: column["field"] for column in ran.document["columns"]}


def test_a_saved_mapping_knows_the_file_again_without_a_question(listed, workspace):
    assert listed("map", "list.csv", *SAID, "--save", "shop", "--region", "RU", "--source", "shop-24").code == 0
    ran = listed("map", "list.csv", "--json")
    assert (ran.document["mapping"], ran.document["source"], ran.document["region"]) == ("shop", "shop-24", "RU")
    assert ran.document["questions"] == []
    assert ran.document["key"] == ["Order guid"]
    assert fields(ran)["Кто это"] == "name"
    assert fields(ran)["Связь"] == "phone"
    assert listed("rules", "check").code == 0
    assert listed("import", "list.csv", "--yes").code == 0
    assert (workspace.rules_path / "mappings" / "shop.toml").stat().st_mode & 0o077 == 0


def test_a_mapping_is_not_replaced_without_a_yes(listed, workspace):
    path = workspace.rules_path / "mappings" / "shop.toml"
    assert listed("map", "list.csv", *SAID, "--save", "shop").code == 0
    before = path.read_text()
    ran = listed("map", "list.csv", *SAID, "--column", "Сколько=attr.sum", "--save", "shop")
    assert ran.code == 2
    assert "--yes" in ran.err
    assert path.read_text() == before
    assert listed("map", "list.csv", *SAID, "--column", "Сколько=attr.sum", "--save", "shop", "--yes").code == 0
    assert "attr.sum" in path.read_text()


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".x", "x.toml", "a b", "x" * 61, "\x1b[2J"])
def test_odd_names_are_refused(listed, workspace, name):
    before = sorted(workspace.root.rglob("*"))
    assert listed("map", "list.csv", *SAID, "--save", name).code in {0, 2}
    assert sorted(workspace.root.rglob("*")) == before


def test_nothing_is_saved_without_a_workspace(listed, monkeypatch):
    monkeypatch.delenv("CRMTOOL_WORKSPACE")
    assert listed("map", "list.csv", *SAID).code == 0
    assert listed("map", "list.csv", *SAID, "--save", "shop").code == 10


def test_a_person_is_asked_about_what_is_not_sure(listed, monkeypatch):
    open_ = [c["column"] for c in listed("map", "list.csv", "--json").document["columns"] if c["perhaps"]]
    assert open_
    monkeypatch.setattr(sys, "stdin", Terminal("\n" * len(open_)))
    ran = listed("map", "list.csv")
    assert all(f"What is the column '{column}'?" in ran.err for column in open_)
    assert "?" not in ran.out.replace("'", "")
    assert "you said so" in ran.out


def test_a_person_may_say_something_else_and_stop(listed, monkeypatch):
    monkeypatch.setattr(sys, "stdin", Terminal("?\nчепуха\ntags\n"))
    ran = listed("map", "list.csv")
    assert ran.code == 0
    assert "There is no field 'чепуха'." in ran.err
    assert "tags" in ran.out


def test_nobody_is_asked_with_yes_or_json(listed, monkeypatch):
    monkeypatch.setattr(sys, "stdin", Terminal(""))
    assert "What is" not in listed("map", "list.csv", "--yes").err
    assert listed("map", "list.csv", "--json").err == ""


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("", "email"),
        ("1", "email"),
        ("3", "ignore"),
        ("-", "ignore"),
        ("нет", "ignore"),
        ("phone.mobile", "phone.mobile"),
        ("зрщту", "phone"),
        ("телефон", "phone"),
        ("ІФЬУ", None),
        ("attr.NPS", "attr.NPS"),
        ("tags", "tags"),
        ("4", None),
        ("phon", None),
    ],
)
def test_answers_are_understood(typed, meant):
    assert questions.understood(typed, ("email", "name"), FIELDS) == meant


def test_nothing_offered_and_nothing_typed_is_nothing():
    assert questions.understood("", (), FIELDS) == "ignore"
