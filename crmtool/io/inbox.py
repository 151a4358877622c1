"""Files that a pipeline takes: which are there and have settled, which were taken before, and where they go then."""

from __future__ import annotations

import glob
import os
import time
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core.errors import NotWritable
from crmtool.io import manifests

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crmtool.io.store import Store


def waiting(patterns: Iterable[str], root: Path) -> list[Path]:
    """Return the files that fit some patterns, each once, the oldest first; links are left alone."""
    found = {Path(name) for pattern in patterns for name in glob.glob(str(root / pattern), recursive=True)}  # noqa: PTH207  # patterns may be absolute
    files = [path for path in found if path.is_file() and not path.is_symlink()]
    return sorted(files, key=lambda path: (path.stat().st_mtime, path.name))


def is_settled(path: Path, seconds: int) -> bool:
    """Return whether a file has been left alone for so many seconds."""
    return time.time() - path.stat().st_mtime >= seconds


def is_taken(store: Store, path: Path, command: str) -> bool:
    """Return whether a file of the same content was taken by the same command, and that was not taken back."""
    sql = """SELECT count(*) FROM file f JOIN changeset c ON c.id = f.changeset_id
             WHERE f.sha256 = ? AND substr(c.command, 1, ?) = ?"""
    begins = f"{command} "
    found = store.query(sql, [manifests.hashed(path), len(begins), begins], {"files": pl.Int64()})
    return bool(found.item())


def moved(path: Path, folder: Path) -> Path:
    """Move a file into a folder, under a name that is free there; return where it is. Raises NotWritable."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        names = (f"{path.stem}{f'-{n}' if n else ''}{path.suffix}" for n in count())
        target = next(folder / name for name in names if not os.path.lexists(folder / name))
        path.rename(target)
    except OSError as error:
        raise NotWritable(
            f"{path.name} cannot be moved to {folder} ({error.strerror}).", "Check the permissions of both folders."
        ) from None
    return target
