"""The store's tables. To change them: add a migration below, never edit one that was released, and raise `VERSION`.

Text columns are TEXT for ever. `proof` is the keyed hash of the row's content (see `crmtool.io.store`). Secondary
indexes are named here so that a bulk load may drop and rebuild them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmtool.core import model

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl
    from sqlite_utils import Database, Migrations

#: The newest schema this program knows; written to `user_version`.
VERSION = 1

INDEXES: dict[str, tuple[str, str]] = {
    "contact_root": ("contact", "root_id"),
    "contact_email": ("contact", "email"),
    "record_contact": ("record", "contact_id"),
    "record_file": ("record", "file_id"),
    "channel_value": ("channel", "kind, value"),
    "channel_contact": ("channel", "contact_id"),
    "contact_tag_contact": ("contact_tag", "contact_id, tag"),
    "verdict_left": ("verdict", "left_id"),
    "verdict_right": ("verdict", "right_id"),
    "verification_contact": ("verification", "contact_id"),
    "reject_file": ("reject", "file_id"),
    "change_changeset": ("change", "changeset_id"),
    "change_row": ("change", "tbl, row_id"),
}

_CONSTRAINTS: dict[str, str] = {
    "contact.root_id": "NOT NULL REFERENCES contact DEFERRABLE INITIALLY DEFERRED",
    "contact.kind": "CHECK (kind IN ('person', 'company'))",
    "record.contact_id": "NOT NULL REFERENCES contact DEFERRABLE INITIALLY DEFERRED",
    "record.source": "NOT NULL",
    "record.source_key": "NOT NULL",
    "record.file_id": "REFERENCES file DEFERRABLE INITIALLY DEFERRED",
    "record.clean": "NOT NULL",
    "channel.contact_id": "NOT NULL REFERENCES contact DEFERRABLE INITIALLY DEFERRED",
    "channel.kind": "NOT NULL",
    "channel.value": "NOT NULL",
    "contact_tag.contact_id": "NOT NULL REFERENCES contact DEFERRABLE INITIALLY DEFERRED",
    "contact_tag.tag": "NOT NULL",
    "verdict.left_id": "NOT NULL REFERENCES contact DEFERRABLE INITIALLY DEFERRED",
    "verdict.right_id": "NOT NULL REFERENCES contact DEFERRABLE INITIALLY DEFERRED",
    "verdict.decision": "NOT NULL CHECK (decision IN ('same', 'different', 'unsure'))",
    "verification.contact_id": "NOT NULL REFERENCES contact DEFERRABLE INITIALLY DEFERRED",
    "verification.outcome": "NOT NULL CHECK (outcome IN ('confirmed', 'wrong', 'unreachable'))",
    "reject.file_id": "REFERENCES file DEFERRABLE INITIALLY DEFERRED",
}

_HISTORY = (
    "CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT",
    """CREATE TABLE changeset (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at TEXT NOT NULL,       -- ISO moment, UTC
        actor TEXT NOT NULL,
        command TEXT NOT NULL,
        rules TEXT NOT NULL,    -- fingerprint of the rules in force
        facts TEXT NOT NULL,    -- JSON object
        undoes INTEGER REFERENCES changeset,
        digest TEXT NOT NULL    -- chains over the one before and the proofs of all changes
    ) STRICT""",
    """CREATE TABLE change (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        changeset_id INTEGER NOT NULL REFERENCES changeset DEFERRABLE INITIALLY DEFERRED,
        tbl TEXT NOT NULL,
        op TEXT NOT NULL CHECK (op IN ('create', 'update', 'remove')),
        row_id INTEGER NOT NULL,
        last_id INTEGER NOT NULL,  -- created rows are logged as a range of ids
        before TEXT,               -- JSON: touched fields of an update, the whole of a removed row
        after TEXT,                -- JSON: touched fields of an update
        before_proof BLOB,
        after_proof BLOB,
        proof BLOB NOT NULL
    ) STRICT""",
)

_VIEWS = (
    """CREATE VIEW contacts AS
       SELECT id, kind, name, company, job_title, email, phone, country, city, owner, type, stage, source, birthday,
              (SELECT group_concat(DISTINCT t.tag) FROM contact_tag t JOIN contact n ON n.id = t.contact_id
               WHERE n.root_id = c.id) AS tags
       FROM contact c WHERE root_id = id""",
    """CREATE VIEW review AS
       SELECT v.id, l.root_id AS left_id, r.root_id AS right_id, v.reason
       FROM verdict v JOIN contact l ON l.id = v.left_id JOIN contact r ON r.id = v.right_id
       WHERE v.decision = 'unsure' AND v.retracted_in IS NULL AND l.root_id <> r.root_id
       AND (min(l.root_id, r.root_id), max(l.root_id, r.root_id)) NOT IN (
           SELECT min(a.root_id, b.root_id), max(a.root_id, b.root_id)
           FROM verdict d JOIN contact a ON a.id = d.left_id JOIN contact b ON b.id = d.right_id
           WHERE d.decision = 'different' AND d.retracted_in IS NULL)""",
)


def migrations() -> Migrations:
    """Return the migrations of the store, oldest first."""
    from sqlite_utils import Migrations

    steps = Migrations("crmtool")

    @steps()
    def first(db: Database) -> None:
        for statement in [*_tables(), *_HISTORY, *indexes(), *_VIEWS]:
            db.execute(statement)

    return steps


def indexes(table: str | None = None) -> list[str]:
    """Return the statements that make the secondary indexes, of one table or all."""
    wanted = {name: where for name, where in INDEXES.items() if table in (None, where[0])}
    unique = {"record_key": ("record", "source, source_key")} if table in (None, "record") else {}
    plain = [f"CREATE INDEX {name} ON {where[0]} ({where[1]})" for name, where in wanted.items()]
    return plain + [f"CREATE UNIQUE INDEX {name} ON {where[0]} ({where[1]})" for name, where in unique.items()]


def index_names(table: str) -> list[str]:
    """Return the names of a table's secondary indexes."""
    return [statement.split(" ON ")[0].rsplit(" ", 1)[1] for statement in indexes(table)]


def _tables() -> Iterator[str]:
    """Yield the CREATE statement of each table of the model."""
    for table, columns in model.TABLES.items():
        lines = [_column(table, name, dtype) for name, dtype in columns.items()]
        yield f"CREATE TABLE {table} ({', '.join([*lines, 'proof BLOB NOT NULL'])}) STRICT"


def _column(table: str, name: str, dtype: pl.DataType) -> str:
    """Return the definition of one column."""
    if name == "id":
        return "id INTEGER PRIMARY KEY AUTOINCREMENT"
    if name == "changeset_id":
        return "changeset_id INTEGER NOT NULL REFERENCES changeset DEFERRABLE INITIALLY DEFERRED"
    kind = "INTEGER" if dtype.is_integer() else "TEXT"
    return f'"{name}" {kind} {_CONSTRAINTS.get(f"{table}.{name}", "")}'.rstrip()
