"""Alerts: what is over a limit, and when nobody works."""

from __future__ import annotations

import datetime as dt

import pytest

from crmtool.core.alert_rules import Alerts
from crmtool.core.alerts import Done, Taken, found

RULES = Alerts(export_people=10, export_day=15, changed=5, night=(dt.time(22), dt.time(6)), trusted=("cron",))


def at(hour, day=20):
    return dt.datetime(2026, 11, day, hour, tzinfo=dt.UTC)


def kinds(done=(), taken=(), rules=RULES):
    return [(alert.kind, alert.changeset, alert.number) for alert in found(done, taken, rules)]


def test_what_keeps_to_the_limits_is_not_told():
    done = [Done(1, at(9), "olha", "import x", 5, False), Done(2, at(23), "cron", "import x", 0, False)]
    taken = [Taken(3, at(9), "olha", "x.csv", 10), Taken(4, at(9), "ivan", "y.csv", 5)]
    assert kinds([*done, Done(5, at(23), "olha", "import x", 0, True)], taken) == []


def test_large_exports_and_changes_are_told():
    done = [Done(1, at(9), "olha", "contacts import-sheet x", 6, False)]
    assert kinds(done, [Taken(2, at(9), "olha", "x.csv", 11)]) == [("change", 1, 6), ("export", 2, 11)]


def test_many_small_files_of_one_day_are_told_once():
    files = [
        Taken(number, at(9, day), who, "x.csv", 8) for number, day, who in ((1, 20, "a"), (2, 20, "a"), (3, 21, "a"))
    ]
    assert kinds(taken=[*files, Taken(4, at(9), "b", "x.csv", 8)]) == [("export day", 2, 16)]


@pytest.mark.parametrize(
    ("rules", "moment", "is_night"),
    [
        (RULES, at(22), True),
        (RULES, at(5), True),
        (RULES, at(6), False),
        (Alerts(night=(dt.time(1), dt.time(5))), at(23), False),
        (Alerts(night=(dt.time(1), dt.time(5))), at(1), True),
        (Alerts(night=()), at(3), False),
        (Alerts(night=(), weekends=True), at(12, 22), True),
    ],
)
def test_night_is_what_the_rules_say(rules, moment, is_night):
    assert bool(kinds([Done(1, moment, "olha", "import x", 0, False)], rules=rules)) is is_night
