"""What a role that sees part of the base writes: the rest stays as it is, and all can be taken back."""

from __future__ import annotations

import shutil
from contextlib import closing

import pytest
from commands import ran, surroundings

from crmtool.io.connecting import sqlite3

ROLES = """
default = "clerk"
[role.clerk]
default = "write"
fields = { tax_id = "hide", birthday = "hide", phone = "mask", company = "read", consents = "read" }
notes = "own"
as = ["keeper"]
[role.keeper]
default = "write"
fields = { phone = "hide" }
records = "own"
[role.admin]
default = "write"
may = ["import", "export", "create", "merge", "archive", "history", "undo", "erase", "operate"]
[role.caller]
default = "write"
may = ["import"]
[user.ira]
role = "caller"
[user.boss]
role = "admin"
[user.oleg]
role = "keeper"
owner = ["Олег Ветров"]
"""
TABLES = ("contact", "record", "channel", "contact_tag", "verification", "verdict")


@pytest.fixture
def office(base, tmp_path):
    """A place of its own; call it with a user and what they type."""
    place = tmp_path / "office"
    shutil.copytree(base, place)
    (place / "crm" / "rules" / "roles.toml").write_text(ROLES, "utf-8")

    def run(user, *words):
        with surroundings(place), pytest.MonkeyPatch.context() as patch:
            patch.setattr("crmtool.io.acting.user", lambda _: user)
            return ran(*words)

    run.place = place
    return run


def content(office):
    with closing(sqlite3.connect(office.place / "crm" / "crm.db")) as db:
        return {
            table: db.execute(
                f"SELECT * FROM {table} ORDER BY id"  # the change set that wrote a row last is another one
            ).fetchall()
            for table in TABLES
        }


def value(office, contact, column):
    with closing(sqlite3.connect(office.place / "crm" / "crm.db")) as db:
        return db.execute(f"SELECT {column} FROM contact WHERE id = ?", [contact]).fetchone()[0]


def test_an_edit_leaves_what_was_not_seen(office):
    told = ["tax_id=7707083893", "phone.work=+7 495 000 77 77", "email.work=old@pochta.example", "city=Київ"]
    assert office("boss", "contacts", "set", "1", *told, "--yes")[0] == 0
    before = {name: value(office, 1, name) for name in ("tax_id", "birthday", "phone", "note")}
    code, out, err = office("anna", "contacts", "set", "1", "city=Львів", "email.work=new@pochta.example", "--yes")
    assert code == 0, err
    assert "7707083893" not in out
    assert value(office, 1, "city") == "Львів"
    assert value(office, 1, "email") == "new@pochta.example"
    assert {name: value(office, 1, name) for name in before} == before
    assert before["tax_id"] == "7707083893"
    assert "Nothing to change" in office("boss", "refresh", "--dry-run")[1]
    assert office("boss", "history", "verify")[0] == 0


def test_a_call_log_is_one_part_for_who_does_not_see_everything(office, monkeypatch):
    monkeypatch.setattr("crmtool.io.journals._PART", 1)
    calls = "date and time,phone\n2026-11-20 10:00,+380441234567\n2026-11-20 11:00,+380441234567\n"
    (office.place / "calls.csv").write_text(calls, "utf-8")
    code, out, err = office("ira", "interactions", "import", "calls.csv", "--yes")
    assert code == 0, err
    assert "2 read = 2 new" in out


def test_what_was_written_can_be_taken_back(office):
    before = content(office)
    assert office("anna", "contacts", "set", "2", "job_title=Директор", "--yes")[0] == 0
    assert office("anna", "contacts", "tag", "2", "later", "--yes")[0] == 0
    assert content(office) != before
    for number in ("5", "4"):
        code, _, err = office("boss", "undo", number, "--yes")
        assert code == 0, err
    assert _unstamped(content(office)) == _unstamped(before)


def _unstamped(tables):
    """Return rows without their change set and proof, which are the last two columns but for verdicts."""
    return {table: [row[:-2] if table != "verdict" else row[:6] for row in rows] for table, rows in tables.items()}


@pytest.mark.parametrize(
    "words",
    [
        ("contacts", "set", "1", "phone=+380441234567"),
        ("contacts", "set", "1", "tax_id=7707083893"),
        ("contacts", "set", "1", "company=Ромашка"),
        ("contacts", "verify", "1", "--field", "phone", "--method", "call"),
        ("consents", "add", "1", "--purpose", "newsletter", "--state", "given", "--source", "form"),
        ("contacts", "archive", "--where", "city='Москва'", "--after", "0"),
        ("undo", "1"),
    ],
    ids=" ".join,
)
def test_what_may_not_be_written_is_refused(office, words):
    before = content(office)
    code, _, err = office("anna", *words, "--yes")
    assert code == 15, err
    assert "The role clerk may not" in err
    assert content(office) == before


def test_part_of_the_base_is_not_saved_as_a_plan(office):
    words = ("contacts", "set", "1", "city=Львів", "--save-plan", "x.plan")
    code, _, err = office("anna", *words)
    assert (code, "whole rows" in err) == (2, True)
    assert not (office.place / "x.plan").exists()


def test_of_others_nothing_is_seen_or_written(office):
    listed = office("oleg", "contacts", "list", "--limit", "999", "--json")[1]
    with closing(sqlite3.connect(office.place / "crm" / "crm.db")) as db:
        others = db.execute(
            "SELECT id, email FROM contact WHERE id = root_id AND owner IS NOT 'Олег Ветров'"
        ).fetchall()
        (own,) = db.execute("SELECT min(id) FROM contact WHERE owner = 'Олег Ветров'").fetchone()
    assert [email for _, email in others if email and email in listed] == []
    assert office("oleg", "contacts", "show", str(others[0][0]))[0] == 2
    assert office("oleg", "contacts", "set", str(others[0][0]), "city=Київ", "--yes")[0] == 2
    assert office("oleg", "contacts", "set", str(own), "city=Луцьк", "--yes")[0] == 0
    assert value(office, own, "city") == "Луцьк"
    assert "Nothing to change" in office("boss", "refresh", "--dry-run")[1]


def test_the_history_names_who_it_was(office):
    office("anna", "contacts", "tag", "2", "later", "--yes")
    assert "anna" in office("boss", "history")[1]
