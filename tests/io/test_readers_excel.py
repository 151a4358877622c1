import datetime as dt
import subprocess
import sys
import zipfile

import openpyxl
import pytest

from crmtool.core.errors import InputRefused, UsageError
from crmtool.io.readers import excel_limits, excel_process, files
from crmtool.io.readers.table import Options


@pytest.fixture
def book(tmp_path):
    def make(**sheets):
        made = openpyxl.Workbook()
        made.remove(made.active)
        for name, rows in sheets.items():
            sheet = made.create_sheet(name)
            for row in rows:
                sheet.append(row)
        path = tmp_path / "people.xlsx"
        made.save(path)
        return path

    return make


def test_cells_are_what_a_person_would_type(book):
    moment = dt.datetime(2024, 3, 5, 14, 30)  # noqa: DTZ001 - cells have no time zone
    path = book(
        a=[
            ["phone", "share", "day", "moment", "ok", "note"],
            [79161234567, 0.5, dt.date(2024, 3, 5), moment, True, " x\ny "],
            [1.0, 1e-7, None, None, False, "007"],
        ]
    )
    table = files.read(path)
    assert table.cells.rows() == [
        ("79161234567", "0.5", "2024-03-05", "2024-03-05T14:30:00", "TRUE", " x\ny "),
        ("1", "0.0000001", None, None, "FALSE", "007"),
    ]
    assert (table.sheet, table.delimiter, len(table.sha256)) == ("a", None, 64)


def test_titles_above_the_header_are_told_and_numbers_are_the_sheets(book):
    path = book(a=[[], ["Clients of May"], [], ["name", "phone"], ["A", "1"], [], [None, "2"], [" ", None]])
    table = files.read(path)
    assert table.cells.columns == ["name", "phone"]
    assert table.rows.to_list() == [5, 7]
    assert (table.blank, table.read) == (2, 4)
    assert table.findings.select("row", "value", "code").rows() == [(2, "Clients of May", "row.above")]


def test_one_column_is_a_table(book):
    assert files.read(book(a=[["email"], ["a@x.ru"], ["b@x.ru"]])).cells.rows() == [("a@x.ru",), ("b@x.ru",)]


def test_columns_without_heading_and_text_are_left_out(book):
    table = files.read(book(a=[["name", None, "phone", None], ["A", "note", 1, None]]))
    assert table.cells.columns == ["name", "Column 2", "phone"]


def test_sheets_by_name_number_or_the_first_with_cells(book):
    path = book(empty=[], first=[["n"], [1]], second=[["n"], [2]])
    assert files.read(path).sheet == "first"
    assert files.read(path, Options(sheet="second")).cells.item() == "2"
    assert files.read(path, Options(sheet="3")).cells.item() == "2"
    with pytest.raises(InputRefused, match="no sheet 'third'") as refusal:
        files.read(path, Options(sheet="third"))
    assert "1 'empty', 2 'first', 3 'second'" in refusal.value.hint


def test_a_limit_is_kept(book):
    path = book(a=[["title"], ["n", "m"], *([number, 1] for number in range(500))])
    table = files.read(path, Options(limit=3))
    assert table.rows.to_list() == [3, 4, 5]


def test_books_without_rows_are_refused(book):
    with pytest.raises(InputRefused, match="no visible sheet"):
        files.read(book(a=[]))
    with pytest.raises(InputRefused, match="no rows"):
        files.read(book(a=[["name", "phone"]]))


def test_an_encoding_makes_no_sense_for_a_workbook(book):
    with pytest.raises(UsageError, match="encoding"):
        files.read(book(a=[["n"], [1]]), Options(encoding="cp1251"))


def far_cell(path):
    """Write a workbook of a few bytes whose one cell stands in the last corner of the sheet."""
    made = openpyxl.Workbook()
    made.active["A1"], made.active["XFD1048576"] = 1, 2
    made.save(path)


def test_a_tiny_file_that_asks_for_all_memory_is_refused(tmp_path):
    far_cell(tmp_path / "far.xlsx")
    with pytest.raises(InputRefused) as refusal:
        files.read(tmp_path / "far.xlsx")
    assert "CSV" in refusal.value.hint


def test_a_child_that_dies_is_a_refusal(book, monkeypatch):
    path = book(a=[["n"], [1]])
    script = "import os; os.abort()"
    real = subprocess.run
    monkeypatch.setattr(excel_process.subprocess, "run", lambda _, **o: real([sys.executable, "-c", script], **o))
    with pytest.raises(InputRefused, match="damaged"):
        files.read(path)


def test_a_child_that_hangs_is_a_refusal(book, monkeypatch):
    path = book(a=[["n"], [1]])
    monkeypatch.setattr(excel_process, "PATIENCE", 0.001)
    with pytest.raises(InputRefused, match="seconds"):
        files.read(path)


def test_a_file_that_unpacks_to_too_much_is_not_opened(book, monkeypatch):
    path = book(a=[["n"], [1]])
    monkeypatch.setattr(excel_limits, "UNPACKED", 100)
    monkeypatch.setattr(excel_process, "asked", lambda *_, **__: pytest.fail("the child was started"))
    with pytest.raises(InputRefused, match="unpacks"):
        files.read(path)


def test_a_cut_workbook_is_refused(book, tmp_path):
    whole = book(a=[["n"], [1]]).read_bytes()
    (tmp_path / "cut.xlsx").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputRefused, match="damaged"):
        files.read(tmp_path / "cut.xlsx")


def test_a_broken_sheet_is_refused(book, tmp_path):
    with zipfile.ZipFile(book(a=[["n"], [1]])) as old, zipfile.ZipFile(tmp_path / "bad.xlsx", "w") as new:
        for part in old.infolist():
            data = old.read(part)
            new.writestr(part, data[:200] if "sheet1" in part.filename else data)
    with pytest.raises(InputRefused):
        files.read(tmp_path / "bad.xlsx")


def test_the_child_stays_light():
    script = "import sys, crmtool.io.readers.excel_child; print('polars' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == "False\n"
    )


def test_the_child_stops_before_it_fills_our_memory(book):
    path = book(a=[["n"], *[["x" * 1000]] * 50])
    with pytest.raises(InputRefused, match="more text"):
        excel_process.asked(path, "book", excel_limits.granted(1, 1)._replace(output=10_000))


def test_the_child_has_its_limits(tmp_path):
    script = "from crmtool.io.readers import excel_child as c; c.limited(1 << 28, 5); bytearray(1 << 29)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert "MemoryError" in done.stderr
