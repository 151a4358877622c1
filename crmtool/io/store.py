"""The store: one SQLite file. Reading gives frames; the only way to write is `apply`, a plan in one transaction.

Every row carries a proof, a keyed hash of its content; every change carries one too, and the change sets chain over
them. So `verify` finds a row that was edited, added or removed from outside, and history that was tampered with. The
hash is BLAKE3 over key and content, cut to 128 bits (a keyed prefix is sound: BLAKE3 has no length extension).
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from crmtool.core import abreast, model, plans
from crmtool.core.errors import Conflict, KeyMissing, NoWorkspace, StoreDamaged
from crmtool.io import frames, guarding, indexes, logbook, schema
from crmtool.io.changelog import (
    CHANGESETS,
    LOGGED,
    START,
    Chain,
    creations,
    fingerprint,
    keyed,
    proven,
    removals,
    texts,
    updates,
)
from crmtool.io.connecting import connected, explained, sqlite3

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

_TRACES = "traces of erased people"
_SEAL = 32  # hex digits
_BATCH = 50_000  # rows handled at once: bounds the memory of proofs and parameters


@dataclass(frozen=True)
class Stamp:
    """Who applies a plan, and when (ISO moment in UTC)."""

    actor: str
    at: str


class Store:
    """A connection to one store file."""

    is_veiled = False  # something is kept back from who reads here (see `role_store`)

    def __init__(self, connection: sqlite3.Connection, key: str) -> None:
        self._db = connection
        self._key = key
        self._load = indexes.Load()

    # -- opening ------------------------------------------------------------------------------------------------

    @classmethod
    def create(cls, path: Path, key: str) -> Store:
        """Make a new, empty store file; `key` is the secret of its proofs (hex)."""
        store = cls(connected(path, "rwc"), key)
        store._migrate()
        store._db.execute("INSERT INTO about VALUES ('key', ?)", [fingerprint(key)])
        return store

    @classmethod
    def open(cls, path: Path, key: str) -> Store:
        """Open a store file. Raises NoWorkspace, StoreDamaged (also when it is too new) or NotWritable."""
        if not path.is_file():
            raise NoWorkspace(f"There is no store at {path.name}.", "Make a workspace with: crmtool init")
        store = cls(connected(path, "rw"), key)
        with explained():
            version = int(store._db.execute("PRAGMA user_version").fetchone()[0])
        if version > schema.version():
            raise StoreDamaged(
                f"The store has schema {version}; this crmtool knows schemas up to {schema.version()}.",
                "Update crmtool, or open a copy made by an older version.",
            )
        if version < schema.version():
            store._migrate()
        store._check_key()
        return store

    def close(self) -> None:
        """Close the connection; SQLite then folds its log into the file."""
        self._db.close()

    def _migrate(self) -> None:
        from sqlite_utils import Database

        with explained():
            self._db.execute("PRAGMA page_size = 8192")  # a record is about 1 kB: four of them waste a quarter of 4096
            self._db.execute("PRAGMA journal_mode = WAL")
            schema.migrations().apply(Database(self._db))
            self._db.execute(f"PRAGMA user_version = {schema.version()}")

    def _check_key(self) -> None:
        with explained():
            known = self._db.execute("SELECT value FROM about WHERE name = 'key'").fetchone()
        if not known or known[0] != fingerprint(self._key):
            raise KeyMissing(
                "The key in crm.key is not the key of this store.",
                "Put back the crm.key that was made with the store; it is in your backups beside it.",
            )

    # -- reading ------------------------------------------------------------------------------------------------

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Let all reads inside see one state of the store; inside a transaction they do so anyway."""
        if self._db.in_transaction:
            yield
            return
        self._db.execute("BEGIN")
        try:
            yield
        finally:
            self._db.execute("ROLLBACK")

    @contextmanager
    def guarded(self, seconds: float = 60.0) -> Iterator[None]:
        """Let the queries inside read only what filters may, and for some seconds only (see `guarding`)."""
        with explained(), guarding.guarded(self._db, seconds):
            yield

    def show(self, fields: Iterable[str]) -> None:
        """Let a filter look at some fields; a role may be shown less (see `role_store`)."""

    def revision(self) -> plans.Revision:
        """Return the revision the store is at; a change set that is being written does not count yet."""
        sql = "SELECT id, digest FROM changeset WHERE digest <> '' ORDER BY id DESC LIMIT 1"
        with explained():
            row = self._db.execute(sql).fetchone()
        return plans.Revision(row[0], row[1]) if row else plans.Revision(0, START)

    def snapshot(
        self,
        table: str,
        columns: Iterable[str] | None = None,
        *,
        where: str | None = None,
        keys: pl.Series | Iterable[Any] | None = None,
    ) -> pl.DataFrame:
        """Return rows of a table by id, only the columns asked for; the column `where` must be among `keys`."""
        types = model.TABLES[table]
        wanted = list(columns) if columns is not None else list(types)
        sql = f'SELECT {", ".join(_quoted(wanted))} FROM "{table}"'
        params: list[str] = []
        if where is not None and keys is not None:
            sql += f' WHERE "{where}" IN (SELECT value FROM json_each(?))'
            params = [json.dumps(list(keys))]
        return self.query(f"{sql} ORDER BY id", params, {name: types[name] for name in wanted})

    def query(self, sql: str, params: Iterable[Any], schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
        """Return the rows of a SELECT as a frame of the given columns."""
        with explained():
            cursor = self._db.execute(sql, list(params))
            parts = []
            while rows := cursor.fetchmany(_BATCH):
                parts.append(frames.framed(rows, schema))
        return pl.concat(parts) if len(parts) > 1 else parts[0] if parts else frames.empty(schema)

    def sealed(self, texts: pl.Series) -> pl.Series:
        """Return keyed hashes of texts: they can be compared and tell nothing."""
        content = pl.lit(texts)
        return pl.select(keyed(self._key, "tombstone", content).str.head(_SEAL)).to_series().rename("mark")

    def next_ids(self) -> dict[str, int]:
        """Return the first free id of each table; ids are never given twice."""
        with explained():
            used = dict(self._db.execute("SELECT name, seq FROM sqlite_sequence").fetchall())
        return {table: used.get(table, 0) + 1 for table in model.TABLES}

    def changesets(self) -> pl.DataFrame:
        """Return all change sets, oldest first (columns: `CHANGESETS`)."""
        return self.query(f"SELECT {', '.join(CHANGESETS)} FROM changeset ORDER BY id", [], CHANGESETS)

    def changes(self, number: int) -> pl.DataFrame:
        """Return the changes of one change set, each removed row for itself (columns: `CHANGES`)."""
        return logbook.changes(self, self._key, number)

    def changes_of(self, table: str, ids: Iterable[int]) -> pl.DataFrame:
        """Return every change that touched rows of a table, creations included (columns: `CHANGES`)."""
        return logbook.changes_of(self, self._key, table, ids)

    def changes_in(self, number: int, table: str, ids: pl.Series) -> pl.DataFrame:
        """Return what a change set updated or removed among some rows of a table (columns: `CHANGES`)."""
        return logbook.changes_in(self, self._key, number, table, ids)

    def removed(self, number: int, table: str, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Yield rows of a table that a change set removed by the thousand, ten thousand at a time."""
        return logbook.removed(self, self._key, number, table, columns)

    def first_proofs(self, table: str, after: int, first: int, last: int) -> pl.DataFrame:
        """Return, for rows of an id range changed after a change set, their proof before that (columns id, proof)."""
        return logbook.first_proofs(self, self._key, table, after, first, last)

    def erased_in(self, number: int) -> pl.Series:
        """Return the people of whom a change set said something and who were erased since."""
        return logbook.erased_in(self, self._key, number)

    def proofs(self, table: str, ids: Iterable[int]) -> pl.DataFrame:
        """Return the proofs of rows (columns id, proof)."""
        sql = f'SELECT id, proof FROM "{table}" WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id'
        return self.query(sql, [json.dumps(list(ids))], {"id": pl.Int64(), "proof": pl.Binary()})

    def indexed(self, name: str) -> None:
        """Have an index there that may wait for the last part of a load: something is looked up in it."""
        with explained():
            indexes.wanted(self._db, name, self._load)

    # -- writing ------------------------------------------------------------------------------------------------

    def permit(self, plan: plans.Plan) -> None:
        """Let a plan go on; a role may be let write less (see `role_store`)."""

    def apply(self, plan: plans.Plan, stamp: Stamp) -> int:
        """Write a plan in one transaction and return the number of its change set.

        Raises Conflict when the store has moved since the plan was made, StoreDamaged when a row to be changed was
        edited from outside, Locked and NotWritable as they come. All or nothing is written.
        """
        number = self.apply_parts([plan], stamp, lambda: plan.facts)
        assert number is not None
        return number

    def apply_parts(
        self, parts: Iterable[plans.Plan], stamp: Stamp, agreed: Callable[[], Mapping[str, Any] | None]
    ) -> int | None:
        """Write the parts of a plan, made one after another, as one change set in one transaction.

        Each part is asked for when the one before is written, so it may read what that one did. Then `agreed` gives the
        facts to keep with the change set, or None: everything is let go, and None returned. Raises as `apply` does.
        """
        with explained():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                number = self._write(parts, stamp, agreed)
                self._db.execute("ROLLBACK" if number is None else "COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise
        return number

    def _write(
        self, parts: Iterable[plans.Plan], stamp: Stamp, agreed: Callable[[], Mapping[str, Any] | None]
    ) -> int | None:
        base, chain = self.revision(), Chain(self._key)
        said: tuple[Any, ...] = ()
        load = self._load = indexes.Load()
        for plan in parts:
            _unmoved(plan.base, base)
            if not said:
                said = (plan.command, plan.rules, plan.undoes)
                self._begin(plan, stamp)
            for changes in self._edited_all(plan, load):
                self._log(base.next, changes, chain)
            del plan  # or it stays in memory while the next is made
        kept = agreed()
        if not said or kept is None:
            return None
        indexes.built(self._db, load.waiting)
        facts = json.dumps(kept, ensure_ascii=False, sort_keys=True)
        command, rules, undoes = said
        head = [base.digest, base.next, stamp.at, stamp.actor, command, rules, facts, undoes]
        sql = "UPDATE changeset SET facts = ?, digest = ? WHERE id = ?"
        self._db.execute(sql, [facts, chain.digest(head), base.next])
        return base.next

    def _begin(self, plan: plans.Plan, stamp: Stamp) -> None:
        """Write the row of the change set.

        It comes first, so that no row refers to what is not there yet: while such a reference is open, SQLite searches
        the children of every row that comes in.
        """
        row = (plan.base.next, stamp.at, stamp.actor, plan.command, plan.rules, "{}", plan.undoes, "")
        self._db.execute(f"INSERT INTO changeset VALUES ({_marks(len(row))})", row)

    def _edited_all(self, plan: plans.Plan, load: indexes.Load) -> Iterator[pl.DataFrame]:
        """Write a plan; yield its changes in the order they were made: what points at a contact goes before it."""
        present = [table for table in model.TABLES if table in plan.edits]
        for table in reversed(present):
            yield from self._removed(table, plan.edits[table].removed)
        for table in present:
            yield from self._edited(table, plan.edits[table], load)

    def _removed(self, table: str, rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
        for part in rows.iter_slices(_BATCH):
            old = self._known(table, part)
            run = part["id"] - pl.int_range(part.height, eager=True)
            spans = part.group_by(run.alias("run")).agg(pl.col("id").min().alias("a"), pl.col("id").max().alias("b"))
            self._db.executemany(f'DELETE FROM "{table}" WHERE id BETWEEN ? AND ?', spans.select("a", "b").rows())
            yield removals(self._key, table, part, old)

    def _edited(self, table: str, edit: plans.Edit, load: indexes.Load) -> Iterator[pl.DataFrame]:
        """Write what a plan changes in one table and adds to it; yield the changes."""
        for before, after in zip(edit.before.iter_slices(_BATCH), edit.after.iter_slices(_BATCH), strict=True):
            old, new = self._known(table, before), proven(self._key, table, after)
            self._update(table, after, new)
            yield updates(table, before, after, old, new)
        made = ((part, proven(self._key, table, part)) for part in edit.created.iter_slices(_BATCH))
        with indexes.loading(self._db, table, edit.created.height, load):
            for part, new in abreast.ahead(made) if edit.created.height > _BATCH else made:
                self._insert(table, part, new)
                yield creations(table, part, new)

    def _known(self, table: str, rows: pl.DataFrame) -> pl.Series:
        """Return the proofs of rows as stored, after checking that they prove the content the plan was made from."""
        stored = self.proofs(table, rows["id"])["proof"]
        if not stored.equals(proven(self._key, table, rows)):
            raise StoreDamaged(
                f"Rows of the table {table} were changed by another program, or the key is not theirs.",
                "See which with: crmtool history verify",
            )
        return stored

    def _update(self, table: str, after: pl.DataFrame, proof: pl.Series) -> None:
        columns = [name for name in after.columns if name != "id"]
        sets = ", ".join(f'"{name}" = ?' for name in [*columns, "proof"])
        rows = frames.rows(after.select(columns).with_columns(proof, after["id"]))
        self._db.executemany(f'UPDATE "{table}" SET {sets} WHERE id = ?', rows)

    def _insert(self, table: str, rows: pl.DataFrame, proof: pl.Series) -> None:
        filled = [name for name in rows.columns if rows[name].null_count() < rows.height]  # each null given costs time
        columns = ", ".join(_quoted([*filled, "proof"]))
        sql = f'INSERT INTO "{table}" ({columns}) VALUES ({_marks(len(filled) + 1)})'
        self._db.executemany(sql, frames.rows(rows.select(filled).with_columns(proof)))

    def _log(self, number: int, changes: pl.DataFrame, chain: Chain) -> None:
        """Write changes with their proofs."""
        proofs = proven(self._key, f"change {number}", texts(changes))
        chain.add(proofs)
        self._insert("change", changes.select(pl.lit(number).alias("changeset_id"), *LOGGED), proofs)

    def blank(self, found: pl.DataFrame, people: Mapping[str, pl.DataFrame]) -> int:
        """Take entries of the log, and rows of people in its blocks, out of it while a plan is written; count them."""
        from crmtool.io import blanking

        self._db.execute("INSERT OR REPLACE INTO about VALUES (?, '')", [_TRACES])
        done = blanking.blanked(self._db, self._key, found)
        return done + blanking.blanked_rows(self._db, self._key, self, people)

    def traces(self) -> bool:
        """Tell whether the file may still hold bytes of what was erased (see `compacted`)."""
        return bool(self._db.execute("SELECT count(*) FROM about WHERE name = ?", [_TRACES]).fetchone()[0])

    def compacted(self) -> bool:
        """Write the file anew without what was deleted in it; False: somebody reads it, so that its log must wait."""
        with explained():
            self._db.execute("PRAGMA temp_store = FILE")  # the whole store would not always fit
            self._db.execute("VACUUM")
            busy = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            if not busy:
                self._db.execute("DELETE FROM about WHERE name = ?", [_TRACES])
                busy = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        return not busy

    # -- proving ------------------------------------------------------------------------------------------------

    def verify(self) -> list[str]:
        """Return what is wrong with the store's content and history, one sentence each; empty: all is as logged."""
        from crmtool.io import verification

        with self.reading():
            return verification.problems(self, self._key)


def _unmoved(planned: plans.Revision, now: plans.Revision) -> None:
    if planned != now:
        raise Conflict(
            f"The store has moved from change set {planned.number} to {now.number} since this was planned.",
            "Run the command again: it will be planned anew.",
        )


def _quoted(columns: Iterable[str]) -> list[str]:
    return [f'"{name}"' for name in columns]


def _marks(count: int) -> str:
    return ", ".join("?" * count)
