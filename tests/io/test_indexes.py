"""Indexes around loads: dropped where they are sooner built anew, there where a plan looks something up, all back."""

import sqlite3

import pytest

from crmtool.io import indexes

TABLE = """CREATE TABLE interaction (id INTEGER PRIMARY KEY, source TEXT, at TEXT);
CREATE UNIQUE INDEX interaction_address ON interaction (source, id);
CREATE INDEX interaction_at ON interaction (at)"""
ALL = {"interaction_address", "interaction_at"}


@pytest.fixture
def db():
    made = sqlite3.connect(":memory:", isolation_level=None)
    made.executescript(TABLE)
    yield made
    made.close()


def filled(db, rows):
    db.executemany("INSERT INTO interaction (source, at) VALUES ('a', ?)", ((str(n),) for n in range(rows)))


def loaded(db, rows, load):
    """Load so many rows; return the indexes that were there meanwhile, and those that were there afterwards."""
    with indexes.loading(db, "interaction", rows, load):
        meanwhile = {*indexes.of(db, "interaction")}
        filled(db, rows)
    return meanwhile, {*indexes.of(db, "interaction")}


def test_into_an_empty_table_all_are_built_afterwards_and_those_of_reports_last(db):
    load = indexes.Load()
    assert loaded(db, 20_000, load) == (set(), {"interaction_address"})
    assert loaded(db, 5_000, load) == ({"interaction_address"}, {"interaction_address"})
    indexes.built(db, load.waiting)
    assert {*indexes.of(db, "interaction")} == ALL


def test_a_few_rows_go_into_the_indexes_where_they_stand(db):
    assert loaded(db, 9_000, indexes.Load()) == (ALL, ALL)
    filled(db, 100_000)
    assert loaded(db, 20_000, indexes.Load()) == (ALL, ALL)


def test_parts_that_together_are_half_of_the_table_let_the_indexes_of_reports_wait(db):
    filled(db, 100_000)
    load = indexes.Load()
    assert loaded(db, 30_000, load) == (ALL, ALL)
    assert loaded(db, 30_000, load) == ({"interaction_address"}, {"interaction_address"})
    assert loaded(db, 0, load) == ({"interaction_address"}, {"interaction_address"})
    assert {*load.waiting} == {"interaction_at"}


def test_a_part_that_changes_rows_alone_drops_nothing(db):
    load = indexes.Load(came={"interaction": 50_000})
    assert loaded(db, 0, load) == (ALL, ALL)


def test_what_is_looked_up_between_the_parts_is_built_when_it_is_asked_for_and_stays(db):
    load = indexes.Load()
    assert loaded(db, 20_000, load) == (set(), {"interaction_address"})
    indexes.wanted(db, "interaction_at", load)
    assert {*indexes.of(db, "interaction")} == ALL
    assert loaded(db, 15_000, load) == (ALL, ALL)
    assert load.waiting == {}
