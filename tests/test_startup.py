"""Starting is cheap: `--help` loads no heavy library and takes little of the processor."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

#: Each of these takes longer to load than a help page may take to appear.
HEAVY = {
    "polars",
    "pandas",
    "numpy",
    "phonenumbers",
    "rich",
    "sqlglot",
    "sqlite_utils",
    "email_validator",
    "jinja2",
    "textual",
}
GOAL = 0.2  # seconds of processor time
SLACK = 2.0  # a guard, not a measurement: other programs on a shared machine make the same work take longer

_LOADED = """
import sys
from crmtool.cli import main
code = main._code(sys.argv[1:])
print(code, *sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""


@pytest.mark.parametrize(
    "arguments", ["--help", "--version", "import --help", "contacts --help", "contacts set --help"]
)
def test_help_loads_nothing_heavy(arguments):
    done = subprocess.run(
        [sys.executable, "-c", _LOADED, *arguments.split()], capture_output=True, text=True, check=True, timeout=60
    )
    code, *loaded = done.stderr.split()

    assert code == "0"
    assert "typer" in loaded, "the list of what was loaded is real"
    assert set(loaded) & HEAVY == set()


def processor_seconds(*arguments):
    """Run a command and return the processor time it took, its own and the system's for it."""
    process = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_utime + usage.ru_stime


def test_help_is_there_at_once():
    best = min(processor_seconds("-m", "crmtool", "--help") for _ in range(5))
    assert best < GOAL * SLACK
