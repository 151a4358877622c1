"""Reads from the store what the pure stages ask for: whole clusters, and the people behind channel values."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core import golden
from crmtool.core.imports.linking import PARTY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crmtool.io.store import Store


def roots_of(store: Store, ids: Iterable[int]) -> pl.DataFrame:
    """Return where contacts lead (columns id, root_id); ids that do not exist are absent."""
    return store.snapshot("contact", ["id", "root_id"], where="id", keys=ids)


def clusters(store: Store, ids: Iterable[int]) -> golden.Clusters:
    """Return the whole clusters that some contacts belong to."""
    contacts = store.snapshot("contact", where="root_id", keys=roots_of(store, ids)["root_id"].unique())
    members = contacts["id"]
    sides = [store.snapshot("verdict", where=side, keys=members) for side in ("left_id", "right_id")]
    holding = pl.concat(sides).unique("id").filter(pl.col("retracted_in").is_null()).sort("id")
    return golden.Clusters(
        contacts,
        store.snapshot("channel", where="contact_id", keys=members),
        golden.records_of(store.snapshot("record", where="contact_id", keys=members)),
        holding,
    )


def holders(store: Store, values: pl.DataFrame) -> pl.DataFrame:
    """Return the known contacts that have one of some channel values (`values`: kind, value), as `linking.PARTY`."""
    columns = ", ".join(f"c.{name}" for name in ("name", "given_name", "middle_name", "family_name"))
    sql = f"""SELECT DISTINCT n.root_id, h.kind, h.value, {columns}
              FROM json_each(?) k CROSS JOIN channel h ON h.kind = ? AND h.value = k.value
              JOIN contact n ON n.id = h.contact_id JOIN contact c ON c.id = n.root_id"""
    found = [
        store.query(sql, [json.dumps(part["value"].unique().to_list()), kind], PARTY)
        for (kind,), part in values.group_by("kind", maintain_order=True)
    ]
    return pl.concat([pl.DataFrame(schema=PARTY), *found])
