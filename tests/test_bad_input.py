"""Whatever is wrong with a request: the right exit code, one sentence with the facts, a way out, and nobody's data.

To add a case to a table: a line with what is typed, the code, and words of the message. Cases in which the process
itself matters (locks, signals, disks, pipes) start one.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from crmtool.core.errors import CrmError
from crmtool.io import schema
from crmtool.io.store import Store, sqlite3

LIST = "Имя,Телефон,Email,Город\nАда Лавлейс,+79160000101,ada@x.example,Москва\nБорис Ким,,boris@x.example,\n"
SECRETS = ("Лавлейс", "79160000101", "ada@x.example", "boris@x.example")
TIMEOUT = 120


@pytest.fixture
def people(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text(LIST, encoding="utf-8")
    return path


@pytest.fixture
def filled(crm, workspace, kept, people):
    """The command line over a workspace into which one list was imported as change set 1."""

    def taken():
        assert crm("import", people, "--yes").code == 0

    kept("one list", workspace, taken)
    return crm


def refused(ran, code, *words):
    """Check an exit code, the facts, that a way out is told, and that there is no trace and no output."""
    assert ran.code == code, ran
    lines = ran.err.splitlines()
    assert lines[0].startswith("crmtool: "), ran.err
    for word in words:
        assert word in ran.err
    assert len(lines) > 1, ran.err
    assert lines[-1].startswith("  ")
    assert len(lines[-1].split()) > 2, "the way out is a sentence"
    assert "Traceback" not in ran.err
    assert not any(secret in ran.err for secret in SECRETS)
    assert ran.out == ""
    return ran


def revision(workspace):
    store = workspace.open_store()
    try:
        return store.revision().number
    finally:
        store.close()


# -- files ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("nowhere.csv", None, "no file"),
        ("empty.csv", b"", "empty"),
        ("blank.csv", b"\n\n  \n", "blank.csv"),
        ("header.csv", "Имя,Телефон,Email\n".encode(), "header.csv"),
        ("picture.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8, "a picture"),
        ("noise.csv", bytes(range(256)) * 40, "not text"),
        ("page.xls", b"<html><body><table><tr><td>x</td></tr></table></body></html>", "no rows"),
        ("broken.xlsx", b"PK\x03\x04" + b"x" * 500, "damaged"),
        ("numbers.csv", b"q1,q2,q3\n1,2,3\n4,5,6\n", "column"),
    ],
)
def test_a_file_that_is_no_list_of_contacts(crm, workspace, tmp_path, name, content, words):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)

    ran = crm("import", path, "--yes")

    assert ran.code in {1, 2, 16}
    refused(ran, ran.code, words)
    assert revision(workspace) == 0


def test_a_word_that_stands_behind_others_is_told_with_them(crm):
    said = crm("unmerge", 1, 2)
    assert said.code == 2
    assert "Did you mean 'duplicates unmerge'?" in said.err


def test_a_choice_that_is_none_is_told_with_those_that_are(crm):
    said = crm("report", "wekly")
    assert (said.code, "'name': 'wekly' is not one of 'weekly'" in said.err) == (2, True), said.err


def test_a_folder_is_no_file(crm, tmp_path):
    refused(crm("import", tmp_path, "--yes"), 16, "is a folder")


def test_a_pipe_is_no_file(crm, tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    refused(crm("import", tmp_path / "pipe.csv", "--yes"), 16, "not a plain file")


# -- options --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--mapping", "website_from"], "website_form"),
        (["--column", "Город=citty"], "city"),
        (["--column", "Нет такого=city"], "Нет такого"),
        (["--column", "Город"], "NAME=FIELD"),
        (["--column", "=city"], "NAME=FIELD"),
        (["--column", "Город="], "NAME=FIELD"),
        (["--encoding", "utf-9"], "utf-9"),
        (["--sample", "0"], "sample"),
        (["--nonsense"], "--nonsense"),
    ],
)
def test_an_option_that_says_nothing_usable(crm, workspace, people, options, words):
    refused(crm("import", people, "--yes", *options), 2, words)
    assert revision(workspace) == 0


def test_a_sheet_that_is_not_there_is_told_with_those_that_are(crm):
    guests = Path(__file__).parents[1] / "samples" / "event_guests.xlsx"
    ran = crm("import", guests, "--sheet", "Лист 99", "--yes")
    assert ran.code in {2, 16}
    refused(ran, ran.code, "Лист 99")


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["contacts", "show", "99"], "no contact 99"),
        (["contacts", "set", "99", "city=Київ"], "no contact 99"),
        (["contacts", "set", "1", "citty=Київ"], "citty"),
        (["contacts", "set", "1", "city"], "FIELD=VALUE"),
        (["contacts", "set", "1", "city="], "no value"),
        (["contacts", "set", "1", "email=nobody@@x"], "email"),
        (["contacts", "tag", "99", "vip"], "no contact 99"),
        (["contacts", "verify", "1", "--field", "shoe_size", "--method", "call"], "shoe_size"),
        (["contacts", "verify", "2", "--field", "phone", "--method", "call"], "no phone"),
        (["contacts", "list", "--segment", "vipp"], "vipp"),
        (["contacts", "list", "--segment", "name = (SELECT 1)"], ""),
        (["contacts", "list", "--segment", "1; DROP TABLE contact"], ""),
        (["duplicates", "merge", "1", "99"], "99"),
        (["duplicates", "merge", "1", "1"], "1"),
        (["duplicates", "different", "99", "1"], "99"),
        (["duplicates", "unmerge", "1"], "not joined"),
        (["duplicates", "unmerge", "99"], "99"),
        (["duplicates", "unmerge", "1", "99"], "99"),
        (["duplicates", "unmerge", "1", "2"], "2"),
        (["undo", "99"], "no change set 99"),
        (["undo", "0"], "no change set 0"),
        (["history", "99"], "no change set 99"),
        (["history", "yesterday"], "yesterday"),
        (["segments", "count", "nobody"], "nobody"),
        (["segments", "count", "city ="], ""),
        (["export", "moscow", "-o", "x.pdf"], "x.pdf"),
        (["export", "moscow", "-o", "x.csv", "--profile", "exel"], "excel"),
        (["audit", "--as-of", "yesterday"], "yesterday"),
        (["contacts", "show", "one"], "'ID'"),
        (["contacts", "shwo"], "shwo"),
    ],
)
def test_what_is_named_is_not_there(filled, workspace, command, words):
    writes = {"set", "tag", "verify", "merge", "different", "unmerge", "undo"} & set(command)
    refused(filled(*command, *(["--yes"] if writes else [])), 2, words)
    assert revision(workspace) == 1


def test_an_export_does_not_write_over_a_file(filled, tmp_path):
    (tmp_path / "x.csv").write_text("precious")
    refused(filled("export", "name = 'x'", "-o", tmp_path / "x.csv"), 2, "exists already", "--force")
    assert (tmp_path / "x.csv").read_text() == "precious"


def test_an_export_into_no_folder(filled, tmp_path):
    refused(filled("export", "name = 'x'", "-o", tmp_path / "no" / "x.csv"), 14, "no such folder")


# -- doing it twice -------------------------------------------------------------------------------------------------


def test_merging_what_is_merged_is_refused(filled, workspace):
    assert filled("duplicates", "merge", "1", "2", "--yes").code == 0
    refused(filled("duplicates", "merge", "1", "2", "--yes"), 2, "one already", "unmerge")
    assert revision(workspace) == 2


def test_undoing_twice_changes_nothing(filled, workspace):
    assert filled("undo", "1", "--yes").code == 0
    again = filled("undo", "1", "--yes")
    assert again.code == 0
    assert "Nothing to change." in again.out
    assert revision(workspace) == 2


def test_undoing_what_later_work_needs_is_a_conflict(filled, workspace):
    assert filled("contacts", "tag", "1", "vip", "--yes").code == 0
    refused(filled("undo", "1", "--yes"), 6, "later change", "change set 2", "newest first")
    assert revision(workspace) == 2


def test_without_a_terminal_and_without_yes_nothing_is_done(crm, workspace, people):
    ran = crm("import", people)
    assert ran.code == 2
    assert "--yes" in ran.err
    assert "--dry-run" in ran.err
    assert revision(workspace) == 0


# -- rules ----------------------------------------------------------------------------------------------------------


def test_every_mistake_of_the_rules_is_shown_at_once(crm, workspace, people):
    (workspace.rules_path / "segments" / "new.toml").write_text('titel = "x"\ntitle = "x"\nwhere = "1"\n')
    (workspace.rules_path / "survivorship.toml").write_text('[field]\ncitty = "newest"\n')
    (workspace.rules_path / "normalize.toml").write_text("region = \n")

    ran = refused(crm("import", people, "--yes"), 2, "3 mistakes", "crmtool rules check")

    assert "segments/new.toml: titel: is no key here; did you mean title?" in ran.err
    assert "survivorship.toml: field.citty: no field 'citty'; did you mean city?" in ran.err
    assert "normalize.toml: is no TOML" in ran.err


def test_a_filter_that_does_not_hold_is_found_by_the_check(crm, workspace):
    (workspace.rules_path / "segments" / "new.toml").write_text('title = "x"\nwhere = "citty = \'x\'"\n')
    refused(crm("rules", "check"), 2, "segments/new.toml: where", "city")


# -- the store and its folder ---------------------------------------------------------------------------------------


def test_no_workspace_anywhere(crm, tmp_path, monkeypatch):
    monkeypatch.delenv("CRMTOOL_WORKSPACE")
    monkeypatch.chdir(tmp_path)
    refused(crm("contacts", "list"), 10, "crmtool init")


def test_a_folder_that_is_named_and_is_no_workspace(crm, tmp_path, monkeypatch):
    monkeypatch.setenv("CRMTOOL_WORKSPACE", str(tmp_path))
    refused(crm("contacts", "list"), 10, "not a workspace", "crmtool init")


def test_a_workspace_without_its_store(filled, workspace):
    workspace.store_path.unlink()
    refused(filled("contacts", "list"), 10, "crm.db")


def test_a_workspace_without_its_key(filled, workspace):
    (workspace.root / "crm.key").unlink()
    refused(filled("contacts", "list"), 12, "crm.key")


def test_another_key(filled, workspace):
    (workspace.root / "crm.key").write_text("0" * 64 + "\n")
    refused(filled("contacts", "list"), 12, "not the key of this store")


def test_a_store_of_a_newer_version(filled, workspace):
    db = sqlite3.connect(workspace.store_path)
    db.execute(f"PRAGMA user_version = {schema.version() + 1}")
    db.close()
    refused(filled("contacts", "list"), 13, "Update crmtool")


@pytest.mark.parametrize("command", ["contacts list", "history verify", "contacts tag 1 x --yes"])
def test_a_store_with_damaged_pages(filled, workspace, command):
    db = sqlite3.connect(workspace.store_path)
    db.execute("PRAGMA journal_mode = DELETE")
    db.close()
    raw = bytearray(workspace.store_path.read_bytes())
    raw[8192:] = b"\x07" * (len(raw) - 8192)
    workspace.store_path.write_bytes(raw)
    refused(filled(*command.split()), 13, "damaged", "backup")


def test_a_store_that_is_no_database(filled, workspace):
    for path in workspace.root.glob("crm.db*"):
        path.unlink()
    workspace.store_path.write_text("Dear diary, " * 500)
    refused(filled("contacts", "list"), 13, "backup")


def test_an_empty_file_in_place_of_the_store(filled, workspace):
    for path in workspace.root.glob("crm.db*"):
        path.unlink()
    workspace.store_path.touch()
    ran = filled("contacts", "list")
    assert ran.code in {12, 13}
    refused(ran, ran.code)


def test_a_row_changed_from_outside_is_found_and_told_without_its_content(filled, workspace):
    db = sqlite3.connect(workspace.store_path)
    db.execute("UPDATE contact SET name = 'Лавлейс Августа' WHERE id = 1")
    db.commit()
    db.close()
    refused(filled("history", "verify"), 13, "contact 1: the row was edited")
    refused(filled("contacts", "set", "1", "city=Київ", "--yes", "--quiet"), 13, "history verify")


# -- bugs -----------------------------------------------------------------------------------------------------------


def test_a_bug_shows_where_and_not_what(filled, monkeypatch):
    def broken(*_, **__):
        number = "+79160000101"
        raise ValueError(f"cannot parse {number} of Ада Лавлейс")

    monkeypatch.setattr(Store, "query", broken)
    ran = filled("contacts", "list")

    assert ran.code == 1
    assert "ValueError" in ran.err
    assert "broken" in ran.err
    assert "CRMTOOL_DEBUG=1" in ran.err
    assert not any(secret in ran.err for secret in SECRETS)


def test_the_message_of_a_bug_is_shown_on_demand(filled, monkeypatch):
    def broken(*_, **__):
        raise ValueError("what it was")

    monkeypatch.setattr(Store, "query", broken)
    assert "what it was" not in filled("contacts", "list").err
    monkeypatch.setenv("CRMTOOL_DEBUG", "1")
    assert "what it was" in filled("contacts", "list").err


def test_every_error_class_owns_a_documented_code():
    def below(cls):
        return {cls, *(c for sub in cls.__subclasses__() for c in below(sub))}

    assert {cls.exit_code for cls in below(CrmError)} <= {1, 2, 5, 6, 10, 11, 12, 13, 14, 15, 16}


# -- processes ------------------------------------------------------------------------------------------------------

#: The program, halted inside its transaction until something happens to it.
_HALTED = """
import sys, time
from crmtool.io.store import Store
write = Store._write
def halted(self, parts, stamp, agreed):
    write(self, parts, stamp, agreed)
    print("inside", file=sys.stderr, flush=True)
    time.sleep(60)
Store._write = halted
from crmtool.cli.main import run
run()
"""


def started(*arguments, program=("-m", "crmtool"), **options):
    given = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return subprocess.Popen([sys.executable, *program, *map(str, arguments)], text=True, **given)


def ended(process):
    out, err = process.communicate(timeout=TIMEOUT)
    return process.returncode, out or "", err


@pytest.mark.parametrize(
    ("sent", "code", "word"), [(signal.SIGINT, 130, "Interrupted"), (signal.SIGTERM, 143, "Terminated")]
)
def test_a_signal_inside_the_transaction_leaves_nothing(filled, workspace, sent, code, word):
    process = started("contacts", "tag", "1", "vip", "--yes", "--quiet", program=("-c", _HALTED))
    assert process.stderr.readline() == "inside\n"
    process.send_signal(sent)

    said = f"crmtool: {word}; nothing is half done.\n  See what was applied with: crmtool history\n"
    assert ended(process) == (code, "", said)
    assert revision(workspace) == 1
    assert filled("contacts", "tag", "1", "vip", "--yes").code == 0


def test_a_second_writer_is_told_who_is_first(filled, workspace):
    first = started("contacts", "tag", "1", "vip", "--yes", program=("-c", _HALTED))
    try:
        assert first.stderr.readline() == "inside\n"
        refused(filled("undo", "1", "--yes"), 11, f"contacts tag 1 (process {first.pid}, since", "Wait")
        assert filled("contacts", "list").code == 0, "reading goes on meanwhile"
        assert filled("undo", "1", "--dry-run").code == 0
    finally:
        first.kill()
        ended(first)
    assert filled("contacts", "tag", "1", "vip", "--yes").code == 0


def test_a_lock_held_by_another_program(filled, workspace):
    with (workspace.root / "crm.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        refused(filled("undo", "1", "--yes"), 11, "Another run is writing")


@pytest.mark.parametrize("command", [["contacts", "list"], ["contacts", "list", "--json"], ["history"], ["--help"]])
def test_a_closed_pipe_is_no_error(filled, command):
    process = started(*command)
    process.stdout.close()
    process.stdout = None
    assert ended(process) == (0, "", "")


def test_a_closed_pipe_does_not_stop_a_write(crm, workspace, people):
    process = started("import", people, "--yes")
    process.stdout.close()
    process.stdout = None
    assert ended(process) == (0, "", "")
    assert revision(workspace) == 1


def _without_rights():
    """Make even root obey permissions: drop from the bounding set what would override them."""
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        libc.prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP


@pytest.fixture
def read_only(workspace):
    """The workspace with everything in it read-only."""
    paths = [workspace.root, *workspace.root.rglob("*")]
    for path in paths:
        path.chmod(0o500 if path.is_dir() else 0o400)
    probe = "import pathlib, sys; pathlib.Path(sys.argv[1], 'probe').touch()"
    tried = started(workspace.root, program=("-c", probe), preexec_fn=_without_rights)
    if ended(tried)[0] == 0:
        pytest.skip("permissions do not bind here: the rights of root could not be dropped")
    yield workspace
    for path in paths:
        if path.exists():
            path.chmod(0o700 if path.is_dir() else 0o600)


def test_a_read_only_folder(filled, people, read_only):
    process = started("contacts", "tag", "1", "vip", "--yes", preexec_fn=_without_rights)
    code, out, err = ended(process)
    assert (code, out) == (14, ""), err
    assert "permissions" in err
    assert "Traceback" not in err


def test_a_folder_where_no_workspace_can_be_made(tmp_path, read_only):
    process = started("init", read_only.root / "rules" / "new", preexec_fn=_without_rights)
    code, _, err = ended(process)
    assert code == 14, err
    assert "cannot be written" in err


def _many(path, count):
    rows = (f"Имя{i} Фамилия{i},,n{i}@x.example,Москва\n" for i in range(count))
    path.write_text("Имя,Телефон,Email,Город\n" + "".join(rows), encoding="utf-8")
    return path


def _small_files():
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))


def test_a_file_that_may_not_grow_leaves_the_store_as_it_was(filled, workspace, tmp_path):
    process = started("import", _many(tmp_path / "many.csv", 3000), "--yes", "--quiet", preexec_fn=_small_files)
    code, out, err = ended(process)

    assert (code, out) == (14, ""), err
    assert "Traceback" not in err
    assert revision(workspace) == 1
    assert filled("history", "verify").code == 0


@pytest.fixture
def small_disk(tmp_path):
    """A disk of four megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = shutil.which("mount")
    made = (
        mount and subprocess.run([mount, "-t", "tmpfs", "-o", "size=4m", "tmpfs", place], check=False).returncode == 0
    )
    if not made:
        pytest.skip("no disk can be mounted here")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


def test_a_full_disk_leaves_the_store_as_it_was(crm, small_disk, people, tmp_path, monkeypatch):
    root = small_disk / "crm"
    monkeypatch.setenv("CRMTOOL_WORKSPACE", str(root))
    assert crm("init", root).code == 0
    assert crm("import", people, "--yes").code == 0
    before = crm("contacts", "list", "--json").out

    refused(
        crm("import", _many(tmp_path / "many.csv", 6000), "--yes", "--quiet"), 14, "disk is full", "Free some space"
    )

    assert crm("contacts", "list", "--json").out == before
    assert crm("history", "verify").code == 0
    assert len(json.loads(before)) == 2
    assert crm("contacts", "tag", "1", "vip", "--yes").code == 0


def test_init_makes_the_workspace_that_is_named(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "crmtool", "--workspace", str(tmp_path / "crm"), "init", "--quiet"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "crm" / "crmtool.toml").is_file()
