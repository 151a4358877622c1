"""`crmtool audit decay`: how fast values die, and the periods of checking that follow, ready for the rules."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated

import typer

from crmtool.cli import screen
from crmtool.cli.session import Session, command

if TYPE_CHECKING:
    from crmtool.core.audits.decay import Decay
    from crmtool.core.freshness_rules import Freshness


def declare(noun: typer.Typer) -> None:
    """Add the command."""

    @command(noun, "decay")
    def decay(
        session: Session,
        by: Annotated[
            str | None, typer.Option(help="Also by source, type, segment, attr.NAME ...", show_default=False)
        ] = None,
    ) -> None:
        """Show how fast values die, and how often they should be checked, from what was found out so far.

        Example: crmtool audit decay --by source
        """
        from crmtool.io.auditing import dying

        day: dt.date = session.today
        with session.working("Reading"):
            found = dying.decays(session.store, session.rules, day, by)
        if session.options.as_json:
            screen.document([{**each._asdict(), "every_months": each.every_months} for each in found])
        elif not session.options.quiet:
            _shown(found, session.rules.freshness, by)


def _shown(found: list[Decay], rules: Freshness, by: str | None) -> None:
    if not found:
        screen.say("Too little is known yet: of no field thirty values were looked at again after they came in.")
        return
    rows = [
        (each.field, each.group or "all", each.watched, each.died, f"{each.per_quarter:.0%}", f"{each.per_year:.0%}",
         each.every_months or "—")
        for each in found
    ]  # fmt: skip
    heads = ["field", by or "", "watched", "died", "a quarter", "a year", "every months"]
    screen.table(heads, rows, right=[2, 3, 4, 5, 6])
    screen.say(
        f"Every months: the time in which {rules.tolerance:.0%} die (tolerance in freshness.toml), by the Kaplan-Meier"
        " estimate over values that were looked at after they came in."
    )
    for line in proposals(found, rules, by):
        screen.say(line)


def proposals(found: list[Decay], rules: Freshness, by: str | None) -> list[str]:
    """Return the periods that differ from the regulation, as lines for `rules/freshness.toml`."""
    lines = []
    for check in rules.check:
        own = next((each for each in found if each.field == check.field and each.group is None), None)
        if own and own.every_months and own.every_months != check.every_months:
            now = check.every_months or "after events alone"
            said = f"{own.per_year:.0%} die in a year; every {own.every_months} months instead of {now}"
            lines += [f"# {check.field}: {said}", f"every_months = {own.every_months}"]
        if by == "segment":
            for each in found:
                if each.field == check.field and each.group and each.every_months not in {None, check.every_months}:
                    lines += ["[[check.override]]", f'segment = "{each.group}"', f"every_months = {each.every_months}"]
    return ["", "For rules/freshness.toml:", *lines] if lines else []
