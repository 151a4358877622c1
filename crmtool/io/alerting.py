"""Reads from the history what `core.alerts` looks at."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core import alerts
from crmtool.io import blocks, logbook

if TYPE_CHECKING:
    from crmtool.core.alert_rules import Alerts
    from crmtool.core.alerts import Alert, Done, Taken
    from crmtool.io.store import Store

_DONE = {
    "id": pl.Int64(),
    **dict.fromkeys(("at", "actor", "command"), pl.String()),
    "run": pl.Int64(),
    "log": pl.Int64(),
}
_TAKEN = {"id": pl.Int64(), **dict.fromkeys(("at", "actor", "file", "people"), pl.String())}


def found(store: Store, rules: Alerts, since: dt.date | None) -> list[Alert]:
    """Return what is to be told of since a day, or ever."""
    with store.reading():
        done, taken = _done(store), _taken(store)
    first = since or dt.date.min
    return alerts.found(
        [each for each in done if each.at.date() >= first], [each for each in taken if each.at.date() >= first], rules
    )


def _done(store: Store) -> list[Done]:
    sql = """SELECT s.id, s.at, s.actor, s.command, s.facts ->> 'run' IS NOT NULL,
                    NOT EXISTS (SELECT 1 FROM change c WHERE c.changeset_id = s.id AND c.tbl <> 'run')
             FROM changeset s ORDER BY s.id"""
    changed = _changed(store)
    return [
        alerts.Done(number, _here(at), actor, command, changed.get(number, 0), bool(run) or bool(log))
        for number, at, actor, command, run, log in store.query(sql, [], _DONE).rows()
    ]


def _changed(store: Store) -> dict[int, int]:
    """Return how many contacts each change set updated or removed; for rows kept in blocks these are read."""
    both = {"id": pl.Int64(), "count": pl.Int64()}
    sql = "SELECT changeset_id, count(*) FROM change WHERE tbl = 'contact' AND op <> 'create' GROUP BY 1"
    counts = dict(store.query(sql, [], both).rows())
    packed = f"SELECT DISTINCT changeset_id, 0 FROM change WHERE tbl = 'contact' AND {blocks.HAS_BLOCK}"
    for number in store.query(packed, [], both)["id"]:
        tally = logbook.tally(store, number)
        counts[number] = int(tally.filter((pl.col("tbl") == "contact") & (pl.col("op") != "create"))["rows"].sum())
    return counts


def _taken(store: Store) -> list[Taken]:
    sql = """SELECT s.id, s.at, s.actor, x.file, x.people FROM export_log x JOIN changeset s ON s.id = x.changeset_id
             ORDER BY x.id"""
    return [
        alerts.Taken(number, _here(at), actor, file, sum(last - first + 1 for first, last in json.loads(people)))
        for number, at, actor, file, people in store.query(sql, [], _TAKEN).rows()
    ]


def _here(at: str) -> dt.datetime:
    """Return a moment by the clock of this machine."""
    return dt.datetime.fromisoformat(at).astimezone()
