"""`contacts verify`: what was found out about values, one by one or from a file of a work list or a mailing tool."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crmtool.cli import screen
from crmtool.cli.session import Session, command
from crmtool.core.errors import InputRefused, UsageError

if TYPE_CHECKING:
    import polars as pl

    from crmtool.core.plans import Plan, Summary
    from crmtool.io.outcomes import Answers
    from crmtool.io.readers.table import Table

_SHOWN = 10  # refused rows
_REJECTED = 3  # the exit code where some rows were refused


def declare(noun: typer.Typer) -> None:
    """Add the command."""

    @command(noun, "verify", reads=True, writes=True)
    def verify(
        session: Session,
        contact: Annotated[int | None, typer.Argument(metavar="[ID]", show_default=False)] = None,
        field: Annotated[str, typer.Option(help="Field that was checked, e.g. phone.", show_default=False)] = "",
        method: Annotated[str, typer.Option(help="How: call, letter, document ...", show_default=False)] = "",
        value: Annotated[str, typer.Option(help="The value as it should be; it is set by hand.")] = "",
        found_wrong: Annotated[bool, typer.Option("--found-wrong", help="The value is wrong.")] = False,
        unreachable: Annotated[bool, typer.Option("--unreachable", help="Nobody answered there.")] = False,
        confirmed: Annotated[bool, typer.Option("--confirmed", help="With --from: all its rows are right.")] = False,
        from_: Annotated[Path | None, typer.Option("--from", help="A filled work list, or a report.")] = None,
    ) -> int | None:
        """Keep that a value was confirmed, or found wrong: by whom, when and how.

        With --from many at once: a work list of `audit` that was filled in, or a mailing tool's report.

        Example: crmtool contacts verify 17 --field phone --method call
        """
        given = {"wrong": found_wrong, "unreachable": unreachable, "confirmed": confirmed}
        answers = [outcome for outcome, said in given.items() if said]
        if len(answers) > 1:
            raise UsageError("Two answers were given.", "Give one of --found-wrong, --unreachable, --confirmed.")
        outcome = answers[0] if answers else None
        if from_ is not None:
            return from_file(session, from_, f"contacts verify --from {from_.name}", outcome, method or "list")
        if contact is None or not field or not method:
            raise UsageError("Whose value was checked, and how?", "Give an ID, --field and --method; or --from FILE.")
        _one(session, contact, field, method, value, outcome)
        return None


def _one(session: Session, contact: int, field: str, method: str, value: str, outcome: str | None) -> None:
    """Keep what was found out about one value; a value as it should be is set, and confirmed."""
    from crmtool.io import gathering

    with session.turn(f"contacts verify {contact}"):
        with session.store.reading():
            root = gathering.root_of(session.store, contact)
            was = session.store.snapshot("contact", where="id", keys=[root]).to_dicts()[0]
        _checkable(session, was, field, method, given=bool(value))
        said = [] if value and outcome is None else [(root, field, was[field], outcome or "confirmed", value or None)]
        wanted = {root: {field: value}} if value else {}
        parts = _plans(session, f"contacts verify {contact}", rows(session, said), wanted, method)
        session.offer_parts(parts, dict, lambda summary: _one_shown(was[field], field, value, outcome, method, summary))


def rows(session: Session, said: Sequence[tuple[int, str, str, str, str | None]]) -> pl.DataFrame:
    """Return what was found out today (contact, field, value, outcome, the value as it should be) as a frame."""
    import polars as pl

    names = {"contact_id": pl.Int64(), **dict.fromkeys(("field", "value", "outcome", "right"), pl.String())}
    return pl.DataFrame(said, schema=names, orient="row").with_columns(on=pl.lit(session.today.isoformat()))


def _one_shown(was: str | None, field: str, value: str, outcome: str | None, method: str, summary: Summary) -> None:
    if outcome or not value:
        screen.say(screen.safe(f"{field} {was}: {outcome or 'confirmed'} by {method}"))
    if value:
        screen.say(screen.safe(f"{field} {value}: set, and confirmed by {method}"))
        screen.changes(summary.counts)


def _checkable(session: Session, golden: dict[str, Any], field: str, method: str, *, given: bool) -> None:
    known = sorted({check.field for check in session.rules.freshness.check} - {"consent"})
    if field not in known:
        raise UsageError(f"{field!r} is not checked by the regulation.", f"Checked are: {', '.join(known)}")
    if golden[field] is None and not given:
        words = ["contacts", "verify", str(golden["id"]), "--field", field, "--method", method, "--value", "VALUE"]
        raise UsageError(
            f"Contact {golden['id']} has no {field}.", f"Say which one is right: crmtool {shlex.join(words)}"
        )


def _plans(
    session: Session, command: str, said: pl.DataFrame, wanted: dict[int, dict[str, str]], method: str
) -> Iterator[Plan]:
    """Yield the plan of what was found out, that of the values to set, and that of their confirmation.

    Each is planned from what the one before wrote, so golden records follow.
    """
    import polars as pl

    from crmtool.io import editing

    if said.height or not wanted:
        yield verified(session, command, said, method)
    if not wanted:
        return
    yield replace(editing.planned(session.store, session.rules, command, wanted), command=command)
    golden = session.store.snapshot("contact", where="id", keys=list(wanted))
    confirmed = [
        (contact["id"], field, contact[field], "confirmed", None)
        for contact in golden.to_dicts()
        for field in wanted[contact["id"]]
    ]
    yield verified(session, command, rows(session, confirmed).filter(pl.col("value").is_not_null()), method)


def verified(session: Session, command: str, said: pl.DataFrame, method: str) -> Plan:
    """Return the plan that keeps what was found out (`said`: rows of `rows`, at golden records), and how."""
    import polars as pl

    from crmtool.core import verifications
    from crmtool.io import gathering

    store, rules = session.store, session.rules
    whose = said["contact_id"].unique()
    full = said.with_columns(by=pl.lit(session.actor), method=pl.lit(method))
    known = store.snapshot("verification", where="contact_id", keys=whose)
    around = gathering.clusters(store, whose, rules.survivorship)
    return verifications.plan_verifications(command, full, known, store.revision(), rules, store.next_ids(), around)


# -- from a file ----------------------------------------------------------------------------------------------------


def from_file(
    session: Session, file: Path, command: str, outcome: str | None = None, method: str = "list"
) -> int | None:
    """Keep what a file says was found out; values as they should be are set, and confirmed."""
    tables = _tables(session, file)
    with session.turn(command):
        with session.store.reading():
            found = _of_known(session, _answers(session, tables, outcome))
            wanted, unset = _wanted(session, found)
        session.offer_parts(
            _plans(session, command, found.said, wanted, method),
            lambda: _facts(found, unset),
            _telling(found, unset),
        )
    return _REJECTED if found.refused.height or unset else None


def _tables(session: Session, file: Path) -> list[Table]:
    """Return the sheet that is asked for, or that of each owner: the sheets of a work list are one list.

    Says which other sheets were not read.
    """
    import polars as pl

    from crmtool.io import outcomes
    from crmtool.io.readers import files

    options = session.reading.options()
    known = []
    first = files.read(file, options)
    others = first.findings.filter(pl.col("code").is_in(["sheet.unread", "sheet.hidden"]))["value"].drop_nulls()
    if options.sheet is not None or not others.len():
        return [first]
    for name in others if outcomes.is_work_list(first) else ():
        with suppress(InputRefused):  # somebody's notes are no table
            known.append(files.read(file, replace(options, sheet=name)))
    known = [table for table in known if outcomes.is_work_list(table)]
    unread = [name for name in others if name not in {table.sheet for table in known}]
    if unread and not session.options.quiet and not session.options.as_json:
        screen.remark(f"Of {first.name} not read: {', '.join(unread)}. Read each by itself with --sheet NAME.")
    return [first, *known]


def _answers(session: Session, tables: Sequence[Table], outcome: str | None) -> Answers:
    """Return what the sheets of a file say."""
    from crmtool.io import outcomes

    said = session.reading
    found = {
        table.sheet or "": outcomes.answers(
            session.store,
            session.rules,
            table,
            columns=said.columns,
            outcome=outcome,
            day=session.today,
            region=said.region,
        )
        for table in tables
    }
    return outcomes.together(found)


def _of_known(session: Session, found: Answers) -> Answers:
    """Return answers about contacts there are, at their golden records; the others are refused."""
    import polars as pl

    ids = found.said["contact_id"].unique()
    roots = session.store.snapshot("contact", ["id", "root_id"], where="id", keys=ids)
    joined = found.said.join(roots, left_on="contact_id", right_on="id", how="left", maintain_order="left")
    absent = joined.filter(pl.col("root_id").is_null()).select(
        "row", value=pl.col("contact_id").cast(pl.String), why=pl.lit("verify.nobody"), sheet="sheet"
    )
    known = joined.drop_nulls("root_id").with_columns(contact_id="root_id").drop("root_id")
    return replace(found, said=known, refused=pl.concat([found.refused, absent]).sort("sheet", "row"))


def _wanted(session: Session, found: Answers) -> tuple[dict[int, dict[str, str]], list[str]]:
    """Return the values to set by contact and field, and a line for each that is not usable."""
    from crmtool.core import findings
    from crmtool.io import editing

    wanted: dict[int, dict[str, str]] = {}
    for row in found.said.drop_nulls("right").to_dicts():
        wanted.setdefault(row["contact_id"], {})[row["field"]] = row["right"]
    if not wanted:
        return {}, []
    odd = editing.said(session.store, session.rules, wanted).findings.to_dicts()
    for row in odd:
        wanted[row["row"]].pop(row["column"], None)
    lines = [f"{row['column']} {row['value']} {findings.message(row['code'], row['suggestion'])}" for row in odd]
    return {contact: values for contact, values in wanted.items() if values}, lines


def _facts(found: Answers, unset: list[str]) -> dict[str, Any]:
    counts = found.said["outcome"].value_counts()
    return {
        **dict(counts.sort("outcome").iter_rows()),
        "set": found.said["right"].count() - len(unset),
        "unanswered": found.unanswered,
        "refused": found.refused.height,
        "not_set": len(unset),
    }


def _telling(found: Answers, unset: list[str]) -> Callable[[Summary], None]:
    def told(summary: Summary) -> None:
        from crmtool.core import findings

        facts = _facts(found, unset)
        counts = [f"{facts[name]} {name}" for name in ("confirmed", "wrong", "unreachable") if facts.get(name)]
        screen.say(f"Answers: {', '.join(counts) or 'none'}; {facts['unanswered']} rows say nothing.")
        several = found.refused["sheet"].n_unique() > 1
        where = [f"{row['sheet']} {row['row']}" if several else row["row"] for row in found.refused.to_dicts()]
        whats = [(row["value"], findings.message(row["why"], None)) for row in found.refused.to_dicts()]
        rows = [(place, *what) for place, what in zip(where, whats, strict=True)]
        if rows:
            screen.table(["row", "value", "what"], rows[:_SHOWN], title="Refused", right=[0])
        if len(rows) > _SHOWN:
            screen.say(f"The first {_SHOWN} of {len(rows)} refused rows.")
        for line in unset[:_SHOWN]:
            screen.say(line)
        if len(unset) > _SHOWN:
            screen.say(f"The first {_SHOWN} of {len(unset)} values that could not be set.")
        screen.changes(summary.counts)

    return told
