"""Reading the journal of runs: those that ended, and those that were killed, told by the change sets they made."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core import model
from crmtool.core.runs import DONE

if TYPE_CHECKING:
    from crmtool.io.store import Store

_COLUMNS = {n: t for n, t in model.TABLES["run"].items() if n != "changeset_id"}


def runs(store: Store) -> pl.DataFrame:
    """Return the runs, oldest first (columns of the table `run` without its change set).

    One that was killed has no id, no end and no code; its steps are those that had changed something.
    """
    ended = store.snapshot("run", _COLUMNS)
    sql = """SELECT NULL, facts ->> 'run', facts ->> 'run_started', max(at), 'killed', NULL,
                    json_group_array(json_object('step', facts ->> 'run_step', 'outcome', 'done', 'seconds', NULL))
             FROM changeset c WHERE facts ->> 'run' IS NOT NULL AND NOT EXISTS (
                 SELECT 1 FROM run r WHERE r.name = facts ->> 'run' AND r.started_at = facts ->> 'run_started')
             GROUP BY facts ->> 'run', facts ->> 'run_started'"""
    return pl.concat([ended, store.query(sql, [], _COLUMNS)]).sort("started_at", "id", maintain_order=True)


def changed(store: Store, number: int) -> pl.DataFrame:
    """Return the change sets that the steps of a run made (columns id, command, step).

    One run writes at a time, so they lie between the line of the run before it in the journal and its own.
    """
    sql = """SELECT c.id, c.command, c.facts ->> 'run_step' FROM run r JOIN changeset c ON c.id < r.changeset_id
             WHERE r.id = ? AND c.facts ->> 'run' = r.name AND c.facts ->> 'run_started' = r.started_at
             AND c.id > (SELECT ifnull(max(changeset_id), 0) FROM run WHERE id < r.id) ORDER BY c.id"""
    return store.query(sql, [number], {"id": pl.Int64(), "command": pl.String(), "step": pl.String()})


def last(store: Store, name: str) -> dt.datetime | None:
    """Return when a run of a name was last begun and did what it should; None: never."""
    every = runs(store).filter((pl.col("name") == name) & (pl.col("outcome") == DONE))
    return dt.datetime.fromisoformat(every["started_at"][-1]) if every.height else None
