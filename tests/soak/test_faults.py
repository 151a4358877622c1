"""A fault at any single system call that changes a file: killed there, the disk full there, or a bad disk there.

strace counts the calls of a command that touch the workspace and then lets one of them fail, run after run. After each
fault the store is as before or as after, its history holds, and the same command works. That the check itself sees
damage is shown by a control that breaks the rule. To add a command: a function that makes its `Course`.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl
import pytest
from places import based, by_name, content, copied, ran, strangers, verified

from crmtool.cli import main
from crmtool.io import backups, manifests, rulebook
from crmtool.io import workspace as workspaces
from crmtool.io.connecting import sqlite3

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed"),
]

ROWS = 40
#: What is struck: the calls SQLite and we change files with.
CALLS = ("pwrite64", "write", "fsync", "fdatasync", "ftruncate", "unlink", "openat", "rename", "link", "mkdir", "rmdir")
#: A signal alone is not sent by strace 6.1 where it stops at the traced calls only; beside an error it is.
FAULTS = {"KILL": "error=EIO:signal=KILL", "ENOSPC": "error=ENOSPC", "EIO": "error=EIO"}
MOST = 24  # points of one kind of call, spread over all of them
TRIES = 5  # threads share the calls out differently each time: a call that was not met is aimed at again
_PIECE = re.compile(r"^(\d+) +(\w+)\((.*)")


@dataclass(frozen=True)
class Course:
    """A command, the workspace before it, where to strike it (call, the how manyth of its thread), and its judge."""

    arguments: tuple[str, ...]
    before: workspaces.Workspace
    points: list[tuple[str, int]]
    judged: Callable[[workspaces.Workspace], str]


def traced(workspace, arguments, *options):
    """Run a command under strace; return its code, its remarks, and the lines of the trace that touch the workspace."""
    command = [sys.executable, "-m", "crmtool", *arguments, "--workspace", str(workspace.root), "--yes", "--quiet"]
    trace = workspace.root.parent / "trace"
    tracing = ["strace", "-f", "-qq", "-y", "--seccomp-bpf", "-o", str(trace), *options, "--"]
    done = subprocess.run([*tracing, *command], capture_output=True, text=True, check=False, timeout=300)
    return done.returncode, done.stderr, trace.read_text(errors="replace").splitlines()


def counted(workspace, arguments):
    """Return where a command touches the workspace: call, and the how manyth of that call in its thread."""
    seen, points = Counter(), {}
    for line in traced(workspace, arguments, "-e", f"trace={','.join(CALLS)}")[2]:
        said = _PIECE.match(line)
        if said:
            thread, call, rest = said.groups()
            seen[thread, call] += 1
            if str(workspace.root) in rest:
                points.setdefault(call, []).append(seen[thread, call])
    return [(call, at) for call, every in points.items() for at in spread(every)]


def spread(places):
    """Return up to `MOST` of some places, the first and the last of them too."""
    return sorted({places[round(n * (len(places) - 1) / (MOST - 1))] for n in range(MOST)})


# -- the commands ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    place = based(tmp_path_factory.mktemp("faults"), ROWS)
    ran(copied(workspaces.Workspace(place / "base"), place / "full"), "import", str(place / "people2.csv"))
    return place


@pytest.fixture(scope="module")
def course(place):
    """Give the course of a command by its name."""
    return by_name(lambda place, name: COURSES[name](place), place)


def stored(name, before, arguments, place, last=lambda _: ""):
    """Return the course of a command that changes the store; `last` tells what is wrong when it has happened."""
    after = copied(before, place / f"{name}-after" / "crm")
    points = counted(after, arguments)
    states = content(before), content(after)
    assert states[0] != states[1], "the command does something"

    def judged(workspace):
        state = content(workspace)
        if state not in states:
            return "neither as before nor as after"
        if wrong := verified(workspace):
            return f"does not prove: {wrong[0]}"
        if state == states[0]:
            code = main._code([*arguments, "--workspace", str(workspace.root), "--yes", "--quiet"])
            if code not in {0, 3} or content(workspace) != states[1]:
                return f"does not work again: {code}"
        return last(workspace)

    return Course(arguments, before, points, judged)


def importing(place):
    return stored("import", workspaces.Workspace(place / "base"), ("import", str(place / "people2.csv")), place)


def merging(place):
    base = workspaces.Workspace(place / "base")
    return stored("merge", base, ("duplicates", "merge", *strangers(base)), place)


def undoing(place):
    return stored("undo", workspaces.Workspace(place / "full"), ("undo", "2"), place)


def erasing(place):
    """Erase somebody who stands in files too; when it has happened and is finished, no byte of the address is left."""
    before = copied(workspaces.Workspace(place / "base"), place / "erase-before")
    shutil.copy(place / "people1.csv", before.root / "inbox")
    store = before.open_store()
    sql = "SELECT id, email FROM contact WHERE email IS NOT NULL GROUP BY email HAVING count(*) = 1 ORDER BY id"
    person, address = store.query(sql, [], {"id": pl.Int64(), "email": pl.String()}).row(0)
    store.close()

    def last(workspace):
        if main._code(["contacts", "erase", "--workspace", str(workspace.root), "--quiet"]) not in {0, 2}:
            return "the erasure is not finished"
        left = [path.name for path in workspace.root.rglob("*") if path.is_file() and address in _text(path)]
        return f"bytes are left in {', '.join(left)}" if left else ""

    words = ("contacts", "erase", str(person), "--reason", "asked")
    return stored("erase", before, words, place, last)


def _text(path):
    return path.read_bytes().decode("utf-8", "ignore").lower()


def pruning(place):
    """Let copies go: at every moment the newest is there and whole, the store is as it was; the next run ends it."""
    before = copied(workspaces.Workspace(place / "base"), place / "prune-before")
    with pytest.MonkeyPatch.context() as patch:
        for day in (1, 2, 3, 4):
            patch.setenv("CRMTOOL_NOW", f"2026-11-0{day}T03:00:00+00:00")
            assert main._code(["backup", "create", "--plain", "--workspace", str(before.root), "--quiet"]) == 0
    path = before.rules_path / "backup.toml"
    text = re.sub(r"(?m)^(days|weeks|months) = \d+", r"\1 = 0", path.read_text("utf-8"))
    path.write_text(re.sub(r"(?m)^last = \d+", "last = 1", text), "utf-8")
    after = copied(before, place / "prune-after" / "crm")
    points = counted(after, ("backup", "prune"))
    was, lying, staying = content(before), _lying(before), _lying(after)
    assert len(staying) == 2
    assert len(lying) == 8

    def judged(workspace):
        if content(workspace) != was:
            return "the store changed"
        if not staying <= _lying(workspace) <= lying:
            return "a copy is gone that should stay"
        newest = backups.copies(workspace, rulebook.loaded(workspace.rules_path).backup)[-1]
        if wrong := manifests.whole(newest, workspace.key()):
            return f"the newest copy: {wrong}"
        code = main._code(["backup", "prune", "--workspace", str(workspace.root), "--yes", "--quiet"])
        return "" if code == 0 and _lying(workspace) == staying else f"does not work again: {code}"

    return Course(("backup", "prune"), before, points, judged)


def _lying(workspace):
    return {path.name for path in (workspace.root / "backups").glob("crm-*")}


COURSES = {
    "import": importing,
    "merge": merging,
    "undo": undoing,
    "erase": erasing,
    "prune": pruning,
}


# -- the faults -----------------------------------------------------------------------------------------------------


def struck(course, place, call, at, fault):
    """Let a call fail; return whether it was one about the workspace, and what is wrong then (empty: nothing)."""
    workspace = copied(course.before, place / f"{call}-{at}" / "crm")
    inject = f"inject={call}:{FAULTS[fault]}:when={at}"
    code, said, lines = traced(workspace, course.arguments, "-e", f"trace={call}", "-e", inject)
    hit = _hit(lines, str(workspace.root), killed=code == -signal.SIGKILL)
    wrong = looked(course, workspace)
    if "Traceback" in said or (code == 1 and "a bug" in said):
        wrong = wrong or f"ends as a bug: {said.splitlines()[0]}"
    shutil.rmtree(workspace.root.parent)
    return hit, wrong


def _hit(lines, root, *, killed):
    """Tell whether the call that failed, or before which the process was killed, was about the workspace.

    Other threads may say one more thing after a kill.
    """
    calls = [line for line in lines if _PIECE.match(line)]
    failed = calls[-3:] if killed else [line for line in calls if "(INJECTED)" in line]
    return any(root in line for line in failed)


def looked(course, workspace):
    """Return what is wrong with a workspace that a fault struck; empty: nothing."""
    try:
        return course.judged(workspace)
    except Exception as error:  # noqa: BLE001  # whatever it is, the store does not open
        return f"does not open: {error}"


def met(course, place, call, at, fault):
    """Strike a point until a call about the workspace is hit, each time in a fresh copy; return what came of each try.

    Whatever was struck is looked at, hit or not. What comes: see `struck`.
    """
    tries = []
    for _ in range(TRIES):
        tries.append(struck(course, place, call, at, fault))
        if tries[-1][0]:
            break
    return tries


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", COURSES)
def test_no_fault_at_any_call_leaves_anything_half_done(course, tmp_path, name, fault, pytestconfig, capsys):
    points = course(name).points
    tries = {point: met(course(name), tmp_path, *point, fault) for point in points}
    hits = [point for point, each in tries.items() if each[-1][0]]
    bad = [f"{call} {at}: {wrong}" for (call, at), each in tries.items() for _, wrong in each if wrong]
    told = f"{name}, {fault}: {len(bad)} bad of {len(hits)} points struck, {len(points)} aimed at"
    again = sum(map(len, tries.values())) - len(points)
    calls = ", ".join(f"{call} {times}" for call, times in Counter(call for call, _ in hits).items())
    with capsys.disabled():
        pytestconfig.get_terminal_writer().line("\n".join([f"{told}, {again} times again: {calls}", *bad]))
    assert bad == []
    assert len(hits) > 0.8 * len(points) > 5


def test_the_judge_sees_a_torn_store(course, tmp_path):
    """The control: pages of the log written over, and a row changed behind the store's back."""
    importing = course("import")
    torn = copied(importing.before, tmp_path / "torn")
    with torn.store_path.open("r+b") as file:
        file.seek(0, os.SEEK_END)
        file.truncate(file.tell() // 2)
    assert looked(importing, torn)
    edited = copied(importing.before, tmp_path / "edited")
    with sqlite3.connect(edited.store_path) as db:
        db.execute("UPDATE contact SET city = 'Нигде' WHERE id = 1")
    db.close()
    assert looked(importing, edited)
    assert looked(importing, copied(importing.before, tmp_path / "well")) == ""
    gone = copied(course("prune").before, tmp_path / "gone")
    max((gone.root / "backups").glob("crm-*.zst")).unlink()
    assert looked(course("prune"), gone)
