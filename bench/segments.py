"""Measure filters on a base of invented contacts, interactions and deals, beside bare SQL in the same run.

The bare SQL asks for the same people by hand: exact values, nothing folded, no guard, whatever index SQLite likes. Each
is run warm, turn by turn, and the best of its runs counts; seconds of the processor are told too, for a busy machine.

Run as `python -m bench.segments [--contacts 1000000] [--runs 5] [--base FILE]`; a base that is there is taken as it is.
"""

from __future__ import annotations

import argparse
import datetime as dt
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.segments_base import KEY, filled
from crmtool.core.segments import compiling
from crmtool.core.segments.context import Context
from crmtool.io import selecting
from crmtool.io.connecting import connected
from crmtool.io.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable

CONTEXT = Context(dt.date(2026, 11, 21), won=("won",))
_ROOTS = "SELECT count(*) FROM contact c WHERE c.root_id = c.id AND c.type = 'client'"
_CITIES = f"{_ROOTS} AND c.city IN ('Київ', 'Львів')"
_OF = "(SELECT {} FROM {} x JOIN contact n ON n.id = x.contact_id WHERE n.root_id = c.id {}) {}"
_TAGGED = "c.id IN (SELECT n.root_id FROM contact_tag t JOIN contact n ON n.id = t.contact_id WHERE t.tag = 'vip')"

#: Filter -> the bare SQL that asks the same.
FILTERS = {
    "type = 'client' and city in ('Київ', 'Львів') and source = 'event'": f"{_CITIES} AND c.source = 'event'",
    "type = 'client' and city in ('Київ', 'Львів') and has_tag('vip')": f"{_CITIES} AND {_TAGGED}",
    "type = 'client' and city in ('Київ', 'Львів') and last_interaction() >= days_ago(30)": f"{_CITIES} AND "
    + _OF.format("max(x.at)", "interaction", "", ">= '2026-10-22'"),
    "type = 'client' and has_tag('vip') and last_interaction() < days_ago(30)": f"{_ROOTS} AND {_TAGGED} AND "
    + _OF.format("max(x.at)", "interaction", "", "< '2026-10-22'"),
    "type = 'client' and city in ('Київ', 'Львів') and deal_sum() >= 100000": f"{_CITIES} AND "
    + _OF.format("sum(x.amount)", "deal", "AND x.stage = 'won'", ">= 1000000000"),
    "type = 'client' and city in ('Київ', 'Львів') and last_interaction() < days_ago(30)": f"{_CITIES} AND "
    + _OF.format("max(x.at)", "interaction", "", "< '2026-10-22'"),
    "not last_interaction() >= months_ago(12)": "SELECT count(*) FROM contact c WHERE c.root_id = c.id AND NOT ifnull("
    + _OF.format("max(x.at)", "interaction", "", ">= '2025-11-21'")
    + ", 0)",
}


def taken(work: Callable[[], Any]) -> tuple[float, float, Any]:
    """Return the seconds of the clock and of the processor that some work takes, and what it gives."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    return time.perf_counter() - wall, time.process_time() - cpu, result


def measured(store: Store, path: Path, runs: int) -> None:
    bare = connected(path, "ro")
    print(f"{'contacts':>9} {'ms':>6} {'cpu':>6} {'bare ms':>8} {'cpu':>6} {'ratio':>6}  filter")
    for text, sql in FILTERS.items():
        condition = compiling.compiled(text, CONTEXT)
        ours, theirs = [], []
        for _ in range(runs):
            ours.append(taken(lambda c=condition: selecting.counted(store, c)))
            theirs.append(taken(lambda s=sql: bare.execute(s).fetchone()[0]))
        if {n for *_, n in ours} != {n for *_, n in theirs}:
            raise SystemExit(f"{text}: {ours[0][2]} contacts, {theirs[0][2]} by the bare SQL")
        (wall, cpu), (bare_wall, bare_cpu) = ([min(run[i] for run in each) for i in (0, 1)] for each in (ours, theirs))
        figures = (
            f"{wall * 1e3:6.0f} {cpu * 1e3:6.0f} {bare_wall * 1e3:8.0f} {bare_cpu * 1e3:6.0f} {cpu / bare_cpu:6.2f}"
        )
        print(f"{ours[0][2]:9} {figures}  {text}", flush=True)
    bare.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contacts", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--base", type=Path, help="File of the base; made there unless it exists.")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = given.base or Path(folder) / "crm.db"
        store = Store.open(path, KEY) if path.exists() else filled(path, given.contacts)
        measured(store, path, given.runs)
        store.close()


if __name__ == "__main__":
    main()
