"""`crmtool due`: what has to be done, by day and by owner, on the screen or as a calendar."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crmtool.cli import screen
from crmtool.cli.session import Session, command

if TYPE_CHECKING:
    from crmtool.io.renderers.calendars import Entry


def declare(app: typer.Typer) -> None:
    """Add the command."""

    @command(app, "due")
    def due(
        session: Session,
        owner: Annotated[str, typer.Option(help="Only what this owner has to do.")] = "",
        days: Annotated[int, typer.Option(min=0, max=3660, help="How far ahead.")] = 7,
        kind: Annotated[
            list[str] | None,
            typer.Option(help="Only these: 'next step', 'call back', birthday, verify ...", show_default=False),
        ] = None,
        limit: Annotated[int, typer.Option(min=1, help="Lines to show.")] = 40,
        ics: Annotated[
            Path | None, typer.Option("--ics", metavar="FILE", help="Write a calendar.", show_default=False)
        ] = None,
        force: Annotated[bool, typer.Option("--force", help="Overwrite the calendar.")] = False,
    ) -> None:
        """Show what is due: next steps, calls to give back, birthdays, ends of contracts, values to verify.

        Example: crmtool due --owner "Olha" --days 14 --ics olha.ics
        """
        from crmtool.core.folding import folded
        from crmtool.io import agenda as reading
        from crmtool.io.renderers import calendars
        from crmtool.io.writers import files

        last = session.today + dt.timedelta(days=days)
        session.store.show(["owner"] if owner else [])
        found = reading.everything(session.store, session.rules, session.today, last)
        if owner:
            mine = [each for each in found["owner"].unique().drop_nulls() if folded(each) == folded(owner)]
            found = found.filter(found["owner"].is_in(mine))
        if kind:
            found = found.filter(found["kind"].is_in(kind))
        if session.options.as_json:
            screen.document(found.to_dicts())
        elif not session.options.quiet:
            rows = [_line(row, session.today) for row in found.head(limit).iter_rows()]
            if rows:
                screen.table(["on", "owner", "", "contact", "what"], rows, right=[2], whole=[0])
            more = f", the first {limit} shown" if found.height > limit else ""
            screen.say(f"{found.height} due until {last}{more}.")
        if ics:
            entries = [_entry(row) for row in found.iter_rows()]
            text = calendars.calendar(entries, session.now, "due", f"Due: {owner}" if owner else "Due")
            with files.atomic(ics, force=force) as temporary:
                temporary.write_text(text, encoding="utf-8", newline="")
            if not session.options.quiet and not session.options.as_json:
                screen.say(f"Wrote {ics}")


def _entry(row: tuple[str, str | None, int, str | None, str, str | None]) -> Entry:
    from crmtool.io.renderers.calendars import Entry

    on, _, contact, name, kind, what = row
    title = ": ".join(filter(None, (kind, name, what)))
    return Entry(f"{kind.replace(' ', '-')}-{contact}-{on}", dt.date.fromisoformat(on), title, kind=kind)


def _line(row: tuple[object, ...], today: dt.date) -> tuple[object, ...]:
    """Return a line of the table; what was due before today is marked."""
    on, owner, contact, name, kind, what = row
    late = "! " if str(on) < today.isoformat() else ""
    return (f"{late}{on}", owner or "—", contact, name, f"{kind}: {what}" if what else kind)
