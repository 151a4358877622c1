"""`crmtool read`: the table as it is, in every form of output, without a workspace."""

import csv
import json

import pytest

from crmtool.io.readers import files

ROWS = 'Имя;Примечание;Код\nАда;=1+1;007\nПётр;два  пробела ;\n;;\nлишние;a;b;c\nОля;"строка\nдве";5\n'


@pytest.fixture
def listed(crm, tmp_path, monkeypatch):
    """A file with a blank and a refused row, read outside of any workspace."""
    monkeypatch.delenv("CRMTOOL_WORKSPACE")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "list.csv").write_text(ROWS, encoding="utf-8")
    return crm


def test_the_document_has_every_cell_as_it_is(listed):
    ran = listed("read", "list.csv", "--json")
    assert (ran.code, ran.err) == (3, "")
    content = ran.document
    assert content["columns"] == ["Имя", "Примечание", "Код"]
    assert content["rows"] == [["Ада", "=1+1", "007"], ["Пётр", "два  пробела ", None], ["Оля", "строка\nдве", "5"]]
    assert (content["delimiter"], content["encoding"], content["header_row"]) == (";", "utf-8", 1)
    assert content["read"] == content["cells"] + len(content["refused"]) + content["blank"] == 5
    assert content["row_numbers"] == [2, 3, 6]
    assert content["refused"] == [{"row": 5, "raw": "лишние;a;b;c", "code": "row.ragged"}]


def test_the_document_is_the_same_in_parts(listed, monkeypatch):
    whole = listed("read", "list.csv", "--json").out
    parts = files.parts

    def cut(path, options):
        for part in parts(path, options):
            yield from files.table.slices(part, 1)

    monkeypatch.setattr(files, "parts", cut)
    assert listed("read", "list.csv", "--json").out == whole


def test_the_screen_adds_up(listed):
    ran = listed("read", "list.csv")
    assert ran.code == 3
    assert "5 read = 3 rows + 1 refused + 1 blank" in ran.out
    assert "cells parted by semicolons" in ran.out
    assert "has more cells than the header" in ran.out
    assert "=1+1" in ran.out


def test_the_output_is_exact(listed, tmp_path):
    assert listed("read", "list.csv", "-o", "out.csv").code == 3
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == [
            ["Имя", "Примечание", "Код"],
            ["Ада", "=1+1", "007"],
            ["Пётр", "два  пробела ", ""],
            ["Оля", "строка\nдве", "5"],
        ]
    assert listed("read", "list.csv", "-o", "out.json", "--quiet").out == ""
    assert [row["Код"] for row in json.loads((tmp_path / "out.json").read_text())] == ["007", None, "5"]


def test_an_output_is_not_overwritten_by_accident(listed, tmp_path):
    (tmp_path / "out.csv").write_text("mine")
    ran = listed("read", "list.csv", "-o", "out.csv")
    assert ran.code == 2
    assert "--force" in ran.err
    assert (tmp_path / "out.csv").read_text() == "mine"
    assert listed("read", "list.csv", "-o", "out.csv", "--force").code == 3


def test_a_limit_reads_only_so_many(listed):
    ran = listed("read", "list.csv", "--limit", "1", "--json")
    assert ran.code == 0
    assert ran.document["rows"] == [["Ада", "=1+1", "007"]]


def test_more_rows_than_a_screen_are_said_to_be_more(listed, tmp_path):
    (tmp_path / "long.csv").write_text("Имя,Код\n" + "".join(f"Имя {n},{n}\n" for n in range(100)), encoding="utf-8")
    out = listed("read", "long.csv").out
    assert "The first 20 of 100 rows" in out
    assert "Имя 19" in out
    assert "Имя 20" not in out


def test_a_wide_table_says_what_is_not_shown(listed, tmp_path):
    names = [f"Довольно длинный заголовок {n}" for n in range(100)]
    (tmp_path / "wide.csv").write_text(";".join(names) + "\n" + ";".join("х" * 30 for _ in names) + "\n", "utf-8")
    out = listed("read", "wide.csv").out
    assert "more columns not shown" in out
    assert max(map(len, out.splitlines())) <= 80


def test_a_refused_file_leaves_no_half_document(listed, tmp_path):
    (tmp_path / "empty.csv").write_text("")
    ran = listed("read", "empty.csv", "--json", "-o", "out.csv")
    assert (ran.code, ran.out) == (16, "")
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize("option", [("--column", "Имя=name"), ("--mapping", "x"), ("--region", "UA")])
def test_what_would_be_said_in_vain_is_refused(listed, option):
    ran = listed("read", "list.csv", *option)
    assert ran.code == 2
    assert "crmtool map" in ran.err


def test_an_unknown_ending_is_refused(listed):
    assert listed("read", "list.csv", "-o", "out.docx").code == 2
