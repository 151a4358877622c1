"""The doctor: green for a fresh workspace, and a line with a next step for each thing that is not as it should be."""

from __future__ import annotations

import datetime as dt
import shutil

import pytest

from crmtool.core import runs
from crmtool.io import backups, encryption, health, journal, manifests, rulebook, workspace
from crmtool.io.connecting import sqlite3
from crmtool.io.store import Stamp

NOW = dt.datetime(2026, 11, 21, 3, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def ready(tmp_path_factory):
    made = workspace.created(tmp_path_factory.mktemp("health") / "crm")
    rules = rulebook.loaded(made.rules_path)
    backups.made(made, rules, NOW, plain=True)
    store = made.open_store()
    number = store.next_ids()["run"]
    drill = runs.Run(runs.DRILL, NOW, 1.0, runs.DONE, 0, ())
    store.apply(runs.plan_record(drill, store.revision(), number), Stamp("olha", NOW.isoformat()))
    store.close()
    return made.root


@pytest.fixture
def at(ready, tmp_path):
    return workspace.Workspace(shutil.copytree(ready, tmp_path / "crm"))


def flags(at, *, deep=False, days=0):
    """Return check -> its worst flag."""
    worst = {}
    for finding in health.looked_over(at, NOW + dt.timedelta(days=days), deep=deep):
        assert finding.flag == "green" or finding.step, finding
        order = ("green", "yellow", "red")
        worst[finding.check] = max(worst.get(finding.check, "green"), finding.flag, key=order.index)
    return worst


def test_a_fresh_workspace_lacks_nothing_but_keys(at):
    found = flags(at, deep=True)
    assert {check for check, flag in found.items() if flag != "green"} == {"keys"}
    assert set(found) >= {"store", "rules", "integrity", "rows", "sqlite", "permissions", "disk", "indexes", "lock"}
    assert set(found) >= {"copies", "drills", "runs"}


def test_looking_changes_nothing(at):
    def content():
        return {p: p.read_bytes() for p in at.root.rglob("*") if p.is_file() and not p.name.startswith("crm.db-")}

    before = content()
    health.looked_over(at, NOW, deep=True)
    assert content() == before


@pytest.mark.parametrize(("days", "flag"), [(35, "green"), (36, "yellow"), (100, "yellow"), (101, "red")])
def test_drills_grow_old(at, days, flag):
    assert flags(at, days=days)["drills"] == flag


def test_copies_grow_old(at):
    assert [flags(at, days=days)["copies"] for days in (2, 3)] == ["green", "yellow"]


def test_without_a_copy_there_is_nothing_to_drill(at):
    for copy in manifests.found(at.root / "backups"):
        backups.removed(copy)
    found = flags(at)
    assert found["copies"] == "yellow"
    assert "drills" not in found


def test_a_flipped_bit_in_a_value_is_found_by_the_deep_look_alone(at):
    with sqlite3.connect(at.store_path) as db:
        db.execute("UPDATE run SET name = 'backup drilm'")
    db.close()
    assert flags(at)["integrity"] == "green"
    found = flags(at, deep=True)
    assert (found["integrity"], found["rows"]) == ("green", "red")


def test_a_ruined_store_is_told(at):
    with at.store_path.open("r+b") as file:
        file.seek(8192)
        file.write(b"\xff" * 30_000)
    found = flags(at)
    assert "red" in {found["store"], found.get("integrity")}


def test_no_store_and_no_key_are_told(at):
    at.store_path.unlink()
    assert flags(at)["store"] == "red"
    (at.root / "crm.key").unlink()
    assert flags(at)["store"] == "red"


def test_wrong_rules_are_told(at):
    (at.rules_path / "fields.toml").write_text("nonsense")
    assert flags(at)["rules"] == "red"


def test_a_store_that_others_may_read_is_told(at):
    at.store_path.chmod(0o644)
    assert flags(at)["permissions"] == "red"


def test_a_missing_index_is_told_with_what_makes_it(at):
    with sqlite3.connect(at.store_path) as db:
        (name,) = db.execute("SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL").fetchone()
        db.execute(f"DROP INDEX {name}")
    db.close()
    (told,) = [f for f in health.looked_over(at, NOW, deep=False) if f.check == "indexes"]
    assert told.flag == "yellow"
    assert name in told.says
    assert f"INDEX {name}" in told.step.replace('"', "")


def test_who_writes_is_told(at):
    with at.lock("import big.csv"):
        (told,) = [f for f in health.looked_over(at, NOW, deep=False) if f.check == "lock"]
    assert told.flag == "yellow"
    assert "import big.csv" in told.says


def test_a_target_that_is_not_there_is_told(at):
    path = at.rules_path / "backup.toml"
    path.write_text(path.read_text().replace('targets = ["backups"]', 'targets = ["backups", "/no/such/disk"]'))
    assert flags(at)["targets"] == "red"


def test_a_secret_key_in_the_workspace_is_told(at):
    encryption.new_key(at.root / "backups" / "b.key")
    assert flags(at)["keys"] == "red"


@pytest.mark.parametrize(("count", "flag"), [(1, "yellow"), (2, "green")])
def test_recipients_are_counted(at, tmp_path, count, flag):
    keys = [encryption.new_key(tmp_path / f"{n}.key") for n in range(count)]
    path = at.rules_path / "backup.toml"
    path.write_text(path.read_text().replace("recipients = []", f"recipients = {keys!r}"))
    assert flags(at)["keys"] == flag


def test_a_run_that_failed_is_told(at):
    store = at.open_store()
    failed = runs.Run("nightly", NOW, 1.0, runs.FAILED, 16, ())
    store.apply(runs.plan_record(failed, store.revision(), 2), Stamp("olha", NOW.isoformat()))
    assert journal.last(store, runs.DRILL) == NOW
    store.close()
    assert flags(at)["runs"] == "yellow"


def test_an_old_sqlite_is_told(at, monkeypatch):
    class Old:
        sqlite_version = "3.40.1"

    monkeypatch.setattr(health, "sqlite3", Old)
    monkeypatch.setattr(health, "_fresh_schema", dict)
    assert flags(at)["sqlite"] == "yellow"
