"""What a filter may do while it runs: read the tables that filters read, call a few functions, and take so long.

The compiler already lets nothing else through; this is the second wall, kept by SQLite itself. To let filters read one
more table or call one more function: a word in `READABLE` or `CALLABLE`.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from crmtool.io.connecting import sqlite3

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: Tables and views, and the tables that SQLite makes of JSON.
READABLE = frozenset(
    {
        *("contact", "contact_tag", "channel", "interaction", "deal", "consent", "consent_state"),
        *("segment_membership", "archive", "archived", "json_each"),
    }
)
CALLABLE = frozenset(
    {
        *(
            "avg",
            "coalesce",
            "count",
            "group_concat",
            "ifnull",
            "iif",
            "instr",
            "json_extract",
            "json_group_array",
            "like",
            "length",
        ),
        *("max", "min", "row_number", "substr", "sum", "total"),
        *("folded", "same", "inside", "begins"),
    }
)
_STEPS = 20_000  # instructions of SQLite between two looks at the clock: about a millisecond


@contextmanager
def guarded(db: sqlite3.Connection, seconds: float) -> Iterator[None]:
    """Let the statements inside only read what filters may read; after some seconds they are interrupted.

    SQLite then raises SQLITE_AUTH or SQLITE_INTERRUPT (see `connecting.explained`). The limits are for all statements
    inside together, and end with the block. Not to be nested.
    """
    with limited(db, seconds, decided):
        yield


@contextmanager
def limited(db: sqlite3.Connection, seconds: float, decide: Callable[..., int]) -> Iterator[None]:
    """Let the statements inside do what `decide` says, as an authorizer of SQLite, and for some seconds only."""
    end = time.monotonic() + seconds
    db.set_authorizer(decide)
    db.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
    try:
        yield
    finally:
        db.set_progress_handler(None, 0)
        db.set_authorizer(None)


def decided(action: int, first: str | None, second: str | None, *_: str | None) -> int:
    """Return whether a filter may do something, as an authorizer of SQLite."""
    fine = (
        action in {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE}
        or (action == sqlite3.SQLITE_READ and first in READABLE)
        or (action == sqlite3.SQLITE_FUNCTION and second in CALLABLE)
    )
    return sqlite3.SQLITE_OK if fine else sqlite3.SQLITE_DENY
