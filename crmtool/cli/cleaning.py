"""`crmtool clean`: a file in, the same columns cleaned out; `crmtool refresh`: the whole base cleaned anew.

What happens to a file on the way is `crmtool.io.cleansing`'s work, to the base `crmtool.io.refreshing`'s; here are the
options and the screens.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crmtool.cli import inputs, profiles, screen
from crmtool.cli.inputs import output_option
from crmtool.cli.session import Session, command

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import polars as pl

    from crmtool.core.plans import Summary
    from crmtool.core.rules import Rules
    from crmtool.io.cleansing import Part, Targets, Told
    from crmtool.io.intake import Servers
    from crmtool.io.refreshing import Heard

_SOME_WRONG = 3
_RULES = 3  # named for each column
_SHOWN = 3  # changes of each field


def declare(app: typer.Typer) -> None:
    """Add the commands."""

    @command(app, "clean", reads=True)
    def clean(
        session: Session,
        file: Annotated[Path, typer.Argument(help="A file of contacts; - for standard input.", show_default=False)],
        output: Annotated[
            Path | None,
            output_option("Write the cleaned table to a .csv, .xlsx, .jsonl, .tsv, .json or .parquet file."),
        ] = None,
        report: Annotated[
            Path | None, typer.Option("--report", help="Write every finding to this CSV file.", show_default=False)
        ] = None,
        expand: Annotated[
            bool, typer.Option("--expand", help="Add the parts of phones, names ... as columns after their own.")
        ] = False,
        mx: inputs.MX = False,
        limit: Annotated[int | None, typer.Option(min=1, help="Only the first rows.", show_default=False)] = None,
        force: Annotated[bool, typer.Option("--force", help="Overwrite the output and the report.")] = False,
    ) -> int:
        """Clean the values of a file: the same rows and columns, each value in its one look; nothing is stored.

        What rows lack by the rules is told as at an import; all rows are written, and the exit code is 3 for errors.

        Example: crmtool clean clients.csv -o clean.csv --report findings.csv --expand
        """
        from crmtool.io import cleansing
        from crmtool.io.writers import tables

        targets = cleansing.Targets(output, report, force)
        tables.check(file, output, targets.beside, force=force)
        rules, housed = profiles.rules_here(session)
        servers = session.servers(housed=housed) if mx else None
        with session.working(f"clean {file.name}"):
            told = cleansing.written(_parts(session, file, rules, limit, servers, expand=expand), targets)
        if session.options.as_json:
            screen.document(_content(told, targets))
        elif not session.options.quiet:
            _shown(told, targets)
        return _SOME_WRONG if told.table.refused.height or told.errors else 0

    @command(app, "refresh", writes=True)
    def refresh(session: Session) -> None:
        """Clean every record of the base anew from its raw cells, by the rules as they are now; hand edits stay.

        Example: crmtool refresh --dry-run
        """
        with session.turn("refresh"):
            _refreshed(session)


def _parts(
    session: Session, file: Path, rules: Rules, limit: int | None, servers: Servers | None, *, expand: bool
) -> Iterator[Part]:
    from crmtool.io import cleansing, intake
    from crmtool.io.readers import files

    said = session.reading
    wishes = intake.Wishes(said.mapping, None, said.region, said.columns)
    parts = files.parts(file, said.options(limit))
    return cleansing.cleansed(parts, rules, wishes, session.today, expand=expand, servers=servers)


# -- what is told of a cleaned file -----------------------------------------------------------------------------------


def _content(told: Told, targets: Targets) -> dict[str, Any]:
    """Return what became of a file as one document."""
    refused = told.table.refused.height
    return {
        "file": told.table.name,
        "sha256": told.table.sha256,
        "format": told.table.format,
        "mapping": told.mapped.name,
        "region": told.mapped.rule.region,
        "output": str(targets.output) if targets.output else None,
        "report": str(targets.report) if targets.report else None,
        "refused_rows": str(targets.refused) if refused and targets.refused else None,
        "read": told.rows + refused + told.table.blank,
        "rows": told.rows,
        "refused": refused,
        "blank": told.table.blank,
        "errors": told.errors,
        "columns": [_column(told, heading) for heading in _headings(told)],
        "findings": dict(told.counted.group_by("code").agg(rows=_sum("rows")).sort("code").iter_rows()),
    }


def _sum(name: str) -> pl.Expr:
    import polars as pl

    return pl.col(name).sum()


def _headings(told: Told) -> list[str]:
    """Return the columns of the file, then those that are several of it together."""
    own = told.table.cells.columns
    return [*own, *(heading for heading in told.tally["column"].unique(maintain_order=True) if heading not in own)]


def _column(told: Told, heading: str) -> dict[str, Any]:
    """Return what became of a column: its field, how many cells had which outcome, and what changed how many."""
    import polars as pl

    from crmtool.core.imports.cleansing import OUTCOMES

    own = told.tally.filter(pl.col("column") == heading)
    cells = dict(own.group_by("outcome").agg(_sum("cells")).iter_rows())
    by_rule = own.filter(pl.col("outcome") == "changed").group_by("rule").agg(_sum("cells"))
    rules = by_rule.sort("cells", "rule", descending=[True, False]).with_columns(
        pl.col("rule").fill_null("cell.joined")
    )
    return {
        "column": heading,
        "field": own["field"][0] if own.height else told.mapped.columns.get(heading),
        "known_by": told.mapped.how.get(heading) or None,
        **{outcome: cells.get(outcome, 0) for outcome in OUTCOMES},
        "rules": dict(rules.iter_rows()),
    }


def _shown(told: Told, targets: Targets) -> None:
    """Show what became of each column, what there is to say, and what was written."""
    table = told.table
    screen.say(f"{table.name}: {table.format}, mapping {told.mapped.name}")
    screen.say()
    columns = [_column(told, heading) for heading in _headings(told)]
    lines = [line for column in columns for line in _lines(column)]
    headings = ["column", "field", "same", "new", "empty", "left", "changed by"]
    screen.table(headings, lines, right=[2, 3, 4, 5], whole=[1, 6])
    screen.findings(told.counted)
    rest = f" + {table.refused.height} refused + {table.blank} blank"
    screen.say(f"{told.rows + table.refused.height + table.blank} read = {screen.counted(told.rows, 'row')}{rest}")
    if told.errors:
        screen.say(f"{screen.counted(told.errors, 'error')} by the rules; an import would set those rows aside.")
    if targets.output:
        screen.say(f"Wrote {screen.counted(told.rows, 'row')} to {targets.output}")
        if table.refused.height:
            screen.say(f"Rows that could not be read: {targets.refused}")
    else:
        screen.say("Nothing was written; write the cleaned table with -o FILE.")
    if targets.report:
        screen.say(f"Findings: {targets.report}")


def _lines(column: Mapping[str, Any]) -> Iterator[tuple[object, ...]]:
    """Yield the lines about a column: what became of its cells, and each rule that changed them."""
    if not column["field"]:
        yield column["column"], "as read", "", "", "", "", ""
        return
    named = [*column["rules"]]
    told = [*named[:_RULES], *([f"and {len(named) - _RULES} more"] if len(named) > _RULES else [])]
    counts = (column[outcome] or "" for outcome in ("same", "changed", "unknown", "unusable"))
    yield column["column"], column["field"], *counts, "".join(told[:1])
    yield from (("", "", "", "", "", "", rule) for rule in told[1:])


# -- the whole base ---------------------------------------------------------------------------------------------------


def _refreshed(session: Session) -> None:
    """Clean every record of a file anew, as one change set."""
    from crmtool.io import refreshing

    heard: list[Heard] = []
    ranges = refreshing.ranges(session.store)
    plans = refreshing.plans(session.store, session.rules, ranges, heard.append, session.today)

    def facts() -> dict[str, Any]:
        return refreshing.total(told.facts for told in heard)

    if len(ranges) > 1:
        session.offer_parts(plans, facts, lambda summary: _changed(heard, facts(), summary))
        return
    from crmtool.core import plans as planning

    with session.working(refreshing.COMMAND):
        plan = next(plans, None) or refreshing.nothing(session.store, session.rules)
    session.offer(plan, lambda: _changed(heard, facts(), planning.summary(plan)))


def _changed(heard: list[Heard], facts: Mapping[str, Any], summary: Summary) -> None:
    """Show how many records change in each field, with the commonest changes, what the checks say, and the tables."""
    import polars as pl

    from crmtool.io import refreshing

    screen.say(f"Cleaned anew: {screen.counted(facts['records'], 'record')}, of which {facts['updated']} change.")
    screen.say()
    if facts["fields"]:
        examples = refreshing.commonest(pl.concat([told.examples for told in heard]))
        lines = []
        for name, count in facts["fields"].items():
            own = examples.filter(pl.col("field") == name).head(_SHOWN)
            pairs = list(own.select(pl.col("before", "after").fill_null("(empty)")).iter_rows())
            lines += [(name, count, *pairs[0]), *(("", None, *pair) for pair in pairs[1:])]
        screen.table(["field", "records", "for example", "becomes"], lines, title="Fields", right=[1])
    screen.findings(summary.findings)
    screen.changes(summary.counts)
