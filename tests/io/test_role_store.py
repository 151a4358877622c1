"""A role's store: nothing of the tables is read past its views, and no other road leads to the file."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest

import crmtool
from crmtool.core import plans
from crmtool.core.errors import CrmError
from crmtool.core.role_rules import RIGHTS, Role
from crmtool.core.roles import Holder
from crmtool.io.connecting import sqlite3
from crmtool.io.role_store import RoleStore
from crmtool.io.store import Stamp, Store

KEY = "5" * 64
SCHEMA = {"x": pl.String()}
#: Modules that open a store file past `Session.store`, and why a role does not get through there.
OPENING = {
    "io/store.py": "the store itself",
    "io/connecting.py": "where connections are made",
    "io/workspace.py": "asked by the session, and by what follows",
    "io/role_store.py": "writes what the role was let write",
    "io/beside.py": "not for a veiled store",
    "io/backups.py": "operate",
    "io/restoring.py": "operate",
    "io/health.py": "operate",
    "cli/admission.py": "gives the role its store",
    "cli/review/weights.py": "merge, which wants a role that sees everything",
    "cli/roles.py": "operate",
    "cli/restoring.py": "operate",
    "cli/erasing.py": "erase, which wants a role that sees everything",
}


def veiled(path, role):
    store = Store.open(path, KEY)
    return RoleStore(store, Holder("olha", "test", role, ("olha",)), path, lambda: None)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("store") / "crm.db"
    store = Store.create(path, KEY)
    people = {"id": [1, 2], "root_id": [1, 2], "kind": "person", "owner": ["olha", "other"], "phone": ["+1", "+2"]}
    rows = pl.DataFrame({**people, "custom": ['{"a":"1","b":"2"}', None], "changeset_id": 1})
    edit = plans.edit("contact", created=rows)
    store.apply(plans.Plan("test", store.revision(), "", {"contact": edit}), Stamp("olha", "2026-11-21T10:00:00"))
    store.close()
    return path


@pytest.fixture
def store(path):
    made = veiled(path, Role(default="hide", fields={"attr.a": "read"}))
    yield made
    made.close()


def tables(path):
    db = sqlite3.connect(path)
    names = [name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    columns = {name: [row[1] for row in db.execute(f"PRAGMA table_info({name})")] for name in names}
    db.close()
    return {name: found for name, found in columns.items() if not name.startswith("sqlite_")}


def test_every_table_has_a_view_before_it_with_the_same_columns(path, store):
    for table, columns in tables(path).items():
        if table.startswith("_"):  # of the migrations
            continue
        store.query(
            f"""SELECT {", ".join(f'"{name}"' for name in columns)} FROM {table} LIMIT 0""",
            [],
            dict.fromkeys(columns, pl.String()),
        )


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT phone FROM main.contact",
        "SELECT c.phone FROM main.contact c, contact d",
        "WITH c AS (SELECT * FROM main.contact) SELECT phone FROM c",
        "SELECT value FROM main.about",
        "SELECT file FROM pragma_database_list",
        "PRAGMA user_version",
        "ATTACH ':memory:' AS other",
        "DROP VIEW temp.contact",
        "CREATE TEMP TABLE t AS SELECT * FROM contact",
        "UPDATE main.contact SET city = 'x'",
        "DELETE FROM main.contact",
    ],
)
def test_nothing_passes_the_views(store, sql):
    with pytest.raises(CrmError):
        store.query(sql, [], SCHEMA)


def test_a_guarded_query_sees_no_more(store):
    with store.guarded():
        assert store.query("SELECT phone FROM contact", [], SCHEMA)["x"].to_list() == [None, None]
        with pytest.raises(CrmError):
            store.query("SELECT phone FROM main.contact", [], SCHEMA)
    with pytest.raises(CrmError):  # the guard of the role stands again
        store.query("SELECT phone FROM main.contact", [], SCHEMA)


def test_own_fields_are_shown_one_by_one(store):
    assert store.query("SELECT custom FROM contact", [], SCHEMA)["x"].to_list() == ['{"a":"1"}', None]


def test_own_records_are_those_of_the_owner(path):
    store = veiled(path, Role(default="read", records="own"))
    assert store.snapshot("contact", ["id", "phone"]).rows() == [(1, "+1")]
    store.close()


def test_who_sees_everything_reads_the_tables(path):
    store = veiled(path, Role(default="read", may=tuple(RIGHTS)))
    assert not store.is_veiled
    assert store.query("SELECT phone FROM main.contact", [], SCHEMA)["x"].to_list() == ["+1", "+2"]
    store.close()


def test_a_store_is_opened_at_known_places_only():
    root = Path(crmtool.__file__).parent
    opening = re.compile(r"\bconnected\(|\bStore\.open\(|\bopen_store\(|\bstore_path\.as_uri\(")
    found = {str(file.relative_to(root)) for file in root.rglob("*.py") if opening.search(file.read_text("utf-8"))}
    assert found == set(OPENING)
