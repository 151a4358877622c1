"""A base with a queue: made once, copied for each test; and the sessions of stewards over it."""

from __future__ import annotations

import csv
import shutil

import pytest

from crmtool.cli import main
from crmtool.cli.session import Options, Session
from crmtool.io import workspace as workspaces

HEADINGS = ("Имя", "Фамилия", "Мобильный телефон", "Email", "Город", "Ответственный")
#: Each four rows share a number under names that differ, so that an import asks about them.
PEOPLE = (
    ("Анна", "Ким", "+79160000201", "a.kim@x.example", "Москва", "Инна Лисовая"),
    ("Олег", "Дуб", "+79160000201", "o.dub@x.example", "Москва", "Олег Ветров"),
    ("Марк", "Лев", "+79160000202", "m.lev@x.example", "Тверь", ""),
    ("Яна", "Рысь", "+79160000202", "y.rys@x.example", "", ""),
    ("Ольга", "Ёж", "+79160000203", "o.yozh@x.example", "Киров", "Инна Лисовая"),
    ("Игорь", "Бобр", "+79160000203", "i.bobr@x.example", "Киров", ""),
    ("Вера", "Сова", "+79160000203", "v.sova@x.example", "Псков", ""),
)


def workspace_of(root, rows):
    """Make a workspace of some rows (`HEADINGS`)."""
    workspace = workspaces.created(root)
    path = root.parent / "people.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADINGS, *rows])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CRMTOOL_NOW", "2026-11-21T09:30:00+00:00")
        assert main._code(["import", str(path), "--yes", "--quiet", "--source", "lists", "--workspace", str(root)]) == 0
    return workspace


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    return workspace_of(tmp_path_factory.mktemp("made") / "crm", PEOPLE).root


@pytest.fixture
def place(made, tmp_path):
    """The workspace of this test."""
    shutil.copytree(made, tmp_path / "crm")
    return tmp_path / "crm"


@pytest.fixture
def steward(place, monkeypatch):
    """Give the session of a steward: `steward("olha")`."""
    monkeypatch.setenv("CRMTOOL_NOW", "2026-11-21T09:40:00+00:00")

    def session(name="olha"):
        found = Session(Options(workspace=place))
        found.actor = name
        return found

    return session


@pytest.fixture
def content(place):
    """Give what the computed tables hold, but for the change set that wrote it."""

    def read():
        store = workspaces.Workspace(place).open_store()
        frames = [store.snapshot(table).drop("changeset_id").rows() for table in ("contact", "channel")]
        store.close()
        return frames

    return read
