"""Several connections read a store at once: all of them the state that the first one sees."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import polars as pl
import pytest

from crmtool.core.plans import Plan, edit
from crmtool.io import beside, columns
from crmtool.io.store import Stamp, Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY = "0" * 64
STAMP = Stamp("o", "2026-11-21T09:00:00+00:00")
COUNT = {"count": pl.Int64()}


def tagged(store: Store, count: int) -> Plan:
    """Return a plan that adds contacts, from the revision the store is at."""
    revision, first = store.revision(), store.next_ids()["contact"]
    rows = [
        {"id": number, "root_id": number, "kind": "person", "name": f"n{number}", "changeset_id": revision.next}
        for number in range(first, first + count)
    ]
    return Plan("test", revision, "rules", {"contact": edit("contact", created=pl.DataFrame(rows))})


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A store of ten contacts, on a machine of three processors."""
    monkeypatch.setattr(beside.os, "cpu_count", lambda: 3)
    made = Store.create(tmp_path / "crm.db", KEY)
    made.apply(tagged(made, 10), STAMP)
    yield made
    made.close()


def test_parts_come_in_their_order_whoever_read_them(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "_AT_ONCE", 2)
    read = columns.packed(
        store, {"id": ("n.id", pl.Int64()), "name": ("n.name", pl.String())}, "FROM contact n", "n.id"
    )
    assert read.rows() == [(number, f"n{number}") for number in range(1, 11)]


def test_several_connections_are_used(store: Store) -> None:
    together = threading.Barrier(3, timeout=10)

    def reader(one: Store, _: int) -> Store:
        together.wait()
        return one

    used = beside.read(store, list(range(6)), reader)
    assert len({id(each) for each in used}) == 3
    assert store in used


def test_what_a_write_did_so_far_is_seen_by_all(store: Store) -> None:
    counts: list[int] = []

    def parts() -> Iterator[Plan]:
        first = tagged(store, 5)
        yield first
        counts.extend(beside.read(store, [0, 1, 2], lambda one, _: counted(one)))

    store.apply_parts(parts(), STAMP, dict)
    assert counts == [15, 15, 15]


def test_a_write_meanwhile_is_not_seen(store: Store, tmp_path: Path) -> None:
    with store.reading():
        counted(store)  # from here on the store stands still for this connection
        other = Store.open(tmp_path / "crm.db", KEY)
        other.apply(tagged(other, 5), STAMP)
        other.close()
        assert beside.read(store, [0, 1, 2], lambda one, _: counted(one)) == [10, 10, 10]


def counted(store: Store) -> int:
    """Return how many contacts a connection sees."""
    return int(store.query("SELECT count(*) FROM contact", [], COUNT).item())
