"""Measure the reading of delimited text, in parts and verified, beside `polars.read_csv` with all columns as text.

Files: the invented contacts as they are, without quotation marks, and as badly kept lists are. Each tool counts the
rows in a process of its own, by turns; seconds differ from machine to machine, the ratio holds better. To add a file: a
function that writes it from the contacts, and a line in `FILES`.

Run as `python -m bench.readers [--rows 1000000] [--runs 3]` from the folder above.
"""

from __future__ import annotations

import argparse
import csv
import sys
from random import Random
from typing import TYPE_CHECKING

from bench import imports

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SEED = 1
QUOTED, RAGGED, STRAY = 0.05, 0.01, 0.005  # of cells, of rows, of rows
POLARS = "import sys, polars as pl; print(pl.read_csv(sys.argv[1], infer_schema=False).height)"
OURS = (
    "import sys, pathlib; from crmtool.io.readers import csv; from crmtool.io.readers.table import Options; "
    "print(sum(part.read for part in csv.parts(pathlib.Path(sys.argv[1]), Options())))"
)
TOOLS = {"polars": POLARS, "crmtool": OURS}


def as_it_is(source: Path, _: Path) -> Path:
    return source


def plain(source: Path, target: Path) -> Path:
    """Write the contacts without quotation marks, separators and line ends inside cells."""
    unmarked = str.maketrans({'"': "", ",": " ", "\n": " ", "\r": ""})
    return written(target, (",".join(cell.translate(unmarked) for cell in row) for row in cells(source)))


def messy(source: Path, target: Path) -> Path:
    """Write the contacts with separators and line ends in many cells, rows too long, and marks never closed."""
    random = Random(SEED)
    return written(
        target, (spoiled(row, random) if number else ",".join(row) for number, row in enumerate(cells(source)))
    )


def spoiled(row: list[str], random: Random) -> str:
    kept = [cell.translate({34: "'", 44: " ", 10: " "}) for cell in row]
    line = ",".join(f'"{cell}, and\nmore"' if random.random() < QUOTED else cell for cell in kept)
    fate = random.random()
    if fate < RAGGED:
        return f"{line},too,long"
    return f'"{line}' if fate < RAGGED + STRAY else line


def cells(source: Path) -> Iterator[list[str]]:
    with source.open(encoding="utf-8", newline="") as file:
        yield from csv.reader(file)


def written(target: Path, lines: Iterator[str]) -> Path:
    if not target.exists():
        with target.open("w", encoding="utf-8", newline="") as file:
            file.writelines(f"{line}\r\n" for line in lines)
    return target


#: What is read, and by whom: polars stops at the first row that is too long.
FILES: dict[str, tuple[Callable[[Path, Path], Path], tuple[str, ...]]] = {
    "contacts": (as_it_is, ("polars", "crmtool")),
    "plain": (plain, ("polars", "crmtool")),
    "messy": (messy, ("crmtool",)),
}


def measured(name: str, rows: int, runs: int) -> dict[str, tuple[float, float, float]]:
    """Return the quickest run of each tool on a file: wall seconds, CPU seconds, peak megabytes."""
    make, tools = FILES[name]
    source = imports.generated(rows)
    file = make(source, source.with_name(f"{name}-{source.name}"))
    taken = [
        (tool, imports.measured((sys.executable, "-c", TOOLS[tool], str(file)), frozenset({0})))
        for _ in range(runs)
        for tool in tools
    ]
    return {tool: min(run for which, run in taken if which == tool) for tool in tools}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Measure the reading of delimited text beside polars.")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3, help="runs of each; the quickest is shown")
    parser.add_argument("--files", nargs="+", choices=FILES, default=list(FILES))
    options = parser.parse_args(arguments)
    print(f"{'file':<10}  {'tool':<8}  {'wall s':>8}  {'CPU s':>8}  {'rows/s':>10}  {'peak MB':>8}  {'ratio':>6}")
    for name in options.files:
        found = measured(name, options.rows, options.runs)
        for tool, (wall, cpu, peak) in found.items():
            ratio = f"{wall / found['polars'][0]:.2f}" if "polars" in found else "-"
            speed = options.rows / wall
            print(f"{name:<10}  {tool:<8}  {wall:>8.2f}  {cpu:>8.2f}  {speed:>10,.0f}  {peak:>8.0f}  {ratio:>6}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
