"""The workspace: one folder with the store, the rules, the key and the trays. Everything in it is private."""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import os
import secrets
import shutil
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crmtool.core.errors import KeyMissing, Locked, NotWritable, NoWorkspace, UsageError
from crmtool.io.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MARKER = "crmtool.toml"
VARIABLE = "CRMTOOL_WORKSPACE"
_PAUSE = 0.05  # seconds between two looks at a lock that is held
TRAYS = ("inbox", "exports", "reports", "backups", "rejects")

_SETTINGS = """\
# This file marks a crmtool workspace.
#   crm.db    the store: records, contacts and the whole history
#   crm.key   the secret that proves the history; keep a copy apart from the store
#   rules/    how this workspace reads, cleans, joins and checks; keep it in git
"""


@dataclass(frozen=True)
class Workspace:
    """The places of one workspace."""

    root: Path

    @property
    def store_path(self) -> Path:
        """The store file."""
        return self.root / "crm.db"

    @property
    def rules_path(self) -> Path:
        """The folder of the rules."""
        return self.root / "rules"

    def key(self) -> str:
        """Return the secret of the proofs. Raises KeyMissing."""
        path = self.root / "crm.key"
        try:
            return path.read_text("ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise KeyMissing(
                f"The key {path.name} cannot be read ({type(error).__name__}).",
                "Put back the crm.key that was made with this store.",
            ) from None

    def open_store(self) -> Store:
        """Open the store of this workspace."""
        return Store.open(self.store_path, self.key())

    @contextmanager
    def lock(self, command: str, wait: float = 0) -> Iterator[None]:
        """Be the only writer for a while; the kernel frees the lock even when the process is killed.

        Where another run writes, it is waited for so many seconds. Raises Locked naming who holds it.
        """
        with _writable():
            handle = os.open(self.root / "crm.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if not _taken(handle, wait):
                raise Locked(
                    f"Another run is writing: {_holder(handle)}.",
                    "Wait until it has finished, then run this again; --wait SECS does so by itself.",
                )
            _signed(handle, command)
            yield
        finally:
            os.close(handle)

    def writer(self) -> str | None:
        """Return who is writing now; None: nobody. A lock file that nobody holds says nothing."""
        try:
            handle = os.open(self.root / "crm.lock", os.O_RDONLY)
        except OSError:
            return None
        try:
            return None if _taken(handle, 0) else _holder(handle)
        finally:
            os.close(handle)


def created(root: Path) -> Workspace:
    """Make a workspace in a new or empty folder. Raises UsageError where there is something already."""
    if (root / MARKER).exists():
        raise UsageError(f"{root} is a workspace already.", "Use it with: crmtool --workspace PATH ...")
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise UsageError(f"{root} is not an empty folder.", "Give a new folder: crmtool init NAME")
    made = root.exists()
    try:
        return _filled(root)
    except BaseException:
        for path in [*root.glob("*")] if root.is_dir() else []:  # it was empty: all of it is ours
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        if not made and root.is_dir():
            root.rmdir()
        raise


def _filled(root: Path) -> Workspace:
    from crmtool.io import rulebook

    with _writable():
        for folder in (root, *(root / tray for tray in TRAYS)):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copytree(rulebook.defaults(), root / "rules", copy_function=shutil.copyfile)
        _private(root / "rules")
        rulebook.remember(root / rulebook.KNOWN, rulebook.fingerprint(root / "rules"))
        _written(root / "crm.key", secrets.token_hex(32) + "\n")
        workspace = Workspace(root)
        _written(workspace.store_path, "")  # SQLite would make it readable by all that the umask lets
        Store.create(workspace.store_path, workspace.key()).close()
        _written(root / MARKER, _SETTINGS)  # last: a folder with the marker is whole
    return workspace


def found(given: Path | None, environment: Mapping[str, str], here: Path) -> Workspace:
    """Return the workspace that is given, named by the environment, or around `here`. Raises NoWorkspace."""
    named = given or (Path(environment[VARIABLE]) if environment.get(VARIABLE) else None)
    if named is not None:
        if not (named / MARKER).is_file():
            raise NoWorkspace(
                f"{named} is not a workspace: it has no {MARKER}.", f"Make one with: crmtool init {named}"
            )
        return Workspace(named.resolve())
    for folder in (here, *here.parents):
        if (folder / MARKER).is_file():
            return Workspace(folder)
    raise NoWorkspace(
        "There is no workspace here or in any folder above.",
        f"Make one with: crmtool init NAME; or say where it is with --workspace or {VARIABLE}.",
    )


@contextmanager
def _writable() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise NotWritable(
            f"{error.filename or 'The folder'} cannot be written ({error.strerror}).",
            "Check the folder's permissions and the disk.",
        ) from None


def _taken(handle: int, wait: float) -> bool:
    """Take the lock, trying for so many seconds; return whether it was got."""
    until = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            left = until - time.monotonic()
            if left <= 0:
                return False
            time.sleep(min(_PAUSE, left))
        else:
            return True


def _signed(handle: int, command: str) -> None:
    """Leave in the lock file who holds it, for whoever comes meanwhile."""
    since = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    said = json.dumps({"pid": os.getpid(), "command": command, "since": since}).encode()
    with _writable():
        os.ftruncate(handle, 0)
        os.pwrite(handle, said, 0)


def _holder(handle: int) -> str:
    try:
        held = json.loads(os.pread(handle, 10_000, 0))
        since = dt.datetime.fromisoformat(held["since"]).astimezone()
        return f"{held['command']} (process {held['pid']}, since {since:%Y-%m-%d %H:%M:%S})"
    except (ValueError, KeyError, TypeError):
        return "a crmtool command"


def _private(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)


def _written(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as handle:
        handle.write(text)
