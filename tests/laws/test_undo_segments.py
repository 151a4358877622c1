"""Who was in a segment and what a tag was called come back by undo; neither keeps an import from being undone."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from content import logical
from people import Sheet
from walk import Walk, rules_of, template

from crmtool.cli import membership, tags

ROWS = (
    ("1", "Иван", "Петров", "+7 916 123-45-67"),
    ("2", "Олена", "Шевченко", "+380 67 123 45 67"),
)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace with two contacts, the tag vip on both and VIP on one."""
    place = tmp_path_factory.mktemp("base")
    start = template(place / "template")
    walk = Walk(start, place / "walk", rules_of(start))
    walk.import_(Sheet(("ID", "Имя", "Фамилия", "Phone"), ROWS, "file"))
    for contact, tag in ((1, "vip"), (2, "vip"), (2, "VIP")):
        walk.tag(contact, tag)
    walk.store.close()
    return place / "walk" / "workspace"


@pytest.fixture
def walk(base: Path, tmp_path: Path) -> Iterator[Walk]:
    from crmtool.io.workspace import Workspace

    copy = Workspace(Path(shutil.copytree(base, tmp_path / "copy")))
    start = template(tmp_path / "template")
    walk = Walk(copy, tmp_path / "walk", rules_of(start))
    yield walk
    walk.end()


def refresh(walk: Walk) -> int | None:
    return walk._take(lambda: membership._refreshed(walk.session, ["no-owner", "no-email"]))


def merge(walk: Walk) -> int | None:
    return walk._take(lambda: tags._planned(walk.session, ["vip"], "key client", "tags merge"))


def said(walk: Walk) -> dict[str, list[tuple[object, ...]]]:
    """Return what the store says, but for which change set last wrote it."""
    return {name: rows.drop("changeset_id", strict=False).rows() for name, rows in logical(walk.store).items()}


@pytest.mark.parametrize("step", [refresh, merge])
def test_it_is_taken_back_and_given_again(walk, step):
    before = said(walk)
    number = step(walk)
    after = said(walk)
    back = walk.undo(number)
    assert said(walk) == before != after
    walk.undo(back)
    assert said(walk) == after
    assert walk.store.verify() == []


def test_memberships_go_with_an_import_that_is_taken_back(walk):
    assert refresh(walk)
    for number in (4, 3, 2, 1):
        walk.undo(number)
    assert walk.contacts() == []
    assert logical(walk.store)["segment_membership"].is_empty()
    assert walk.store.verify() == []
