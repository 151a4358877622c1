"""Colours of the regulation: the table of cases, events, segments with periods of their own, and the laws of time."""

import datetime as dt

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmtool.core.audits import freshness
from crmtool.core.freshness_rules import Check, Freshness, Override

TODAY = dt.date(2026, 11, 21)
PHONE = Check(field="phone", owner="personal manager", every_months=3, how="call")
EMAIL = Check(field="email", owner="personal manager", every_months=6, how="test letter", grace_days=10)
RULES = Freshness(due_days=31, check=(PHONE, EMAIL))


def day(text):
    return dt.date.fromisoformat(text) if text else None


def known(*rows):
    """Return facts of one field from (contact, confirmed, wrong, unreachable, seen)."""
    return pl.DataFrame([(contact, *map(day, days)) for contact, *days in rows], schema=freshness.FACTS, orient="row")


def happened(*rows):
    return pl.DataFrame([(c, day(on)) for c, on in rows], schema={"contact_id": pl.Int64, "on": pl.Date}, orient="row")


def judged(*values, rules=RULES, events=None, members=None, as_of=TODAY):
    facts = {"phone": known(), "email": known(), **(values[0] if values else {})}
    return freshness.judged(freshness.Facts(facts, events or {}, members or {}), rules, as_of)


def told(confirmed=None, wrong=None, unreachable=None, seen=None, as_of=TODAY):
    """Return (flag, reason, due, verified) of one phone."""
    flags = judged({"phone": known((1, confirmed, wrong, unreachable, seen))}, as_of=as_of)
    (row,) = flags.select("flag", "reason", pl.col("due_on", "verified_on").cast(pl.String)).rows()
    return row


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        # due on 21 December less a month: 31 days are "due within 31 days", 32 are not
        ({"confirmed": "2026-09-23"}, ("green", "verified", "2026-12-23", "2026-09-23")),
        ({"confirmed": "2026-09-22"}, ("yellow", "due soon", "2026-12-22", "2026-09-22")),
        ({"confirmed": "2026-08-21"}, ("yellow", "due soon", "2026-11-21", "2026-08-21")),
        ({"confirmed": "2026-08-20"}, ("red", "overdue", "2026-11-20", "2026-08-20")),
        # never verified: new for 30 days, then red; unknown since when: red
        ({"seen": "2026-10-22"}, ("yellow", "new", "2026-11-21", None)),
        ({"seen": "2026-10-21"}, ("red", "never verified", "2026-11-20", None)),
        ({}, ("red", "never verified", None, None)),
        # found bad after, before and on the day of a confirmation, and without one
        ({"confirmed": "2026-11-01", "wrong": "2026-11-02"}, ("red", "found wrong", "2026-11-02", "2026-11-01")),
        ({"confirmed": "2026-11-02", "wrong": "2026-11-01"}, ("green", "verified", "2027-02-02", "2026-11-02")),
        ({"confirmed": "2026-11-01", "wrong": "2026-11-01"}, ("red", "found wrong", "2026-11-01", "2026-11-01")),
        ({"unreachable": "2026-11-01", "seen": "2026-11-01"}, ("red", "unreachable", "2026-11-01", None)),
        ({"unreachable": "2026-11-03", "wrong": "2026-11-02"}, ("red", "unreachable", "2026-11-03", None)),
        ({"unreachable": "2026-11-03", "wrong": "2026-11-03"}, ("red", "found wrong", "2026-11-03", None)),
    ],
)
def test_a_value_is_flagged(said, expected):
    assert told(**said) == expected


@pytest.mark.parametrize(
    ("confirmed", "due"),
    [
        ("2026-11-30", "2027-02-28"),
        ("2027-11-30", "2028-02-29"),
        ("2026-10-31", "2027-01-31"),
        ("2026-12-31", "2027-03-31"),
    ],
)
def test_periods_are_calendar_months_cut_to_the_end_of_the_month(confirmed, due):
    assert told(confirmed=confirmed, as_of=day(confirmed))[2] == due


ON_PROJECTS = Freshness(
    check=(Check(field="phone", owner="x", after=("deal opened", "ticket"), within_days=14, how="letter"),)
)


@pytest.mark.parametrize(
    ("deal", "ticket", "expected"),
    [
        (None, None, ("green", "verified", None)),
        ("2026-08-31", None, ("green", "verified", None)),  # before the confirmation
        ("2026-11-10", None, ("yellow", "after an event", "2026-11-24")),
        ("2026-11-07", None, ("yellow", "after an event", "2026-11-21")),
        ("2026-11-06", None, ("red", "overdue", "2026-11-20")),
        ("2026-08-31", "2026-11-20", ("yellow", "after an event", "2026-12-04")),
    ],
)
def test_events_make_a_value_due(deal, ticket, expected):
    events = {
        "deal opened": happened(*[(1, deal)] if deal else []),
        "ticket": happened(*[(1, ticket)] if ticket else []),
    }
    flags = judged({"phone": known((1, "2026-09-01", None, None, None))}, rules=ON_PROJECTS, events=events)
    assert flags.select("flag", "reason", pl.col("due_on").cast(pl.String)).row(0) == expected


def test_whichever_comes_first_is_the_next_check():
    both = PHONE.model_copy(update={"after": ("deal opened",)})
    rules = Freshness(check=(both,))
    values = {"phone": known((1, "2026-08-25", None, None, None), (2, "2026-11-01", None, None, None))}
    events = {"deal opened": happened((1, "2026-11-20"), (2, "2026-11-20"))}
    flags = judged(values, rules=rules, events=events)
    assert flags.select("reason", pl.col("due_on").cast(pl.String)).rows() == [
        ("due soon", "2026-11-25"),
        ("after an event", "2026-12-04"),
    ]


def test_a_segment_has_periods_of_its_own_and_the_first_that_fits_counts():
    key, vip = Override(segment="key", every_months=1), Override(segment="vip", grace_days=200)
    rules = Freshness(check=(PHONE.model_copy(update={"override": (key, vip)}),))
    values = {
        "phone": known(*[(n, "2026-10-01", None, None, None) for n in (1, 2, 3)], (4, None, None, None, "2026-09-01"))
    }
    flags = judged(values, rules=rules, members={"key": pl.Series([1, 2]), "vip": pl.Series([2, 4])})
    assert flags.select("contact_id", "flag").rows() == [(1, "red"), (2, "red"), (3, "green"), (4, "yellow")]


def test_a_contact_is_as_its_worst_required_field():
    rules = Freshness(check=(PHONE, EMAIL.model_copy(update={"required": False})))
    good, bad = (1, "2026-11-01", None, None, None), (1, None, "2026-11-01", None, None)
    assert freshness.by_contact(judged({"phone": known(good), "email": known(bad)}), RULES)["flag"].to_list() == ["red"]
    flags = judged({"phone": known(good), "email": known(bad)}, rules=rules)
    assert freshness.by_contact(flags, rules)["flag"].to_list() == ["green"]


def test_colours_are_one_for_each_field_the_worst_of_its_lines():
    rules = Freshness(check=(PHONE, PHONE.model_copy(update={"every_months": 1}), EMAIL))
    values = {"phone": known((7, "2026-09-30", None, None, None)), "email": known((7, "2026-11-01", None, None, None))}
    flags = judged(values, rules=rules)
    assert freshness.colours(flags, rules).rows() == [(7, "phone", "red"), (7, "email", "green")]


def test_nothing_gives_nothing():
    flags = judged()
    assert flags.is_empty()
    assert flags.schema == pl.Schema(freshness.JUDGED)
    assert freshness.colours(flags, RULES).columns == ["contact_id", "field", "colour"]
    assert freshness.by_contact(flags, RULES).columns == ["contact_id", "flag", "due_on"]
    assert freshness.judged(freshness.Facts({}), Freshness(check=()), TODAY).is_empty()


# --- laws -------------------------------------------------------------------------------------------------------------

some = settings(max_examples=40, deadline=None)
DAYS = st.one_of(st.none(), st.dates(dt.date(2024, 1, 1), dt.date(2026, 12, 31)).map(str))
ROW = st.tuples(st.integers(1, 9), DAYS, DAYS, DAYS, DAYS)
VALUES = st.lists(ROW, max_size=6, unique_by=lambda row: row[0]).map(lambda rows: known(*rows))


@some
@given(VALUES, VALUES, st.integers(0, 900), st.integers(0, 900))
def test_a_flag_only_gets_worse_while_nobody_checks(phones, emails, first, later):
    start = dt.date(2026, 12, 31) + dt.timedelta(days=first)  # after the last day nothing new becomes known
    values = {"phone": phones, "email": emails}
    before, after = judged(values, as_of=start), judged(values, as_of=start + dt.timedelta(days=later))
    assert before.select("contact_id", "check").equals(after.select("contact_id", "check"))
    assert (before["flag"].to_physical() <= after["flag"].to_physical()).all()


@some
@given(VALUES, VALUES)
def test_every_value_has_one_flag_and_every_count_adds_up(phones, emails):
    flags = judged({"phone": phones, "email": emails})
    assert flags.height == phones.height + emails.height
    assert freshness.counts(flags, pl.col("check"))["total"].sum() == flags.height
    assert freshness.by_contact(flags, RULES).height == flags["contact_id"].n_unique()
    assert all(freshness.REASONS[reason] == flag for reason, flag in flags.select("reason", "flag").rows())


@some
@given(VALUES)
def test_a_confirmation_today_makes_green_what_was_not_found_bad_today(phones):
    asked = phones.with_columns(confirmed=pl.lit(TODAY))
    good = asked.filter(~pl.any_horizontal((pl.col("wrong", "unreachable") >= TODAY).fill_null(value=False)))
    assert set(judged({"phone": good})["flag"]) <= {"green"}
