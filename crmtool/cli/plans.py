"""`crmtool apply`: a plan that was saved with `--save-plan` is shown again, and applied exactly as reviewed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crmtool.cli.session import Session, command

if TYPE_CHECKING:
    from crmtool.core.plans import Summary


def declare(app: typer.Typer) -> None:
    """Add the command."""

    @command(app, "apply", writes=True)
    def apply(
        session: Session, plan: Annotated[Path, typer.Argument(help="A plan saved before.", show_default=False)]
    ) -> None:
        """Apply a saved plan, if the base has not moved since it was made.

        Example: crmtool apply monday.plan
        """
        with session.turn(f"apply {plan.name}"):
            from crmtool.io import planfile

            key = session.workspace.key()
            facts = planfile.facts(plan, key)
            session.offer_parts(planfile.parts(plan, key), lambda: facts, shown)


def shown(summary: Summary) -> None:
    """Show what a plan says: what it is, its findings, and what would be written."""
    from crmtool.cli import screen

    screen.say(summary.command)
    counts = [f"{name} {fact}" for name, fact in summary.facts.items() if isinstance(fact, int)]
    if counts:
        screen.say(", ".join(counts))
    screen.findings(summary.findings)
    screen.changes(summary.counts)
