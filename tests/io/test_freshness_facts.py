"""What is read for the colours: the very values, through merged contacts, without the archived, until the day."""

import datetime as dt

import polars as pl
import pytest

from crmtool.core import plans
from crmtool.core.freshness_rules import Check, Freshness, Override, Proof
from crmtool.core.rules import Fields, Rules, Segment
from crmtool.io import freshness
from crmtool.io.store import Stamp, Store

TODAY = dt.date(2026, 11, 21)
CHECKS = tuple(Check(field=field, owner="x", every_months=3, how="call") for field in ("email", "phone", "consent"))


def rules(*checks, **more):
    fields = Fields(field={}, identity=("name",))
    segments = {"vip": Segment(title="VIP", where="city = 'Киев'")}
    return Rules(fingerprint="f", fields=fields, freshness=Freshness(check=checks or CHECKS, **more), segments=segments)


def added(store, at="2026-11-20T22:30:00+00:00", **tables):
    """Write rows of tables, their ids given or counted."""
    number, ids = store.revision().next, store.next_ids()
    edits = {}
    for table, rows in tables.items():
        full = [{"id": ids[table] + n, "changeset_id": number, **row} for n, row in enumerate(rows)]
        edits[table] = plans.edit(table, created=pl.DataFrame(full, infer_schema_length=None))
    store.apply(plans.Plan("test", store.revision(), "f", edits), Stamp("olena", at))


@pytest.fixture
def store(tmp_path):
    store = Store.create(tmp_path / "crm.db", "0" * 64)
    people = [
        {"id": 1, "root_id": 1, "name": "Ann", "kind": "person", "email": "a@x.ua", "phone": "+1", "city": "Киев"},
        {"id": 2, "root_id": 2, "name": "Bob", "kind": "person", "email": "b@x.ua"},
        {"id": 3, "root_id": 1, "kind": None},  # absorbed by Ann
    ]
    records = [{"contact_id": n, "source": "s", "source_key": str(n), "clean": "{}", "raw": "{}"} for n in (1, 2, 3)]
    added(store, contact=people, record=records)
    yield store
    store.close()


def said(contact, field, value, outcome, on):
    return {
        "contact_id": contact,
        "field": field,
        "value": value,
        "outcome": outcome,
        "on": on,
        "by": "o",
        "method": "m",
    }


def colours(store, day=TODAY, **more):
    return {(c, f): colour for c, f, colour in freshness.colours(store, rules(**more), day).rows()}


def test_new_values_are_yellow_and_only_those_there_are(store):
    assert colours(store) == {(1, "email"): "yellow", (1, "phone"): "yellow", (2, "email"): "yellow"}


def test_what_was_found_out_about_the_very_value_counts_also_at_an_absorbed_contact(store):
    added(
        store,
        verification=[
            said(3, "email", "a@x.ua", "confirmed", "2026-11-01"),
            said(1, "phone", "+2", "wrong", "2026-11-01"),
            said(2, "email", "b@x.ua", "confirmed", "2026-11-01"),
            said(2, "email", "b@x.ua", "unreachable", "2026-11-02"),
            said(2, "email", "b@x.ua", "confirmed", "2026-11-30"),  # not known yet
            said(1, "phone", "+1", "confirmed", "yesterday"),
        ],
    )
    assert colours(store) == {(1, "email"): "green", (1, "phone"): "yellow", (2, "email"): "red"}
    assert colours(store, dt.date(2026, 11, 30))[2, "email"] == "green"


def test_the_archived_have_no_colours_until_one_of_their_contacts_is_there_again(store):
    archived = {"on": "2026-11-01", "by": "o", "reason": "silent"}
    added(store, archive=[{"contact_id": 1, **archived}, {"contact_id": 2, **archived}])
    assert {contact for contact, _ in colours(store)} == {1}  # contact 3, who is Ann too, was not archived
    added(store, archive=[{"contact_id": 3, **archived}])
    assert colours(store) == {}


def test_consents_are_as_fresh_as_they_were_last_said(store):
    entry = {"purpose": "news", "state": "given"}
    added(
        store,
        consent=[
            {"contact_id": 3, "at": "2026-11-01", **entry},
            {"contact_id": 2, "at": "2026-01-01", **entry},
            {"contact_id": 2, "at": "2026-02-01", "purpose": "news", "state": "withdrawn"},
        ],
    )
    assert colours(store)[1, "consent"] == "green"
    assert (2, "consent") not in colours(store)
    assert freshness.colours(store, rules(), dt.date(2026, 1, 15)).filter(pl.col("field") == "consent").rows() == [
        (2, "consent", "green")
    ]


def test_an_incoming_letter_proves_the_address_where_the_rule_is_on(store):
    letter = {"kind": "email", "at": "2026-11-19T10:00:00+02:00", "direction": "in", "address": "b@x.ua", "source": "s"}
    added(store, interaction=[{"contact_id": 2, "source_key": "1", **letter}])
    assert colours(store)[2, "email"] == "yellow"
    assert colours(store, proof=Proof(incoming=True))[2, "email"] == "green"
    assert colours(store, dt.date(2026, 11, 18), proof=Proof(incoming=True)).get((2, "email")) == "red"


@pytest.mark.parametrize(
    ("event", "made"),
    [
        ("deal opened", {"deal": [{"contact_id": 3, "opened_on": "2026-11-19", "source": "s", "source_key": "1"}]}),
        ("deal closed", {"deal": [{"contact_id": 1, "closed_on": "2026-11-19", "source": "s", "source_key": "1"}]}),
        ("bounce", {"verification": [said(1, "phone", "+9", "wrong", "2026-11-19")]}),
        (
            "ticket",
            {
                "interaction": [
                    {"contact_id": 1, "kind": "ticket", "at": "2026-11-19T01:00:00Z", "source": "s", "source_key": "1"}
                ]
            },
        ),
        (
            "stage shipped's",
            {
                "deal": [{"id": 1, "contact_id": 1, "source": "s", "source_key": "1"}],
                "deal_stage": [{"deal_id": 1, "stage": "shipped's", "on": "2026-11-19"}],
            },
        ),
    ],
)
def test_an_event_makes_a_field_due(store, event, made):
    book = rules(Check(field="email", owner="x", how="letter", after=(event,)))
    added(
        store, verification=[said(c, "email", e, "confirmed", "2026-11-01") for c, e in ((1, "a@x.ua"), (2, "b@x.ua"))]
    )
    added(store, **made)
    assert freshness.colours(store, book, TODAY)["colour"].to_list() == ["yellow", "green"]


def test_a_segment_has_its_period(store):
    check = Check(
        field="email", owner="x", how="letter", every_months=12, override=(Override(segment="vip", every_months=1),)
    )
    added(
        store, verification=[said(c, "email", e, "confirmed", "2026-10-01") for c, e in ((1, "a@x.ua"), (2, "b@x.ua"))]
    )
    assert freshness.colours(store, rules(check), TODAY)["colour"].to_list() == ["red", "green"]


def test_a_day_is_that_of_the_place_where_the_audit_is_made(monkeypatch):
    import time

    monkeypatch.setenv("TZ", "Europe/Kyiv")
    time.tzset()
    try:
        assert freshness.local_day("2026-12-31T22:30:00+00:00") == dt.date(2027, 1, 1)
        assert freshness.local_day("2026-10-24T20:59:00+00:00") == dt.date(2026, 10, 24)  # summer time: three hours
        assert freshness.local_day("2026-10-25T21:30:00+00:00") == dt.date(2026, 10, 25)  # winter time: two
    finally:
        monkeypatch.undo()
        time.tzset()


def test_an_empty_store_has_no_colours(tmp_path):
    empty = Store.create(tmp_path / "empty.db", "0" * 64)
    assert freshness.colours(empty, rules(), TODAY).is_empty()
    empty.close()
