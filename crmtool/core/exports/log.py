"""The log of what left the base, as a plan, and the words for ids: runs of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from crmtool.core import model
from crmtool.core.plans import Plan, Revision, edit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Delivery(NamedTuple):
    """One file that leaves."""

    file: str
    sha256: str
    part: str | None
    rows: int
    people: pl.Series  # ids of contacts


def plan_log(
    deliveries: Sequence[Delivery],
    about: Mapping[str, Any],
    revision: Revision,
    fingerprint: str,
    next_id: int,
    facts: Mapping[str, Any],
) -> Plan:
    """Return the plan that writes down which files leave.

    `about` has segment, profile, purpose, fields, withheld and revision.
    """
    shared = {
        **about,
        "fields": json.dumps(about["fields"], ensure_ascii=False),
        "withheld": json.dumps(about["withheld"]),
        "changeset_id": revision.next,
    }
    rows = [
        {**shared, "id": next_id + n, **one._asdict(), "people": json.dumps(runs(one.people), separators=(",", ":"))}
        for n, one in enumerate(deliveries)
    ]
    created = pl.DataFrame(rows, schema=dict(model.TABLES["export_log"]))
    edits = {"export_log": edit("export_log", created=created)}
    return Plan(f"export {about['segment']}", revision, fingerprint, edits, facts=facts)


def people(entries: pl.Series) -> pl.Series:
    """Return the ids that entries of the log (their `people`) speak of.

    >>> people(pl.Series(["[[1,3]]", "[[2,2],[5,5]]"])).to_list()
    [1, 2, 3, 5]
    """
    spans = entries.str.json_decode(pl.List(pl.List(pl.Int64))).explode().drop_nulls()
    ends = spans.rename("run").to_frame().select(a=pl.col("run").list.first(), b=pl.col("run").list.last())
    return ends.select(id=pl.int_ranges("a", pl.col("b") + 1).explode())["id"].unique().sort()


def runs(ids: pl.Series) -> list[list[int]]:
    """Return ids as runs [first, last].

    >>> runs(pl.Series([5, 1, 2, 3]))
    [[1, 3], [5, 5]]
    """
    each = ids.cast(pl.Int64).unique().sort().alias("id").to_frame()
    run = pl.col("id") - pl.int_range(pl.len())
    spans = each.group_by(run.alias("run"), maintain_order=True).agg(a=pl.col("id").min(), b=pl.col("id").max())
    return [[a, b] for a, b in spans.select("a", "b").rows()]
