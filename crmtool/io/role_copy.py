"""A store file of its own with only what a role may see: golden records and what is known of them, for any SQLite tool.

What is hidden is not in it, nor are history, source records and the key. To hand over one more thing: a line in
`_TABLES`.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from crmtool.core import model
from crmtool.io.connecting import explained, sqlite3

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crmtool.core.role_rules import Role
    from crmtool.io.role_store import RoleStore

_AT_ONCE = 10_000  # rows
_ROOT = "JOIN contact n ON n.id = x.contact_id"
_FIELDS = ("name", *model.FIELDS, "email", "phone")


class _Table(NamedTuple):
    """A table of the copy: the fact it tells of, if a role may hide it; its columns, and where they come from."""

    fact: str | None
    columns: dict[str, str]
    source: str


def _told(fact: str, names: str) -> _Table:
    columns = {name: f"x.{name}" for name in names.split()}
    return _Table(fact, {"contact_id": "n.root_id", **columns}, f"{fact.removesuffix('s')} x {_ROOT}")


_TABLES = {
    "channels": _Table(
        None,
        {"contact_id": "n.root_id", **{name: f"x.{name}" for name in ("kind", "value", "label", "extension", "type")}},
        f"channel x {_ROOT}",
    ),
    "tags": _Table("tags", {"contact_id": "n.root_id", "tag": "x.tag"}, f"contact_tag x {_ROOT}"),
    "interactions": _told("interactions", "kind at author channel direction subject body outcome next_step next_on"),
    "deals": _told("deals", "title product amount currency stage owner opened_on closed_on"),
    "consents": _Table(
        "consents",
        {"contact_id": "x.root_id", **{name: f"x.{name}" for name in ("purpose", "channel", "state", "until", "at")}},
        "consent_state x",
    ),
}


def written(store: RoleStore, target: Path) -> dict[str, int]:
    """Write what the role of a store sees into an empty file; return table -> rows."""
    with explained(), closing(sqlite3.connect(target, isolation_level=None)) as copy, store.reading():
        copy.execute("PRAGMA journal_mode = OFF")  # the file has its name only when it is whole
        copy.execute("BEGIN")
        counts = {name: _copied(store, copy, name, table) for name, table in _seen(store.holder.role)}
        copy.execute("COMMIT")
    return counts


def _seen(role: Role) -> Iterator[tuple[str, _Table]]:
    """Yield the tables a role sees anything of."""
    own = [name for name in _FIELDS if role.level(name) != "hide" and (name != "note" or role.notes != "none")]
    columns = {name: f'x."{name}"' for name in ("id", "kind", *own, "custom")}
    archived = {"archived": "x.id IN (SELECT root_id FROM archived)"}
    yield "contacts", _Table(None, {**columns, **archived}, "contact x WHERE x.id = x.root_id")
    yield from ((name, table) for name, table in _TABLES.items() if not table.fact or role.level(table.fact) != "hide")


def _copied(store: RoleStore, copy: sqlite3.Connection, name: str, table: _Table) -> int:
    columns = ", ".join(f'"{column}"' for column in table.columns)
    copy.execute(f"CREATE TABLE {name} ({columns})")
    count = 0
    for rows in store.rows(f"SELECT {', '.join(table.columns.values())} FROM {table.source}", _AT_ONCE):
        copy.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(table.columns))})", rows)
        count += len(rows)
    return count
