"""`crmtool duplicates merge | different | unmerge | export`: decisions about pairs, one and many at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crmtool.cli import inputs, scaling, screen
from crmtool.cli.history import shown
from crmtool.cli.session import Session, command
from crmtool.core.errors import UsageError

if TYPE_CHECKING:
    import polars as pl

    from crmtool.core.golden import Clusters
    from crmtool.core.merges import Chosen
    from crmtool.core.plans import Plan, Summary
    from crmtool.io.merging import Asked

_One = Annotated[int, typer.Argument(help="Id of a contact.", show_default=False)]
_Perhaps = Annotated[int | None, typer.Argument(help="Id of a contact.", show_default=False)]
_SOME_REFUSED = 3
_TABLES = {"contact_tag": "tag", "verification": "verification", "interaction": "interaction", "deal": "deal"}
_SHOWN = 20


def declare(noun: typer.Typer) -> None:
    """Add the commands to the noun."""

    @command(noun, "merge", writes=True)
    def merge(
        session: Session,
        left: _Perhaps = None,
        right: _Perhaps = None,
        keep: Annotated[
            list[str] | None, typer.Option(metavar="FIELD=ID", help="Whose value survives; repeatable.")
        ] = None,
        certain: Annotated[
            bool, typer.Option("--certain", help="Merge all pairs of the queue that are certain.")
        ] = False,
        limit: Annotated[int | None, typer.Option(min=1, help="Only so many of them, the surest first.")] = None,
        decisions: Annotated[
            Path | None, typer.Option(help="A filled sheet of: duplicates export.", show_default=False)
        ] = None,
    ) -> int:
        """Join two contacts, or many: the older id carries the golden record, the other one leads to it.

        Example: crmtool duplicates merge 17 42 --keep city=42
        """
        ways = [left is not None or right is not None, certain, decisions is not None]
        if sum(ways) != 1 or (left is None) != (right is None):
            raise UsageError(
                "Say what to merge: two contacts, --certain, or --decisions FILE.",
                "For example: crmtool duplicates merge 17 42",
            )
        if left is not None and right is not None:
            _judge(session, left, right, "same", _kept(keep or []))
            return 0
        return _many(session, decisions, limit)

    @command(noun, "different", writes=True)
    def different(session: Session, left: _One, right: _One) -> None:
        """Say that two contacts are not the same; they are never offered again.

        Example: crmtool duplicates different 17 42
        """
        _judge(session, left, right, "different", {})

    @command(noun, "unmerge", writes=True)
    def unmerge(
        session: Session,
        contact: _One,
        other: Annotated[
            int | None, typer.Argument(help="The other one, if not what it leads to.", show_default=False)
        ] = None,
    ) -> None:
        """Part contacts that were joined, by a person or a rule: both come back with all that is theirs.

        Example: crmtool duplicates unmerge 42
        """
        from crmtool.core import merges
        from crmtool.io import gathering, unmerging

        with session.turn("duplicates unmerge"):
            store = session.store
            with store.reading():
                clusters = gathering.clusters(store, [contact])
                pair = (other if other is not None else _other(clusters.contacts, contact), contact)
                staying = unmerging.staying(store, pair, clusters)
                consents = store.snapshot("consent", where="contact_id", keys=clusters.contacts["id"])
                ids, revision = store.next_ids(), store.revision()
                choices = unmerging.choices(store, merges.joining(pair, clusters), clusters)
                plan = merges.plan_unmerge(pair, clusters, revision, session.rules, ids, consents, choices)
            session.offer(_told(plan, staying), lambda: _parted(plan, staying, int(clusters.contacts["root_id"][0])))

    @command(noun, "export")
    def export(
        session: Session,
        output: Annotated[Path, inputs.output_option("File: .xlsx or .csv; with --engine a folder.")],
        limit: Annotated[int | None, typer.Option(min=1, help="Only so many pairs.")] = None,
        force: Annotated[
            bool, typer.Option("--force", help="Overwrite the file, or the export in the folder.")
        ] = False,
        engine: Annotated[
            scaling.Engine | None, typer.Option(help="Hand all contacts to this engine instead.", show_default=False)
        ] = None,
        dialect: Annotated[scaling.Dialect, typer.Option(help="The database of the engine.")] = scaling.Dialect.duckdb,
    ) -> None:
        """Write the review queue to a sheet: fill in the verdicts, and take it back with merge --decisions.

        Verdicts are same or different, in English, Russian or Ukrainian; an empty cell leaves the pair open.
        With --engine splink: the contacts, and the trained model as settings of Splink, for bases past one machine.

        Example: crmtool duplicates export -o queue.xlsx
        """
        if engine is not None:
            scaling.handed(session, output, dialect, force=force)
            return
        rows = _queue_written(session, output, limit, force=force)
        if session.options.as_json:
            screen.document({"file": str(output), "pairs": rows})
        elif not session.options.quiet:
            screen.say(
                f"Wrote {screen.counted(rows, 'pair')} to {output}. Take the verdicts back with: "
                f"crmtool duplicates merge --decisions {output}"
            )


# -- one pair ---------------------------------------------------------------------------------------------------------


def _kept(given: list[str]) -> dict[str, int]:
    """Return field -> contact from options written FIELD=ID. Raises UsageError."""
    pairs = [text.partition("=") for text in given]
    for text, (field, _, contact) in zip(given, pairs, strict=True):
        if not field.strip() or not contact.strip().isdecimal():
            raise UsageError(f"--keep {text!r} is not FIELD=ID.", "For example: --keep city=42")
    return {field.strip(): int(contact) for field, _, contact in pairs}


def _judge(session: Session, left: int, right: int, decision: str, keep: dict[str, int]) -> None:
    from crmtool.core import merges
    from crmtool.io import gathering

    with session.turn(f"duplicates {decision}"):
        store = session.store
        with store.reading():
            clusters = gathering.clusters(store, [left, right])
            ids, revision = store.next_ids(), store.revision()
            pair, who = (left, right), session.actor
            plan = merges.plan_verdict(pair, decision, who, clusters, revision, session.rules, ids)
            if chosen := _chosen(session, pair, keep):
                plan = merges.plan_verdict(pair, decision, who, clusters, revision, session.rules, ids, chosen)
        session.offer(plan, lambda: _merged(session, pair, clusters, plan) if decision == "same" else shown(plan))


def _chosen(session: Session, pair: tuple[int, int], keep: dict[str, int]) -> Chosen | None:
    from crmtool.io import merging as reading

    return reading.chosen(session.store, session.rules, pair, keep)


def _merged(session: Session, pair: tuple[int, int], clusters: Clusters, plan: Plan) -> None:
    """Show the values in which the two differ, beside what becomes of them, and what has no clear winner."""
    import polars as pl

    from crmtool.core import merges, plans

    both = merges.compared(pair, clusters, plan)
    differing = both.filter(
        pl.col("left").is_not_null() & pl.col("right").is_not_null() & (pl.col("left") != pl.col("right"))
    )
    told = merges.merged_values(pair, clusters, session.rules.survivorship)
    by_hand = {} if "record" not in plan.edits else {"chosen"}
    open_ = told.filter(pl.col("open") & pl.col("field").is_in(differing["field"].implode()))["field"].unique(
        maintain_order=True
    )
    rows = [(row["field"], row["left"], row["right"], row["merged"]) for row in differing.to_dicts()]
    if rows:
        screen.table(["differs", f"{pair[0]}", f"{pair[1]}", "becomes"], rows, title="Both say something else")
    if open_.len() and not by_hand:
        screen.say(f"No clear winner: {', '.join(open_)}. Choose with: --keep FIELD=ID")
    screen.changes(plans.counts(plan))


def _other(contacts: pl.DataFrame, contact: int) -> int:
    """Return what a contact is parted from: its root, or the only other one."""
    roots: dict[int, int] = dict(contacts.select("id", "root_id").rows())
    if contact not in roots:
        raise UsageError(f"There is no contact {contact}.", "Find it with: crmtool contacts find TEXT")
    others = [i for i in roots if i != contact]
    if roots[contact] != contact:
        return roots[contact]
    if len(others) == 1:
        return others[0]
    what = f"is joined with {', '.join(map(str, others))}" if others else "is not joined with anyone"
    raise UsageError(f"Contact {contact} {what}.", "Say which two to part: crmtool duplicates unmerge A B")


def _told(plan: Plan, staying: dict[str, Any]) -> Plan:
    """Return a plan that tells what stays: names of fields and counts, no values."""
    from dataclasses import replace

    names = {"fields": sorted(staying["fields"])} if "fields" in staying else {}
    return replace(plan, facts={**plan.facts, **({"stays": {**staying, **names}} if staying else {})})


def _parted(plan: Plan, staying: dict[str, Any], root: int) -> None:
    """Show what unmerging changes, and what was said of the two together and stays with one of them."""
    shown(plan)
    edits = staying.get("fields", {})
    if edits:
        screen.table(["field", "value"], edits.items(), title=f"Said by hand since the merge; stays with {root}")
    counts = [screen.counted(staying[table], noun) for table, noun in _TABLES.items() if table in staying]
    if counts:
        screen.say(f"Written since the merge, stays with {root}: {', '.join(counts)}.")
    if "consent" in plan.edits:
        screen.say("What was refused since the merge is refused of both.")


# -- many pairs -------------------------------------------------------------------------------------------------------


def _many(session: Session, sheet: Path | None, limit: int | None) -> int:
    from crmtool.io import merging as reading

    command = f"duplicates merge --decisions {sheet.name}" if sheet else "duplicates merge --certain"
    with session.turn(command):
        store = session.store
        asked = _read(session, sheet) if sheet else reading.certain(store, limit)
        asked = reading.judged(store, asked)
        session.offer_parts(
            reading.plans(store, session.rules, asked, command),
            lambda: reading.facts(asked),
            lambda summary: _decided(asked, summary),
        )
    return _SOME_REFUSED if sheet and asked.refused.height else 0


def _read(session: Session, sheet: Path) -> Asked:
    from crmtool.io import merging as reading
    from crmtool.io.readers import files

    return reading.from_sheet(session.store, files.read(sheet), session.actor)


def _decided(asked: Asked, summary: Summary) -> None:
    """Show how many decisions there are, and the rows that were refused with the reason."""
    from crmtool.io import merging as reading

    counts = reading.facts(asked)
    screen.say(", ".join(f"{number} {what}" for what, number in counts.items() if number) or "No decisions.")
    if asked.refused.height:
        columns = ["row", "left_id", "right_id", "reason"]
        rows = asked.refused.select(columns).head(_SHOWN).rows()
        screen.table(["row", "", "", "refused, because"], rows, title="Refused", right=[0, 1, 2])
    if asked.refused.height > _SHOWN:
        screen.say(f"The first {_SHOWN} of {asked.refused.height} refused.")
    screen.changes(summary.counts)


def _queue_written(session: Session, path: Path, limit: int | None, *, force: bool) -> int:
    import polars as pl

    from crmtool.core import queue_sheets
    from crmtool.io import merging as reading
    from crmtool.io.writers import sheets

    store = session.store
    with store.reading():
        pairs = reading.waiting(store)
        pairs = pairs if limit is None else pairs.head(limit)
        ids = pl.concat([pairs["left_id"], pairs["right_id"].rename("left_id")]).unique()
        sheet = queue_sheets.sheet(pairs, reading.people(store, ids))
    marked = (queue_sheets.VERDICT, queue_sheets.COMMENT)
    look = sheets.Look((queue_sheets.GUARD,), marked, {queue_sheets.VERDICT: ("same", "different")})
    sheets.write(sheet, path, look, title="queue", force=force)
    return sheet.height
