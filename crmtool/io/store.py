"""The store: one SQLite file. Reading gives frames; the only way to write is `apply`, a plan in one transaction.

Every row carries a proof, a keyed hash of its content; every change carries one too, and the change sets chain over
them. So `verify` finds a row that was edited, added or removed from outside, and history that was tampered with. The
hash is BLAKE3 over key and content, cut to 128 bits (a keyed prefix is sound: BLAKE3 has no length extension).
"""

from __future__ import annotations

import json
import sqlite3 as _stdlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl
import polars_hash as _chash  # noqa: F401  # registers the `chash` expressions

from crmtool.core import model, plans
from crmtool.core.comparators import names
from crmtool.core.errors import Conflict, KeyMissing, Locked, NotWritable, NoWorkspace, StoreDamaged
from crmtool.io import schema

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path
else:
    try:
        import pysqlite3 as sqlite3
    except ImportError:
        sqlite3 = _stdlib

# Without an adapter of its own the driver searches each None and bytes for one, at 3 us a value: ten times the insert.
for _plain in (type(None), bytes):
    sqlite3.register_adapter(_plain, lambda value: value)

_BATCH = 200_000  # rows handled at once: bounds the memory of proofs and parameters
_PROOF_BYTES = 16
_START = "0" * 64  # the digest before the first change set

_CHANGE: dict[str, pl.DataType] = {
    "tbl": pl.String(),
    "op": pl.String(),
    "row_id": pl.Int64(),
    "last_id": pl.Int64(),
    "before": pl.String(),
    "after": pl.String(),
    "before_proof": pl.Binary(),
    "after_proof": pl.Binary(),
}
CHANGES: dict[str, pl.DataType] = {"id": pl.Int64(), "changeset_id": pl.Int64(), **_CHANGE}

CHANGESETS: dict[str, pl.DataType] = {
    "id": pl.Int64(),
    "at": pl.String(),
    "actor": pl.String(),
    "command": pl.String(),
    "rules": pl.String(),
    "facts": pl.String(),
    "undoes": pl.Int64(),
    "digest": pl.String(),
}


@dataclass(frozen=True)
class Stamp:
    """Who applies a plan, and when (ISO moment in UTC)."""

    actor: str
    at: str


class Store:
    """A connection to one store file."""

    def __init__(self, connection: sqlite3.Connection, key: str) -> None:
        self._db = connection
        self._key = key

    # -- opening ------------------------------------------------------------------------------------------------

    @classmethod
    def create(cls, path: Path, key: str) -> Store:
        """Make a new, empty store file; `key` is the secret of its proofs (hex)."""
        store = cls(_connected(path, "rwc"), key)
        store._migrate()
        store._db.execute("INSERT INTO about VALUES ('key', ?)", [_fingerprint(key)])
        return store

    @classmethod
    def open(cls, path: Path, key: str) -> Store:
        """Open a store file. Raises NoWorkspace, StoreDamaged (also when it is too new) or NotWritable."""
        if not path.is_file():
            raise NoWorkspace(f"There is no store at {path.name}.", "Make a workspace with: crmtool init")
        store = cls(_connected(path, "rw"), key)
        with _explained():
            version = int(store._db.execute("PRAGMA user_version").fetchone()[0])
        if version > schema.VERSION:
            raise StoreDamaged(
                f"The store has schema {version}; this crmtool knows schemas up to {schema.VERSION}.",
                "Update crmtool, or open a copy made by an older version.",
            )
        if version < schema.VERSION:
            store._migrate()
        store._check_key()
        return store

    def close(self) -> None:
        """Close the connection; SQLite then folds its log into the file."""
        self._db.close()

    def _migrate(self) -> None:
        from sqlite_utils import Database

        with _explained():
            self._db.execute("PRAGMA page_size = 8192")  # a record is about 1 kB: four of them waste a quarter of 4096
            self._db.execute("PRAGMA journal_mode = WAL")
            schema.migrations().apply(Database(self._db))
            self._db.execute(f"PRAGMA user_version = {schema.VERSION}")

    def _check_key(self) -> None:
        with _explained():
            known = self._db.execute("SELECT value FROM about WHERE name = 'key'").fetchone()
        if not known or known[0] != _fingerprint(self._key):
            raise KeyMissing(
                "The key in crm.key is not the key of this store.",
                "Put back the crm.key that was made with the store; it is in your backups beside it.",
            )

    # -- reading ------------------------------------------------------------------------------------------------

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Let all reads inside see one state of the store."""
        self._db.execute("BEGIN")
        try:
            yield
        finally:
            self._db.execute("ROLLBACK")

    def revision(self) -> plans.Revision:
        """Return the revision the store is at."""
        with _explained():
            row = self._db.execute("SELECT id, digest FROM changeset ORDER BY id DESC LIMIT 1").fetchone()
        return plans.Revision(row[0], row[1]) if row else plans.Revision(0, _START)

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
        with _explained():
            cursor = self._db.execute(sql, list(params))
            parts = []
            while rows := cursor.fetchmany(_BATCH):
                columns = zip(*rows, strict=True)
                parts.append(
                    pl.DataFrame([pl.Series(n, c, t) for (n, t), c in zip(schema.items(), columns, strict=True)])
                )
        return pl.concat(parts) if parts else pl.DataFrame(schema=dict(schema))

    def next_ids(self) -> dict[str, int]:
        """Return the first free id of each table; ids are never given twice."""
        with _explained():
            used = dict(self._db.execute("SELECT name, seq FROM sqlite_sequence").fetchall())
        return {table: used.get(table, 0) + 1 for table in model.TABLES}

    def changesets(self) -> pl.DataFrame:
        """Return all change sets, oldest first (columns: `CHANGESETS`)."""
        return self.query(f"SELECT {', '.join(CHANGESETS)} FROM changeset ORDER BY id", [], CHANGESETS)

    def changes(self, number: int) -> pl.DataFrame:
        """Return the changes of one change set (columns: `CHANGES`)."""
        sql = f"SELECT {', '.join(CHANGES)} FROM change WHERE changeset_id = ? ORDER BY id"
        return self.query(sql, [number], CHANGES)

    def changes_of(self, table: str, ids: Iterable[int]) -> pl.DataFrame:
        """Return every change that touched rows of a table, creations included (columns: `CHANGES`)."""
        sql = f"""SELECT DISTINCT {", ".join(f"c.{n}" for n in CHANGES)} FROM json_each(?) k JOIN change c
                  ON c.tbl = ? AND k.value BETWEEN c.row_id AND c.last_id ORDER BY c.id"""
        return self.query(sql, [json.dumps(list(ids)), table], CHANGES)

    def first_proofs(self, table: str, after: int, first: int, last: int) -> pl.DataFrame:
        """Return, for rows of an id range changed after a change set, their proof before that (columns id, proof)."""
        sql = """SELECT row_id, before_proof, min(id) FROM change
                 WHERE tbl = ? AND op <> 'create' AND changeset_id > ? AND row_id BETWEEN ? AND ? GROUP BY row_id"""
        types = {"id": pl.Int64(), "proof": pl.Binary(), "change": pl.Int64()}
        return self.query(sql, [table, after, first, last], types).drop("change")

    def proofs(self, table: str, ids: Iterable[int]) -> pl.DataFrame:
        """Return the proofs of rows (columns id, proof)."""
        sql = f'SELECT id, proof FROM "{table}" WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id'
        return self.query(sql, [json.dumps(list(ids))], {"id": pl.Int64(), "proof": pl.Binary()})

    # -- writing ------------------------------------------------------------------------------------------------

    def apply(self, plan: plans.Plan, stamp: Stamp) -> int:
        """Write a plan in one transaction and return the number of its change set.

        Raises Conflict when the store has moved since the plan was made, StoreDamaged when a row to be changed was
        edited from outside, Locked and NotWritable as they come. All or nothing is written.
        """
        with _explained():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                number = self._write(plan, stamp)
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise
        return number

    def _write(self, plan: plans.Plan, stamp: Stamp) -> int:
        base = self.revision()
        if base != plan.base:
            raise Conflict(
                f"The store has moved from change set {plan.base.number} to {base.number} since this was planned.",
                "Run the command again: it will be planned anew.",
            )
        number = base.next
        facts = json.dumps(plan.facts, ensure_ascii=False, sort_keys=True)
        head = [base.digest, number, stamp.at, stamp.actor, plan.command, plan.rules, facts, plan.undoes]
        # first, so that no row refers to what is not there yet: while such a reference is open, SQLite searches the
        # children of every row that comes in
        row = (number, stamp.at, stamp.actor, plan.command, plan.rules, facts, plan.undoes, "")
        self._db.execute(f"INSERT INTO changeset VALUES ({_marks(len(row))})", row)
        chain = _Chain(self._key)
        for table in model.TABLES:
            if table in plan.edits:
                for changes in self._edited(table, plan.edits[table]):
                    self._log(number, changes, chain)
        self._db.execute("UPDATE changeset SET digest = ? WHERE id = ?", [chain.digest(head), number])
        return number

    def _edited(self, table: str, edit: plans.Edit) -> Iterator[pl.DataFrame]:
        """Write one table's part of a plan; yield its changes in the order they were made."""
        for part in edit.removed.iter_slices(_BATCH):
            old = self._known(table, part)
            ids = [(i,) for i in part["id"]]
            self._db.executemany(f'DELETE FROM "{table}" WHERE id = ?', ids)
            yield _removals(table, part, old)
        for before, after in zip(edit.before.iter_slices(_BATCH), edit.after.iter_slices(_BATCH), strict=True):
            old, new = self._known(table, before), proven(self._key, table, after)
            self._update(table, after, new)
            yield _updates(table, before, after, old, new)
        fresh = self.next_ids()[table]
        with self._bulk(table, edit.created.height):
            for part in edit.created.iter_slices(_BATCH):
                new = proven(self._key, table, part)
                self._insert(table, part, new)
                yield _creations(table, part, new, fresh)

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
        rows = after.select(columns).with_columns(proof, after["id"]).iter_rows()
        self._db.executemany(f'UPDATE "{table}" SET {sets} WHERE id = ?', rows)

    def _insert(self, table: str, rows: pl.DataFrame, proof: pl.Series) -> None:
        columns = ", ".join(_quoted([*rows.columns, "proof"]))
        sql = f'INSERT INTO "{table}" ({columns}) VALUES ({_marks(rows.width + 1)})'
        self._db.executemany(sql, rows.with_columns(proof).iter_rows())

    @contextmanager
    def _bulk(self, table: str, coming: int) -> Iterator[None]:
        """Around a load that outweighs the table, build the indexes once at the end: sorted, not row by row."""
        present = self._db.execute(f'SELECT count(*) FROM (SELECT 1 FROM "{table}" LIMIT ?)', [coming]).fetchone()[0]
        rebuild = coming > max(present, 10_000)
        if rebuild:
            for name in schema.index_names(table):
                self._db.execute(f"DROP INDEX {name}")
        yield
        if rebuild:
            for statement in schema.indexes(table):
                self._db.execute(statement)

    def _log(self, number: int, changes: pl.DataFrame, chain: _Chain) -> None:
        """Write changes with their proofs."""
        proofs = proven(self._key, f"change {number}", _texts(changes))
        chain.add(proofs)
        columns = ", ".join(["changeset_id", *_CHANGE, "proof"])
        rows = changes.select(pl.lit(number), *_CHANGE).with_columns(proofs).iter_rows()
        self._db.executemany(f"INSERT INTO change ({columns}) VALUES ({_marks(len(_CHANGE) + 2)})", rows)

    # -- proving ------------------------------------------------------------------------------------------------

    def verify(self) -> list[str]:
        """Return what is wrong with the store's content and history, one sentence each; empty: all is as logged."""
        with self.reading():
            wrong = [line for table in model.TABLES for line in self._verify_table(table)]
            return self._verify_chain() + wrong

    def _verify_chain(self) -> list[str]:
        wrong, previous = [], _START
        for n, at, actor, command, rules, facts, undoes, digest in self.changesets().iter_rows():
            chain = _Chain(self._key)
            sql = f"SELECT {', '.join(_CHANGE)}, proof FROM change WHERE changeset_id = ? ORDER BY id"
            changes = self.query(sql, [n], {**_CHANGE, "proof": pl.Binary()})
            good = proven(self._key, f"change {n}", _texts(changes))
            chain.add(changes["proof"])
            odd = changes.filter(good != changes["proof"])
            wrong += [
                f"change set {n}: the entry about {t} {i} was edited" for t, i in odd.select("tbl", "row_id").rows()
            ]
            if chain.digest([previous, n, at, actor, command, rules, facts, undoes]) != digest:
                wrong.append(f"change set {n}: it, or an entry of it, was edited, added or removed")
            previous = digest
        return wrong

    def _verify_table(self, table: str) -> list[str]:
        types = model.TABLES[table]
        columns = {**types, "proof": pl.Binary()}
        rows = self.query(f'SELECT {", ".join(_quoted(columns))} FROM "{table}" ORDER BY id', [], columns)
        good = proven(self._key, table, rows.drop("proof"))
        edited = rows.filter(good != rows["proof"])["id"]
        expected = self._expected(table)
        both = rows.select("id", "proof").join(expected, on="id", how="full", coalesce=True, suffix="_logged")
        added = both.filter(pl.col("logged").is_null() & ~pl.col("id").is_in(edited.implode()))["id"]
        removed = both.filter(pl.col("proof").is_null())["id"]
        older = both.filter((pl.col("proof") != pl.col("proof_logged")) & ~pl.col("id").is_in(edited.implode()))["id"]
        reasons = {"was edited": edited, "was added": added, "was removed": removed, "was set back": older}
        return [f"{table} {i}: the row {what} outside crmtool" for what, ids in reasons.items() for i in sorted(ids)]

    def _expected(self, table: str) -> pl.DataFrame:
        """Return the rows the history says there are (columns id, logged, proof: null where only a range knows it)."""
        sql = "SELECT id, op, row_id, last_id, after_proof FROM change WHERE tbl = ? ORDER BY id"
        types = {"change": pl.Int64(), "op": pl.String(), "id": pl.Int64(), "last": pl.Int64(), "proof": pl.Binary()}
        log = self.query(sql, [table], types)
        each = log.with_columns(first="id", id=pl.int_ranges("id", pl.col("last") + 1)).explode("id")
        exact = pl.when(pl.col("first") == pl.col("last")).then("proof")
        state = each.group_by("id").agg(pl.col("op").sort_by("change").last(), exact.sort_by("change").last())
        return state.filter(pl.col("op") != "remove").select("id", logged=pl.lit(value=True), proof="proof")


class _Chain:
    """Gathers the proofs of a change set into its digest."""

    def __init__(self, key: str) -> None:
        self._key = key
        self._parts: list[str] = []

    def add(self, proofs: pl.Series) -> None:
        self._parts += proofs.bin.encode("hex").to_list()

    def digest(self, head: list[Any]) -> str:
        content = json.dumps([*head, *self._parts], ensure_ascii=False)
        return str(pl.select(_keyed(self._key, "changeset", pl.lit(content))).item())


def proven(key: str, table: str, rows: pl.DataFrame) -> pl.Series:
    """Return the proofs of rows (Binary, 16 bytes each): a keyed hash of the table's name and the row as JSON."""
    if rows.is_empty():
        return pl.Series("proof", [], pl.Binary)
    content = pl.struct(pl.all()).struct.json_encode()
    digest = _keyed(key, table, content).str.head(2 * _PROOF_BYTES).str.decode("hex")
    return rows.select(digest.alias("proof")).to_series()


def _fingerprint(key: str) -> str:
    """Return what the store keeps of its key: enough to tell a wrong one, not enough to use it."""
    return str(pl.select(_keyed(key, "key", pl.lit(""))).item())


def _keyed(key: str, name: str, content: pl.Expr) -> pl.Expr:
    """Return the BLAKE3 (hex) of a text under the key, apart for each name."""
    text = pl.concat_str(pl.lit(f"{key}\n{name}\n"), content)
    hashed: pl.Expr = text.chash.blake3()  # type: ignore[attr-defined]  # a namespace registered by polars_hash
    return hashed


def _texts(changes: pl.DataFrame) -> pl.DataFrame:
    """Return changes with their binary columns as hex, so that they can be hashed as JSON."""
    return changes.select(*_CHANGE).with_columns(pl.col(pl.Binary).bin.encode("hex"))


def _removals(table: str, rows: pl.DataFrame, proof: pl.Series) -> pl.DataFrame:
    return _change(
        rows.select(
            row_id="id",
            last_id="id",
            before=model.json_object(rows.columns),
            before_proof=pl.lit(proof),
            op=pl.lit("remove"),
        ),
        table,
    )


def _updates(table: str, before: pl.DataFrame, after: pl.DataFrame, old: pl.Series, new: pl.Series) -> pl.DataFrame:
    """Log the touched fields only; a field that was or became unknown is told by its null."""
    changed = {n: before[n].ne_missing(after[n]) for n in before.columns}
    logged = before.select(
        row_id="id", last_id="id", before_proof=pl.lit(old), after_proof=pl.lit(new), op=pl.lit("update")
    )
    return _change(
        logged.with_columns(_fields(before, changed).alias("before"), _fields(after, changed).alias("after")), table
    )


def _fields(rows: pl.DataFrame, changed: Mapping[str, pl.Series]) -> pl.Series:
    """Return JSON objects of the changed fields of each row, nulls included."""
    members = [
        pl.when(pl.lit(flags)).then(pl.struct(name).struct.json_encode().str.strip_prefix("{").str.strip_suffix("}"))
        for name, flags in changed.items()
        if flags.any()
    ]
    inside = pl.concat_str(members, separator=",", ignore_nulls=True) if members else pl.lit("")
    return rows.select(pl.lit("{") + inside + pl.lit("}")).to_series()


def _creations(table: str, rows: pl.DataFrame, proof: pl.Series, fresh: int) -> pl.DataFrame:
    """Log created rows as ranges of ids, each proved over the proofs of its rows.

    A row that comes back under an id from before `fresh` is logged alone, so that its exact content stays known.
    """
    position = pl.int_range(pl.len())
    runs = rows.select("id", proof=pl.lit(proof).bin.encode("hex")).with_columns(
        run=pl.when(pl.col("id") < fresh).then(-position - 1).otherwise(pl.col("id") - position)
    )
    ranges = runs.group_by("run", maintain_order=True).agg(
        pl.col("id").first().alias("row_id"), pl.col("id").last().alias("last_id"), pl.col("proof").str.join("")
    )
    one = pl.col("row_id") == pl.col("last_id")
    short = pl.when(one).then("proof").otherwise(_keyed("", table, pl.col("proof")).str.head(2 * _PROOF_BYTES))
    return _change(ranges.select("row_id", "last_id", op=pl.lit("create"), after_proof=short.str.decode("hex")), table)


def _change(rows: pl.DataFrame, table: str) -> pl.DataFrame:
    """Bring logged rows to the columns of `_CHANGE`."""
    absent = [pl.lit(None, t).alias(n) for n, t in _CHANGE.items() if n not in rows.columns and n != "tbl"]
    return rows.with_columns(pl.lit(table).alias("tbl"), *absent).select(pl.col(n).cast(t) for n, t in _CHANGE.items())


def _connected(path: Path, mode: str) -> sqlite3.Connection:
    """Open a connection with the settings every use of the store wants."""
    with _explained():
        db = sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None)
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA cache_size = -262144")
        db.execute("PRAGMA temp_store = MEMORY")
        db.create_function("folded", 1, lambda text: None if text is None else names.folded(text), deterministic=True)
    return db


@contextmanager
def _explained() -> Iterator[None]:
    """Turn what SQLite says into errors with a way out."""
    try:
        yield
    except (sqlite3.Error, _stdlib.Error) as error:
        raise _explanation(error) from None


def _explanation(error: Exception) -> Exception:
    name = getattr(error, "sqlite_errorname", "") or ""
    text = str(error)
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return Locked("Another program is writing to the store.", "Wait until it has finished, then run this again.")
    if name.startswith("SQLITE_FULL"):
        return NotWritable("The disk is full; nothing was changed.", "Free some space, then run this again.")
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_IOERR")):
        return NotWritable(
            f"The store cannot be opened for writing ({text}).", "Check the folder's permissions and the disk."
        )
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return StoreDamaged(f"The store is damaged ({text}).", "Restore the last backup; keep this file for a repair.")
    return error


def _quoted(columns: Iterable[str]) -> list[str]:
    return [f'"{name}"' for name in columns]


def _marks(count: int) -> str:
    return ", ".join("?" * count)


__all__ = ["CHANGES", "CHANGESETS", "KeyMissing", "Stamp", "Store", "proven"]
