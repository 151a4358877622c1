"""Proving a store: every row and every entry of its history is as crmtool left it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from crmtool.core import model
from crmtool.core.errors import StoreDamaged
from crmtool.io import blocks, logbook
from crmtool.io.changelog import PROVED, START, Chain, keyed, proven, short, sound

if TYPE_CHECKING:
    from crmtool.io.store import Store

#: A line of the log about one row: `first` and `last` of the rows of its entry, the proofs of the row before and after.
_LINE: dict[str, pl.DataType] = {
    "change": pl.Int64(),
    "op": pl.String(),
    "id": pl.Int64(),
    "first": pl.Int64(),
    "last": pl.Int64(),
    "before": pl.Binary(),
    "proof": pl.Binary(),
}


def problems(store: Store, key: str) -> list[str]:
    """Return what is wrong with a store's content and history, one sentence each; empty: all is as logged."""
    logged = set(store.query("SELECT DISTINCT tbl FROM change", [], {"tbl": pl.String()})["tbl"])
    rows = [line for table in model.TABLES for line in _in_table(store, key, table, known=table in logged)]
    return _in_chain(store, key) + _out_of_place(store) + rows


def moved(store: Store, number: int, digest: str) -> list[str]:
    """Return how the history differs from a head noted elsewhere: a change set, and the beginning of its digest."""
    heads = dict(store.changesets().select("id", "digest").rows())
    if number not in heads:
        last = max(heads, default=0)
        return [f"the history ends at change set {last}: {number} was cut off, or a copy from before it was restored"]
    same = heads[number].startswith(digest)
    return [] if same else [f"change set {number} is not the one that was noted: the history was written anew"]


def _in_chain(store: Store, key: str) -> list[str]:
    wrong, previous = [], START
    for n, at, actor, command, rules, facts, undoes, digest in store.changesets().iter_rows():
        chain = Chain(key)
        sql = f"SELECT {', '.join(PROVED)} FROM change WHERE changeset_id = ? ORDER BY id"
        changes = store.query(sql, [n], PROVED)
        chain.add(changes["proof"])
        odd = changes.filter(~sound(key, n, changes))
        wrong += [f"change set {n}: the entry about {t} {i} was edited" for t, i in odd.select("tbl", "row_id").rows()]
        if chain.digest([previous, n, at, actor, command, rules, facts, undoes]) != digest:
            wrong.append(f"change set {n}: it, or an entry of it, was edited, added or removed")
        previous = digest
    return wrong


def _out_of_place(store: Store) -> list[str]:
    """Return what the digests do not tell: entries of change sets that are gone, and sets whose entries lie mixed."""
    types = {name: pl.Int64() for name in ("changeset", "first", "last", "known")}
    sql = """SELECT c.changeset_id, min(c.id), max(c.id), s.id FROM change c LEFT JOIN changeset s
             ON s.id = c.changeset_id GROUP BY c.changeset_id ORDER BY c.changeset_id"""
    sets = store.query(sql, [], types)
    orphans = sets.filter(pl.col("known").is_null())["changeset"]
    mixed = sets.filter(pl.col("first") < pl.col("last").cum_max().shift(1))["changeset"]
    return [f"change set {n}: it was removed, and its entries are left" for n in orphans] + [
        f"change set {n}: its entries do not follow those of the one before" for n in mixed
    ]


def _in_table(store: Store, key: str, table: str, *, known: bool) -> list[str]:
    """Return what is wrong with a table; `known`: the history tells of it."""
    types = model.TABLES[table]
    columns = {**types, "proof": pl.Binary()}
    names = ", ".join(f'"{name}"' for name in columns)
    rows = store.query(f'SELECT {names} FROM "{table}" ORDER BY id', [], columns)
    if rows.is_empty() and not known:
        return []
    good = proven(key, table, rows.drop("proof"))
    edited = rows.filter(good != rows["proof"])["id"]
    log, lost = _row_log(store, key, table)
    expected = _expected(log)
    both = rows.select("id", "proof").join(expected, on="id", how="full", coalesce=True, suffix="_logged")
    added = both.filter(pl.col("logged").is_null() & ~pl.col("id").is_in(edited.implode()))["id"]
    removed = both.filter(pl.col("proof").is_null())["id"]
    older = both.filter((pl.col("proof") != pl.col("proof_logged")) & ~pl.col("id").is_in(edited.implode()))["id"]
    reasons = {"was edited": edited, "was added": added, "was removed": removed, "was set back": older}
    lines = [f"{table} {i}: the row {what} outside crmtool" for what, ids in reasons.items() for i in sorted(ids)]
    lines += [f"change set {n}: removed rows of the table {table} were edited" for n in lost]
    return lines + [
        f"{table} {first} to {last}: a row was swapped outside crmtool" for first, last in _swapped(table, log, rows)
    ]


def _row_log(store: Store, key: str, table: str) -> tuple[pl.DataFrame, list[int]]:
    """Return the log of a table, one line for each row and change (columns: `_LINE`).

    Also the change sets whose blocks are not as they were written: what was in those is not known.
    """
    sql = f"""SELECT id, op, row_id, row_id, last_id, before_proof, after_proof FROM change
              WHERE tbl = ? AND NOT {blocks.HAS_BLOCK} ORDER BY id"""
    log = store.query(sql, [table], _LINE)
    parts, lost = [log.with_columns(id=pl.int_ranges("id", pl.col("last") + 1)).explode("id")], []
    for entry in logbook.entries(store, "tbl = ?", [table]):
        try:
            rows = logbook.opened(store, key, entry).select("id", before="proof")
        except StoreDamaged:
            rows = pl.DataFrame({"id": _named(entry["before"])}).with_columns(before=None)
            lost.append(entry["changeset_id"])
        lines = rows.select("id", "before", change=entry["id"], op=pl.lit("remove"), first="id", last="id", proof=None)
        parts.append(lines.select(*_LINE).cast(pl.Schema(_LINE)))
    return pl.concat(parts), lost


def _named(runs: str) -> pl.Series:
    """Return the ids an entry is about; none where that was edited."""
    try:
        return blocks.ids(runs)
    except StoreDamaged:
        return pl.Series([], dtype=pl.Int64)


def _expected(log: pl.DataFrame) -> pl.DataFrame:
    """Return the rows the history says there are (columns id, logged, proof: null where only a range knows it)."""
    exact = pl.when(pl.col("first") == pl.col("last")).then("proof")
    state = log.group_by("id").agg(pl.col("op").sort_by("change").last(), exact.sort_by("change").last())
    return state.filter(pl.col("op") != "remove").select("id", logged=pl.lit(value=True), proof="proof")


def _swapped(table: str, log: pl.DataFrame, rows: pl.DataFrame) -> list[tuple[int, int]]:
    """Return the created ranges that their rows, as they were before their next change, do not prove."""
    if not log.select(((pl.col("op") == "create") & (pl.col("first") < pl.col("last"))).any()).item():
        return []
    log = log.sort("id", "change").with_columns(next=pl.col("before").shift(-1).over("id"))
    ranges = log.filter((pl.col("op") == "create") & (pl.col("first") < pl.col("last")))
    each = ranges.join(rows.select("id", now="proof"), on="id", how="left")
    first = pl.coalesce("next", "now").bin.encode("hex")
    joined = (
        each.sort("change", "id")
        .group_by("change", "first", "last", "proof", maintain_order=True)
        .agg(whole=first.is_not_null().all(), text=first.str.join(""))
    )
    good = short(keyed("", table, pl.col("text")))
    return joined.filter(pl.col("whole") & (good != pl.col("proof"))).select("first", "last").rows()
