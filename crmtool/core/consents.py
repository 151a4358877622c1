"""What people allowed us: where each consent stands, told from the ledger, and whether it holds on a day.

The ledger (table `consent`) is only ever added to; what stands is read from it:

1. An entry without a channel is for every channel of its purpose.
2. Of one contact the latest entry counts. What is known by its day only counts as said when the day began, but for a no
   (withdrawn, expired): when it ended. Of entries of one moment the most restrictive counts, of consents the shortest.
3. Of contacts that are one person the most restrictive counts: withdrawn, expired, unknown, given.
4. A given consent holds from its day to `until`; without `until` it has no end.

The view `consent_state` of the store says 1 to 3 in SQL. To add a purpose or a channel: `rules/consents.toml`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    import datetime as dt

#: From the least to the most restrictive.
STATES = ("given", "unknown", "expired", "withdrawn")

RANKS = {state: rank for rank, state in enumerate(STATES)}

#: Where consents stand: the columns of `current` and of the view.
CURRENT: dict[str, pl.DataType] = {
    "root_id": pl.Int64(),
    "purpose": pl.String(),
    "channel": pl.String(),  # null: what was said of no channel in particular
    "state": pl.String(),
    "until": pl.String(),  # ISO day; only of given ones
    "at": pl.String(),  # when it was said
}
_ASKED = ["root_id", "purpose", "channel"]
#: Characters of an ISO day.
DAY = len("2026-01-31")


def current(entries: pl.DataFrame, roots: pl.DataFrame) -> pl.DataFrame:
    """Return where consents stand, by person, purpose and channel (columns: CURRENT).

    `entries` are rows of the ledger (contact_id, purpose, channel, state, at, until), days and moments as ISO text,
    moments in UTC; `roots` has id and root_id of contacts.
    """
    said = entries.join(roots.select(contact_id="id", root_id="root_id"), on="contact_id").with_columns(
        rank=pl.col("state").replace_strict(RANKS, return_dtype=pl.Int8), moment=moment()
    )
    of_nodes = _heard(said).sort("moment", "rank", "until", descending=[True, True, False], nulls_last=True)
    latest = of_nodes.group_by([*_ASKED, "contact_id"], maintain_order=True).first()
    worst = latest.with_columns(worst=pl.col("rank").max().over(_ASKED)).filter(pl.col("rank") == pl.col("worst"))
    return (
        worst.group_by(_ASKED)
        .agg(pl.col("state").first(), pl.col("until").min(), pl.col("at").max())
        .with_columns(until=pl.when(pl.col("state") == "given").then("until"))
        .select(*CURRENT)
        .sort(_ASKED, nulls_last=False)
    )


def holds(on: dt.date) -> pl.Expr:
    """Return whether a row of `current` is a consent that holds on a day."""
    day = on.isoformat()
    open_ended = pl.col("until").is_null() | (pl.col("until") >= day)
    return (pl.col("state") == "given") & open_ended & (pl.col("at").str.head(DAY) <= day)


def moment() -> pl.Expr:
    """Return what entries are put in order by: law 2."""
    ends = (pl.col("at").str.len_chars() == DAY) & pl.col("state").is_in(["withdrawn", "expired"])
    return pl.when(ends).then(pl.col("at") + "T99").otherwise("at")


def _heard(said: pl.DataFrame) -> pl.DataFrame:
    """Return for each channel a person's purpose was said of the entries that count for it: law 1."""
    asked = said.select(_ASKED).unique()
    own = asked.join(said, on=_ASKED, nulls_equal=True)
    general = said.filter(pl.col("channel").is_null()).drop("channel")
    of_all = asked.filter(pl.col("channel").is_not_null()).join(general, on=_ASKED[:2])
    return pl.concat([own, of_all.select(own.columns)])
