"""The logical content of a store: what it says, apart from how it is proved and computed."""

import polars as pl

from crmtool.core import model
from crmtool.io.store import Store


def logical(store: Store) -> dict[str, pl.DataFrame]:
    """Return what a store says: its tables without proofs, and for the computed ones without who last computed them."""
    return {
        table: store.snapshot(table, [name for name in columns if name != "changeset_id" or table not in model.DERIVED])
        for table, columns in model.TABLES.items()
    }
