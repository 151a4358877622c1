"""New entries of the consent ledger: said by hand, or by a list of those who opted out; and what bounced.

Nothing is ever changed there: each function adds rows. To add a way in: a function here that returns a plan.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from crmtool.core import consents, model
from crmtool.core.plans import Plan, Revision, edit

if TYPE_CHECKING:
    from collections.abc import Mapping

#: How it is known that mail comes back -> what that is to a verification.
BOUNCES = {"hard": "wrong", "soft": "unreachable"}


@dataclass(frozen=True)
class About:
    """What a plan says of itself: the command, what it is computed from, and facts for the history."""

    command: str
    revision: Revision
    fingerprint: str
    facts: Mapping[str, Any]


def plan_add(said: Mapping[str, Any], revision: Revision, fingerprint: str, next_id: int) -> Plan:
    """Return the plan that adds one entry (columns of the table but id and changeset_id)."""
    row = pl.DataFrame(
        [{**said, "id": next_id, "changeset_id": revision.next}], schema_overrides=dict(model.TABLES["consent"])
    )
    name = f"consents add {said['contact_id']}"
    return Plan(name, revision, fingerprint, {"consent": edit("consent", created=row)})


def new_entries(
    listed: pl.DataFrame, holders: pl.DataFrame, known: pl.DataFrame, said: Mapping[str, Any]
) -> pl.DataFrame:
    """Return the entries a list of addresses brings, without those that the ledger has.

    `listed`: kind, value, row; `holders`: contact_id, kind, value of the contacts that have one of them; `known`: the
    ledger of those. `said` holds purpose, channel, state, at, until, source, text_version and evidence for all. An
    address of which the same was said stays as it was said first; a new consent (given) is another one by its day.
    """
    literals = [pl.lit(value, pl.String).alias(name) for name, value in said.items()]
    lines = listed.join(holders, on=["kind", "value"], maintain_order="left").unique(
        ["contact_id", "kind", "value"], maintain_order=True
    )
    entries = lines.with_columns(literals).with_columns(
        address="value", evidence=pl.format("{}, row {}", "evidence", "row")
    )
    key = ["contact_id", "purpose", "channel", "address", "state", *(["at"] if said["state"] == "given" else [])]
    return entries.join(_standing(known), on=key, how="anti", nulls_equal=True, maintain_order="left")


def _standing(known: pl.DataFrame) -> pl.DataFrame:
    """Return the entries after which nothing else was said of the same."""
    latest = known.with_columns(moment=consents.moment()).sort("moment", "id", descending=True)
    return latest.unique(["contact_id", "purpose", "channel", "address"], keep="first", maintain_order=True)


def plan_list(about: About, entries: pl.DataFrame, next_id: int) -> Plan:
    """Return the plan that adds entries (see `new_entries`)."""
    rows = _numbered(entries, next_id, about.revision)
    edits = {"consent": edit("consent", created=rows)}
    return Plan(about.command, about.revision, about.fingerprint, edits, facts=about.facts)


def plan_bounces(about: About, bounced: pl.DataFrame, known: pl.DataFrame, on: str, by: str, next_id: int) -> Plan:
    """Return the plan that keeps what came back as verifications of the method "bounce".

    `bounced`: contact_id, kind, value, outcome; `known`: the verifications of those contacts. What was said of a value
    on the day `on` already is not said twice.
    """
    rows = bounced.select("contact_id", "value", "outcome", field="kind", on=pl.lit(on)).unique(maintain_order=True)
    key = ["contact_id", "field", "value", "outcome", "on"]
    new = rows.join(known, on=key, how="anti", maintain_order="left").with_columns(
        by=pl.lit(by), method=pl.lit("bounce")
    )
    edits = {"verification": edit("verification", created=_numbered(new, next_id, about.revision))}
    return Plan(about.command, about.revision, about.fingerprint, edits, facts=about.facts)


def _numbered(rows: pl.DataFrame, next_id: int, revision: Revision) -> pl.DataFrame:
    ids = pl.int_range(pl.len(), dtype=pl.Int64) + next_id
    return rows.with_columns(id=ids, changeset_id=pl.lit(revision.next, pl.Int64))
