"""Whether a store file is whole: as SQLite sees it, and row by row against the proof each row carries.

SQLite's own check looks at the structure and misses most flipped bits inside values; the proofs find them. All is read
in slices, so the size of the store does not matter. Whether the history holds is `verification`'s question.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from crmtool.core import model
from crmtool.io.changelog import PROVED, proven, sound

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crmtool.io.store import Store

_SLICE = 50_000  # rows
_SHOWN = 20  # lines of one check


def structural(store: Store) -> list[str]:
    """Return what SQLite finds wrong with the file, one line each. Raises StoreDamaged where it cannot be read."""
    broken = store.query(f"PRAGMA integrity_check({_SHOWN})", [], {"line": pl.String()})["line"]
    schema = {"table": pl.String(), "rowid": pl.Int64(), "parent": pl.String(), "key": pl.Int64()}
    dangling = store.query("PRAGMA foreign_key_check", [], schema).head(_SHOWN)
    return [line for line in broken if line != "ok"] + [
        f"{table} {row}: points at a {parent} that is not there"
        for table, row, parent in dangling.select("table", "rowid", "parent").rows()
    ]


def rotten(store: Store, key: str) -> list[str]:
    """Return the rows, and the entries of the log, whose content is not what their proof says, one line each."""
    return [line for table in model.TABLES for line in _in_table(store, key, table)] + list(_in_log(store, key))


def _in_table(store: Store, key: str, table: str) -> Iterator[str]:
    columns = {**model.TABLES[table], "proof": pl.Binary()}
    for rows in _slices(store, table, columns):
        odd = rows.filter(proven(key, table, rows.drop("proof")) != rows["proof"])["id"]
        yield from (f"{table} {number}: the row is not as it was written" for number in odd)


def _in_log(store: Store, key: str) -> Iterator[str]:
    head = {"id": pl.Int64(), "changeset_id": pl.Int64()}
    for entries in _slices(store, "change", {**head, **PROVED}):
        for (number,), part in entries.group_by("changeset_id", maintain_order=True):
            odd = part.filter(~sound(key, int(str(number)), part))["id"]
            yield from (f"change set {number}: the entry {entry} is not as it was written" for entry in odd)


def _slices(store: Store, table: str, columns: dict[str, pl.DataType]) -> Iterator[pl.DataFrame]:
    names = ", ".join(f'"{name}"' for name in columns)
    sql = f'SELECT {names} FROM "{table}" WHERE id > ? ORDER BY id LIMIT {_SLICE}'
    last = 0
    while (rows := store.query(sql, [last], columns)).height:
        yield rows
        last = int(rows["id"][-1])


def counts(store: Store) -> dict[str, int]:
    """Return how many rows each table has."""
    sql = " UNION ALL ".join(f"SELECT '{table}', count(*) FROM \"{table}\"" for table in model.TABLES)
    return dict(store.query(sql, [], {"table": pl.String(), "rows": pl.Int64()}).rows())
