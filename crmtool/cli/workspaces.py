"""`crmtool init`: a new workspace."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from crmtool.cli import screen
from crmtool.cli.session import Session, command


def declare(app: typer.Typer) -> None:
    """Add the command."""

    @command(app, "init")
    def init(
        session: Session, folder: Annotated[Path | None, typer.Argument(help="A new or empty folder.")] = None
    ) -> None:
        """Make a workspace: store, key, rules, and folders for what comes and goes.

        Example: crmtool init crm
        """
        from crmtool.io import workspace

        named = os.environ.get(workspace.VARIABLE)
        place = folder or session.options.workspace or (Path(named) if named else Path.cwd())
        made = workspace.created(place.resolve())
        if session.options.as_json:
            screen.document({"workspace": str(made.root)})
        elif not session.options.quiet:
            screen.say(
                f"Made a workspace in {made.root.name}/ with rules to read and change in {made.root.name}/rules/."
            )
            screen.say("Keep a copy of crm.key apart from the store: it proves the history.")
