"""The power goes at any moment: the store is as before the command or as after it, and what was told as done is there.

The images are made of recorded calls (see `images`). A few are looked at with every test, 2,000 with `make soak`. That
the search sees loss and damage is shown by disks that do not do what a sync asks for.
"""

from __future__ import annotations

import random
import shutil
from dataclasses import dataclass
from pathlib import Path

import images
import pytest
from places import based, by_name, content, copied, ran, strangers

from crmtool.cli import main
from crmtool.io import workspace as workspaces

pytestmark = pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")

SEED = 20_261_122
ROWS = 30
SHARES = {"import": 700, "merge": 300, "undo": 400, "erase": 400, "restore": 200}
_BESIDE = ("crm.db", "crm.lock")  # judged as a store; or held, not read


@dataclass(frozen=True)
class Course:
    """A command: the workspace before it, contents its store may have, its calls, and how many before it said done."""

    before: workspaces.Workspace
    root: Path  # where it was recorded
    states: tuple[object, ...]
    calls: tuple[images.Call, ...]
    told: int
    files: dict[str, bytes]  # as they are when all has happened


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """Give the course of a command by its name."""
    return by_name(_course, based(tmp_path_factory.mktemp("power"), ROWS))


def _course(place, name):
    base, between = workspaces.Workspace(place / "base"), ()
    before = copied(base, place / name / "before")
    words = {
        "import": ("import", str(place / "people2.csv")),
        "merge": ("duplicates", "merge", *strangers(before)),
        "undo": ("undo", "1"),
        "erase": ("contacts", "erase", "3", "--reason", "asked"),
        "restore": ("backup", "restore"),
    }[name]
    if name == "restore":
        assert main._code(["backup", "create", "--plain", "--workspace", str(before.root), "--quiet"]) == 0
        between = (content(copied(before, place / name / "between")),)
        ran(before, "contacts", "tag", "1", "late")
    root = place / name / "crm"
    shutil.copytree(before.root, root)
    code, calls, told = images.recorded(words, root, place / name / "trace")
    assert code in {0, 3}
    after = copied(workspaces.Workspace(root), place / name / "after")
    states = (content(copied(before, place / name / "first")), *between, content(after))
    assert states[0] != states[-1], "the command does something"
    files = {str(path): path.read_bytes() for path in root.rglob("*") if path.is_file()}
    return Course(before, root, states, tuple(calls), len(calls) if told is None else told, files)


def moments(course, count, dice):
    """Return after how many calls the power goes: half anywhere, half beside a sync or a change of names."""
    near = [n for n, call in enumerate(course.calls) if call.name != "write"]
    somewhere = [dice.randint(0, len(course.calls)) for _ in range(count - count // 2)]
    beside = [min(max(dice.choice(near) + dice.randint(-1, 2), 0), len(course.calls)) for _ in range(count // 2)]
    return [*somewhere, *beside, len(course.calls)][-count:]


def faults(course, place, count, seed, honest=lambda _: True):
    """Return what is wrong with images: `lost` what was told as done, or what else there is to say."""
    dice, wrong = random.Random(seed), []
    for number, moment in enumerate(moments(course, count, dice)):
        disk = images.Disk(course.before.root, course.root)
        for call in course.calls[:moment]:
            disk.play(call, honest=honest(call))
        if said := judged(course, disk.lost(dice), place / str(number), told=moment > course.told):
            wrong.append(f"{said} (the power went after call {moment} of {len(course.calls)})")
    return wrong


def judged(course, files, place, *, told):
    """Return what is wrong with an image; empty: nothing."""
    for name, text in files.items():
        path = place / Path(name).relative_to(course.root)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text)
    try:
        return _judged(course, files, place, told=told)
    finally:
        shutil.rmtree(place)


def _judged(course, files, place, *, told):
    try:
        workspace = workspaces.Workspace(place)
        state, store = content(workspace), workspace.open_store()
        wrong = store.verify()
        store.close()
    except Exception as error:  # noqa: BLE001  # whatever it is
        return f"damaged: does not open: {error}"
    if state not in course.states:
        return "damaged: neither as before nor as after"
    if wrong:
        return f"damaged: {wrong[0]}"
    if told and state != course.states[-1]:
        return "lost"
    return next((f"torn: {Path(name).name}" for name, text in files.items() if not _whole(course, name, text)), "")


def _whole(course, name, text):
    """Tell whether a file that is no part of the store is as it was or as it became; what is being made may be torn."""
    if Path(name).name.startswith((*_BESIDE, ".")) or "/.making-" in name:
        return True
    was = course.before.root / Path(name).relative_to(course.root)
    return text == course.files.get(name) or (was.exists() and text == was.read_bytes())


def told_of(course, name, count, found, config, capsys):
    with capsys.disabled():
        lost = sum(each.startswith("lost") for each in found)
        said = f"{name}: {len(course.calls)} calls, {count} images: {lost} lost, {len(found) - lost} damaged"
        config.get_terminal_writer().line(said)


def test_a_few_images_of_an_import_are_whole(course, tmp_path):
    assert faults(course("import"), tmp_path, 5, SEED) == []


@pytest.mark.soak
@pytest.mark.parametrize("name", SHARES)
def test_of_2000_images_none_is_lost_or_damaged(course, tmp_path, name, pytestconfig, capsys):
    found = faults(course(name), tmp_path, SHARES[name], SEED + 1)
    told_of(course(name), name, SHARES[name], found, pytestconfig, capsys)
    assert found == []


@pytest.mark.soak
def test_a_disk_that_syncs_nothing_loses_what_was_told(course, tmp_path, pytestconfig, capsys):
    found = faults(course("import"), tmp_path, 100, SEED + 2, honest=lambda _: False)
    told_of(course("import"), "import, no sync does anything", 100, found, pytestconfig, capsys)
    assert {said.split()[0].strip(":") for said in found} >= {"lost", "damaged"}


@pytest.mark.soak
def test_a_log_that_is_not_synced_loses_what_was_told(course, tmp_path, pytestconfig, capsys):
    """As SQLite's synchronous = NORMAL does: no sync of the log before the change is told."""

    def honest(call):
        return not call.path.endswith("-wal")

    found = faults(course("import"), tmp_path, 100, SEED + 3, honest=honest)
    told_of(course("import"), "import, the log is not synced", 100, found, pytestconfig, capsys)
    assert any(said.startswith("lost") for said in found)
