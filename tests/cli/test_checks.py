"""Rules that set rows aside, from the rule file to the file of rejects and back."""

from __future__ import annotations

import csv

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
