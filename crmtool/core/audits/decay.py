"""How fast values die: their survival from what was found out about them, and the periods that follow.

The life of a value begins when it was first known to be good: confirmed, or come in. It ends halfway between the last
day it was known to be good and the day it was found wrong or unreachable; a value that was not found bad has lived at
least until its last confirmation. Survival is the Kaplan-Meier estimate (Kaplan and Meier 1958, JASA 53), as
`scipy.stats.ecdf` computes it. Only values that were looked at again after they came in count: of the others nothing is
known. A proposed period is the time after which the tolerated share has died, by the mean rate over what was watched.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

#: What was found out about a value, in the order of days.
HISTORY: dict[str, pl.DataType] = {
    "contact_id": pl.Int64(),
    "field": pl.String(),
    "value": pl.String(),
    "outcome": pl.String(),  # "confirmed", "wrong" or "unreachable"
    "on": pl.Date(),
}
YEAR = 365.25  # days
_MONTH, _QUARTER = YEAR / 12, YEAR / 4
_LEAST = 30  # values; fewer tell nothing


class Decay(NamedTuple):
    """How values of a field die in a group: how many were watched and died, and what follows.

    `per_quarter` and `per_year` are shares that die; `months` is the proposed period, not yet rounded; None where
    nothing died.
    """

    field: str
    group: str | None
    watched: int
    died: int
    per_quarter: float
    per_year: float
    months: float | None

    @property
    def every_months(self) -> int | None:
        """The period as the regulation takes it: whole months, at least one."""
        return None if self.months is None else max(1, math.floor(self.months))


def lives(history: pl.DataFrame, came: pl.DataFrame) -> pl.DataFrame:
    """Return the life of each value that was looked at (columns contact_id, field, days, died).

    `history`: columns of HISTORY; `came`: contact_id and seen, the first day its values came in.
    """
    key = ["contact_id", "field", "value"]
    bad = pl.col("outcome") != "confirmed"
    dated = history.join(came, on="contact_id", how="left").sort("on", maintain_order=True)
    first_bad = dated.group_by(key).agg(end=pl.col("on").filter(bad).min())
    joined = dated.join(first_bad, on=key).filter(pl.col("end").is_null() | (pl.col("on") <= pl.col("end")))
    good = pl.col("on").filter(~bad)
    told = joined.group_by(key).agg(
        start=pl.min_horizontal(pl.col("seen").first(), good.min()), good=good.max(), end=pl.col("end").first()
    )
    alive = pl.coalesce("good", "start")
    halfway = (pl.col("end") - alive).dt.total_days() / 2
    days = (alive - pl.col("start")).dt.total_days() + halfway.fill_null(0)
    known = told.filter(pl.col("start").is_not_null()).with_columns(days=days, died=pl.col("end").is_not_null())
    return (
        known.filter((pl.col("days") > 0) | pl.col("died"))
        .select("contact_id", "field", "days", "died")
        .sort("field", "contact_id")
    )


def decays(lived: pl.DataFrame, groups: pl.DataFrame | None, tolerance: float) -> list[Decay]:
    """Return how values die, by field and, where `groups` (contact_id, group) are given, by group; most watched first.

    `tolerance` is the share that may have died when the next check comes. Groups of fewer than thirty values are left
    out. Raises ImportError where scipy is missing.
    """
    told = list(_told(lived.with_columns(group=pl.lit(None, pl.String)), tolerance))
    if groups is not None:
        told += _told(lived.join(groups, on="contact_id").drop_nulls("group"), tolerance)
    return sorted(told, key=lambda each: (each.field, each.group is not None, -each.watched, each.group or ""))


def _told(lived: pl.DataFrame, tolerance: float) -> Iterator[Decay]:
    for (field, group), values in lived.group_by("field", "group", maintain_order=True):
        if values.height >= _LEAST:
            yield _decay(str(field), None if group is None else str(group), values, tolerance)


def _decay(field: str, group: str | None, values: pl.DataFrame, tolerance: float) -> Decay:
    died = int(values["died"].sum())
    rate = _rate(values["days"].to_numpy(), values["died"].to_numpy()) if died else 0.0
    months = -math.log(1 - tolerance) / rate / _MONTH if rate else None
    dead = [1 - math.exp(-rate * days) for days in (_QUARTER, YEAR)]
    return Decay(field, group, values.height, died, dead[0], dead[1], months)


def _rate(days: np.ndarray, died: np.ndarray) -> float:
    """Return the deaths a day: the fall of the Kaplan-Meier curve while a tenth of the values is still watched."""
    import numpy as np
    from scipy.stats import CensoredData, ecdf

    survival = ecdf(CensoredData(uncensored=days[died], right=days[~died])).sf
    until = float(np.quantile(days, 0.9))
    left = float(survival.evaluate(until))
    if left <= 0 or until <= 0:
        return float(died.sum() / days.sum())
    return -math.log(left) / until
