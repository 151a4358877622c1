"""What the quarterly check of roles looks at: users of the rules and of the history, and who may read the files."""

from __future__ import annotations

import os
import pwd
import stat
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from crmtool.io import acting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crmtool.core.role_rules import Roles
    from crmtool.io.store import Store
    from crmtool.io.workspace import Workspace

_DONE = {"actor": pl.String(), "last": pl.String(), "changes": pl.Int64()}


class Person(NamedTuple):
    """A user with their role, what they did (`last`: ISO moment, "" for never), and what to look at."""

    user: str
    role: str
    last: str
    changes: int
    remarks: tuple[str, ...]


def people(store: Store, roles: Roles) -> list[Person]:
    """Return the users that the rules name, then those that only the history knows."""
    sql = "SELECT actor, max(at), count(*) FROM changeset GROUP BY actor ORDER BY actor"
    done = {actor: (last, count) for actor, last, count in store.query(sql, [], _DONE).rows()}
    named = [
        Person(user, known.role, *done.get(user, ("", 0)), tuple(_of_user(user, active=user in done)))
        for user, known in roles.user.items()
    ]
    default = "" if not roles.user else "not in the rules"
    others = [
        Person(actor, roles.default, *done[actor], (default,) if default else ())
        for actor in done
        if actor not in roles.user
    ]
    return [*named, *others]


def _of_user(user: str, *, active: bool) -> Iterator[str]:
    try:
        pwd.getpwnam(user)
    except KeyError:
        yield "no user of this machine"
    if not active:
        yield "changed nothing yet"


def readers(workspace: Workspace) -> list[str]:
    """Return in a sentence for each of the guarded files who may open it past all roles."""
    return [_of_file(workspace, name) for name in (".", "crm.db", "crm.key", "rules")]


def _of_file(workspace: Workspace, name: str) -> str:
    found = (workspace.root / name).stat()
    owner = "you" if found.st_uid == os.getuid() else acting.name_of(found.st_uid)
    shared = [who for who, bits in (("their group", 0o070), ("everybody", 0o007)) if stat.S_IMODE(found.st_mode) & bits]
    called = "The workspace" if name == "." else name
    return f"{called} is open to {' and '.join([owner, *shared])}{'' if shared else ' alone'}."
