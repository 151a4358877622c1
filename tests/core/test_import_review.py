"""The log of imports by source."""

from __future__ import annotations

import datetime as dt

from crmtool.core.import_review import Imported, reviewed

LAST = dt.date(2026, 11, 22)


def came(source, *days_ago, **counts):
    return [Imported(source, LAST - dt.timedelta(days=days), counts) for days in days_ago]


def test_only_the_days_looked_at_are_counted():
    (found,) = reviewed(came("form", 10, 3, 0, read=10, new=6, rejected=2), LAST - dt.timedelta(days=6), LAST)
    assert (found.files, found.counts["read"], found.counts["new"], found.rejected_share) == (2, 20, 12, 0.2)
    assert found.last == LAST


def test_a_source_is_silent_when_it_is_longer_so_than_usual():
    weekly, daily, rare = came("weekly", 28, 21, 14, 10), came("daily", 8, 7, 6, 5), came("rare", 300, 5)
    found = {each.source: each for each in reviewed([*weekly, *daily, *rare], LAST, LAST)}
    assert [name for name, each in found.items() if each.is_silent] == ["daily"]
    assert found["daily"].usual_days == 1
    assert found["weekly"].usual_days == 7
    assert (found["rare"].usual_days, found["rare"].silent_days) == (None, 5)


def test_what_came_later_is_not_known_yet():
    assert reviewed(came("form", -1, read=1), LAST, LAST) == []
