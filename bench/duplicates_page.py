"""What `bench.duplicates` found, as Markdown: one table of all sets, the errors and false pairs, and how cost grows.

To tell of another figure: a column in `COLUMNS`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

WIDTH = 50  # characters of the longest bar
PERFECT = 0.9995  # an F1 that nobody can well be above
MANY = 12  # kinds of false pairs shown


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _count(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}"


COLUMNS: dict[str, Callable[[dict[str, Any]], str]] = {
    "tool": lambda run: run["tool"],
    "rows": lambda run: _count(run["rows"]),
    "pairs": lambda run: _count(run.get("pairs_compared", run.get("pairs_kept"))),
    "precision": lambda run: _share(run["precision"]),
    "recall": lambda run: _share(run["recall"]),
    "F1": lambda run: f"**{run['f1']:.4f}**",
    "cut": lambda run: run.get("cut", "default"),
    "F1 at .95": lambda run: _share(run.get("cuts", {}).get("0.95", {}).get("f1")),
    "certain": lambda run: _share(run.get("certain_precision")),
    "s": lambda run: f"{run['seconds']:.1f}",
    "without reading": lambda run: f"{run['matching']:.1f}",
    "peak MiB": lambda run: _count(run["peak_mb"]),
}


def lines(results: list[dict[str, Any]], *, growth: bool = False) -> list[str]:
    """Return the page: the table, what is told by kind, and the growth where asked for."""
    told = [*_table(results), "", *_verdicts(results)]
    for result in results:
        told += _kinds(result)
    return told + (_growth(results) if growth else [])


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _table(results: list[dict[str, Any]]) -> list[str]:
    told = [_row(["set", *COLUMNS]), _row(["---"] * (len(COLUMNS) + 1))]
    for result in results:
        told += [_row([result["set"], *(cell(run) for cell in COLUMNS.values())]) for run in result["runs"]]
        if len(result["runs"]) == 2:
            ours, theirs = result["runs"]
            ratios = {
                name: f"**{ours[key] / theirs[key]:.2f}**"
                for name, key in (("s", "seconds"), ("without reading", "matching"), ("peak MiB", "peak_mb"))
            }
            told.append(_row(["", "ratio", *(ratios.get(name, "") for name in list(COLUMNS)[1:])]))
    return told


def _verdicts(results: list[dict[str, Any]]) -> list[str]:
    """Return a line for each set on which ours is not where it should be, or one that says that all is well."""
    faults: list[str] = []
    if not any(run["tool"] == "crmtool" for result in results for run in result["runs"]):
        return ["Ours did not run."]
    for result in results:
        ours = next((run for run in result["runs"] if run["tool"] == "crmtool"), None)
        theirs = max((run["f1"] for run in result["runs"] if run["tool"] != "crmtool"), default=None)
        if ours is None:
            continue
        if result["needed"] and ours["f1"] < result["needed"]:
            faults.append(f"{result['set']}: F1 {ours['f1']:.4f} is under {result['needed']}.")
        if theirs is not None and (ours["f1"] < theirs or ours["f1"] == theirs < PERFECT):
            faults.append(f"{result['set']}: F1 {ours['f1']:.4f} is not above {theirs:.4f} of Splink.")
        if (ours.get("certain_precision") or 1) < 0.995:
            faults.append(f"{result['set']}: certain pairs are right at {ours['certain_precision']:.4f}, under 0.995.")
    return faults or ["Every set is where it should be."]


def _kinds(result: dict[str, Any]) -> list[str]:
    """Return the tables by planted error and by kind of false pair, where the set tells them."""
    runs = [run for run in result["runs"] if "errors" in run]
    if not runs:
        return []
    tools = [run["tool"] for run in runs]
    told = ["", f"{result['set']}: recall by what is planted in either row of a pair", ""]
    told += [_row(["planted", "pairs", *tools]), _row(["---"] * (len(runs) + 2))]
    for kind, (count, _) in runs[0]["errors"].items():
        told.append(_row([kind, _count(count), *(f"{run['errors'][kind][1] / count:.3f}" for run in runs)]))
    told += ["", f"{result['set']}: false pairs", "", _row(["between", *tools]), _row(["---"] * (len(runs) + 1))]
    kinds = sorted(
        {kind for run in runs for kind in run["false"]},
        key=lambda kind: -max(run["false"].get(kind, 0) for run in runs),
    )
    told += [_row([kind, *(_count(run["false"].get(kind, 0)) for run in runs)]) for kind in kinds[:MANY]]
    return told


def _growth(results: list[dict[str, Any]]) -> list[str]:
    """Return bars of seconds and of memory for a million rows, by size: bars of one length are linear growth."""
    told = ["", "```text"]
    for title, key, unit in (("seconds", "seconds", "s"), ("peak of memory", "peak_mb", "MiB")):
        told += [f"{title}, and for a million rows", ""]
        runs = [run for result in results for run in result["runs"]]
        longest = max(run[key] / run["rows"] for run in runs)
        for run in sorted(runs, key=lambda run: (run["tool"], run["rows"])):
            each = run[key] / run["rows"]
            bar = "#" * max(1, round(WIDTH * each / longest))
            told.append(f"{run['tool']:<8}{run['rows']:>10,} {run[key]:>9,.1f} {unit:<4}{each * 1e6:>9,.1f}  {bar}")
        told.append("")
    return [*told[:-1], "```"]
