"""Every figure of an audit on a small base whose every contact is there for a reason."""

import datetime as dt
import json

import polars as pl
import pytest

from crmtool.core import plans
from crmtool.core.audits.quarters import quarter
from crmtool.core.rules import Requirement, Segment
from crmtool.io import rulebook
from crmtool.io.auditing import due, dying, people, report, segments, snapshots
from crmtool.io.store import Stamp, Store

TODAY = dt.date(2026, 11, 21)


@pytest.fixture(scope="module")
def rules():
    book = rulebook.loaded(rulebook.defaults())
    check = Requirement(name="short", field=("city",), max_length=6)
    whole = Requirement(name="owned", required=("owner", "city"), at_least_one=("phone", "messenger"))
    fields = book.fields.model_copy(update={"check": (whole, check), "required": ()})
    segments = {"kyiv": Segment(title="K", where="city = 'Київ'"), "none": Segment(title="N", where="city = 'X'")}
    return book.model_copy(update={"fields": fields, "segments": segments})


def added(store, at="2026-11-20T10:00:00+00:00", command="import a.csv", actor="olena", **tables):
    number, ids = store.revision().next, store.next_ids()
    edits = {}
    for table, rows in tables.items():
        full = [{"id": ids[table] + n, "changeset_id": number, **row} for n, row in enumerate(rows)]
        edits[table] = plans.edit(table, created=pl.DataFrame(full, infer_schema_length=None))
    store.apply(plans.Plan(command, store.revision(), "f", edits), Stamp(actor, at))


def person(number, **more):
    return {"id": number, "root_id": number, "kind": "person", "name": f"n{number}", **more}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    store = Store.create(tmp_path_factory.mktemp("audit") / "crm.db", "0" * 64)
    contacts = [
        person(1, email="a@x.ua", phone="+1", owner="Інна", city="Київ", source="website", region="Київська область"),
        person(2, email="b@x.ua", owner="Інна", city="Полтаваааа"),
        person(3, phone="+3", city="Київ"),
        person(4, email="d@x.ua", owner="Олег", city="Київ", stage="client"),
        person(5, name=None, root_id=1, kind=None),
        person(6, email="f@x.ua", owner="Олег", city="Київ", phone="+6"),  # archived
    ]
    file = {"name": "a.csv", "source": "site"}
    records = [{"contact_id": n, "source": "s", "source_key": str(n), "clean": "{}", "raw": "{}"} for n in range(1, 7)]
    old = [{**each, "source_key": f"old {each['contact_id']}", "file_id": 2} for each in records[3:4]]
    added(store, "2025-01-10T10:00:00+00:00", file=[{"name": "old.csv", "source": "old"}, {"name": "x", "source": "x"}],
          contact=contacts, record=[{**each, "file_id": 1} for each in old])  # fmt: skip
    added(
        store,
        file=[{**file}],
        record=[{**each, "file_id": 3} for each in records if each["contact_id"] != 4],
        reject=[{"file_id": 3, "row": 9, "raw": "[]", "reasons": "r"}],
        channel=[{"contact_id": 4, "kind": "messenger", "value": "@d"}],
        contact_tag=[{"contact_id": 1, "tag": "new"}],
        verdict=[{"left_id": 1, "right_id": 3, "decision": "unsure", "by": "rule:find"}],
    )
    verified = {"field": "email", "outcome": "confirmed", "on": "2026-11-01", "by": "o", "method": "letter"}
    consent = {"purpose": "news", "state": "given", "at": "2026-06-01"}
    added(
        store,
        "2026-11-21T08:00:00+00:00",
        "contacts verify 1",
        "inna",
        verification=[
            {**verified, "contact_id": 5, "value": "a@x.ua"},
            {**verified, "contact_id": 1, "value": "+1", "field": "phone"},
            {**verified, "contact_id": 2, "value": "b@x.ua", "outcome": "wrong"},
        ],
        consent=[
            {**consent, "contact_id": 5, "at": "2026-11-01"},
            {**consent, "contact_id": 3, "until": "2026-12-01"},
            {**consent, "contact_id": 4, "until": "2026-11-01"},
            {**consent, "contact_id": 2, "state": "withdrawn"},
        ],
        archive=[{"contact_id": 6, "on": "2026-11-01"}],
        deal=[{"contact_id": 3, "stage": "won", "amount": 10, "currency": "UAH", "closed_on": "2026-01-02",
               "source": "s", "source_key": "1"}],
    )  # fmt: skip
    added(store, "2025-01-11T10:00:00+00:00", "contacts tag 1", contact_tag=[{"contact_id": 2, "tag": "old"}])
    yield store
    store.close()


@pytest.fixture(scope="module")
def audit(store, rules):
    return report.report(store, rules, TODAY, by=report.BY)


EXPECTED = {
    # contacts 1 to 4; 1 is green (its address is not there), 2 has a wrong e-mail, 3 is new, 4 came in long ago
    "red": (2, 4),
    "yellow": (1, 4),
    "green": (1, 4),
    "red_values": (2, 7),  # two e-mails; phones 1 and 3, e-mail 1 and consents of 1 and 3 are not
    "never_verified": (2, 7),
    "found_bad": (1, 7),
    "incomplete": (2, 4),  # 2 has neither phone nor messenger, 3 has no owner
    "bad_email": (1, 3),
    "bad_phone": (0, 2),
    "unreachable": (1, 4),
    "invalid": (1, None),
    "duplicates": (1, None),
    "duplicate_contacts": (2, 4),
    "merged": (1, None),
    "consent": (2, 4),
    "no_consent": (2, 4),
    "consent_expiring": (1, 4),
    "consent_over": (1, 4),
    "consent_withdrawn": (1, 4),
    "inactive": (1, 4),
    "archived": (1, None),
    "no_owner": (1, 4),
    "strays": (1, None),
    "stale_tags": (1, 2),
    "empty_segments": (1, 2),
    "imported": (5, None),
    "rejects": (1, 6),
    "writers": (2, None),
}


@pytest.mark.parametrize("code", EXPECTED)
def test_a_figure_is_right(audit, code):
    line = audit.line(code)
    assert (line.count, line.of) == EXPECTED[code]
    assert bool(line.command) or not line.count or code in {"green", "consent", "consent_withdrawn"}


def test_every_figure_is_expected(audit):
    assert [line.code for line in audit.lines] == list(EXPECTED)


def test_the_parts_of_the_score_are_told(audit):
    assert {part.name: (part.good, part.of) for part in audit.parts} == {
        "freshness": (1.5, 4),
        "completeness": (10, 12),
        "validity": (3, 5),
        "uniqueness": (2, 4),
        "consent": (2, 4),
        "ownership": (3, 4),
    }


def test_flags_are_told_by_everything(audit):
    tables = {table.title: table.rows for table in audit.tables}
    assert tables["By owner"] == (("Інна", 1, 0, 1, 2, 1), ("Олег", 0, 0, 1, 1, 0), (None, 0, 1, 0, 1, 1))
    assert tables["By source"] == ((None, 0, 1, 2, 3, 2), ("website", 1, 0, 0, 1, 0))
    assert tables["By region"] == ((None, 0, 1, 2, 3, 2), ("Київська область", 1, 0, 0, 1, 0))
    assert tables["By segment"] == (("kyiv", 1, 1, 1, 3), ("none", 0, 0, 0, 0))
    assert {row[0]: row[1:] for row in tables["By field"]} == {
        "email": (1, 0, 2, 3),
        "phone": (1, 1, 0, 2),
        "consent": (1, 1, 0, 2),
    }
    assert tables["Required and empty"][0][:2] == ("owner", 1)
    assert tables["Values that no vocabulary knows"] == (("city", "Полтаваааа", 1),)
    assert tables["Tags that nobody got for long"] == (("old", 1, dt.date(2025, 1, 11)),)
    assert tables["Imports of the quarter"] == (("site", 1, 5, 1, pytest.approx(1 / 6)),)
    assert [row[:2] for row in tables["Who changed the base this quarter: review their rights"]] == [
        ("inna", 1),
        ("olena", 1),
    ]


def test_work_is_told_longest_due_first_with_names_and_values(audit):
    red, yellow = audit.work
    assert [(row["contact_id"], row["value"], row["reason"]) for row in red.rows] == [
        (4, "d@x.ua", "never verified"),
        (2, "b@x.ua", "found wrong"),
    ]
    assert (red.total, yellow.total) == (2, 2)


def test_the_same_revision_rules_and_day_give_the_same_audit(store, rules, audit):
    assert report.report(store, rules, TODAY, by=report.BY) == audit


def test_any_number_of_rules_fits_into_the_numbers_they_are_read_as(store, rules, audit, monkeypatch):
    monkeypatch.setattr(people, "_BITS", 3)
    assert report.report(store, rules, TODAY, by=report.BY) == audit


FILTERS = {
    "city = 'Київ'": True,
    "stage = 'client'": True,  # contact 4, not among the first
    "city = 'X'": False,
    "freshness('email') = 'green'": True,
    "freshness('email') = 'red' and owner = 'Олег'": True,
    "freshness('phone') = 'red'": False,
    "attr.employees > 5": False,
    "email is empty and phone is empty": False,
    "not has_tag('new') and city is empty": False,
    "has_tag('new')": True,
    "has_tag('none')": False,
    "last_deal() >= '2026-01-01'": True,
    "deal_sum() > 1": False,
    "name = 'n6'": False,  # archived
    "not city = 'X'": True,
}


@pytest.mark.parametrize(("few", "long"), [(0, 400_000), (1, 400_000), (10_000, 400_000), (0, 10)])
def test_segments_without_anybody_are_found_however_they_are_asked(store, rules, monkeypatch, few, long):
    monkeypatch.setattr(segments, "_FEW", few)
    monkeypatch.setattr(segments, "_LONG", long)
    flags = report.flags_of(store, rules, TODAY)
    for number in range(1, len(FILTERS) + 1, 5):
        chosen = dict([*FILTERS.items()][-number:])
        saved = {f"s{place}": Segment(title="S", where=where) for place, where in enumerate(chosen)}
        told = segments.empty(store, rules.model_copy(update={"segments": saved}), TODAY, flags)
        assert told == [*chosen.values()].count(False), chosen


def test_another_quarter_tells_its_own_imports(store, rules):
    early = report.report(store, rules, TODAY, quarter=quarter("2025Q1"))
    assert (early.line("imported").count, early.line("rejects").count) == (1, 0)


def test_tasks_are_ordered_by_redness_and_worth(store, rules):
    flags = due.open_flags(store, rules, TODAY)
    tasks = due.tasks(store, rules, flags)
    assert [(task["contact_id"], task["field"], task["priority"]) for task in tasks[:3]] == [
        (4, "email", 60),
        (2, "email", 60),
        (3, "consent", 58),
    ]
    assert due.open_flags(store, rules, TODAY, bad=True)["contact_id"].to_list() == [2]
    assert due.open_flags(store, rules, TODAY, owner="Олег")["contact_id"].to_list() == [4]
    assert due.open_flags(store, rules, TODAY, owner="")["contact_id"].unique().to_list() == [3]
    assert due.open_flags(store, rules, TODAY, field="phone")["contact_id"].to_list() == [3]


def test_snapshots_are_kept_once_and_compared_with_the_last_quarter(tmp_path, rules):
    store = Store.create(tmp_path / "crm.db", "0" * 64)
    added(store, contact=[person(1), person(2)])

    def kept(day):
        plan = snapshots.planned(store, report.report(store, rules, day))
        if not plan.is_empty:
            store.apply(plan, Stamp("olena", "2026-11-21T10:00:00+00:00"))
        return not plan.is_empty

    assert [kept(dt.date(2026, 9, 30)), kept(dt.date(2026, 10, 1)), kept(dt.date(2026, 10, 1))] == [True, True, False]
    added(store, contact=[person(3)])
    now = report.report(store, rules, TODAY)
    assert now.before["as_of"] == "2026-09-30"
    assert (now.line("no_owner").count, now.line("no_owner").change) == (3, 1)
    assert [day for day, _ in now.trend] == ["2026-09-30", "2026-10-01"]
    assert report.report(store, rules, dt.date(2026, 9, 30)).before == {}
    figures = json.loads(store.snapshot("audit_snapshot")["figures"][0])
    assert figures["no_owner"] == 2
    store.close()


def test_an_empty_base_can_be_audited(tmp_path, rules):
    store = Store.create(tmp_path / "crm.db", "0" * 64)
    empty = report.report(store, rules, TODAY, by=report.BY)
    assert empty.score is None
    assert not [line for line in empty.lines if line.count and line.code != "empty_segments"]
    store.close()


@pytest.mark.parametrize("by", [None, "source", "segment"])
def test_where_nothing_is_checked_nothing_is_told_to_die(store, rules, by):
    pytest.importorskip("scipy", reason="scipy is not installed: pip install 'crmtool[decay]'")
    assert dying.decays(store, rules, TODAY, by) == []  # fewer than thirty values of each field
    unchecked = rules.model_copy(update={"freshness": rules.freshness.model_copy(update={"check": ()})})
    assert dying.decays(store, unchecked, TODAY, by) == []
