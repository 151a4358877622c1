"""What a row of someone known may do: update, fill what is empty, be skipped, or wait for review.

A row meets someone known by its key in the source (`by_key`), or by a personal e-mail or mobile number (`linking`).

    update   its record is brought up to date, or joins the contact; survivorship decides each field (the default)
    fill     it becomes a record of its own that joins, and counts only where no other record has a value
    skip     it is left out
    review   it becomes a record and a contact of its own, and the pair waits for a person
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core.imports import checking, linking, strangers

if TYPE_CHECKING:
    from crmtool.core.imports.linking import Met

POLICIES = ("update", "fill", "skip", "review")
_BY = "rule:import"


@dataclass(frozen=True)
class Apart:
    """Rows to go on with; `twins` (source_key, left_id) are known contacts that rows under a new key belong to.

    `others` are the numbers of the rows that came under the key of somebody else (see `strangers`).
    """

    accepted: pl.DataFrame
    twins: pl.DataFrame
    skipped: int
    others: pl.Series


def by_key(accepted: pl.DataFrame, known: pl.DataFrame, policy: str, *, trusted: bool = True) -> Apart:
    """Treat rows whose key is known and that say something new.

    `known` holds rows of the table `record` of this source under the keys of `accepted`. Where the keys are not
    `trusted`, a row that is plainly somebody else becomes a record of its own.
    """
    nobody = pl.DataFrame(schema={"source_key": pl.String(), "left_id": pl.Int64()})
    none = accepted["row"].clear()
    if policy == "update" and (trusted or known.is_empty()):
        return Apart(accepted, nobody, 0, none)
    old = known.select("source_key", left_id="contact_id", old_raw="raw", old_clean="clean")
    found = accepted.select("source_key").join(old, on="source_key", how="left", maintain_order="left")
    changed = (found["old_raw"] != accepted["raw"]).fill_null(value=False)
    others = none
    if not trusted:
        other = strangers.strangers(accepted, found["old_clean"].set(~changed, None))
        others, changed = accepted["row"].filter(other), changed & ~other
        own = pl.when(pl.lit(other)).then(checking.own_key()).otherwise("source_key")
        accepted = accepted.with_columns(source_key=own)
    if policy == "update":
        return Apart(accepted, nobody, 0, others)
    if policy == "skip":
        return Apart(accepted.filter(~changed), nobody, int(changed.sum()), others)
    own = pl.when(pl.lit(changed)).then(checking.own_key()).otherwise("source_key")
    renamed = accepted.with_columns(source_key=own)
    twins = renamed.select("source_key", pl.lit(found["left_id"]).alias("left_id")).filter(changed)
    return Apart(renamed, twins, 0, others)


def twin_verdicts(met: Met, twins: pl.DataFrame) -> pl.DataFrame:
    """Return the verdicts (left_id, right_id, decision, reason, by) that join new records to those of their old key."""
    pairs = met.fresh.select("source_key", right_id="contact_id").join(twins, on="source_key", maintain_order="left")
    return pairs.select(
        "left_id",
        "right_id",
        decision=pl.lit("same"),
        reason=pl.lit("the same key in the source"),
        by=pl.lit(_BY),
    )


def joining(verdicts: pl.DataFrame) -> pl.Series:
    """Return the new contacts that a verdict joins to somebody."""
    return verdicts.filter(pl.col("decision") == "same")["right_id"].unique()


def to_review(verdicts: pl.DataFrame) -> pl.DataFrame:
    """Return verdicts that join nobody: a person shall say so."""
    return verdicts.with_columns(decision=pl.lit("unsure"))


def filling(fresh: pl.DataFrame) -> pl.DataFrame:
    """Return new rows as records that only fill gaps."""
    return fresh.with_columns(fill=pl.lit(value=True), clean=linking.filling())
