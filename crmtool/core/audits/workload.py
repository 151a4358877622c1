"""Who checks what and when: the order of tasks by value and redness, and their spread over weeks.

    priority = 60 x redness + 40 x worth, rounded

Redness: 1 for a value found wrong or unreachable; 0.5 and up to 0.5 more over a year for one that is overdue or was
never verified; 0.3 for a yellow one. Worth: the share of clients, among those who bought in the same currency, that
bought for no more; 0 for who bought nothing.
"""

from __future__ import annotations

import datetime as dt

import polars as pl

_REDNESS, _WORTH = 60, 40
_YEAR = 365


def worth(bought: pl.DataFrame) -> pl.DataFrame:
    """Return what each client is worth, 0 to 1 (columns contact_id, worth), from contact_id, currency and amount.

    Of several currencies the best counts, so that no rate of exchange is needed.
    """
    sums = bought.group_by("contact_id", "currency").agg(pl.col("amount").sum())
    ranked = sums.with_columns(worth=pl.col("amount").rank("max").over("currency") / pl.len().over("currency"))
    return ranked.group_by("contact_id").agg(pl.col("worth").max()).sort("contact_id")


def ordered(flags: pl.DataFrame, worths: pl.DataFrame, day: dt.date) -> pl.DataFrame:
    """Return red and yellow flags (`freshness.JUDGED`) with their `priority`, the highest first."""
    open_ = flags.filter(pl.col("flag") != "green").join(worths, on="contact_id", how="left")
    late = (pl.lit(day) - pl.col("due_on")).dt.total_days().fill_null(_YEAR).clip(0, _YEAR) / _YEAR
    redness = (
        pl.when(pl.col("reason").is_in(["found wrong", "unreachable"]))
        .then(1.0)
        .when(pl.col("flag") == "red")
        .then(0.5 + late / 2)
        .otherwise(0.3)
    )
    points = _REDNESS * redness + _WORTH * pl.col("worth").fill_null(0)
    return (
        open_.with_columns(priority=points.round(0).cast(pl.Int64))
        .drop("worth")
        .sort("priority", "due_on", "contact_id", "check", descending=[True, False, False, False])
    )


def due(flags: pl.DataFrame, day: dt.date, days: int) -> pl.DataFrame:
    """Return the flags to see to within some days: red ones, and yellow ones whose day comes by then."""
    soon = pl.col("due_on") <= day + dt.timedelta(days=days)
    return flags.filter((pl.col("flag") == "red") | ((pl.col("flag") == "yellow") & soon))


def spread(tasks: pl.DataFrame, first: dt.date, weeks: int, capacity: int) -> pl.DataFrame:
    """Return tasks (column owner, the most urgent first) with `on`, the Monday of the week to do them in.

    Each owner's tasks are spread evenly over the weeks from that of `first`, at most `capacity` a week; `on` is null
    for those that do not fit.
    """
    monday = first - dt.timedelta(days=first.weekday())
    numbered = tasks.with_columns(place=pl.int_range(pl.len()).over("owner"), of=pl.len().over("owner").cast(pl.Int64))
    fitting = pl.min_horizontal("of", pl.lit(capacity * weeks))
    week = pl.when(pl.col("place") < fitting).then(pl.col("place") * weeks // fitting)
    return numbered.with_columns(on=pl.lit(monday) + pl.duration(days=week * 7)).drop("place", "of")
