"""The shape of `backup.toml`, and what it lets stay of old copies.

To add a key: a field here with its default, and its sentence in the shipped file.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from functools import cache
from typing import TYPE_CHECKING, Annotated

import polars as pl
from pydantic import Field

from crmtool.core.rule import Name, Rule

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Count = Annotated[int, Field(ge=0)]


class Keep(Rule):
    """How many copies stay: the last ones, and of each of the last days, weeks and months with a copy the newest."""

    last: Annotated[int, Field(ge=1)] = 7
    days: Count = 14
    weeks: Count = 8
    months: Count = 12


class Before(Rule):
    """From which change on a copy is made first, by itself: both must be reached; a share of 0 means never."""

    share: Annotated[float, Field(ge=0, le=1)] = 0.1  # of all contacts, updated or removed
    contacts: Count = 100  # updated or removed


class Backup(Rule):
    """`backup.toml`: where copies of the store go, who can open them, how long they stay."""

    recipients: tuple[Name, ...] = ()  # public keys of age: age1..., or ssh-ed25519 ...
    targets: Annotated[tuple[Name, ...], Field(min_length=1)] = (
        "backups",
    )  # folders; inside the workspace if relative
    plain: bool = False  # without recipients copies are unencrypted, and that is meant
    keep: Keep = Field(default_factory=Keep)
    before: Before = Field(default_factory=Before)


_PERIODS: dict[str, Callable[[dt.datetime], object]] = {
    "days": lambda moment: moment.date(),
    "weeks": lambda moment: moment.isocalendar()[:2],
    "months": lambda moment: (moment.year, moment.month),
}


def kept(moments: Sequence[dt.datetime], keep: Keep) -> set[int]:
    """Return the positions of the copies that stay, of copies made at these moments, in any order."""
    newest = sorted(range(len(moments)), key=lambda at: moments[at], reverse=True)
    staying = set(newest[: keep.last])
    for name, period in _PERIODS.items():
        first: dict[object, int] = {}
        for at in newest:
            first.setdefault(period(moments[at]), at)
        staying |= set(list(first.values())[: getattr(keep, name)])
    return staying


def leaving(moments: Sequence[dt.datetime], keep: Keep, now: dt.datetime) -> list[dt.date]:
    """Return the day on which the rules let each copy go, if from now on one more is made each day.

    >>> from datetime import datetime
    >>> leaving([datetime(2026, 11, 1), datetime(2026, 11, 20)], Keep(last=3, days=0, weeks=0, months=1),
    ...     datetime(2026, 11, 21))
    [datetime.date(2026, 11, 23), datetime.date(2026, 11, 24)]
    """
    most = keep.last + keep.days + 7 * (keep.weeks + 1) + 31 * (keep.months + 1) + 1
    future = [now + dt.timedelta(days=day) for day in range(1, most + 1)]

    @cache
    def staying(day: int) -> set[int]:
        return kept([*moments, *future[:day]], keep)

    # who is let go once does not come back, whatever copies are made later
    days = (bisect_left(range(most + 1), 1, key=lambda day: at not in staying(day)) for at in range(len(moments)))
    return [(now + dt.timedelta(days=day)).date() for day in days]


def is_large(counts: pl.DataFrame, contacts: int, before: Before) -> bool:
    """Return whether a plan calls for a copy before it (counts: `core.plans.counts`; contacts: how many there are)."""
    changed = counts.filter(pl.col("table") == "contact").select(pl.sum_horizontal("updated", "removed").sum()).item()
    return before.share > 0 and changed >= max(before.contacts, before.share * contacts, 1)
