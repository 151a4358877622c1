"""`crmtool import`: a file becomes a plan, the plan is shown, and applied when agreed.

Gather -> plan -> offer: `_prepared` runs the pure stages on the file, `planned` gathers what stands in the store and
composes the plan; the screens are at the end.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crmtool.cli.session import Session, command

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from crmtool.core.imports.checking import Checked
    from crmtool.core.imports.cleaning import Cleaned
    from crmtool.core.imports.linking import Met
    from crmtool.core.imports.mapping import Mapped
    from crmtool.core.plans import Plan
    from crmtool.core.rules import Rules
    from crmtool.io.readers.table import Table
    from crmtool.io.store import Store


@dataclass(frozen=True)
class Prepared:
    """A file after the stages that need no store."""

    table: Table
    read: int  # rows below the header
    mapped: Mapped
    cleaned: Cleaned
    checked: Checked


def declare(app: typer.Typer) -> None:
    """Add the command."""

    @command(app, "import", reads=True, writes=True)
    def import_(
        session: Session,
        file: Annotated[Path, typer.Argument(help="CSV or Excel file.", show_default=False)],
        source: Annotated[str | None, typer.Option(help="Name of the source.", show_default=False)] = None,
        sample: Annotated[
            int | None, typer.Option(min=1, help="Only the first rows, each shown in full.", show_default=False)
        ] = None,
    ) -> int:
        """Read a file of contacts into the base: mapped, cleaned, checked, joined with whom we know.

        Example: crmtool import clients.csv --sample 15 --dry-run
        """
        with session.turn(f"import {file.name}"):
            from crmtool.io.readers import files

            rules, said = session.rules, session.reading
            table = files.read(file, said.options(sample))
            prepared = _prepared(
                table, rules, mapping=said.mapping, source=source, region=said.region, columns=said.columns
            )
            del table
            prepared = prepared if sample else _trimmed(prepared)
            plan = planned(session.store, rules, prepared, f"import {file.name}")
            prepared = replace(prepared, checked=prepared.checked.told())
            session.offer(plan, lambda: _shown(prepared, plan, sample), lambda: _set_aside(session, prepared))
        return 3 if plan.facts["rejected"] else 0


def _prepared(
    table: Table,
    rules: Rules,
    *,
    mapping: str | None = None,
    source: str | None = None,
    region: str | None = None,
    columns: Mapping[str, str] | None = None,
) -> Prepared:
    """Return a file after the stages that need no store; what is given wins over the rules."""
    from crmtool.core.imports import checking, cleaning
    from crmtool.core.imports import mapping as mappings
    from crmtool.io import rulebook

    mapped = mappings.mapped(table.cells.columns, rules, mapping=mapping, source=source, region=region, columns=columns)
    synonyms = {name: rulebook.synonyms(vocabulary) for name, vocabulary in rules.vocabularies.items()}
    cleaned = cleaning.cleaned(table.cells, table.rows, mapped, rules, synonyms)
    return Prepared(table, table.read, mapped, cleaned, checking.checked(cleaned.records, rules.fields))


def _trimmed(prepared: Prepared) -> Prepared:
    """Let go of what only a sample shows: how each value was cleaned, and the cells of rows that were not rejected."""
    table, cleaned = prepared.table, prepared.cleaned
    rejected = table.rows.is_in(prepared.checked.rejected["row"].implode())
    return replace(
        prepared,
        table=replace(table, cells=table.cells.filter(rejected), rows=table.rows.filter(rejected)),
        cleaned=replace(cleaned, records=cleaned.records.clear(), steps=()),
    )


def planned(store: Store, rules: Rules, prepared: Prepared, command: str) -> Plan:
    """Return the plan of importing a prepared file into the store as it stands."""
    import polars as pl

    from crmtool.core import findings
    from crmtool.core.imports import linking, planning
    from crmtool.io import gathering

    accepted, source = prepared.checked.accepted, prepared.mapped.source
    with store.reading():
        ids = store.next_ids()
        known = store.snapshot("record", where="source_key", keys=accepted["source_key"]) if ids["record"] > 1 else None
        known = _of_source(store, known, source)
        met = linking.met(accepted, known, ids["record"], ids["contact"])
        strong = linking.strong_channels(met.fresh, rules.duplicates.link)
        holders = gathering.holders(store, strong.select("kind", "value").unique())
        apart = gathering.apart(store, holders["root_id"].unique())
        verdicts, said = linking.verdicts(met.fresh, strong, holders, rules.duplicates.link, apart)
        rejected = _new_rejects(store, prepared)
        touched = pl.concat([met.updated["contact_id"], verdicts["left_id"], verdicts["right_id"]]).unique()
        contacts = pl.concat([touched, met.updated["contact_id"]]).unique()
        standing = planning.Standing(
            store.revision(),
            ids,
            gathering.clusters(store, touched),
            store.snapshot("contact_tag", ["contact_id", "tag"], where="contact_id", keys=contacts),
            store.snapshot("verification", ["contact_id", "field", "value", "on"], where="contact_id", keys=contacts),
        )
    remarks = findings.joined(
        prepared.table.findings,
        findings.found(prepared.table.refused.select("row", "code")),
        prepared.mapped.findings,
        prepared.cleaned.findings,
        prepared.checked.findings,
        said,
    )
    facts = _facts(prepared, met, verdicts)
    incoming = planning.Incoming(_file(prepared), met, verdicts, rejected, remarks, facts)
    return planning.plan_import(command, incoming, standing, rules)


def _of_source(store: Store, known: pl.DataFrame | None, source: str) -> pl.DataFrame:
    import polars as pl

    return store.snapshot("record", where="id", keys=[]) if known is None else known.filter(pl.col("source") == source)


def _file(prepared: Prepared) -> dict[str, Any]:
    import json

    table, mapped = prepared.table, prepared.mapped
    columns = {heading: mapped.columns.get(heading) for heading in table.cells.columns}
    return {
        "name": table.name,
        "sha256": table.sha256,
        "source": mapped.source,
        "mapping": mapped.name,
        "encoding": table.encoding,
        "columns": json.dumps(columns, ensure_ascii=False),
    }


def _facts(prepared: Prepared, met: Met, verdicts: pl.DataFrame) -> dict[str, Any]:
    """Return the counts a person checks: every row read is in exactly one of the last five."""
    table, checked = prepared.table, prepared.checked
    decisions = verdicts["decision"].to_list()
    return {
        "file": table.name,
        "sha256": table.sha256,
        "source": prepared.mapped.source,
        "mapping": prepared.mapped.name,
        "read": prepared.read,
        "new": met.fresh.height,
        "updated": met.updated.height,
        "unchanged": met.unchanged,
        "repeated": checked.repeated,
        "rejected": checked.rejected.height + table.refused.height,
        "blank": table.blank,
        "joined": len(set(verdicts.filter(verdicts["decision"] == "same")["right_id"])),
        "to_review": decisions.count("unsure"),
    }


def _new_rejects(store: Store, prepared: Prepared) -> pl.DataFrame:
    """Return the rows that are set aside and were not set aside before (columns row, raw, reasons)."""
    import polars as pl

    every = pl.concat([prepared.checked.rejected, prepared.table.refused.select("row", "raw", "code")]).sort("row")
    known = store.snapshot("reject", ["raw"], where="raw", keys=every["raw"])
    return every.join(known, on="raw", how="anti", maintain_order="left").rename({"code": "reasons"})


def _set_aside(session: Session, prepared: Prepared) -> None:
    """Write the rejected rows to a file that can be corrected and imported as it is."""
    from crmtool.cli import screen
    from crmtool.io import rejects

    path = rejects.written(session.workspace.root / "rejects", prepared.table, prepared.checked.rejected)
    if path and not session.options.quiet and not session.options.as_json:
        screen.say(f"Rejected rows: rejects/{path.name}. Correct them there and import that file.")


# -- screens --------------------------------------------------------------------------------------------------------


def _shown(prepared: Prepared, plan: Plan, sample: int | None) -> None:
    from crmtool.cli import screen

    table, facts = prepared.table, plan.facts
    how = ", ".join(filter(None, [table.encoding, _delimiter(table.delimiter), table.sheet and f"sheet {table.sheet}"]))
    screen.say(screen.safe(f"{table.name}: {screen.counted(facts['read'], 'row')} ({how})"))
    screen.say(f"mapping: {prepared.mapped.name}, source: {prepared.mapped.source}")
    if sample:
        _columns(prepared)
        _values(prepared)
    _findings(plan, every=bool(sample))
    _counts(plan)


def _delimiter(delimiter: str | None) -> str:
    return {"\t": "separated by tabs", None: ""}.get(delimiter, f"separated by {delimiter}")


def _columns(prepared: Prepared) -> None:
    """Show what each column is, and how that is known."""
    from crmtool.cli import screen

    ways = {"mapping": "mapping", "heading": "its heading", "option": "you said so", "": "kept, not used"}
    rows = [(h, prepared.mapped.columns.get(h, ""), ways[how]) for h, how in prepared.mapped.how.items()]
    screen.table(["column", "field", "known by"], rows, title="Columns")


def _values(prepared: Prepared) -> None:
    """Show what each value of the sample became: old, new, and the rule that changed it."""
    import polars as pl

    from crmtool.cli import screen

    lines: list[tuple[object, ...]] = []
    for step in prepared.cleaned.steps:
        column = prepared.table.cells[step.heading].alias("value")
        cells = column.to_frame().with_columns(prepared.table.rows.alias("row")).drop_nulls()
        changed = cells.join(step.values, on="value").filter(pl.col("rule").is_not_null())
        shown = changed.select("row", pl.lit(step.target), "value", pl.col("clean").fill_null("(unknown)"), "rule")
        lines += shown.rows()
    lines.sort(key=lambda line: int(str(line[0])))
    screen.table(["row", "field", "as read", "becomes", "rule"], lines, title="Values", right=[0])


def _findings(plan: Plan, *, every: bool) -> None:
    """Show the findings: each one for a sample, counted otherwise."""
    import polars as pl

    from crmtool.cli import screen
    from crmtool.core import findings

    if plan.findings.is_empty():
        return
    if every:
        rows = [
            (f["row"], f["severity"], f["column"] or "", f["value"] or "", findings.message(f["code"], f["suggestion"]))
            for f in plan.findings.to_dicts()
        ]
        screen.table(["row", "", "column", "value", "what"], rows, title="Findings", right=[0])
        return
    counted = (
        plan.findings.group_by("severity", "code", "column")
        .agg(pl.len(), pl.col("row").min(), one=pl.col("suggestion").first())
        .sort("severity", "code", "column")
    )
    rows = [
        (
            f["severity"],
            f["column"] or "",
            f["len"] if f["row"] is not None else None,
            f["row"],
            findings.message(f["code"], f["one"] if f["len"] == 1 else "…"),
        )
        for f in counted.to_dicts()
    ]
    screen.table(["", "column", "rows", "first", "what"], rows, title="Findings", right=[2, 3])


def _counts(plan: Plan) -> None:
    """Show the sum of all rows, and what would be written."""
    from crmtool.cli import screen
    from crmtool.core import plans

    facts = plan.facts
    parts = ("new", "updated", "unchanged", "repeated", "rejected", "blank")
    sums = [f"{facts[part]} {part}" for part in parts if facts[part]]
    screen.say(f"Rows: {facts['read']} read = {' + '.join(sums) or 0}")
    screen.say(
        f"Of the new: {facts['joined']} joined to someone known, {screen.counted(facts['to_review'], 'pair')} to review"
    )
    if facts["rejected"] and facts["rejected"] == facts["read"] - facts["blank"]:
        screen.say("No row says who it is about. Say what a column is, e.g. --column 'Heading=name',")
        screen.say("or the country of the phones, e.g. --region US, and import the file again.")
    if not plan.is_empty:
        rows = plans.counts(plan).rows()
        screen.table(["table", "created", "updated", "removed"], rows, title="Changes", right=[1, 2, 3])
