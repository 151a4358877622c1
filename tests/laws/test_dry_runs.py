"""A dry run tells what the run then does, and leaves every byte of the store alone."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from people import Sheet

from crmtool.io.workspace import Workspace

HEADINGS = ("ID", "Имя", "Фамилия", "Phone", "Email")
ROWS = (
    ("1", "Иван", "Петров", "+7 916 123-45-67", "ivan@mail.ru"),
    ("2", "Ivan", "Petrov", "+7 916 123-45-67", ""),
    ("3", "Олена", "Шевченко", "+380 67 123 45 67", "olena@ukr.net"),
    ("", "", "", "", ""),
    ("4", "", "", "12", "broken@"),
)
STEPS = [
    ("import", "people.csv"),
    ("duplicates", "find"),
    ("duplicates", "merge", "1", "3"),
    ("contacts", "set", "1", "city=Киев"),
    ("contacts", "tag", "1", "vip"),
    ("duplicates", "unmerge", "3"),
    ("undo", "1"),
]


@pytest.fixture
def people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "people.csv").write_text(Sheet(HEADINGS, ROWS, "file").text(), "utf-8")
    monkeypatch.chdir(tmp_path)


def test_a_dry_run_says_what_the_run_does_and_touches_nothing(
    people: None, crm: Callable, workspace: Workspace
) -> None:
    for step in STEPS:
        before = content(workspace)
        dry = crm(*step, "--dry-run", "--json")
        assert content(workspace) == before, step
        done = crm(*step, "--yes", "--json")
        assert done.code == dry.code, (step, done.err, dry.err)
        if done.out:
            expected = {**dry.document, "dry_run": False, "changeset": done.document["changeset"]}
            assert done.document == expected, step


def test_a_second_run_has_nothing_to_do(people: None, crm: Callable) -> None:
    assert crm("import", "people.csv", "--yes").code == 3
    again = crm("import", "people.csv", "--json", "--yes").document
    assert (again["changeset"], again["tables"]) == (None, {})


def content(workspace: Workspace) -> dict[str, str]:
    """Return what the files of the workspace hold, but for SQLite's shared memory, which readers use too."""
    files = [path for path in workspace.root.rglob("*") if path.is_file() and not path.name.endswith("-shm")]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
