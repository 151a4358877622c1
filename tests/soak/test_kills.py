"""Killed at any moment, a run has happened or it has not; the history holds, and the next run works at once.

A few kills run with every test, fifty of each command with `make soak`. Half of the moments are spread over a whole
run, half over the time in which the transaction is open; a process is halted first, to see whether it was open.
"""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

import pytest
from places import content, copied, ran, verified

from bench import contacts
from crmtool.cli import main
from crmtool.io import workspace as workspaces
from crmtool.io.store import sqlite3

ROWS, FEW = 1_500, 400  # with `make soak`, and with every test
SEED = 20_261_121


@dataclass(frozen=True)
class Course:
    """A command, the workspaces before and after it, and how long it took (seconds: in all, and in the transaction)."""

    arguments: tuple[str, ...]
    before: workspaces.Workspace
    states: tuple[object, object]
    whole: float
    inside: float


@contextmanager
def prober(workspace):
    """Give a function that tells whether somebody has a transaction open for writing."""
    db = sqlite3.connect(workspace.store_path, isolation_level=None, timeout=0)

    def writing():
        try:
            db.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        db.execute("ROLLBACK")
        return False

    try:
        yield writing
    finally:
        db.close()


def started(workspace, arguments):
    command = [sys.executable, "-m", "crmtool", "--workspace", str(workspace.root), *arguments, "--yes", "--quiet"]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def waited(process, writing):
    """Return once a transaction is open, or the process has ended."""
    while process.poll() is None and not writing():
        time.sleep(0.001)


def timed(workspace, arguments):
    """Run a command to its end; return its seconds in all, and with the transaction open."""
    begun = time.monotonic()
    process = started(workspace, arguments)
    with prober(workspace) as writing:
        waited(process, writing)
        opened = time.monotonic()
        while process.poll() is None and writing():
            time.sleep(0.001)
        closed = time.monotonic()
    _, said = process.communicate()
    assert process.returncode in {0, 3}, said
    return time.monotonic() - begun, closed - opened


@pytest.fixture(scope="module")
def courses(tmp_path_factory):
    """Give the courses for a file of so many rows: an import into a base that is not empty, and taking that back."""

    @cache
    def of(rows):
        place = tmp_path_factory.mktemp("kills")
        first, second = place / "first.csv", place / "second.csv"
        contacts.write(first, rows // 10, SEED + 1)
        contacts.write(second, rows, SEED)
        workspace = workspaces.created(place / "workspace")
        ran(workspace, "import", str(first))
        return {
            "import": course(workspace, ("import", str(second)), place),
            "undo": course(workspaces.Workspace(place / "import"), ("undo", "2"), place),
        }

    return of


def course(before, arguments, place):
    after = copied(before, place / arguments[0])
    whole, inside = timed(after, arguments)
    states = content(before), content(after)
    assert states[0] != states[1]
    return Course(arguments, before, states, whole, inside)


def killed(course, workspace, moment, *, aimed):
    """Kill a run at a share of its time (of the transaction's, if aimed); tell whether a transaction was open."""
    process = started(workspace, course.arguments)
    with prober(workspace) as writing:
        if aimed:
            waited(process, writing)
        time.sleep(moment * (course.inside if aimed else course.whole))
        process.send_signal(signal.SIGSTOP)
        inside = process.poll() is None and writing()
    process.kill()
    process.communicate()
    return inside


def checked(course, workspace):
    """Check what a killed run left behind, and that the next one works; return whether the command had happened."""
    state = content(workspace)
    assert state in course.states, "neither as before nor as after"
    assert verified(workspace) == []
    with workspace.lock("the next run"):
        pass
    happened = state == course.states[1]
    if not happened:
        code = main._code(["--workspace", str(workspace.root), *course.arguments, "--yes", "--quiet"])
        assert code in {0, 3}
        assert content(workspace) == course.states[1]
        assert verified(workspace) == []
    return happened


def survived(course, place, kills, seed):
    """Kill a command again and again; return how many kills fell inside the transaction, and how many after it."""
    dice = random.Random(seed)
    inside = after = 0
    for number in range(kills):
        workspace = copied(course.before, place / str(number))
        inside += killed(course, workspace, dice.random(), aimed=number % 2 == 0)
        after += checked(course, workspace)
        shutil.rmtree(workspace.root)
    return inside, after


@pytest.fixture
def unset(monkeypatch):
    """Let what the command line leaves in the environment go with the test."""
    monkeypatch.setenv("CRMTOOL_WORKSPACE", "")


@pytest.mark.usefixtures("unset")
@pytest.mark.parametrize("name", ["import", "undo"])
def test_a_few_kills(courses, tmp_path, name):
    for more in range(5):  # on a busy machine a kill may come too late
        inside, _ = survived(courses(FEW)[name], tmp_path / str(more), 3, SEED + more)
        if inside:
            return
    pytest.fail("no kill fell inside the transaction")


@pytest.mark.soak
@pytest.mark.usefixtures("unset")
@pytest.mark.parametrize("name", ["import", "undo"])
def test_fifty_kills(courses, tmp_path, name, pytestconfig, capsys):
    course = courses(ROWS)[name]
    inside, after = survived(course, tmp_path, 50, SEED)
    times = f"{course.whole:.1f} s, the transaction {course.inside:.2f} s"
    said = f"{name} ({times}): {inside} of 50 kills fell inside the transaction, {after} after it"
    with capsys.disabled():
        pytestconfig.get_terminal_writer().line(said)
    assert inside >= 10
