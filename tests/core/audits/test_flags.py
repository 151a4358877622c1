"""Flags of freshness: the table of cases, calendar months, and the laws of time and order."""

import datetime as dt
import tomllib
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from crmtool.core.audits import flags as audits
from crmtool.core.errors import RuleError
from crmtool.core.freshness_rules import Check, Freshness

TODAY = dt.date(2026, 11, 21)
RULES = Freshness(
    due_days=31,
    check=(
        Check(field="phone", owner="personal manager", every_months=3, how="call"),
        Check(field="email", owner="personal manager", every_months=6, how="test letter", grace_days=10),
    ),
)
EVENTS = {
    "contact_id": pl.Int64(),
    "field": pl.String(),
    "value": pl.String(),
    "outcome": pl.String(),
    "on": pl.String(),
}
SEEN = {"contact_id": pl.Int64(), "on": pl.String()}


def contacts(*rows):
    schema = {"id": pl.Int64(), "name": pl.String(), "owner": pl.String(), "phone": pl.String(), "email": pl.String()}
    return pl.DataFrame(rows, schema=schema, orient="row")


def events(*rows):
    return pl.DataFrame(rows, schema=EVENTS, orient="row")


def seen(*rows):
    return pl.DataFrame(rows, schema=SEEN, orient="row")


def judged(happened, came=(), *, as_of=TODAY):
    """Return (flag, reason, due, verified) of one phone, +1, after what `happened` to it."""
    said = events(*[(1, "phone", value, outcome, on) for value, outcome, on in happened])
    frame = audits.flags(contacts((1, "Ann", None, "+1", None)), said, seen(*[(1, on) for on in came]), RULES, as_of)
    (row,) = frame.select("flag", "reason", pl.col("due_on", "verified_on").cast(pl.String)).rows()
    return row


@pytest.mark.parametrize(
    ("happened", "came", "expected"),
    [
        # due on 21 December less a month: 31 days are "due within 31 days", 32 are not
        ([("+1", "confirmed", "2026-09-23")], [], ("green", "verified", "2026-12-23", "2026-09-23")),
        ([("+1", "confirmed", "2026-09-22")], [], ("yellow", "due soon", "2026-12-22", "2026-09-22")),
        ([("+1", "confirmed", "2026-08-21")], [], ("yellow", "due soon", "2026-11-21", "2026-08-21")),
        ([("+1", "confirmed", "2026-08-20")], [], ("red", "overdue", "2026-11-20", "2026-08-20")),
        # the latest confirmation counts
        (
            [("+1", "confirmed", "2020-01-01"), ("+1", "confirmed", "2026-11-01")],
            [],
            ("green", "verified", "2027-02-01", "2026-11-01"),
        ),
        # never verified: new for 30 days, then red; unknown since when: red
        ([], ["2026-10-22"], ("yellow", "new", "2026-11-21", None)),
        ([], ["2026-10-21"], ("red", "never verified", "2026-11-20", None)),
        ([], ["2026-01-01", "2026-11-20"], ("yellow", "new", "2026-12-20", None)),
        ([], [], ("red", "never verified", None, None)),
        # what is known of another value says nothing of this one
        ([("+2", "confirmed", "2026-11-20")], [], ("red", "never verified", None, None)),
        (
            [("+2", "wrong", "2026-11-20"), ("+1", "confirmed", "2026-11-01")],
            [],
            ("green", "verified", "2027-02-01", "2026-11-01"),
        ),
        # found bad after, before and on the day of a confirmation, and without one
        (
            [("+1", "confirmed", "2026-11-01"), ("+1", "wrong", "2026-11-02")],
            [],
            ("red", "found wrong", "2026-11-02", "2026-11-01"),
        ),
        (
            [("+1", "confirmed", "2026-11-02"), ("+1", "wrong", "2026-11-01")],
            [],
            ("green", "verified", "2027-02-02", "2026-11-02"),
        ),
        (
            [("+1", "wrong", "2026-11-01"), ("+1", "confirmed", "2026-11-01")],
            [],
            ("red", "found wrong", "2026-11-01", "2026-11-01"),
        ),
        ([("+1", "unreachable", "2026-11-01")], ["2026-11-01"], ("red", "unreachable", "2026-11-01", None)),
        (
            [("+1", "unreachable", "2026-11-03"), ("+1", "wrong", "2026-11-02")],
            [],
            ("red", "unreachable", "2026-11-03", None),
        ),
        (
            [("+1", "unreachable", "2026-11-03"), ("+1", "wrong", "2026-11-03")],
            [],
            ("red", "found wrong", "2026-11-03", None),
        ),
        # what has not happened yet is not known; what is no day proves nothing
        ([("+1", "confirmed", "2026-11-22")], [], ("red", "never verified", None, None)),
        ([("+1", "confirmed", "yesterday")], ["soon"], ("red", "never verified", None, None)),
    ],
)
def test_a_value_is_flagged(happened, came, expected):
    assert judged(happened, came) == expected


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
    assert judged([("+1", "confirmed", confirmed)], as_of=dt.date.fromisoformat(confirmed))[2] == due


def test_only_fields_with_a_value_are_flagged_each_by_its_rule():
    people = contacts((7, "Ann", "Иван", "+1", "a@x.ua"), (8, "Bob", None, None, None), (9, None, None, None, "b@x.ua"))
    frame = audits.flags(people, events(), seen((7, "2026-11-05"), (9, "2026-11-20")), RULES, TODAY)
    assert frame.schema == pl.Schema(audits.SCHEMA)
    assert frame.select("contact_id", "name", "owner", "field", "value", "flag", "checker", "how").rows() == [
        (7, "Ann", "Иван", "email", "a@x.ua", "red", "personal manager", "test letter"),
        (7, "Ann", "Иван", "phone", "+1", "yellow", "personal manager", "call"),
        (9, None, None, "email", "b@x.ua", "yellow", "personal manager", "test letter"),
    ]


def test_the_delivered_regulation_can_be_followed():
    path = Path(__file__).resolve().parents[3] / "rules" / "freshness.toml"
    rules = Freshness(**tomllib.loads(path.read_text(encoding="utf-8")))
    people = contacts((1, "Ann", None, "+1", "a@x.ua")).with_columns(job_title=pl.lit("CEO"), address=pl.lit("Львів"))
    said = [(1, field, value, "confirmed", "2026-07-21") for field, value in (("phone", "+1"), ("email", "a@x.ua"))]
    said += [(1, "job_title", "CEO", "confirmed", "2026-07-21"), (1, "address", "Львів", "confirmed", "2026-07-21")]
    frame = audits.flags(people, events(*said), seen(), rules, TODAY)
    assert dict(frame.select("field", "flag").rows()) == {
        "phone": "red",  # every three months
        "email": "red",
        "job_title": "green",  # every six
        "address": "green",  # every twelve
    }


def test_nothing_gives_nothing():
    frame = audits.flags(contacts(), events(), seen(), RULES, TODAY)
    assert frame.schema == pl.Schema(audits.SCHEMA)
    assert frame.is_empty()
    assert audits.flags(contacts(), events(), seen(), Freshness(check=()), TODAY).is_empty()
    assert audits.by_contact(frame).is_empty()
    assert audits.summary(frame).columns == ["owner", "green", "yellow", "red", "total"]


def test_a_field_that_contacts_do_not_have_is_a_mistake_of_the_rules():
    rules = Freshness(check=(Check(field="messenger", owner="x", every_months=1, how="call"),))
    with pytest.raises(RuleError) as refusal:
        audits.flags(contacts(), events(), seen(), rules, TODAY)
    assert "messenger" in refusal.value.problems[0]


def test_the_field_may_be_the_owner_itself():
    rules = Freshness(check=(Check(field="owner", owner="steward", every_months=1, how="list"),))
    frame = audits.flags(contacts((1, "Ann", "Иван", None, None)), events(), seen(), rules, TODAY)
    assert frame.select("owner", "field", "value").rows() == [("Иван", "owner", "Иван")]


def flagged(*rows):
    schema = {name: audits.SCHEMA[name] for name in ("contact_id", "owner", "field", "flag", "due_on")}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.with_columns(name=pl.format("n{}", "contact_id"), value=pl.lit("v"))


def test_counts_by_owner_and_by_field():
    frame = flagged(
        (1, "Иван", "phone", "red", TODAY), (1, "Иван", "email", "green", TODAY), (2, None, "phone", "yellow", TODAY)
    )
    assert audits.summary(frame).rows() == [("Иван", 1, 0, 1, 2), (None, 0, 1, 0, 1)]
    assert audits.summary(frame, by="field").rows() == [("email", 1, 0, 0, 1), ("phone", 0, 1, 1, 2)]


def test_a_contact_is_as_fresh_as_its_worst_value():
    early = TODAY - dt.timedelta(days=9)
    frame = flagged(
        (1, None, "phone", "green", TODAY),
        (1, None, "email", "yellow", early),
        (2, "Иван", "phone", "red", None),
        (3, None, "phone", "green", TODAY),
        (4, None, "phone", "red", early),
    )
    assert audits.by_contact(frame).rows() == [
        (2, "n2", "Иван", "red", None, 0, 0, 1),
        (4, "n4", None, "red", early, 0, 0, 1),
        (1, "n1", None, "yellow", early, 1, 1, 0),
        (3, "n3", None, "green", TODAY, 1, 0, 0),
    ]
    assert audits.worst_first(frame)["contact_id"].to_list() == [2, 4, 1, 1, 3]


# --- laws -------------------------------------------------------------------------------------------------------------

#: A run of the whole audit takes ten milliseconds.
some = settings(max_examples=50, deadline=None)

DAYS = st.dates(dt.date(2024, 1, 1), dt.date(2026, 12, 31)).map(str)
VALUES = st.sampled_from(["+1", "+2", None])
PEOPLE = st.lists(st.tuples(st.sampled_from(["Иван", None]), VALUES, VALUES), max_size=5).map(
    lambda rows: contacts(*[(number, f"n{number}", *row) for number, row in enumerate(rows)])
)
EVENT = st.tuples(
    st.integers(0, 4),
    st.sampled_from(["phone", "email"]),
    st.sampled_from(["+1", "+2"]),
    st.sampled_from(["confirmed", "wrong", "unreachable"]),
    DAYS,
)
HAPPENED = st.lists(EVENT, max_size=12).map(lambda rows: events(*rows))
CAME = st.lists(st.tuples(st.integers(0, 4), DAYS), max_size=6).map(lambda rows: seen(*rows))


@some
@given(PEOPLE, HAPPENED, CAME, st.integers(0, 900), st.integers(0, 900))
def test_a_flag_only_gets_worse_while_nobody_checks(people, happened, came, first, later):
    # after the last event nothing new becomes known
    start = dt.date(2026, 12, 31) + dt.timedelta(days=first)
    before = audits.flags(people, happened, came, RULES, start)
    after = audits.flags(people, happened, came, RULES, start + dt.timedelta(days=later))
    rank = {flag: number for number, flag in enumerate(audits.FLAGS)}
    assert before.select("contact_id", "field").equals(after.select("contact_id", "field"))
    assert all(rank[a] <= rank[b] for a, b in zip(before["flag"], after["flag"], strict=True))


@some
@given(PEOPLE, HAPPENED, CAME, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(people, happened, came, random):
    def shuffled(frame):
        return frame[random.sample(range(frame.height), frame.height)]

    one = audits.flags(people, happened, came, RULES, TODAY)
    other = audits.flags(shuffled(people), shuffled(happened), shuffled(came), RULES, TODAY)
    assert_frame_equal(one, other)


@some
@given(PEOPLE, HAPPENED, CAME)
def test_every_value_has_one_flag_and_every_count_adds_up(people, happened, came):
    frame = audits.flags(people, happened, came, RULES, TODAY)
    assert frame.height == people["phone"].count() + people["email"].count()
    for by in ("owner", "field", "checker"):
        assert audits.summary(frame, by)["total"].sum() == frame.height
    folded = audits.by_contact(frame)
    assert folded.select(pl.sum_horizontal("green", "yellow", "red")).sum().item() == frame.height
    assert folded.height == frame["contact_id"].n_unique()


@some
@given(PEOPLE, HAPPENED, CAME)
def test_a_confirmation_today_makes_any_value_green_unless_it_was_found_bad_today(people, happened, came):
    asked = audits.flags(people, happened, came, RULES, TODAY)
    answers = asked.select("contact_id", "field", "value", outcome=pl.lit("confirmed"), on=pl.lit(str(TODAY)))
    bad_today = happened.filter((pl.col("on") == str(TODAY)) & (pl.col("outcome") != "confirmed"))
    frame = audits.flags(people, pl.concat([happened, answers]), came, RULES, TODAY)
    clean = frame.join(bad_today, on=["contact_id", "field", "value"], how="anti")
    assert set(clean["flag"]) <= {"green"}
