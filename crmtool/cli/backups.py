"""`crmtool backup`: copies of the workspace, made, listed, checked and let go.

Opening a copy again, for a drill or to restore it, is in `restoring`.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crmtool.cli import restoring, screen
from crmtool.cli.inputs import output_option
from crmtool.cli.session import Session, command
from crmtool.core.errors import NotWritable, StoreDamaged

if TYPE_CHECKING:
    from crmtool.io.backups import Made
    from crmtool.io.manifests import Copy

_FAILED = 4
_MEGA = 1_000_000


def declare(app: typer.Typer) -> None:
    """Add the commands."""
    noun = typer.Typer(help="Copies of the workspace.", no_args_is_help=True)
    app.add_typer(noun, name="backup")
    restoring.declare(noun)

    @command(noun, "key")
    def key(session: Session, output: Annotated[Path, output_option("File for the secret key.")]) -> None:
        """Make a pair of keys: the secret one goes to a file, to be kept elsewhere; the public one is printed.

        Example: crmtool backup key -o /media/stick/crm-backup.key
        """
        _key(session, output)

    @command(noun, "create")
    def create(
        session: Session, plain: Annotated[bool, typer.Option("--plain", help="Without encryption.")] = False
    ) -> int:
        """Copy the store, its key and the rules to every target, checked and encrypted. Others may go on working.

        Example: crmtool backup create
        """
        from crmtool.io import backups

        with session.working("Copying"):
            made = backups.made(session.workspace, session.rules, session.now, plain=plain)
        return _made(session, made)

    @command(noun, "list")
    def list_(session: Session) -> None:
        """List the copies in all targets.

        Example: crmtool backup list
        """
        copies = restoring.copies(session)
        if session.options.as_json:
            screen.document([{**asdict(copy.manifest), "folder": str(copy.folder)} for copy in copies])
        elif not session.options.quiet:
            _listed(session, copies)

    @command(noun, "verify")
    def verify(session: Session, copy: restoring.CopyName = "") -> None:
        """Read copies again and compare them with what was written; without a name all of them.

        Example: crmtool backup verify
        """
        _verified(session, restoring.named(session, copy) if copy else restoring.copies(session), every=not copy)

    @command(noun, "prune", also=("dry_run", "yes"))
    def prune(session: Session) -> None:
        """Remove the copies that the rules let go; the newest that proves whole always stays.

        Example: crmtool backup prune --dry-run
        """
        _pruned(session)


def _key(session: Session, output: Path) -> None:
    from crmtool.io import encryption

    public = encryption.new_key(output)
    if session.options.as_json:
        screen.document({"recipient": public, "file": str(output)})
    elif not session.options.quiet:
        screen.say(public)
        screen.remark(f"Its secret key is in {output}: keep that apart from this machine.")
        screen.remark("The line above is a recipient for rules/backup.toml.")


def _made(session: Session, made: Made) -> int:
    manifest = made.manifest
    if session.options.as_json:
        screen.document({**asdict(manifest), "placed": len(made.placed), "missed": made.missed})
    elif not session.options.quiet:
        places = ", ".join(restoring.place(session, path.parent) for path in made.placed)
        screen.say(f"Made {manifest.archive} ({size(manifest.bytes)}) in {places}")
    for target, why in made.missed.items():
        screen.remark(f"crmtool: the target {target} has no copy: {why}")
    if manifest.faults:
        screen.remark(f"crmtool: {manifest.faults} rows are not as they were written; see: crmtool history verify")
    if made.missed:
        return NotWritable.exit_code
    return _FAILED if manifest.faults else 0


def size(count: int) -> str:
    """Return a number of bytes for people.

    >>> size(999), size(2_500_000)
    ('1 kB', '2.5 MB')
    """
    return f"{max(round(count / 1000), 1)} kB" if count < _MEGA else f"{count / _MEGA:.1f} MB"


def _listed(session: Session, copies: list[Copy]) -> None:
    rows = [
        (
            copy.manifest.archive,
            copy.manifest.revision,
            size(copy.manifest.bytes),
            restoring.place(session, copy.folder),
            copy.manifest.why + ("" if copy.manifest.encrypted else ", not encrypted"),
        )
        for copy in copies
    ]
    screen.table(["copy, by the moment in UTC", "change set", "size", "in", ""], rows, right=[1, 2], whole=[0])


def _verified(session: Session, copies: list[Copy], *, every: bool) -> None:
    from crmtool.io import backups, manifests

    key = session.workspace.key()
    with session.working("Reading"):
        told = [(copy.path, manifests.whole(copy, key)) for copy in copies]
    for folder in backups.folders(session.workspace, session.rules.backup) if every else ():
        told += [(path, "it has no manifest that can be read") for path in manifests.unreadable(folder)]
    if session.options.as_json:
        screen.document([{"copy": str(path), "wrong": wrong or None} for path, wrong in told])
    elif not session.options.quiet:
        rows = [(path.name, restoring.place(session, path.parent), wrong or "whole") for path, wrong in told]
        screen.table(["copy", "in", ""], rows)
    if bad := [path for path, wrong in told if wrong]:
        raise StoreDamaged(
            f"{len(bad)} of {len(told)} copies cannot be trusted.", "Make a new one with: crmtool backup create"
        )


def _pruned(session: Session) -> None:
    from crmtool.io import backups

    with session.working("Reading"):
        going = backups.expired(restoring.copies(session), session.rules.backup.keep, session.workspace.key())
    loud = not session.options.as_json and not session.options.quiet
    if loud and going:
        _listed(session, going)
    removed = going if going and session.agreed() else []
    for copy in removed:
        backups.removed(copy)
    if session.options.as_json:
        screen.document({"expired": [str(copy.path) for copy in going], "removed": len(removed)})
    elif loud:
        screen.say(f"{len(removed)} of {len(going)} removed." if going else "Nothing to remove.")
