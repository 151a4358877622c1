"""The README and the pages of the guide show commands with their real output: they are run, in order, and compared.

Blocks fenced as ```console hold lines `$ command` with what it prints below; each page starts in an empty place of its
own, beside `samples/`. `make docs` (GOLDEN=write) writes the outputs anew. The clock and the actor are fixed, so that
the same run comes out the same. With every run of the gate the commands of the README run in this process, what stands
behind them (`| tail -1`) in a shell; with the slow proofs and `make docs` all pages run as a person's shell runs them.
To add a page: a file in `docs/guide/`.
"""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from crmtool.cli import main

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
PAGES = [
    pytest.param(page, id=page.stem, marks=[] if os.environ.get("GOLDEN") else pytest.mark.soak)
    for page in [README, *sorted((ROOT / "docs" / "guide").glob("*.md"))]
]
BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)
#: A command of ours, and what the shell does behind it.
OURS = re.compile(r"""crmtool ((?:[^|;"']|"[^"]*"|'[^']*')*)(.*)""", re.DOTALL)


@pytest.fixture
def place(tmp_path):
    """Return a folder that looks like the project's to a newcomer."""
    (tmp_path / "samples").symlink_to(ROOT / "samples")
    return tmp_path


def environment():
    """Return the surroundings every command of the README runs in."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    fixed = {"LOGNAME": "olena", "CRMTOOL_NOW": "2026-11-21T09:00:00+00:00", "TZ": "Europe/Kyiv", "COLUMNS": "80"}
    fixed |= {name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ}  # of another working copy
    return {"PATH": path, "HOME": os.environ.get("HOME", "/"), "LANG": "C.UTF-8", "CRMTOOL_WORKSPACE": "crm", **fixed}


def shown(command, place):
    """Run one command line as a shell would; return what a person sees."""
    done = subprocess.run(
        ["sh", "-c", command], cwd=place, env=environment(), capture_output=True, text=True, check=False, timeout=120
    )
    return seen(done.stdout, done.stderr)


def seen(out, err):
    return (out.removeprefix("\ufeff") + err).rstrip() + "\n"


@pytest.fixture
def shown_here(place, monkeypatch, capsys):
    """Run one command line in this process, but for what is not ours; return what a person sees."""
    monkeypatch.chdir(place)
    for name, value in environment().items():
        monkeypatch.setenv(name, value)

    def run(command):
        ours = OURS.fullmatch(command)
        if not ours:
            return shown(command, place)
        capsys.readouterr()
        code = main._code(shlex.split(ours[1]))
        said = capsys.readouterr()
        out, behind = said.out, ours[2]
        if behind:
            piped = behind.startswith("|")
            line = behind[1:] if piped else f"(exit {code}){behind}"
            done = subprocess.run(
                ["sh", "-c", line], input=out if piped else "", capture_output=True, text=True, check=False
            )
            out = done.stdout if piped else out + done.stdout
        return seen(out, said.err)

    return run


def replayed(text, run):
    """Return a page with the outputs as they are now."""

    def block(found):
        lines = []
        for command in re.findall(r"^\$ (.*)$", found[1], re.MULTILINE):
            output = run(command)
            lines.append(f"$ {command}\n" + (output if output.strip() else ""))
        return f"```console\n{''.join(lines)}```"

    return BLOCK.sub(block, text)


@pytest.mark.parametrize("page", PAGES)
def test_every_command_on_a_page_prints_what_it_shows(page, place):
    text = page.read_text(encoding="utf-8")
    now = replayed(text, lambda command: shown(command, place))
    if os.environ.get("GOLDEN") == "write":
        page.write_text(now, encoding="utf-8")
        return
    assert now == text, f"{page.name} is stale; look at the difference and run: make docs"


def test_every_command_of_the_readme_prints_what_it_shows(shown_here):
    text = README.read_text(encoding="utf-8")
    assert replayed(text, shown_here) == text, "README.md is stale; look at the difference and run: make docs"
