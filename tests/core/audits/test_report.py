"""Figures, health, gates, quarters and the spread of work."""

import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmtool.core.audits import freshness, gates, quarters, workload
from crmtool.core.audits.report import LABELS, SECTIONS, Line, Part, Report, compared, health, score
from crmtool.core.errors import UsageError
from crmtool.core.freshness_rules import Freshness, Health

DAY = dt.date(2026, 11, 21)


def report(*lines, parts=()):
    return Report(DAY, quarters.quarter_of(DAY), 1, "f", Freshness(check=()), 10, tuple(lines), tuple(parts))


def test_every_line_has_a_section_and_a_label():
    assert [code for codes in SECTIONS.values() for code in codes] == sorted(
        LABELS, key=lambda code: next(n for n, c in enumerate(c for s in SECTIONS.values() for c in s) if c == code)
    )
    assert {code for codes in SECTIONS.values() for code in codes} == set(LABELS)


# -- health -----------------------------------------------------------------------------------------------------------

COUNTS = {"green": 2, "yellow": 2, "red": 4, "emails": 8, "phones": 2, "bad_email": 1, "bad_phone": 0, "invalid": 1}
COUNTS |= {"duplicate_contacts": 1, "consent": 5, "no_owner": 10}


def test_the_health_score_is_the_weighted_mean_of_its_parts():
    parts = health(COUNTS, 10, 30, 40, Health(freshness=1, completeness=1, validity=2, uniqueness=0))
    assert {part.name: part.share for part in parts} == {
        "freshness": 3 / 8,
        "completeness": 0.75,
        "validity": 0.8,
        "uniqueness": 0.9,
        "consent": 0.5,
        "ownership": 0,
    }
    assert score(parts) == pytest.approx(100 * (3 / 8 + 0.75 + 1.6 + 5 + 0) / 19)


def test_what_cannot_be_measured_is_left_out():
    assert score((Part("a", 1, 2, 1), Part("b", 0, 0, 9))) == 50
    assert score((Part("a", 1, 2, 0),)) is None
    assert score(()) is None


def test_lines_are_compared_with_an_earlier_audit():
    now = (Line("red", 5, 9, "do"), Line("merged", 2))
    assert compared(now, {"red": 7.0, "score": 1}) == (Line("red", 5, 9, "do", -2), Line("merged", 2))


# -- gates ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "failed"),
    [
        ("red > 20%", "red > 20%: red is 25%"),
        ("red > 25%", ""),
        ("red >= 25 %", "red >= 25 %: red is 25%"),
        ("red>1", "red>1: red is 2"),
        ("red < 2", ""),
        ("duplicates > 500", "duplicates > 500: duplicates is 501"),
        ("score < 70,5", "score < 70,5: score is 50"),
        ("score > 70", ""),
        ("consent < 1%", ""),  # nobody to have one
    ],
)
def test_a_gate_says_what_fails(text, failed):
    lines = (Line("red", 2, 8), Line("duplicates", 501), Line("consent", 0, 0))
    assert gates.failed(report(*lines, parts=[Part("a", 1, 2, 1)]), gates.gate(text)) == failed


@pytest.mark.parametrize(
    ("text", "hint"),
    [("rad > 3", "Did you mean red?"), ("red >> 3", "For example"), ("", "For example"), ("zzz < 1", "There are: red")],
)
def test_what_is_no_gate_is_refused(text, hint):
    with pytest.raises(UsageError) as refusal:
        gates.gate(text)
    assert hint in refusal.value.hint


def test_a_share_of_nothing_is_refused():
    with pytest.raises(UsageError, match="no share"):
        gates.failed(report(Line("duplicates", 1)), gates.gate("duplicates > 1%"))


# -- quarters ---------------------------------------------------------------------------------------------------------


@given(st.dates(dt.date(1000, 1, 1), dt.date(2999, 12, 31)))
def test_a_day_is_in_its_quarter_and_quarters_join(day):
    quarter = quarters.quarter_of(day)
    assert quarter.first <= day <= quarter.last
    assert quarters.quarter_of(quarter.first) == quarters.quarter_of(quarter.last) == quarter
    assert quarters.quarter_of(quarter.last + dt.timedelta(days=1)) != quarter
    assert quarters.quarter(str(quarter)) == quarter


@pytest.mark.parametrize("text", ["2026Q5", "2026", "Q4", "26Q4", "2026Q0"])
def test_what_is_no_quarter_is_refused(text):
    with pytest.raises(UsageError, match="no quarter"):
        quarters.quarter(text)


# -- work -------------------------------------------------------------------------------------------------------------


def flags(*rows):
    frame = pl.DataFrame(rows, schema=["contact_id", "flag", "reason", "due_on"], orient="row")
    full = frame.with_columns(check=pl.lit(0, pl.UInt8), verified_on=pl.lit(None, pl.Date()))
    return full.select(pl.col(name).cast(kind) for name, kind in freshness.JUDGED.items())


def test_worth_is_told_within_a_currency():
    bought = pl.DataFrame(
        [(1, "RUB", 100), (1, "RUB", 100), (2, "RUB", 150), (3, "UAH", 1), (2, "UAH", 2), (4, "USD", 9)],
        schema=["contact_id", "currency", "amount"],
        orient="row",
    )
    assert workload.worth(bought).rows() == [(1, 1.0), (2, 1.0), (3, 0.5), (4, 1.0)]


def test_the_worst_of_the_worthiest_come_first_and_green_does_not():
    frame = flags(
        (1, "green", "verified", DAY),
        (2, "red", "overdue", DAY - dt.timedelta(days=365)),
        (3, "red", "overdue", DAY),
        (4, "red", "found wrong", DAY),
        (5, "yellow", "due soon", DAY),
        (6, "red", "never verified", None),
    )
    worths = pl.DataFrame({"contact_id": [3, 5], "worth": [1.0, 0.5]})
    ordered = workload.ordered(frame, worths, DAY)
    assert ordered.select("contact_id", "priority").rows() == [(3, 70), (6, 60), (2, 60), (4, 60), (5, 38)]


def test_due_are_the_red_and_what_comes_soon():
    days = [DAY + dt.timedelta(days=n) for n in (6, 7, 8)]
    frame = flags((1, "red", "overdue", None), *[(n, "yellow", "due soon", day) for n, day in enumerate(days, 2)])
    assert workload.due(frame, DAY, 7)["contact_id"].to_list() == [1, 2, 3]


@given(
    st.lists(st.sampled_from(["a", "b", None]), max_size=60),
    st.integers(1, 8),
    st.integers(1, 9),
    st.dates(dt.date(2026, 1, 1), dt.date(2027, 12, 31)),
)
def test_work_is_spread_evenly_within_capacity_and_in_order(owners, weeks, capacity, first):
    tasks = pl.DataFrame({"owner": owners}, schema={"owner": pl.String}).with_row_index("n")
    spread = workload.spread(tasks, first, weeks, capacity)
    assert spread.height == tasks.height
    for owner in {*owners}:
        own = spread.filter(pl.col("owner").eq_missing(pl.lit(owner, pl.String)))
        planned = own["on"].drop_nulls()
        assert planned.len() == min(own.height, weeks * capacity)
        assert planned.is_sorted()
        counts = planned.value_counts()["count"].to_list()
        assert max(counts) <= capacity
        assert max(counts) - min(counts) <= 1
        assert all(day.weekday() == 0 and 0 <= (day - first).days + 6 < 7 * weeks + 6 for day in planned)
        assert own["on"].is_null().to_list() == sorted(own["on"].is_null())
