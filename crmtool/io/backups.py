"""Making copies of a workspace while others use it: copied online, checked, packed, encrypted, put in every target.

A copy is an archive (`archives`) with a manifest beside it (`manifests`). What is checked: the structure, every row
against its proof, and each archive against its hash once it lies where it was put. Readers and writers are not held up.
"""

from __future__ import annotations

import datetime as dt
import errno
import fcntl
import os
import shutil
import time
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

import polars as pl

from crmtool import __version__
from crmtool.core import backup_rules
from crmtool.core.errors import NotWritable, StoreDamaged, UsageError
from crmtool.io import archives, encryption, manifests, schema, soundness
from crmtool.io.connecting import sqlite3
from crmtool.io.manifests import Copy, Manifest
from crmtool.io.store import Store
from crmtool.io.writers import files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crmtool.core.backup_rules import Backup, Keep
    from crmtool.core.plans import Summary
    from crmtool.core.rules import Rules
    from crmtool.io.workspace import Workspace

TRAY = "backups"
BY_HAND, BEFORE = "on demand", "before a large change"
_MAKING = ".making-"
_YOUNG = 60.0  # seconds in which a folder may not be locked yet
_FREE = 3.0  # times the store: the copy, the archive, the encrypted archive


@dataclass(frozen=True)
class Made:
    """A copy that was made: its manifest, where it lies, and which targets did not take it and why."""

    manifest: Manifest
    placed: list[Path]
    missed: dict[str, str]


def targets(workspace: Workspace, rules: Backup) -> dict[str, Path]:
    """Return the folders of copies: as written in the rules -> the folder."""
    return {name: workspace.root / Path(name).expanduser() for name in rules.targets}


def folders(workspace: Workspace, rules: Backup) -> list[Path]:
    """Return the tray of the workspace and the folders of all targets, each once."""
    every = (workspace.root / TRAY, *targets(workspace, rules).values())
    return list({path.resolve(): path for path in every}.values())


def copies(workspace: Workspace, rules: Backup) -> list[Copy]:
    """Return the copies in all targets, and in the tray of the workspace, oldest first."""
    every = [copy for folder in folders(workspace, rules) for copy in manifests.found(folder)]
    return sorted(every, key=lambda copy: (copy.manifest.moment, copy.manifest.archive))


def made(workspace: Workspace, rules: Rules, at: dt.datetime, *, plain: bool = False, why: str = BY_HAND) -> Made:
    """Make a copy in every target of the rules.

    Raises UsageError where it would be unencrypted and that was not said, StoreDamaged where the store is not whole,
    NotWritable where no target takes it.
    """
    keys = encryption.recipients(rules.backup.recipients)
    if not keys and not (plain or rules.backup.plain):
        raise UsageError(
            "rules/backup.toml names no recipients, so the copy would not be encrypted.",
            "Name public keys there (crmtool backup key makes them), or say --plain.",
        )
    return _made(workspace, rules.fingerprint, keys, at, why, targets(workspace, rules.backup))


def before(workspace: Workspace, store: Store, rules: Rules, summary: Summary, at: dt.datetime) -> Made | None:
    """Make a copy in the workspace's own tray where a plan is large (see `backup.toml`); None: it is not.

    The copy is of the last committed state, also inside of a transaction. Without recipients it is as plain as the
    store it lies beside. Raises as `made` does.
    """
    contacts = store.query("SELECT count(*) FROM contact", [], {"contacts": pl.Int64()}).item()
    erases = pl.col("table").eq("tombstone") & (pl.col("created") > 0)
    if summary.counts.filter(erases).height:
        return None  # a copy would keep whom the plan removes
    if not backup_rules.is_large(summary.counts, contacts, rules.backup.before):
        return None
    keys = encryption.recipients(rules.backup.recipients)
    return _made(workspace, rules.fingerprint, keys, at, BEFORE, {TRAY: workspace.root / TRAY})


def _made(
    workspace: Workspace, fingerprint: str, keys: list[Any], at: dt.datetime, why: str, places: dict[str, Path]
) -> Made:
    key = workspace.key()
    with _making(workspace.root / TRAY) as folder:
        content = folder / "content"
        content.mkdir(mode=0o700)
        _gathered(workspace, content)
        known = _checked(workspace, content / archives.STORE)
        archive = _packed(content, folder / "packed", keys)
        shutil.rmtree(content)
        name = f"crm-{at.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}-{known['revision']}{''.join(archive.suffixes)}"
        manifest = Manifest(
            archive=_free(name, places.values()),
            made=at.astimezone(dt.UTC).isoformat(timespec="seconds"),
            why=why,
            encrypted=bool(keys),
            sha256=manifests.hashed(archive),
            bytes=archive.stat().st_size,
            rules=fingerprint,
            version=__version__,
            **known,
        )
        return _placed(manifest, archive, key, places)


def _gathered(workspace: Workspace, content: Path) -> None:
    """Bring together what a copy holds: the store as it was last committed, its key, its rules."""
    store = content / archives.STORE
    with _told(content):
        if shutil.disk_usage(content).free < _FREE * workspace.store_path.stat().st_size:
            raise OSError(errno.ENOSPC, "No space left on device")
        os.close(os.open(store, os.O_CREAT | os.O_WRONLY, 0o600))
        with (
            closing(sqlite3.connect(f"{workspace.store_path.as_uri()}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(store)) as target,
        ):
            target.execute("PRAGMA synchronous = OFF")
            _copied(source, target)
        for name in (archives.KEY, archives.MARKER):
            shutil.copy(workspace.root / name, content / name)
        for path in workspace.rules_path.rglob("*"):
            if path.is_file() and not path.is_symlink():
                copy = content / archives.RULES / path.relative_to(workspace.rules_path)
                copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                shutil.copyfile(path, copy)


def _copied(source: Any, target: Any) -> None:  # noqa: ANN401  # connections of either driver
    """Copy a store in one step: in small ones it would begin anew with every commit of somebody else."""
    try:
        source.backup(target, pages=-1)
    except sqlite3.DatabaseError as error:
        if "full" in str(error):
            raise OSError(errno.ENOSPC, "No space left on device") from None
        raise StoreDamaged(f"The store cannot be copied ({error}).", "Look closer with: crmtool doctor") from None


def _checked(workspace: Workspace, path: Path) -> dict[str, Any]:
    """Return what is known of a copied store. Raises StoreDamaged where its structure is broken."""
    with closing(Store.open(path, workspace.key())) as store:
        if broken := soundness.structural(store):
            raise StoreDamaged("The store is damaged, so no copy of it was made:", _RESTORE, broken)
        faults, counts, revision = (
            len(soundness.rotten(store, workspace.key())),
            soundness.counts(store),
            store.revision(),
        )
    return {
        "store_sha256": manifests.hashed(path),
        "store_bytes": path.stat().st_size,
        "revision": revision.number,
        "head": revision.digest,
        "schema": schema.version(),
        "counts": counts,
        "faults": faults,
    }


_RESTORE = "Look closer with: crmtool doctor; go back with: crmtool backup restore"


def _packed(content: Path, packed: Path, keys: list[Any]) -> Path:
    plain = packed.with_name(packed.name + archives.PLAIN)
    with _told(packed.parent):
        _emptied(plain)
        archives.packed(content, plain)
        if not keys:
            return plain
        sealed = plain.with_name(plain.name + encryption.ENDING)
        _emptied(sealed)
        encryption.encrypted(plain, sealed, keys)
        plain.unlink()
    return sealed


def _emptied(path: Path) -> None:
    encryption.private(path).close()


def _free(name: str, folders: Any) -> str:  # noqa: ANN401  # any folders
    """Return a name that no folder has: that of the copy, or with a number."""
    stem, ending = name.split(".", 1)
    taken = {path.name for folder in folders for path in folder.glob("crm-*")}
    names = (f"{stem}{f'-{n}' if n else ''}.{ending}" for n in range(10_000))
    return next(name for name in names if name not in taken)


def _placed(manifest: Manifest, archive: Path, key: str, places: dict[str, Path]) -> Made:
    copied, missed = [], {}
    for name, folder in places.items():
        try:
            copied.append(_put(manifest, archive, key, folder))
        except (NotWritable, UsageError, StoreDamaged, OSError) as error:
            missed[name] = error.message if isinstance(error, (NotWritable, UsageError, StoreDamaged)) else str(error)
    if not copied:
        raise NotWritable(
            "No target took the copy:",
            "Check the targets in rules/backup.toml: they must be there.",
            [f"{name}: {why}" for name, why in missed.items()],
        )
    return Made(manifest, copied, missed)


def _put(manifest: Manifest, archive: Path, key: str, folder: Path) -> Path:
    """Put an archive and then its manifest into a folder; what lies there is read again."""
    path = folder / manifest.archive
    with files.atomic(path) as temporary:
        shutil.copyfile(archive, temporary)
    if manifests.hashed(path) != manifest.sha256:
        path.unlink()
        raise StoreDamaged(f"{path} was not written as it is.", "Check the disk.")
    with files.atomic(path.with_name(path.name + manifests.ENDING)) as temporary:
        temporary.write_text(manifests.rendered(manifest, manifests.proof(manifest, key)), "utf-8")
    return path


@contextmanager
def _making(tray: Path) -> Iterator[Path]:
    """Give a private folder for the work; those of runs that were killed go first."""
    with _told(tray):
        tray.mkdir(mode=0o700, exist_ok=True)
        for left in leftovers(tray):
            shutil.rmtree(left, ignore_errors=True)
        folder = Path(mkdtemp(prefix=_MAKING, dir=tray))
        handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(handle)


def leftovers(tray: Path) -> list[Path]:
    """Return what runs that were killed left behind while they made or opened a copy."""
    return [folder for folder in tray.glob(f"{_MAKING}*") if not _worked_in(folder)]


def _worked_in(folder: Path) -> bool:
    try:
        if time.time() - folder.stat().st_mtime < _YOUNG:
            return True
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(handle)


@contextmanager
def _told(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise NotWritable(
            f"{error.filename or place} cannot be written ({error.strerror}).", "Check the permissions and the disk."
        ) from None


@contextmanager
def opened(copy: Copy, workspace_tray: Path, identities: list[Any] | None, key: str | None) -> Iterator[Path]:
    """Give a private folder with the content of a copy, checked against its manifest, for as long as the block runs.

    `key` is that of the workspace; without one it is not known who made the copy. Raises StoreDamaged where anything is
    not as it was made, KeyMissing where no identity fits.
    """
    if wrong := manifests.whole(copy, key):
        raise StoreDamaged(f"The copy {copy.manifest.archive} is refused: {wrong}.", "Take another one.")
    with _making(workspace_tray) as folder:
        content = folder / "content"
        content.mkdir(mode=0o700)
        with _told(folder):
            archives.unpacked(copy.path, content, copy.manifest.store_bytes, identities)
        store = content / archives.STORE
        if not store.is_file() or manifests.hashed(store) != copy.manifest.store_sha256:
            raise StoreDamaged(f"The store in {copy.manifest.archive} is not the one copied.", "Take another copy.")
        yield content


def expired(copies: list[Copy], keep: Keep, key: str) -> list[Copy]:
    """Return the copies that the rules let go, folder by folder; in each the newest that proves whole stays."""
    going = []
    for folder in {copy.folder: None for copy in copies}:
        here = [copy for copy in copies if copy.folder == folder]
        staying = backup_rules.kept([copy.manifest.moment for copy in here], keep)
        candidates = [copy for at, copy in enumerate(here) if at not in staying]
        sound = (c for c in reversed(here) if not c.manifest.faults and not manifests.whole(c, key))
        newest = next(sound, None) if candidates else None
        going += [copy for copy in candidates if copy is not newest]
    return going


def removed(copy: Copy) -> None:
    """Remove a copy, the archive first: a manifest without one says what is missing."""
    with _told(copy.folder), suppress(FileNotFoundError):
        copy.path.unlink(missing_ok=True)
        copy.manifest_path.unlink()
