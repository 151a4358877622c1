"""`crmtool doctor`: a look over the workspace, with the next step where one is wanted."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from crmtool.cli import screen
from crmtool.cli.session import Session, command

_FAILED = 4


def declare(app: typer.Typer) -> None:
    """Add the command."""

    @command(app, "doctor")
    def doctor(
        session: Session, deep: Annotated[bool, typer.Option("--deep", help="Read every row as well.")] = False
    ) -> int:
        """Look the workspace over: store, rules, permissions, disk, copies, drills, keys; code 4 where one is red.

        Example: crmtool doctor --deep
        """
        from crmtool.io import health

        with session.working("Looking"):
            found = health.looked_over(session.workspace, session.now, deep=deep)
        if session.options.as_json:
            screen.document([asdict(finding) for finding in found])
        elif not session.options.quiet:
            rows = [(f.check, f.flag, f"{f.says} {f.step}".strip()) for f in found]
            screen.table(["check", "", "what, and what to do"], rows)
        return _FAILED if any(finding.flag == "red" for finding in found) else 0
