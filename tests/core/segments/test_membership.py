"""Who enters and leaves is kept, through merges, and told between two days."""

import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmtool.core import model
from crmtool.core.plans import Revision
from crmtool.core.segments import membership

DAY = dt.date(2026, 11, 1)
NOBODY = model.empty("segment_membership")


def refreshed(standing, members, day, roots=()):
    """Return the rows of a segment after a refresh."""
    leading = {i: i for i in range(1, 10)} | dict(roots)
    where = pl.DataFrame(list(leading.items()), schema={"id": pl.Int64(), "root_id": pl.Int64()}, orient="row")
    still = standing.filter(pl.col("left_on").is_null())
    ids = {"s": pl.Series(sorted(members), dtype=pl.Int64)}
    plan = membership.plan_refresh(ids, still, where, day, Revision(1, "x"), "rules", standing.height + 1)
    edit = plan.edits["segment_membership"]
    rest = standing.filter(~pl.col("id").is_in(edit.before["id"].implode()))
    return pl.concat([rest, edit.after, edit.created]).sort("id"), plan


def test_who_comes_and_goes_is_kept():
    rows, plan = refreshed(NOBODY, {1, 2}, DAY)
    assert plan.facts == {"segments": {"s": [2, 0]}}
    rows, plan = refreshed(rows, {2, 3}, DAY + dt.timedelta(1))
    assert plan.facts == {"segments": {"s": [1, 1]}}
    assert rows.select("contact_id", "entered_on", "left_on").rows() == [
        (1, "2026-11-01", "2026-11-02"),
        (2, "2026-11-01", None),
        (3, "2026-11-02", None),
    ]


def test_a_refresh_without_news_changes_nothing():
    rows, _ = refreshed(NOBODY, {1, 2}, DAY)
    assert refreshed(rows, {1, 2}, DAY + dt.timedelta(9))[1].is_empty


def test_two_that_became_one_stay_and_leave_together():
    rows, _ = refreshed(NOBODY, {1, 2}, DAY)
    assert refreshed(rows, {1}, DAY + dt.timedelta(1), [(2, 1)])[1].is_empty
    rows, plan = refreshed(rows, set(), DAY + dt.timedelta(2), [(2, 1)])
    assert plan.facts == {"segments": {"s": [0, 1]}}
    assert rows["left_on"].null_count() == 0


def changed(rows, since):
    with_roots = rows.with_columns(root_id="contact_id")
    return membership.changes(with_roots, since).rows()


@pytest.mark.parametrize(
    ("since", "told"),
    [
        (0, [(2, "entered", "2026-11-01"), (3, "entered", "2026-11-02")]),
        (1, [(3, "entered", "2026-11-02"), (1, "left", "2026-11-02")]),
        (2, []),
    ],
)
def test_the_difference_counts_from_the_beginning_of_a_day(since, told):
    rows, _ = refreshed(NOBODY, {1, 2}, DAY)
    rows, _ = refreshed(rows, {2, 3}, DAY + dt.timedelta(1))
    assert changed(rows, DAY + dt.timedelta(since)) == told


@given(st.lists(st.sets(st.integers(1, 6)), min_size=1, max_size=6), st.integers(0, 6))
def test_the_difference_is_that_of_the_members(days, since):
    rows = NOBODY
    for number, members in enumerate(days):
        rows, _ = refreshed(rows, members, DAY + dt.timedelta(number))
    before = days[since - 1] if 0 < since <= len(days) else set() if since == 0 else days[-1]
    told = {(i, what) for i, what, _ in changed(rows, DAY + dt.timedelta(since))}
    assert told == {(i, "entered") for i in days[-1] - before} | {(i, "left") for i in before - days[-1]}
