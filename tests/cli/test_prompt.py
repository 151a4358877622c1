"""The one question: a yes in the languages of the users applies the plan, anything else leaves all as it is."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import nullcontext

import pytest

from crmtool.cli import screen


class Terminal(io.StringIO):
    """Somebody at a keyboard who has typed something."""

    def isatty(self):
        return True


@pytest.fixture
def answered(crm, tmp_path, monkeypatch):
    """Import one person and answer the question; return how the command went, and who is in the base then."""
    path = tmp_path / "people.csv"
    path.write_text("Имя,Email\nАда Лавлейс,ada@x.example\n", encoding="utf-8")

    def answer(typed, *flags):
        monkeypatch.setattr(sys, "stdin", Terminal(typed))
        ran = crm("import", path, *flags)
        return ran, crm("contacts", "list", "--json").document

    return answer


@pytest.mark.parametrize("typed", ["y", "Yes", " да ", "Д", "так"])
def test_a_yes_applies(answered, typed):
    ran, people = answered(f"{typed}\n")
    assert ran.code == 0
    assert "[y/N]" in ran.err
    assert "Applied as 1" in ran.out
    assert len(people) == 1


@pytest.mark.parametrize("typed", ["n\n", "\n", "", "т\n", "нет\n", "ні\n", "yess\n", "delete\n"])
def test_anything_else_changes_nothing(answered, typed):
    ran, people = answered(typed)
    assert ran.code == 0
    assert "Nothing was changed." in ran.out
    assert people == []


@pytest.mark.parametrize("flag", ["--json", "--quiet"])
def test_a_program_is_never_asked(answered, flag):
    ran, people = answered("y\n", flag)
    assert ran.code == 2
    assert "--yes" in ran.err
    assert people == []


def test_a_dry_run_asks_nothing(answered):
    ran, people = answered("y\n", "--dry-run")
    assert (ran.code, ran.err) == (0, "")
    assert people == []


def test_an_interrupt_at_the_question_changes_nothing(answered, monkeypatch):
    def interrupted(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Terminal, "readline", interrupted)
    ran, people = answered("")
    assert ran.code == 130
    assert people == []


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal of another kind")
def test_an_interrupt_at_a_question_ends_the_command(tmp_path):
    import pty

    file = tmp_path / "people.csv"
    file.write_text("Кто,Email\nАда Лавлейс,ada@x.example\n", encoding="utf-8")
    crmtool = [sys.executable, "-m", "crmtool", "--workspace", str(tmp_path / "crm")]
    subprocess.run([*crmtool, "init"], check=True, capture_output=True)
    keyboard, terminal = pty.openpty()
    with subprocess.Popen(
        [*crmtool, "import", str(file)], stdin=terminal, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
    ) as ran:
        asked = b""
        while b"Enter for" not in asked:
            asked += os.read(ran.stderr.fileno(), 1 << 12)
        time.sleep(2)  # until it waits for a line
        ran.send_signal(signal.SIGINT)
        late = threading.Timer(60, ran.kill)
        late.start()
        assert ran.wait() == 130
        late.cancel()
    os.close(keyboard)
    os.close(terminal)


def test_columns_are_asked_about_before_the_work_begins(crm, tmp_path, monkeypatch):
    for number, name in enumerate(("one", "two")):
        (tmp_path / f"{name}.csv").write_text(f"Кто,Email\nАда Лавлейс,ada{number}@x.example\n", encoding="utf-8")
    begun = []
    monkeypatch.setattr(screen, "working", lambda what: begun.append(what) or nullcontext(lambda _: None))
    monkeypatch.setattr(sys, "stdin", Asked("name\nname\ny\n", begun))
    ran = crm("import", tmp_path / "one.csv", tmp_path / "two.csv")
    assert (ran.code, begun) == (0, ["Planning and writing"])
    assert [one["name"] for one in crm("contacts", "list", "--json").document] == ["Ада Лавлейс"] * 2


class Asked(Terminal):
    """Somebody who answers; about columns only while no work shows its progress."""

    def __init__(self, typed, begun):
        super().__init__(typed)
        self.begun = begun

    def readline(self, *size):
        line = super().readline(*size)
        assert line == "y\n" or not self.begun
        return line
