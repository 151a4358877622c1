"""Consents on the command line: they come in, are proved, and are taken back."""

import shutil

import pytest

from crmtool.core import model
from crmtool.io import workspace as workspaces

PEOPLE = """ID,Имя,Фамилия,E-mail,Телефон,Согласие,Дата
1,Анна,Кузнецова,anna@romashka.ru,+7 916 123-45-67,да,05.01.2026
2,Олена,Шевченко,olena@ukr.net,+380 67 123 45 67,,
3,Иван,Петров,ivan@mail.ru,,не знаю,
"""
COLUMNS = ("--column", "Согласие=consent.newsletter", "--column", "Дата=consent.newsletter.at")
TODAY = "2026-11-21"


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """Make a workspace of three people; not to be changed."""
    from crmtool.cli import main

    place = tmp_path_factory.mktemp("consents")
    made = workspaces.created(place / "crm")
    (place / "people.csv").write_text(PEOPLE, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(workspaces.VARIABLE, str(made.root))
        patch.setenv("CRMTOOL_NOW", f"{TODAY}T09:30:00+00:00")
        assert main._code(["import", str(place / "people.csv"), *COLUMNS, "--yes", "--quiet"]) == 0
    return made.root


@pytest.fixture
def workspace(base, tmp_path, monkeypatch):
    """A copy of the base, in the folder the commands work in."""
    shutil.copytree(base, tmp_path / "workspace")
    monkeypatch.setenv("CRMTOOL_NOW", f"{TODAY}T09:30:00+00:00")
    monkeypatch.chdir(tmp_path)
    return workspaces.found(tmp_path / "workspace", {}, tmp_path)


def content(workspace):
    store = workspace.open_store()
    tables = {table: store.snapshot(table).rows() for table in model.TABLES}
    store.close()
    return tables


def stands(crm, contact):
    return [
        (s["channel"], s["state"], s["holds"]) for s in crm("contacts", "consent", contact, "--json").document["stands"]
    ]


def test_an_import_brings_consents_with_their_days(crm):
    proof = crm("contacts", "consent", 1, "--json").document
    (entry,) = proof["entries"]
    assert (entry["state"], entry["at"], entry["evidence"]) == ("given", "2026-01-05", "people.csv, row 2")
    assert stands(crm, 3) == [("email", "unknown", "no")]
    assert crm("contacts", "consent", 2, "--json").document["entries"] == []


def test_what_is_said_by_hand_is_kept_and_taken_back(crm, workspace, tmp_path):
    before = content(workspace)
    done = crm("consents", "add", 1, "--purpose", "newsletter", "--state", "withdrawn", "--yes", "--json").document
    assert stands(crm, 1) == [("email", "withdrawn", "no")]
    assert crm("undo", done["changeset"], "--yes").code == 0
    assert content(workspace) == before
    assert stands(crm, 1) == [("email", "given", "yes")]


@pytest.mark.parametrize(
    ("said", "what"),
    [
        (("--purpose", "nwsletter", "--state", "given"), "no purpose"),
        (("--purpose", "calls", "--state", "given", "--at", "2027-01-01"), "yet to come"),
        (("--purpose", "calls", "--state", "given", "--at", "1.2.2026"), "no day"),
        (("--purpose", "calls", "--state", "withdrawn", "--until", "2026-12-01"), "end of a consent"),
        (("--purpose", "calls", "--state", "given", "--channel", "pigeon"), "no channel"),
    ],
)
def test_what_cannot_be_said_is_refused(crm, said, what):
    done = crm("consents", "add", 1, *said, "--yes")
    assert done.code == 2
    assert what in done.err


def test_nobody_has_a_consent_without_a_contact(crm):
    assert crm("consents", "add", 99, "--purpose", "calls", "--state", "given", "--yes").code == 2
    assert crm("contacts", "consent", 99).code == 2


def test_a_list_of_those_who_opted_out_is_found_by_address_and_said_once(crm, workspace, tmp_path):
    (tmp_path / "out.csv").write_text("email\nANNA@romashka.ru\nivan@mail.ru\nnobody@example.org\nrubbish\n", "utf-8")
    words = ("consents", "import", "out.csv", "--purpose", "newsletter", "--state", "withdrawn", "--yes")
    before = content(workspace)
    done = crm(*words, "--json").document
    assert done["facts"] == {"listed": 3, "contacts": 2, "unknown": 1, "unusable": 1}
    assert stands(crm, 1) == stands(crm, 3) == [("email", "withdrawn", "no")]
    assert crm(*words, "--json").document["changeset"] is None
    crm("undo", done["changeset"], "--yes")
    assert content(workspace) == before


def test_who_signs_up_again_has_a_consent_again(crm, workspace, tmp_path):
    (tmp_path / "list.csv").write_text("email\nanna@romashka.ru\n", "utf-8")
    for state, at in (("withdrawn", "2026-02-01"), ("given", "2026-03-01"), ("withdrawn", "2026-04-01")):
        words = ("--purpose", "newsletter", "--state", state, "--at", at, "--yes")
        assert crm("consents", "import", "list.csv", *words, "--json").document["changeset"]
        assert stands(crm, 1)[0][1] == state


def test_what_bounced_is_a_verification(crm, workspace, tmp_path):
    (tmp_path / "back.csv").write_text("email,type\nanna@romashka.ru,Soft bounce\nivan@mail.ru,\n", "utf-8")
    before = content(workspace)
    done = crm("consents", "bounces", "back.csv", "--at", "2026-11-01", "--yes", "--json").document
    new = [row for row in content(workspace)["verification"] if row not in before["verification"]]
    assert [row[1:8] for row in new] == [
        (1, "email", "anna@romashka.ru", "unreachable", "2026-11-01", new[0][6], "bounce"),
        (3, "email", "ivan@mail.ru", "wrong", "2026-11-01", new[0][6], "bounce"),
    ]
    assert crm("consents", "bounces", "back.csv", "--at", "2026-11-01", "--yes", "--json").document["changeset"] is None
    crm("undo", done["changeset"], "--yes")
    assert content(workspace) == before
