"""The last stage: everything an import would change, as one plan."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import polars as pl

from crmtool.core import findings, golden, model
from crmtool.core.imports import consenting, linking
from crmtool.core.plans import Edit, Plan, Revision, edit, merged

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from crmtool.core.rules import Rules


@dataclass(frozen=True)
class Incoming:
    """What a file brings, told apart against the store (see the stages)."""

    file: Mapping[str, Any]  # columns of the table `file` but id and changeset_id
    met: linking.Met
    verdicts: pl.DataFrame  # left_id, right_id, decision, by, reason
    rejected: pl.DataFrame  # row, raw, reasons; only those not rejected before
    findings: pl.DataFrame
    facts: Mapping[str, Any] = field(default_factory=dict)
    file_id: int | None = None  # the file's row, where an earlier part of it has written that
    today: dt.date | None = None


@dataclass(frozen=True)
class Standing:
    """What stands in the store where the file touches it."""

    revision: Revision
    next_ids: Mapping[str, int]
    clusters: golden.Clusters
    tags: pl.DataFrame  # contact_id, tag
    verifications: pl.DataFrame  # contact_id, field, value, on
    consents: pl.DataFrame = field(default_factory=lambda: model.empty("consent"))


def plan_import(command: str, incoming: Incoming, standing: Standing, rules: Rules) -> Plan:
    """Return the plan of an import. Ids come from `standing.next_ids`, in the order of the file."""
    number, ids, met = standing.revision.next, standing.next_ids, incoming.met
    source = incoming.file["source"]
    moved = met.fresh.height or met.updated.height or incoming.rejected.height
    file_id = incoming.file_id or ids["file"]
    rows = pl.concat([met.updated.select(met.fresh.columns), met.fresh])
    checks = tuple(dict.fromkeys(check.field for check in rules.freshness.check if check.field != "consent"))
    named = consenting.File(incoming.file["name"], source, incoming.today)
    agreed = consenting.told(met, standing.consents, named, rules.consents, ids["consent"], number)
    edits: dict[str, Edit] = {
        "file": _file(incoming.file, file_id, number) if moved and not incoming.file_id else edit("file"),
        "record": linking.record_edit(met, source, file_id, number),
        "contact_tag": linking.tag_edit(rows, standing.tags, ids["contact_tag"], number),
        "verdict": _verdicts(incoming.verdicts, ids["verdict"], number),
        "verification": linking.verification_edit(
            rows, checks, standing.verifications, source, ids["verification"], number
        ),
        "reject": _rejects(incoming.rejected, ids["reject"], file_id, number),
        "consent": agreed.edit,
    }
    clusters = _after(standing.clusters, rows, edits["verdict"].created, source, number)
    clusters = replace(clusters, checks=pl.concat([clusters.checks, edits["verification"].created]))
    everyone = pl.concat([standing.clusters.contacts["id"], met.fresh["contact_id"]])
    computed = golden.recomputed(everyone, clusters, rules.survivorship, number, ids["channel"])
    remarks = findings.joined(incoming.findings, agreed.findings) if agreed.findings.height else incoming.findings
    return Plan(command, standing.revision, rules.fingerprint, merged([edits, computed]), remarks, incoming.facts)


def _after(
    clusters: golden.Clusters, rows: pl.DataFrame, verdicts: pl.DataFrame, source: str, number: int
) -> golden.Clusters:
    """Return the clusters with the facts as they will be."""
    new = linking.as_records(rows, source, number)
    new = new.select(clusters.records.columns)
    kept = clusters.records.join(new, on="id", how="anti")
    return replace(
        clusters,
        records=pl.concat([kept, new]),
        verdicts=pl.concat([clusters.verdicts, verdicts]),
    )


def _file(file: Mapping[str, Any], file_id: int, number: int) -> Edit:
    row = {"id": file_id, **file, "changeset_id": number}
    return edit("file", created=pl.DataFrame([row], schema=dict(model.TABLES["file"])))


def _verdicts(verdicts: pl.DataFrame, next_id: int, number: int) -> Edit:
    ids = pl.int_range(pl.len(), dtype=pl.Int64) + next_id
    return edit("verdict", created=verdicts.with_columns(id=ids, changeset_id=pl.lit(number)))


def _rejects(rejected: pl.DataFrame, next_id: int, file_id: int, number: int) -> Edit:
    ids = pl.int_range(pl.len(), dtype=pl.Int64) + next_id
    stamped = rejected.with_columns(id=ids, file_id=pl.lit(file_id), changeset_id=pl.lit(number))
    return edit("reject", created=stamped)
