"""One writer at a time, in real processes: none is lost, a killed one holds nobody up, and readers never wait."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

WRITERS = 20
_HOLD = """
import sys, time
from pathlib import Path
from crmtool.io import workspace
with workspace.Workspace(Path(sys.argv[1])).lock("import big.csv"):
    print("held", flush=True)
    time.sleep(60)
"""


def started(place, *arguments):
    command = [sys.executable, "-m", "crmtool", *arguments, "--workspace", str(place)]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@pytest.fixture
def filled(crm, workspace, tmp_path):
    people = tmp_path / "people.csv"
    people.write_text("Name,E-mail\nАнна Белова,anna@pochta.example\n", "utf-8")
    assert crm("import", people, "--yes").code == 0
    return workspace


@pytest.fixture
def holder(filled):
    process = subprocess.Popen([sys.executable, "-c", _HOLD, str(filled.root)], stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"held\n"
    yield process
    process.kill()
    process.communicate()


@pytest.mark.soak
def test_of_twenty_racing_writers_none_is_lost(filled):
    racing = [started(filled.root, "contacts", "tag", "1", f"tag{n}", "--yes", "--wait", "300") for n in range(WRITERS)]
    said = [process.communicate()[1] for process in racing]
    assert [process.returncode for process in racing] == [0] * WRITERS, said
    store = filled.open_store()
    assert set(store.snapshot("contact_tag")["tag"]) == {f"tag{n}" for n in range(WRITERS)}
    assert store.revision().number == 1 + WRITERS
    assert store.verify() == []
    store.close()


@pytest.mark.soak
def test_the_next_starts_at_once_when_the_holder_is_killed(filled, holder):
    waiting = started(filled.root, "contacts", "tag", "1", "vip", "--yes", "--wait", "300")
    with pytest.raises(subprocess.TimeoutExpired):
        waiting.communicate(timeout=5)
    holder.kill()
    begun = time.monotonic()
    waiting.communicate(timeout=30)
    assert waiting.returncode == 0
    assert time.monotonic() - begun < 10


@pytest.mark.soak
def test_who_holds_the_lock_is_named(filled, holder):
    refused = started(filled.root, "contacts", "tag", "1", "vip", "--yes")
    _, said = refused.communicate(timeout=60)
    assert refused.returncode == 11
    assert f"import big.csv (process {holder.pid}, since ".encode() in said


@pytest.mark.soak
def test_a_reader_does_not_wait(filled, holder):
    reader = started(filled.root, "contacts", "list", "--json")
    out, _ = reader.communicate(timeout=60)
    assert reader.returncode == 0
    assert "Анна".encode() in out
