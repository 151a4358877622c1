"""`crmtool interactions`: keep what was said with a contact, read it from files, and see whose the rest may be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from crmtool.cli import journals, screen
from crmtool.cli.session import Session, command
from crmtool.core.errors import UsageError

if TYPE_CHECKING:
    import polars as pl

    from crmtool.core.plans import Plan
    from crmtool.io.store import Store

Kind = Literal["call", "email", "meeting", "chat", "ticket", "web", "note"]
Direction = Literal["in", "out"]
_Limit = Annotated[int, typer.Option(min=1, help="Lines to show.")]


def declare(app: typer.Typer) -> None:
    """Add the commands."""
    noun = typer.Typer(help="Calls, letters, meetings, chats, tickets and notes.", no_args_is_help=True)
    app.add_typer(noun, name="interactions")

    @command(noun, "add", writes=True)
    def add(
        session: Session,
        contact: Annotated[int, typer.Argument(metavar="ID", help="Id of a contact.", show_default=False)],
        text: Annotated[str, typer.Argument(help="What was said.")] = "",
        kind: Annotated[Kind, typer.Option(help="What it was.")] = "call",
        direction: Annotated[Direction | None, typer.Option(help="Who began.", show_default=False)] = None,
        at: Annotated[str, typer.Option(metavar="WHEN", help="Day, or day and time; without it: now.")] = "",
        minutes: Annotated[float | None, typer.Option(min=0, help="How long it took.", show_default=False)] = None,
        subject: Annotated[str, typer.Option(help="What it was about.")] = "",
        outcome: Annotated[str, typer.Option(help="What came of it.")] = "",
        next_step: Annotated[str, typer.Option("--next", help="What is to be done next.")] = "",
        next_on: Annotated[str, typer.Option("--on", metavar="DAY", help="When that is due.")] = "",
        tag: Annotated[list[str] | None, typer.Option(help="A tag; repeatable.", show_default=False)] = None,
        author: Annotated[str, typer.Option(help="Who of us; without it: you.")] = "",
    ) -> None:
        """Keep what happened with a contact.

        Example: crmtool interactions add 17 "Wants an offer" --kind call --next "Send the offer" --on 2026-11-30
        """
        said = {"direction": direction, "subject": subject, "outcome": outcome, "next_step": next_step}
        row = {
            **{name: value or None for name, value in said.items()},
            "kind": kind,
            "at": moment(session, at),
            "author": author or session.actor,
            "seconds": None if minutes is None else round(minutes * 60),
            "body": text.strip() or None,
            "tags": json.dumps(tag, ensure_ascii=False) if tag else None,
            "next_on": moment(session, next_on)[:10] if next_on else None,
        }
        added(session, f"interactions add {contact}", contact, row)

    @command(noun, "import", reads=True, writes=True)
    def import_(
        session: Session,
        files: Annotated[
            list[Path],
            typer.Argument(metavar="FILE...", help="Call logs, mailboxes, calendars, chats, tickets; - for a pipe."),
        ],
        kind: Annotated[Kind | None, typer.Option(help="What rows are that do not say it.", show_default=False)] = None,
        source: Annotated[str | None, typer.Option(help="Name of the source.", show_default=False)] = None,
        ours: Annotated[
            list[str] | None,
            typer.Option(metavar="ADDRESS", help="An address of ours, or @domain; repeatable.", show_default=False),
        ] = None,
    ) -> int:
        """Read what happened from files; a row of nobody known waits (crmtool interactions waiting).

        Example: crmtool interactions import calls.csv
        """
        if ours:
            said = session.rules.communication
            said = said.model_copy(update={"ours": (*said.ours, *ours)})
            session.rules = session.rules.model_copy(update={"communication": said})
        name = f"interactions import {files[0].name}" + (f" and {len(files) - 1} more" if len(files) > 1 else "")
        with session.turn(name):
            wanted = journals.wishes(session, source, kind)
            return journals.imported(session, name, files, "interaction", wanted)

    @command(noun, "waiting")
    def waiting(session: Session, limit: _Limit = 20) -> None:
        """List the interactions of nobody known, by address, the most frequent first.

        Example: crmtool interactions waiting
        """
        import polars as pl

        from crmtool.core.journal import moments
        from crmtool.io import timelines

        found = timelines.waiting(session.store)
        clock = moments.by_clock(pl.col("latest"), journals.zone(session))
        if session.options.as_json:
            screen.document(found.to_dicts())
        elif not session.options.quiet:
            rows = found.head(limit).select("id", "address", "kind", "times", clock, "subject").rows()
            screen.table(["", "address", "kind", "times", "latest", "about"], rows, right=[0, 3], whole=[4])
            shown = f" (the first {limit} are shown)" if found.height > limit else ""
            screen.say(f"{found['times'].sum()} wait under {found.height} addresses{shown}. Say whose they are with:")
            screen.say("crmtool interactions link ID CONTACT, --create NAME, or --ignore")

    @command(noun, "link", writes=True)
    def link(
        session: Session,
        interaction: Annotated[
            int | None, typer.Argument(metavar="ID", help="Id of an interaction that waits.", show_default=False)
        ] = None,
        contact: Annotated[
            int | None, typer.Argument(metavar="CONTACT", help="Whose it is.", show_default=False)
        ] = None,
        create: Annotated[str, typer.Option(metavar="NAME", help="Whose it is: somebody new of this name.")] = "",
        ignore: Annotated[bool, typer.Option("--ignore", help="Nobody wants to know; now and later.")] = False,
        known: Annotated[bool, typer.Option("--known", help="All whose address is in the base by now.")] = False,
        only: Annotated[bool, typer.Option("--only", help="This one alone, not all of its address.")] = False,
    ) -> None:
        """Say whose a waiting interaction is; all others of the same address are theirs too, now and later.

        Example: crmtool interactions link 12 48
        """
        given = [contact is not None, bool(create), ignore, known]
        if sum(given) != 1 or (interaction is None) != known:
            raise UsageError("Say one thing: ID CONTACT, ID --create NAME, ID --ignore, or --known alone.")
        name = "interactions link " + ("--known" if interaction is None else str(interaction))
        with session.turn(name):
            plan = _linked(session, name, interaction, contact, create, only=only)
            session.offer(plan, lambda: _told(plan))

    _notes(noun)


def _notes(noun: typer.Typer) -> None:
    @command(noun, "from-notes", writes=True)
    def from_notes(session: Session, limit: _Limit = 20) -> None:
        """Offer interactions that old notes hold ("12.04 called, call back 20.04"); the notes stay as they are.

        Example: crmtool interactions from-notes --dry-run
        """
        from crmtool.core.journal import byhand
        from crmtool.io import timelines

        name = "interactions from-notes"
        with session.turn(name):
            store = session.store
            with store.reading():
                rows = timelines.in_notes(store)
                revision, ids = store.revision(), store.next_ids()
            plan = byhand.plan_add(name, "interaction", rows, revision, session.rules.fingerprint, ids)
            session.offer(plan, lambda: _offered(rows, limit))


def _offered(rows: list[dict[str, Any]], limit: int) -> None:
    lines = [
        (
            row["contact_id"],
            row["at"],
            row["kind"],
            row["body"],
            " ".join(filter(None, (row["next_step"], row["next_on"]))),
        )
        for row in rows[:limit]
    ]
    if lines:
        screen.table(["contact", "on", "kind", "as it stands in the note", "next"], lines, right=[0], whole=[1, 2])
    more = f", the first {limit} shown" if len(rows) > limit else ""
    screen.say(f"{screen.counted(len(rows), 'interaction')} in notes{more}.")


def note(noun: typer.Typer) -> None:
    """Add `contacts note` to the commands of contacts."""

    @command(noun, "note", writes=True)
    def note_(
        session: Session,
        contact: Annotated[int, typer.Argument(metavar="ID", help="Id of a contact.", show_default=False)],
        text: Annotated[str, typer.Argument(help="The note.", show_default=False)],
    ) -> None:
        """Keep a note about a contact, with the moment and your name.

        Example: crmtool contacts note 17 "Prefers to be called in the afternoon"
        """
        row = {"kind": "note", "at": moment(session, ""), "author": session.actor, "body": text.strip()}
        added(session, f"contacts note {contact}", contact, row)


def added(session: Session, name: str, contact: int, row: dict[str, Any]) -> None:
    """Offer the plan that keeps one interaction of a contact."""
    from crmtool.core.journal import byhand
    from crmtool.io import timelines

    with session.turn(name):
        store = session.store
        with store.reading():
            root = timelines.root(store, contact)
            revision, ids = store.revision(), store.next_ids()
        whole = [{**row, "contact_id": root}]
        plan = byhand.plan_add(name, "interaction", whole, revision, session.rules.fingerprint, ids)
        what = ", ".join(str(row[key]) for key in ("kind", "at", "subject", "body") if row.get(key))
        session.offer(plan, lambda: screen.say(f"Contact {root}: {what}"))


def moment(session: Session, text: str) -> str:
    """Return a day or a moment said on the command line as it is stored; without a text this moment."""
    import polars as pl

    from crmtool.core.imports import values
    from crmtool.core.journal import moments

    if not text:
        return session.now.isoformat(timespec="seconds")
    settings = values.settings_for(session.rules.normalize, None, {})
    found = moments.moments(pl.Series([text]), journals.zone(session), settings)["clean"][0]
    if found is None:
        raise UsageError(f"{text!r} is no day and no moment.", "Write it as 2026-11-30, or 2026-11-30 14:00.")
    return str(found)


def _linked(
    session: Session, name: str, interaction: int | None, contact: int | None, create: str, *, only: bool
) -> Plan:
    import polars as pl

    from crmtool.core.journal import byhand
    from crmtool.io import timelines

    store, fingerprint = session.store, session.rules.fingerprint
    with store.reading():
        revision = store.revision()
        if interaction is None:
            rows, owners = timelines.known_by_now(store)
            return byhand.plan_link(name, rows, owners, revision, fingerprint)
        rows = _waiting_with(store, interaction, only=only)
        if create:
            record = _record(session, rows, create)
            return byhand.plan_create(name, rows, record, revision, session.rules, store.next_ids())
        if contact is None:
            return byhand.plan_ignore(name, rows, revision, fingerprint)
        owners = pl.Series([timelines.root(store, contact)] * rows.height, dtype=pl.Int64)
        return byhand.plan_link(name, rows, owners, revision, fingerprint)


def _waiting_with(store: Store, interaction: int, *, only: bool) -> pl.DataFrame:
    """Return an interaction and, unless `only`, all others of nobody known with its address. Raises UsageError."""
    found = store.snapshot("interaction", where="id", keys=[interaction])
    if found.is_empty():
        raise UsageError(f"There is no interaction {interaction}.", "See which wait with: crmtool interactions waiting")
    address = found["address"][0]
    if only or address is None or found["contact_id"][0] is not None:
        return found
    alike = store.snapshot("interaction", where="address", keys=[address])
    return alike.filter(alike["contact_id"].is_null())


def _record(session: Session, rows: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return the record of somebody new: the name said, and the address of the interactions."""
    from crmtool.io import editing

    address, channel = rows["address"][0], rows["channel"][0]
    usable = address and channel in {"phone", "email", "messenger"}
    raw = {"name": name, **({str(channel): str(address)} if usable else {})}
    return editing.cleaned(session.rules, raw, ["name"])


def _told(plan: Plan) -> None:
    count = plan.edits["interaction"].after.height
    screen.say(
        f"{screen.counted(count, 'interaction')}"
        + (f" of the new contact {plan.facts['contact']}" if "contact" in plan.facts else "")
    )
