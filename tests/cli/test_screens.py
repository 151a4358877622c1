"""What people see: each screen of the walk beside a golden file, inside 80 columns.

To write the golden files anew: `GOLDEN=write pytest tests/cli`; then read the difference.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from commands import EACH, STEPS
from rich.cells import cell_len

GOLDEN = Path(__file__).parent / "golden"

#: What differs from one workspace to the next without anybody having changed anything.
_CHANGING = (
    (r"\b[0-9a-f]{64}\b", "(64 digits)"),
    (r"\b[0-9a-f]{16}\b", "(16 digits)"),
    (r"\bin \d+\.\d\d s\b", "in (time) s"),
    (r"\bage1[a-z0-9]{58}\b", "(public key)"),
    (r" *\b\d+ kB\b", " (size)"),
    (r"\b[\d.]+ GB free", "(size) free"),
    (r"SQLite \d[\d.]+", "SQLite (version)"),
    (r"\d\.\d\d$", "(time)"),
)


def settled(text):
    for pattern, words in _CHANGING:
        text = re.sub(pattern, words, text)
    return "".join(line.rstrip() + "\n" for line in text.splitlines())


@pytest.mark.parametrize("name", EACH)
def test_a_screen_is_as_it_was(walk, name):
    code, out, err = walk(name)
    seen = settled(f"$ crmtool {STEPS[name]}\n{out}") + (f"-- remarks\n{settled(err)}" if err else "") + f"-- {code}\n"
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("GOLDEN") == "write":
        GOLDEN.mkdir(exist_ok=True)
        path.write_text(seen, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == seen


def test_there_is_no_golden_file_without_a_step():
    assert {path.stem for path in GOLDEN.glob("*.txt")} == set(STEPS)


@pytest.mark.parametrize("name", EACH)
def test_a_screen_keeps_to_80_columns(walk, name):
    _, out, _ = walk(name)
    assert [line for line in out.splitlines() if cell_len(line) > 80] == []


@pytest.mark.parametrize("name", EACH)
def test_a_step_goes_well(walk, name):
    code, _, err = walk(name)
    assert code in {0, 3}, err
