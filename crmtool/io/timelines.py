"""Reads from the store what happened with contacts: what waits for a name, and everything about one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from crmtool.core import model
from crmtool.core.errors import UsageError

if TYPE_CHECKING:
    from crmtool.io.store import Store

_TEXT = pl.String()
WAITING: dict[str, pl.DataType] = {
    "id": pl.Int64(),  # of the latest
    "address": _TEXT,
    "kind": _TEXT,
    "times": pl.Int64(),
    "first": _TEXT,
    "latest": _TEXT,
    "subject": _TEXT,
}


def root(store: Store, contact: int) -> int:
    """Return the contact that carries the golden record. Raises UsageError when there is none."""
    found = store.snapshot("contact", ["root_id"], where="id", keys=[contact])["root_id"]
    if found.is_empty():
        raise UsageError(f"There is no contact {contact}.", "Find it with: crmtool contacts find TEXT")
    return int(found[0])


def waiting(store: Store) -> pl.DataFrame:
    """Return the addresses under which interactions of nobody known wait, the most frequent first (`WAITING`)."""
    sql = """SELECT id, address, kind, count(*), min(at), max(at), coalesce(subject, substr(body, 1, 60))
             FROM interaction WHERE contact_id IS NULL AND ignored IS NULL
             GROUP BY coalesce(address, 'row ' || id) ORDER BY 4 DESC, 6 DESC, 1"""
    return store.query(sql, [], WAITING)


def known_by_now(store: Store) -> tuple[pl.DataFrame, pl.Series]:
    """Return the waiting interactions whose address one contact alone has by now, and whose they are."""
    sql = """SELECT i.id, min(n.root_id) FROM interaction i
             CROSS JOIN channel c ON c.kind = i.channel AND c.value = i.address
             CROSS JOIN contact n ON n.id = c.contact_id
             WHERE i.contact_id IS NULL AND i.ignored IS NULL AND i.address IS NOT NULL
             GROUP BY i.id HAVING count(DISTINCT n.root_id) = 1 ORDER BY i.id"""
    found = store.query(sql, [], {"id": pl.Int64(), "owner": pl.Int64()})
    rows = store.snapshot("interaction", list(model.TABLES["interaction"]), where="id", keys=found["id"])
    return rows, found["owner"]
