"""Quarters of the calendar: 2026Q4 is the first of October to the last of December 2026."""

from __future__ import annotations

import datetime as dt
import re
from typing import NamedTuple

from crmtool.core.errors import UsageError

_MONTHS = 3


class Quarter(NamedTuple):
    """A quarter of a year, from 1."""

    year: int
    number: int

    @property
    def first(self) -> dt.date:
        """The first day."""
        return dt.date(self.year, _MONTHS * (self.number - 1) + 1, 1)

    @property
    def last(self) -> dt.date:
        """The last day."""
        return quarter_of(self.first + dt.timedelta(days=95)).first - dt.timedelta(days=1)

    def __str__(self) -> str:
        """Return the quarter as people write it.

        >>> str(Quarter(2026, 4))
        '2026Q4'
        """
        return f"{self.year}Q{self.number}"


def quarter_of(day: dt.date) -> Quarter:
    """Return the quarter a day is in.

    >>> str(quarter_of(dt.date(2026, 12, 31))), str(quarter_of(dt.date(2027, 1, 1)))
    ('2026Q4', '2027Q1')
    """
    return Quarter(day.year, (day.month - 1) // _MONTHS + 1)


def quarter(text: str) -> Quarter:
    """Return a quarter as people write it, "2026Q4" or "2026-q4". Raises UsageError."""
    found = re.fullmatch(r"([12]\d{3})-?[qQ]([1-4])", text.strip())
    if found is None:
        raise UsageError(f"{text!r} is no quarter.", "Write it as 2026Q4.")
    return Quarter(int(found[1]), int(found[2]))
