"""Reading the log of changes: what a change set did, and what happened to some rows.

Removed rows that have a block come out of it here, so that nobody else needs to know how they are kept. Of people who
were erased nothing comes out: their entries are passed over, but for counting.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import polars as pl

from crmtool.io import blocks
from crmtool.io.changelog import CHANGES, ENTRY, singly, together

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from crmtool.io.store import Store

_NAMES = ", ".join(f"c.{name}" for name in CHANGES)
#: The condition, in SQL, by which an entry of the log is about one row, or a range, and says what it said.
TOLD = f"(NOT {blocks.HAS_BLOCK} AND erased IS NULL)"
_BLOCK: dict[str, pl.DataType] = {
    "id": pl.Int64(),
    "changeset_id": pl.Int64(),
    "tbl": pl.String(),
    "before": pl.String(),
    "before_proof": pl.Binary(),
}

TALLY: dict[str, pl.DataType] = {
    "tbl": pl.String(),
    "op": pl.String(),
    "rows": pl.Int64(),
    "first": pl.Int64(),  # the lowest id, and the highest
    "last": pl.Int64(),
}


def changes(store: Store, key: str, number: int) -> pl.DataFrame:
    """Return the changes of one change set, each removed row for itself (columns: `CHANGES`)."""
    sql = f"SELECT {_NAMES} FROM change c WHERE changeset_id = ? AND {TOLD} ORDER BY id"
    plain = store.query(sql, [number], CHANGES)
    return _together(plain, _opened(store, key, "changeset_id = ?", [number]))


def updates(store: Store, number: int) -> pl.DataFrame:
    """Return the updates of one change set (columns: `CHANGES`)."""
    sql = f"SELECT {_NAMES} FROM change c WHERE changeset_id = ? AND op = 'update' AND erased IS NULL ORDER BY id"
    return store.query(sql, [number], CHANGES)


def tally(store: Store, number: int) -> pl.DataFrame:
    """Return how many rows one change set touched (columns: `TALLY`), in the order it did."""
    sql = f"""SELECT tbl, op, last_id - row_id + 1, row_id, last_id, id FROM change
              WHERE changeset_id = ? AND NOT {blocks.HAS_BLOCK}"""
    types: dict[str, pl.DataType] = {**TALLY, "id": pl.Int64()}
    plain = store.query(sql, [number], types)
    held = [
        (entry["tbl"], "remove", ids.len(), ids[0], ids[-1], entry["id"])
        for entry in entries(store, "changeset_id = ?", [number])
        for ids in [blocks.ids(entry["before"])]
    ]
    every = pl.concat([plain, pl.DataFrame(held, schema=types, orient="row")]).sort("id")
    return every.group_by("tbl", "op", maintain_order=True).agg(
        pl.col("rows").sum(), pl.col("first").min(), pl.col("last").max()
    )


def changes_of(store: Store, key: str, table: str, ids: Iterable[int]) -> pl.DataFrame:
    """Return every change that touched rows of a table, creations included (columns: `CHANGES`)."""
    keys = pl.Series(list(ids), dtype=pl.Int64)
    sql = f"""SELECT DISTINCT {_NAMES} FROM json_each(?) k JOIN change c
              ON c.tbl = ? AND k.value BETWEEN c.row_id AND c.last_id WHERE {TOLD} ORDER BY c.id"""
    plain = store.query(sql, [json.dumps(keys.to_list()), table], CHANGES)
    return _together(plain, _opened(store, key, "tbl = ?", [table], keys))


def changes_in(store: Store, key: str, number: int, table: str, ids: pl.Series) -> pl.DataFrame:
    """Return what a change set updated or removed among some rows of a table (columns: `CHANGES`)."""
    sql = f"""SELECT {_NAMES} FROM json_each(?) k CROSS JOIN change c ON c.tbl = ? AND c.row_id = k.value
              WHERE c.changeset_id = ? AND c.op <> 'create' AND {TOLD} ORDER BY c.id"""
    plain = store.query(sql, [json.dumps(ids.to_list()), table, number], CHANGES)
    return _together(plain, _opened(store, key, "changeset_id = ? AND tbl = ?", [number, table], ids))


def removed(store: Store, key: str, number: int, table: str, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
    """Yield the rows of a table that a change set removed and that have blocks: one block at a time."""
    for _, rows in _opened(store, key, "changeset_id = ? AND tbl = ?", [number, table], columns=columns):
        yield rows


def first_proofs(store: Store, key: str, table: str, after: int, first: int, last: int) -> pl.DataFrame:
    """Return, for rows of an id range changed after a change set, their proof before that (columns id, proof)."""
    sql = f"""SELECT row_id, before_proof, min(id) FROM change
              WHERE tbl = ? AND op <> 'create' AND changeset_id > ? AND row_id BETWEEN ? AND ?
              AND {TOLD} GROUP BY row_id"""
    plain = store.query(
        sql, [table, after, first, last], {"id": pl.Int64(), "proof": pl.Binary(), "change": pl.Int64()}
    )
    where, params = "tbl = ? AND changeset_id > ? AND row_id <= ? AND last_id >= ?", [table, after, last, first]
    found = [
        rows.filter(pl.col("id").is_between(first, last)).with_columns(change=pl.lit(entry["id"], pl.Int64))
        for entry, rows in _opened(store, key, where, params, columns=["id", "proof"])
    ]
    return pl.concat([plain, *found]).sort("change").unique("id", keep="first", maintain_order=True).drop("change")


def erased_in(store: Store, key: str, number: int) -> pl.Series:
    """Return the people (root contacts) of whom a change set said something and who were erased since."""
    sql = """SELECT DISTINCT e.erased_of FROM change c JOIN change e
             ON e.tbl = c.tbl AND e.row_id BETWEEN c.row_id AND c.last_id AND e.erased IS NOT NULL
             WHERE c.changeset_id = ?"""
    plain = store.query(sql, [number], {"person": pl.Int64()})["person"]
    held = entries(store, "changeset_id = ?", [number])
    owners = [-opened(store, key, entry, [blocks.OWNER])[blocks.OWNER].rename("person") for entry in held]
    return pl.concat([plain, *(each.filter(each > 0) for each in owners)]).unique().sort()


def _opened(
    store: Store,
    key: str,
    where: str,
    params: list[Any],
    ids: pl.Series | None = None,
    columns: Sequence[str] | None = None,
) -> Iterator[tuple[dict[str, Any], pl.DataFrame]]:
    """Yield entries that have a block, and its rows: of some `ids` or all, but blanked ones. Raises StoreDamaged."""
    for entry in entries(store, where, params):
        if ids is None or blocks.ids(entry["before"]).is_in(ids.implode()).any():
            read = None if columns is None else list(dict.fromkeys([*columns, blocks.OWNER]))
            rows = blocks.present(opened(store, key, entry, read))
            rows = rows if columns is None else rows.select(columns)
            yield entry, rows if ids is None else rows.filter(pl.col("id").is_in(ids.implode()))


def entries(store: Store, where: str, params: list[Any]) -> list[dict[str, Any]]:
    """Return the entries that have a block (keys: `_BLOCK`), of those for which a condition in SQL holds."""
    sql = f"SELECT {', '.join(_BLOCK)} FROM change WHERE {where} AND {blocks.HAS_BLOCK} ORDER BY id"
    return store.query(sql, params, _BLOCK).to_dicts()


def opened(store: Store, key: str, entry: dict[str, Any], columns: Sequence[str] | None = None) -> pl.DataFrame:
    """Return the rows of an entry's block with their proofs, or some columns. Raises StoreDamaged."""
    block = store.query("SELECT block FROM change WHERE id = ?", [entry["id"]], {"block": pl.Binary()}).item()
    rows = blocks.unpacked(key, block, columns)
    if columns is None and together(entry["tbl"], rows["proof"]) != entry["before_proof"]:
        raise blocks.damaged()
    return rows


def _together(plain: pl.DataFrame, removed: Iterable[tuple[dict[str, Any], pl.DataFrame]]) -> pl.DataFrame:
    """Return changes and the rows of blocks, each as a change of its own, in the order they were made."""
    single = [
        singly(entry["tbl"], rows.drop("proof"), rows["proof"]).select(
            pl.lit(entry["id"], pl.Int64).alias("id"),
            pl.lit(entry["changeset_id"], pl.Int64).alias("changeset_id"),
            *ENTRY,
        )
        for entry, rows in removed
    ]
    return pl.concat([plain, *single]).sort("id", maintain_order=True) if single else plain
