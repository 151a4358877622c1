"""`crmtool duplicates evaluate`: how good the matching is on a file that says who is who."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crmtool.cli import profiles, screen
from crmtool.cli.inputs import output_option
from crmtool.cli.session import Session, command

if TYPE_CHECKING:
    import polars as pl

    from crmtool.core.duplicates.matching import Matched
    from crmtool.core.duplicates.measures import Measured
    from crmtool.core.rules import Rules
    from crmtool.io.evaluation import Labelled


def declare(noun: typer.Typer) -> None:
    """Add the command to the noun."""

    @command(noun, "evaluate", reads=True)
    def evaluate(
        session: Session,
        file: Annotated[Path, typer.Argument(help="A file of contacts; - for standard input.", show_default=False)],
        truth: Annotated[
            str | None, typer.Option("--truth", help="The column whose equal values are one party.", show_default=False)
        ] = None,
        output: Annotated[
            Path | None, output_option("Write the rows with their cluster to a .csv, .xlsx ... file.")
        ] = None,
        limit: Annotated[int | None, typer.Option(min=1, help="Only the first rows.", show_default=False)] = None,
        force: Annotated[bool, typer.Option("--force", help="Overwrite the output.")] = False,
    ) -> None:
        """Find duplicates in a file, and say how right that is where a column tells the truth; nothing is stored.

        Example: crmtool duplicates evaluate people.csv --truth person -o clusters.csv
        """
        from crmtool.io.writers import tables

        tables.check(file, output, force=force)
        rules, _ = profiles.rules_here(session)
        with session.working(f"duplicates evaluate {file.name}"):
            begun = perf_counter()
            rows = _read(session, file, rules, limit, truth)
            read = perf_counter()
            found = _matched(rows, rules)
            seconds = perf_counter() - read
            if output:
                tables.write_guarded([_written(rows, found)], output, force=force)
        told = _told(rows, found, {"read_seconds": round(read - begun, 2), "seconds": round(seconds, 2)})
        if session.options.as_json:
            screen.document(told)
        elif not session.options.quiet:
            _shown(told, output)


def _read(session: Session, file: Path, rules: Rules, limit: int | None, truth: str | None) -> Labelled:
    from crmtool.io import evaluation, intake
    from crmtool.io.readers import files

    said = session.reading
    wishes = intake.Wishes(said.mapping, None, said.region, said.columns)
    return evaluation.labelled(files.parts(file, said.options(limit)), rules, wishes, truth)


def _matched(rows: Labelled, rules: Rules) -> Matched:
    from crmtool.core.duplicates import matching

    return matching.matched(rows.parties, rules.duplicates.match)


def _written(rows: Labelled, found: Matched) -> pl.DataFrame:
    import polars as pl

    name = next(name for name in ("cluster", "cluster_found", "crmtool.cluster") if name not in rows.cells.columns)
    return rows.cells.with_columns(pl.Series(name, found.clusters).cast(pl.String))


def _told(rows: Labelled, found: Matched, times: dict[str, float]) -> dict[str, Any]:
    """Return the document of an evaluation."""
    import numpy as np

    from crmtool.core.duplicates import measures

    count = rows.parties.height
    compared = found.compared
    told: dict[str, Any] = {
        "rows": count,
        "pairs_compared": compared,
        "clusters": len(np.unique(found.clusters)),
        "reduction_ratio": round(measures.reduction(compared, count), 6),
        "columns": rows.columns,
        "blocking": found.candidates.report.to_dicts(),
        "weights": {c.name: round(found.weights.learned.get(c.name, 0.0)) for c in found.comparisons},
        **times,
        "peak_mb": _peak(),
    }
    if rows.truth is not None:
        told |= _measures(rows.truth, found)
    return told


def _measures(truth: pl.Series, found: Matched) -> dict[str, Any]:
    import polars as pl

    from crmtool.core.duplicates import measures

    final = measures.measured(pl.Series(found.clusters), truth)
    sure = measures.measured(pl.Series(found.certain), truth)
    every = found.compared == truth.len() * (truth.len() - 1) // 2  # a small file is compared whole
    complete = 1.0 if every else measures.completeness(found.candidates.left, found.candidates.right, truth)
    return {**_figures(final), "pairs_completeness": round(complete, 4), "certain": _figures(sure)}


def _figures(measured: Measured) -> dict[str, float]:
    return {name: round(getattr(measured, name), 4) for name in ("precision", "recall", "f1")}


def _peak() -> int | None:
    """Return the most memory the process has held, in MB, where the system tells."""
    try:
        import resource
    except ImportError:
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _shown(told: dict[str, Any], output: Path | None) -> None:
    screen.say(
        f"{screen.counted(told['rows'], 'row')}, {screen.counted(told['pairs_compared'], 'pair')} compared, "
        f"{screen.counted(told['clusters'], 'cluster')}, in {told['seconds']:.2f} s."
    )
    if "f1" in told:
        lines = [("all joined pairs", told), ("joined without asking", told["certain"])]
        rows = [(name, *(f"{part[figure]:.4f}" for figure in ("precision", "recall", "f1"))) for name, part in lines]
        screen.table(["", "precision", "recall", "F1"], rows, right=[1, 2, 3])
        screen.say(
            f"Candidates held {told['pairs_completeness']:.2%} of the true pairs and spared "
            f"{told['reduction_ratio']:.2%} of all comparisons."
        )
    for block in told["blocking"]:
        if block["left_out"] and told["reduction_ratio"]:
            screen.say(
                f"Not paired under {block['rule']}: {screen.counted(block['left_out'], 'block')} of together "
                f"{screen.counted(block['rows_left_out'], 'row')}, the largest of {block['largest']}."
            )
    if output:
        screen.say(f"Wrote the rows with their clusters to {output}")
