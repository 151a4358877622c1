"""Reads the log of imports: the facts that each kept with its change set; what was taken back is left out."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import polars as pl

from crmtool.core.import_review import COUNTS, Imported

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crmtool.io.store import Store

_SETS = {"id": pl.Int64(), "at": pl.String(), "facts": pl.String(), "undoes": pl.Int64()}


def imports(store: Store) -> Iterator[Imported]:
    """Yield the imported files, oldest first."""
    rows = store.query("SELECT id, at, facts, undoes FROM changeset ORDER BY id", [], _SETS).rows()
    taken_back: set[int] = set()
    for number, _, _, undoes in reversed(rows):
        if undoes and number not in taken_back:
            taken_back.add(undoes)
    for number, at, facts, _ in rows:
        if number not in taken_back:
            day = dt.datetime.fromisoformat(at).astimezone().date()
            yield from (_imported(one, day) for one in _files(json.loads(facts)))


def _files(facts: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the facts of each file of an import; none of another command."""
    several = facts.get("files")
    every = several if isinstance(several, list) else [facts]
    return [one for one in every if isinstance(one, dict) and "source" in one and "read" in one]


def _imported(facts: dict[str, Any], day: dt.date) -> Imported:
    return Imported(facts["source"], day, {name: facts.get(name, 0) for name in COUNTS})
