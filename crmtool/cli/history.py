"""`crmtool history` and `crmtool undo`: what happened, and taking it back."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crmtool.cli import alerting, export_log, screen
from crmtool.cli.session import Session, command
from crmtool.core.errors import StoreDamaged, UsageError

if TYPE_CHECKING:
    import polars as pl

    from crmtool.core.plans import Plan, Summary
    from crmtool.io.store import Store

_SHOWN = 200  # lines of a list on a screen; the rest is counted


def declare(app: typer.Typer) -> None:
    """Add the commands."""

    @command(app, "history")
    def history(
        session: Session,
        what: Annotated[
            str,
            typer.Argument(metavar="[NUMBER|verify|exports|alerts]", help="A change set, verify, exports or alerts."),
        ] = "",
        contact: Annotated[
            int | None, typer.Option(metavar="ID", help="Every value this contact had.", show_default=False)
        ] = None,
        field: Annotated[str, typer.Option(help="With --contact: of this field only.")] = "",
        since: Annotated[str, typer.Option(metavar="DAY", help="Of alerts: since this day.")] = "",
        fail: Annotated[bool, typer.Option("--fail", help="Of alerts: code 4 where there are any.")] = False,
        anchor: Annotated[str, typer.Option(metavar="HEAD", help="Of verify: a head that was noted elsewhere.")] = "",
    ) -> int | None:
        """List what was done; show a change set; verify that nobody else changed anything; list what left as files.

        Alerts are exports, changes and hours out of the ordinary, as rules/alerts.toml says.

        Example: crmtool history --contact 17 --field phone
        """
        if contact is not None or field:
            _fields_of(session, what, contact, field)
        elif what == "verify":
            _verify(session, anchor)
        elif what == "exports":
            export_log.listed(session)
        elif what == "alerts":
            return alerting.listed(session, since, fail=fail)
        elif what:
            _one(session, _number(what))
        else:
            _all(session)
        return None

    @command(app, "undo", writes=True)
    def undo(
        session: Session, number: Annotated[int, typer.Argument(help="A change set.", show_default=False)]
    ) -> None:
        """Take a change set back. What came later stays; where later work would be lost, nothing is done.

        Example: crmtool undo 3
        """
        with session.turn(f"undo {number}"):
            _known(session.store, number)
            _undone(session, number)


def _fields_of(session: Session, what: str, contact: int | None, field: str) -> None:
    """Show what the fields of a contact were. Raises UsageError."""
    if what or contact is None:
        raise UsageError("--field is of one contact.", "For example: crmtool history --contact 17 --field phone")
    from crmtool.io import field_history

    lines = field_history.changes(session.store, contact, field)
    if session.options.as_json:
        screen.document(lines)
    elif not session.options.quiet:
        rows = [
            (
                n["changeset"],
                n["at"][:16].replace("T", " "),
                n["actor"],
                n["contact"],
                n["field"],
                n["before"],
                n["after"],
            )
            for n in lines
        ]
        headings = ["", "when (UTC)", "who", "id", "field", "before", "after"]
        screen.table(headings, rows[-_SHOWN:], title=f"Contact {contact}", right=[0, 3], whole=[1])
        if len(rows) > _SHOWN:
            screen.say(f"The last {_SHOWN} of {len(rows)} changes; all of them with --json.")


def _undone(session: Session, number: int) -> None:
    from crmtool.io import reversal

    store, rules = session.store, session.rules
    erased = reversal.except_erased(store, number)
    facts = {"except_erased": erased} if erased else {}
    if reversal.is_large(store, number):
        parts = reversal.in_parts(store, rules, number)
        session.offer_parts(parts, lambda: facts, lambda summary: _shown_large(summary, erased))
    else:
        with session.working(f"undo {number}"):
            plan = replace(reversal.planned(store, rules, number), facts=facts)
        session.offer(plan, lambda: _shown_undo(store, plan, number, erased))


def _number(text: str) -> int:
    if not text.isdecimal():
        raise UsageError(f"{text!r} is no change set.", "List them with: crmtool history")
    return int(text)


def _known(store: Store, number: int) -> dict[str, Any]:
    found = [row for row in store.changesets().to_dicts() if row["id"] == number]
    if not found:
        raise UsageError(f"There is no change set {number}.", "List them with: crmtool history")
    return found[0]


def _cut(lines: tuple[str, ...]) -> list[str]:
    rest = len(lines) - _SHOWN
    return [*lines[:_SHOWN], *([f"and {rest} more"] if rest > 0 else [])]


# -- screens --------------------------------------------------------------------------------------------------------


def shown(plan: Plan) -> None:
    """Show what a plan changes: counts by table, and the fields of contacts that change."""
    from crmtool.core import plans

    if plan.is_empty:
        return
    screen.table(
        ["table", "created", "updated", "removed"], plans.counts(plan).rows(), title="Changes", right=[1, 2, 3]
    )
    contacts = plan.edits.get("contact")
    if contacts is not None:
        fields = plans.touched("contact", contacts)
        _fields(fields.rows(), fields.height)


def _fields(rows: list[tuple[Any, ...]], total: int) -> None:
    if rows:
        screen.table(["contact", "field", "before", "after"], rows[:_SHOWN], title="Contacts", right=[0])
    if total > _SHOWN:
        screen.say(f"The first {_SHOWN} of {total} changed fields; all of them with --json.")


def _shown_large(summary: Summary, erased: int) -> None:
    screen.changes(summary.counts)
    _shown_except(erased)


def _shown_except(erased: int) -> None:
    """Say of how many people nothing comes back."""
    if erased:
        people = "1 person who was" if erased == 1 else f"{erased} people who were"
        screen.say(f"Except {people} erased since: nothing of them comes back.")


def _shown_undo(store: Store, plan: Plan, number: int, erased: int) -> None:
    by = _taken_back(store.changesets().to_dicts()).get(number)
    if plan.is_empty:
        screen.say(f"Change set {number} was taken back by {by}." if by else f"Nothing of change set {number} is left.")
    shown(plan)
    _shown_except(erased)


def _all(session: Session) -> None:
    changesets = session.store.changesets().to_dicts()
    if session.options.as_json:
        screen.document([{**row, "facts": json.loads(row["facts"])} for row in changesets])
    elif not session.options.quiet:
        _listed(changesets)


def _listed(changesets: list[dict[str, Any]]) -> None:
    taken_back = _taken_back(changesets)
    rows = [
        (row["id"], row["at"][:16].replace("T", " "), row["actor"], row["command"], _note(row, taken_back))
        for row in changesets
    ]
    screen.table(["", "when (UTC)", "who", "command", "note"], rows, right=[0])


def _taken_back(changesets: list[dict[str, Any]]) -> dict[int, int]:
    """Return change set -> the undo that took it back, unless that was taken back itself."""
    by: dict[int, int] = {}
    for row in reversed(changesets):
        if row["undoes"] and row["id"] not in by:
            by[row["undoes"]] = row["id"]
    return by


def _note(row: dict[str, Any], taken_back: dict[int, int]) -> str:
    facts = json.loads(row["facts"])
    counts = [f"{facts[name]} {name}" for name in ("new", "updated", "rejected", "pairs") if facts.get(name)]
    return ", ".join(([f"taken back by {taken_back[row['id']]}"] if row["id"] in taken_back else []) + counts)


def _one(session: Session, number: int) -> None:
    from crmtool.io import logbook

    row = _known(session.store, number)
    if session.options.as_json:
        screen.document(_whole(row, session.store.changes(number)))
    elif not session.options.quiet:
        _one_shown(row, logbook.tally(session.store, number), logbook.updates(session.store, number))


def _whole(row: dict[str, Any], changes: pl.DataFrame) -> dict[str, Any]:
    """Return a change set with everything it did."""
    from crmtool.core import history

    created = {t: history.created_ids(p).to_list() for (t,), p in changes.group_by("tbl")}
    edits = [
        {"table": c["tbl"], "op": c["op"], "id": c["row_id"], "before": _json(c["before"]), "after": _json(c["after"])}
        for c in changes.filter(changes["op"] != "create").iter_rows(named=True)
    ]
    return {**row, "facts": json.loads(row["facts"]), "created": created, "changes": edits}


def _one_shown(row: dict[str, Any], tally: pl.DataFrame, updates: pl.DataFrame) -> None:
    screen.say(screen.safe(f"{row['id']}: {row['command']}, by {row['actor']} at {row['at']}"))
    for name, fact in json.loads(row["facts"]).items():
        screen.say(screen.safe(f"  {name}: {fact}"))
    screen.table(["table", "what", "rows", "first id", "last id"], tally.rows(), title="Changes", right=[2, 3, 4])
    lines = [line for c in updates.iter_rows(named=True) for line in _lines(c)]
    _fields(lines, len(lines))


def _lines(change: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Return the changed fields of a contact's update."""
    if change["tbl"] != "contact":
        return []
    before, after = _json(change["before"]), _json(change["after"])
    return [(change["row_id"], name, before[name], after[name]) for name in after if name != "changeset_id"]


def _json(text: str | None) -> dict[str, Any]:
    image: dict[str, Any] = json.loads(text or "{}")
    return image


def _verify(session: Session, anchor: str) -> None:
    """Prove the history. Raises StoreDamaged listing what is wrong."""
    from crmtool.io import verification

    known = _anchored(anchor)
    wrong = [*(verification.moved(session.store, *known) if known else ()), *session.store.verify()]
    if session.options.as_json:
        screen.document({"changesets": session.store.revision().number, "wrong": wrong})
    if wrong:
        raise StoreDamaged(
            f"The store is not as crmtool left it: {screen.counted(len(wrong), 'place')}",
            "Find out who did that; restore a backup, or undo to before it.",
            _cut(tuple(wrong)),
        )
    if not session.options.as_json and not session.options.quiet:
        revision = session.store.revision()
        screen.say(f"All {revision.number} change sets hold, and every row is as they left it.")
        screen.say(f"Head: {revision.number} {revision.digest[:16]}")
        if not known:
            screen.say("Note it elsewhere: --anchor HEAD tells later whether the end was cut off.")


def _anchored(text: str) -> tuple[int, str] | None:
    """Return the number and the beginning of the digest of a head as it is printed. Raises UsageError."""
    if not text:
        return None
    said = re.fullmatch(r"(\d{1,18})[\s:,]+([0-9a-f]{8,64})", text.strip().lower())
    if said is None:
        raise UsageError(f"--anchor {text!r} is no head.", "Give it as it is printed: '12 0a1b2c3d4e5f6071'.")
    return int(said[1]), said[2]
