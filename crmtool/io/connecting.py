"""Connections to a store file: their settings, the functions SQL may call, and what SQLite's errors mean to a person.

To add a function for SQL: a line in `_FUNCTIONS`; it leaves NULL alone and gives the same for the same text for ever.
"""

from __future__ import annotations

import sqlite3 as _stdlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

from crmtool.core.comparators import names
from crmtool.core.errors import CrmError, Locked, NotWritable, SafetyRefused, StoreDamaged
from crmtool.core.segments import spelling

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator
    from pathlib import Path
else:
    try:
        import pysqlite3 as sqlite3
    except ImportError:
        sqlite3 = _stdlib

__all__ = ["connected", "explained", "sqlite3"]

# Without an adapter of its own the driver searches each None and bytes for one, at 3 us a value: ten times the insert.
for _plain in (type(None), bytes):
    sqlite3.register_adapter(_plain, lambda value: value)


def _folded(text: str | None) -> str | None:
    return None if text is None else names.folded(text)


#: Name -> how many values it takes, and what it gives.
_FUNCTIONS: dict[str, tuple[int, Callable[..., str | int | None]]] = {
    "folded": (1, _folded),
    "same": (2, spelling.same),
    "inside": (2, spelling.inside),
    "begins": (2, spelling.begins),
}


def connected(path: Path, mode: str) -> sqlite3.Connection:
    """Open a connection with the settings every use of the store wants; `mode` is SQLite's: rwc, rw or ro."""
    with explained():
        db = sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None)
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA cache_size = -131072")
        db.execute("PRAGMA temp_store = MEMORY")
        for name, (count, function) in _FUNCTIONS.items():
            db.create_function(name, count, function, deterministic=True)
    return db


@contextmanager
def explained() -> Iterator[None]:
    """Turn what SQLite says into errors with a way out."""
    try:
        yield
    except (sqlite3.Error, _stdlib.Error) as error:
        raise _explanation(error) from None


_RESTORE = "Restore the last backup; keep this file for a repair."
#: How errors of SQLite are called, or begin -> what to raise, with its words in place of {}, and a way out.
_MEANINGS: tuple[tuple[tuple[str, ...], type[CrmError], str, str], ...] = (
    (
        ("SQLITE_BUSY", "SQLITE_LOCKED"),
        Locked,
        "Another program is writing to the store.",
        "Wait until it has finished, then run this again.",
    ),
    (
        ("SQLITE_FULL",),
        NotWritable,
        "The disk is full; nothing was changed.",
        "Free some space, then run this again.",
    ),
    (
        ("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_IOERR"),
        NotWritable,
        "The store cannot be opened for writing ({}).",
        "Check the folder's permissions and the disk.",
    ),
    (
        ("SQLITE_CORRUPT", "SQLITE_NOTADB"),
        StoreDamaged,
        "The store is damaged ({}).",
        _RESTORE,
    ),
    (
        ("SQLITE_INTERRUPT",),
        SafetyRefused,
        "The filter takes longer than filters may; it was stopped.",
        "Put a condition that leaves few contacts beside it.",
    ),
    (
        ("SQLITE_AUTH",),
        SafetyRefused,
        "The filter would read or do what filters may not ({}).",
        "This is a bug: report it.",
    ),
)


def _explanation(error: Exception) -> Exception:
    text = str(error)
    name = getattr(error, "sqlite_errorname", "") or ""
    if text.startswith("not authorized"):  # for a function SQLite has no name of the error
        name = "SQLITE_AUTH"
    if text.startswith("Could not decode to UTF-8"):  # the driver reads texts that a broken page gives it
        return StoreDamaged("The store is damaged (a text in it is none).", _RESTORE)
    for beginnings, kind, message, hint in _MEANINGS:
        if name.startswith(beginnings):
            return kind(message.format(text), hint)
    return error
