"""Whatever happened before: erasing somebody changes nothing of anybody else, and the history holds."""

from contextlib import suppress
from pathlib import Path

import polars as pl
import pytest
from content import logical
from hypothesis import given, settings
from hypothesis import strategies as st
from people import Sheet, edits, sheets
from walk import Walk, rules_of, template

from crmtool.core import model
from crmtool.core.errors import Conflict, UsageError
from crmtool.core.rules import Rules
from crmtool.io import erasing
from crmtool.io.store import Stamp
from crmtool.io.workspace import Workspace

STAMP = Stamp("steward", "2026-01-02T03:04:05+00:00")
SIDES = ("contact_id", "left_id", "right_id", "root_id")


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Rules, Path]:
    place = tmp_path_factory.mktemp("erasing")
    workspace = template(place / "template")
    return workspace, rules_of(workspace), place


@settings(max_examples=settings().max_examples // 12)
@given(
    lists=st.lists(sheets(), min_size=2, max_size=2),
    edit=edits(),
    pair=st.tuples(st.integers(1, 4), st.integers(1, 6)),
    who=st.integers(1, 6),
    number=st.integers(0, 10_000),
)
def test_of_nobody_else_anything_changes(
    start: tuple[Workspace, Rules, Path],
    lists: list[Sheet],
    edit: tuple[str, str],
    pair: tuple[int, int],
    who: int,
    number: int,
) -> None:
    workspace, rules, place = start
    walk = Walk(workspace, place / f"walk-{len(list(place.iterdir()))}-{number}", rules)
    try:
        sets = [walk.import_(each) for each in lists]
        for step in (lambda: walk.set(pair[1], *edit), lambda: walk.judge(*pair, "same")):
            with suppress(UsageError, Conflict):
                sets.append(step())
        _erased(walk, who)
        for each in filter(None, reversed(sets)):
            with suppress(Conflict):
                walk.undo(each)
        assert walk.store.verify() == []
        assert walk.store.snapshot("contact", where="id", keys=[who]).is_empty()
    finally:
        walk.end()


def _erased(walk: Walk, contact: int) -> None:
    """Erase somebody, if there is one, and compare all that is of others before and after."""
    try:
        found = erasing.found(walk.store, [contact])
    except UsageError:
        return
    before = logical(walk.store)
    marks = erasing.marks(walk.store, found, {"on": "2026-01-02", "reason": "asked"})
    parts = erasing.parts(walk.store, walk.rules.fingerprint, "contacts erase", found, marks)
    walk.store.apply_parts(parts, STAMP, lambda: {"erased": 1})
    after = logical(walk.store)
    theirs = found.people["id"].implode()
    for table in set(model.TABLES) - {"tombstone", "reject", "interaction", "deal"}:
        sides = [side for side in SIDES if side in model.TABLES[table]]
        mine = pl.any_horizontal(pl.lit(value=False), *(pl.col(side).is_in(theirs) for side in sides))
        assert before[table].filter(~mine).equals(after[table]), table
