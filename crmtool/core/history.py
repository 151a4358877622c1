"""Taking a change set back.

Facts are turned back one by one: what it created is removed, what it updated gets its old fields, what it removed comes
back under its old id. A fact that was changed since is a conflict, named and refused; everything else that came later
stays. Computed tables are not turned back but computed anew (see `golden`), so later facts show in them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core import golden, model, plans
from crmtool.core.errors import Conflict
from crmtool.core.plans import Edit, Plan, Revision, edit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crmtool.core.rules import Rules

FACTS = tuple(table for table in model.TABLES if table not in model.DERIVED)


@dataclass(frozen=True)
class Trace:
    """What a change set did to one table, and what became of it.

    `changes` holds its log entries (op, row_id, last_id, before, after); `rows` the touched rows as they stand;
    `first` has the proof a row had before it was first changed again (id, proof), `proofs` those it has now.
    """

    changes: pl.DataFrame
    rows: pl.DataFrame
    proofs: pl.DataFrame
    first: pl.DataFrame


@dataclass(frozen=True)
class Inverse:
    """Edits of the facts that take a change set back, contacts that go and come back, and what stands in the way."""

    edits: Mapping[str, Edit]
    leaving: pl.Series  # ids of contacts
    returning: pl.Series
    channels: pl.DataFrame  # rows of channels the change set removed, to come back under their ids
    conflicts: tuple[str, ...]


def created_ids(changes: pl.DataFrame) -> pl.Series:
    """Return the ids of the rows that log entries created."""
    ranges = changes.filter(pl.col("op") == "create")
    return ranges.select(pl.int_ranges("row_id", pl.col("last_id") + 1).explode().alias("id"))["id"].drop_nulls()


def touched_ids(changes: pl.DataFrame) -> pl.Series:
    """Return the ids of all rows that log entries are about."""
    return pl.concat([created_ids(changes), changes.filter(pl.col("op") != "create")["row_id"]]).unique().sort()


def inverse(traces: Mapping[str, Trace]) -> Inverse:
    """Return what takes a change set back, given its traces by table."""
    edits = {table: _turned_back(table, traces[table]) for table in FACTS if table in traces}
    nobody = pl.Series([], dtype=pl.Int64)
    contacts = traces.get("contact")
    standing = contacts.rows["id"] if contacts else nobody
    channels = _removed("channel", traces["channel"].changes) if "channel" in traces else model.empty("channel")
    created = created_ids(contacts.changes) if contacts else nobody
    return Inverse(
        edits,
        leaving=created.filter(created.is_in(standing.implode())),
        returning=_absent("contact", contacts)["id"] if contacts else nobody,
        channels=channels,
        conflicts=tuple(line for table in edits for line in _conflicts(table, traces[table])),
    )


def with_dependents(inverse: Inverse, dependents: Mapping[str, pl.DataFrame]) -> Inverse:
    """Account for later rows that lean on leaving contacts: what rules said and what was taken back goes too.

    Anything else is a conflict. `dependents` are the rows of each table in `model.REFERENCES` that point at a leaving
    contact.
    """
    conflicts, edits = list(inverse.conflicts), dict(inverse.edits)
    for table, rows in dependents.items():
        if table in model.DERIVED or rows.is_empty():
            continue
        going = edits[table].removed["id"] if table in edits else pl.Series([], dtype=pl.Int64)
        later = rows.filter(~pl.col("id").is_in(going.implode()))
        if table == "segment_membership":  # seen by a refresh, not said by anybody: the next one sees anew
            edits = plans.merged([edits, {table: edit(table, removed=later)}])
            continue
        if table == "verdict":
            moot = pl.col("by").str.starts_with("rule:") | pl.col("retracted_in").is_not_null()
            edits = plans.merged([edits, {"verdict": edit("verdict", removed=later.filter(moot))}])
            later = later.filter(~moot)
        conflicts += [
            f"{table} {i} of change set {n} needs a contact this would remove"
            for i, n in later.select("id", "changeset_id").rows()
        ]
    return replace(inverse, edits=edits, conflicts=tuple(conflicts))


def leaning(inverse: Inverse) -> pl.DataFrame:
    """Return what comes back and needs a contact (columns table, id, contact_id)."""
    coming = [
        pl.concat([edit.created, edit.after]).select(pl.lit(table).alias("table"), "id", contact_id=name)
        for table, edit in inverse.edits.items()
        for name in model.REFERENCES.get(table, ())
    ]
    schema = {"table": pl.String(), "id": pl.Int64(), "contact_id": pl.Int64()}
    return pl.concat([pl.DataFrame(schema=schema), *coming])


def with_ground(inverse: Inverse, contacts: pl.Series, records: pl.DataFrame) -> Inverse:
    """Account for what rows that come back stand on: their contact must be there, and nobody else have their key.

    `contacts` are the ids that stand, of those `leaning` names; `records` (id, source, source_key, changeset_id) stand
    under the source keys of records that come back.
    """
    present = pl.concat([contacts, inverse.returning])
    present = present.filter(~present.is_in(inverse.leaving.implode()))
    fallen = leaning(inverse).filter(~pl.col("contact_id").is_in(present.implode()))
    conflicts = [
        f"{table} {i} belongs to contact {contact}, which is gone since" for table, i, contact in fallen.rows()
    ]
    if "record" in inverse.edits:
        change = inverse.edits["record"]
        kept = records.filter(~pl.col("id").is_in(change.removed["id"].implode()))
        again = change.created.join(kept, on=["source", "source_key"], suffix="_again")
        conflicts += [
            f"record {i} was read again as record {other} by change set {n}"
            for i, other, n in again.select("id", "id_again", "changeset_id_again").rows()
        ]
    return replace(inverse, conflicts=(*inverse.conflicts, *conflicts))


def concerned(inverse: Inverse) -> pl.Series:
    """Return the contacts whose golden record may change when facts are turned back."""
    told = ("record", "verification")
    records = [_frames(inverse.edits[t]).get_column("contact_id") for t in told if t in inverse.edits]
    sides = [_frames(inverse.edits["verdict"])[side] for side in ("left_id", "right_id") if "verdict" in inverse.edits]
    return pl.concat([*records, *sides, inverse.leaving, inverse.returning]).unique().sort()


def plan_undo(
    number: int,
    inverse: Inverse,
    clusters: golden.Clusters,
    revision: Revision,
    rules: Rules,
    next_channel: int,
    going: Mapping[str, Edit] | None = None,
) -> Plan:
    """Return the plan that takes change set `number` back; `clusters` stand around the concerned contacts.

    `going` are edits of computed tables that are known already: leaving contacts of which nobody is left, who are then
    not among the clusters. Raises Conflict where it would join contacts that a person has told apart.
    """
    after = replace(
        clusters,
        records=_records_after(clusters, inverse.edits),
        verdicts=_rows_after(clusters.verdicts, "verdict", inverse.edits).filter(pl.col("retracted_in").is_null()),
        checks=_rows_after(clusters.checks, "verification", inverse.edits),
    )
    standing = clusters.contacts["id"]
    ids = pl.concat([standing.filter(~standing.is_in(inverse.leaving.implode())), inverse.returning]).unique().sort()
    _told_apart(number, ids, after.verdicts)
    computed = golden.recomputed(ids, after, rules.survivorship, revision.next, next_channel, inverse.channels)
    edits = plans.merged([inverse.edits, computed, *([going] if going else [])])
    return Plan(f"undo {number}", revision, rules.fingerprint, edits, undoes=number)


def _told_apart(number: int, ids: pl.Series, verdicts: pl.DataFrame) -> None:
    """Refuse to join contacts between which a verdict "different" holds."""
    rooted = golden.roots(ids, golden.same_edges(verdicts))
    apart = verdicts.filter(pl.col("decision") == "different")
    apart = apart.join(rooted.select(left_id="id", left_root="root_id"), on="left_id")
    apart = apart.join(rooted.select(right_id="id", right_root="root_id"), on="right_id")
    for left, right, by, later in (
        apart.filter(pl.col("left_root") == pl.col("right_root"))
        .select("left_id", "right_id", "by", "changeset_id")
        .rows()
    ):
        raise Conflict(
            f"Taking back {number} would join contacts {left} and {right}; {by} decided in change set {later} that they"
            " are different.",
            f"If that was wrong, take it back first: crmtool undo {later}",
        )


def _turned_back(table: str, trace: Trace) -> Edit:
    """Return the edit that turns one table of facts back, leaving out what has changed since."""
    kept = trace.rows.filter(~pl.col("id").is_in(_changed_since(trace).implode()))
    created = created_ids(trace.changes)
    before, after = _updated_back(table, trace)
    return edit(
        table,
        created=_absent(table, trace),
        updated=(before, after),
        removed=kept.filter(pl.col("id").is_in(created.implode())),
    )


def _changed_since(trace: Trace) -> pl.Series:
    """Return the ids of created rows whose content is no longer what it was when they were created."""
    both = trace.first.join(trace.proofs, on="id", suffix="_now")
    return both.filter(pl.col("proof") != pl.col("proof_now"))["id"]


def _updated_back(table: str, trace: Trace) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the updated rows as they stand and with their old fields, where the new ones still stand."""
    updates = _updates(trace.changes)
    rows = trace.rows.join(updates.select("row_id"), left_on="id", right_on="row_id", how="semi").sort("id")
    updates = updates.filter(pl.col("row_id").is_in(rows["id"].implode())).sort("row_id")
    old, new = _decoded(table, updates["before"]), _decoded(table, updates["after"])
    touched = {n: _touched(updates, n) for n in rows.columns}
    stands = pl.Series([True]).new_from_index(0, rows.height)
    for name in rows.columns:
        stands = stands & (~touched[name] | rows[name].eq_missing(new[name]))
    back = rows.with_columns(
        pl.when(pl.lit(touched[n])).then(pl.lit(old[n])).otherwise(pl.col(n)).alias(n) for n in rows.columns
    )
    return rows.filter(stands), back.filter(stands)


def _updates(changes: pl.DataFrame) -> pl.DataFrame:
    """Return the updates of rows the change set did not create itself, one for each row.

    A change set written in parts may update a row twice: then its oldest fields before and its newest after count.
    """
    updates = changes.filter((pl.col("op") == "update") & ~pl.col("row_id").is_in(created_ids(changes).implode()))
    if updates["row_id"].is_unique().all():
        return updates
    images = updates.group_by("row_id", maintain_order=True).agg(
        pl.col("before").reverse(), pl.col("after"), pl.col("op").first()
    )
    return images.with_columns(pl.col("before", "after").map_elements(_overlaid, return_dtype=pl.String))


def _overlaid(images: pl.Series) -> str:
    """Return JSON objects as one, where a later one wins."""
    return json.dumps({name: value for image in images for name, value in json.loads(image).items()})


def _touched(updates: pl.DataFrame, name: str) -> pl.Series:
    """Tell which updates touched a field: it is known before or after (one that is neither did not change)."""
    known = [updates[side].str.json_path_match(f"$.{name}").is_not_null() for side in ("before", "after")]
    return known[0] | known[1]


def _removed(table: str, changes: pl.DataFrame) -> pl.DataFrame:
    """Return the rows that log entries removed, as they were."""
    return _decoded(table, changes.filter(pl.col("op") == "remove")["before"])


def _absent(table: str, trace: Trace) -> pl.DataFrame:
    """Return the rows a change set removed that are not back already."""
    return _removed(table, trace.changes).filter(~pl.col("id").is_in(trace.rows["id"].implode()))


def _decoded(table: str, images: pl.Series) -> pl.DataFrame:
    """Return logged JSON images as rows of a table."""
    if images.is_empty():
        return model.empty(table)
    return images.str.json_decode(pl.Struct(dict(model.TABLES[table]))).alias("row").to_frame().unnest("row")


def _conflicts(table: str, trace: Trace) -> Iterator[str]:
    """Yield what was changed again since."""
    before, _ = _updated_back(table, trace)
    updates = _updates(trace.changes)["row_id"]
    moved = updates.filter(~updates.is_in(before["id"].implode()))
    created = created_ids(trace.changes)
    again = _changed_since(trace)
    odd = pl.concat([moved, again.filter(again.is_in(created.implode()))])
    by = dict(trace.rows.select("id", "changeset_id").rows())
    for i in odd.unique().sort():
        yield f"{table} {i} was changed again by change set {by[i]}" if i in by else f"{table} {i} is gone since"


def _frames(edit: Edit) -> pl.DataFrame:
    return pl.concat([edit.created, edit.before, edit.after, edit.removed])


def _records_after(clusters: golden.Clusters, edits: Mapping[str, Edit]) -> pl.DataFrame:
    """Return the records of the clusters once the facts are turned back."""
    if "record" not in edits:
        return clusters.records
    change = edits["record"]
    gone = pl.concat([change.removed["id"], change.before["id"]])
    back = golden.records_of(pl.concat([change.created, change.after]))
    return pl.concat([clusters.records.filter(~pl.col("id").is_in(gone.implode())), back])


def _rows_after(rows: pl.DataFrame, table: str, edits: Mapping[str, Edit]) -> pl.DataFrame:
    """Return rows of a table of facts around the clusters once these are turned back."""
    if table not in edits:
        return rows
    change = edits[table]
    gone = pl.concat([change.removed["id"], change.before["id"]])
    return pl.concat([rows.filter(~pl.col("id").is_in(gone.implode())), change.created, change.after])
