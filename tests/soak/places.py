"""What the slow proofs share: workspaces to strike, what is in them, and whether it proves.

To add to them: what two of the proofs need; what one needs stands beside it.
"""

from __future__ import annotations

import shutil
from functools import cache

import polars as pl

from bench import contacts
from crmtool.cli import main
from crmtool.core import model
from crmtool.io import workspace as workspaces


def ran(workspace, *words):
    """Run a command that changes a workspace, in this process."""
    assert main._code([*words, "--workspace", str(workspace.root), "--yes", "--quiet"]) in {0, 3}, words


def based(place, rows):
    """Fill a folder: files of invented people, people1.csv and people2.csv; the first are imported into `base`."""
    for seed in (1, 2):
        contacts.write(place / f"people{seed}.csv", rows, seed)
    ran(workspaces.created(place / "base"), "import", str(place / "people1.csv"))
    return place


def by_name(make, place):
    """Return a function that gives the course of a command by its name; each is made when it is asked for."""
    return cache(lambda name: make(place, name))


def copied(workspace, place):
    shutil.copytree(workspace.root, place)
    return workspaces.Workspace(place)


def content(workspace):
    """Return every table of the store."""
    store = workspace.open_store()
    try:
        return {table: store.snapshot(table).rows() for table in model.TABLES}
    finally:
        store.close()


def verified(workspace):
    """Return what does not prove."""
    store = workspace.open_store()
    try:
        return store.verify()
    finally:
        store.close()


def strangers(workspace):
    """Return two people who are not one yet."""
    store = workspace.open_store()
    people = store.query("SELECT id FROM contact WHERE id = root_id AND kind = 'person'", [], {"id": pl.Int64()})
    store.close()
    return [str(number) for number in people["id"][:2]]
