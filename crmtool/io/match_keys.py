"""The codes of all parties, kept beside the store, so that a few new contacts find whom they may be among millions.

A small SQLite file of numbers (`core.duplicates.arrivals`). It says of which change set of the store it is the image,
and is brought up to date from the changes since; when it is missing, damaged, of another model or of another store, it
is made anew. It may be deleted at any time, and holds nothing that the store does not.
To keep another kind of code: where it is made, and `_VERSION`.
"""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from crmtool.core.duplicates import arrivals
from crmtool.io import gathering
from crmtool.io.blocks import HAS_BLOCK
from crmtool.io.connecting import explained, sqlite3

if TYPE_CHECKING:
    import sqlite3 as _sqlite3
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from crmtool.core.comparators.coding import Counts, Numbers
    from crmtool.core.match_rules import Model
    from crmtool.core.rules import Rules
    from crmtool.io.store import Store

    Database = _sqlite3.Connection

NAME = "crm.keys"
_VERSION = 2
_AT_ONCE = 100_000  # parties
_ANEW = 0.2  # of the contacts: when more were touched, all is made anew
_TABLES = (
    "CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT",
    "CREATE TABLE meeting (code INTEGER, contact_id INTEGER, PRIMARY KEY (code, contact_id)) STRICT, WITHOUT ROWID",
    "CREATE TABLE value (code INTEGER PRIMARY KEY, parties INTEGER NOT NULL) STRICT",
    "CREATE TABLE party (contact_id INTEGER PRIMARY KEY, meeting_codes BLOB, value_codes BLOB) STRICT",
)
_PAIR = {"left_id": pl.Int64(), "right_id": pl.Int64()}
_CODED = {"contact_id": pl.Int64(), "code": pl.Int64()}


@contextmanager
def opened(folder: Path) -> Iterator[Database]:
    """Give the file of a workspace, made where it is missing or cannot be read; readable by its owner alone."""
    path = folder / NAME
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    db = _connected(path)
    try:
        with explained():
            try:
                _begun(db)
            except sqlite3.DatabaseError as fault:
                if getattr(fault, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
                    raise
                db.close()
                path.write_bytes(b"")
                db = _connected(path)
                _begun(db)
            yield db
    finally:
        db.close()


def _connected(path: Path) -> Database:
    """Open the file; `counting` is asked by threads that compare, one at a time."""
    return sqlite3.connect(path, isolation_level=None, timeout=60, check_same_thread=False)


def _begun(db: Database) -> None:
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    db.execute("PRAGMA cache_size = -131072")
    known = {row[0] for row in db.execute("SELECT name FROM sqlite_schema")}
    for statement in _TABLES:
        if statement.split()[2] not in known:
            db.execute(statement)


@contextmanager
def looking(db: Database) -> Iterator[None]:
    """Let what is written inside be forgotten: for contacts that are not in the store for good yet."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        db.execute("ROLLBACK")


def kept(db: Database, store: Store, rules: Rules, models: Mapping[str, Model]) -> None:
    """Bring the codes up to date with what stands in the store, and keep that."""
    db.execute("BEGIN IMMEDIATE")
    try:
        updated(db, store, rules, models)
        db.execute("COMMIT")
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")


def updated(db: Database, store: Store, rules: Rules, models: Mapping[str, Model]) -> None:
    """Bring the codes up to date inside a transaction."""
    revision, identity = store.revision(), _identity(rules, models)
    about = dict(db.execute("SELECT name, value FROM about").fetchall())
    touched = None
    if about.get("identity") == identity and _known(store, about):
        touched = touched_since(store, int(about["number"]))
        if touched.len() > _ANEW * store.next_ids()["contact"]:
            touched = None
    if touched is None:
        _anew(db, store, rules, models)
    elif touched.len():
        _forgotten(db, touched)
        _added(db, gathering.parties(store, gathering.forms(rules), touched), rules, models)
    marks = {"identity": identity, "number": str(revision.number), "digest": revision.digest}
    db.executemany("INSERT OR REPLACE INTO about VALUES (?, ?)", list(marks.items()))


def _identity(rules: Rules, models: Mapping[str, Model]) -> str:
    """Return what the codes depend on beside the contacts."""
    told: list[object] = [_VERSION, list(rules.duplicates.match.blocking), sorted(gathering.forms(rules).items())]
    for kind, model in models.items():
        told.append((kind, list(model.columns.items()), [block.keys for block in model.blocking]))
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _known(store: Store, about: Mapping[str, str]) -> bool:
    """Tell whether the store has the change set that the codes are the image of."""
    sql = "SELECT digest FROM changeset WHERE id = ?"
    found = store.query(sql, [about["number"]], {"digest": pl.String()})["digest"].to_list()
    return found == [about["digest"]] or (about["number"] == "0" and not found)


def _anew(db: Database, store: Store, rules: Rules, models: Mapping[str, Model]) -> None:
    for table in ("meeting", "value", "party"):
        db.execute(f"DELETE FROM {table}")
    _added(db, gathering.parties(store, gathering.forms(rules)), rules, models)


def _added(db: Database, parties: pl.DataFrame, rules: Rules, models: Mapping[str, Model]) -> None:
    """Add parties: their codes, and their values to the counts."""
    meeting, values = [pl.DataFrame(schema=_CODED)], [pl.DataFrame(schema=_CODED)]
    for (kind,), of_kind in parties.group_by("kind", maintain_order=True):
        if str(kind) in models:
            codes = arrivals.coded(of_kind.drop("id", "kind"), str(kind), rules.duplicates.match, models[str(kind)])
            for rows, kept_ in ((codes.meeting, meeting), (codes.values, values)):
                kept_.append(rows.select(contact_id=of_kind["id"].gather(rows["row"]), code="code"))
    both = [pl.concat(meeting), pl.concat(values)]
    _inserted(db, "INSERT OR IGNORE INTO meeting (contact_id, code) VALUES (?, ?)", both[0].sort("code", "contact_id"))
    counts = both[1].group_by("code").len().sort("code").select("code", pl.col("len").cast(pl.Int64))
    sql = "INSERT INTO value VALUES (?, ?) ON CONFLICT (code) DO UPDATE SET parties = parties + excluded.parties"
    _inserted(db, sql, counts)
    for part in parties["id"].sort().to_frame().iter_slices(_AT_ONCE):
        _inserted(db, "INSERT OR REPLACE INTO party VALUES (?, ?, ?)", _packed(part["id"], *both))


def _packed(ids: pl.Series, meeting: pl.DataFrame, values: pl.DataFrame) -> pl.DataFrame:
    """Return for some contacts all their codes as bytes."""
    first, last = ids[0], ids[-1]
    packed = ids.rename("contact_id").to_frame()
    for name, codes in (("meeting", meeting), ("value", values)):
        here = codes.filter(pl.col("contact_id").is_between(first, last)).sort("contact_id", "code")
        lists = here.group_by("contact_id", maintain_order=True).agg(pl.len())
        ends = np.cumsum(lists["len"].to_numpy().astype(np.int64)) * 8
        whole = here["code"].to_numpy().astype("<i8").tobytes()
        bytes_ = [whole[begin:end] for begin, end in zip([0, *ends[:-1].tolist()], ends.tolist(), strict=True)]
        table = lists.select("contact_id", pl.Series(name, bytes_, dtype=pl.Binary))
        packed = packed.join(table, on="contact_id", how="left", maintain_order="left")
    return packed.with_columns(pl.col("meeting", "value").fill_null(b""))


def _inserted(db: Database, sql: str, rows: pl.DataFrame) -> None:
    for part in rows.iter_slices(_AT_ONCE):
        db.executemany(sql, part.iter_rows())


def _forgotten(db: Database, ids: pl.Series) -> None:
    """Take contacts out: their codes, and their values from the counts."""
    meeting, values = _codes(db, "meeting", ids), _codes(db, "value", ids)
    _inserted(db, "DELETE FROM meeting WHERE contact_id = ? AND code = ?", meeting)
    gone = values.group_by("code").len().sort("code").select(pl.col("len").cast(pl.Int64), "code")
    _inserted(db, "UPDATE value SET parties = parties - ? WHERE code = ?", gone)
    db.execute("DELETE FROM value WHERE parties <= 0")
    _inserted(db, "DELETE FROM party WHERE contact_id = ?", ids.to_frame())


def _codes(db: Database, column: str, ids: pl.Series) -> pl.DataFrame:
    """Return the codes of contacts (columns contact_id, code)."""
    sql = (
        f"SELECT contact_id, {column}_codes FROM json_each(?) k JOIN party ON contact_id = k.value ORDER BY contact_id"
    )
    rows = db.execute(sql, [json.dumps(ids.to_list())]).fetchall()
    counts = [len(codes) // 8 for _, codes in rows]
    found = np.repeat(np.array([contact for contact, _ in rows], np.int64), counts)
    codes = np.frombuffer(b"".join(codes for _, codes in rows), "<i8").astype(np.int64)
    return pl.DataFrame({"contact_id": found, "code": codes}, schema=_CODED)


def touched_since(store: Store, number: int) -> pl.Series:
    """Return the contacts that change sets after `number` touched, or channels of theirs, and what they lead to."""
    nodes = _of_contacts(store, number) | _of_channels(store, number)
    ids = pl.Series("id", sorted(nodes), dtype=pl.Int64)
    return pl.concat([ids, gathering.roots_of(store, ids)["root_id"].rename("id")]).unique().sort()


def _of_contacts(store: Store, number: int) -> set[int]:
    rows = _changed(store, "contact", number)
    found = {i for first, last in rows.select("row_id", "last_id").iter_rows() for i in range(first, last + 1)}
    for part in _removed(store, "contact", ["id"], number):
        found |= set(part["id"].to_list())
    return found


def _of_channels(store: Store, number: int) -> set[int]:
    rows = _changed(store, "channel", number)
    sql = """SELECT DISTINCT h.contact_id FROM json_each(?) s CROSS JOIN channel h
             ON h.id BETWEEN json_extract(s.value, '$[0]') AND json_extract(s.value, '$[1]')"""
    spans = json.dumps(rows.select("row_id", "last_id").rows())
    found = set(store.query(sql, [spans], {"id": pl.Int64()})["id"].to_list()) | set(rows["contact_id"].drop_nulls())
    for part in _removed(store, "channel", ["id", "contact_id"], number):
        found |= set(part["contact_id"].to_list())
    return found


def _changed(store: Store, table: str, number: int) -> pl.DataFrame:
    """Return the changes since, but for rows removed by the thousand: their ids, and the contact they leaned on."""
    sql = f"""SELECT row_id, last_id, json_extract(before, '$.contact_id') FROM change
              WHERE changeset_id > ? AND tbl = ? AND NOT {HAS_BLOCK}"""
    return store.query(sql, [number, table], {"row_id": pl.Int64(), "last_id": pl.Int64(), "contact_id": pl.Int64()})


def _removed(store: Store, table: str, columns: list[str], number: int) -> Iterator[pl.DataFrame]:
    sql = f"SELECT DISTINCT changeset_id FROM change WHERE changeset_id > ? AND tbl = ? AND {HAS_BLOCK}"
    for later in store.query(sql, [number, table], {"number": pl.Int64()})["number"]:
        yield from store.removed(later, table, columns)


# -- asking -----------------------------------------------------------------------------------------------------------


def meeting(db: Database, ids: pl.Series, bars: Mapping[int, int]) -> pl.DataFrame:
    """Return the pairs of some contacts and all that share a code with them (left_id, right_id), each once.

    `bars` are the sizes up to which blocks of each rule are paired.
    """
    mine = _codes(db, "meeting", ids)
    most = max(bars.values(), default=0)
    sql = f"""SELECT k.value, m.contact_id FROM json_each(?) k CROSS JOIN meeting m ON m.code = k.value
              WHERE (SELECT count(*) FROM (SELECT 1 FROM meeting WHERE code = k.value LIMIT {most + 1})) <= {most}"""
    rows = db.execute(sql, [json.dumps(mine["code"].unique().sort().to_list())]).fetchall()
    shared = pl.DataFrame(rows, schema={"code": pl.Int64(), "other": pl.Int64()}, orient="row")
    bar = arrivals.rule_of(pl.col("code")).replace_strict(dict(bars), default=0, return_dtype=pl.Int64)
    fitting = shared.filter(pl.len().over("code") <= bar)
    both = mine.join(fitting, on="code").filter(pl.col("contact_id") != pl.col("other"))
    ordered = both.select(
        left_id=pl.min_horizontal("contact_id", "other"), right_id=pl.max_horizontal("contact_id", "other")
    )
    return ordered.unique().sort("left_id", "right_id")


def counting(db: Database, kind: str) -> Counts:
    """Return what tells how many parties of a kind have values of a comparison, and how many have any.

    It may be asked by several threads.
    """
    alone = Lock()

    def counts(name: str, values: pl.Series) -> tuple[Numbers, int]:
        codes = arrivals.value_codes(kind, name, values)
        with alone:
            counted, having = _counted(db, codes.tolist()), parties(db, kind, name)
        found = pl.DataFrame({"code": codes}).join(counted, on="code", how="left", maintain_order="left")
        return found["parties"].fill_null(0).to_numpy(), having

    return counts


def parties(db: Database, kind: str, name: str | None = None) -> int:
    """Return how many parties of a kind there are, or how many of them have a value of a comparison."""
    code = arrivals.any_code(kind, name) if name else arrivals.any_code(kind)
    return int(_counted(db, [code])["parties"].sum())


def _counted(db: Database, codes: Iterable[int]) -> pl.DataFrame:
    sql = "SELECT code, parties FROM json_each(?) k CROSS JOIN value ON code = k.value"
    rows = db.execute(sql, [json.dumps(sorted(set(codes)))]).fetchall()
    return pl.DataFrame(rows, schema={"code": pl.Int64(), "parties": pl.Int64()}, orient="row")
