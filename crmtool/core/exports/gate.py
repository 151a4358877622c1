"""Who may be written to: a marketing export leaves out everybody for whom one of `REASONS` holds, and says how many.

The first reason in the order of `REASONS` is the one that is told. To add a mark that keeps people out of every export,
such as "erased": its name in `MARKS` and the statement that finds them in `crmtool.io.exporting`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from crmtool.core import consents

if TYPE_CHECKING:
    import datetime as dt

#: Marks of a contact that keep it out of every export.
MARKS = ("archived", "erased")

#: Why somebody is left out -> how it is said after a number.
REASONS = {
    "archived": "archived",
    "erased": "erased",
    "no_address": "without an address of the channel",
    "withdrawn": "withdrew their consent",
    "expired": "whose consent has expired",
    "no_consent": "without a consent",
    "shared": "whose address belongs to somebody who withdrew",
    "wrong": "whose address is wrong",
    "unreachable": "whose address came back",
    "before": "in an earlier file",
}

#: Candidates, and with `reason` (null: may be written to) the answer.
ADDRESSES: dict[str, pl.DataType] = {"root_id": pl.Int64(), "value": pl.String(), "label": pl.String()}


def judged(
    candidates: pl.DataFrame,
    marks: pl.DataFrame,
    standing: pl.DataFrame | None = None,
    checks: pl.DataFrame | None = None,
    refused: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Return the candidates (columns: ADDRESSES) with the reason they are left out for, null for none.

    `marks`: root_id, reason. For a marketing export: `standing` from `state`; `checks`: root_id, value, outcome, the
    newest of each address; `refused`: value, the addresses of those who withdrew. Without these only marks count.
    """
    rows = candidates.join(marks.unique("root_id"), on="root_id", how="left", maintain_order="left")
    if standing is None or checks is None or refused is None:
        return rows
    rows = rows.join(standing, on="root_id", how="left", maintain_order="left")
    rows = rows.join(checks, on=["root_id", "value"], how="left", maintain_order="left")
    shared = pl.col("value").is_in(refused["value"].implode())
    reason = (
        pl.when(pl.col("reason").is_not_null())
        .then("reason")
        .when(pl.col("value").is_null())
        .then(pl.lit("no_address"))
        .when(pl.col("state").is_null() | (pl.col("state") == "unknown"))
        .then(pl.lit("no_consent"))
        .when(pl.col("state") != "given")
        .then("state")
        .when(shared)
        .then(pl.lit("shared"))
        .when(pl.col("outcome") != "confirmed")
        .then("outcome")
    )
    return rows.select(*candidates.columns, reason=reason)


def state(current: pl.DataFrame, purpose: str, channel: str | None, on: dt.date) -> pl.DataFrame:
    """Return where people stand on a day (root_id, state) for a purpose and a channel, from `consents.current`.

    Of what was said of the channel and of every channel: what was said of the channel holds, where there is any, for it
    has heard both; without a channel the most restrictive. A given consent that has ended is expired; one that is yet
    to come is none.
    """
    of = current.filter((pl.col("purpose") == purpose) & _about(channel))
    first = (
        pl.col("channel").is_null()
        if channel
        else -pl.col("state").replace_strict(consents.RANKS, return_dtype=pl.Int8)
    )
    own = of.sort(first).unique("root_id", keep="first", maintain_order=True)
    day = on.isoformat()
    over = (pl.col("state") == "given") & (pl.col("until") < day)
    ahead = (pl.col("state") == "given") & (pl.col("at").str.head(consents.DAY) > day)
    standing = (
        pl.when(over.fill_null(value=False))
        .then(pl.lit("expired"))
        .when(ahead)
        .then(pl.lit("unknown"))
        .otherwise("state")
    )
    return own.select("root_id", state=standing)


def _about(channel: str | None) -> pl.Expr:
    any_channel = pl.col("channel").is_null()
    return any_channel | (pl.col("channel") == channel) if channel else any_channel


def anew(judged: pl.DataFrame, before: pl.Series) -> pl.DataFrame:
    """Return what `judged` gave, those left out too who would go but were given before (ids of contacts)."""
    again = pl.col("reason").is_null() & pl.col("root_id").is_in(before.implode())
    return judged.with_columns(reason=pl.when(again).then(pl.lit("before")).otherwise("reason"))


def counted(judged: pl.DataFrame) -> dict[str, int]:
    """Return how many rows are left out, by reason, in the order of `REASONS`."""
    found = dict(judged.filter(pl.col("reason").is_not_null()).group_by("reason").len().rows())
    return {reason: found[reason] for reason in REASONS if reason in found}
