"""Who acts: the user of the operating system, the role that the rules give them, and the role they take with --as."""

from __future__ import annotations

import os
import pwd
from pathlib import Path
from typing import TYPE_CHECKING

from crmtool.core.errors import RoleRefused, UsageError
from crmtool.core.role_rules import Roles, User
from crmtool.core.roles import Holder
from crmtool.io import rulebook_roles

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Names the role that is taken for one command.
TAKEN = "CRMTOOL_AS"
#: Names the one workspace that runs for others use; set by the program that sudo starts (docs/guide/roles.md).
SHARED = "CRMTOOL_SHARED"
_SEE = "See roles and users with: crmtool roles show"


def user(environment: Mapping[str, str]) -> str:
    """Return the user of the operating system; where crmtool runs for others, the one who asked sudo for it."""
    number = environment.get("SUDO_UID", "") if environment.get(SHARED) else ""
    return name_of(int(number) if number.isdecimal() else os.getuid())


def name_of(number: int) -> str:
    """Return the name of a user, their number where there is none."""
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def holder(rules_path: Path, environment: Mapping[str, str]) -> Holder:
    """Return who acts in a workspace. Raises RuleError, RoleRefused, and UsageError for a role that is not there."""
    rules = rulebook_roles.loaded(rules_path)
    name = user(environment)
    known = rules.user.get(name) or User(role=rules.default)
    role, owners = rules.role[known.role], (name, *known.owner)
    taken = environment.get(TAKEN)
    bound = bool(rules.user or environment.get(SHARED))
    if not taken or taken == known.role:
        return Holder(name, known.role, role, owners, bound)
    if taken not in rules.role:
        raise UsageError(f"There is no role {taken!r}.", f"Known are: {', '.join(sorted(rules.role))}")
    if taken not in role.take and not role.is_free:
        raise RoleRefused(f"The role {known.role} may not take the role {taken}.", _SEE)
    return Holder(name, taken, rules.role[taken], owners, bound)


def as_role(rules: Roles, name: str, of: str) -> Holder:
    """Return a role as a user would hold it, for whom something is made. Raises UsageError."""
    if name not in rules.role:
        raise UsageError(f"There is no role {name!r}.", f"Known are: {', '.join(sorted(rules.role))}")
    known = rules.user.get(of)
    return Holder(of, name, rules.role[name], (of, *(known.owner if known else ())))


def shared_only(environment: Mapping[str, str], named: Path | None) -> None:
    """Refuse another workspace than the one that runs for others use. Raises RoleRefused."""
    own = environment.get(SHARED)
    if own and named is not None and named.resolve() != Path(own).resolve():
        raise RoleRefused("Runs for others use one workspace, and this is another one.", "Leave --workspace out.")


def without_files(environment: Mapping[str, str], who: Holder, given: Mapping[str, object]) -> None:
    """Refuse files by name where crmtool runs for others, as it opens them with its own rights. Raises RoleRefused."""
    if not environment.get(SHARED) or who.role.is_free:
        return
    listed = [each for value in given.values() for each in (value if isinstance(value, list | tuple) else [value])]
    if any(isinstance(each, Path) and str(each) != "-" for each in listed):
        raise RoleRefused(
            f"The role {who.name} names no files here: crmtool would open them with its own rights.",
            "Read from standard input with -, and send the output where you want it with > FILE.",
        )
