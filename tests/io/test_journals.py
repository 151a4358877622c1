"""From journals to the store: told once, idempotent, nothing lost, taken back whole."""

import json

import polars as pl
import pytest

from crmtool.core import model
from crmtool.io import journals
from crmtool.io.workspace import Workspace

LIST = "name;phone;email\nАнна Ветрова;+79160000102;anna@pochta.example\nОлег Орлов;+79210000104;oleg@pochta.example\n"
CALLS = """Дата и время;Тип;Кто звонил;Кому звонили;Длительность;Сотрудник
05.10.2026 14:30;Входящий;+7 916 000-01-02;+7 495 000-00-00;3:25;Ольга
06.10.2026 10:00;Исходящий;101;+7 921 000-01-04;1:10;Ольга
06.10.2026 10:05;Пропущенный;+7 999 000-45-67;+7 495 000-00-00;0;
;Входящий;+7 999 000-45-67;+7 495 000-00-00;0;
06.10.2026 10:05;Пропущенный;+7 999 000-45-67;+7 495 000-00-00;0;
"""


@pytest.fixture(autouse=True)
def base(crm, workspace, tmp_path, monkeypatch):
    """A base of two contacts, and files beside it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TZ", "Europe/Moscow")
    (tmp_path / "list.csv").write_text(LIST, encoding="utf-8")
    (tmp_path / "calls.csv").write_text(CALLS, encoding="utf-8")
    assert crm("import", "list.csv", "--yes").code == 0


@pytest.fixture
def table(workspace: Workspace):
    def rows(name="interaction"):
        store = workspace.open_store()
        try:
            return store.snapshot(name).to_dicts()
        finally:
            store.close()

    return rows


@pytest.fixture
def content(workspace: Workspace):
    """What the store says, apart from how it is proved and computed."""

    def frames():
        store = workspace.open_store()
        try:
            return {
                name: store.snapshot(name, [c for c in columns if c != "changeset_id"])
                for name, columns in model.TABLES.items()
            }
        finally:
            store.close()

    return frames


def ran(crm, *arguments):
    done = crm(*arguments, "--yes", "--json")
    assert done.code in {0, 3}, done.err
    return done.document


def same(one, other):
    return all(one[name].equals(other[name]) for name in one)


def test_calls_find_their_people_by_the_number_that_is_not_ours(crm, table):
    facts = ran(crm, "interactions", "import", "calls.csv")["facts"]
    assert {name: facts[name] for name in ("read", "new", "repeated", "rejected", "waiting")} == {
        "read": 5,
        "new": 3,
        "repeated": 1,
        "rejected": 1,
        "waiting": 1,
    }
    rows = [(r["contact_id"], r["at"], r["direction"], r["address"], r["seconds"]) for r in table()]
    assert rows == [
        (1, "2026-10-05T11:30:00+00:00", "in", "+79160000102", 205),
        (2, "2026-10-06T07:00:00+00:00", "out", "+79210000104", 70),
        (None, "2026-10-06T07:05:00+00:00", "in", "+79990004567", 0),
    ]
    assert [row["outcome"] for row in table()] == [None, None, "missed"]


def test_the_same_file_again_changes_nothing(crm):
    ran(crm, "interactions", "import", "calls.csv")
    assert ran(crm, "interactions", "import", "calls.csv")["changeset"] is None


def test_an_import_is_taken_back_whole(crm, content):
    before = content()
    number = ran(crm, "interactions", "import", "calls.csv")["changeset"]
    ran(crm, "undo", str(number))
    assert same(before, content())


def test_whose_a_waiting_call_is_holds_for_all_of_its_number_now_and_later(crm, table, content, tmp_path):
    ran(crm, "interactions", "import", "calls.csv")
    before = content()
    number = ran(crm, "interactions", "link", "3", "2")["changeset"]
    assert [row["contact_id"] for row in table()] == [1, 2, 2]
    later = (
        "Дата и время;Тип;Кто звонил;Кому звонили;Длительность;Сотрудник\n07.10.2026 10:00;Входящий;89990004567;1;9;\n"
    )
    (tmp_path / "later.csv").write_text(later, encoding="utf-8")
    last = ran(crm, "interactions", "import", "later.csv", "--region", "RU")["changeset"]
    assert table()[-1]["contact_id"] == 2
    ran(crm, "undo", str(last))
    ran(crm, "undo", str(number))
    assert same(before, content())


def test_somebody_new_gets_the_calls_and_the_number(crm, table, content):
    ran(crm, "interactions", "import", "calls.csv")
    before = content()
    number = ran(crm, "interactions", "link", "3", "--create", "Пётр Новиков")["changeset"]
    assert table()[2]["contact_id"] == 3
    assert [(r["name"], r["phone"]) for r in table("contact")][2] == ("Пётр Новиков", "+79990004567")
    ran(crm, "undo", str(number))
    assert same(before, content())


def test_an_ignored_number_waits_no_more_now_or_later(crm, tmp_path, table):
    ran(crm, "interactions", "import", "calls.csv")
    ran(crm, "interactions", "link", "3", "--ignore")
    assert crm("interactions", "waiting", "--json").document == []
    (tmp_path / "calls.csv").write_text(CALLS.replace("06.10", "08.10"), encoding="utf-8")
    facts = ran(crm, "interactions", "import", "calls.csv")["facts"]
    assert (facts["new"], facts["waiting"]) == (2, 0)
    assert table()[-1]["ignored"] == 1


def test_who_is_in_the_base_by_now_gets_what_waited(crm, tmp_path, table):
    ran(crm, "interactions", "import", "calls.csv")
    (tmp_path / "more.csv").write_text("name;phone\nПётр Новиков;+79990004567\n", encoding="utf-8")
    ran(crm, "import", "more.csv")
    assert ran(crm, "interactions", "link", "--known")["tables"]["interaction"]["updated"] == 1
    assert table()[2]["contact_id"] == 3


def test_a_row_that_says_something_else_under_its_key_is_updated(crm, tmp_path, table):
    tickets = "Ticket ID,Subject,Requester Email,Created at,Status\n7,Broken,anna@pochta.example,2026-10-05 10:00,{}\n"
    for status in ("open", "solved"):
        (tmp_path / "tickets.csv").write_text(tickets.format(status), encoding="utf-8")
        facts = ran(crm, "interactions", "import", "tickets.csv")["facts"]
    assert facts["updated"] == 1
    assert [(r["kind"], r["outcome"], r["contact_id"]) for r in table()] == [("ticket", "solved", 1)]


def test_two_rows_of_one_key_that_differ_are_both_kept(crm, tmp_path, table):
    text = "Ticket ID,Subject,Requester Email,Created at\n7,One,anna@pochta.example,2026-10-05\n7,Two,,2026-10-06\n"
    (tmp_path / "tickets.csv").write_text(text, encoding="utf-8")
    ran(crm, "interactions", "import", "tickets.csv")
    assert sorted(row["subject"] for row in table()) == ["One", "Two"]
    assert ran(crm, "interactions", "import", "tickets.csv")["changeset"] is None


def test_a_file_without_a_moment_is_refused_with_a_way_out(crm, tmp_path):
    (tmp_path / "x.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    done = crm("interactions", "import", "x.csv", "--yes")
    assert done.code == 1
    assert "--column 'Heading=at'" in done.err


def test_notes_and_calls_by_hand(crm, table):
    ran(crm, "contacts", "note", "1", "Prefers mornings")
    ran(
        crm,
        "interactions",
        "add",
        "1",
        "Wants an offer",
        "--at",
        "05.10.2026 14:30",
        "--next",
        "Send",
        "--on",
        "30.11.2026",
    )
    note, call = table()
    assert (note["kind"], note["body"], note["source"]) == ("note", "Prefers mornings", model.MANUAL)
    assert (call["at"], call["next_step"], call["next_on"]) == ("2026-10-05T11:30:00+00:00", "Send", "2026-11-30")


MAIL = b"""From anna@pochta.example Mon Oct  5 10:00:00 2026
From: =?utf-8?b?0JDQvdC90LA=?= <anna@pochta.example>
To: us@firm.example
Subject: Question
Message-ID: <1@pochta.example>
Date: Mon, 5 Oct 2026 10:00:00 +0300
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain; charset=utf-8

When?
--b
Content-Type: application/pdf
Content-Disposition: attachment; filename="../../evil.pdf"

%PDF
--b--

From us@firm.example Mon Oct  5 11:00:00 2026
From: us@firm.example
To: anna@pochta.example, stranger@elsewhere.example
Subject: Re: Question
Message-ID: <2@firm.example>
References: <1@pochta.example>
Date: Mon, 5 Oct 2026 11:00:00 +0300

Today.

On Mon, 5 Oct 2026 at 10:00, Anna wrote:
> When?

From nobody Mon Oct  5 12:00:00 2026
Subject: nobody

text
"""


def test_letters_go_to_the_people_on_the_other_side(crm, tmp_path, table):
    (tmp_path / "box.mbox").write_bytes(MAIL)
    facts = ran(crm, "interactions", "import", "box.mbox", "--ours", "@firm.example")["facts"]
    assert (facts["new"], facts["waiting"], facts["rejected"]) == (3, 1, 1)
    rows = [(r["contact_id"], r["direction"], r["address"], r["body"], r["thread"]) for r in table()]
    assert rows == [
        (1, "in", "anna@pochta.example", "When?", "<1@pochta.example>"),
        (1, "out", "anna@pochta.example", "Today.", "<1@pochta.example>"),
        (None, "out", "stranger@elsewhere.example", "Today.", "<1@pochta.example>"),
    ]
    (attached,) = table("attachment")
    assert (attached["name"], attached["size"], attached["interaction_id"]) == ("evil.pdf", 4, 1)
    assert len(attached["sha256"]) == 64
    assert ran(crm, "interactions", "import", "box.mbox", "--ours", "@firm.example")["changeset"] is None


CALENDAR = """BEGIN:VCALENDAR
BEGIN:VEVENT
UID:m1
DTSTART;TZID=FLE Standard Time:20261005T143000
DTEND;TZID=FLE Standard Time:20261005T153000
SUMMARY:Demo\\, first
DESCRIPTION:Long
  text
ORGANIZER;CN=Us:mailto:us@firm.example
ATTENDEE;CN="Ветрова, Анна";PARTSTAT=ACCEPTED:MAILTO:Anna@pochta.example
ATTENDEE:mailto:new@elsewhere.example
BEGIN:VALARM
DESCRIPTION:Remind
END:VALARM
END:VEVENT
BEGIN:VEVENT
UID:m2
DTSTART;VALUE=DATE:20261006
SUMMARY:Nobody
END:VEVENT
END:VCALENDAR
"""


def test_meetings_of_a_calendar(crm, tmp_path, table):
    (tmp_path / "c.ics").write_text(CALENDAR, encoding="utf-8")
    ran(crm, "interactions", "import", "c.ics", "--ours", "@firm.example")
    rows = [(r["contact_id"], r["at"], r["seconds"], r["subject"], r["body"], r["author"]) for r in table()]
    moment = "2026-10-05T11:30:00+00:00"
    assert rows == [
        (1, moment, 3600, "Demo, first", "Long text", "us@firm.example"),
        (None, moment, 3600, "Demo, first", "Long text", "us@firm.example"),
        (None, "2026-10-06", None, "Nobody", None, None),
    ]


def test_messages_of_a_chat(crm, tmp_path, table):
    chat = {
        "name": "Анна Ветрова",
        "type": "personal_chat",
        "id": 42,
        "messages": [
            {"id": 1, "type": "service", "date": "2026-10-05T09:00:00", "action": "x"},
            {
                "id": 2,
                "type": "message",
                "date_unixtime": "1791190800",
                "from": "Анна",
                "from_id": "user42",
                "text": "Hi",
            },
            {
                "id": 3,
                "type": "message",
                "date_unixtime": "1791190860",
                "from": "Ольга",
                "from_id": "user7",
                "text": ["See ", {"type": "link", "text": "this"}],
                "file": "files/a.pdf",
                "file_name": "a.pdf",
            },
        ],
    }
    (tmp_path / "result.json").write_text(json.dumps(chat, ensure_ascii=False), encoding="utf-8")
    ran(crm, "interactions", "import", "result.json")
    rows = [(r["kind"], r["direction"], r["address"], r["body"], r["author"], r["thread"]) for r in table()]
    assert rows == [
        ("chat", "in", "user42", "Hi", None, "42"),
        ("chat", "out", "user42", "See this", "Ольга", "42"),
    ]
    assert [row["name"] for row in table("attachment")] == ["a.pdf"]
    ran(crm, "interactions", "link", "1", "1")
    assert {row["contact_id"] for row in table()} == {1}


def test_what_a_merged_contact_said_is_read_through_its_root(crm, table):
    ran(crm, "interactions", "import", "calls.csv")
    ran(crm, "duplicates", "merge", "1", "2")
    assert [row["contact_id"] for row in table()][:2] == [1, 2]
    ran(crm, "interactions", "add", "2", "after the merge")
    assert table()[-1]["contact_id"] == 1


@pytest.fixture
def in_parts(monkeypatch):
    """Have files read in parts of two rows."""
    monkeypatch.setattr(journals, "_PART", 2)


@pytest.mark.usefixtures("in_parts")
def test_parts_of_one_journal_meet(crm, tmp_path, table):
    rows = [f"{day:02}.10.2026 10:00;Входящий;+79160000102;1;5;" for day in (1, 2, 3, 2, 4)]
    head = "Дата и время;Тип;Кто звонил;Кому звонили;Длительность;Сотрудник\n"
    (tmp_path / "many.csv").write_text(head + "\n".join(rows) + "\n", encoding="utf-8")
    facts = ran(crm, "interactions", "import", "many.csv")["facts"]
    assert (facts["new"], facts["repeated"]) == (4, 1)
    assert pl.Series([row["at"] for row in table()]).is_unique().all()


@pytest.mark.usefixtures("in_parts")
def test_files_in_parts_meet_one_another_and_themselves_again(crm, tmp_path, content, workspace):
    (tmp_path / "other.csv").write_text(CALLS.replace("3:25", "9:25"), encoding="utf-8")
    before = content()
    made = ran(crm, "interactions", "import", "calls.csv", "other.csv", "--source", "calls")
    facts = {name: made["facts"][name] for name in ("new", "repeated", "unchanged")}
    assert facts == {"new": 4, "repeated": 2, "unchanged": 2}
    assert ran(crm, "interactions", "import", "calls.csv", "other.csv", "--source", "calls")["changeset"] is None
    ran(crm, "undo", str(made["changeset"]))
    assert same(content(), before)
    store = workspace.open_store()
    assert store.verify() == []
    store.close()


@pytest.mark.usefixtures("in_parts")
def test_whose_an_address_was_in_a_part_before_tells_it_in_the_next(crm, tmp_path, table):
    head = "date and time;contact id;phone\n"
    rows = ["01.10.2026 10:00;2;+79995550000", "02.10.2026 10:00;;+79995550001", "03.10.2026 10:00;;+79995550000"]
    (tmp_path / "more.csv").write_text(head.replace(";", ",") + "\n".join(rows).replace(";", ",") + "\n", "utf-8")
    ran(crm, "interactions", "import", "more.csv")
    assert [row["contact_id"] for row in table()] == [2, None, 2]
