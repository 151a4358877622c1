"""Reads the tags of contacts from the store."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from crmtool.core import model
from crmtool.core.folding import folded
from crmtool.core.tags import USED

if TYPE_CHECKING:
    from collections.abc import Iterable

    import polars as pl

    from crmtool.io.store import Store


def used(store: Store) -> pl.DataFrame:
    """Return the tags contacts have, by name (columns: `tags.USED`); contacts that were joined count once."""
    sql = """SELECT t.tag, count(DISTINCT n.root_id), substr(max(s.at), 1, 10)
             FROM contact_tag t JOIN contact n ON n.id = t.contact_id JOIN changeset s ON s.id = t.changeset_id
             GROUP BY t.tag ORDER BY t.tag"""
    return store.query(sql, [], USED)


def rows(store: Store, tags: Iterable[str]) -> pl.DataFrame:
    """Return the rows of contact_tag with some tags, whatever their case."""
    columns = ", ".join(f'"{name}"' for name in model.TABLES["contact_tag"])
    sql = f"""SELECT {columns} FROM contact_tag WHERE tag IN (
                  SELECT DISTINCT tag FROM contact_tag WHERE folded(tag) IN (SELECT value FROM json_each(?)))
              ORDER BY id"""  # noqa: S608 - names of the model
    return store.query(sql, [json.dumps([folded(tag) for tag in tags])], model.TABLES["contact_tag"])
