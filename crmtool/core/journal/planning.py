"""What a journal would change: rows that are new, rows that say something else than before, and what hangs on them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

from crmtool.core import model
from crmtool.core.plans import Edit, Plan, Revision, edit

if TYPE_CHECKING:
    from collections.abc import Mapping

_FILES = pl.List(pl.Struct({"name": pl.String, "type": pl.String, "size": pl.Int64, "sha256": pl.String}))


@dataclass(frozen=True)
class Incoming:
    """A part of a journal, told apart from what is wrong with it."""

    table: str  # "interaction" or "deal"
    file: Mapping[str, Any]  # columns of the table `file` but id and changeset_id
    rows: pl.DataFrame  # columns of the table, and what hangs on them; each source_key once
    rejected: pl.DataFrame  # row, raw, reasons
    findings: pl.DataFrame
    facts: Mapping[str, Any] = field(default_factory=dict)
    file_id: int | None = None  # the file's row, where an earlier part of it has written that


@dataclass(frozen=True)
class Standing:
    """What stands in the store: the rows of the table under the keys of a part."""

    revision: Revision
    next_ids: Mapping[str, int]
    known: pl.DataFrame
    fingerprint: str
    today: str  # ISO day


def plan_import(command: str, incoming: Incoming, standing: Standing) -> Plan:
    """Return the plan of a part. Facts get new, updated, unchanged and waiting (of the new, those of nobody known)."""
    table, ids = incoming.table, standing.next_ids
    fresh, before, after = _apart(incoming, standing)
    moved = fresh.height or after.height or incoming.rejected.height
    file_id = incoming.file_id or ids["file"]
    number = pl.lit(standing.revision.next, pl.Int64)
    fresh = fresh.with_columns(id=pl.int_range(pl.len(), dtype=pl.Int64) + ids[table], changeset_id=number)
    fresh = fresh.with_columns(file_id=pl.lit(file_id, pl.Int64), source=pl.lit(incoming.file["source"]))
    after = after.with_columns(changeset_id=number, file_id=pl.lit(file_id, pl.Int64))
    edits = {
        "file": _file(incoming, file_id, standing) if moved and not incoming.file_id else edit("file"),
        table: edit(table, created=fresh, updated=(before, after)),
        **_hanging(table, fresh, before, after, standing),
        "reject": _rejects(incoming.rejected, ids["reject"], file_id, standing),
    }
    facts = {
        **incoming.facts,
        "new": fresh.height,
        "updated": after.height,
        "unchanged": incoming.rows.height - fresh.height - after.height,
        "waiting": _waiting(fresh),
    }
    return Plan(command, standing.revision, standing.fingerprint, edits, incoming.findings, facts)


def _waiting(fresh: pl.DataFrame) -> int:
    nobody = pl.col("contact_id").is_null()
    return fresh.filter(nobody & pl.col("ignored").is_null() if "ignored" in fresh.columns else nobody).height


def _apart(incoming: Incoming, standing: Standing) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Return the rows that are new, and those that say something else, as they stand and as they will be.

    Whose a row is stays as it was decided; where nobody was known, somebody known by now is.
    """
    rows, known = incoming.rows, standing.known.sort("source_key")
    fresh = rows.join(known, on="source_key", how="anti", maintain_order="left")
    if known.is_empty():
        return fresh, known, known
    own = {"id", "contact_id", "source", "source_key", "file_id", "row", "changeset_id", "ignored"}
    fields = [name for name in model.TABLES[incoming.table] if name not in own]
    given = rows.join(known.select("source_key"), on="source_key", how="semi").sort("source_key")
    types = model.TABLES[incoming.table]
    new = given.select(
        (pl.col(name) if name in given.columns else pl.lit(None)).cast(types[name]).alias(name)
        for name in (*fields, "row", "contact_id")
    )
    moved = pl.Series([False]).new_from_index(0, known.height)
    for name in [name for name in fields if name != "raw"]:
        moved = moved | known[name].ne_missing(new[name])
    moved = moved | (known["contact_id"].is_null() & new["contact_id"].is_not_null())
    after = known.with_columns(new.select(*fields, "row")).with_columns(
        contact_id=pl.coalesce(known["contact_id"], new["contact_id"])
    )
    return fresh, known.filter(moved), after.filter(moved)


def _file(incoming: Incoming, file_id: int, standing: Standing) -> Edit:
    row = {"id": file_id, **incoming.file, "changeset_id": standing.revision.next}
    return edit("file", created=pl.DataFrame([row], schema=dict(model.TABLES["file"])))


def _rejects(rejected: pl.DataFrame, next_id: int, file_id: int, standing: Standing) -> Edit:
    ids = pl.int_range(pl.len(), dtype=pl.Int64) + next_id
    number = pl.lit(standing.revision.next)
    return edit("reject", created=rejected.with_columns(id=ids, file_id=pl.lit(file_id), changeset_id=number))


# -- what hangs on a row --------------------------------------------------------------------------------------------


def _hanging(
    table: str, fresh: pl.DataFrame, before: pl.DataFrame, after: pl.DataFrame, standing: Standing
) -> dict[str, Edit]:
    if table == "deal":
        return {"deal_stage": _stages(fresh, before, after, standing)}
    return {"attachment": _attachments(fresh, standing)} if "attachments" in fresh.columns else {}


def _attachments(fresh: pl.DataFrame, standing: Standing) -> Edit:
    """Return the attachments of new interactions; `attachments` is a JSON list of name, type, size and sha256."""
    listed = fresh.select(interaction_id="id", files="attachments").drop_nulls()
    if listed.is_empty():
        return edit("attachment")
    each = listed.with_columns(pl.col("files").str.json_decode(_FILES)).explode("files").unnest("files")
    return edit("attachment", created=_numbered(each, "attachment", standing))


def _stages(fresh: pl.DataFrame, before: pl.DataFrame, after: pl.DataFrame, standing: Standing) -> Edit:
    """Return the history that deals get: the stage a new one has, and the one that another moved to."""
    moved = after.filter(before["stage"].ne_missing(after["stage"]))
    day = pl.coalesce("closed_on", "opened_on", pl.lit(standing.today))
    first = fresh.select(deal_id="id", stage="stage", on=day, by="owner")
    today = pl.coalesce("closed_on", pl.lit(standing.today))
    later = moved.select(deal_id="id", stage="stage", on=today, by="owner")
    both = pl.concat([part.cast(pl.String).cast({"deal_id": pl.Int64}) for part in (first, later)])
    return edit("deal_stage", created=_numbered(both.drop_nulls("stage"), "deal_stage", standing))


def _numbered(rows: pl.DataFrame, table: str, standing: Standing) -> pl.DataFrame:
    ids = pl.int_range(pl.len(), dtype=pl.Int64) + standing.next_ids[table]
    return rows.with_columns(id=ids, changeset_id=pl.lit(standing.revision.next, pl.Int64))
