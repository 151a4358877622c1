"""Which copies stay: the last, one for each recent day, week and month, and never none."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmtool.core.backup_rules import Before, Keep, is_large, kept, leaving

NOON = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
moments = st.lists(st.integers(0, 50_000).map(lambda hours: NOON - dt.timedelta(hours=hours)), max_size=40)


def days_ago(*days):
    return [NOON - dt.timedelta(days=day) for day in days]


def test_the_last_ones_stay():
    assert kept(days_ago(5, 4, 3, 2, 1), Keep(last=2, days=0, weeks=0, months=0)) == {3, 4}


def test_of_each_day_the_newest_stays():
    made = [NOON, NOON - dt.timedelta(hours=1), *days_ago(1, 2), days_ago(2)[0] - dt.timedelta(hours=1)]
    assert kept(made, Keep(last=1, days=3, weeks=0, months=0)) == {0, 2, 3}


def test_days_without_a_copy_do_not_count():
    assert kept(days_ago(0, 100, 200), Keep(last=1, days=2, weeks=0, months=0)) == {0, 1}


def test_a_year_of_nights_leaves_a_month_each():
    made = days_ago(*range(365))
    staying = kept(made, Keep(last=7, days=14, weeks=8, months=12))
    assert {(m.year, m.month) for m in (made[at] for at in staying)} == {(m.year, m.month) for m in made[:340]}
    assert 25 < len(staying) < 41


@given(moments, st.builds(Keep, last=st.integers(1, 9), days=st.integers(0, 9), weeks=st.integers(0, 9)))
def test_the_newest_always_stays_and_a_second_look_lets_nothing_go(made, keep):
    staying = kept(made, keep)
    if made:
        assert max(made) in {made[at] for at in staying}
    left = [made[at] for at in sorted(staying)]
    assert kept(left, keep) == set(range(len(left)))


@settings(max_examples=settings().max_examples // 3)
@given(moments, st.builds(Keep, last=st.integers(1, 3), days=st.integers(0, 3), weeks=st.just(1), months=st.just(0)))
def test_a_copy_leaves_on_the_first_day_on_which_it_does_not_stay(made, keep):
    for at, left in enumerate(leaving(made, keep, NOON)):
        days = (left - NOON.date()).days
        for day in range(max(days - 3, 0), days + 3):
            later = [NOON + dt.timedelta(days=number) for number in range(1, day + 1)]
            assert (at in kept([*made, *later], keep)) == (day < days)


def plan(created, updated, removed):
    row = {"table": "contact", "created": created, "updated": updated, "removed": removed}
    return pl.DataFrame([row, {**row, "table": "record", "updated": 10_000}])


@pytest.mark.parametrize(
    ("counts", "contacts", "large"),
    [
        ((5_000, 0, 0), 6_000, False),
        ((0, 100, 0), 1_000, True),
        ((0, 60, 40), 1_000, True),
        ((0, 99, 0), 990, False),
        ((0, 99, 0), 100, False),
        ((0, 0, 100), 0, True),
    ],
)
def test_a_plan_is_large_by_what_it_changes_of_what_is_there(counts, contacts, large):
    assert is_large(plan(*counts), contacts, Before(share=0.1, contacts=100)) is large


def test_a_share_of_nothing_means_never():
    assert not is_large(plan(0, 1_000, 0), 1_000, Before(share=0))
    assert not is_large(pl.DataFrame(schema=plan(0, 0, 0).schema), 0, Before(contacts=0))
