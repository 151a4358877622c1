"""Erasing again in a copy of the store what was erased in the store: people are told there by the marks they left.

A record of the person says word for word what it said, or names them beside an address; an address alone may have been
somebody else's when the copy was made. Used by `backup restore`, and for stores that a restore set aside.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core import model, tombstones
from crmtool.io import erasing, person

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crmtool.io.store import Stamp, Store

COMMAND = "erase again"
_RECORD = ("contact_id", "source", "raw", "clean")
_SLICE = 50_000  # records


def again(store: Store, marks: pl.DataFrame, rules: str, stamp: Stamp) -> int:
    """Erase in a store whom tombstones tell of, keep these, and leave no bytes; return how many people were there.

    `marks` are rows of the table `tombstone`, `rules` is the fingerprint. Raises as `Store.apply_parts` does.
    """
    with store.reading():
        known = store.snapshot("tombstone", ["mark"])["mark"]
        ids = _matching(store, marks)
        who = erasing.found(store, ids) if ids else None
        who = _with_rows(store, who or erasing.nobody(int(marks["person"][0])), marks)
    fresh = marks.drop("id", "changeset_id").filter(~pl.col("mark").is_in(known.implode()))
    if not fresh.height and not who.persons.len() and not any(rows.height for rows in who.standing.values()):
        return 0
    count = who.persons.len()
    facts = {"erased": count, "contacts": who.people["id"].sort().to_list(), "reason": "erased before"}
    store.apply_parts(erasing.parts(store, rules, COMMAND, who, fresh), stamp, lambda: facts)
    store.compacted()
    return count


def _matching(store: Store, marks: pl.DataFrame) -> list[int]:
    """Return the contacts with a record, standing or gone, that is of somebody who was erased."""
    found: set[int] = set()
    for rows in _records(store):
        told = tombstones.texts(
            rows.select("raw", of="contact_id", origin="source").hstack(model.decoded(rows["clean"]))
        )
        named = told.filter(pl.col("kind").str.ends_with(tombstones.NAMED))["of"].unique()
        bare = pl.col("kind").is_in(tombstones.REACHED) & pl.col("of").is_in(named.implode())
        found |= set(_hit(store, told.filter(~bare), marks))
    return sorted(found)


def _records(store: Store) -> Iterator[pl.DataFrame]:
    """Yield all records, the standing ones in slices, then those that are gone."""
    types = {"id": pl.Int64(), **{name: model.TABLES["record"][name] for name in _RECORD}}
    sql = f"SELECT {', '.join(types)} FROM record WHERE id > ? ORDER BY id LIMIT {_SLICE}"
    last = 0
    while (rows := store.query(sql, [last], types)).height:
        yield rows
        last = int(rows["id"][-1])
    yield person.removed_all(store, "record")


def _with_rows(store: Store, who: erasing.Found, marks: pl.DataFrame) -> erasing.Found:
    """Return people with the rows of nobody that are theirs: rejected ones, and what waits for a name."""
    rejected = store.snapshot("reject").join(store.snapshot("file", ["id", "source"]), left_on="file_id", right_on="id")
    rows = rejected.select("raw", of="id", origin="source")
    told = pl.concat([tombstones.written(rows), tombstones.mentioned(rows.rename({"raw": "value"}))])
    sql = "SELECT id, channel, address, source, raw FROM interaction WHERE contact_id IS NULL"
    types = {n: model.TABLES["interaction"][n] for n in ("id", "channel", "address", "source", "raw")}
    waiting = store.query(sql, [], types).rename({"id": "of", "source": "origin"})
    called = tombstones.addresses(waiting.select("of", kind="channel", value="address"))
    extra = {
        "reject": _hit(store, told, marks),
        "interaction": _hit(store, pl.concat([called, tombstones.written(waiting)]), marks),
    }
    more = {table: store.snapshot(table, where="id", keys=ids) for table, ids in extra.items()}
    both = {table: pl.concat([who.standing[table], rows]).unique("id").sort("id") for table, rows in more.items()}
    return replace(who, standing={**who.standing, **both})


def _hit(store: Store, told: pl.DataFrame, marks: pl.DataFrame) -> list[int]:
    """Return of whom something is told that has a mark."""
    sealed = told.select("of", mark=store.sealed(tombstones.sealing(told)))
    return sealed.join(marks.select("mark"), on="mark", how="semi")["of"].unique().sort().to_list()
