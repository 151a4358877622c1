"""Measure what a copy of a base costs: made, verified, opened again for a drill, and restored elsewhere.

Each step is a whole command, start included. Copies are encrypted for two recipients. To add a step: a line in `steps`.

Run as `python -m bench.drills [--rows 100000 1000000]`.
"""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

from bench.imports import Failed, Run, crmtool, measured, told

if TYPE_CHECKING:
    from pathlib import Path

MEGA = 1_000_000


def steps(folder: Path, file: Path, rows: int) -> tuple[list[Run], dict[str, int]]:
    """Return the runs after an import of a file, and how large things are (bytes). Raises Failed."""
    tool = crmtool(folder, file)
    tool.before()
    runs = [Run("import", rows, *measured(tool.command, tool.fine))]
    here, place = tool.command[:3], folder / "crm"
    _keyed(here, place, folder)
    identity = ("--identity", str(folder / "first.key"))
    for name, words in {
        "create": ("create",),
        "verify": ("verify",),
        "drill": ("drill", *identity),
        "restore elsewhere": ("restore", "--into", str(folder / "new"), *identity),
    }.items():
        runs.append(Run(name, rows, *measured((*here, "backup", *words, "--quiet"), frozenset({0}))))
    (copy,) = (place / "backups").glob("*.age")
    sizes = {"store": (place / "crm.db").stat().st_size, "copy": copy.stat().st_size}
    held = (folder / "new" / "crm.db").stat().st_size
    if held != sizes["store"]:
        raise Failed(f"the restored store has {held:,} bytes, not {sizes['store']:,}")
    return runs, sizes


def _keyed(here: tuple[str, ...], place: Path, folder: Path) -> None:
    """Make two pairs of keys and name them as recipients."""
    public = [
        subprocess.run(
            (*here, "backup", "key", "-o", str(folder / name)), capture_output=True, text=True, check=True
        ).stdout.strip()
        for name in ("first.key", "second.key")
    ]
    rules = place / "rules" / "backup.toml"
    named = f'recipients = ["{public[0]}", "{public[1]}"]'
    rules.write_text(re.sub(r"(?m)^recipients = .*", named, rules.read_text("utf-8")), "utf-8")


def lines(runs: list[Run], sizes: dict[str, int]) -> list[str]:
    """Return the table, and what the copy weighs beside the store."""
    table = ["| rows | step | wall s | CPU s | peak MiB |", "|---|---|---|---|---|"]
    table += [f"| {r.rows:,} | {r.tool} | {r.wall:.2f} | {r.cpu:.2f} | {r.peak:.0f} |" for r in runs]
    store, copy = sizes["store"], sizes["copy"]
    return [*table, "", f"store {store / MEGA:.0f} MB, copy {copy / MEGA:.0f} MB ({copy / store:.0%})"]


def main(arguments: list[str]) -> int:
    return told(arguments, "Measure crmtool backup create, verify, drill and restore.", lambda *of: lines(*steps(*of)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
