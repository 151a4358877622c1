"""`crmtool audit decay`: how fast values die, and the periods of checking that follow, ready for the rules."""

from __future__ import annotations

import datetime as dt
import io
from typing import TYPE_CHECKING, Annotated

import typer

from crmtool.cli import screen
from crmtool.cli.session import Session, command

if TYPE_CHECKING:
    from crmtool.core.audits.decay import Decay
    from crmtool.core.rules import Rules


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
            _shown(found, session.rules, by)


def _shown(found: list[Decay], rules: Rules, by: str | None) -> None:
    from crmtool.core.audits.proposals import proposals

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
        f"Every months: the time in which {rules.freshness.tolerance:.0%} die (tolerance in freshness.toml), by the"
        " Kaplan-Meier estimate over values that were looked at after they came in."
    )
    if lines := proposals(found, rules, by):
        screen.say()
        screen.copied(io.StringIO("\n".join([*lines, ""])))  # whole lines, to be pasted
