"""Opening copies again: a drill proves that one can be restored; restoring puts one in the place of the store.

The store that is replaced is set aside, never removed. It must be left by all readers first: SQLite would otherwise
mix its log with the new file.
"""

from __future__ import annotations

import os
import shutil
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crmtool.core.errors import Locked, NotWritable, StoreDamaged, UsageError
from crmtool.io import archives, manifests, schema, soundness
from crmtool.io.connecting import sqlite3
from crmtool.io.store import Store
from crmtool.io.workspace import MARKER, TRAYS, Workspace

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from crmtool.io.manifests import Copy, Manifest

_PATIENCE = 5.0  # seconds in which readers may leave
_SIDE = ("-wal", "-shm")
_READ = "Close what has it open, or wait, then run this again."


@dataclass(frozen=True)
class Proof:
    """What was found when a copy was opened: rows in all, and lines about what is wrong."""

    rows: int
    wrong: list[str]


def proved(content: Path, manifest: Manifest) -> Proof:
    """Check an unpacked copy as a store: structure, every row and entry, counts, and the head of its history.

    Raises KeyMissing where the key in it is not that of its store, StoreDamaged where it cannot be read.
    """
    key = _key(content)
    with closing(Store.open(content / archives.STORE, key)) as store:
        counts, revision = soundness.counts(store), store.revision()
        wrong = soundness.structural(store)
        rotten = soundness.rotten(store, key)
    if len(rotten) != manifest.faults:
        wrong += rotten
    if (revision.number, revision.digest) != (manifest.revision, manifest.head):
        wrong.append(f"its history ends at {revision.number}, not as the manifest says at {manifest.revision}")
    wrong += [
        f"{table}: {counts.get(table, 0)} rows, {rows} were copied"
        for table, rows in manifest.counts.items()
        if counts.get(table) != rows
    ]
    return Proof(sum(counts.values()), wrong)


def _key(content: Path) -> str:
    return Workspace(content).key()


def known_key(workspace: Workspace) -> str | None:
    """Return the key of a workspace; None where it was lost."""
    return workspace.key() if (workspace.root / archives.KEY).exists() else None


def is_of(content: Path, key: str) -> bool:
    """Return whether an unpacked copy is of the workspace with this key."""
    return _key(content) == key


def is_proved(content: Path, copy: Copy) -> bool:
    """Return whether the manifest of a copy was written with the key in it."""
    return manifests.proof(copy.manifest, _key(content)) == copy.proof


def replaced(workspace: Workspace, content: Path, at: dt.datetime) -> Path | None:
    """Put the store of an unpacked, checked copy in the place of the workspace's; return where the old one went.

    At every moment there is a whole store under its name, the old or the new. The caller holds the lock. Raises Locked
    where somebody reads the store, NotWritable.
    """
    store, new = workspace.store_path, content / archives.STORE
    try:
        _made_log_keeping(new)
        _synced(new)
        aside = _set_aside(store, at) if store.exists() else None
        new.replace(store)
        if not (workspace.root / archives.KEY).exists():
            (content / archives.KEY).replace(workspace.root / archives.KEY)
        _synced(workspace.root)
    except OSError as error:
        raise NotWritable(
            f"{error.filename or store.name} cannot be written ({error.strerror}).",
            "Check the permissions and the disk.",
        ) from None
    return aside


def _made_log_keeping(path: Path) -> None:
    """Bring a copied store to the schema of this program and to its journal; close it, so that its log is in it."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        version = int(db.execute("PRAGMA user_version").fetchone()[0])
    if version > schema.version():
        raise StoreDamaged(f"The copy has schema {version}, newer than this crmtool knows.", "Update crmtool.")


def _set_aside(store: Path, at: dt.datetime) -> Path:
    """Give the store a second name among the backups; its own stays until the new one takes it.

    The log goes into the file first, which needs everybody else to have left it. A store too damaged for that keeps its
    log beside it under the second name.
    """
    aside = _unused(store.parent / "backups", f"replaced-{at:%Y%m%dT%H%M%SZ}")
    try:
        with closing(sqlite3.connect(store, isolation_level=None, timeout=_PATIENCE)) as db:
            db.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise Locked("Somebody is reading the store.", _READ) from None
        raise
    except sqlite3.DatabaseError:
        for ending in _SIDE:
            with suppress(FileNotFoundError):
                store.with_name(store.name + ending).rename(aside.with_name(aside.name + ending))
    aside.parent.mkdir(mode=0o700, exist_ok=True)
    try:
        os.link(store, aside)
    except OSError:  # a disk without links
        shutil.copyfile(store, aside)
    return aside


def _unused(folder: Path, stem: str) -> Path:
    names = (folder / f"{stem}{f'-{n}' if n else ''}.db" for n in range(10_000))
    return next(path for path in names if not path.exists())


def housed(content: Path, folder: Path) -> Workspace:
    """Make a new workspace of an unpacked, checked copy. Raises UsageError where the folder is not new or empty."""
    refuse_unless_empty(folder)
    try:
        for made in (folder, *(folder / tray for tray in TRAYS)):
            made.mkdir(mode=0o700, parents=True, exist_ok=True)
        _made_log_keeping(content / archives.STORE)
        for path in sorted(path for path in content.rglob("*") if path.is_file() and path.name != MARKER):
            target = folder / path.relative_to(content)
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            shutil.move(path, target)
        shutil.move(content / MARKER, folder / MARKER)  # last: a folder with the marker is whole
    except OSError as error:
        raise NotWritable(f"{folder} cannot be written ({error.strerror}).", "Check the folder and the disk.") from None
    return Workspace(folder.resolve())


def refuse_unless_empty(folder: Path) -> None:
    """Raise UsageError where a folder is neither new nor empty."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} is not an empty folder.", "Give a new one with --into.")


def _synced(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
