"""What open deals may bring: amounts weighted by how often deals that stood in a stage were won, tested on the past.

A chance is told by the base's own closed deals where enough of them stood in the stage, else by `deals.toml`, else not
at all. The back-test stands at past days, knows only what was known then, and compares what it would have said of the
deals that were open with what they brought; deals still open today are left out of it, on both sides.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crmtool.core.deal_rules import Deals

#: The history of deals, one row for each stage reached.
STEPS: dict[str, pl.DataType] = {
    "deal_id": pl.Int64(),
    "amount": pl.Int64(),
    "currency": pl.String(),
    "stage": pl.String(),
    "on": pl.Date(),
}
ENOUGH = 20  # closed deals that stood in a stage, for their share to count
_DEALS = 5  # open deals at a day, for it to be tested
_DAYS = 6  # days of the back-test; fewer say nothing
_BACK = 12  # months


@dataclass(frozen=True)
class Forecast:
    """What open deals may bring.

    `stages`: stage, currency, deals, amount, chance (null: not known), closed (deals it was told by; null: by the
    rules), expected. `error`: the mean absolute error of the back-test as a share of what came, null: not enough data;
    `tested`: on how many days; `bias`: what was said over what came.
    """

    stages: pl.DataFrame
    error: float | None
    bias: float | None
    tested: int


def forecast(steps: pl.DataFrame, rules: Deals, day: dt.date) -> Forecast:
    """Return what the deals that are open on a day may bring, from their history (columns: `STEPS`)."""
    stages = _expected(steps, rules, day)
    tests = [test for month in range(1, _BACK + 1) if (test := _tested(steps, rules, _before(day, month), day))]
    told = [(said, came) for said, came in tests if came > 0]
    if len(told) < _DAYS:
        return Forecast(stages, None, None, len(told))
    came = sum(each for _, each in told)
    wrong = sum(abs(said - each) for said, each in told)
    return Forecast(stages, wrong / came, sum(said for said, _ in told) / came, len(told))


def standing(steps: pl.DataFrame, day: dt.date) -> pl.DataFrame:
    """Return where each deal stood on a day: the last stage it had reached (columns: `STEPS`)."""
    known = steps.filter(pl.col("on") <= day).sort("deal_id", "on", maintain_order=True)
    return known.group_by("deal_id", maintain_order=True).last().select(*STEPS)


def chances(steps: pl.DataFrame, rules: Deals, day: dt.date) -> dict[str, tuple[float, int]]:
    """Return stage -> (share of won, closed deals) of the deals closed by a day that had stood in the stage."""
    closed = standing(steps, day).filter(pl.col("stage").is_in([*rules.won, *rules.lost]))
    ends = closed.select("deal_id", won=pl.col("stage").is_in([*rules.won]))
    passed = steps.filter((pl.col("on") <= day) & pl.col("stage").is_in([*rules.open]))
    both = passed.select("deal_id", "stage").unique().join(ends, on="deal_id")
    counted = both.group_by("stage").agg(share=pl.col("won").mean(), closed=pl.len())
    return {stage: (share, closed) for stage, share, closed in counted.rows() if closed >= ENOUGH}


def _expected(steps: pl.DataFrame, rules: Deals, day: dt.date) -> pl.DataFrame:
    known = chances(steps, rules, day)
    share = {**dict(rules.chance), **{stage: won for stage, (won, _) in known.items()}}
    now = standing(steps, day).filter(~pl.col("stage").is_in([*rules.won, *rules.lost]))
    grouped = now.group_by("stage", "currency").agg(deals=pl.len().cast(pl.Int64), amount=pl.col("amount").sum())
    order = {stage: place for place, stage in enumerate(rules.open)}
    told = grouped.with_columns(
        chance=_replaced("stage", share, pl.Float64()),
        closed=_replaced("stage", {stage: closed for stage, (_, closed) in known.items()}, pl.Int64()),
        place=_replaced("stage", order, pl.Int64()),
    )
    expected = (pl.col("amount") * pl.col("chance")).round().cast(pl.Int64)
    return told.with_columns(expected=expected).sort("place", "stage", "currency", nulls_last=True).drop("place")


def _replaced(column: str, values: Mapping[str, object], kind: pl.DataType) -> pl.Expr:
    return pl.col(column).replace_strict(dict(values), default=None, return_dtype=kind)


def _tested(steps: pl.DataFrame, rules: Deals, then: dt.date, now: dt.date) -> tuple[float, float] | None:
    """Return what would have been said on a day and what came, in the currency most deals have; None: too few deals."""
    ended = standing(steps, now).select("deal_id", end="stage")
    open_then = standing(steps, then).filter(~pl.col("stage").is_in([*rules.won, *rules.lost]))
    both = open_then.join(ended, on="deal_id").filter(pl.col("end").is_in([*rules.won, *rules.lost]))
    known = chances(steps, rules, then)
    share = {stage: won for stage, (won, _) in known.items()}
    told = both.filter(pl.col("stage").is_in([*share]) & pl.col("amount").is_not_null())
    if told.height < _DEALS:
        return None
    currency = told["currency"].mode().sort()[0]
    mine = told.filter(pl.col("currency").eq_missing(currency)).with_columns(
        chance=_replaced("stage", share, pl.Float64()), won=pl.col("end").is_in([*rules.won])
    )
    said = float((mine["amount"] * mine["chance"]).sum())
    return said, float(mine.filter("won")["amount"].sum())


def _before(day: dt.date, months: int) -> dt.date:
    """Return the first day of the month so many months before."""
    whole = day.year * 12 + day.month - 1 - months
    return dt.date(whole // 12, whole % 12 + 1, 1)
