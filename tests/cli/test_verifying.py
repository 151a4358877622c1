"""Verifications by hand and from files, and the archive: what is kept and refused, and that all of it is undone."""

from __future__ import annotations

import shlex
import shutil

import openpyxl
import polars as pl
import pytest
from commands import asked, ran, surroundings

from crmtool.core import model
from crmtool.io import workspace


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    place = tmp_path_factory.mktemp("base")
    with surroundings(place):
        assert ran("init", "crm")[0] == 0
        assert ran("import", "bitrix_export_cp1251.csv", "--yes")[0] in {0, 3}
    return place


@pytest.fixture
def place(base, tmp_path):
    copy = tmp_path / "place"
    shutil.copytree(base, copy)
    with surroundings(copy):
        yield copy


def content(place):
    store = workspace.Workspace(place / "crm").open_store()
    try:
        return {
            name: store.snapshot(name, [c for c in columns if c != "changeset_id"])
            for name, columns in model.TABLES.items()
        }
    finally:
        store.close()


def undone(place, before, *command):
    """Run a command, see that it wrote, take it back, and see that the base says what it said before."""
    done = asked(*command, "--yes")
    assert done["changeset"]
    assert asked("undo", str(done["changeset"]), "--yes")["changeset"]
    after = content(place)
    assert [name for name in before if not before[name].equals(after[name])] == []


def verifications(place):
    rows = content(place)["verification"].filter(pl.col("method") != "import")
    return rows.select("contact_id", "field", "value", "outcome", "on", "method").rows()


def test_a_value_as_it_should_be_is_set_and_confirmed_and_the_old_one_is_wrong(place):
    before = content(place)
    command = ("contacts", "verify", "1", "--field", "phone", "--method", "call", "--found-wrong", "--value")
    undone(place, before, *command, "+7 916 000-01-77")
    assert ran(*command, "+7 916 000-01-77", "--yes")[0] == 0
    assert verifications(place) == [
        (1, "phone", "+79160000101", "wrong", "2026-11-21", "call"),
        (1, "phone", "+79160000177", "confirmed", "2026-11-21", "call"),
    ]
    assert content(place)["contact"].filter(pl.col("id") == 1)["phone"].item() == "+79160000177"


def test_a_report_of_a_mailing_tool_is_kept_by_address_and_only_once(place):
    lines = [
        "Email;Статус;Дата",
        "I.PETROV@romashka.example;Hard: unknown user;20.11.2026",
        "nobody@x.ua;delivered;20.11.2026",
        "o.ivanova@romashka.example;strange;20.11.2026",
        "o.ivanova@romashka.example;delivered;then",
        "o.ivanova@romashka.example;;20.11.2026",
    ]
    (place / "report.csv").write_text("\n".join(lines) + "\n", "utf-8")
    before = content(place)
    code, out, err = ran("contacts", "verify", "--from", "report.csv", "--method", "mailing", "--yes")
    assert code == 3, err
    assert verifications(place) == [(1, "email", "i.petrov@romashka.example", "wrong", "2026-11-20", "mailing")]
    assert "Answers: 1 wrong; 1 rows say nothing." in out
    assert [out.count(f"\n  {row}   ") for row in (2, 3, 4, 5, 6)] == [0, 1, 1, 1, 0]
    again = asked_any("contacts", "verify", "--from", "report.csv", "--method", "mailing", "--yes")
    assert again["changeset"] is None
    assert ran("undo", "2", "--yes")[0] == 0
    after = content(place)
    assert [name for name in before if not before[name].equals(after[name])] == []


def asked_any(*arguments):
    import json

    return json.loads(ran(*arguments, "--json")[1])


@pytest.mark.parametrize(("language", "answer"), [("en", "confirmed"), ("ru", "Подтверждено"), ("uk", "підтверджено")])
def test_a_work_list_comes_back_filled_in(place, language, answer):
    assert ran("audit", "-o", "work.xlsx", "--lang", language)[0] == 0
    book = openpyxl.load_workbook(place / "work.xlsx")
    sheet = book.worksheets[0]
    first, second = ([cell.value for cell in sheet[row]] for row in (2, 3))
    sheet.cell(2, 10).value = answer
    sheet.cell(3, 10).value = "wrong"
    sheet.cell(3, 11).value = "nothing of the kind"
    sheet.cell(3, 12).value = "2026-11-19"
    book.save(place / "work.xlsx")
    code, out, err = ran("contacts", "verify", "--from", "work.xlsx", "--sheet", sheet.title, "--yes")
    assert (code, err) == (3, "")
    assert sorted(verifications(place)) == sorted(
        [
            (int(first[0]), first[2], first[3], "confirmed", "2026-11-21", "list"),
            (int(second[0]), second[2], second[3], "wrong", "2026-11-19", "list"),
        ]
    )
    assert "nothing of the kind" in out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Name\nAnn\n", "No column of list.csv says whose value was checked."),
        ("Email\na@x.ua\n", "No column of list.csv says what was found out."),
    ],
)
def test_a_file_that_says_nothing_is_refused(place, text, said):
    (place / "list.csv").write_text(text, "utf-8")
    code, _, err = ran("contacts", "verify", "--from", "list.csv", "--yes")
    assert code == 2
    assert said in err


def test_who_stays_silent_is_asked_first_and_archived_later(place, monkeypatch):
    before = content(place)
    everybody = ("contacts", "archive", "--where", "city = 'Москва'", "--reason", "moved")
    undone(place, before, *everybody)
    asked_now = asked(*everybody, "--yes", "-o", "list.csv")["facts"]
    assert asked_now["reactivation"] > 1
    assert asked_now["archived"] == 0
    assert len((place / "list.csv").read_text("utf-8").splitlines()) == asked_now["reactivation"] + 1
    assert asked(*everybody, "--yes")["changeset"] is None  # asked, and the days are not over
    monkeypatch.setenv("CRMTOOL_NOW", "2026-12-22T09:30:00+00:00")
    done = asked(*everybody, "--yes")["facts"]
    assert done == {"archived": asked_now["reactivation"], "reactivation": 0}
    assert asked("segments", "count", "city = 'Москва'")["contacts"] == 0
    assert asked("audit")["figures"]["archived"]["count"] == done["archived"]
    archived = content(place)["archive"]["contact_id"][0]
    assert asked("contacts", "restore", str(archived), "--yes")["changeset"]
    assert asked("segments", "count", "city = 'Москва'")["contacts"] == 1
    assert ran("contacts", "restore", str(archived), "--yes")[0] == 2


def test_the_archive_needs_to_know_who(place):
    assert ran("contacts", "archive", "--yes")[0] == 2
    assert asked("contacts", "archive", "--inactive", "--after", "0", "--yes")["changeset"] is None


def test_who_came_back_from_the_archive_is_there_again_when_that_is_taken_back(place):
    assert asked("contacts", "archive", "--where", "id in (1, 2)", "--after", "0", "--yes")["changeset"]
    before = content(place)
    assert not before["archive"].is_empty()
    undone(place, before, "contacts", "restore", "1", "2")


def test_figures_that_were_kept_are_forgotten_when_that_is_taken_back(place):
    before = content(place)
    undone(place, before, "audit", "--keep", "--as-of", "2026-09-30")
    assert asked("audit", "--keep", "--as-of", "2026-09-30", "--yes")["changeset"]
    assert content(place)["audit_snapshot"].height == 1


def test_sheets_that_were_not_read_are_told(crm, tmp_path):
    book = openpyxl.Workbook()
    for name in ("Інна", "Олег"):
        sheet = book.create_sheet(name)
        sheet.append(["email", "outcome"])
        sheet.append([f"{name}@poshta.example", "bounced"])
    del book["Sheet"]
    book.save(tmp_path / "work.xlsx")
    said = crm("contacts", "verify", "--from", tmp_path / "work.xlsx", "--dry-run")
    assert "not read: Олег" in said.err
    assert "Олег" not in crm("contacts", "verify", "--from", tmp_path / "work.xlsx", "--dry-run", "--quiet").err


def test_the_sheets_of_all_owners_come_back_at_once_through_import_sheet(place):
    assert ran("audit", "-o", "work.xlsx", "--lang", "uk")[0] == 0
    book = openpyxl.load_workbook(place / "work.xlsx")
    assert len(book.worksheets) > 1
    firsts = [[cell.value for cell in sheet[2]] for sheet in book.worksheets]
    for sheet in book.worksheets:
        sheet.cell(2, 10).value = "підтверджено"
    book.worksheets[-1].cell(3, 10).value = "хтозна"
    book.create_sheet("Нотатки").append(["що завгодно"])
    book.save(place / "work.xlsx")
    before = content(place)
    code, out, err = ran("contacts", "import-sheet", "work.xlsx", "--yes")
    assert code == 3
    assert "Нотатки" in err
    assert "\n  3   хтозна" in out  # rows of one sheet alone are refused: their number says enough
    wanted = [(int(row[0]), row[2], row[3], "confirmed", "2026-11-21", "list") for row in firsts]
    assert sorted(verifications(place)) == sorted(wanted)
    assert ran("undo", "2", "--yes")[0] == 0
    after = content(place)
    assert [name for name in before if not before[name].equals(after[name])] == []


@pytest.mark.parametrize("ending", ["html", "pdf", "md", "json", "xlsx"])
def test_a_dry_run_writes_no_report(place, ending):
    code, out, _ = ran("audit", "-o", f"report.{ending}", "--dry-run")
    assert (code, out) == (0, f"Dry run: report.{ending} was not written.\n")
    assert not list(place.glob("report*"))


def test_a_dry_run_of_a_pipeline_writes_no_report(place):
    pipeline = 'title = "Report"\n\n[[step]]\nname = "audit"\nrun = "audit -o report.html"\n'
    (place / "crm" / "rules" / "pipelines" / "report.toml").write_text(pipeline, "utf-8")
    assert ran("run", "report", "--dry-run")[0] == 0
    assert not list(place.rglob("report.html"))
    assert ran("run", "report")[0] == 0
    assert list(place.rglob("report.html"))


def test_the_command_beside_a_missing_consent_lists_those_it_counts(place):
    assert ran("consents", "add", "1", "--purpose", "newsletter", "--state", "given", "--yes")[0] == 0
    line = asked("audit")["figures"]["no_consent"]
    assert line["count"] == asked("segments", "count", shlex.split(line["command"])[-1])["contacts"]
    assert line["count"] == line["of"] - 1


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("due --owner Nobody", "Nothing is to be checked.\n"),
        ("due --owner Nobody -o due.ics --lang ru", "Проверять нечего.\n"),
        ("plan --owner Nobody --lang uk", "Перевіряти нічого.\n"),
    ],
)
def test_that_nothing_is_to_be_checked_is_said(place, command, said):
    assert ran("audit", *command.split())[:2] == (0, said)


def test_a_field_without_a_value_is_verified_with_one(place):
    empty = content(place)["contact"].filter(pl.col("tax_id").is_null() & (pl.col("id") == pl.col("root_id")))["id"][0]
    code, _, err = ran("contacts", "verify", str(empty), "--field", "tax_id", "--method", "their letter")
    assert code == 2
    typed = shlex.split(err.rpartition(": crmtool ")[2])
    assert ran(*(word.replace("VALUE", "7707083893") for word in typed), "--yes")[0] == 0
    assert content(place)["contact"].filter(pl.col("id") == empty)["tax_id"].item() == "7707083893"


def test_a_number_of_several_countries_is_asked_for_with_its_own(place):
    code, _, err = ran("contacts", "verify", "1", "--field", "phone", "--method", "call", "--value", "8 916 000 01 77")
    assert code == 2
    assert err == (
        "crmtool: phone=8 916 000 01 77 may belong to several countries.\n"
        "  Nothing was changed. Give the value with + and the code of its country.\n"
    )
