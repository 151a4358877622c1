"""The shape of `rules/alerts.toml`: which exports, changes and hours the history tells of (see `core.alerts`)."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import Field

from crmtool.core.rule import Name, Rule

Count = Annotated[int, Field(ge=1)]


class Alerts(Rule):
    """`alerts.toml`."""

    export_people: Count = 1000
    export_day: Count = 2000
    changed: Count = 1000
    night: tuple[dt.time, dt.time] | tuple[()] = (dt.time(22), dt.time(6))
    weekends: bool = False
    trusted: tuple[Name, ...] = ()

    def is_night(self, moment: dt.datetime) -> bool:
        """Tell whether nobody works at a moment.

        >>> rules = Alerts(weekends=True)
        >>> [rules.is_night(dt.datetime(2026, 11, day, hour)) for day, hour in ((20, 5), (20, 6), (20, 22), (21, 12))]
        [True, False, True, True]
        """
        if self.weekends and moment.isoweekday() > 5:  # noqa: PLR2004  # Friday
            return True
        if not self.night:
            return False
        begin, end = self.night
        at = moment.time()
        return begin <= at or at < end if begin > end else begin <= at < end
