"""Merging in all ways: choices, the certain ones, sheets that colleagues filled in, taking back."""

import polars as pl
import pytest

from crmtool.core import model
from crmtool.io.readers import files

PEOPLE = """ID;Имя;Фамилия;Телефон;E-mail;Город;Комментарий
1;Иван;Петров;+79161234567;ivan@mail.ru;Москва;звонить утром
2;Иван;Петров;+79161234567;;Киев;просил счёт
3;Олена;Шевченко;+380671234567;olena@ukr.net;Київ;
4;Олена;Шевчук;+380671234567;;Львів;
"""


@pytest.fixture
def base(crm, workspace, kept, tmp_path, monkeypatch):
    """A base of four people; two pairs wait for a person."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "people.csv").write_text(PEOPLE, "utf-8")
    kept("merging", workspace, lambda: done(crm("import", "people.csv", "--on-duplicate", "review", "--yes")))
    return crm


def done(ran):
    assert ran.code == 0, ran


def facts(store):
    """Return what a store says: its tables of facts, and of the computed ones all but who computed them."""
    return {
        table: store.snapshot(table, [name for name in columns if name != "changeset_id" or table not in model.DERIVED])
        for table, columns in model.TABLES.items()
    }


def contact(crm, number):
    return crm("contacts", "show", number, "--json").document


def filled(path, **verdicts):
    """Fill the verdict column of a sheet of the queue: left id -> verdict."""
    sheet = pl.read_csv(path, infer_schema=False)
    said = sheet["left id"].replace_strict(
        {str(k[1:]): v for k, v in verdicts.items()}, default=None, return_dtype=pl.String
    )
    sheet.with_columns(said.alias("verdict")).write_csv(path)


def test_a_merge_keeps_both_notes_and_shows_what_differs(base):
    said = base("duplicates", "merge", 1, 2, "--yes")
    assert said.code == 0
    assert "No clear winner: city" in said.out
    golden = contact(base, 2)["golden"]
    assert golden["note"].split("\n\n") == ["просил счёт", "звонить утром"]


def test_a_choice_is_a_hand_edit_and_goes_with_the_merge(base, workspace):
    store = workspace.open_store()
    before = {**facts(store), "verdict": None}
    assert base("duplicates", "merge", 1, 2, "--keep", "city=1", "--keep", "note=1", "--yes").code == 0
    golden = contact(base, 2)["golden"]
    assert (golden["city"], golden["note"]) == ("Москва", "звонить утром")
    assert base("duplicates", "unmerge", 2, "--yes").code == 0
    after = {**facts(store), "verdict": None}
    assert {name: frame for name, frame in after.items() if frame is not None and not frame.equals(before[name])} == {}


def test_what_was_edited_after_the_merge_stays_and_is_listed(base):
    base("duplicates", "merge", 1, 2, "--keep", "city=1", "--yes")
    base("contacts", "set", 2, "job_title=Директор", "--yes")
    base("contacts", "tag", 2, "vip", "--yes")
    said = base("duplicates", "unmerge", 2, "--yes")
    assert "stays with 1: 1 tag" in said.out
    assert "Директор" in said.out
    assert "Москва" not in said.out.partition("Said by hand")[2]  # that was chosen for the merge, and goes with it
    assert contact(base, 1)["golden"]["job_title"] == "Директор"
    assert [record["raw"] for record in contact(base, 1)["records"] if record["source"] == "manual"] == [
        {"job_title": "Директор"}
    ]
    assert "job_title" not in contact(base, 2)["golden"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Say what to merge"),
        ((1,), "Say what to merge"),
        ((1, 2, "--certain"), "Say what to merge"),
        ((1, 2, "--keep", "city"), "is not FIELD=ID"),
        ((1, 2, "--keep", "city=3"), "3 is neither"),
        ((1, 2, "--keep", "birthday=1"), "has no birthday"),
        ((1, 2, "--keep", "nonsense=1"), "has no nonsense"),
    ],
)
def test_what_cannot_be_merged_is_told(base, arguments, message):
    said = base("duplicates", "merge", *arguments, "--yes")
    assert said.code == 2
    assert message in said.err


@pytest.mark.parametrize("name", ["queue.csv", "queue.xlsx"])
def test_the_queue_is_written_as_text_with_a_guard(base, tmp_path, name):
    assert base("duplicates", "export", "-o", name).code == 0
    cells = files.read(tmp_path / name).cells
    assert cells["verdict"].is_null().all()
    assert cells.select("left id", "right id").rows() == [("1", "2"), ("3", "4")]
    assert cells["phones (left)"].to_list() == ["+79161234567", "+380671234567"]
    assert cells["row check"].str.contains("^g[0-9a-f]{12}g[0-9a-f]{12}$").all()


def test_verdicts_of_a_sheet_are_taken_back(base):
    base("duplicates", "export", "-o", "queue.csv")
    filled("queue.csv", _1="Да", _3="разные")
    said = base("duplicates", "merge", "--decisions", "queue.csv", "--yes", "--json")
    assert said.code == 0
    counted = said.document["facts"]
    assert counted == {"merged": 1, "different": 1, "known": 0, "undecided": 0, "refused": 0}
    assert contact(base, 2)["id"] == 1
    again = base("duplicates", "merge", "--decisions", "queue.csv", "--yes", "--json")
    assert (again.code, again.document["changeset"]) == (3, None)  # the pair is one by now


def test_rows_of_pairs_that_changed_meanwhile_are_refused(base):
    base("duplicates", "export", "-o", "queue.csv")
    base("contacts", "set", 1, "city=Одеса", "--yes")
    filled("queue.csv", _1="same", _3="perhaps")
    said = base("duplicates", "merge", "--decisions", "queue.csv", "--yes")
    assert said.code == 3
    assert "changed or merged since" in " ".join(said.out.split())
    assert "none of same" in " ".join(said.out.split())
    assert contact(base, 2)["id"] == 2


def test_a_table_that_is_no_queue_is_refused(base):
    said = base("duplicates", "merge", "--decisions", "people.csv", "--yes")
    assert said.code == 16
    assert "no sheet of the queue" in said.err


def test_only_certain_pairs_are_merged_at_once(base, workspace):
    store = workspace.open_store()
    assert base("duplicates", "find", "--yes").code == 0
    sure = store.query("SELECT count(*) FROM review WHERE certain", [], {"n": pl.Int64()}).item()
    said = base("duplicates", "merge", "--certain", "--yes", "--json").document["facts"]
    assert said["merged"] == sure


def test_a_verdict_is_listed_and_taken_back(base):
    base("duplicates", "different", 1, 2, "--yes")
    (verdict,) = base("duplicates", "verdicts", "--json").document
    assert (verdict["left_id"], verdict["right_id"], verdict["decision"]) == (1, 2, "different")
    refused = base("duplicates", "merge", 1, 2, "--yes")
    assert refused.code == 6
    assert f"--take-back {verdict['id']}" in refused.err
    assert base("duplicates", "verdicts", "--take-back", verdict["id"], "--yes").code == 0
    assert base("duplicates", "merge", 1, 2, "--yes").code == 0
    assert base("duplicates", "verdicts", "--take-back", 999, "--yes").code == 2


def test_every_value_is_told_with_its_origin(base):
    base("duplicates", "merge", 1, 2, "--yes")
    told = base("contacts", "show", 2, "--why", "--json").document
    cities = [(v["value"], v["chosen"], v["open"], v["file"], v["row"]) for v in told["values"] if v["field"] == "city"]
    assert cities == [("Київ", True, True, "people.csv", 3), ("Москва", False, True, "people.csv", 2)]
    assert "No clear winner: city" in base("contacts", "show", 1, "--why").out


def test_an_undone_choice_leaves_nothing(base, workspace):
    store = workspace.open_store()
    before = facts(store)
    number = base("duplicates", "merge", 1, 2, "--keep", "name=1", "--yes", "--json").document["changeset"]
    assert base("undo", number, "--yes").code == 0
    after = facts(store)
    assert [name for name in model.TABLES if not after[name].equals(before[name])] == []
