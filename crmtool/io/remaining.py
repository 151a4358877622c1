"""Copies that still hold people who are erased: which those are, and when the rules let each of them go.

A copy cannot be looked into without its secret key. What its manifest says is enough: it holds everybody who came in up
to its last change set. One that does not belong to the history of this store may hold anybody.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from crmtool.core import backup_rules
from crmtool.io import backups

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping
    from pathlib import Path

    from crmtool.core.backup_rules import Backup
    from crmtool.io.manifests import Copy
    from crmtool.io.store import Store
    from crmtool.io.workspace import Workspace


class Remaining(NamedTuple):
    """A copy, the day it was made (ISO), its folder, and the day the rules let it go if one is made each day."""

    copy: str
    made: str
    folder: Path
    goes: str


def came(store: Store, rows: Mapping[str, pl.DataFrame]) -> int:
    """Return the first change set that wrote any of some rows (by table, with id); 0 where it is not known."""
    sql = """SELECT min(c.changeset_id) FROM json_each(?) k
             CROSS JOIN change c ON c.tbl = ? AND k.value BETWEEN c.row_id AND c.last_id"""
    first = [
        store.query(sql, [json.dumps(frame["id"].to_list()), table], {"first": pl.Int64()}).item()
        for table, frame in rows.items()
        if frame.height
    ]
    return min((number for number in first if number is not None), default=0)


def holding(workspace: Workspace, store: Store, rules: Backup, first: int, now: dt.datetime) -> list[Remaining]:
    """Return the copies that hold people whose first row came with change set `first`, oldest first."""
    heads = dict(store.changesets().select("id", "digest").rows())
    every = backups.copies(workspace, rules)
    found = []
    for folder in dict.fromkeys(copy.folder for copy in every):
        here = [copy for copy in every if copy.folder == folder]
        days = backup_rules.leaving([copy.manifest.moment for copy in here], rules.keep, now)
        found += [
            Remaining(copy.manifest.archive, copy.manifest.made[:10], folder, day.isoformat())
            for copy, day in zip(here, days, strict=True)
            if _holds(copy, first, heads)
        ]
    return found


def _holds(copy: Copy, first: int, heads: Mapping[int, str]) -> bool:
    made = copy.manifest
    return made.revision >= first or (made.revision > 0 and heads.get(made.revision) != made.head)
