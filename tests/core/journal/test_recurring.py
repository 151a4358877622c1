"""Rules of iCalendar: the same days as dateutil finds, whatever the rule; and rules that are not read."""

import datetime as dt
import warnings
from itertools import takewhile

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crmtool.core.journal.recurring import days, recurrence

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    rrule = pytest.importorskip("dateutil.rrule")

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def listed(values, most=3):
    return st.lists(values, min_size=1, max_size=most, unique=True).map(lambda some: ",".join(map(str, some)))


def ends(most):
    return st.integers(-most, most).filter(bool)


@st.composite
def rules(draw):
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    parts = {"INTERVAL": st.integers(1, 5), "COUNT": st.integers(1, 40), "BYMONTH": listed(st.integers(1, 12))}
    plain = st.sampled_from(WEEKDAYS)
    if frequency in {"MONTHLY", "YEARLY"}:
        parts["BYMONTHDAY"] = listed(ends(31))
        placed = listed(st.builds("{}{}".format, ends(5), plain))
        parts["BYDAY"] = listed(plain) | placed  # not mixed: dateutil asks for both then, the RFC for one of them
    else:
        parts["BYDAY"] = listed(plain)
    if frequency == "YEARLY":
        parts["BYYEARDAY"] = listed(ends(366))
    if frequency == "WEEKLY":
        parts["WKST"] = plain
    chosen = draw(st.lists(st.sampled_from(sorted(parts)), max_size=3, unique=True))
    said = [f"{name}={draw(parts[name])}" for name in chosen]
    if draw(st.booleans()) and {*chosen} & {"BYDAY", "BYMONTHDAY"}:
        said.append(f"BYSETPOS={draw(listed(ends(4)))}")
    return ";".join([f"FREQ={frequency}", *said])


@pytest.fixture(scope="module", autouse=True)
def soon_over():
    """Let dateutil give up soon where a rule is never met; it looks for days until the year 9999."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rrule.datetime, "MAXYEAR", 2034)
        yield


@settings(max_examples=60, deadline=None)
@given(rules(), st.dates(dt.date(1999, 1, 1), dt.date(2028, 12, 31)), st.integers(0, 1500))
@example("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", dt.date(2026, 1, 30), 400)
@example("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU", dt.date(1997, 8, 5), 60)
@example("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", dt.date(2024, 2, 29), 1500)
@example("FREQ=YEARLY;BYDAY=20MO", dt.date(1997, 5, 19), 1000)
def test_the_days_are_those_that_dateutil_finds(text, start, span):
    last = start + dt.timedelta(span)
    uncounted = ";".join(part for part in text.split(";") if not part.startswith("COUNT"))
    rule = recurrence(text)
    peer = rrule.rrulestr(
        f"{uncounted};UNTIL={last:%Y%m%d}", dtstart=dt.datetime.combine(start, dt.time()), cache=False
    )
    other = [at.date() for at in takewhile(lambda at: at.date() <= last, peer)]
    assert days(rule, start, last) == sorted({start, *other})[: rule.times]


@pytest.mark.parametrize(
    "text",
    [
        *("", "FREQ=SECONDLY", "FREQ=DAILY;BYHOUR=9,12", "FREQ=WEEKLY;BYDAY=1MO", "FREQ=YEARLY;BYWEEKNO=20"),
        *("FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;COUNT=-1", "FREQ=DAILY;NEW=1", "INTERVAL=2", "FREQ=MONTHLY;BYDAY=XX"),
    ],
)
def test_rules_that_are_not_read(text):
    assert recurrence(text) is None


def test_a_rule_that_is_never_met_costs_no_more_than_any_other():
    never = recurrence("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30")
    assert days(never, dt.date(1970, 1, 1), dt.date(2099, 12, 31)) == [dt.date(1970, 1, 1)]
    assert days(never, dt.date(1969, 1, 1), dt.date(2026, 1, 1)) == [dt.date(1969, 1, 1)]
