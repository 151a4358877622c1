"""Deals, timelines and what is due, through the command line."""

import pytest
from test_journals import ran, same  # the same ways to run and compare

from crmtool.core import model

LIST = """name;phone;email;birthday
Анна Ветрова;+79160000102;anna@pochta.example;1990-11-25
Олег;+79210000104;o@x.example;
"""
DEALS = "ID,Deal name,Email,Amount,Currency,Stage,Created,Close date\n{}"
ROWS = """1,One,anna@pochta.example,"1 200,50",₽,КП отправлено,01.10.2026,
2,Two,nobody@x.example,10,$,won,01.10.2026,02.10.2026
"""
OWN_DAY = """
[field."attr.licence_until"]
title = "Licence ends"
kind = "date"
due = true
headings = ["Licence until"]
"""


@pytest.fixture(autouse=True)
def base(crm, workspace, tmp_path, monkeypatch):
    """A base of two contacts, and a file of deals."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setenv("CRMTOOL_NOW", "2026-11-21T09:00:00+00:00")
    (tmp_path / "list.csv").write_text(LIST, encoding="utf-8")
    (tmp_path / "deals.csv").write_text(DEALS.format(ROWS), encoding="utf-8")
    assert crm("import", "list.csv", "--yes").code == 0


@pytest.fixture
def content(workspace):
    def frames():
        store = workspace.open_store()
        try:
            return {n: store.snapshot(n, [c for c in each if c != "changeset_id"]) for n, each in model.TABLES.items()}
        finally:
            store.close()

    return frames


def test_deals_are_exact_and_keep_the_history_of_their_stages(crm, content, tmp_path):
    before = content()
    first = ran(crm, "deals", "import", "deals.csv")
    assert (first["facts"]["new"], first["facts"]["waiting"]) == (2, 1)
    assert [(d["amount"], d["currency"], d["stage"]) for d in content()["deal"].to_dicts()] == [
        (12_005_000, "RUB", "offer"),
        (100_000, "USD", "won"),
    ]
    later = ROWS.replace("КП отправлено,01.10.2026,", "Оплачено,01.10.2026,05.11.2026")
    (tmp_path / "deals.csv").write_text(DEALS.format(later), encoding="utf-8")
    second = ran(crm, "deals", "import", "deals.csv")
    assert second["facts"]["updated"] == 1
    stages = content()["deal_stage"].filter(content()["deal_stage"]["deal_id"] == 1)
    assert stages.select("stage", "on").rows() == [("offer", "2026-10-01"), ("won", "2026-11-05")]
    ran(crm, "undo", str(second["changeset"]))
    ran(crm, "undo", str(first["changeset"]))
    assert same(before, content())


def test_a_deal_by_hand_moves_and_comes_back(crm, content):
    ran(crm, "deals", "add", "1", "Licence", "--amount", "1 234,56 ₽", "--stage", "КП")
    before = content()
    number = ran(crm, "deals", "move", "1", "оплачено", "--on", "2026-11-20")["changeset"]
    (deal,) = content()["deal"].to_dicts()
    assert (deal["amount"], deal["stage"], deal["closed_on"]) == (12_345_600, "won", "2026-11-20")
    ran(crm, "undo", str(number))
    assert same(before, content())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("deals", "add", "1", "x", "--amount", "0.00001"), "more than four decimals"),
        (("deals", "add", "1", "x", "--stage", "nowhere"), "no stage"),
        (("deals", "move", "7", "won"), "no deal 7"),
        (("contacts", "timeline", "99"), "no contact 99"),
        (("contacts", "timeline", "1", "--kind", "cal"), "no kind"),
        (("interactions", "add", "1", "x", "--at", "never"), "no day"),
        (("interactions", "link"), "Say one thing"),
    ],
)
def test_what_cannot_be_done_is_said(crm, arguments, said):
    done = crm(*arguments, *([] if arguments[1] == "timeline" else ["--yes"]))
    assert done.code == 2
    assert said in done.err


def test_everything_stands_in_order_and_what_is_new_has_a_mark(crm, content):
    ran(crm, "deals", "import", "deals.csv")
    ran(crm, "interactions", "add", "1", "Hello", "--at", "2026-10-05 10:00", "--kind", "call")
    ran(crm, "contacts", "verify", "1", "--field", "phone", "--method", "call")
    ran(crm, "contacts", "tag", "1", "vip")
    events = crm("contacts", "timeline", "1", "--json").document["events"]
    assert {event["kind"] for event in events} == {"call", "deal", "verification", "import", "tag"}
    assert [event["at"] for event in events] == sorted((event["at"] for event in events), reverse=True)
    assert "•" not in crm("contacts", "timeline", "1").out
    ran(crm, "contacts", "note", "1", "later")
    assert [line for line in crm("contacts", "timeline", "1").out.splitlines() if "•" in line and "later" in line]
    assert "later" not in crm("contacts", "timeline", "1", "--new").out


def test_a_joined_contact_shows_what_happened_to_both(crm):
    ran(crm, "contacts", "note", "2", "to the other")
    ran(crm, "duplicates", "merge", "1", "2")
    events = crm("contacts", "timeline", "2", "--json").document["events"]
    assert {"note", "merge"} <= {event["kind"] for event in events}


def test_the_page_shows_data_as_data(crm, tmp_path):
    ran(crm, "contacts", "note", "1", "<script>alert(1)</script>\u202e")
    assert crm("contacts", "timeline", "1", "-o", "p.html").code == 0
    page = (tmp_path / "p.html").read_text("utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "\u202e" not in page
    assert (tmp_path / "p.html").stat().st_mode & 0o777 == 0o600


def test_what_is_due(crm, tmp_path):
    ran(crm, "interactions", "add", "1", "x", "--at", "2026-11-10", "--next", "Send, the offer", "--on", "2026-11-20")
    ran(crm, "interactions", "add", "2", "x", "--at", "2026-11-10", "--next", "Call", "--on", "2026-11-20")
    ran(crm, "interactions", "add", "2", "done", "--at", "2026-11-20 15:00")
    rows = crm("due", "--json", "--days", "7").document
    assert [(r["on"], r["contact_id"], r["kind"]) for r in rows if r["kind"] != "verify"] == [
        ("2026-11-20", 1, "next step"),
        ("2026-11-25", 1, "birthday"),
    ]
    assert crm("due", "--days", "7", "--kind", "next step", "--ics", "d.ics").code == 0
    assert "Send\\, the offer" in (tmp_path / "d.ics").read_text("utf-8")


def test_a_missed_call_is_given_back(crm, tmp_path):
    calls = "Дата и время;Тип;Кто звонил;Кому звонили;Длительность\n19.11.2026 10:00;Пропущенный;+79160000102;1;0\n"
    (tmp_path / "calls.csv").write_text(calls, encoding="utf-8")
    ran(crm, "interactions", "import", "calls.csv")
    assert "call back" in {row["kind"] for row in crm("due", "--json").document}
    ran(crm, "interactions", "add", "1", "called", "--direction", "out", "--at", "2026-11-19 11:00")
    assert "call back" not in {row["kind"] for row in crm("due", "--json").document}


def test_a_day_of_ones_own_is_due_when_the_rules_say_so(crm, workspace, tmp_path):
    path = workspace.rules_path / "fields.toml"
    path.write_text(path.read_text("utf-8") + OWN_DAY, encoding="utf-8")
    (tmp_path / "licences.csv").write_text(
        "name;email;Licence until\nАнна Ветрова;anna@pochta.example;24.11.2026\n", "utf-8"
    )
    ran(crm, "import", "licences.csv")
    assert ("2026-11-24", "Licence ends") in {(row["on"], row["kind"]) for row in crm("due", "--json").document}


def test_notes_become_interactions_once(crm, content):
    ran(crm, "contacts", "set", "1", "note=12.04 звонил, перезвонить 20.04")
    note = content()["contact"]["note"][0]
    assert ran(crm, "interactions", "from-notes")["tables"]["interaction"]["created"] == 1
    assert ran(crm, "interactions", "from-notes")["changeset"] is None
    assert content()["contact"]["note"][0] == note
    assert content()["interaction"]["next_on"][0] == "2026-04-20"
