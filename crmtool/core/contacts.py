"""What a person says about a contact by hand: a value, a tag, a verification. A hand edit is a source record too."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core import golden, model, plans
from crmtool.core.plans import Plan, Revision, edit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crmtool.core.rules import Rules


def plan_set(
    contact: int,
    record: pl.DataFrame,
    known: pl.DataFrame,
    clusters: golden.Clusters,
    revision: Revision,
    rules: Rules,
    next_ids: Mapping[str, int],
) -> Plan:
    """Return the plan that keeps a hand edit of a contact and computes its golden record anew.

    `record` is one row with raw, clean and the columns of `model.CLEAN`; `known` the contact's hand-made record as it
    stands, or no row.
    """
    number = revision.next
    row = record.with_columns(
        id=known["id"] if known.height else pl.lit(next_ids["record"], pl.Int64),
        contact_id=pl.lit(contact, pl.Int64),
        origin=pl.lit(model.MANUAL),
        source_key=pl.lit(f"contact {contact}"),
        changeset_id=pl.lit(number, pl.Int64),
    )
    kept = row.with_columns(source="origin").select(
        name for name in model.TABLES["record"] if name in {*row.columns, "source"}
    )
    change = edit("record", updated=(known, kept)) if known.height else edit("record", created=kept)
    new = row.select(clusters.records.columns)
    records = pl.concat([clusters.records.join(new, on="id", how="anti"), new]) if change.size else clusters.records
    computed = golden.recomputed(
        clusters.contacts["id"], replace(clusters, records=records), rules.survivorship, number, next_ids["channel"]
    )
    edits = plans.merged([{"record": change}, computed])
    return Plan(f"contacts set {contact}", revision, rules.fingerprint, edits)


def plan_tag(
    contact: int, tags: list[str], known: pl.DataFrame, revision: Revision, fingerprint: str, next_tag: int
) -> Plan:
    """Return the plan that gives a contact the tags it lacks; `known` has the tags of its cluster (column tag)."""
    new = [tag for tag in dict.fromkeys(tags) if tag not in set(known["tag"])]
    rows = pl.DataFrame({"tag": new}, schema={"tag": pl.String()}).with_columns(
        id=pl.int_range(pl.len(), dtype=pl.Int64) + next_tag,
        contact_id=pl.lit(contact, pl.Int64),
        changeset_id=pl.lit(revision.next, pl.Int64),
    )
    return Plan(f"contacts tag {contact}", revision, fingerprint, {"contact_tag": edit("contact_tag", created=rows)})


def plan_verify(verification: Mapping[str, str | int], revision: Revision, fingerprint: str, next_id: int) -> Plan:
    """Return the plan that keeps a verification (columns of that table but id and changeset_id)."""
    row = pl.DataFrame([{**verification, "id": next_id, "changeset_id": revision.next}])
    edits = {"verification": edit("verification", created=row)}
    return Plan(f"contacts verify {verification['contact_id']}", revision, fingerprint, edits)
