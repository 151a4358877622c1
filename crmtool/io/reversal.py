"""Taking a change set back: what it touched is read, and `core.history` says what that means.

A large change set is taken back in parts, so that memory stays bounded: contacts that belong together stay together,
and each part is planned when the one before is written (see `Store.apply_parts`).
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core import golden, history, model, plans
from crmtool.core.errors import Conflict, SafetyRefused
from crmtool.core.history import Trace
from crmtool.io import gathering, logbook
from crmtool.io.changelog import CHANGES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crmtool.core.history import Inverse
    from crmtool.core.plans import Plan
    from crmtool.core.rules import Rules
    from crmtool.io.store import Store

_AT_ONCE = 200_000  # rows of a change set that are taken back as one part
_PART = 25_000  # contacts of a part
_SHOWN = 200  # conflicts that are listed
_TOUCHED: dict[str, pl.DataType] = {
    "tbl": pl.Enum(list(model.TABLES)),  # there may be millions
    "id": pl.Int64(),
    "contact": pl.Int64(),
    "other": pl.Int64(),
    "made": pl.Int8(),  # 1: the change set created it
}


def is_large(store: Store, number: int) -> bool:
    """Tell whether a change set touched so many rows that it is taken back in parts."""
    return int(logbook.tally(store, number)["rows"].sum()) > _AT_ONCE


def except_erased(store: Store, number: int) -> int:
    """Return how many people were in a change set and were erased since: for them it is not taken back.

    Raises SafetyRefused for a change set that erased people itself.
    """
    final = "SELECT count(*) FROM change WHERE changeset_id = ? AND tbl = 'tombstone' AND op = 'create'"
    if store.query(final, [number], {"erased": pl.Int64()}).item():
        raise SafetyRefused(
            f"Change set {number} erased people; nothing is left that could be brought back.",
            "What was done before it can be taken back, for everybody else.",
        )
    return store.erased_in(number).len()


def planned(store: Store, rules: Rules, number: int) -> Plan:
    """Return the plan that takes a change set back. Raises Conflict naming the later work that stands in the way."""
    with store.reading():
        back = _inverse(store, number, store.changes(number))
        if back.conflicts:
            raise _conflict(number, back.conflicts)
        return _planned(store, rules, number, back)


def in_parts(store: Store, rules: Rules, number: int, size: int = _PART) -> Iterator[Plan]:
    """Yield plans that take a change set back together, each of about `size` contacts. Raises Conflict as `planned`."""
    conflicts: list[str] = []
    for touched in _portions(store, _touched(store, number), size):
        back = _inverse(store, number, _changes(store, number, touched))
        conflicts += back.conflicts
        if not conflicts:
            plan = [_planned(store, rules, number, back)]
            del back  # nothing here may hold on to a part while it is written
            yield plan.pop()
    if conflicts:
        raise _conflict(number, conflicts)


def _conflict(number: int, lines: Iterable[str]) -> Conflict:
    every = list(lines)
    count = f"{len(every)} later change" + ("s" if len(every) > 1 else "")
    rest = [f"and {len(every) - _SHOWN} more"] if len(every) > _SHOWN else []
    return Conflict(
        f"Taking back {number} would lose {count}:",
        "Take the later change sets back first, newest first.",
        [*every[:_SHOWN], *rest],
    )


# -- what a part is about -------------------------------------------------------------------------------------------


def _touched(store: Store, number: int) -> pl.DataFrame:
    """Return the rows a change set touched, with the contacts they lean on (columns: `_TOUCHED`; null: on none)."""
    created = [_created(store, number, table) for table in model.TABLES if table != "channel"]  # with their contacts
    changed = [_changed(store, number, table) for table in model.TABLES]
    return pl.concat([pl.DataFrame(schema=_TOUCHED), *created, *changed])


def _created(store: Store, number: int, table: str) -> pl.DataFrame:
    """Return the rows of a table that were created: where they lean now, if they still stand."""
    ranges = {"op": pl.String(), "row_id": pl.Int64(), "last_id": pl.Int64()}
    types: dict[str, pl.DataType] = dict.fromkeys(("id", *_sides(table)), pl.Int64())
    names = ", ".join(f"r.{name}" for name in types)
    only = "WHERE c.changeset_id = ? AND c.tbl = ? AND c.op = 'create'"
    logged = store.query(f"SELECT {', '.join(ranges)} FROM change c {only}", [number, table], ranges)
    rows = f'change c CROSS JOIN "{table}" r ON r.id BETWEEN c.row_id AND c.last_id'
    standing = store.query(f"SELECT {names} FROM {rows} {only}", [number, table], types)
    made = history.created_ids(logged).to_frame("id").join(standing, on="id", how="left", maintain_order="left")
    return _leaning(table, made, made=1)


def _sides(table: str) -> tuple[str, ...]:
    """Return the columns of a table that name contacts; those of a contact are itself."""
    return model.REFERENCES.get(table, ("id",) if table == "contact" else ())


def _leaning(table: str, rows: pl.DataFrame, made: int) -> pl.DataFrame:
    """Return rows of a table as touched ones (columns: `_TOUCHED`)."""
    sides = _sides(table)
    contact, other = (pl.col(sides[at]) if sides else pl.lit(None) for at in (0, -1))
    touched = rows.select(tbl=pl.lit(table), id="id", contact=contact, other=other, made=pl.lit(made))
    return touched.cast(pl.Schema(_TOUCHED))


def _changed(store: Store, number: int, table: str) -> pl.DataFrame:
    """Return the rows of a table that were updated or removed: where they lean now, or did before."""
    sides = model.REFERENCES.get(table, ())
    now = [f"r.{side}" for side in sides] or (["c.row_id"] if table == "contact" else ["NULL"])
    then = [f"json_extract(c.before, '$.{side}')" for side in sides] or now
    one, other = (f"coalesce({now[at]}, {then[at]})" for at in (0, -1))
    sql = f"""SELECT c.tbl, c.row_id, {one}, {other}, 0 FROM change c LEFT JOIN "{table}" r ON r.id = c.row_id
              WHERE c.changeset_id = ? AND c.tbl = ? AND c.op <> 'create' AND {logbook.TOLD}"""
    singly = store.query(sql, [number, table], _TOUCHED)
    many = (_leaning(table, rows, made=0) for rows in store.removed(number, table, ["id", *sides]))
    return pl.concat([singly, *many])


def _portions(store: Store, touched: pl.DataFrame, size: int) -> Iterator[pl.DataFrame]:
    """Give touched rows (tbl, id, made) in portions: contacts that are or were joined together, rows of none last."""
    pair = {"left_id": pl.Int64(), "right_id": pl.Int64()}
    joined = store.query("SELECT root_id, id FROM contact WHERE root_id <> id", [], pair)
    judged = touched.filter(pl.col("tbl") == "verdict").select(left_id="contact", right_id="other").drop_nulls()
    edges = pl.concat([joined, judged])
    nodes = [touched["contact"], touched["other"], edges["left_id"], edges["right_id"]]
    groups = golden.roots(pl.concat([node.rename("id") for node in nodes]).drop_nulls().unique().sort(), edges)
    order = groups.select(pl.col("root_id").unique().sort()).with_columns(part=pl.int_range(pl.len()) // size)
    parts = groups.join(order, on="root_id").select(pl.col("id").alias("contact"), pl.col("part").cast(pl.UInt32))
    numbered = touched.join(parts, on="contact", how="left", maintain_order="left").drop("contact", "other")
    last = order.height // size + 1
    del touched, judged, edges, nodes, groups, order, parts  # or they stay in memory to the last portion
    for number in range(last + 1):
        portion = numbered.filter(pl.col("part").fill_null(last) == number)
        if portion.height:
            yield portion


def _changes(store: Store, number: int, touched: pl.DataFrame) -> pl.DataFrame:
    """Return the changes of some touched rows (columns: `changelog.CHANGES`); created ones as runs of ids."""
    logged = [
        store.changes_in(number, table, rows["id"])
        for (table,), rows in touched.filter(pl.col("made") == 0).group_by("tbl", maintain_order=True)
    ]
    made = touched.filter(pl.col("made") == 1).sort("tbl", "id")
    runs = made.group_by("tbl", run=pl.col("id") - pl.int_range(pl.len()), maintain_order=True).agg(
        row_id=pl.col("id").first(), last_id=pl.col("id").last()
    )
    created = runs.drop("run").with_columns(
        pl.col("tbl").cast(pl.String), changeset_id=pl.lit(number, pl.Int64), op=pl.lit("create")
    )
    return pl.concat([pl.DataFrame(schema=CHANGES), created, *logged], how="diagonal")


# -- one part -------------------------------------------------------------------------------------------------------


def _inverse(store: Store, number: int, changes: pl.DataFrame) -> Inverse:
    """Return what takes some changes of a change set back, and the later work that stands in the way."""
    traces = {table: _trace(store, table, number, part) for (table,), part in changes.group_by("tbl")}
    back = history.inverse(traces)
    later = {
        table: _later(store, table, columns, back.leaving, number)
        for table, columns in model.REFERENCES.items()
        if back.leaving.len()
    }
    whole = history.with_dependents(back, later)
    return _grounded(store, replace(whole, conflicts=(*whole.conflicts, *_documents(store, whole))))


def _documents(store: Store, back: Inverse) -> Iterator[str]:
    """Yield a line for each document of a deal that would go, and for each coming back to a deal that is gone."""
    edits = back.edits.get("attachment", plans.edit("attachment"))
    if "deal" in back.edits:
        left = store.snapshot("attachment", where="deal_id", keys=back.edits["deal"].removed["id"])
        for document, number in left.join(edits.removed, on="id", how="anti").select("id", "changeset_id").rows():
            yield f"attachment {document} of change set {number} needs a deal this would remove"
    coming = edits.created.drop_nulls("deal_id")
    there = store.snapshot("deal", ["id"], where="id", keys=coming["deal_id"])
    back_too = back.edits["deal"].created["id"] if "deal" in back.edits else there["id"].clear()
    for document, deal in (
        coming.filter(~pl.col("deal_id").is_in(pl.concat([there["id"], back_too]).implode()))
        .select("id", "deal_id")
        .rows()
    ):
        yield f"attachment {document} belongs to deal {deal}, which is gone since"


def _trace(store: Store, table: str, number: int, changes: pl.DataFrame) -> Trace:
    """Return what a change set did to a table and what became of it."""
    ids = history.touched_ids(changes)
    if table in model.DERIVED:  # they come back by being computed; of contacts it counts which there are
        keys = ids if table == "contact" else ids.clear()
        standing = store.snapshot(table, ["id"], where="id", keys=keys)
        return Trace(changes, standing, store.proofs(table, []), store.first_proofs(table, number, 0, -1))
    first, last = (int(ids[0]), int(ids[-1])) if ids.len() else (0, -1)
    proofs = store.first_proofs(table, number, first, last)
    return Trace(changes, store.snapshot(table, where="id", keys=ids), store.proofs(table, proofs["id"]), proofs)


def _later(store: Store, table: str, columns: tuple[str, ...], leaving: pl.Series, number: int) -> pl.DataFrame:
    """Return the rows of a table that point at leaving contacts and were not last written by the change set itself."""
    if table in model.DERIVED:
        return model.empty(table)
    names = ", ".join(f't."{name}"' for name in model.TABLES[table])
    found = [
        store.query(
            f'SELECT {names} FROM json_each(?) k CROSS JOIN "{table}" t ON t."{column}" = k.value '
            "WHERE t.changeset_id <> ?",
            [json.dumps(leaving.to_list()), number],
            model.TABLES[table],
        )
        for column in columns
    ]
    return pl.concat(found).unique("id").sort("id")


def _grounded(store: Store, back: Inverse) -> Inverse:
    """Account for the contacts and keys that what comes back needs."""
    needed = history.leaning(back)["contact_id"].unique()
    coming = back.edits["record"].created if "record" in back.edits else model.empty("record")
    return history.with_ground(
        back,
        store.snapshot("contact", ["id"], where="id", keys=needed)["id"],
        _keyed(store, coming["source"].unique(), coming["source_key"]),
    )


def _keyed(store: Store, sources: pl.Series, keys: pl.Series) -> pl.DataFrame:
    """Return the records under some keys of some sources (columns id, source, source_key, changeset_id)."""
    names = ("id", "source", "source_key", "changeset_id")
    sql = f"""SELECT {", ".join(f"r.{name}" for name in names)} FROM json_each(?) s CROSS JOIN json_each(?) k
              CROSS JOIN record r ON r.source = s.value AND r.source_key = k.value"""
    types = {name: model.TABLES["record"][name] for name in names}
    return store.query(sql, [json.dumps(sources.to_list()), json.dumps(keys.to_list())], types).sort("id")


def _planned(store: Store, rules: Rules, number: int, back: Inverse) -> Plan:
    """Return the plan; what goes with its whole cluster is removed as it stands, the rest is computed anew."""
    alone = _alone(store, back.leaving)
    others = history.concerned(back)
    others = others.filter(~others.is_in(alone.implode()))
    ids = store.next_ids()
    going = {
        "contact": plans.edit("contact", removed=store.snapshot("contact", where="id", keys=alone)),
        "channel": plans.edit("channel", removed=store.snapshot("channel", where="contact_id", keys=alone)),
    }
    around = gathering.clusters(store, others, rules.survivorship)
    return history.plan_undo(number, back, around, store.revision(), rules, ids["channel"], going)


def _alone(store: Store, leaving: pl.Series) -> pl.Series:
    """Return the leaving contacts whose whole cluster leaves."""
    roots = gathering.roots_of(store, leaving)["root_id"].unique()
    members = store.snapshot("contact", ["id", "root_id"], where="root_id", keys=roots)
    staying = members.filter(~pl.col("id").is_in(leaving.implode()))["root_id"].unique()
    return members.filter(~pl.col("root_id").is_in(staying.implode()))["id"].sort()
