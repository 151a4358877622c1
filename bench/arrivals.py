"""Measure an import into a base that is matched already: how long 1,000 rows take, half of whom the base knows.

Builds a base of so many invented rows (`bench.doubles`), learns its model, and imports more rows of the same people:
once where `crm.keys` must be made, once where it was kept, as every night, and once without matching. A copy of the
workspace takes each import, so all begin alike. `find` over the whole base stands beside: what an import is spared.

Run as `python -m bench.arrivals [--base 100000] [--rows 1000] [--keep FOLDER]`; with `--keep` the base stays in FOLDER
and is taken again by the next run of the same size.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

import polars as pl

from bench import doubles
from bench.duplicates import Ran, machine, ran

SEED = 1


def command(workspace: Path, *words: str) -> Ran:
    """Run crmtool in a workspace. Raises `bench.duplicates.Failed`."""
    os.environ["CRMTOOL_WORKSPACE"] = str(workspace)
    return ran((sys.executable, "-m", "crmtool", *words))


def written(folder: Path, base: int, rows: int) -> None:
    """Write `base.csv`, and `new.csv`: rows of whom half have a person in the base."""
    whole = folder / "all.csv"
    doubles.write(whole, base + 4 * rows, SEED)
    cells = pl.read_csv(whole, infer_schema=False)
    old, rest = cells.head(base), cells.tail(4 * rows)
    known = pl.col("person").is_in(old["person"].unique().implode())
    new = pl.concat([rest.filter(known).head(rows // 2), rest.filter(~known).head(rows - rows // 2)])
    for name, table in (("base.csv", old), ("new.csv", new)):
        table.drop("person", "kind").write_csv(folder / name)


def built(folder: Path, base: int, rows: int) -> Path:
    """Return a workspace with the base and its model, made unless it is there."""
    workspace = folder / f"base-{base}-{rows}" / "crm"
    if not (workspace / "rules" / "duplicates.model.toml").is_file():
        shutil.rmtree(workspace.parent, ignore_errors=True)
        workspace.parent.mkdir(parents=True)
        written(workspace.parent, base, rows)
        for words in (("init", str(workspace)), ("import", str(workspace.parent / "base.csv"), "--yes", "--quiet")):
            command(workspace, *words)
        command(workspace, "duplicates", "train", "--quiet")
    return workspace


def measured(folder: Path, base: int, rows: int) -> list[tuple[str, Ran]]:
    """Return what each step took."""
    workspace = built(folder, base, rows)
    new, twin = workspace.parent / "new.csv", folder / "twin"
    steps = [("find over the whole base", command(workspace, "duplicates", "find", "--dry-run", "--quiet"))]
    for name in ("import, codes made on the way", "import, codes kept", "import, at_import = false"):
        shutil.rmtree(twin, ignore_errors=True)
        shutil.copytree(workspace, twin)
        rules = twin / "rules" / "duplicates.toml"
        if "false" in name:
            rules.write_text(rules.read_text("utf-8").replace("at_import = true", "at_import = false"), "utf-8")
        steps.append((name, command(twin, "import", str(new), "--yes", "--quiet")))
        if (twin / "crm.keys").is_file():
            shutil.copy(twin / "crm.keys", workspace / "crm.keys")  # it is kept as of before the import
    return steps


def lines(steps: list[tuple[str, Ran]], base: int, rows: int) -> list[str]:
    """Return the table as Markdown."""
    head = [f"{rows:,} rows into {base:,}, {machine()}", "", "| step | s | peak MiB |", "| --- | --- | --- |"]
    return [*head, *(f"| {name} | {run.seconds:.1f} | {run.peak:,.0f} |" for name, run in steps)]


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description="Measure an import into a base that is matched already.")
    parser.add_argument("--base", type=int, default=100_000)
    parser.add_argument("--rows", type=int, default=1_000)
    parser.add_argument("--keep", type=Path, help="a folder in which the base stays")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as spare:
        place = options.keep or Path(spare)
        place.mkdir(parents=True, exist_ok=True)
        print("\n".join(lines(measured(place, options.base, options.rows), options.base, options.rows)))


if __name__ == "__main__":
    main(sys.argv[1:])
