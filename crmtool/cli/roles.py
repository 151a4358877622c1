"""`crmtool roles`: who may what, and a copy of the base with only what a role may see."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crmtool.cli import inputs, screen
from crmtool.cli.session import Session, command
from crmtool.core.errors import UsageError

if TYPE_CHECKING:
    from crmtool.core.role_rules import Role, Roles


def declare(app: typer.Typer) -> None:
    """Add the commands."""
    noun = typer.Typer(help="Who may see and do what.", no_args_is_help=True)
    app.add_typer(noun, name="roles")

    @command(noun, "show")
    def show(
        session: Session,
        role: Annotated[str, typer.Argument(help="A role; otherwise all.", show_default=False)] = "",
    ) -> None:
        """Show the roles of rules/roles.toml, and which one is yours; of one role every field.

        Example: crmtool roles show viewer
        """
        _shown(session, role)

    @command(noun, "review")
    def review(session: Session) -> None:
        """List every user with what they may, what they did last, and what to look at: for the quarterly check.

        Example: crmtool roles review --json
        """
        _reviewed(session)

    @command(noun, "make-view")
    def make_view(
        session: Session,
        role: Annotated[str, typer.Option(help="The role that will read it.", show_default=False)],
        output: Annotated[Path, inputs.output_option("The file to write; none but you may read it.")],
        user: Annotated[str, typer.Option(help="Whose contacts, for a role that sees its own.")] = "",
        force: Annotated[bool, typer.Option("--force", help="Overwrite the file.")] = False,
    ) -> None:
        """Write an SQLite file with only what a role may see: no history, no source records, no key.

        Example: crmtool roles make-view --role viewer -o viewer.db
        """
        _made(session, role, output, user, force=force)


# -- show -----------------------------------------------------------------------------------------------------------


def _shown(session: Session, name: str) -> None:
    rules, mine = session.rules.roles, session.holder
    if name and name not in rules.role:
        raise UsageError(f"There is no role {name!r}.", f"Known are: {', '.join(sorted(rules.role))}")
    if session.options.as_json:
        chosen = {name: rules.role[name]} if name else rules.role
        told = {each: {**role.model_dump(by_alias=True), "sees": _levels(role)} for each, role in chosen.items()}
        screen.document({"user": session.actor, "role": mine.name, "roles": told})
    elif not session.options.quiet:
        if name:
            _one(name, rules.role[name])
        else:
            _all(rules)
        screen.say(screen.safe(f"You are {session.actor}, with the role {mine.name}."))


def _all(rules: Roles) -> None:
    rows = [(name, *_summary(role)) for name, role in rules.role.items()]
    screen.table(["role", "contacts", "hidden", "in part", "may not write", "may"], rows)


def _summary(role: Role) -> tuple[str, str, str, str, str]:
    """Return what a role sees and does, in words."""
    from crmtool.core.role_rules import RIGHTS

    levels = _levels(role)
    fields = {level: [field for field, own in levels.items() if own == level] for level in ("hide", "mask", "read")}
    reads = "everything" if not any(level == "write" for level in levels.values()) else _listed(fields["read"])
    may = "everything" if set(role.may) == set(RIGHTS) else _listed(role.may)
    hidden = [*fields["hide"], *(["notes"] if role.notes == "none" else ["notes of others"] * (role.notes == "own"))]
    return role.records, _listed(hidden), _listed(fields["mask"]), reads, may


def _listed(names: Any) -> str:  # noqa: ANN401  # of texts
    return ", ".join(names) or "—"


def _levels(role: Role) -> dict[str, str]:
    """Return every field and fact with what may be done with it."""
    from crmtool.core import model
    from crmtool.core.role_rules import FACTS

    own = [field for field in role.fields if "." in field]
    names = ("name", *(n for n in model.FIELDS if n not in model.NAME_PARTS or n in role.fields), *model.CHANNELS)
    return {name: role.level(name) for name in (*names, *own, "attr.*", *FACTS)}


def _one(name: str, role: Role) -> None:
    from crmtool.core.role_rules import RIGHTS

    screen.say(screen.safe(f"{name}: {role.title}" if role.title else name))
    screen.table(["field", "may"], _levels(role).items())
    rights = [(right, "yes" if right in role.may else "no", what) for right, what in RIGHTS.items()]
    screen.table(["right", "", "what for"], rights)
    screen.say(f"Contacts: {role.records}. Notes, and what was said: {role.notes}.")


# -- review ---------------------------------------------------------------------------------------------------------


def _reviewed(session: Session) -> None:
    from crmtool.io import role_review

    people = role_review.people(session.store, session.rules.roles)
    files = role_review.readers(session.workspace)
    if session.options.as_json:
        roles = {name: _document(role) for name, role in session.rules.roles.role.items()}
        screen.document({"people": [person._asdict() for person in people], "roles": roles, "files": files})
    elif not session.options.quiet:
        rows = [(p.user, p.role, p.last[:10], p.changes, "; ".join(p.remarks)) for p in people]
        screen.table(["user", "role", "last change", "changes", "look at"], rows, right=[3])
        _all(session.rules.roles)
        for line in files:
            screen.say(line)


def _document(role: Role) -> dict[str, Any]:
    keys = ("records", "hidden", "masked", "not_written", "may")
    return dict(zip(keys, _summary(role), strict=True))


# -- make-view ------------------------------------------------------------------------------------------------------


def _made(session: Session, name: str, output: Path, user: str, *, force: bool) -> None:
    from crmtool.io import acting, role_copy
    from crmtool.io.role_store import RoleStore
    from crmtool.io.writers import files

    holder = acting.as_role(session.rules.roles, name, user)
    if "own" in {holder.role.records, holder.role.notes} and not user:
        raise UsageError(f"The role {name} sees contacts of one user.", "Say whose with --user NAME.")
    opened = session.workspace.open_store()
    store = RoleStore(opened, holder, session.workspace.store_path, lambda: session.rules)
    with session.working("Writing"), files.atomic(output, force=force) as temporary:
        counts = role_copy.written(store, temporary)
    store.close()
    if session.options.as_json:
        screen.document({"file": str(output), "role": name, "rows": counts})
    elif not session.options.quiet:
        screen.table(["table", "rows"], counts.items(), right=[1])
        screen.say(screen.safe(f"Wrote what {name} may see to {os.fspath(output)}."))
