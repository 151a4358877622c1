"""The README and the pages of the guide show commands with their real output: they are run, in order, and compared.

Blocks fenced as ```console hold lines `$ command` with what it prints below; each page starts in an empty place of its
own, beside `samples/`. `make docs` (GOLDEN=write) writes the outputs anew. The clock and the actor are fixed, so that
the same run comes out the same. To add a page: a file in `docs/guide/`.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
#: The README with every run of the gate, the guide with the slow proofs and by `make docs`.
PAGES = [
    pytest.param(ROOT / "README.md", id="README"),
    *(
        pytest.param(page, id=page.stem, marks=[] if os.environ.get("GOLDEN") else pytest.mark.soak)
        for page in sorted((ROOT / "docs" / "guide").glob("*.md"))
    ),
]
BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)


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
    return (done.stdout.removeprefix("\ufeff") + done.stderr).rstrip() + "\n"


def replayed(block, place):
    """Return a block with the outputs as they are now."""
    commands = re.findall(r"^\$ (.*)$", block, re.MULTILINE)
    lines = []
    for command in commands:
        output = shown(command, place)
        lines.append(f"$ {command}\n" + (output if output.strip() else ""))
    return "".join(lines)


@pytest.mark.parametrize("page", PAGES)
def test_every_command_on_a_page_prints_what_it_shows(page, place):
    text = page.read_text(encoding="utf-8")
    now = BLOCK.sub(lambda found: f"```console\n{replayed(found[1], place)}```", text)
    if os.environ.get("GOLDEN") == "write":
        page.write_text(now, encoding="utf-8")
        return
    assert now == text, f"{page.name} is stale; look at the difference and run: make docs"
