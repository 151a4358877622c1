"""The review in plain lines: from a pipe, for scripts and screen readers, with exit codes."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import signal
import subprocess
import sys

import pytest

from crmtool.cli import main
from crmtool.cli.review import desk


@pytest.fixture
def review(place, monkeypatch, capsys):
    """Answer a review with lines; return the exit code, what was said, and the remarks."""

    def run(answers, *flags):
        monkeypatch.setattr(sys, "stdin", io.StringIO(answers))
        capsys.readouterr()
        code = main._code(["duplicates", "review", "--plain", "--workspace", str(place), *flags])
        return code, *capsys.readouterr()

    return run


def test_pairs_are_told_in_sentences_and_answered_with_lines(review, steward):
    code, out, err = review("y\nn\n")
    assert (code, err) == (0, "")
    assert "1 and 2; 0 of 5 done, about 1 minute left." in out
    assert "given name differs: Анна | Олег. Together: Олег." in out
    assert "city same: Москва." in out
    assert "Because of: the same mobile number, but the names differ." in out
    assert "3 and 4: different, as change set 3" in out
    assert out.endswith("crmtool undo 3\n")
    assert [pair[:2] for pair in desk.seated(steward()).waiting] == [(5, 6), (5, 7), (6, 7)]


def test_the_end_of_the_input_keeps_what_was_decided(review, steward):
    code, out, _ = review("y")
    assert code == 0
    assert "1 same, 4 still waiting; all that was decided is saved." in " ".join(out.split())
    assert len(steward().store.changesets()) == 2


def test_words_and_cyrillic_keys_are_answers(review):
    _, out, _ = review("нет\nы\nundo\nг\nй\n")
    assert "1 and 2: different, as change set 2" in out
    assert "3 and 4: skipped, taken back" in out
    assert "1 and 2: different, taken back as 3" in out


def test_a_script_that_says_what_nobody_understands_is_stopped(review, steward):
    code, _, err = review("n\nmaybe\ny\n")
    assert code == 2
    assert "'maybe' is no answer" in err
    assert len(steward().store.changesets()) == 2, "the answers after it would have met other pairs"


def test_why_is_told_when_asked(review):
    code, out, _ = review("w\n")
    assert code == 0
    assert re.search(r"Before anything is compared: -\d+\.\d bits\.", out)
    assert "phone same" in out


def test_json_is_one_document_with_every_step(review):
    code, out, _ = review("y\nn\ns\n", "--json")
    assert code == 0
    found = json.loads(out)
    assert found["said"] == {"same": 1, "different": 1, "skipped": 1}
    assert found["waiting"] == 3
    assert found["steps"][0] == {"left_id": 1, "right_id": 2, "said": "same", "changeset": 2}


def test_quiet_says_nothing(review):
    assert review("y\n", "--quiet") == (0, "", "")


def test_only_what_is_wanted_is_asked(review):
    _, out, _ = review("q\n", "--only", "owner=лисовая псков")
    assert "0 still waiting" in out
    _, out, _ = review("q\n", "--only", "сова")
    assert "5 and 7; 0 of 2 done" in out
    assert review("", "--only", "score>x")[0] == 2


def test_a_pair_that_is_locked_ends_a_script_with_its_code(review, steward, monkeypatch):
    monkeypatch.setattr("crmtool.cli.session._PATIENCE", 0.0)
    with steward().workspace.lock("import huge.csv"):
        code, _, err = review("y\n")
    assert code == 11
    assert "import huge.csv" in err


# -- the screen, where there is a terminal or none --------------------------------------------------------------------


def test_without_a_terminal_the_screen_is_refused_with_a_way_out(place, capsys):
    assert main._code(["duplicates", "review", "--workspace", str(place)]) == 2
    assert "--plain" in capsys.readouterr().err


def test_without_its_library_the_screen_is_refused_with_a_way_out(place, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert main._code(["duplicates", "review", "--workspace", str(place)]) == 2
    assert "pip install textual" in capsys.readouterr().err


def in_terminal(place, keys, then=None, **environment):
    """Run the screen in a terminal of 80x24 and press keys, then send a signal; return the exit code and all output."""
    ours, theirs = pty.openpty()
    surroundings = {"TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24", "LANG": "C.UTF-8", **environment}
    process = subprocess.Popen(
        [sys.executable, "-m", "crmtool", "duplicates", "review", "--workspace", str(place)],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, **surroundings},
        start_new_session=True,
    )
    os.close(theirs)
    written = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:
            break
        written += part
        if keys and b"Together" in written:
            os.write(ours, keys)
            keys = b""
        if then and b"as change set" in written:
            process.send_signal(then)
            then = None
    os.close(ours)
    return process.wait(30), written


def test_the_terminal_is_given_back_and_says_where_things_stand(place):
    code, written = in_terminal(place, "тй".encode(), NO_COLOR="1")
    assert code == 0
    text = written.decode()
    assert text.index("\x1b[?1049h") < text.rindex("\x1b[?1049l"), "the screen of before is back"
    assert "\x1b[?25h" in text[text.rindex("\x1b[?1049l") - 50 :], "the cursor is shown"
    assert "1 different, 4 still waiting" in " ".join(text.split())
    colours = [c for codes in re.findall(r"\x1b\[([\d;]+)m", text) for c in codes.split(";")]
    default = {"39", "49"}
    assert {*colours}.isdisjoint({*map(str, (*range(30, 50), *range(90, 108)))} - default)


def test_a_program_told_to_end_gives_the_terminal_back_too(place):
    code, written = in_terminal(place, b"n", then=signal.SIGTERM)
    text = written.decode()
    assert code == 143
    assert "\x1b[?1049l" in text
    assert "1 different, 4 still waiting" in " ".join(text.split())


@pytest.mark.soak
def test_a_program_whose_terminal_is_gone_ends(place):
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "crmtool", "duplicates", "review", "--workspace", str(place)],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm-256color"},
        start_new_session=True,
    )
    os.close(theirs)
    written = b""
    while b"?1049h" not in written:
        written += os.read(ours, 65536)
    os.close(ours)
    assert process.wait(60) == 129
