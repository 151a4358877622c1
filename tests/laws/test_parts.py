"""A file read in parts, or after another file, comes to the same records as one read at once, and can be taken back."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from content import logical
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from people import Sheet, sheets
from walk import ACTOR, Walk, rules_of, template

from crmtool.core.errors import Conflict
from crmtool.core.plans import Plan
from crmtool.io import changelog, intake, reversal
from crmtool.io.readers import files, table
from crmtool.io.store import Stamp
from crmtool.io.workspace import Workspace

STAMP = Stamp(ACTOR, "2026-01-02T03:04:05+00:00")
FEW = st.sampled_from([0, 100])  # removed rows are kept in blocks, or one by one
SOON = settings(max_examples=settings().max_examples // 8, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return template(tmp_path_factory.mktemp("template") / "template")


@pytest.fixture(scope="module")
def places(start: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    place = tmp_path_factory.mktemp("walks")
    return (place / str(number) for number in range(1_000_000))


def taken(walk: Walk, *lists: Sheet, height: int, policy: str | None = None) -> dict[str, int]:
    """Import lists as one change set, so many rows at a time; return the facts of the whole."""
    told: list[dict[str, int]] = []
    parts = (part for number, sheet in enumerate(lists) for part in prepared(walk, sheet, number, height, policy))

    def heard(_: intake.Prepared, plan: Plan) -> None:
        told.append(dict(plan.facts))

    plans = intake.plans(walk.store, walk.rules, parts, "import", heard)
    walk.store.apply_parts(plans, STAMP, lambda: intake.total(told))
    return intake.total(told)


def prepared(walk: Walk, sheet: Sheet, number: int, height: int, policy: str | None) -> Iterator[intake.Prepared]:
    path = walk.place / f"{number}.csv"
    path.write_text(sheet.text(), "utf-8")
    wishes = intake.Wishes(source=sheet.source, on_duplicate=policy)
    return intake.prepared(table.slices(files.read(path), height), walk.rules, wishes)


def facts_of(walk: Walk) -> dict[str, pl.DataFrame]:
    """What does not depend on the order in which people met."""
    said = logical(walk.store)
    return {name: said[name] for name in ("record", "channel", "contact_tag", "reject", "verification")}


@SOON
@given(sheet=sheets())
def test_in_parts_or_at_once(start: Workspace, places: Iterator[Path], sheet: Sheet) -> None:
    whole, parts = (Walk(start, next(places), rules_of(start)) for _ in range(2))
    said = [taken(whole, sheet, height=1000), taken(parts, sheet, height=2)]
    for name in ("read", "new", "repeated", "rejected", "blank"):
        assert said[0][name] == said[1][name]
    assert said[1]["read"] == sum(said[1][name] for name in intake.OUTCOMES)
    first, second = facts_of(whole), facts_of(parts)
    for name, rows in first.items():
        assert rows.equals(second[name]), name
    assert parts.store.verify() == []
    whole.end()
    parts.end()


@SOON
@given(one=sheets(), other=sheets(), few=FEW)
def test_a_second_time_changes_nothing_and_undo_leaves_nothing(
    start: Workspace, places: Iterator[Path], monkeypatch: pytest.MonkeyPatch, one: Sheet, other: Sheet, few: int
) -> None:
    monkeypatch.setattr(changelog, "_FEW", few)
    walk = Walk(start, next(places), rules_of(start))
    taken(walk, one, other, height=2)
    if walk.store.revision().number:
        before = logical(walk.store)
        walk.undo(1)
        assert walk.contacts() == []
        assert walk.store.verify() == []
        walk.undo(2)
        after = logical(walk.store)
        assert all(
            before[name].drop("changeset_id", strict=False).equals(after[name].drop("changeset_id", strict=False))
            for name in ("record", "contact_tag", "reject", "verdict", "verification", "contact")
        )
    walk.end()


@settings(SOON, max_examples=settings().max_examples // 12)
@given(one=sheets(), other=sheets(), later=sheets(), few=FEW)
def test_taken_back_in_parts_or_at_once(
    start: Workspace,
    places: Iterator[Path],
    monkeypatch: pytest.MonkeyPatch,
    one: Sheet,
    other: Sheet,
    later: Sheet,
    few: int,
) -> None:
    monkeypatch.setattr(changelog, "_FEW", few)
    first, second = (Walk(start, next(places), rules_of(start)) for _ in range(2))
    for walk in (first, second):
        for sheet in (one, other, later):
            walk.import_(sheet)
    last = first.store.revision().number
    for number in (2, last, last + 1):
        outcomes = []
        for walk, way in ((first, at_once), (second, bit_by_bit)):
            try:
                way(walk, number)
                outcomes.append(None)
            except Conflict as conflict:
                outcomes.append(sorted(conflict.problems))
        assert outcomes[0] == outcomes[1]
        once, bits = logical(first.store), logical(second.store)
        for name, rows in once.items():
            assert sorted(map(str, rows.rows())) == sorted(map(str, bits[name].rows())), name
        assert second.store.verify() == []
    first.end()
    second.end()


def at_once(walk: Walk, number: int) -> None:
    if number <= walk.store.revision().number:
        walk.undo(number)


def bit_by_bit(walk: Walk, number: int) -> None:
    if number <= walk.store.revision().number:
        parts = reversal.in_parts(walk.store, walk.rules, number, size=1)
        walk.store.apply_parts(parts, STAMP, dict)
