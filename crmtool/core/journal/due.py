"""What is due: next steps, calls to give back, birthdays, days that contracts end on, values to verify.

To add something that may be due: a function here that gives a frame of `DUE`, and its place in `crmtool.io.agenda`.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterable

DUE: dict[str, pl.DataType] = {
    "on": pl.String(),  # ISO day
    "owner": pl.String(),
    "contact_id": pl.Int64(),
    "name": pl.String(),
    "kind": pl.String(),  # "next step", "call back", "birthday", "verify", or the title of a field
    "what": pl.String(),
}
_LEAP = 2000  # a year that has every day


def open_steps(steps: pl.DataFrame, latest: pl.DataFrame) -> pl.DataFrame:
    """Return the next steps that nothing has answered: no talk with the contact on or after the day they were due.

    `steps` has on, root_id, said_at and more; `latest` root_id and at, when a contact was last spoken with.
    """
    both = steps.join(latest, on="root_id", how="left", maintain_order="left")
    done = (pl.col("at").str.head(10) >= pl.col("on")) & (pl.col("at") > pl.col("said_at"))
    return both.filter(~done.fill_null(value=False)).drop("at")


def birthdays(people: pl.DataFrame, first: dt.date, last: dt.date) -> pl.DataFrame:
    """Return the birthdays from a day to another (columns on, age and those of `people`: birthday, ISO).

    A birthday may be without its year ("--03-05"); that of 29 February is kept on 1 March in other years.
    """
    days = people["birthday"]
    known = people.with_columns(
        month=days.str.extract(r"-(\d{2})-\d{2}$").cast(pl.Int32, strict=False),
        day=days.str.extract(r"-(\d{2})$").cast(pl.Int32, strict=False),
        year=days.str.extract(r"^(\d{4})-").cast(pl.Int32, strict=False),
    ).filter(pl.col("month").is_between(1, 12) & pl.col("day").is_between(1, 31))
    parts = [_kept(known, year) for year in range(first.year, last.year + 1)]
    every = pl.concat([known.clear().with_columns(on=pl.lit(None, pl.Date), age=pl.lit(None, pl.Int32)), *parts])
    inside = every.filter(pl.col("on").is_between(first, last)).sort("on", maintain_order=True)
    return inside.with_columns(pl.col("on").dt.to_string("iso")).drop("month", "day", "year")


def _kept(known: pl.DataFrame, year: int) -> pl.DataFrame:
    leaps = dt.date(year, 3, 1) - dt.date(year, 2, 28) == dt.timedelta(days=2)
    moved = (pl.col("month") == 2) & (pl.col("day") == 29) & (not leaps)  # noqa: PLR2004  # that one day
    month = pl.when(moved).then(3).otherwise("month")
    day = pl.when(moved).then(1).otherwise("day")
    text = pl.format("{}-{}-{}", pl.lit(year), month, day)
    on = text.str.to_date("%Y-%m-%d", strict=False)
    return known.with_columns(on=on, age=(year - pl.col("year")).cast(pl.Int32))


def ordered(parts: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Return all that is due, by day, then by owner (columns: `DUE`)."""
    shaped = [part.select(pl.col(name).cast(kind) for name, kind in DUE.items()) for part in parts]
    return pl.concat([pl.DataFrame(schema=DUE), *shaped]).sort(
        "on", "owner", "contact_id", "kind", nulls_last=True, maintain_order=True
    )
