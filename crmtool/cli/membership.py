"""`crmtool segments refresh` and `diff`: who is in a segment since when, and who came and went."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crmtool.cli import screen
from crmtool.cli.session import Session, command
from crmtool.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crmtool.core.plans import Plan

_Names = Annotated[list[str] | None, typer.Argument(help="Names; all unless given.", show_default=False)]


def declare(noun: typer.Typer) -> None:
    """Add the commands."""

    @command(noun, "refresh", writes=True)
    def refresh(session: Session, segments: _Names = None) -> None:
        """Keep who is in the segments today: who entered, who left.

        Example: crmtool segments refresh
        """
        with session.turn("segments refresh"):
            plan = _refreshed(session, segments or sorted(session.rules.segments))
            lines = [(name, *counts) for name, counts in plan.facts["segments"].items() if any(counts)]
            session.offer(plan, lambda: screen.table(["segment", "entered", "left"], lines, right=[1, 2]))

    @command(noun, "diff")
    def diff(
        session: Session,
        segment: Annotated[str, typer.Argument(help="Name of a segment.", show_default=False)],
        since: Annotated[str, typer.Option(help="Day, as 2026-10-01.", show_default=False)],
        limit: Annotated[int, typer.Option(min=1, help="Lines to show.")] = 50,
    ) -> None:
        """List who entered and left a segment since a day, as the refreshes saw it.

        Example: crmtool segments diff vip-kyiv --since 2026-10-01
        """
        rows = _changes(session, segment, _day(since))
        if session.options.as_json:
            screen.document(rows)
        elif not session.options.quiet:
            screen.table(["", "contact", "change", "on"], [tuple(row.values()) for row in rows[:limit]], right=[0])
            more = f"; the first {limit} are shown" if len(rows) > limit else ""
            came = sum(row["change"] == "entered" for row in rows)
            screen.say(f"{came} entered, {len(rows) - came} left since {since}{more}.")


def _refreshed(session: Session, names: Sequence[str]) -> Plan:
    """Return the plan that keeps who entered and left some segments. Raises UsageError for an unknown one."""
    from crmtool.core.segments import membership
    from crmtool.io import selecting

    store, rules = session.store, session.rules
    for name in names:
        _demand(session, name)
    with store.reading():
        found = zip(names, selecting.conditions(store, rules, session.today, names), strict=True)
        members = {name: selecting.members(store, each) for name, each in found}
        standing, roots = selecting.standing(store, list(members))
        next_id = store.next_ids()["segment_membership"]
        return membership.plan_refresh(
            members, standing, roots, session.today, store.revision(), rules.fingerprint, next_id
        )


def _demand(session: Session, name: str) -> None:
    from crmtool.core.segments.refusals import suggested

    if name not in session.rules.segments:
        raise UsageError(f"There is no segment {name!r}.", suggested(name, sorted(session.rules.segments)))


def _changes(session: Session, name: str, since: dt.date) -> list[dict[str, Any]]:
    """Return who entered and left a segment since a day: id, name, change, on."""
    from crmtool.core.segments import membership
    from crmtool.io import selecting

    _demand(session, name)
    with session.store.reading():
        rows = selecting.history(session.store, name)
        if rows.is_empty():
            raise UsageError(
                f"Nobody was seen in {name} yet.", f"Keep who is in it with: crmtool segments refresh {name}"
            )
        changed = membership.changes(rows, since)
        people = session.store.snapshot("contact", ["id", "name"], where="id", keys=changed["contact_id"])
    joined = changed.join(people, left_on="contact_id", right_on="id", how="left", maintain_order="left")
    return joined.select("contact_id", "name", "change", "on").to_dicts()


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text!r} is no day.", "Write it as 2026-10-01.") from None
