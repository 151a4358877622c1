"""What a person says of interactions and deals by hand: one more, whose it is, that nobody wants to know of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from crmtool.core import golden, model, plans
from crmtool.core.plans import Plan, Revision, edit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crmtool.core.rules import Rules


def plan_add(
    command: str,
    table: str,
    rows: Sequence[Mapping[str, Any]],
    revision: Revision,
    fingerprint: str,
    next_ids: Mapping[str, int],
) -> Plan:
    """Return the plan that keeps rows said by hand (columns of `table` but id and changeset_id).

    What does not say its source and key is of the source `manual`.

    A deal that has a stage begins its history with it.
    """
    first = next_ids[table]
    made = [
        {"source": model.MANUAL, "source_key": f"{revision.next}/{at}", **row, "id": first + at}
        for at, row in enumerate(rows)
    ]
    created = pl.DataFrame(made, schema=dict(model.TABLES[table])).with_columns(changeset_id=pl.lit(revision.next))
    edits = {table: edit(table, created=created)}
    if table == "deal":
        day = pl.coalesce("closed_on", "opened_on")
        begun = created.drop_nulls("stage").select(deal_id="id", stage="stage", on=day, by="owner")
        edits["deal_stage"] = edit("deal_stage", created=_numbered(begun, next_ids["deal_stage"], revision))
    return Plan(command, revision, fingerprint, edits)


def plan_move(
    deal: pl.DataFrame, stage: str, day: str, by: str, rules: Rules, revision: Revision, next_stage: int
) -> Plan:
    """Return the plan that brings a deal (one row) to another stage on a day."""
    ended = stage in {*rules.deals.won, *rules.deals.lost}
    after = deal.with_columns(
        stage=pl.lit(stage), closed_on=pl.lit(day if ended else None, pl.String), changeset_id=pl.lit(revision.next)
    )
    step = deal.select(deal_id="id", stage=pl.lit(stage), on=pl.lit(day), by=pl.lit(by))
    edits = {
        "deal": edit("deal", updated=(deal, after)),
        "deal_stage": edit("deal_stage", created=_numbered(step, next_stage, revision)),
    }
    return Plan(f"deals move {deal['id'][0]} {stage}", revision, rules.fingerprint, edits)


def plan_link(
    command: str,
    rows: pl.DataFrame,
    owners: pl.Series,
    revision: Revision,
    fingerprint: str,
    table: str = "interaction",
) -> Plan:
    """Return the plan that says whose some rows of a table are; `owners` are the ids, aligned with the rows."""
    given = owners.cast(pl.Int64).alias("contact_id")
    heard = {"ignored": pl.lit(None, pl.Int64)} if table == "interaction" else {}
    after = rows.with_columns(given, changeset_id=pl.lit(revision.next, pl.Int64), **heard)
    return Plan(command, revision, fingerprint, {table: edit(table, updated=(rows, after))})


def plan_ignore(command: str, rows: pl.DataFrame, revision: Revision, fingerprint: str) -> Plan:
    """Return the plan that takes interactions of nobody known out of the queue."""
    after = rows.with_columns(ignored=pl.lit(1, pl.Int64), changeset_id=pl.lit(revision.next, pl.Int64))
    return Plan(command, revision, fingerprint, {"interaction": edit("interaction", updated=(rows, after))})


def plan_create(
    command: str,
    rows: pl.DataFrame,
    record: pl.DataFrame,
    revision: Revision,
    rules: Rules,
    next_ids: Mapping[str, int],
) -> Plan:
    """Return the plan that makes a contact of what a person says (`record`: raw, clean, columns of `model.CLEAN`).

    The interactions `rows` are its own.
    """
    contact = next_ids["contact"]
    number = pl.lit(revision.next, pl.Int64)
    row = record.with_columns(
        id=pl.lit(next_ids["record"], pl.Int64),
        contact_id=pl.lit(contact, pl.Int64),
        origin=pl.lit(model.MANUAL),
        source_key=pl.lit(f"contact {contact}"),
        changeset_id=number,
    )
    clusters = golden.Clusters(
        model.empty("contact"),
        model.empty("channel"),
        row.select("id", "contact_id", "origin", "changeset_id", *model.CLEAN),
        model.empty("verdict"),
    )
    ids = pl.Series("id", [contact], pl.Int64)
    computed = golden.recomputed(ids, clusters, rules.survivorship, revision.next, next_ids["channel"])
    owners = pl.Series([contact] * rows.height, dtype=pl.Int64)
    linked = plan_link(command, rows, owners, revision, rules.fingerprint)
    kept = row.with_columns(source="origin").select(n for n in model.TABLES["record"] if n in {*row.columns, "source"})
    return Plan(
        command,
        revision,
        rules.fingerprint,
        plans.merged([{"record": edit("record", created=kept)}, computed, linked.edits]),
        facts={"contact": contact},
    )


def _numbered(rows: pl.DataFrame, first: int, revision: Revision) -> pl.DataFrame:
    return rows.with_columns(
        id=pl.int_range(pl.len(), dtype=pl.Int64) + first, changeset_id=pl.lit(revision.next, pl.Int64)
    )
