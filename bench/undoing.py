"""Measure `crmtool undo` of a large import, and the undo of that undo, beside the import, on the same file in one run.

Seconds differ from machine to machine; the ratio to the import holds better. To add a step: a line in `STEPS`.

Run as `python -m bench.undoing [--rows 100000 1000000]`.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from bench.imports import Failed, Run, counted, crmtool, measured, told

if TYPE_CHECKING:
    from pathlib import Path

#: What is measured after the import: name, the change set that is taken back, whether the rows are there afterwards.
STEPS = (("undo", 1, False), ("undo of it", 2, True))


def steps(folder: Path, file: Path, rows: int) -> list[Run]:
    """Measure an import and `STEPS` after it, in one workspace. Raises Failed."""
    tool = crmtool(folder, file)
    tool.before()
    runs = [Run("import", rows, *measured(tool.command, tool.fine))]
    for name, number, there in STEPS:
        command = (*tool.command[:3], "undo", str(number), "--yes", "--quiet")
        runs.append(Run(name, rows, *measured(command, frozenset({0}))))
        held, expected = counted(folder / "crm" / "crm.db", "record", "reject"), rows if there else 0
        if held != expected:
            raise Failed(f"after {name} the store holds {held:,} rows, not {expected:,}")
    return runs


def lines(runs: list[Run]) -> list[str]:
    """Return the table: each step, and how many times the seconds of the import it takes."""
    table = [f"{'rows':>10}  {'step':<12}  {'wall s':>8}  {'CPU s':>8}  {'peak MB':>8}  {'wall':>6}  {'CPU':>6}"]
    for run in runs:
        wall, cpu = run.wall / runs[0].wall, run.cpu / runs[0].cpu
        table.append(
            f"{run.rows:>10,}  {run.tool:<12}  {run.wall:>8.2f}  {run.cpu:>8.2f}  {run.peak:>8.0f}"
            f"  {wall:>6.2f}  {cpu:>6.2f}"
        )
    return table


def main(arguments: list[str]) -> int:
    return told(arguments, "Measure crmtool undo beside crmtool import.", lambda *of: lines(steps(*of)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
