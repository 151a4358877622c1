"""The tables of a fresh store are those of the model, and each is strict."""

from __future__ import annotations

import pytest

from crmtool.core import model
from crmtool.io import schema
from crmtool.io.store import Store, sqlite3

_TYPES = {"Int64": "INTEGER", "String": "TEXT", "Float64": "REAL"}


@pytest.fixture
def db(tmp_path):
    path = tmp_path / "crm.db"
    Store.create(path, "0" * 64).close()
    connection = sqlite3.connect(path)
    yield connection
    connection.close()


@pytest.mark.parametrize("table", model.TABLES)
def test_a_table_has_the_columns_of_the_model_and_a_proof(db, table):
    columns = {name: kind for _, name, kind, *_ in db.execute(f"PRAGMA table_info({table})")}

    assert columns.pop("proof") == "BLOB"
    assert list(columns.items()) == [(n, _TYPES[str(t)]) for n, t in model.TABLES[table].items()]


def test_every_table_is_strict_and_counts_its_ids_for_ever(db):
    tables = dict(db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"))
    own = {name: sql for name, sql in tables.items() if name in {*model.TABLES, "change", "changeset"}}

    assert set(own) == {*model.TABLES, "change", "changeset"}
    assert all(sql.rstrip().endswith("STRICT") for sql in own.values())
    assert all("AUTOINCREMENT" in sql for sql in own.values())


def test_every_reference_of_the_model_is_a_foreign_key(db):
    for table, columns in model.REFERENCES.items():
        keys = {row[3] for row in db.execute(f"PRAGMA foreign_key_list({table})") if row[2] == "contact"}
        assert keys == set(columns), table


def test_the_schema_says_its_version(db):
    assert db.execute("PRAGMA user_version").fetchone()[0] == schema.version()


@pytest.mark.parametrize("view", ["contacts", "review", "consent_state"])
def test_the_views_for_other_programs_can_be_read(db, view):
    assert db.execute(f"SELECT * FROM {view}").fetchall() == []
