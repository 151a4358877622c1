"""The store as a role has it: what it may not see is not there, what it may not write is refused.

A role that sees part of the base reads through views that stand before the tables (see `role_views`); SQLite itself
lets no statement past them. It plans from what it sees; what it changes is put on the rows as they are, and what is
computed from them is computed from all of them (see `core.roles.grafted`).
"""

from __future__ import annotations

import re
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import polars as pl

from crmtool.core import golden, model, plans, roles
from crmtool.core.errors import RoleRefused
from crmtool.io import gathering, guarding, role_views
from crmtool.io.connecting import explained, sqlite3
from crmtool.io.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from crmtool.core.plans import Plan
    from crmtool.core.roles import Holder
    from crmtool.core.rules import Rules
    from crmtool.io.store import Stamp

_INDEXED = re.compile(r"\bINDEXED BY \w+")  # a view has no index of its own; that of its table is found without
_CLEAR = 2  # characters at an end of a masked value that stay


class RoleStore(Store):
    """A store for one role; without any kept from it the same as the store itself, but for what it may write."""

    def __init__(self, store: Store, holder: Holder, path: Path, rules: Callable[[], Rules]) -> None:
        super().__init__(store._db, store._key)  # noqa: SLF001  # it takes its place
        self.holder, self._path, self._rules = holder, path, rules
        role = holder.role
        self._views = {} if role.sees_all and "history" in role.may else role_views.views(role)
        self.is_veiled = bool(self._views)
        if self._views:
            self._veiled()

    def _veiled(self) -> None:
        """Put the views before the tables, and close these."""
        self._db.create_function("masked", 1, masked, deterministic=True)
        with explained():
            if "own" in {self.holder.role.records, self.holder.role.notes}:
                for statement, params in role_views.mine(self.holder):
                    self._db.execute(statement, params)
            sql = "SELECT name, sql FROM sqlite_schema WHERE type = 'view'"
            others = [(name, text) for name, text in self._db.execute(sql).fetchall() if name not in self._views]
            for name, select in self._views.items():
                self._db.execute(f'CREATE TEMP VIEW "{name}" AS {select}')
            for _, text in others:
                self._db.execute(text.replace("CREATE VIEW", "CREATE TEMP VIEW", 1))
        self._db.set_authorizer(self._decided)

    def _decided(self, action: int, first: str | None, *rest: str | None) -> int:
        """Let statements read what belongs to this connection, and tables from inside of their view alone."""
        column, schema, view = rest
        if action == sqlite3.SQLITE_READ:  # without a column rows are counted, nothing is read
            fine = schema != "main" or view in self._views or first in _OPEN or not column
        else:
            fine = action in _READING
        return sqlite3.SQLITE_OK if fine else sqlite3.SQLITE_DENY

    @contextmanager
    def guarded(self, seconds: float = 60.0) -> Iterator[None]:
        """Let the queries inside read only what filters may and the role sees (see `guarding`)."""
        if not self._views:
            with super().guarded(seconds):
                yield
            return
        try:
            with explained(), guarding.limited(self._db, seconds, self._both):
                yield
        finally:  # that let go of every guard
            self._db.set_authorizer(self._decided)

    def _both(self, action: int, first: str | None, *rest: str | None) -> int:
        within = rest[2] in self._views  # what a view of the role reads, the role may
        return (
            self._decided(action, first, *rest)
            if within
            else max(self._decided(action, first, *rest), guarding.decided(action, first, *rest))
        )

    def show(self, fields: Iterable[str]) -> None:
        """Let a filter look at fields that the role sees. Raises RoleRefused."""
        roles.shown(self.holder, fields)

    def query(self, sql: str, params: Iterable[Any], schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
        """Return the rows of a SELECT as the role sees them."""
        return super().query(_INDEXED.sub("", sql) if self._views else sql, params, schema)

    def rows(self, sql: str, count: int) -> Iterator[list[tuple[Any, ...]]]:
        """Yield the rows of a SELECT as the role sees them, so many at once."""
        with explained():
            cursor = self._db.execute(sql)
            while found := cursor.fetchmany(count):
                yield found

    # -- writing ------------------------------------------------------------------------------------------------

    def permit(self, plan: Plan) -> None:
        """Let a plan go on that the role may write. Raises RoleRefused."""
        roles.permitted(self.holder, plan)
        if self.holder.role.records == "own":
            self._own(plan)

    def _own(self, plan: Plan) -> None:
        """Refuse a plan that touches or names contacts the role does not see."""
        named = [
            frame[column].rename("id")
            for table, edit in plan.edits.items()
            for column in ("id",) * (table == "contact") + model.REFERENCES.get(table, ())
            for frame in (edit.created, edit.before, edit.after, edit.removed)
        ]
        made = [plan.edits["contact"].created["id"]] if "contact" in plan.edits else []
        ids = pl.concat([pl.Series("id", [], pl.Int64()), *named]).drop_nulls().unique()
        seen = self.snapshot("contact", ["id"], where="id", keys=ids)["id"]
        if not set(ids) <= {*seen, *(id_ for each in made for id_ in each)}:
            raise RoleRefused(
                f"The role {self.holder.name} may write only of contacts whose owner is {self.holder.user}.",
                "Nothing was changed. Ask who looks after rules/roles.toml.",
            )

    def apply(self, plan: Plan, stamp: Stamp) -> int:
        """Write a plan that the role may write, on the rows as they are."""
        self.permit(plan)
        if not self._views:
            return super().apply(plan, stamp)
        with closing(Store.open(self._path, self._key)) as whole:
            return whole.apply(self._whole(whole, plan) if not self.holder.role.sees_all else plan, stamp)

    def apply_parts(
        self, parts: Iterable[Plan], stamp: Stamp, agreed: Callable[[], Mapping[str, Any] | None]
    ) -> int | None:
        """Write the parts of a plan that the role may write; one alone where it plans from what it sees.

        A later part is planned from what the one before wrote, and that is the whole of it.
        """
        if not self._views:
            return super().apply_parts(self._permitted(parts), stamp, agreed)
        with closing(Store.open(self._path, self._key)) as whole:
            return whole.apply_parts(self._permitted(parts, whole), stamp, agreed)

    def _permitted(self, parts: Iterable[Plan], whole: Store | None = None) -> Iterator[Plan]:
        for number, part in enumerate(parts):
            if number and whole:
                raise RoleRefused(
                    f"The role {self.holder.name} does not see everything, so it may not change so much at once.",
                    "Nothing was changed. Take it in smaller pieces, or ask who looks after rules/roles.toml.",
                )
            self.permit(part)
            yield self._whole(whole, part) if whole and not self.holder.role.sees_all else part

    def _whole(self, whole: Store, plan: Plan) -> Plan:
        """Return the plan that does on the rows as they are what `plan` does on what the role sees."""
        with whole.reading():
            truth = {
                table: whole.snapshot(table, where="id", keys=pl.concat([edit.before["id"], edit.removed["id"]]))
                for table, edit in plan.edits.items()
            }
            edits = roles.grafted(plan.edits, truth)
            return replace(plan, edits=plans.merged([edits, *self._computed(whole, plan, edits)]))

    def _computed(self, whole: Store, plan: Plan, edits: Mapping[str, plans.Edit]) -> list[dict[str, plans.Edit]]:
        """Return what follows for golden records and channels from records and verifications that change."""
        survivorship = self._rules().survivorship
        made = plan.edits["contact"].created["id"] if "contact" in plan.edits else pl.Series("id", [], pl.Int64())
        said = [edits.get(table, plans.edit(table)) for table in ("record", "verification")]
        ids = pl.concat([frame["contact_id"] for edit in said for frame in (edit.created, edit.after, edit.removed)])
        if ids.is_empty() and made.is_empty():
            return []
        around = gathering.clusters(whole, ids.unique())
        records, checks = said
        become = golden.records_of(pl.concat([records.created, records.after]))
        changed = pl.concat([become["id"], records.removed["id"]])
        known = replace(
            around,
            records=pl.concat([around.records.filter(~pl.col("id").is_in(changed.implode())), become]),
            checks=pl.concat([around.checks, checks.created]),
        )
        everybody = pl.concat([around.contacts["id"], made]).unique().sort()
        return [
            golden.recomputed(everybody, known, survivorship, plan.base.next, whole.next_ids()["channel"]),
        ]


#: The ids that were given, and the tables that SQLite makes of JSON.
_OPEN = {"sqlite_sequence", "json_each"}
_READING = {
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_FUNCTION,
    sqlite3.SQLITE_RECURSIVE,
    sqlite3.SQLITE_TRANSACTION,
}


def masked(value: str | None) -> str | None:
    """Return a value of which only an end is left, so that people recognise it and others do not learn it.

    >>> [masked(text) for text in ("ivan@example.com", "+79160000101", "Петров", None)]
    ['i***@e***', '***01', 'П***', None]
    """
    if value is None:
        return None
    if "@" in value:
        return "@".join(f"{part[:1]}***" for part in value.split("@"))
    return f"***{value[-_CLEAR:]}" if any(map(str.isdigit, value)) else f"{value[:1]}***"
