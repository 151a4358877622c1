"""Undo where the ground has moved: each case once broke the store or the base, found by the walks in `test_walks`.

To add a case: a fixture `walk`, a few steps, and what must be so at the end.
"""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from content import logical
from people import Sheet
from walk import Walk, rules_of, template

from crmtool.core.errors import Conflict
from crmtool.io import changelog

HEADINGS = ("ID", "Имя", "Фамилия", "Phone")
IVAN = ("1", "Иван", "Петров", "+7 916 123-45-67")
OLENA = ("2", "Олена", "Шевченко", "+380 67 123 45 67")


@pytest.fixture(autouse=True, params=[0, 100])
def few(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Removed rows are kept in blocks, and one by one."""
    monkeypatch.setattr(changelog, "_FEW", request.param)


@pytest.fixture
def walk(tmp_path: Path) -> Iterator[Walk]:
    start = template(tmp_path / "template")
    walk = Walk(start, tmp_path / "walk", rules_of(start))
    yield walk
    walk.end()


def sheet(*rows: tuple[str, ...]) -> Sheet:
    return Sheet(HEADINGS, rows, "file")


def refused(walk: Walk, number: int) -> Conflict:
    """Undo must be refused and change nothing."""
    before = logical(walk.store)
    with pytest.raises(Conflict) as caught:
        walk.undo(number)
    after = logical(walk.store)
    assert all(before[table].equals(after[table]) for table in before)
    return caught.value


def test_what_is_back_already_is_not_brought_back_twice(walk: Walk) -> None:
    imported = walk.import_(sheet(IVAN, OLENA))
    undone = walk.undo(imported)
    walk.undo(undone)
    assert walk.undo(undone) is None
    assert walk.contacts() == [1, 2]


def test_a_file_read_again_meanwhile_does_not_come_back_beside_itself(walk: Walk) -> None:
    undone = walk.undo(walk.import_(sheet(IVAN)))
    again = walk.import_(sheet(IVAN))
    assert refused(walk, undone).problems == [f"record 1 was read again as record 2 by change set {again}"]


def test_an_edit_does_not_come_back_to_a_contact_that_is_gone(walk: Walk) -> None:
    imported = walk.import_(sheet(IVAN))
    undone = walk.undo(walk.set(1, "city", "Киев"))
    walk.undo(imported)
    assert refused(walk, undone).problems == ["record 2 belongs to contact 1, which is gone since"]


def test_a_merge_does_not_come_back_against_a_later_word(walk: Walk) -> None:
    walk.import_(sheet(IVAN, OLENA))
    undone = walk.undo(walk.judge(1, 2, "same"))
    walk.judge(1, 2, "different")
    assert "different" in refused(walk, undone).message


def test_a_number_said_by_hand_meanwhile_is_not_doubled(walk: Walk) -> None:
    walk.import_(sheet(IVAN))
    newer = walk.import_(sheet((*IVAN[:3], "+7 926 765-43-21")))
    walk.set(1, "phone", IVAN[3])
    walk.undo(newer)
    channels = walk.store.snapshot("channel").filter(pl.col("kind") == "phone")
    assert channels["value"].to_list() == ["+79161234567"]
    assert walk.store.verify() == []


def test_undoing_everything_newest_first_leaves_nobody(walk: Walk) -> None:
    steps = [
        walk.import_(sheet(IVAN, OLENA)),
        walk.judge(1, 2, "same"),
        walk.set(1, "city", "Киев"),
        walk.tag(2, "vip"),
    ]
    steps.append(walk.import_(sheet(IVAN, ("2", "Олена", "Коваль", ""))))
    for number in reversed(steps):
        walk.undo(number)
    assert all(frame.is_empty() for frame in logical(walk.store).values())
    assert walk.store.verify() == []
