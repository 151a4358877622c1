"""`crmtool rules`: check the rule files, and let vocabularies learn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from crmtool.cli import admission, learning, screen
from crmtool.cli.segments import condition
from crmtool.cli.session import Session, command
from crmtool.core.errors import RoleRefused, RuleError, UsageError

if TYPE_CHECKING:
    from crmtool.core.rules import Fields


def declare(app: typer.Typer) -> None:
    """Add the commands."""
    noun = typer.Typer(help="The rule files of the workspace.", no_args_is_help=True)
    app.add_typer(noun, name="rules")
    learning.declare(noun)

    @command(noun, "check")
    def check(session: Session) -> None:
        """Read every rule file and list all mistakes, filters of segments included; say what is asked of rows.

        Example: crmtool rules check
        """
        from crmtool.io import rulebook

        rules = rulebook.loaded(session.workspace.rules_path)
        problems = [
            f"segments/{name}.toml: where: {wrong}" for name in rules.segments if (wrong := _wrong(session, name))
        ]
        if problems:
            raise RuleError(problems)
        admission.remembered(session)
        if session.options.as_json:
            screen.document({"fingerprint": rules.fingerprint, "problems": [], "checks": _checks(rules.fields)})
        elif not session.options.quiet:
            screen.say(f"All rules are right. Fingerprint: {rules.fingerprint[:16]}")
            screen.table(["", "rule", "asks"], [tuple(check.values()) for check in _checks(rules.fields)])


def _checks(fields: Fields) -> list[dict[str, str]]:
    """Return what is asked of rows, each in a sentence."""
    from crmtool.core import requirements

    return [
        {"severity": rule.severity, "name": rule.name, "asks": requirements.sentence(rule)}
        for rule in requirements.gathered(fields)
    ]


def _wrong(session: Session, segment: str) -> str:
    """Return what is wrong with the filter of a segment."""
    try:
        condition(session, segment)
    except UsageError as error:
        return f"{error.message} {error.hint}".strip()
    except RoleRefused:  # it is right; who asks may not see what it asks for
        return ""
    return ""
