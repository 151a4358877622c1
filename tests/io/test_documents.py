"""Documents on the disk and in the store: nothing followed, nothing overwritten, everything taken back."""

import json
import os
import shutil

import polars as pl
import pytest

from crmtool.core import model
from crmtool.core.errors import Conflict
from crmtool.io import documents
from crmtool.io import workspace as workspaces

LIST = "name;phone;email\nАнна Ветрова;+79160000102;anna@pochta.example\n"
DEALS = "id;title;email;amount;stage\nD-1;Лицензия;anna@pochta.example;100 RUB;won\n"
LOOSE = "1/Договор 27.10.2026 Лой.pdf"
NAMED = "1/2026-10-27_Договор_v1_Лой.pdf"


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """A workspace with one contact and one deal; not to be changed."""
    from crmtool.cli import main

    place = tmp_path_factory.mktemp("documents")
    made = workspaces.created(place / "crm")
    (place / "list.csv").write_text(LIST, encoding="utf-8")
    (place / "deals.csv").write_text(DEALS, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(workspaces.VARIABLE, str(made.root))
        assert main._code(["import", str(place / "list.csv"), "--yes", "--quiet"]) == 0
        assert main._code(["deals", "import", str(place / "deals.csv"), "--yes", "--quiet"]) == 0
    return made.root


@pytest.fixture
def workspace(base, tmp_path):
    """A copy of the base."""
    shutil.copytree(base, tmp_path / "workspace")
    return workspaces.found(tmp_path / "workspace", {}, tmp_path)


@pytest.fixture
def folder(workspace, tmp_path, monkeypatch):
    """A folder of documents beside a base with one contact and one deal."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "papers" / "1").mkdir(parents=True)
    (tmp_path / "papers" / LOOSE).write_text("contract", encoding="utf-8")
    return tmp_path / "papers"


@pytest.fixture
def content(workspace):
    def frames():
        store = workspace.open_store()
        try:
            return {t: store.snapshot(t, [c for c in columns if c != "changeset_id"]).rows() for t, columns in TABLES}
        finally:
            store.close()

    return frames


TABLES = [(name, list(columns)) for name, columns in model.TABLES.items()]


def files(folder):
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_links_pipes_and_other_things_are_told_and_not_followed(tmp_path):
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "a.pdf").touch()
    papers = tmp_path / "papers"
    papers.mkdir()
    (papers / "way").symlink_to(tmp_path / "secret")
    (papers / "b.pdf").symlink_to(tmp_path / "secret" / "a.pdf")
    os.mkfifo(papers / "c.pdf")
    (papers / "d.pdf").touch()
    (papers / ".hidden").touch()
    found, odd = documents.listed(papers, [".*"])
    assert found["path"].to_list() == ["d.pdf"]
    assert odd.select("value", "code").rows() == [(name, "document.other") for name in ("b.pdf", "c.pdf", "way")]
    read, unread = documents.hashed(papers, ["b.pdf", "c.pdf", "d.pdf", "gone.pdf"])
    assert read.select("path", "size").rows() == [("d.pdf", 0)]
    assert unread["value"].to_list() == ["b.pdf", "c.pdf", "gone.pdf"]


def test_a_name_that_is_no_text_is_told(tmp_path):
    (tmp_path / os.fsdecode(b"\xff.pdf")).touch()
    found, odd = documents.listed(tmp_path, [])
    assert found.is_empty()
    assert odd.select("value", "code").rows() == [("?.pdf", "document.bytes")]


def test_lint_renames_only_when_it_is_told_to_and_takes_it_back(crm, folder):
    before = files(folder)
    dry = crm("documents", "lint", folder, "--rename", "--json").document
    assert dry["renames"] == [{"path": LOOSE, "to": NAMED.removeprefix("1/")}]
    assert (dry["journal"], files(folder)) == (None, before)
    assert crm("documents", "lint", folder, "--rename", "--yes", "--json").document["journal"] == 1
    assert files(folder) == {NAMED: "contract"}
    assert crm("documents", "unrename", "1", "--yes").code == 0
    assert files(folder) == before
    assert "Nothing to rename back" in crm("documents", "unrename", "--yes").out


def test_no_file_takes_the_place_of_another(crm, folder):
    (folder / NAMED).write_text("another", encoding="utf-8")
    before = files(folder)
    done = crm("documents", "lint", folder, "--rename", "--yes", "--json").document
    assert [f["code"] for f in done["findings"] if f["value"] == LOOSE] == ["document.rename", "document.taken"]
    assert (done["renames"], files(folder)) == ([], before)


def test_two_files_that_would_have_one_name_keep_theirs(crm, folder):
    (folder / "1" / "2026-10-27 Договор Лой.pdf").write_text("another", encoding="utf-8")
    assert crm("documents", "lint", folder, "--rename", "--json").document["renames"] == []


def test_a_name_that_was_taken_meanwhile_is_not_overwritten(folder, tmp_path):
    (folder / NAMED).write_text("another", encoding="utf-8")
    _, failed = documents.renamed(tmp_path, folder, [(LOOSE, NAMED.removeprefix("1/"))], {})
    assert failed == [LOOSE]
    assert files(folder) == {LOOSE: "contract", NAMED: "another"}


def test_what_cannot_go_back_is_told_and_nothing_is_done(crm, folder, workspace):
    crm("documents", "lint", folder, "--rename", "--yes")
    (folder / LOOSE).write_text("another", encoding="utf-8")
    with pytest.raises(Conflict) as refusal:
        documents.taken_back(workspace.root, 1)
    assert LOOSE in refusal.value.problems[0]
    assert files(folder) == {LOOSE: "another", NAMED: "contract"}


@pytest.mark.parametrize("old", ["../out.pdf", "way/out.pdf"])
def test_a_journal_leads_nowhere_else(folder, tmp_path, old):
    (tmp_path / "away").mkdir()
    (folder / "way").symlink_to(tmp_path / "away")
    journal = {"folder": str(folder), "renames": [[old, LOOSE]]}
    (tmp_path / "renames").mkdir()
    (tmp_path / "renames" / "1.json").write_text(json.dumps(journal), encoding="utf-8")
    with pytest.raises(Conflict):
        documents.taken_back(tmp_path, None)


def test_a_folder_of_a_deal_is_linked_once_and_follows_its_files(crm, folder, workspace):
    def linked():
        done = crm("documents", "link", folder, "--yes", "--json")
        return done.document["tables"].get("attachment", {})

    assert linked()["created"] == 1
    assert linked() == {}
    crm("documents", "lint", folder, "--rename", "--yes")
    assert linked() == {"created": 0, "updated": 1, "removed": 0}
    (folder / NAMED).write_text("contract, signed", encoding="utf-8")
    assert linked()["updated"] == 1
    store = workspace.open_store()
    (row,) = store.snapshot("attachment").to_dicts()
    store.close()
    assert (row["deal_id"], row["contact_id"], row["path"], row["size"]) == (1, None, NAMED, 16)
    assert row["type"] == "application/pdf"


def test_linking_is_taken_back_whole(crm, folder, content):
    before = content()
    crm("documents", "link", folder, "--yes")
    crm("documents", "link", folder / LOOSE, "--contact", "1", "--yes")
    assert len(content()["attachment"]) == 2
    assert "document" in crm("contacts", "timeline", "1", "--kind", "document").out
    assert [crm("undo", number, "--yes").code for number in (4, 3)] == [0, 0]
    assert content() == before


def test_a_deal_that_has_documents_is_not_taken_back_from_under_them(crm, folder):
    crm("documents", "link", folder, "--yes")
    refused = crm("undo", "2", "--yes")
    assert (refused.code, "attachment 1 of change set 3 needs a deal" in refused.err) == (6, True)
    assert crm("undo", "3", "--yes").code == 0
    assert crm("undo", "2", "--yes").code == 0
    gone = crm("undo", "4", "--yes")  # the undo of the links: they would come back to no deal
    assert (gone.code, "attachment 1 belongs to deal 1, which is gone since" in gone.err) == (6, True)


@pytest.mark.parametrize(
    "arguments", [["nowhere"], ["papers", "--deal", "9"], ["papers", "--contact", "9"], [f"papers/{LOOSE}"]]
)
def test_what_cannot_be_linked_is_refused(crm, folder, arguments):
    refused = crm("documents", "link", *arguments, "--yes")
    assert (refused.code, bool(refused.err)) == (2, True)


def test_strict_ends_with_a_code_of_its_own(crm, folder):
    assert crm("documents", "lint", folder, "--strict", "--quiet").code == 4
    assert crm("documents", "lint", folder, "--quiet").code == 0


def test_names_are_free_only_once_on_systems_that_do_not_tell_case(tmp_path):
    wanted = pl.DataFrame({"path": ["1/a", "1/b", "2/c"], "to": ["X.pdf", "x.pdf", "X.pdf"]})
    assert documents.free(tmp_path, wanted).to_list() == [False, False, True]
