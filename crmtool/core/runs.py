"""The journal of runs: what ran unattended, how each of its steps ended, and the plan that keeps a line of it.

A row is written when a run has ended. What a step changed carries the run in the facts of its own change set, written
in the same transaction: so a run that was killed is still told by what it had done. Nobody's data comes in here: of a
step's document only the numbers are kept.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from crmtool.core.plans import Plan, Revision, edit

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Names of the runs that open a copy, to prove it or to go back to it; no pipeline has such a name.
DRILL, RESTORE = "backup drill", "backup restore"

#: How runs and their steps end.
DONE, FAILED, STOPPED = "done", "failed", "stopped"


@dataclass(frozen=True)
class Run:
    """A run that has ended."""

    name: str
    started: dt.datetime
    seconds: float
    outcome: str
    code: int
    steps: tuple[Mapping[str, Any], ...]


def facts(name: str, started: dt.datetime) -> dict[str, Any]:
    """Return what the change sets of all steps keep about the run they belong to; each adds its `run_step`."""
    return {"run": name, "run_started": _moment(started)}


def plan_record(run: Run, base: Revision, number: int, rules: str = "") -> Plan:
    """Return the plan that adds a run to the journal under a number."""
    row = {
        "id": number,
        "name": run.name,
        "started_at": _moment(run.started),
        "ended_at": _moment(run.started + dt.timedelta(seconds=run.seconds)),
        "outcome": run.outcome,
        "code": run.code,
        "steps": json.dumps(list(run.steps), ensure_ascii=False),
        "changeset_id": base.next,
    }
    command = run.name if run.name in {DRILL, RESTORE} else f"run {run.name}"
    return Plan(command, base, rules, {"run": edit("run", created=pl.DataFrame([row]))}, facts={"outcome": run.outcome})


def numbers(document: object) -> dict[str, int]:
    """Return the whole numbers of a command's document, also those one level down: counts, nobody's data.

    >>> numbers({"changeset": 3, "file": "a.csv", "facts": {"new": 2, "by": "x"}, "dry_run": False})
    {'changeset': 3, 'new': 2}
    """
    if not isinstance(document, dict):
        return {"rows": len(document)} if isinstance(document, list) else {}
    facts = document.get("facts")
    pairs = [*document.items(), *(facts.items() if isinstance(facts, dict) else ())]
    return {name: value for name, value in pairs if isinstance(value, int) and not isinstance(value, bool)}


def _moment(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat(timespec="milliseconds")
