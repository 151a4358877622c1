"""Values that one contact only may have: against the base, against the rows above, and who is no somebody else."""

import shutil

import pytest

from crmtool.io import intake, rulebook
from crmtool.io.readers import files
from crmtool.io.readers.table import Options
from crmtool.io.store import Stamp, Store

HEAD = "ID,Имя,Фамилия,E-mail,ИНН\n"
ADA = "1,Ада,Вигадана,ada@x.example,7707083893\n"
EVA = "2,Ева,Вигадана,eva@x.example,7707083893\n"
STAMP = Stamp("olha", "2026-11-21T10:00:00+00:00")
WARNS = 'field = "tax_id"\nunique = true'
REJECTS = f'{WARNS}\nseverity = "error"'
TAKEN = (3, "tax_id", "7707083893")


@pytest.fixture
def place(tmp_path):
    shutil.copytree(rulebook.defaults(), tmp_path / "rules")
    return tmp_path


@pytest.fixture
def store(tmp_path):
    made = Store.create(tmp_path / "crm.db", "5" * 64)
    yield made
    made.close()


def asking(place, check):
    fields = place / "rules" / "fields.toml"
    text = fields.read_text(encoding="utf-8")
    fields.write_text(f'{text}\n[[check]]\nname = "one"\n{check}\n', encoding="utf-8")
    return rulebook.loaded(place / "rules")


def imported(store, rules, place, rows, source="crm"):
    """Import rows; return what is told of unique values, and the rows set aside with their reasons."""
    path = place / "list.csv"
    path.write_text(HEAD + rows, encoding="utf-8")
    parts = intake.prepared(files.parts(path, Options()), rules, intake.Wishes(source=source))
    light = (intake.lightened(part, rules) for part in parts)
    aside = []
    (plan,) = intake.plans(store, rules, light, "import", lambda part, plan: aside.append(part.rejects))
    store.apply(plan, STAMP)
    told = plan.findings.filter(plan.findings["code"] == "value.unique").select("row", "field", "value")
    (table, why) = aside[0]
    assert table.rows.to_list() == why["row"].to_list()
    return told.rows(), why.rows()


def test_the_second_row_with_a_value_is_told(store, place):
    rules = asking(place, WARNS)
    assert imported(store, rules, place, ADA + EVA) == ([TAKEN], [])


def test_an_error_sets_the_row_aside_and_what_is_corrected_comes_in(store, place):
    rules = asking(place, REJECTS)
    told, aside = imported(store, rules, place, ADA + EVA)
    reason = "ИНН: is the same for somebody else, against rule one (of one contact only)"
    assert (told, aside) == ([TAKEN], [(3, reason)])
    assert store.snapshot("contact", ["given_name"])["given_name"].to_list() == ["Ада"]
    assert store.snapshot("reject", ["row", "reasons"]).rows() == [(3, reason)]
    assert imported(store, rules, place, EVA.replace("7707083893", "500100732259")) == ([], [])
    assert store.snapshot("contact", ["given_name"])["given_name"].to_list() == ["Ада", "Ева"]


def test_the_base_is_asked_too(store, place):
    rules = asking(place, REJECTS)
    imported(store, rules, place, ADA)
    told, aside = imported(store, rules, place, EVA)
    assert ([row for row, *_ in told], [row for row, _ in aside]) == ([2], [2])


def test_nobody_is_somebody_else_to_himself(store, place):
    rules = asking(place, REJECTS)
    imported(store, rules, place, ADA)
    assert imported(store, rules, place, ADA) == ([], [])
    assert imported(store, rules, place, ADA, source="another list") == ([], [])  # joined by the e-mail
    assert imported(store, rules, place, ADA + ADA.replace("1,", "3,", 1), source="a third") == ([], [])
    assert imported(store, rules, place, ADA.replace("Вигадана", "Выдуманная")) == ([], [])


def test_a_channel_may_be_unique(store, place):
    rules = asking(place, 'field = "email"\nunique = true')
    imported(store, rules, place, ADA)
    other = "9,Борис,Інший,ada@x.example,\n"
    assert imported(store, rules, place, other)[0] == [(2, "email", "ada@x.example")]


def test_a_rule_asks_only_the_rows_it_is_about(store, place):
    rules = asking(place, f'kind = "company"\n{WARNS}')
    assert imported(store, rules, place, ADA + EVA) == ([], [])
