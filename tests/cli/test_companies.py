"""Companies that are merged: their people show the company that is left, and get the old name back when they part."""

import json

import pytest

from crmtool.io import workspace as workspaces

COMPANIES = """Название компании,E-mail
ООО «Ромашка»,info@romashka.example
ООО «Ромашка Плюс»,plus@romashka-plus.example
ООО «Лютик»,info@lutik.example
"""
PEOPLE = """Имя,Фамилия,Компания,E-mail
Анна,Орлова,ООО «Ромашка Плюс»,anna@x.example
Иван,Петров,ООО «Ромашка»,ivan@x.example
Ольга,Белова,ООО «Лютик»,olga@x.example
"""


@pytest.fixture
def crm(crm, tmp_path, monkeypatch):
    """Run commands in a workspace of three companies and a person of each."""
    made = workspaces.created(tmp_path / "crm")
    monkeypatch.setenv(workspaces.VARIABLE, str(made.root))
    monkeypatch.chdir(tmp_path)
    for name, text in (("companies", COMPANIES), ("people", PEOPLE)):
        (tmp_path / f"{name}.csv").write_text(text, "utf-8")
        assert crm("import", f"{name}.csv", "--source", name, "--yes").code == 0
    return crm


def companies_of(crm, tmp_path):
    """Return the company of each person as an export has it, and as it is shown."""
    assert crm("export", "kind = 'person'", "-o", "people.jsonl", "--profile", "plain", "--force").code == 0
    lines = (tmp_path / "people.jsonl").read_text("utf-8").splitlines()
    exported = {int(person["ID"]): person["Company"] for person in map(json.loads, lines)}
    facts = {contact: crm("contacts", "show", contact, "--json").document for contact in exported}
    shown = {n: (f["merged_company"] or f["golden"])["company"] for n, f in facts.items()}
    assert shown == exported
    return exported


def test_people_keep_their_company_through_a_merge_and_get_its_name_back(crm, tmp_path):
    before = companies_of(crm, tmp_path)
    assert len(set(before.values())) == 3
    assert crm("duplicates", "merge", 1, 2, "--yes").code == 0
    merged = companies_of(crm, tmp_path)
    left = crm("contacts", "show", 1, "--json").document["golden"]["company"]
    assert merged == {4: left, 5: left, 6: before[6]}
    gone = next(name for name in before.values() if name not in merged.values())
    assert f"formerly {gone}" in "".join(crm("contacts", "show", n).out for n in before)
    assert crm("duplicates", "unmerge", 1, 2, "--yes").code == 0
    assert companies_of(crm, tmp_path) == before


def test_people_of_a_merged_company_are_found_by_either_name(crm):
    people = {contact: crm("contacts", "show", contact, "--json").document["golden"]["company"] for contact in (4, 5)}
    assert crm("duplicates", "merge", 1, 2, "--yes").code == 0
    left = crm("contacts", "show", 1, "--json").document["golden"]["company"]
    (gone,) = {*people.values()} - {left}
    (own,) = (contact for contact, name in people.items() if name == left)

    def found(*words):
        return {row["id"] for row in crm("contacts", *words, "--json").document if row["id"] > 3}

    for text in (f"company = '{left}'", f"company in ('{left}', 'x')", f"starts_with(company, '{left}')"):
        assert found("list", "--where", text) == {4, 5}
    assert found("list", "--where", f"company = '{gone}'") == {4, 5} - {own}
    assert found("list", "--where", f"not company = '{left}'") == {6}
    assert found("find", left) == {4, 5}
    assert crm("duplicates", "unmerge", 1, 2, "--yes").code == 0
    assert found("list", "--where", f"company = '{left}'") == {own}
    assert found("find", left) == {contact for contact, name in people.items() if left in name}


def test_a_name_that_another_company_has_today_leads_nowhere(crm, tmp_path):
    before = companies_of(crm, tmp_path)
    (tmp_path / "more.csv").write_text("Название компании,E-mail\nООО «Ромашка»,other@pole.example\n", "utf-8")
    assert crm("import", "more.csv", "--source", "more", "--yes").code == 0
    assert crm("duplicates", "merge", 1, 2, "--yes").code == 0
    left = crm("contacts", "show", 1, "--json").document["golden"]["company"]
    assert companies_of(crm, tmp_path) == (before if left == before[4] else {**before, 4: left})
