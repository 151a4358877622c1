"""Indexes around large loads: built at once at the end, sorted, where row by row would cost several times as much.

To add an index that nothing looks up while a plan is made: its name in `_LATER`.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crmtool.io.connecting import sqlite3

_LEAST = 10_000  # rows: below, building an index anew saves nothing
_WORTH = 2  # rows of a table that are put into its index anew while one more is put into it where it stands
#: Only reports and filters read these: where a plan is made and written in parts, they wait for the last part. So does
#: what a plan does look up, if it says so before it does (`wanted`).
_LATER = {
    *(f"contact_{field}" for field in ("type", "stage", "source", "owner", "city", "region", "country")),
    "contact_tag_tag",
    "interaction_contact",
    "interaction_at",
    "interaction_next",
    "interaction_file",
    "interaction_key",
    "deal_contact",
    "deal_sums",
    "deal_product",
    "deal_opened",
    "deal_closed",
    "deal_standing",
}


@dataclass(frozen=True)
class Load:
    """What one change set has loaded: which indexes are not there for now, and how many rows came into each table."""

    waiting: dict[str, str] = field(default_factory=dict)  # name -> statement that makes it
    came: dict[str, int] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)  # indexes that are looked up between the parts


@contextmanager
def loading(db: sqlite3.Connection, table: str, coming: int, load: Load) -> Iterator[None]:
    """Around a load of `coming` rows: drop the indexes that are sooner built anew, and build them afterwards.

    Those that no plan needs are put into `load.waiting` instead; the caller ends its transaction with `built`.
    """
    came = load.came.get(table, 0)
    load.came[table] = came + coming
    found = of(db, table) if coming and came + coming > _LEAST else {}
    may_wait = {*found} & (_LATER - load.kept)
    many = came + _WORTH * (came + coming) if may_wait else 0
    present = _count(db, table, max(coming, many)) if found else 0
    later = may_wait if present < many else set()
    gone = {name: how for name, how in found.items() if name in later or coming > max(present, _LEAST)}
    for name in gone:
        db.execute(f"DROP INDEX {name}")
    yield
    load.waiting.update({name: how for name, how in gone.items() if name in later})
    built(db, {name: how for name, how in gone.items() if name not in later})


def _count(db: sqlite3.Connection, table: str, most: int) -> int:
    """Return how many rows a table has, at most so many."""
    sql = f'SELECT count(*) FROM (SELECT 1 FROM "{table}" LIMIT ?)'
    return int(db.execute(sql, [most]).fetchone()[0])


def wanted(db: sqlite3.Connection, name: str, load: Load) -> None:
    """Have an index there from now on."""
    load.kept.add(name)
    if name in load.waiting:
        db.execute(load.waiting.pop(name))


def built(db: sqlite3.Connection, waiting: Mapping[str, str]) -> None:
    """Build indexes (name -> statement that makes it)."""
    for statement in waiting.values():
        db.execute(statement)


def of(db: sqlite3.Connection, table: str) -> dict[str, str]:
    """Return the secondary indexes of a table: name -> statement that makes it."""
    sql = "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL"
    return dict(db.execute(sql, [table]).fetchall())
