"""Documents on the disk: found, measured, renamed, and what the store knows of their deals.

Links are never followed and nothing is opened but to take its SHA-256. A file is renamed within its folder, onto a name
that nothing has; a journal in the workspace, written first, says how it was called.
"""

from __future__ import annotations

import fnmatch
import hashlib
import json
import os
import stat
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import polars as pl

from crmtool.core import findings
from crmtool.core.documents import checks, links, names
from crmtool.core.errors import Conflict, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crmtool.io.store import Store

_JOURNALS = "renames"  # folder of the workspace
_OPENED = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK  # a pipe in place of a file would wait for ever
_BLOCK = 1 << 20


def listed(folder: Path, ignore: Iterable[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the files below a folder by their paths (`names.FILES`), and findings about what is none.

    Raises UsageError where there is no such folder.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder.name or folder} is no folder.", "Give the folder that holds the folders of deals.")
    found, odd = [], []
    patterns = [*ignore]
    for path, size, code in _walked(folder):
        if any(fnmatch.fnmatchcase(PurePosixPath(path).name, pattern) for pattern in patterns):
            continue
        (odd.append((_shown(path), code)) if code else found.append((path, size)))
    files = pl.DataFrame(found, schema=names.FILES, orient="row").sort("path")
    strange = pl.DataFrame(odd, schema={"value": pl.String(), "code": pl.String()}, orient="row").sort("value")
    return files, findings.found(strange)


def _walked(folder: Path) -> Iterator[tuple[str, int, str | None]]:
    """Yield path, size and what is wrong of everything below a folder that is no folder itself."""
    waiting = [""]
    while waiting:
        inside = waiting.pop()
        try:
            entries = [*os.scandir(folder / inside)]
        except OSError:
            yield inside, 0, "document.unread"
            continue
        for entry in entries:
            path = f"{inside}/{entry.name}".lstrip("/")
            if entry.is_dir(follow_symlinks=False):
                waiting.append(path)
            else:
                yield path, *_measured(entry)


def _measured(entry: os.DirEntry[str]) -> tuple[int, str | None]:
    try:
        entry.path.encode()
        status = entry.stat(follow_symlinks=False)
    except UnicodeEncodeError:
        return 0, "document.bytes"
    except OSError:
        return 0, "document.unread"
    return status.st_size, None if stat.S_ISREG(status.st_mode) else "document.other"


def _shown(path: str) -> str:
    return path.encode(errors="replace").decode()


def hashed(folder: Path, paths: Iterable[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the files that can be read (columns path, size, sha256), and findings about the others."""
    rows, unread = [], []
    for path in paths:
        try:
            rows.append((path, *_digest(folder / path)))
        except OSError:
            unread.append(path)
    schema = {"path": pl.String(), "size": pl.Int64(), "sha256": pl.String()}
    return (
        pl.DataFrame(rows, schema=schema, orient="row"),
        findings.found(pl.DataFrame({"value": unread}, schema={"value": pl.String()}), "document.unread"),
    )


def _digest(path: Path) -> tuple[int, str]:
    """Return size and SHA-256 of a file as they are read. Raises OSError, also for what is no file."""
    total, size = hashlib.sha256(), 0
    handle = os.open(path, _OPENED)
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError("no file")
        while block := file.read(_BLOCK):
            total.update(block)
            size += len(block)
    return size, total.hexdigest()


# -- what the store knows -------------------------------------------------------------------------------------------


def deals(store: Store) -> pl.DataFrame:
    """Return all deals as checks need them (columns: `checks.DEALS`)."""
    return store.query("SELECT id, source_key, stage FROM deal ORDER BY id", [], checks.DEALS)


def standing(store: Store, files: pl.DataFrame) -> pl.DataFrame:
    """Return the attachments of the deals and contacts that files (`links.LINKED`) belong to."""
    parts = [
        store.snapshot("attachment", where=name, keys=files[name].drop_nulls().unique().sort()) for name in links.WHOSE
    ]
    return pl.concat(parts).unique("id").drop_nulls("path").sort("id")


# -- renaming -------------------------------------------------------------------------------------------------------


def free(folder: Path, wanted: pl.DataFrame) -> pl.Series:
    """Tell for each rename (columns path, to: a name) whether nothing has that name, nor will have by another."""
    target = pl.concat_str(pl.col("path").str.extract("^(.*/)").fill_null(""), "to").str.to_lowercase()
    alone = wanted.select(target.is_unique()).to_series()
    places = [(folder / path).parent / name for path, name in wanted.select("path", "to").rows()]
    return alone & pl.Series([not os.path.lexists(place) for place in places], dtype=pl.Boolean)


def renamed(root: Path, folder: Path, pairs: list[tuple[str, str]], stamp: dict[str, str]) -> tuple[int, list[str]]:
    """Rename files (path, name) in a folder; return the number of the journal, and the paths that could not be.

    `root` is that of the workspace, `stamp` says when and who.
    """
    paths = [(path, str(PurePosixPath(path).with_name(name))) for path, name in pairs]
    number = _journal(root, {**stamp, "folder": str(folder.resolve()), "renames": paths})
    return number, [old for old, new in paths if not _moved(folder / old, folder / new)]


def taken_back(root: Path, number: int | None) -> tuple[Path, list[tuple[str, str]]]:
    """Return folder and renames (from, to) that give files of a journal, or of the last, their old names.

    What was not renamed, or has its old name again, is left out. Raises UsageError where there is no such journal,
    Conflict where a file is gone or its old name is taken.
    """
    content = _read_journal(root, number)
    folder = Path(content["folder"])
    pairs, wrong = [], []
    for old, new in content["renames"]:
        there, back = os.path.lexists(folder / new), os.path.lexists(folder / old)
        if there and not back and _within(folder, old) and _within(folder, new):
            pairs.append((new, old))
        elif there or not back:
            wrong.append(f"{new} is {'not alone: ' + old + ' is there too' if there else 'gone'}")
    if wrong:
        raise Conflict("Not all files can have their old names:", "Put them back by hand, then run this again.", wrong)
    return folder, pairs


def renamed_back(folder: Path, pairs: Iterable[tuple[str, str]]) -> list[str]:
    """Rename files (from, to: paths in a folder); return those that could not be."""
    return [old for old, new in pairs if not _moved(folder / old, folder / new)]


def _within(folder: Path, path: str) -> bool:
    """Tell whether a path lies below a folder, with no link on its way."""
    return (folder / path).parent.resolve().is_relative_to(folder.resolve()) and ".." not in PurePosixPath(path).parts


def _moved(old: Path, new: Path) -> bool:
    """Give a file another name unless something has it; return whether that was done."""
    try:
        try:
            os.link(old, new, follow_symlinks=False)  # unlike a rename it never takes the place of another file
        except FileExistsError:
            return False
        except OSError:  # a file system without hard links
            if os.path.lexists(new):
                return False
            old.rename(new)
        else:
            old.unlink()
    except OSError:
        return False
    return True


def _journal(root: Path, content: dict[str, Any]) -> int:
    """Keep what will be renamed; return its number."""
    place = root / _JOURNALS
    place.mkdir(mode=0o700, exist_ok=True)
    number = max(_numbers(place), default=0) + 1
    with os.fdopen(os.open(place / f"{number}.json", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(content, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    return number


def _read_journal(root: Path, number: int | None) -> dict[str, Any]:
    place = root / _JOURNALS
    wanted = number if number is not None else max(_numbers(place), default=0)
    try:
        content: dict[str, Any] = json.loads((place / f"{wanted}.json").read_text("utf-8"))
    except (OSError, ValueError):
        raise UsageError("There are no such renames.", f"The journals are in {_JOURNALS}/ of the workspace.") from None
    return content


def _numbers(place: Path) -> list[int]:
    return [int(path.stem) for path in place.glob("*.json") if path.stem.isdecimal()]
