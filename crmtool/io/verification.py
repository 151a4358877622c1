"""Proving a store: every row and every entry of its history is as crmtool left it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from crmtool.core import model
from crmtool.io.changelog import ENTRY, START, Chain, keyed, proven, short, texts

if TYPE_CHECKING:
    from crmtool.io.store import Store


def problems(store: Store, key: str) -> list[str]:
    """Return what is wrong with a store's content and history, one sentence each; empty: all is as logged."""
    rows = [line for table in model.TABLES for line in _in_table(store, key, table)]
    return _in_chain(store, key) + rows


def _in_chain(store: Store, key: str) -> list[str]:
    wrong, previous = [], START
    for n, at, actor, command, rules, facts, undoes, digest in store.changesets().iter_rows():
        chain = Chain(key)
        sql = f"SELECT {', '.join(ENTRY)}, proof FROM change WHERE changeset_id = ? ORDER BY id"
        changes = store.query(sql, [n], {**ENTRY, "proof": pl.Binary()})
        good = proven(key, f"change {n}", texts(changes))
        chain.add(changes["proof"])
        odd = changes.filter(good != changes["proof"])
        wrong += [f"change set {n}: the entry about {t} {i} was edited" for t, i in odd.select("tbl", "row_id").rows()]
        if chain.digest([previous, n, at, actor, command, rules, facts, undoes]) != digest:
            wrong.append(f"change set {n}: it, or an entry of it, was edited, added or removed")
        previous = digest
    return wrong


def _in_table(store: Store, key: str, table: str) -> list[str]:
    types = model.TABLES[table]
    columns = {**types, "proof": pl.Binary()}
    names = ", ".join(f'"{name}"' for name in columns)
    rows = store.query(f'SELECT {names} FROM "{table}" ORDER BY id', [], columns)
    good = proven(key, table, rows.drop("proof"))
    edited = rows.filter(good != rows["proof"])["id"]
    log = _row_log(store, table)
    expected = _expected(log)
    both = rows.select("id", "proof").join(expected, on="id", how="full", coalesce=True, suffix="_logged")
    added = both.filter(pl.col("logged").is_null() & ~pl.col("id").is_in(edited.implode()))["id"]
    removed = both.filter(pl.col("proof").is_null())["id"]
    older = both.filter((pl.col("proof") != pl.col("proof_logged")) & ~pl.col("id").is_in(edited.implode()))["id"]
    reasons = {"was edited": edited, "was added": added, "was removed": removed, "was set back": older}
    lines = [f"{table} {i}: the row {what} outside crmtool" for what, ids in reasons.items() for i in sorted(ids)]
    return lines + [
        f"{table} {first} to {last}: a row was swapped outside crmtool" for first, last in _swapped(table, log, rows)
    ]


def _row_log(store: Store, table: str) -> pl.DataFrame:
    """Return the log of a table, one line for each row and change (columns: see `types`, and first)."""
    sql = "SELECT id, op, row_id, last_id, before_proof, after_proof FROM change WHERE tbl = ? ORDER BY id"
    types = {"change": pl.Int64(), "op": pl.String(), "id": pl.Int64(), "last": pl.Int64()}
    proofs = {"before": pl.Binary(), "proof": pl.Binary()}
    log = store.query(sql, [table], {**types, **proofs})
    return log.with_columns(first="id", id=pl.int_ranges("id", pl.col("last") + 1)).explode("id")


def _expected(log: pl.DataFrame) -> pl.DataFrame:
    """Return the rows the history says there are (columns id, logged, proof: null where only a range knows it)."""
    exact = pl.when(pl.col("first") == pl.col("last")).then("proof")
    state = log.group_by("id").agg(pl.col("op").sort_by("change").last(), exact.sort_by("change").last())
    return state.filter(pl.col("op") != "remove").select("id", logged=pl.lit(value=True), proof="proof")


def _swapped(table: str, log: pl.DataFrame, rows: pl.DataFrame) -> list[tuple[int, int]]:
    """Return the created ranges that their rows, as they were before their first change, do not prove."""
    ranges = log.filter((pl.col("op") == "create") & (pl.col("first") < pl.col("last")))
    changed = log.filter(pl.col("op") != "create").group_by("id").agg(pl.col("before").sort_by("change").first())
    each = (
        ranges.drop("before")
        .join(changed, on="id", how="left")
        .join(rows.select("id", now="proof"), on="id", how="left")
    )
    first = pl.coalesce("before", "now").bin.encode("hex")
    joined = (
        each.sort("change", "id")
        .group_by("change", "first", "last", "proof", maintain_order=True)
        .agg(whole=first.is_not_null().all(), text=first.str.join(""))
    )
    good = short(keyed("", table, pl.col("text")))
    return joined.filter(pl.col("whole") & (good != pl.col("proof"))).select("first", "last").rows()
