"""`roles.toml`, the one rule file that every command reads: who may see and do what."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from crmtool.core import role_rules
from crmtool.core.errors import RuleError
from crmtool.core.role_rules import Roles
from crmtool.io.rulebook_files import parsed
from crmtool.io.rulebook_names import unknown

if TYPE_CHECKING:
    from collections.abc import Iterator


def loaded(folder: Path) -> Roles:
    """Return who may see and do what; without a file everybody everything. Raises RuleError."""
    path = Path("roles.toml")
    if not (folder / path).is_file():
        return Roles()
    problems: list[str] = []
    found = parsed(path, {path: (folder / path).read_bytes()}, Roles, problems)
    if isinstance(found, Roles) and not (problems := list(mistakes(found))):
        return found
    raise RuleError(problems)


def mistakes(rules: Roles) -> Iterator[str]:
    """Yield a line for each role or field that nobody knows, and for what roles cannot keep."""
    yield from (f"roles.toml: {line}" for line in unknown(role_rules.named(rules), set(rules.role), "role"))
    yield from (f"roles.toml: {line}" for line in unknown(role_rules.fields(rules), role_rules.known_fields()))
    yield from (f"roles.toml: {place}: {wrong}" for place, wrong in role_rules.mistakes(rules))
