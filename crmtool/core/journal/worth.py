"""What contacts are worth: purchases counted, summed and timed, all in whole ten-thousandths of a currency."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Collection

DEALS: dict[str, pl.DataType] = {
    "root_id": pl.Int64(),
    "currency": pl.String(),
    "amount": pl.Int64(),
    "closed_on": pl.String(),
    "stage": pl.String(),
}
PURCHASES: dict[str, pl.DataType] = {
    "root_id": pl.Int64(),
    "currency": pl.String(),
    "count": pl.Int64(),
    "total": pl.Int64(),  # what the contact has brought so far (LTV), in this currency
    "average": pl.Int64(),  # of one purchase, rounded half up
    "first_on": pl.String(),
    "last_on": pl.String(),
    "days_between": pl.Int64(),  # median between purchases on different days; null: there was one
}
#: A buyer who has been silent for so many of their own intervals is lost, for half as many sleeping.
_LOST, _SLEEPING = 4, 2
_USUAL = 180  # days between purchases of somebody who bought once


def purchases(deals: pl.DataFrame, won: Collection[str]) -> pl.DataFrame:
    """Return for each contact and currency what was bought (columns: `PURCHASES`); `deals` are `DEALS`."""
    bought = deals.filter(pl.col("stage").is_in(sorted(won)) & pl.col("closed_on").is_not_null())
    days = bought.with_columns(day=pl.col("closed_on").str.head(10).str.to_date("%Y-%m-%d", strict=False))
    order = days.sort("root_id", "currency", "day")
    distinct = pl.col("day").unique().sort().diff().dt.total_days().median()
    sums = order.group_by("root_id", "currency", maintain_order=True).agg(
        count=pl.len().cast(pl.Int64),
        total=pl.col("amount").sum(),
        priced=pl.col("amount").count(),
        first_on=pl.col("closed_on").min(),
        last_on=pl.col("closed_on").max(),
        days_between=distinct.round().cast(pl.Int64),
    )
    average = pl.when(pl.col("priced") > 0).then((2 * pl.col("total") + pl.col("priced")) // (2 * pl.col("priced")))
    return sums.with_columns(average=average).select(pl.col(n).cast(t) for n, t in PURCHASES.items())


def life_cycle(bought: pl.DataFrame, day: str) -> pl.DataFrame:
    """Return where buyers stand on a day (columns root_id, life): "new", "active", "sleeping" or "lost".

    A buyer is new after the first purchase, then active while the pause is under two of their usual intervals, sleeping
    under four, lost beyond. Who bought once has an interval of half a year.
    """
    every = bought.group_by("root_id").agg(pl.col("count").sum(), pl.col("last_on").max(), pl.col("days_between").min())
    pause = (pl.lit(day).str.to_date() - pl.col("last_on").str.head(10).str.to_date(strict=False)).dt.total_days()
    usual = pl.col("days_between").fill_null(_USUAL).clip(lower_bound=1)
    life = (
        pl.when(pause >= _LOST * usual)
        .then(pl.lit("lost"))
        .when(pause >= _SLEEPING * usual)
        .then(pl.lit("sleeping"))
        .when(pl.col("count") == 1)
        .then(pl.lit("new"))
        .otherwise(pl.lit("active"))
    )
    return every.select("root_id", life=life).sort("root_id")
