"""A fault at any single system call that changes a file: killed there, the disk full there, or a bad disk there.

strace counts the calls of a command that touch the workspace and then lets one of them fail, run after run. After each
fault the store is as before or as after, its history holds, and the same command works. That the check itself sees
damage is shown by a control that breaks the rule.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass

import polars as pl
import pytest
from test_kills import content, copied, verified

from bench import contacts
from crmtool.cli import main
from crmtool.io import workspace as workspaces
from crmtool.io.connecting import sqlite3

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed"),
]

ROWS = 60
#: What is struck: the calls SQLite and we change files with.
CALLS = ("pwrite64", "write", "fsync", "fdatasync", "ftruncate", "unlink", "openat", "rename", "link", "mkdir")
FAULTS = {"KILL": "signal=KILL", "ENOSPC": "error=ENOSPC", "EIO": "error=EIO"}
MOST = 24  # points of one kind of call, spread over all of them


@dataclass(frozen=True)
class Course:
    """A command, the workspace before it, and the contents before and after."""

    arguments: tuple[str, ...]
    before: workspaces.Workspace
    states: tuple[object, object]
    points: dict[str, int]


def traced(workspace, arguments, *options):
    """Run a command under strace, which looks only at calls that touch the workspace; return code and remarks."""
    command = [sys.executable, "-m", "crmtool", *arguments, "--workspace", str(workspace.root), "--yes", "--quiet"]
    tracing = ["strace", "-f", "-qq", "-y", "-o", str(workspace.root.parent / "trace"), *options]
    paths = [path for name in _files(workspace) for path in ("-P", str(name))]
    done = subprocess.run([*tracing, *paths, "--", *command], capture_output=True, text=True, check=False, timeout=300)
    return done.returncode, done.stderr


def _files(workspace):
    names = ("crm.db", "crm.db-wal", "crm.db-shm", "crm.lock", "rejects", "backups")
    return [workspace.root / name for name in names]


def counted(workspace, arguments):
    """Return how often each call touches the workspace in a run without a fault."""
    traced(workspace, arguments, "-e", f"trace={','.join(CALLS)}")
    lines = (workspace.root.parent / "trace").read_text(errors="replace")
    return {call: len(re.findall(rf"\b{call}\(", lines)) for call in CALLS}


@pytest.fixture(scope="module")
def courses(tmp_path_factory):
    place = tmp_path_factory.mktemp("faults")
    for seed in (1, 2):
        contacts.write(place / f"people{seed}.csv", ROWS, seed)
    base = workspaces.created(place / "base")
    first = ("import", str(place / "people1.csv"))
    assert main._code([*first, "--workspace", str(base.root), "--yes", "--quiet"]) in {0, 3}
    full = copied(base, place / "full")
    second = ("import", str(place / "people2.csv"))
    assert main._code([*second, "--workspace", str(full.root), "--yes", "--quiet"]) in {0, 3}
    return {
        "import": course(base, second, place),
        "merge": course(base, ("duplicates", "merge", *strangers(base)), place),
        "undo": course(full, ("undo", "2"), place),
    }


def strangers(workspace):
    """Return two people who are not one yet."""
    store = workspace.open_store()
    people = store.query("SELECT id FROM contact WHERE id = root_id AND kind = 'person'", [], {"id": pl.Int64()})
    store.close()
    return [str(number) for number in people["id"][:2]]


def course(before, arguments, place):
    after = copied(before, place / f"{arguments[0]}-after" / "crm")
    points = counted(after, arguments)
    states = content(before), content(after)
    assert states[0] != states[1], "the command does something"
    assert sum(points.values()) > 10, points
    return Course(arguments, before, states, points)


def spread(count):
    """Return up to `MOST` places among so many, the first and the last of them."""
    return sorted({1 + round(n * (count - 1) / (MOST - 1)) for n in range(MOST)}) if count else []


def judged(course, workspace):
    """Return what is wrong with a workspace that a fault struck; empty: nothing."""
    try:
        state = content(workspace)
    except Exception as error:  # noqa: BLE001  # whatever it is, the store does not open
        return f"does not open: {error}"
    if state not in course.states:
        return "neither as before nor as after"
    if wrong := verified(workspace):
        return f"does not prove: {wrong[0]}"
    if state == course.states[0]:
        code = main._code([*course.arguments, "--workspace", str(workspace.root), "--yes", "--quiet"])
        if code not in {0, 3} or content(workspace) != course.states[1]:
            return f"does not work again: {code}"
    return ""


def struck(course, place, call, at, fault):
    workspace = copied(course.before, place / f"{call}-{at}" / "crm")
    code, said = traced(
        workspace, course.arguments, "-e", f"trace={call}", "-e", f"inject={call}:{FAULTS[fault]}:when={at}"
    )
    wrong = judged(course, workspace)
    if "Traceback" in said or (code == 1 and "a bug" in said):
        wrong = wrong or f"ends as a bug: {said.splitlines()[0]}"
    shutil.rmtree(workspace.root.parent)
    return wrong


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", ["import", "merge", "undo"])
def test_no_fault_at_any_call_leaves_anything_half_done(courses, tmp_path, name, fault, pytestconfig, capsys):
    course = courses[name]
    bad, points = [], 0
    for call, count in course.points.items():
        for at in spread(count):
            points += 1
            if wrong := struck(course, tmp_path, call, at, fault):
                bad.append(f"{call} {at}: {wrong}")
    with capsys.disabled():
        pytestconfig.get_terminal_writer().line(f"{name}, {fault}: {len(bad)} bad of {points} points")
    assert bad == []
    assert points > 10


def test_the_judge_sees_a_torn_store(courses, tmp_path):
    """The control: pages of the log written over, and a row changed behind the store's back."""
    course = courses["import"]
    torn = copied(course.before, tmp_path / "torn")
    with torn.store_path.open("r+b") as file:
        file.seek(0, os.SEEK_END)
        file.truncate(file.tell() // 2)
    assert judged(course, torn)
    edited = copied(course.before, tmp_path / "edited")
    with sqlite3.connect(edited.store_path) as db:
        db.execute("UPDATE contact SET city = 'Нигде' WHERE id = 1")
    db.close()
    assert judged(course, edited)
    assert judged(course, copied(course.before, tmp_path / "well")) == ""
