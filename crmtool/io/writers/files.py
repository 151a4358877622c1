"""How a file comes into being: whole or not at all, readable by its owner alone, never over another by accident.

Every writer goes through `atomic`; what can go wrong while writing is told in `_REASONS`.
"""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkstemp
from typing import TYPE_CHECKING

from crmtool.core.errors import NotWritable, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

_REASONS = {
    errno.ENOSPC: ("the disk is full", "Free some space, or write to another disk."),
    errno.EDQUOT: ("your share of the disk is used up", "Free some space, or write to another disk."),
    errno.EROFS: ("the disk is read-only", "Write to another folder."),
    errno.EACCES: ("the folder may not be written by you", "Write to another folder, or ask its owner."),
    errno.EPERM: ("the folder may not be written by you", "Write to another folder, or ask its owner."),
    errno.ENOENT: ("there is no such folder", "Create the folder first."),
    errno.ENOTDIR: ("part of its path is not a folder", "Check the spelling of the path."),
    errno.ENAMETOOLONG: ("its name is too long", "Choose a shorter name."),
    errno.EISDIR: ("it is a folder", "Name a file in it."),
}


@contextmanager
def atomic(path: Path, *, force: bool = False) -> Iterator[Path]:
    """Give an empty private file (mode 0600) beside `path`; after the block it is on disk under the name `path`.

    Should the block fail, nothing is left behind and what stood at `path` is untouched. Raises UsageError where
    something is there already and `force` is not given, NotWritable where the disk or the folder does not let us.
    """
    if path.is_dir():
        raise UsageError(f"{path} is a folder.", "Name a file in it.")
    refuse_to_overwrite(path, force=force)
    try:
        with _beside(path) as temporary:
            yield temporary
            _place(temporary, path, force=force)
    except OSError as fault:
        if fault.errno not in _REASONS:
            raise
        reason, hint = _REASONS[fault.errno]
        raise NotWritable(f"{path} cannot be written: {reason}.", hint) from fault


def refuse_to_overwrite(path: Path, *, force: bool) -> None:
    """Raise UsageError where something is there already, unless it may be replaced by `force`."""
    if not force and os.path.lexists(path):
        raise UsageError(f"{path} exists already.", "Choose another name, or replace it with --force.")


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    handle, name = mkstemp(prefix=".crmtool-", suffix=".part", dir=path.parent)
    os.close(handle)
    try:
        yield Path(name)
    finally:
        with suppress(FileNotFoundError):
            Path(name).unlink()


def _place(temporary: Path, path: Path, *, force: bool) -> None:
    _synced(temporary)
    if force or not _linked(temporary, path):
        refuse_to_overwrite(path, force=force)
        temporary.replace(path)
    with suppress(OSError):  # some systems cannot sync a folder; the file itself is safe
        _synced(path.parent)


def _linked(temporary: Path, path: Path) -> bool:
    """Give the file its name only if the name is free; False where the disk knows no links or the name is taken."""
    try:
        os.link(temporary, path)
    except OSError:
        return False
    return True


def _synced(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
