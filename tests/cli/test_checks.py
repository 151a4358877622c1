"""Rules that set rows aside, from the rule file to the file of rejects and back."""

from __future__ import annotations

import csv
from dataclasses import replace

import pytest

HEAD = "Имя,Фамилия,Email,Город,Дата рождения\n"
ROWS = "Анна,Вигадана,anna@x.example,,01.01.2999\nПётр,Котов,petr@x.example,Киев,02.03.1990\n"
CHECK = """
[[check]]
name = "post"
required = "city"
severity = "error"
message = "Куда слать?"

[[check]]
name = "born"
field = "birthday"
max = "today"
severity = "error"
"""


@pytest.fixture
def people(workspace, tmp_path):
    fields = workspace.rules_path / "fields.toml"
    fields.write_text(fields.read_text(encoding="utf-8") + CHECK, encoding="utf-8")
    path = tmp_path / "people.csv"
    path.write_text(HEAD + ROWS, encoding="utf-8")
    return path


def test_rejected_rows_say_all_reasons_and_come_in_once_they_are_corrected(crm, workspace, people):
    first = crm("import", people, "--yes", "--json")
    assert (first.code, first.document["facts"]["new"], first.document["facts"]["rejected"]) == (3, 1, 1)
    path = workspace.root / "rejects" / "people.rejected.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    reasons = (
        "Город: is empty, against rule post (Куда слать?);"
        " Дата рождения: lies outside the bounds of rule born (at most today)"
    )
    assert (row["Имя"], row["crmtool_row"], row["crmtool_reason"]) == ("Анна", "2", reasons)

    text = path.read_text(encoding="utf-8-sig")
    path.write_text(text.replace("01.01.2999", "01.01.1999").replace("example,,", "example,Львів,"), encoding="utf-8")
    again = crm("import", path, "--yes", "--json")
    assert (again.code, again.document["facts"]["new"], again.document["facts"]["rejected"]) == (0, 1, 0)
    assert len(crm("contacts", "list", "--json").document) == 2


def test_rules_are_told_in_sentences(crm, people):
    ran = crm("rules", "check", "--json")
    assert {"severity": "error", "name": "post", "asks": "city filled"} in ran.document["checks"]
    assert "birthday at most today" in crm("rules", "check").out


def test_the_profile_counts_them(crm, people):
    told = crm("profile", people, "--json").document
    assert told["files"][0]["rejected"] == {"value.required": 1}


def test_cleaning_tells_what_an_import_would_set_aside_and_writes_all_rows(crm, people, tmp_path):
    out, report = tmp_path / "clean.csv", tmp_path / "said.csv"
    ran = crm("clean", people, "-o", out, "--report", report, "--json")
    assert (ran.code, ran.document["errors"], ran.document["rows"]) == (3, 2, 2)
    with report.open(encoding="utf-8-sig", newline="") as file:
        said = {(row["row"], row["field"], row["code"]) for row in csv.DictReader(file) if row["severity"] == "error"}
    assert said == {("2", "city", "value.required"), ("2", "birthday", "value.range")}
    assert len(out.read_text(encoding="utf-8-sig").splitlines()) == 3
    people.write_text(HEAD + ROWS.splitlines()[1] + "\n", encoding="utf-8")
    assert crm("clean", people, "--json").code == 0


def test_a_second_row_with_a_value_that_one_only_may_have_is_told_in_any_part(crm, workspace, people, monkeypatch):
    from crmtool.io.readers import files

    fields = workspace.rules_path / "fields.toml"
    once = '\n[[check]]\nname = "once"\nfield = "email"\nunique = true\n'
    fields.write_text(fields.read_text(encoding="utf-8").replace(CHECK, once), encoding="utf-8")
    mails = ("anna@x.example", "ada@x.example", "anna@x.example", "ada@x.example")
    people.write_text("Имя,Email\n" + "".join(f"Ада,{mail}\n" for mail in mails), encoding="utf-8")

    def told():
        ran = crm("clean", people, "--report", people.with_name("said.csv"), "--force", "--json")
        with people.with_name("said.csv").open(encoding="utf-8-sig", newline="") as file:
            return ran.code, [row["row"] for row in csv.DictReader(file) if row["code"] == "value.unique"]

    assert told() == (0, ["4", "5"])
    whole = files.read(people)
    pieces = [replace(whole, cells=whole.cells.slice(n, 1), rows=whole.rows.slice(n, 1)) for n in range(4)]
    monkeypatch.setattr(files, "parts", lambda *_: iter(pieces))
    assert told() == (0, ["4", "5"])


def test_refreshing_checks_by_the_rules_as_they_are_now(crm, workspace, people):
    fields = workspace.rules_path / "fields.toml"
    text = fields.read_text(encoding="utf-8")
    fields.write_text(text.replace(CHECK, ""), encoding="utf-8")
    assert crm("import", people, "--yes").code == 0
    fields.write_text(text + '\n[[check]]\nname = "once"\nfield = "city"\nunique = true\n', encoding="utf-8")
    more = people.with_name("more.csv")
    more.write_text("Имя,Фамилия,Email,Город\nЕва,Жук,eva@x.example,Киев\n", encoding="utf-8")
    crm("import", more, "--yes")
    ran = crm("refresh", "--dry-run", "--json")
    told = ran.document["findings"]
    assert (ran.code, told["value.range"], told["value.unique"]) == (0, 2, 1), (
        "by the rule here and the one that comes with crmtool"
    )
    assert told["value.required"] >= 1
    assert "lies outside the bounds of rule born" in crm("refresh", "--dry-run").out.replace("\n", " ")
