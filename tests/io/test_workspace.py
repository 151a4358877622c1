"""The workspace: private from the first byte, made whole or not marked, found by name or from inside, one writer."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import stat
import threading
import time

import pytest

from crmtool.core.errors import KeyMissing, Locked, NotWritable, NoWorkspace, UsageError
from crmtool.io import workspace
from crmtool.io.workspace import MARKER, TRAYS, VARIABLE, Workspace


@pytest.fixture
def made(tmp_path):
    return workspace.created(tmp_path / "crm")


def test_everything_made_is_private(made):
    modes = {p.relative_to(made.root): stat.S_IMODE(p.stat().st_mode) for p in (made.root, *made.root.rglob("*"))}

    wrong = {str(p): oct(m) for p, m in modes.items() if m != (0o700 if (made.root / p).is_dir() else 0o600)}
    assert wrong == {}


def test_it_is_private_under_a_careless_umask(tmp_path):
    before = os.umask(0)
    try:
        made = workspace.created(tmp_path / "crm")
    finally:
        os.umask(before)

    loose = [str(p) for p in (made.root, *made.root.rglob("*")) if p.stat().st_mode & 0o077]
    assert loose == []


def test_it_holds_the_trays_the_rules_and_an_empty_store(made):
    assert all((made.root / tray).is_dir() for tray in TRAYS)
    assert (made.rules_path / "fields.toml").is_file()
    store = made.open_store()
    assert store.revision().number == 0
    store.close()


def test_two_workspaces_have_two_keys(made, tmp_path):
    assert workspace.created(tmp_path / "other").key() != made.key()


def test_a_workspace_is_not_made_twice(made):
    key = made.key()
    with pytest.raises(UsageError, match="workspace already"):
        workspace.created(made.root)
    assert made.key() == key


def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(UsageError, match="not an empty folder"):
        workspace.created(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["letter.txt"]


def test_a_folder_that_was_not_finished_is_no_workspace(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device", "crm.key")

    monkeypatch.setattr(workspace, "_written", full)
    with pytest.raises(NotWritable, match="No space left"):
        workspace.created(tmp_path / "crm")

    assert not (tmp_path / "crm" / MARKER).exists()
    with pytest.raises(NoWorkspace):
        workspace.found(tmp_path / "crm", {}, tmp_path)


# -- finding --------------------------------------------------------------------------------------------------------


def test_it_is_found_from_a_folder_inside(made):
    assert workspace.found(None, {}, made.root / "rules" / "mappings") == made


def test_what_is_given_wins_over_the_environment_and_that_over_the_place(made, tmp_path):
    second, third = workspace.created(tmp_path / "second"), workspace.created(tmp_path / "third")
    environment = {VARIABLE: str(second.root)}

    assert workspace.found(third.root, environment, made.root) == third
    assert workspace.found(None, environment, made.root) == second
    assert workspace.found(None, {VARIABLE: ""}, made.root) == made


def test_a_named_folder_that_is_no_workspace_is_not_replaced_by_another(made, tmp_path):
    with pytest.raises(NoWorkspace, match="is not a workspace"):
        workspace.found(None, {VARIABLE: str(tmp_path)}, made.root)


# -- the key --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_a_key_that_cannot_be_read(made, content):
    path = made.root / "crm.key"
    path.unlink() if content is None else path.write_bytes(content)
    with pytest.raises(KeyMissing) as refusal:
        made.open_store()
    assert refusal.value.exit_code == 12
    assert "crm.key" in refusal.value.hint


def test_the_key_of_another_store(made, tmp_path):
    other = workspace.created(tmp_path / "other")
    (made.root / "crm.key").write_text((other.root / "crm.key").read_text())
    with pytest.raises(KeyMissing, match="not the key of this store"):
        made.open_store()


# -- the lock -------------------------------------------------------------------------------------------------------


def test_a_second_writer_is_told_who_holds_it(made):
    with made.lock("import big.csv"), pytest.raises(Locked, match=rf"import big.csv \(process {os.getpid()}, since 20"):
        made.lock("undo 1").__enter__()


def test_the_lock_is_free_after_an_error_inside(made):
    with pytest.raises(ZeroDivisionError), made.lock("import"):
        raise ZeroDivisionError
    with made.lock("again"):
        pass


def test_a_lock_file_left_behind_locks_nobody_out(made):
    (made.root / "crm.lock").write_text(json.dumps({"pid": 1, "command": "import"}))
    with made.lock("again"):
        pass


def test_a_holder_that_left_no_name_is_still_a_holder(made):
    path = made.root / "crm.lock"
    path.write_text("")
    with path.open() as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        with pytest.raises(Locked, match="a crmtool command"):
            made.lock("again").__enter__()


def test_who_writes_is_told_only_while_somebody_does(made):
    assert made.writer() is None
    with made.lock("import big.csv"):
        assert made.writer().startswith("import big.csv (process ")
    assert made.writer() is None


def test_a_writer_waits_as_long_as_it_was_told(made):
    held = threading.Event()
    done = threading.Event()

    def hold():
        with made.lock("import big.csv"):
            held.set()
            done.wait(5)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(5)
    with pytest.raises(Locked):
        made.lock("again", wait=0.1).__enter__()
    threading.Timer(0.1, done.set).start()
    with made.lock("again", wait=5):
        pass
    holder.join()


def test_of_twenty_racing_writers_none_is_lost(made):
    """Each reads a count and writes it one higher, which loses some unless they take turns."""
    count = made.root / "count"
    count.write_text("0")

    def raise_by_one():
        with made.lock("count", wait=30):
            number = int(count.read_text())
            time.sleep(0.001)
            count.write_text(str(number + 1))

    writers = [threading.Thread(target=raise_by_one) for _ in range(20)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert count.read_text() == "20"


def test_reading_needs_no_lock(made):
    with made.lock("import"):
        assert Workspace(made.root).open_store().revision().number == 0
