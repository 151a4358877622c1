"""Copies: whole or not at all, for their recipients alone, and refused when a single bit is not as it was."""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import shutil
import stat
import subprocess
import tarfile
from pathlib import Path

import pytest
import zstandard

from crmtool.cli import main
from crmtool.core.errors import KeyMissing, Locked, NotWritable, StoreDamaged, UsageError
from crmtool.io import archives, backups, encryption, manifests, restoring, rulebook, soundness, workspace
from crmtool.io.connecting import sqlite3

AT = dt.datetime(2026, 11, 21, 3, tzinfo=dt.UTC)
SEED = 20_261_122


@pytest.fixture(scope="module")
def ready(tmp_path_factory):
    """A workspace with a few contacts, two keys of which one may open copies, and a copy."""
    place = tmp_path_factory.mktemp("backups")
    made = workspace.created(place / "crm")
    people = Path(__file__).parents[2] / "samples" / "website_form_utf8.csv"
    assert main._code(["import", str(people), "--workspace", str(made.root), "--yes", "--quiet"]) == 3
    public = encryption.new_key(place / "secret.key")
    encryption.new_key(place / "other.key")
    path = made.rules_path / "backup.toml"
    path.write_text(path.read_text().replace("recipients = []", f'recipients = ["{public}"]'))
    backups.made(made, rulebook.loaded(made.rules_path), AT)
    return place


@pytest.fixture
def place(ready, tmp_path):
    return Path(shutil.copytree(ready, tmp_path / "place"))


@pytest.fixture
def crm_workspace(place):
    return workspace.Workspace(place / "crm")


@pytest.fixture
def rules(crm_workspace):
    return rulebook.loaded(crm_workspace.rules_path)


@pytest.fixture
def copy(crm_workspace, rules):
    return backups.copies(crm_workspace, rules.backup)[-1]


def opened(copy, place, key="secret.key", known=None):
    return backups.opened(copy, place / "crm" / "backups", encryption.identities(place / key), known)


def content(at):
    store = at.open_store()
    try:
        return soundness.counts(store), store.revision()
    finally:
        store.close()


# -- making ---------------------------------------------------------------------------------------------------------


def test_a_copy_proves_whole_and_says_what_it_holds(copy, crm_workspace):
    counts, revision = content(crm_workspace)
    said = copy.manifest
    assert manifests.whole(copy, crm_workspace.key()) == ""
    assert (said.counts, said.revision, said.head) == (counts, revision.number, revision.digest)
    assert (said.encrypted, said.faults, said.made) == (True, 0, "2026-11-21T03:00:00+00:00")


def test_everything_of_a_copy_is_private(copy):
    assert [oct(stat.S_IMODE(p.stat().st_mode)) for p in (copy.path, copy.manifest_path)] == ["0o600"] * 2


def test_nothing_is_left_of_the_work(copy):
    assert sorted(p.name for p in copy.folder.iterdir()) == sorted([copy.path.name, copy.manifest_path.name])


def test_a_manifest_holds_nobodys_data(copy, crm_workspace):
    text = copy.manifest_path.read_text()
    store = crm_workspace.open_store()
    values = {v for row in store.snapshot("contact", ["name", "email", "phone"]).rows() for v in row if v}
    store.close()
    assert values
    assert not [value for value in values if value in text]
    assert crm_workspace.key() not in text


def test_without_recipients_an_unencrypted_copy_must_be_meant(place, rules):
    bare = workspace.created(place / "bare")
    plain = rulebook.loaded(bare.rules_path)
    with pytest.raises(UsageError, match="names no recipients"):
        backups.made(bare, plain, AT)
    made = backups.made(bare, plain, AT, plain=True)
    assert made.manifest.archive == "crm-20261121T030000Z-0.tar.zst"
    assert not made.manifest.encrypted


def test_two_copies_of_one_moment_have_two_names(crm_workspace, rules, copy):
    assert backups.made(crm_workspace, rules, AT).manifest.archive == copy.manifest.archive.replace(".", "-1.", 1)


def test_a_target_that_is_not_there_is_told_and_not_made(crm_workspace, rules, place):
    two = rules.backup.model_copy(update={"targets": ("backups", str(place / "usb"))})
    made = backups.made(crm_workspace, rules.model_copy(update={"backup": two}), AT)
    assert len(made.placed) == 1
    assert list(made.missed) == [str(place / "usb")]
    assert not (place / "usb").exists()


def test_no_target_at_all_is_an_error(crm_workspace, rules, place):
    one = rules.backup.model_copy(update={"targets": (str(place / "usb"),)})
    with pytest.raises(NotWritable, match="No target"):
        backups.made(crm_workspace, rules.model_copy(update={"backup": one}), AT)


def test_a_copy_is_of_the_last_committed_state(crm_workspace, rules):
    writer = sqlite3.connect(crm_workspace.store_path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("DELETE FROM contact_tag")
    made = backups.made(crm_workspace, rules, AT)
    writer.execute("ROLLBACK")
    writer.close()
    assert made.manifest.counts == content(crm_workspace)[0]


def test_rows_edited_from_outside_are_counted(crm_workspace, rules, place):
    with sqlite3.connect(crm_workspace.store_path) as db:
        db.execute("UPDATE contact SET city = 'Нигде' WHERE id = 1")
    db.close()
    made = backups.made(crm_workspace, rules, AT)
    assert made.manifest.faults == 1
    with opened(manifests.Copy(made.manifest, made.placed[0].parent, ""), place) as at:
        assert restoring.proved(at, made.manifest).wrong == []


def test_a_damaged_store_is_not_copied(crm_workspace, rules, copy):
    with crm_workspace.store_path.open("r+b") as file:
        file.seek(3 * 8192)
        file.write(b"\xff" * 8192)
    with pytest.raises(StoreDamaged):
        backups.made(crm_workspace, rules, AT)
    assert len(list(copy.folder.iterdir())) == 2


def test_what_a_killed_run_left_goes_with_the_next(crm_workspace, rules):
    left = crm_workspace.root / "backups" / ".making-left"
    left.mkdir()
    (left / "crm.db").write_text("half")
    os.utime(left, (0, 0))
    backups.made(crm_workspace, rules, AT)
    assert not left.exists()


# -- before a large plan --------------------------------------------------------------------------------------------


def test_a_large_plan_is_preceded_by_a_copy(place):
    path = place / "crm" / "rules" / "backup.toml"
    path.write_text(path.read_text().replace("contacts = 100", "contacts = 5"))
    assert main._code(["undo", "1", "--dry-run", "--workspace", str(place / "crm")]) == 0
    assert len(list((place / "crm" / "backups").glob("*.json"))) == 1
    assert main._code(["undo", "1", "--yes", "--workspace", str(place / "crm")]) == 0
    newest = max((place / "crm" / "backups").glob("*.json"), key=lambda p: p.stat().st_mtime)
    said = manifests.read(newest).manifest
    assert (said.why, said.revision) == ("before a large change", 1)
    assert said.counts["contact"] > 5


# -- opening again --------------------------------------------------------------------------------------------------


def test_a_copy_opens_for_its_recipient_and_is_the_same(copy, place, crm_workspace):
    with opened(copy, place, known=crm_workspace.key()) as at:
        assert restoring.proved(at, copy.manifest).wrong == []
        assert content(workspace.Workspace(at)) == content(crm_workspace)
        assert (at / "rules" / "fields.toml").read_bytes() == (place / "crm/rules/fields.toml").read_bytes()
    assert not at.exists()


def test_nobody_else_opens_it(copy, place):
    with pytest.raises(KeyMissing, match="not encrypted for this key"), opened(copy, place, "other.key"):
        pass


@pytest.mark.skipif(not all(map(shutil.which, ("age", "zstd", "tar", "sqlite3"))), reason="needs age, zstd, sqlite3")
def test_the_standard_programs_open_it(copy, place, tmp_path):
    line = 'age -d -i "$1" "$2" | tar --zstd -xf - -C "$3" crm.db && sqlite3 "$3/crm.db" "SELECT count(*) FROM contact"'
    done = subprocess.run(
        ["sh", "-c", line, "sh", place / "secret.key", copy.path, tmp_path], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) == copy.manifest.counts["contact"]


def damaged(copy, place, seed, flips, cuts):
    """Yield copies with one bit flipped or an end cut off, half of the flips in the manifest."""
    dice = random.Random(seed)
    for number in range(flips + cuts):
        folder = place / f"damaged-{number}"
        folder.mkdir()
        for path in (copy.path, copy.manifest_path):
            shutil.copy(path, folder)
        target = folder / (copy.path.name if number % 2 else copy.manifest_path.name)
        content = bytearray(target.read_bytes())
        if number < flips:
            content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
        else:
            del content[dice.randrange(len(content)) :]
        target.write_bytes(content)
        yield folder / copy.manifest_path.name


def refused(copy, place, seed, flips, cuts):
    """Return how many damaged copies are refused, with the key of the workspace and by another machine."""
    count = 0
    for path in damaged(copy, place, seed, flips, cuts):
        try:
            with opened(manifests.read(path), place, known=(place / "crm" / "crm.key").read_text().strip()):
                pass
        except StoreDamaged:
            count += 1
    return count


def test_what_is_damaged_is_refused(copy, place, crm_workspace):
    before = crm_workspace.store_path.read_bytes()
    assert refused(copy, place, SEED, 20, 5) == 25
    assert crm_workspace.store_path.read_bytes() == before


@pytest.mark.soak
def test_two_hundred_flips_and_fifty_cuts_are_refused(copy, place, crm_workspace):
    before = crm_workspace.store_path.read_bytes()
    assert refused(copy, place, SEED + 1, 200, 50) == 250
    assert crm_workspace.store_path.read_bytes() == before


@pytest.mark.parametrize(
    "name", ["../crm.key", "/tmp/x", "rules/../../crm.key", "notes.txt"], ids=["up", "root", "inside", "stranger"]
)
def test_an_archive_with_other_names_is_refused(tmp_path, name):
    archive, folder = tmp_path / "crm-1.tar.zst", tmp_path / "folder"
    folder.mkdir()
    (tmp_path / "x").write_text("x")
    with zstandard.open(archive, "wb") as file, tarfile.open(fileobj=file, mode="w|") as tar:
        tar.add(tmp_path / "x", name)
    with pytest.raises(StoreDamaged):
        archives.unpacked(archive, folder, 10)
    assert list(folder.rglob("*")) == []


def test_an_archive_that_swells_is_refused(tmp_path):
    archive, folder = tmp_path / "crm-1.tar.zst", tmp_path / "folder"
    folder.mkdir()
    with (tmp_path / "zeros").open("wb") as file:
        file.truncate(archives._ALSO + 2**20)
    with zstandard.open(archive, "wb") as file, tarfile.open(fileobj=file, mode="w|") as tar:
        tar.add(tmp_path / "zeros", "crm.db")
    assert archive.stat().st_size < 100_000
    with pytest.raises(StoreDamaged):
        archives.unpacked(archive, folder, 10)


# -- going back -----------------------------------------------------------------------------------------------------


def test_a_store_is_replaced_whole_and_set_aside(copy, place, crm_workspace):
    was = content(crm_workspace)
    assert main._code(["contacts", "tag", "1", "x", "--workspace", str(crm_workspace.root), "--yes", "--quiet"]) == 0
    now = content(crm_workspace)
    with opened(copy, place, known=crm_workspace.key()) as at:
        aside = restoring.replaced(crm_workspace, at, AT)
    assert content(crm_workspace) == was
    crm_workspace.store_path.unlink()
    aside.rename(crm_workspace.store_path)
    assert content(crm_workspace) == now


def test_a_store_that_somebody_reads_is_not_replaced(copy, place, crm_workspace, monkeypatch):
    monkeypatch.setattr(restoring, "_PATIENCE", 0.1)
    reader = crm_workspace.open_store()
    before = reader.revision()
    with opened(copy, place, known=crm_workspace.key()) as at, pytest.raises(Locked):
        restoring.replaced(crm_workspace, at, AT)
    reader.close()
    assert content(crm_workspace)[1] == before


def test_a_store_that_is_ruined_can_be_replaced(copy, place, crm_workspace):
    was = content(crm_workspace)
    crm_workspace.store_path.write_bytes(b"ruined" * 10_000)
    with opened(copy, place, known=crm_workspace.key()) as at:
        restoring.replaced(crm_workspace, at, AT)
    assert content(crm_workspace) == was


def test_a_copy_makes_a_new_workspace(copy, place, crm_workspace):
    with opened(copy, place) as at:
        made = restoring.housed(at, place / "new")
    assert content(made) == content(crm_workspace)
    assert [p for p in made.root.rglob("*") if p.stat().st_mode & 0o077] == []


# -- letting go -----------------------------------------------------------------------------------------------------


def aged(copy, days, crm_workspace, **changed):
    """Make a copy of another day, with a proof of its own."""
    from dataclasses import replace

    made = (AT - dt.timedelta(days=days)).isoformat()
    manifest = replace(copy.manifest, made=made, archive=f"crm-{days}.tar.zst.age", **changed)
    shutil.copy(copy.path, copy.folder / manifest.archive)
    path = copy.folder / f"{manifest.archive}.json"
    path.write_text(manifests.rendered(manifest, manifests.proof(manifest, crm_workspace.key())))
    return manifests.read(path)


def test_old_copies_go_but_the_newest_that_proves_whole_stays(copy, crm_workspace, rules):
    keep = rules.backup.keep.model_copy(update={"last": 1, "days": 0, "weeks": 0, "months": 0})
    for days in (1, 2, 3):
        aged(copy, days, crm_workspace)
    copy.path.write_bytes(b"ruined")
    going = backups.expired(backups.copies(crm_workspace, rules.backup), keep, crm_workspace.key())
    assert [c.manifest.archive for c in going] == ["crm-3.tar.zst.age", "crm-2.tar.zst.age"]
    for each in going:
        backups.removed(each)
    left = backups.copies(crm_workspace, rules.backup)
    assert [c.manifest.archive for c in left] == ["crm-1.tar.zst.age", copy.manifest.archive]


def test_a_copy_with_faults_is_not_the_one_that_stays(copy, crm_workspace, rules):
    keep = rules.backup.keep.model_copy(update={"last": 1, "days": 0, "weeks": 0, "months": 0})
    aged(copy, -1, crm_workspace, faults=2)
    assert backups.expired(backups.copies(crm_workspace, rules.backup), keep, crm_workspace.key()) == []


def test_a_manifest_is_read_as_it_was_written_or_not_at_all(copy):
    text = copy.manifest_path.read_text()
    assert manifests.read(copy.manifest_path) == copy
    for wrong in (
        text + " ",
        json.dumps(json.loads(text)),
        "[]",
        "{}",
        text.replace('"revision": 1', '"revision": "1"'),
    ):
        copy.manifest_path.write_text(wrong)
        with pytest.raises(StoreDamaged):
            manifests.read(copy.manifest_path)
    assert manifests.unreadable(copy.folder) == [copy.path, copy.manifest_path]
