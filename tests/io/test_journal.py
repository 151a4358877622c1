"""The journal of runs: a line is a change set like any other, and can be taken back."""

from __future__ import annotations

import datetime as dt

import pytest

from crmtool.core import runs
from crmtool.io import journal, reversal, rulebook
from crmtool.io.store import Stamp

NOW = dt.datetime(2026, 11, 21, 3, tzinfo=dt.UTC)
STAMP = Stamp("olha", NOW.isoformat())


@pytest.fixture
def store(workspace):
    opened = workspace.open_store()
    yield opened
    opened.close()


def kept(store, name, outcome=runs.DONE, at=NOW):
    run = runs.Run(name, at, 2.5, outcome, 0, ({"step": "one", "seconds": 2.5},))
    store.apply(runs.plan_record(run, store.revision(), store.next_ids()["run"]), STAMP)


def test_a_line_says_when_and_how_a_run_ended(store):
    kept(store, "nightly")
    (run,) = journal.runs(store).to_dicts()
    assert (run["started_at"], run["ended_at"]) == ("2026-11-21T03:00:00.000+00:00", "2026-11-21T03:00:02.500+00:00")
    assert run["steps"] == '[{"step": "one", "seconds": 2.5}]'


def test_taking_a_line_back_leaves_the_journal_as_it_was(store):
    kept(store, "nightly")
    before = store.snapshot("run")
    kept(store, "weekly")
    store.apply(reversal.planned(store, rulebook.loaded(rulebook.defaults()), 2), STAMP)
    assert store.snapshot("run").equals(before)
    assert store.verify() == []


def test_the_last_run_that_did_what_it_should_is_found(store):
    kept(store, runs.DRILL)
    kept(store, runs.DRILL, runs.FAILED, NOW + dt.timedelta(days=3))
    assert journal.last(store, runs.DRILL) == NOW
    assert journal.last(store, "nightly") is None


@pytest.mark.parametrize(
    ("document", "counts"),
    [
        (
            {"changeset": 3, "file": "a.csv", "facts": {"new": 2, "by": "x"}, "dry_run": False},
            {"changeset": 3, "new": 2},
        ),
        ([{"id": 1}, {"id": 2}], {"rows": 2}),
        (None, {}),
        ("text", {}),
    ],
)
def test_of_a_document_only_whole_numbers_are_kept(document, counts):
    assert runs.numbers(document) == counts
