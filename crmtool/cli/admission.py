"""What a run is before anything else: when, which command, for whom, and which store it gets."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crmtool.core.errors import UsageError

if TYPE_CHECKING:
    import typer

    from crmtool.cli.session import Session
    from crmtool.io.store import Store


def moment(text: str) -> dt.datetime:
    """Return a moment as CRMTOOL_NOW says it, in UTC. Raises UsageError."""
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"CRMTOOL_NOW={text!r} is no moment.", "Write it as 2026-11-21T09:00:00+00:00.") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)


def words(context: typer.Context) -> str:
    """Return a command as it is typed after `crmtool`."""
    at: Any = context
    names = []
    while at.parent:
        names.append(str(at.info_name))
        at = at.parent
    return " ".join(reversed(names))


def admit(session: Session, command: str) -> None:
    """Let a command go on of which an option asks for a right of its own ("map --save"). Raises RoleRefused."""
    from crmtool.core import roles

    roles.admitted(session.holder, command)


def without_files(session: Session, given: Mapping[str, Any]) -> None:
    """Refuse files by name where crmtool runs for others. Raises RoleRefused."""
    if os.environ.get("CRMTOOL_SHARED"):
        from crmtool.io import acting

        acting.without_files(os.environ, session.holder, given)


def store(session: Session) -> Store:
    """Return the open store, as the role of the run has it."""
    holder, workspace = session.holder, session.workspace
    opened = workspace.open_store()
    if holder.role.is_free:
        return opened
    from crmtool.io.role_store import RoleStore

    return RoleStore(opened, holder, workspace.store_path, lambda: session.rules)


def remembered(session: Session) -> None:
    """Write down that the rules of the run were found right: reading them costs less from then on."""
    from crmtool.io import rulebook

    rulebook.remember(session.workspace.root / rulebook.KNOWN, session.rules.fingerprint)


def contacts(session: Session) -> int:
    """Return how many contacts there are."""
    import polars as pl

    return int(session.store.query("SELECT count(*) FROM contact", [], {"contacts": pl.Int64()}).item())
