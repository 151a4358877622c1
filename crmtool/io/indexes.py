"""Indexes around large loads: built at once at the end, sorted, where row by row would cost several times as much.

To add an index that nothing looks up while a plan is made: its name in `_LATER`.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crmtool.io.connecting import sqlite3

_LEAST = 10_000  # rows: below, building an index anew saves nothing
#: Only reports and filters read these: where a plan is made and written in parts, they wait for the last part.
_LATER = {
    *(f"contact_{field}" for field in ("type", "stage", "source", "owner", "city", "region", "country")),
    "contact_tag_tag",
    "interaction_contact",
    "interaction_at",
    "interaction_next",
    "interaction_file",
    "deal_contact",
    "deal_sums",
    "deal_product",
    "deal_opened",
    "deal_closed",
    "deal_standing",
}

#: Indexes that are not there for now: name -> statement that makes it.
Waiting = dict[str, str]


@contextmanager
def loading(db: sqlite3.Connection, table: str, coming: int, waiting: Waiting) -> Iterator[None]:
    """Around a load of `coming` rows that outweighs the table: drop its indexes, and build them afterwards.

    Those that no plan needs are put into `waiting` instead; the caller ends its transaction with `built`.
    """
    present = db.execute(f'SELECT count(*) FROM (SELECT 1 FROM "{table}" LIMIT ?)', [coming]).fetchone()[0]
    found = of(db, table) if coming > max(present, _LEAST) else {}
    for name in found:
        db.execute(f"DROP INDEX {name}")
    yield
    waiting.update({name: statement for name, statement in found.items() if name in _LATER})
    built(db, {name: statement for name, statement in found.items() if name not in _LATER})


def built(db: sqlite3.Connection, waiting: Waiting) -> None:
    """Build indexes."""
    for statement in waiting.values():
        db.execute(statement)


def of(db: sqlite3.Connection, table: str) -> Waiting:
    """Return the secondary indexes of a table: name -> statement that makes it."""
    sql = "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL"
    return dict(db.execute(sql, [table]).fetchall())
