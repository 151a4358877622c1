"""Pipelines in real processes: ended, killed, run again, they come to one result; readers see no middle."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time

import polars as pl
import pytest
from places import copied
from test_kills import prober, waited

from bench import contacts
from crmtool.io import journal
from crmtool.io import workspace as workspaces

pytestmark = pytest.mark.soak

MANY, ROWS, KILLS, SEED = 100_000, 3_000, 12, 20_261_122
PIPELINE = """
title = "Inbox"
[[step]]
name = "inbox"
run = "import {file} --confirm"
files = "inbox/*.csv"
done = "inbox/done"
[[step]]
name = "duplicates"
run = "duplicates find"
[[step]]
name = "backup"
run = "backup create --plain"
"""


@pytest.fixture(scope="module")
def ready(tmp_path_factory):
    """A workspace with two files in its inbox."""
    made = workspaces.created(tmp_path_factory.mktemp("runs") / "crm")
    (made.rules_path / "pipelines" / "inbox.toml").write_text(PIPELINE)
    for seed in (1, 2):
        contacts.write(made.root / "inbox" / f"people{seed}.csv", ROWS, seed)
    return made


@pytest.fixture(scope="module")
def reference(ready, tmp_path_factory):
    """What an undisturbed run comes to."""
    workspace = copied(ready, tmp_path_factory.mktemp("reference") / "crm")
    went_well(started(workspace))
    return outcome(workspace)


def started(workspace, *arguments):
    command = [sys.executable, "-m", "crmtool", *(arguments or ("run", "inbox", "--json"))]
    command += ["--workspace", str(workspace.root)]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def went_well(process):
    _, said = process.communicate(timeout=300)
    assert process.returncode in {0, 3}, said


def outcome(workspace):
    """Return what a store holds, apart from the numbers of its change sets."""
    store = workspace.open_store()
    tables = ("file", "contact", "record", "channel", "contact_tag", "verdict", "reject")
    try:
        assert store.verify() == []
        return {table: store.snapshot(table).drop("changeset_id").rows() for table in tables}
    finally:
        store.close()


def test_a_run_that_is_terminated_says_so_and_comes_to_the_same_when_run_again(ready, reference, tmp_path):
    workspace = copied(ready, tmp_path / "crm")
    process = started(workspace)
    with prober(workspace) as writing:
        waited(process, writing)
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 143, said
    assert b"rolled back" in said or b"finished as change set" in said
    store = workspace.open_store()
    assert journal.runs(store)["outcome"].to_list() == ["stopped"]
    store.close()
    went_well(started(workspace))
    assert outcome(workspace) == reference


def test_killed_again_and_again_a_run_comes_to_the_same(ready, reference, tmp_path):
    workspace = copied(ready, tmp_path / "crm")
    dice = random.Random(SEED)
    for _ in range(KILLS):
        process = started(workspace)
        time.sleep(dice.uniform(0.3, 6))
        process.kill()
        process.communicate()
        with workspace.lock("the next run"):
            pass
    went_well(started(workspace))
    assert outcome(workspace) == reference
    assert sorted(path.name for path in (workspace.root / "inbox").glob("*.csv")) == []


def test_who_reads_during_an_import_sees_before_or_after(ready, tmp_path):
    workspace = copied(ready, tmp_path / "crm")
    went_well(started(workspace, "import", str(workspace.root / "inbox" / "people1.csv"), "--yes"))
    before = seen(workspace)
    contacts.write(tmp_path / "many.csv", MANY, 3)
    importing = started(workspace, "import", str(tmp_path / "many.csv"), "--source", "many", "--yes", "--quiet")
    during, exporting = [], []
    while importing.poll() is None:
        during.append(seen(workspace))
        if len(during) % 4 == 1 and len(exporting) < 3:
            words = ("export", "kind = 'person'", "--profile", "excel", "--quiet", "--confirm")
            exporting.append(started(workspace, *words, "-o", str(tmp_path / f"{len(exporting)}.csv")))
    went_well(importing)
    for process in exporting:
        went_well(process)
    after = seen(workspace)
    assert after > before
    assert len(during) >= 3
    assert set(during) <= {before, after}
    exported = [pl.read_csv(tmp_path / f"{n}.csv", separator=";", infer_schema=False).height for n in range(3)]
    assert set(exported) <= {before, after}


def seen(workspace):
    reader = started(workspace, "segments", "count", "kind = 'person'", "--json")
    out, err = reader.communicate(timeout=60)
    assert reader.returncode == 0, err
    return json.loads(out)["contacts"]
