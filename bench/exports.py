"""Measure a count and the exports of a hundred thousand contacts, beside bare SQL and sqlite3 -csv in the same run.

The count has three conditions, warm, the best of some runs. Each export is the whole command: rules, judging, writing,
reading back, manifest and log; "start" is the same command for nobody. `sqlite3 -csv` dumps the columns of the profile
`excel` that stand in the table of contacts, without tags, other channels, guards or checks. Wall seconds of a busy
machine say little: seconds of the processor stand beside them, and the ratio is theirs.

Run as `python -m bench.exports [--contacts 100000] [--rows 100000] [--runs 3] [--base FOLDER]`; a base that is there is
taken as it is. `--rows` is how many contacts go into a file, at most.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bench.imports import measured
from bench.journal import based
from bench.segments import CONTEXT, FILTERS, taken
from bench.segments_base import KEY
from crmtool.core.segments import compiling
from crmtool.io import selecting
from crmtool.io.connecting import connected
from crmtool.io.store import Store, sqlite3

if TYPE_CHECKING:
    from collections.abc import Callable

_COLUMNS = (
    "id, given_name, middle_name, family_name, company, job_title, phone, email, country, city, address, owner, note"
)
_CONSENTS = """INSERT INTO consent (contact_id, purpose, channel, state, at, changeset_id, proof)
SELECT id, 'newsletter', iif(id % 3, 'email', NULL), iif(id % 20 = 7, 'withdrawn', 'given'),
    date('2026-10-01', '-' || (id % 400) || ' days'), 1, zeroblob(16) FROM contact WHERE id % 5 < 4"""
_MAILBOXES = """INSERT INTO channel (contact_id, kind, value, changeset_id, proof)
SELECT id, 'email', email, 1, zeroblob(16) FROM contact"""
#: File -> profile.
EXPORTS = {"list.csv": "excel", "plain.csv": "plain", "mailing.csv": "mailing", "list.xlsx": "excel"}


class Cost(NamedTuple):
    """Seconds of the clock and of the processor, and megabytes at the peak."""

    wall: float
    cpu: float
    peak: float


def furnished(folder: Path, contacts: int) -> Path:
    """Make a workspace of contacts with phones, mailboxes, and for four of five what they said of a newsletter."""
    root = based(folder, contacts)
    db = sqlite3.connect(root / "crm.db")
    db.execute(_CONSENTS)
    db.execute(_MAILBOXES)
    db.commit()
    db.close()
    return root


def least(work: Callable[[], Cost], runs: int) -> Cost:
    """Return the cheapest of some runs, by seconds of the processor."""
    return min((work() for _ in range(runs)), key=lambda cost: cost.cpu)


def exported(root: Path, where: str, file: str, profile: str) -> Cost:
    words = ("export", where, "-o", str(root / "exports" / file), "--profile", profile, "--confirm", "--force")
    return Cost(
        *measured((sys.executable, "-m", "crmtool", "--workspace", str(root), *words, "--quiet"), frozenset({0}))
    )


def dumped(root: Path, where: str) -> Cost:
    """Return what sqlite3 takes for the same contacts as CSV. Raises SystemExit where it is not installed."""
    tool = shutil.which("sqlite3")
    if tool is None:
        raise SystemExit("sqlite3, the command, is not installed: there is nothing to compare with")
    sql = f"SELECT {_COLUMNS} FROM contact WHERE root_id = id AND {where}"
    file = root / "exports" / "dump.csv"
    return Cost(*measured((tool, "-csv", "-header", str(root / "crm.db"), f".output {file}", sql), frozenset({0})))


def counted(root: Path, runs: int) -> None:
    """Print what the count of a filter of three conditions takes, and the bare SQL of it."""
    text, sql = next(item for item in FILTERS.items() if "last_interaction" in item[0])
    store, bare = Store.open(root / "crm.db", KEY), connected(root / "crm.db", "ro")
    condition = compiling.compiled(text, CONTEXT)
    each = [
        (taken(lambda: selecting.counted(store, condition)), taken(lambda: bare.execute(sql).fetchone()[0]))
        for _ in range(runs + 1)
    ][1:]
    if {ours[2] for ours, _ in each} != {theirs[2] for _, theirs in each}:
        raise SystemExit(f"{text}: {each[0][0][2]} contacts, {each[0][1][2]} by the bare SQL")
    ours, theirs = (min(run[n][1] for run in each) for n in (0, 1))
    wall = min(run[0][0] for run in each)
    print(
        f"count {1e3 * wall:.0f} ms, {1e3 * ours:.0f} ms of CPU, bare SQL {1e3 * theirs:.0f}, ratio {ours / theirs:.2f}"
    )
    print(f"    {text}")
    store.close()
    bare.close()


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Measure a count and exports.")
    parser.add_argument("--contacts", type=int, default=100_000)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--base", type=Path, help="Folder of the base; made there unless it exists.")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as place:
        folder = asked.base or Path(place)
        root = folder / "crm"
        if not root.exists():
            folder.mkdir(parents=True, exist_ok=True)
            furnished(folder, asked.contacts)
        counted(root, asked.runs)
        where = f"id <= {asked.rows * 50 // 49}"  # one contact of fifty is another one's
        bare = least(lambda: dumped(root, where), asked.runs)
        print(f"{'':12} {'wall s':>7} {'CPU s':>6} {'ratio':>6} {'peak MB':>8}")
        for name, file, profile in [("start", "none.csv", "excel"), *((f, f, p) for f, p in EXPORTS.items())]:
            meant = "id < 0" if name == "start" else where
            cost = least(lambda m=meant, f=file, p=profile: exported(root, m, f, p), asked.runs)
            print(f"{name:12} {cost.wall:7.2f} {cost.cpu:6.2f} {cost.cpu / bare.cpu:6.2f} {cost.peak:8.0f}", flush=True)
        # its peak is not told: a child's is at least that of the process it was started from
        print(f"{'sqlite3 -csv':12} {bare.wall:7.2f} {bare.cpu:6.2f} {1:6.2f} {'-':>8}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
