"""`crmtool backup drill` and `restore`: opening a copy again, to prove that it can be done or to go back to it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crmtool.cli import screen
from crmtool.cli.session import Session, command
from crmtool.core.errors import CrmError, KeyMissing, StoreDamaged, UsageError

if TYPE_CHECKING:
    import polars as pl

    from crmtool.io.manifests import Copy

CopyName = Annotated[
    str, typer.Argument(metavar="[COPY]", help="Name or path of a copy; without: the newest.", show_default=False)
]
_Identity = Annotated[
    Path | None,
    typer.Option("--identity", metavar="FILE", help="Secret key that opens encrypted copies.", show_default=False),
]
_OTHER = "Take another copy; crmtool backup list names them."


def declare(noun: typer.Typer) -> None:
    """Add the commands to the noun `backup`."""

    @command(noun, "drill", also=("wait",))
    def drill(session: Session, copy: CopyName = "", identity: _Identity = None) -> None:
        """Restore a copy into a private temporary place, check all of it, say how long it took, and record that.

        Example: crmtool backup drill --identity /media/stick/crm-backup.key
        """
        _drilled(session, _chosen(session, copy), identity)

    @command(noun, "restore", also=("dry_run", "yes", "wait"))
    def restore(
        session: Session,
        copy: CopyName = "",
        identity: _Identity = None,
        into: Annotated[
            Path | None, typer.Option("--into", help="Make a new workspace of it here.", show_default=False)
        ] = None,
    ) -> None:
        """Put a copy in the place of the store, which is set aside; or make a new workspace of it.

        Example: crmtool backup restore copies/crm-20261121T030000Z-17.tar.zst.age --identity backup.key --into crm2
        """
        if into is not None:
            _housed(session, _chosen(session, copy), identity, into)
        else:
            with session.turn("backup restore"):
                _restored(session, _chosen(session, copy), identity)


# -- which copy -----------------------------------------------------------------------------------------------------


def copies(session: Session) -> list[Copy]:
    """Return the copies in all targets, oldest first."""
    from crmtool.io import backups

    return backups.copies(session.workspace, session.rules.backup)


def named(session: Session, name: str) -> list[Copy]:
    """Return where a copy lies: at a path, or in the targets that have the name. Raises UsageError."""
    from crmtool.io import manifests

    path = Path(name)
    if path.is_file():
        return [manifests.read(path.with_name(path.name.removesuffix(manifests.ENDING) + manifests.ENDING))]
    found = [copy for copy in copies(session) if copy.manifest.archive.startswith(name)]
    if len({copy.manifest.archive for copy in found}) != 1:
        raise UsageError(f"{name!r} is not the name of one copy.", "List them with: crmtool backup list")
    return found


def place(session: Session, path: Path) -> str:
    """Return a path as it is shown: inside the workspace without the way there."""
    root = session.workspace.root
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)


def _chosen(session: Session, name: str) -> Copy:
    """Return the copy meant; without a name the newest. Raises UsageError."""
    found = named(session, name) if name else copies(session)
    if not found:
        raise UsageError("There is no copy yet.", "Make one with: crmtool backup create")
    return found[-1]


def _identities(copy: Copy, identity: Path | None) -> list[Any] | None:
    from crmtool.io import encryption

    if not copy.manifest.encrypted:
        return None
    if identity is None:
        raise KeyMissing(f"{copy.manifest.archive} is encrypted.", "Say where the secret key is: --identity FILE")
    return encryption.identities(identity)


# -- opening it -----------------------------------------------------------------------------------------------------


def _drilled(session: Session, copy: Copy, identity: Path | None) -> None:
    from crmtool.core import runs
    from crmtool.io import backups, restoring

    identities, key = _identities(copy, identity), session.workspace.key()
    with (
        session.working("Restoring"),
        backups.opened(copy, session.workspace.root / backups.TRAY, identities, key) as at,
    ):
        proof = restoring.proved(at, copy.manifest)
    seconds = round(session.elapsed, 2)
    outcome = runs.FAILED if proof.wrong else runs.DONE
    step = {"step": "drill", "copy": copy.manifest.archive, "rows": proof.rows, "seconds": seconds}
    with session.turn("backup drill"):
        _kept(session, runs.DRILL, step, outcome)
    if session.options.as_json:
        screen.document({**step, "outcome": outcome, "wrong": proof.wrong})
    elif not session.options.quiet:
        screen.say(f"{copy.manifest.archive} was restored in {seconds:.2f} s and checked: {proof.rows} rows.")
    if proof.wrong:
        raise _refused(copy, proof.wrong)


def _kept(session: Session, name: str, step: dict[str, Any], outcome: str = "done") -> None:
    """Keep in the journal that a copy was opened."""
    from crmtool.core import runs

    code = StoreDamaged.exit_code if outcome == runs.FAILED else 0
    ended = runs.Run(name, session.now, session.elapsed, outcome, code, ({**step, "outcome": outcome},))
    session.record(runs.plan_record(ended, session.store.revision(), session.store.next_ids()["run"]))


def _refused(copy: Copy, wrong: list[str]) -> StoreDamaged:
    return StoreDamaged(f"{copy.manifest.archive} is not as it was made:", _OTHER, wrong)


def _restored(session: Session, copy: Copy, identity: Path | None) -> None:
    from crmtool.core import runs
    from crmtool.io import backups, restoring

    workspace = session.workspace
    tray, key = workspace.root / backups.TRAY, restoring.known_key(workspace)
    with backups.opened(copy, tray, _identities(copy, identity), key) as content:
        if key is not None and not restoring.is_of(content, key):
            raise KeyMissing("The copy is of another workspace.", "Restore it elsewhere with --into FOLDER.")
        _proved(session, copy, content)
        now = _last(session)
        if not session.options.as_json and not session.options.quiet:
            screen.say(f"The store here ends with change set {now}." if now is not None else "No whole store is here.")
            screen.say(f"The copy of {copy.manifest.made} ends with change set {copy.manifest.revision}.")
        agreed = session.agreed()
        marks = _tombstones(session)
        session.store_closed()
        erased = _erased_again(session, content, marks) if agreed else 0
        aside = restoring.replaced(workspace, content, session.now) if agreed else None
    if agreed:
        _kept(session, runs.RESTORE, {"step": "restore", "copy": copy.manifest.archive, "was": now})
    said = {"copy": copy.manifest.archive, "restored": agreed, "was": now, "is": copy.manifest.revision}
    if session.options.as_json:
        screen.document({**said, "erased": erased, "aside": str(aside) if aside else None})
    elif not session.options.quiet:
        screen.say("Restored." if agreed else "Nothing was changed.")
        _told_erased(erased)
        if aside:
            screen.say(f"The store that was here is {place(session, aside)}.")


def _proved(session: Session, copy: Copy, content: Path) -> None:
    from crmtool.io import restoring

    with session.working("Checking"):
        proof = restoring.proved(content, copy.manifest)
    if proof.wrong:
        raise _refused(copy, proof.wrong)


def _last(session: Session) -> int | None:
    """Return the last change set of the store that is to be replaced; None where it cannot be opened."""
    try:
        return session.store.revision().number
    except CrmError:
        return None


def _housed(session: Session, copy: Copy, identity: Path | None, into: Path) -> None:
    from crmtool.io import backups, restoring

    restoring.refuse_unless_empty(into)
    with backups.opened(copy, into.absolute().parent, _identities(copy, identity), None) as content:
        _proved(session, copy, content)
        if not restoring.is_proved(content, copy):
            raise _refused(copy, ["its manifest was changed"])
        looks = session.options.dry_run
        erased = 0 if looks else _erased_again(session, content, _own_tombstones(session, content))
        made = None if looks else restoring.housed(content, into)
    if session.options.as_json:
        screen.document({"copy": copy.manifest.archive, "workspace": str(made.root) if made else None})
    elif not session.options.quiet:
        screen.say(f"Made the workspace {into} of {copy.manifest.archive}." if made else "Nothing was changed.")
        _told_erased(erased)


# -- who was erased since -------------------------------------------------------------------------------------------


def _tombstones(session: Session) -> pl.DataFrame | None:
    """Return the marks of people who were erased here; None where that cannot be told."""
    try:
        return session.store.snapshot("tombstone")
    except CrmError as error:
        if (session.workspace.store_path).exists():
            screen.remark(f"Who was erased since the copy is not known: {error.message}")
        return None


def _own_tombstones(session: Session, content: Path) -> pl.DataFrame | None:
    """Return the marks of the workspace around, where the copy is one of it."""
    from crmtool.io import restoring

    try:
        mine = restoring.is_of(content, session.workspace.key())
    except CrmError:
        return None
    return _tombstones(session) if mine else None


def _erased_again(session: Session, content: Path, marks: pl.DataFrame | None) -> int:
    """Erase in a copy whom the store here has erased; return how many people they were."""
    from contextlib import closing

    from crmtool.io import archives, replaying
    from crmtool.io.store import Stamp, Store
    from crmtool.io.workspace import Workspace

    if marks is None or marks.is_empty():
        return 0
    stamp = Stamp(session.actor, session.now.isoformat(timespec="seconds"))
    with closing(Store.open(content / archives.STORE, Workspace(content).key())) as store:
        return replaying.again(store, marks, "", stamp)


def _told_erased(people: int) -> None:
    if people:
        screen.say(f"Erased again in it: {'1 person' if people == 1 else f'{people} people'}.")
