"""`crmtool duplicates review`: the pairs that wait, decided one after another, on a screen or in plain lines."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from crmtool.cli import screen
from crmtool.cli.session import Session, command
from crmtool.core.errors import UsageError

if TYPE_CHECKING:
    from crmtool.cli.review.sitting import Sitting

_PLAIN = "Add --plain for plain lines."


def declare(noun: typer.Typer) -> None:
    """Add the command to the noun."""

    @command(noun, "review")
    def review(
        session: Session,
        plain: Annotated[
            bool, typer.Option("--plain", help="Lines instead of a screen; answers from the input.")
        ] = False,
        only: Annotated[
            str, typer.Option("--only", metavar="FILTER", help="owner=… source=… score>=… words of a name.")
        ] = "",
    ) -> None:
        """Decide the pairs that wait, one after another; each decision is saved at once, and can be taken back.

        Example: crmtool duplicates review --only "score>=10"
        """
        if not plain:
            _seen(session)
        from crmtool.cli.review import asking, desk

        begun = desk.seated(session, asking.wanted(only))
        (_in_lines if plain or not begun.waiting else _on_screen)(session, begun)


def _in_lines(session: Session, ended: Sitting) -> None:
    from crmtool.cli.review import plain

    try:
        for sitting in plain.reviewed(session, ended):
            ended = sitting
    finally:
        _closed(session, ended)


def _on_screen(session: Session, begun: Sitting) -> None:
    from crmtool.cli.review import app

    shown = app.Review(session, begun)
    try:
        shown.reviewed()
    finally:
        _closed(session, shown.view.sitting)


def _seen(session: Session) -> None:
    """Refuse a screen where there is none. Raises UsageError."""
    if session.options.as_json or session.options.quiet:
        raise UsageError("A screen speaks to a person.", _PLAIN)
    if not (sys.stdin.isatty() and sys.stdout.isatty()) or os.environ.get("TERM", "dumb") == "dumb":
        raise UsageError("There is no terminal here that could show a screen.", _PLAIN)
    from importlib.util import find_spec

    if not find_spec("textual"):
        raise UsageError("The screen needs the library textual.", f"Install it with: pip install textual. {_PLAIN}")


def _closed(session: Session, sitting: Sitting) -> None:
    """Say where things stand."""
    from crmtool.cli.review import sitting as sittings

    told = sittings.told(sitting)
    if session.options.as_json:
        steps = [
            {"left_id": s.pair.left, "right_id": s.pair.right, "said": s.said, "changeset": s.changeset}
            for s in sitting.steps
        ]
        screen.document({"steps": steps, "said": told, "waiting": len(sitting.waiting)})
    elif not session.options.quiet:
        said = "".join(f"{count} {word}, " for word, count in told.items())
        last = [step.changeset for step in sitting.steps if step.changeset]
        undo = f" Take the last decision back with: crmtool undo {last[-1]}" if last else ""
        screen.say(f"{said}{len(sitting.waiting)} still waiting; all that was decided is saved.{undo}")
