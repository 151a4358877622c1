"""`crmtool import`: files become a plan, the plan is shown, and applied when agreed.

What happens to a file on the way is `crmtool.io.intake`'s work; here are the options and the screens.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

import typer

from crmtool.cli import admission, inputs, screen
from crmtool.cli.session import Session, command
from crmtool.core.errors import UsageError

if TYPE_CHECKING:
    import polars as pl

    from crmtool.core.imports.mapping import Mapped
    from crmtool.core.plans import Plan, Summary
    from crmtool.io.intake import Prepared, Servers, Wishes
    from crmtool.io.keeping_out import Watch
    from crmtool.io.readers.table import Table

Policy = Literal["update", "fill", "skip", "review"]
_SOME_REJECTED = 3


@dataclass(frozen=True)
class Sample:
    """Which rows to take: the first so many, or a share in percent, spread over the file by a seed."""

    rows: int | None = None
    percent: float | None = None
    seed: int = 1


class Keep(NamedTuple):
    """What to keep of each part on the way."""

    sample: bool  # everything: it is shown in full
    findings: Path | None  # the findings, for this file


@dataclass(frozen=True)
class Told:
    """What is kept of a part of a file once it is planned."""

    how: str | None  # how the file was read; of its first part
    facts: Mapping[str, Any]
    rejects: tuple[Table, pl.DataFrame]
    findings: pl.DataFrame | None  # with the name of the file, where they are wanted
    sample: tuple[Prepared, Plan] | None


def declare(app: typer.Typer) -> None:
    """Add the command."""

    @command(app, "import", reads=True, writes=True)
    def import_(
        session: Session,
        given: Annotated[
            list[Path],
            typer.Argument(metavar="FILE...", help="Files of contacts, of any kind; - for standard input."),
        ],
        source: Annotated[str | None, typer.Option(help="Name of the source.", show_default=False)] = None,
        on_duplicate: Annotated[
            Policy | None, typer.Option(help="What a row of someone known may do.", show_default=False)
        ] = None,
        sample: Annotated[
            str | None,
            typer.Option(metavar="N|N%", help="The first rows, or a share of all; each in full.", show_default=False),
        ] = None,
        seed: Annotated[int, typer.Option(help="Another seed, another share.")] = 1,
        limit: Annotated[int | None, typer.Option(min=1, help="Only the first rows.", show_default=False)] = None,
        findings: Annotated[
            Path | None, typer.Option(help="Write every finding to this CSV file.", show_default=False)
        ] = None,
        mx: inputs.MX = False,
        readmit: Annotated[
            bool, typer.Option("--readmit", help="Let people in who were erased and came back.")
        ] = False,
    ) -> int:
        """Read files of contacts into the base: mapped, cleaned, checked, joined with whom we know.

        Example: crmtool import clients.csv --sample 15 --dry-run
        """
        wanted = _sample(sample, limit, seed)
        if readmit:
            admission.admit(session, "import --readmit")
        paths = inputs.paths(given)
        name = f"import {paths[0].name}" + (f" and {len(paths) - 1} more" if len(paths) > 1 else "")
        with session.turn(name):
            from crmtool.io import intake

            said = session.reading
            wishes = intake.Wishes(said.mapping, source, said.region, said.columns, on_duplicate, readmit)
            keep = Keep(sample is not None, findings)
            facts = _imported(session, name, paths, wishes, wanted, keep, session.servers() if mx else None)
        return _SOME_REJECTED if facts["rejected"] else 0


def _sample(text: str | None, limit: int | None, seed: int) -> Sample:
    """Return which rows are wanted. Raises UsageError."""
    if text is None:
        return Sample(limit)
    number, percent = text.removesuffix("%"), text.endswith("%")
    try:
        size = float(number.replace(",", ".")) if percent else int(number)
    except ValueError:
        size = -1
    if size <= 0 or (percent and size > 100):  # noqa: PLR2004  # of a hundred
        raise UsageError(f"--sample {text!r} is no number of rows.", "For example: --sample 20, or --sample 5%")
    return Sample(limit, float(size), seed) if percent else Sample(min(int(size), limit or int(size)))


def _imported(
    session: Session,
    name: str,
    paths: list[Path],
    wishes: Wishes,
    wanted: Sample,
    keep: Keep,
    servers: Servers | None,
) -> dict[str, Any]:
    """Import files as one change set; return the facts of the whole."""
    from crmtool.core import plans as planning
    from crmtool.io import arriving, intake, keeping_out

    heard: list[Told] = []
    watch = keeping_out.watch(session.store, readmits=wishes.readmit)
    tables = [_tables(path, session.reading, wanted) for path in paths]
    tables[0], small = _peeked(tables[0])
    files = _asked(session, tables, wishes) if _may_ask(session, paths) else [(each, wishes) for each in tables]
    parts = _prepared(files, session, servers, watch, lighten=not keep.sample)
    plans = intake.plans(
        session.store, session.rules, parts, name, lambda part, plan: heard.append(_told(part, plan, keep))
    )
    back = watch is not None and wishes.readmit
    if watch and back:
        plans = itertools.chain(plans, keeping_out.readmitted(session.store, watch, name, session.rules.fingerprint))
    matching, matches = bool(arriving.trained(session.rules)), list[arriving.Heard]()
    if matching:
        plans = arriving.plans(session.store, session.rules, session.workspace.root, plans, matches)

    def facts() -> dict[str, Any]:
        return {**intake.total(told.facts for told in heard), **(matches[0]._asdict() if matches else {})}

    def done() -> None:
        _set_aside(session, heard)

    if small and len(paths) == 1 and not matching and not back:
        with session.working(name):
            plan = next(plans)
        summary = planning.summary(plan)
        session.offer(plan, lambda: _shown(heard, summary), done)
    else:
        session.offer_parts(plans, facts, lambda summary: _shown(heard, summary), done)
    if keep.findings:
        _written(keep.findings, heard)
    return facts()


def _prepared(
    files: Iterable[tuple[Iterator[Table], Wishes]],
    session: Session,
    servers: Servers | None,
    watch: Watch | None,
    *,
    lighten: bool,
) -> Iterator[Prepared]:
    from crmtool.io import intake

    rules = session.rules
    for tables, wishes in files:
        for part in intake.prepared(tables, rules, wishes, session.today, servers, watch):
            yield intake.lightened(part, rules) if lighten else part


def _may_ask(session: Session, paths: list[Path]) -> bool:
    return session.interactive and not session.options.yes and Path("-") not in paths


def _asked(session: Session, files: Iterable[Iterator[Table]], wishes: Wishes) -> list[tuple[Iterator[Table], Wishes]]:
    """Return each file with what a person says about its columns; asked before the work, which waits for nobody."""
    from crmtool.cli import mappings, questions
    from crmtool.io import intake

    def ask(table: Table, mapped: Mapped) -> dict[str, str]:
        screen.remark(f"{table.name}: what some columns are is not sure.")
        return questions.answered(mapped.questions, mappings.shapes(table), session.rules.fields)

    found: list[tuple[Iterator[Table], Wishes]] = []
    for tables in files:
        ahead = [next(tables)]
        said = intake.asked(ahead[0], session.rules, wishes, ask)
        found.append((_again(ahead, tables), said))
    return found


def _tables(path: Path, reading: inputs.Reading, wanted: Sample) -> Iterator[Table]:
    """Yield the parts of a file, only the rows wanted; a share comes as one table."""
    from crmtool.io.readers import files, table

    parts = files.parts(path, reading.options(wanted.rows))
    if wanted.percent is None:
        yield from parts
    else:
        yield table.joined(table.share(part, wanted.percent / 100, wanted.seed) for part in parts)


def _peeked(tables: Iterator[Table]) -> tuple[Iterator[Table], bool]:
    """Return the tables again, and whether there is only one."""
    ahead = list(itertools.islice(tables, 2))
    small = len(ahead) == 1
    return _again(ahead, tables), small


def _again(ahead: list[Table], tables: Iterator[Table]) -> Iterator[Table]:
    """Yield the tables taken out ahead, holding on to none, then the rest."""
    while ahead:
        yield ahead.pop(0)
    yield from tables


def _told(part: Prepared, plan: Plan, keep: Keep) -> Told:
    return Told(
        _how_read(part) if part.first else None,
        plan.facts,
        part.rejects,
        _named(plan.findings, part.table.name) if keep.findings else None,
        (part, plan) if keep.sample else None,
    )


def _named(found: pl.DataFrame, file: str) -> pl.DataFrame:
    """Return findings with the name of their file and what they mean."""
    import polars as pl

    from crmtool.core import findings

    told = found.with_columns(file=pl.lit(file), message=findings.sentences(found))
    return told.select("file", "row", "column", "field", "value", "severity", "code", "suggestion", "message")


def _written(path: Path, heard: list[Told]) -> None:
    """Write every finding to a file."""
    import polars as pl

    from crmtool.io.writers import csv

    csv.write_csv(
        pl.concat([told.findings for told in heard if told.findings is not None]).cast(pl.String), path, bom=True
    )


def _set_aside(session: Session, heard: list[Told]) -> None:
    """Write the rejected rows of each file to a file that can be corrected and imported as it is."""
    import polars as pl

    from crmtool.io import rejects
    from crmtool.io.readers import table

    for _, group in itertools.groupby([told.rejects for told in heard], lambda each: (each[0].name, each[0].sha256)):
        tables, wrong = zip(*group, strict=True)
        path = rejects.written(session.workspace.root / "rejects", table.joined(tables), pl.concat(wrong))
        if path and not session.options.quiet and not session.options.as_json:
            screen.say(f"Rejected rows: rejects/{path.name}. Correct them there and import that file.")


# -- screens --------------------------------------------------------------------------------------------------------


def _how_read(part: Prepared) -> str:
    """Say how a file was read and what it was taken for."""
    table, mapped = part.table, part.mapped
    how = [table.format, table.encoding, _delimiter(table.delimiter), f"sheet {table.sheet}" if table.sheet else ""]
    return f"{table.name}: {', '.join(filter(None, how))}\nmapping: {mapped.name}, source: {mapped.source}"


def _delimiter(delimiter: str | None) -> str:
    return {"\t": "separated by tabs", None: ""}.get(delimiter, f"separated by {delimiter}")


def _shown(heard: list[Told], summary: Summary) -> None:
    for told in heard:
        for line in (told.how or "").splitlines():
            screen.say(line)
        if told.sample:
            part, plan = told.sample
            _columns(part)
            _values(part)
            _each_finding(plan)
    if not any(told.sample for told in heard):
        screen.findings(summary.findings)
    _sums(summary)
    screen.changes(summary.counts)


def _columns(part: Prepared) -> None:
    """Show what each column is, and how that is known."""
    rows = [(h, part.mapped.columns.get(h, ""), screen.WAYS[how]) for h, how in part.mapped.how.items()]
    screen.table(["column", "field", "known by"], rows, title="Columns")


def _values(part: Prepared) -> None:
    """Show what each value of the sample became: old, new, and the rule that changed it."""
    import polars as pl

    lines: list[tuple[object, ...]] = []
    for step in part.cleaned.steps:
        read = part.cleaned.joined if step.heading in part.cleaned.joined.columns else part.table.cells
        cells = step.asked(read[step.heading]).with_columns(part.table.rows.alias("row")).drop_nulls()
        changed = cells.join(step.values, on=step.keys).filter(pl.col("rule").is_not_null())
        shown = changed.select("row", pl.lit(step.target), "value", pl.col("clean").fill_null("(unknown)"), "rule")
        lines += shown.rows()
    lines.sort(key=lambda line: int(str(line[0])))
    screen.table(["row", "field", "as read", "becomes", "rule"], lines, title="Values", right=[0], whole=[1, 4])


def _each_finding(plan: Plan) -> None:
    """Show the findings of a sample; what one rule asks of several fields of a row is one line."""
    import polars as pl

    from crmtool.core import findings

    of = pl.when(pl.col("code").is_in(findings.OF_RULES)).then(pl.coalesce("column", "field")).otherwise("column")
    same = ("row", "severity", "value", "code", "suggestion")
    alone = pl.when(pl.col("code") != "value.required").then(pl.int_range(pl.len()))
    together = plan.findings.with_columns(of=of).group_by(*same, alone.alias("alone"), maintain_order=True)
    rows = [
        (f["row"], f["severity"], ", ".join(f["of"]), f["value"] or "", findings.message(f["code"], f["suggestion"]))
        for f in together.agg(pl.col("of").drop_nulls()).to_dicts()
    ]
    if rows:
        screen.table(["row", "", "column", "value", "what"], rows, title="Findings", right=[0])


def _sums(summary: Summary) -> None:
    """Show the sum of all rows."""
    from crmtool.io.intake import OUTCOMES

    facts = summary.facts
    sums = [f"{facts[part]} {part.replace('_', ' ')}" for part in OUTCOMES if facts[part]]
    screen.say(f"Rows: {facts['read']} read = {' + '.join(sums) or 0}")
    screen.say(
        f"Of the new: {facts['joined']} joined to someone known, {screen.counted(facts['to_review'], 'pair')} to review"
    )
    if "matched" in facts:
        pairs = screen.counted(facts["matched"], "more pair")
        screen.say(f"Matched with the base: {pairs} to review, {facts['certain']} of them certain")
        if facts["unmatched"]:
            screen.say(f"Not matched: {facts['unmatched']}")
    if facts["rejected"] and facts["rejected"] == facts["read"] - facts["blank"]:
        screen.say("No row says who it is about. Say what a column is, e.g. --column 'Heading=name',")
        screen.say("or the country of the phones, e.g. --region US, and import the file again.")
