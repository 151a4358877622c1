"""Who is in a segment since when, and who was: what a refresh writes, and what changed between two days.

Membership stands at the contact it was written to and is read through its root, like every fact.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from crmtool.core import model
from crmtool.core.plans import Plan, Revision, edit

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

#: Columns of what changed: `contact_id` is the root, `change` entered or left, `on` the day a refresh saw it.
CHANGED: dict[str, pl.DataType] = {"contact_id": pl.Int64(), "change": pl.String(), "on": pl.String()}


def plan_refresh(
    members: Mapping[str, pl.Series],
    standing: pl.DataFrame,
    roots: pl.DataFrame,
    today: dt.date,
    revision: Revision,
    fingerprint: str,
    next_id: int,
) -> Plan:
    """Return the plan that keeps who entered and left segments.

    `members` are the root ids each segment holds now; `standing` the rows of segment_membership that nobody has left,
    of these segments; `roots` where the contacts in them lead (id, root_id). Facts: segment -> [entered, left].
    """
    now = pl.concat(
        [
            pl.DataFrame(schema={"segment": pl.String(), "root_id": pl.Int64()}),
            *(pl.DataFrame({"segment": name, "root_id": ids}) for name, ids in sorted(members.items())),
        ]
    )
    were = standing.join(roots, left_on="contact_id", right_on="id", how="left").sort("id")
    left = were.join(now, on=["segment", "root_id"], how="anti")
    came = now.join(were, on=["segment", "root_id"], how="anti", maintain_order="left")
    number = pl.lit(revision.next, pl.Int64)
    created = came.select(
        "segment",
        id=pl.int_range(pl.len(), dtype=pl.Int64) + next_id,
        contact_id="root_id",
        entered_on=pl.lit(today.isoformat()),
        changeset_id=number,
    )
    before = left.select(*model.TABLES["segment_membership"])
    after = before.with_columns(left_on=pl.lit(today.isoformat()), changeset_id=number)
    edits = {"segment_membership": edit("segment_membership", created=created, updated=(before, after))}
    counts = {
        name: [came.filter(pl.col("segment") == name).height, _people(left.filter(pl.col("segment") == name))]
        for name in sorted(members)
    }
    return Plan("segments refresh", revision, fingerprint, edits, facts={"segments": counts})


def changes(rows: pl.DataFrame, since: dt.date) -> pl.DataFrame:
    """Return who entered and left since a day, counting from its beginning (columns: CHANGED), by change and contact.

    `rows` are those of one segment with the root of each contact: root_id, entered_on, left_on. Who left and came back,
    or came and left, has not changed.
    """
    day = pl.lit(since.isoformat())
    before = (pl.col("entered_on") < day) & (pl.col("left_on").is_null() | (pl.col("left_on") >= day))
    people = rows.group_by("root_id").agg(
        before=before.any(),
        now=pl.col("left_on").is_null().any(),
        entered=pl.col("entered_on").max(),
        left=pl.col("left_on").max(),
    )
    entered = pl.col("now") & ~pl.col("before")
    left = pl.col("before") & ~pl.col("now")
    return (
        people.filter(entered | left)
        .select(
            contact_id="root_id",
            change=pl.when(entered).then(pl.lit("entered")).otherwise(pl.lit("left")),
            on=pl.when(entered).then("entered").otherwise("left"),
        )
        .sort("change", "contact_id")
        .cast(pl.Schema(CHANGED))
    )


def _people(rows: pl.DataFrame) -> int:
    return rows["root_id"].n_unique()
