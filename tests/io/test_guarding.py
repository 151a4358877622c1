"""A filter that got past the compiler would still only read what filters read, and not for ever."""

import polars as pl
import pytest

from crmtool.core.errors import SafetyRefused
from crmtool.io.store import Store

ONE = {"n": pl.Int64()}
ENDLESS = "WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r) SELECT max(i) FROM r"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    store = Store.create(tmp_path_factory.mktemp("store") / "crm.db", "0" * 64)
    yield store
    store.close()


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) FROM record",
        "SELECT count(*) FROM about",
        "SELECT count(*) FROM sqlite_schema",
        "SELECT count(*) FROM contact WHERE id IN (SELECT row_id FROM change)",
        "SELECT length(randomblob(10))",
        "SELECT load_extension('x')",
        "DELETE FROM contact",
        "INSERT INTO contact_tag VALUES (1, 1, 'x', 1, x'00')",
        "CREATE TEMP TABLE t (a)",
        "PRAGMA user_version",
        "PRAGMA journal_mode = DELETE",
        "ATTACH ':memory:' AS other",
        "BEGIN",
    ],
)
def test_nothing_else_is_read_called_or_written(store, sql):
    with store.guarded(), pytest.raises(SafetyRefused, match="may not"):
        store.query(sql, [], ONE)


def test_what_filters_read_is_read(store):
    sql = "SELECT count(*) FROM contact c WHERE folded(c.city) = ? AND c.id IN (SELECT contact_id FROM deal)"
    with store.guarded():
        assert store.query(sql, ["x"], ONE).item() == 0


def test_it_is_stopped_in_time_and_the_store_works_on(store):
    with store.guarded(0.05), pytest.raises(SafetyRefused, match="longer"):
        store.query(ENDLESS, [], ONE)
    assert store.query("SELECT count(*) FROM record", [], ONE).item() == 0
