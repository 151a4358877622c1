"""What a person says about a contact by hand: a value, a tag. A hand edit is a source record too."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core import findings, golden, hand_edits, plans
from crmtool.core.folding import folded
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
    said = record.with_columns(contact_id=pl.lit(contact, pl.Int64))
    return plan_edits(f"contacts set {contact}", said, known, clusters, revision, rules, next_ids)


def plan_edits(
    command: str,
    said: pl.DataFrame,
    known: pl.DataFrame,
    clusters: golden.Clusters,
    revision: Revision,
    rules: Rules,
    next_ids: Mapping[str, int],
) -> Plan:
    """Return the plan that keeps hand edits of many contacts and computes their golden records anew.

    `said` is as `record` of `plan_set`, with contact_id: a row for each contact; `known` their hand-made records.
    """
    roots = clusters.contacts.select("id", "root_id")
    change, records = hand_edits.edited(said, known, clusters, roots, revision.next, next_ids["record"])
    computed = golden.recomputed(
        clusters.contacts["id"],
        replace(clusters, records=records),
        rules.survivorship,
        revision.next,
        next_ids["channel"],
    )
    return Plan(command, revision, rules.fingerprint, plans.merged([{"record": change}, computed]))


def plan_tag(
    contact: int,
    tags: list[str],
    known: pl.DataFrame,
    revision: Revision,
    fingerprint: str,
    next_tag: int,
    dictionary: Mapping[str, str] | None = None,
) -> Plan:
    """Return the plan that gives a contact the tags it lacks; `known` has the tags of its cluster (column tag).

    `dictionary` is folded word -> tag: a tag is given as it stands there, and one that does not is told of.
    """
    words = dictionary or {}
    named = [words.get(folded(tag), tag) for tag in tags]
    new = [tag for tag in dict.fromkeys(named) if tag not in set(known["tag"])]
    strange = [tag for tag in new if words and folded(tag) not in words]
    rows = pl.DataFrame({"tag": new}, schema={"tag": pl.String()}).with_columns(
        id=pl.int_range(pl.len(), dtype=pl.Int64) + next_tag,
        contact_id=pl.lit(contact, pl.Int64),
        changeset_id=pl.lit(revision.next, pl.Int64),
    )
    said = findings.found(
        pl.DataFrame({"value": strange}, schema={"value": pl.String()}), "tag.unknown", column="tags", field="tags"
    )
    edits = {"contact_tag": edit("contact_tag", created=rows)}
    return Plan(f"contacts tag {contact}", revision, fingerprint, edits, said)
