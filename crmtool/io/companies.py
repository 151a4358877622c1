"""Companies that were merged: under which names persons still know them, and what they are called now.

A person's company is a name, and merging moves nobody: while two companies are one, the names of both lead to the one
that is left, and once they are parted each name is its own again. Nothing is written for that.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from crmtool.io.store import Store

#: A former name, and the company it leads to.
FORMER: dict[str, pl.DataType] = {"name": pl.String(), "id": pl.Int64(), "company": pl.String()}
_SAID = """SELECT DISTINCT json_extract(r.clean, '$.company'), c.id, c.company
           FROM (SELECT DISTINCT root_id FROM contact INDEXED BY contact_absorbed WHERE root_id <> id) m
           CROSS JOIN contact c ON c.id = m.root_id AND c.kind = 'company'
           CROSS JOIN contact n ON n.root_id = c.id CROSS JOIN record r ON r.contact_id = n.id
           WHERE json_extract(r.clean, '$.company') <> c.company"""
_AMONG = " AND json_extract(r.clean, '$.company') IN (SELECT value FROM json_each(?))"
_STANDING = """SELECT DISTINCT company FROM contact
               WHERE id = root_id AND kind = 'company' AND company IN (SELECT value FROM json_each(?))"""


def former(store: Store, names: pl.Series) -> pl.DataFrame:
    """Return those of some names of companies that are former ones (columns: `FORMER`).

    A name that leads to several companies, or that one has today, leads nowhere.
    """
    asked = names.drop_nulls().unique().sort()
    if asked.is_empty():
        return pl.DataFrame(schema=FORMER)
    return _leading(store, store.query(_SAID + _AMONG, [json.dumps(asked.to_list())], FORMER))


def renames(store: Store) -> dict[str, str]:
    """Return all former names of companies, and what each is called now."""
    return dict(_leading(store, store.query(_SAID, [], FORMER)).select("name", "company").rows())


def _leading(store: Store, said: pl.DataFrame) -> pl.DataFrame:
    """Return those of some former names that lead to one company, and that none has today."""
    if said.is_empty():
        return said
    known = json.dumps(said["name"].unique().to_list())
    standing = store.query(_STANDING, [known], {"company": pl.String()})["company"]
    return said.filter(~pl.col("name").is_duplicated() & ~pl.col("name").is_in(standing.implode())).sort("name")


def renamed(store: Store, contacts: pl.DataFrame) -> pl.DataFrame:
    """Return contacts with their companies, where the column is there, as these are called now."""
    if "company" not in contacts.columns:
        return contacts
    found = former(store, contacts["company"])
    if found.is_empty():
        return contacts
    return contacts.with_columns(pl.col("company").replace(found["name"], found["company"]))
