"""Laws of whole walks: whatever a person does in whatever order, these hold after every step.

To add a law that always holds: an invariant of `Walks`. To add something a person does: a rule there and a step in
`walk.Walk`.
"""

import atexit
import json
import shutil
import tempfile
from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import reference
from content import logical
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from people import Sheet, changed, edits, sheets
from walk import Walk, rules_of, template

from crmtool.core import golden, model, plans
from crmtool.core.errors import Conflict, UsageError
from crmtool.core.rules import Rules
from crmtool.io import changelog
from crmtool.io.workspace import Workspace

_LATER = tuple(table for table in model.TABLES if table not in model.DERIVED and table != "file")
_CHILDREN = ("contact_tag", "verification", "interaction", "deal", "consent", "archive")
_some = st.integers(min_value=0, max_value=10**6)  # picks one of what there is


@cache
def _start() -> tuple[Workspace, Rules]:
    folder = Path(tempfile.mkdtemp(prefix="laws"))
    atexit.register(shutil.rmtree, folder)
    workspace = template(folder / "template")
    return workspace, rules_of(workspace)


def on_a_new_revision(law: Callable[[Any], None]) -> Callable[[Any], None]:
    """Look at a costly law only when the store has moved since it was last looked at."""

    @wraps(law)
    def look(walks: "Walks") -> None:
        revision = walks.walk.store.revision()
        if walks.seen.get(law.__name__) != revision:
            law(walks)
            walks.seen[law.__name__] = revision

    return look


class Walks(RuleBasedStateMachine):
    """Random walks of one steward."""

    def __init__(self) -> None:
        super().__init__()
        start, rules = _start()
        self.walk = Walk(start, Path(tempfile.mkdtemp(prefix="walk")), rules)
        self.sheets: list[Sheet] = []  # newest versions, as long as nothing was undone
        self.last: int | None = None
        self.seen: dict[str, plans.Revision] = {}
        self.before = self.after = logical(self.walk.store)
        self.patch = pytest.MonkeyPatch()

    def teardown(self) -> None:
        self.patch.undo()
        self.walk.end()

    def _did(self, number: int | None) -> None:
        """Remember what the last step changed."""
        now = logical(self.walk.store)
        if number is None:
            assert same(now, self.after)
        else:
            self.before, self.after, self.last = self.after, now, number

    def _one(self, pick: int) -> int:
        contacts = self.walk.contacts()
        return contacts[pick % len(contacts)]

    # -- what a person does ---------------------------------------------------------------------------------------

    @initialize(sheet=sheets(), few=st.sampled_from([0, 100]))
    def begin(self, sheet: Sheet, few: int) -> None:
        self.patch.setattr(changelog, "_FEW", few)  # removed rows are kept in blocks, or one by one
        self.import_new(sheet)

    @rule(sheet=sheets())
    def import_new(self, sheet: Sheet) -> None:
        own = sheet.with_keys_of(len(self.sheets) + self.walk.store.revision().number * 100)
        self._did(self.walk.import_(own))
        self.sheets.append(own)

    @precondition(lambda self: any(sheet.keyed for sheet in self.sheets))
    @rule(pick=_some, data=st.data())
    def import_newer(self, pick: int, data: st.DataObject) -> None:
        keyed = [i for i, sheet in enumerate(self.sheets) if sheet.keyed]
        at = keyed[pick % len(keyed)]
        number = next((cell for row in self.sheets[at].rows for cell in row[:1] if cell), "0-").partition("-")[0]
        newer = data.draw(changed(self.sheets[at])).with_keys_of(int(number))
        self._did(self.walk.import_(newer))
        self.sheets[at] = newer

    @precondition(lambda self: self.sheets)
    @rule(pick=_some)
    def import_again_changes_nothing(self, pick: int) -> None:
        assert self.walk.planned_import(self.sheets[pick % len(self.sheets)]).is_empty

    @precondition(lambda self: len(self.walk.contacts()) > 1)
    @rule(left=_some, right=_some, decision=st.sampled_from(["same", "same", "different"]))
    def judge(self, left: int, right: int, decision: str) -> None:
        before = self.after
        self._attempt(lambda: self.walk.judge(self._one(left), self._one(right), decision))
        assert [name for name in (*_CHILDREN, "record", "channel") if not self.after[name].equals(before[name])] == []

    @precondition(lambda self: any(i != root for i, root in self.walk.roots().items()))
    @rule(pick=_some)
    def unmerge(self, pick: int) -> None:
        roots = self.walk.roots()
        joined = [(root, i) for i, root in roots.items() if root != i]
        before = self.after
        self._did(self.walk.unmerge(*joined[pick % len(joined)]))
        for table in _CHILDREN:
            assert set(before[table].rows()) <= set(self.after[table].rows())

    @precondition(lambda self: len(set(self.walk.roots().values())) > 1)
    @rule(left=_some, right=_some, keep=st.sampled_from([None, "name", "city", "note", "email", "phone"]))
    def merge_then_unmerge_is_identity(self, left: int, right: int, keep: str | None) -> None:
        roots = sorted(set(self.walk.roots().values()))
        one, other = roots[left % len(roots)], roots[right % len(roots)]
        try:
            merged = self.walk.judge(one, other, "same", {keep: other} if keep else None)
        except (Conflict, UsageError):
            return
        self._did(merged)
        before = self.before
        self._did(self.walk.unmerge(min(one, other), max(one, other)))
        assert same({**self.after, "verdict": before["verdict"]}, before)
        verdict = self.after["verdict"].row(-1, named=True)
        assert (verdict["left_id"], verdict["right_id"]) == (min(one, other), max(one, other))
        assert verdict["retracted_in"] == self.last

    @precondition(lambda self: self.walk.contacts())
    @rule(pick=_some, table=st.sampled_from(["interaction", "deal", "consent"]))
    def fact(self, pick: int, table: str) -> None:
        self._did(self.walk.fact(self._one(pick), table))

    @rule()
    def find(self) -> None:
        self._did(self.walk.find())

    @precondition(lambda self: self.walk.contacts())
    @rule(pick=_some, edit=edits())
    def set(self, pick: int, edit: tuple[str, str]) -> None:
        self._did(self.walk.set(self._one(pick), *edit))

    @precondition(lambda self: self.walk.contacts())
    @rule(pick=_some, tag=st.sampled_from(["vip", "холодный"]))
    def tag(self, pick: int, tag: str) -> None:
        self._did(self.walk.tag(self._one(pick), tag))

    @precondition(lambda self: self.walk.contacts())
    @rule(pick=_some)
    def verify(self, pick: int) -> None:
        self._did(self.walk.verify(self._one(pick)))

    @precondition(lambda self: self.walk.contacts())
    @rule(pick=_some)
    def archive(self, pick: int) -> None:
        self._did(self.walk.archive(self._one(pick)))
        assert self.walk.roots()[self._one(pick)] in self.walk.archived()

    @precondition(lambda self: self.walk.archived())
    @rule(pick=_some)
    def restore(self, pick: int) -> None:
        contact = self.walk.archived()[pick % len(self.walk.archived())]
        self._did(self.walk.restore(contact))
        assert contact not in self.walk.archived()

    @precondition(lambda self: self.walk.store.revision().number)
    @rule(pick=_some)
    def undo_keeps_what_came_later_or_refuses(self, pick: int) -> None:
        number = 1 + pick % self.walk.store.revision().number
        self.sheets.clear()
        before = self.after
        self._attempt(lambda: self.walk.undo(number))
        if self.after is not before:
            assert not lost(before, self.after, number)

    @precondition(lambda self: self.last == self.walk.store.revision().number)
    @rule()
    def undo_and_undo_of_undo_are_identities(self) -> None:
        before, after, last = self.before, self.after, self.last
        undone = self.walk.undo(last)
        assert same(logical(self.walk.store), before)
        redone = self.walk.undo(undone)
        assert same(logical(self.walk.store), after)
        self.before, self.after, self.last = before, logical(self.walk.store), redone

    def _attempt(self, step: Any) -> None:
        """Take a step that may be refused; refused, it changes nothing."""
        try:
            number = step()
        except (Conflict, UsageError):
            number = None
        self._did(number)

    # -- what always holds ----------------------------------------------------------------------------------------

    @invariant()
    @on_a_new_revision
    def the_history_proves_every_row(self) -> None:
        assert self.walk.store.verify() == []

    @invariant()
    @on_a_new_revision
    def golden_records_are_computed_from_facts(self) -> None:
        everything, ids = self.walk.everything(), self.walk.store.next_ids()
        rules = self.walk.rules.survivorship
        edits = golden.recomputed(everything.contacts["id"], everything, rules, 10**6, ids["channel"])
        assert {table: edit.size for table, edit in edits.items()} == {"contact": 0, "channel": 0}

    @invariant()
    @on_a_new_revision
    def golden_records_are_those_of_the_reference(self) -> None:
        rules = self.walk.rules.survivorship
        records = [{**r, "clean": json.loads(r["clean"])} for r in self.walk.store.snapshot("record").to_dicts()]
        records = [{**r, "clean": _whole(r["clean"])} for r in records]
        holding = self.walk.everything().verdicts.filter(pl.col("decision") == "same")
        edges = holding.select("left_id", "right_id").rows()
        expected = reference.golden(self.walk.contacts(), records, edges, rules)
        stored = self.walk.store.snapshot("contact").drop("changeset_id").to_dicts()
        assert odd(stored, expected) == {}
        columns = ("contact_id", "kind", "value", "label", "extension", "type")
        channels = self.walk.store.snapshot("channel", columns).rows()
        assert len(channels) == len(set(channels))
        assert set(channels) == reference.channels(records, rules)

    @invariant()
    def redirects_lead_to_a_root(self) -> None:
        roots = self.walk.roots()
        assert all(roots.get(root) == root for root in roots.values())

    @invariant()
    def absorbed_contacts_are_bare(self) -> None:
        contacts = self.walk.store.snapshot("contact").filter(pl.col("id") != pl.col("root_id"))
        assert contacts.drop("id", "root_id", "changeset_id").null_count().sum_horizontal().sum() == (
            contacts.height * (contacts.width - 3)
        )

    @invariant()
    def nobody_is_joined_whom_a_person_told_apart(self) -> None:
        roots = self.walk.roots()
        verdicts = self.walk.everything().verdicts.filter(pl.col("decision") == "different")
        for left, right in verdicts.select("left_id", "right_id").rows():
            assert roots[left] != roots[right]


def same(one: dict[str, pl.DataFrame], other: dict[str, pl.DataFrame]) -> bool:
    """Tell whether two stores say the same."""
    return all(frame.equals(other[table]) for table, frame in one.items())


def odd(stored: list[dict[str, Any]], expected: dict[int, dict[str, Any]]) -> dict[tuple[int, str], tuple[Any, Any]]:
    """Return the fields of contacts that are stored other than expected: (id, field) -> (stored, expected)."""
    assert [row["id"] for row in stored] == sorted(expected)
    both = [(row, expected[row["id"]]) for row in stored]
    return {(s["id"], f): (s[f], e[f]) for s, e in both for f in s if s[f] != e[f]}


def lost(before: dict[str, pl.DataFrame], after: dict[str, pl.DataFrame], number: int) -> dict[str, list[Any]]:
    """Return the facts written after change set `number` that are gone or changed.

    Verdicts of rules, and those that were taken back, may go with a contact.
    """
    gone = {}
    for table in _LATER:
        later = before[table].filter(pl.col("changeset_id") > number)
        if table == "verdict":
            later = later.filter(~pl.col("by").str.starts_with("rule:") & pl.col("retracted_in").is_null())
        missing = set(later.rows()) - set(after[table].rows())
        if missing:
            gone[table] = sorted(missing, key=str)
    return gone


def _whole(clean: dict[str, Any]) -> dict[str, Any]:
    """Return a cleaned record with every part of its channels mentioned."""
    blank = dict.fromkeys(("label", "extension", "type"))
    return {**clean, "channels": [blank | c for c in clean.get("channels") or []]}


_PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
_QUIET = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
TestWalks = pytest.mark.filterwarnings("ignore::ResourceWarning")(Walks.TestCase)
TestWalks.settings = settings(
    deadline=None,
    max_examples=3,
    stateful_step_count=10,
    suppress_health_check=_QUIET,
    phases=_PHASES,
    print_blob=True,
)


@pytest.mark.soak
class TestLongWalks(Walks.TestCase):
    """The same laws on many and longer walks."""

    settings = settings(
        deadline=None, max_examples=400, stateful_step_count=40, suppress_health_check=_QUIET, phases=_PHASES
    )
