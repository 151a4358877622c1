"""Measure `crmtool import` beside `sqlite-utils insert --csv`, on the same invented file, in the same run.

Seconds differ from machine to machine; the ratio holds better. sqlite-utils only loads the rows, so the ratio is the
price of cleaning, joining and history. Only the standard library is imported here, because a child's peak of memory is
at least that of the process it was started from. To add a tool: a function like `sqlite_utils` and a line in `TOOLS`.

Run as `python bench/imports.py [--rows 10000 100000] [--runs 3]`; BENCH_ROWS="1000000" stands in for --rows.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
OUT = ROOT / "bench" / "out"
SIZES = (10_000, 100_000)
SEED = 1
SOME_REJECTED = 3  # crmtool's exit code for an import that kept rows aside

CAPTION = """\
crmtool cleans, joins known people and keeps the history. sqlite-utils only loads: all as text, then it detects the
types of columns (its default in 4.2) and writes the table again, where a postcode 01234 becomes the number 1234.
"""


@dataclass(frozen=True)
class Run:
    """One run of one command: seconds, and megabytes at the peak of any of its processes."""

    tool: str
    rows: int
    wall: float
    cpu: float
    peak: float


@dataclass(frozen=True)
class Tool:
    """A command to measure: what goes before it, itself, which exit codes are fine, and what it then holds."""

    before: Callable[[], object]  # what the command needs; not measured
    command: tuple[str, ...]
    fine: frozenset[int]
    held: Callable[[], int]  # rows that arrived


class Failed(Exception):
    """A command that did not do its work; there is nothing to compare."""


# --- the tools ---


def sqlite_utils(folder: Path, file: Path) -> Tool:
    store = folder / "raw.db"
    command = (str(BIN / "sqlite-utils"), "insert", str(store), "rows", str(file), "--csv", "--silent")
    return Tool(lambda: None, command, frozenset({0}), lambda: counted(store, "rows"))


def crmtool(folder: Path, file: Path) -> Tool:
    place = folder / "crm"
    here = (str(BIN / "crmtool"), "--workspace", str(place))
    command = (*here, "import", str(file), "--yes", "--quiet")
    fine = frozenset({0, SOME_REJECTED})
    return Tool(lambda: founded(here, place), command, fine, lambda: counted(place / "crm.db", "record", "reject"))


def founded(crmtool: tuple[str, ...], place: Path) -> None:
    """Make a workspace that knows the invented files. Raises Failed."""
    measured((*crmtool, "init"), frozenset({0}))
    shutil.copy(ROOT / "bench" / "invented.toml", place / "rules" / "mappings")


TOOLS = {"sqlite-utils": sqlite_utils, "crmtool": crmtool}


def counted(store: Path, *tables: str) -> int:
    """Return how many rows the tables of a SQLite file hold together."""
    connection = sqlite3.connect(f"{store.as_uri()}?mode=ro", uri=True)
    try:
        return sum(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables)
    finally:
        connection.close()


# --- measuring ---


def measured(command: Iterable[str], fine: frozenset[int]) -> tuple[float, float, float]:
    """Run a command; return its wall seconds, CPU seconds, and peak megabytes, those of its children included.

    Raises Failed when it ends otherwise than with a `fine` exit code.
    """
    words = list(command)
    with tempfile.TemporaryFile() as said:
        start = time.perf_counter()
        child = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode not in fine:
            said.seek(0)
            tail = said.read().decode(errors="replace")[-2000:]
            raise Failed(f"exit code {child.returncode} of: {' '.join(words)}\n{tail}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def run_of(name: str, file: Path, rows: int) -> Run:
    """Measure one tool on one file, in a folder of its own. Raises Failed."""
    with tempfile.TemporaryDirectory() as folder:
        tool = TOOLS[name](Path(folder), file)
        tool.before()
        run = Run(name, rows, *measured(tool.command, tool.fine))
        held = tool.held()
    if held != rows:
        raise Failed(f"{name} holds {held:,} of {rows:,} rows of {file.name}")
    return run


def generated(rows: int) -> Path:
    """Return a file of invented contacts; made once for each state of the generator."""
    sources = b"".join((ROOT / "bench" / name).read_bytes() for name in ("contacts.py", "people.py"))
    file = OUT / f"contacts-{rows}-{hashlib.sha256(sources).hexdigest()[:8]}.csv"
    if not file.exists():
        print(f"making {rows:,} contacts ...", file=sys.stderr)
        command = [sys.executable, "-m", "bench.contacts", str(rows), str(file), "--seed", str(SEED)]
        subprocess.run(command, cwd=ROOT, check=True)
    return file


def compared(sizes: Iterable[int], runs: int) -> list[Run]:
    """Measure every tool on every size `runs` times, the tools by turns. Raises Failed."""
    return [
        run_of(name, file, rows)
        for rows, file in [(rows, generated(rows)) for rows in sizes]
        for _ in range(runs)
        for name in TOOLS
    ]


# --- telling ---


def typical(runs: list[Run], tool: str, rows: int) -> Run:
    """Return the run in the middle, by wall seconds."""
    ordered = sorted((run for run in runs if (run.tool, run.rows) == (tool, rows)), key=lambda run: run.wall)
    return ordered[(len(ordered) - 1) // 2]


def lines(runs: list[Run]) -> list[str]:
    """Return the table: each tool on each size, and how many times as much crmtool takes."""
    head = f"{'rows':>10}  {'tool':<12}  {'wall s':>8}  {'CPU s':>8}  {'rows/s':>10}  {'peak MB':>8}"
    told = [head]
    for rows in sorted({run.rows for run in runs}):
        middle = {name: typical(runs, name, rows) for name in TOOLS}
        told += [
            f"{rows:>10,}  {name:<12}  {run.wall:>8.2f}  {run.cpu:>8.2f}  {rows / run.wall:>10,.0f}  {run.peak:>8.0f}"
            for name, run in middle.items()
        ]
        told.append(f"{'':>10}  {'ratio':<12}  {ratios(middle['crmtool'], middle['sqlite-utils'])}")
    return told


def ratios(ours: Run, theirs: Run) -> str:
    wall, cpu, peak = ours.wall / theirs.wall, ours.cpu / theirs.cpu, ours.peak / theirs.peak
    return f"{wall:>8.2f}  {cpu:>8.2f}  {1 / wall:>10.2f}  {peak:>8.2f}"


def machine() -> dict[str, str | int | None]:
    """Return what the seconds depend on."""
    return {
        "python": platform.python_version(),
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "sqlite-utils": version("sqlite-utils"),
        "polars": version("polars"),
    }


def told(arguments: list[str], what: str, steps: Callable[[Path, Path, int], list[str]]) -> int:
    """Run the command line of a measurement of some steps after an import; return its exit code.

    `steps` takes an empty folder, a file of invented contacts and how many there are, and returns what to show; it is
    asked for each of the `--rows`.
    """
    parser = argparse.ArgumentParser(description=what)
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000])
    for rows in parser.parse_args(arguments).rows:
        try:
            with tempfile.TemporaryDirectory() as folder:
                lines = steps(Path(folder), generated(rows), rows)
        except Failed as failure:
            print(failure, file=sys.stderr)
            return 1
        print("\n".join(lines))
    return 0


def main(arguments: list[str]) -> int:
    sizes = [int(size) for size in os.environ.get("BENCH_ROWS", "").split()] or list(SIZES)
    parser = argparse.ArgumentParser(description="Measure crmtool import beside sqlite-utils insert.")
    parser.add_argument("--rows", type=int, nargs="+", default=sizes)
    parser.add_argument("--runs", type=int, default=1, help="runs of each; the one in the middle is shown")
    options = parser.parse_args(arguments)
    try:
        runs = compared(options.rows, options.runs)
    except Failed as failure:
        print(failure, file=sys.stderr)
        return 1
    print("\n".join(lines(runs)))
    print(f"\n{CAPTION}{', '.join(f'{name} {value}' for name, value in machine().items())}")
    report = {"machine": machine(), "caption": CAPTION, "runs": [asdict(run) for run in runs]}
    (OUT / "imports.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
