"""`crmtool rules`: check the rule files."""

from __future__ import annotations

import typer

from crmtool.cli import screen
from crmtool.cli.segments import condition
from crmtool.cli.session import Session, command
from crmtool.core.errors import RuleError, UsageError


def declare(app: typer.Typer) -> None:
    """Add the commands."""
    noun = typer.Typer(help="The rule files of the workspace.", no_args_is_help=True)
    app.add_typer(noun, name="rules")

    @command(noun, "check")
    def check(session: Session) -> None:
        """Read every rule file and list all mistakes, filters of segments included.

        Example: crmtool rules check
        """
        rules = session.rules
        problems = [
            f"segments/{name}.toml: where: {wrong}" for name in rules.segments if (wrong := _wrong(session, name))
        ]
        if problems:
            raise RuleError(problems)
        if session.options.as_json:
            screen.document({"fingerprint": rules.fingerprint, "problems": []})
        elif not session.options.quiet:
            screen.say(f"All rules are right. Fingerprint: {rules.fingerprint[:16]}")


def _wrong(session: Session, segment: str) -> str:
    """Return what is wrong with the filter of a segment."""
    try:
        condition(session, segment)
    except UsageError as error:
        return f"{error.message} {error.hint}".strip()
    return ""
