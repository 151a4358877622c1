import datetime as dt
import subprocess
import sys
import zipfile

import openpyxl
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmtool.core.errors import InputRefused, UsageError
from crmtool.io.readers import excel_answer, excel_limits, excel_process, files
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


def told(path, *codes):
    found = files.read(path).findings.filter(pl.col("code").is_in(codes))
    return found.select("row", "column", "value", "code").rows()


def saved(path, rows, formats=None, change=lambda sheet: None):
    """Write rows of values; `formats` are number formats of columns, by the position of the column."""
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    for column, code in (formats or {}).items():
        for row in range(2, len(rows) + 1):
            made.active.cell(row, column + 1).number_format = code
    change(made.active)
    made.save(path)
    return path


def test_digits_that_stand_in_the_format_are_read(tmp_path):
    rows = [["name", "zip", "phone", "sum", "count"], ["A", 1234, 9161234567, 1234.5, 12], ["B", 101000, 44, -1, 3]]
    path = saved(tmp_path / "a.xlsx", rows, {1: "00000", 2: '"+7" (000) 000-00-00', 3: "#,##0.00", 4: '0" pcs"'})
    assert files.read(path).cells.rows() == [
        ("A", "01234", "+7 (916) 123-45-67", "1234.5", "12"),
        ("B", "101000", "+7 (000) 000-00-44", "-1", "3"),
    ]


def test_numbers_keep_fifteen_digits_and_the_others_are_told(tmp_path):
    rows = [["name", "number"], ["A", 123456789012345], ["B", 4276123456789012], ["C", 40817810099910004312]]
    path = saved(tmp_path / "a.xlsx", [*rows, ["D", "40817810099910004312"], ["E", 0.1 + 0.2]])
    assert files.read(path).cells.get_column("number").to_list() == [
        "123456789012345",
        "4276123456789012",
        "40817810099910000000",
        "40817810099910004312",
        "0.3",
    ]
    assert [each[:2] for each in told(path, "cell.precision")] == [(3, "number"), (4, "number")]


def test_a_number_cut_short_is_told_and_not_guessed(tmp_path):
    path = saved(tmp_path / "a.xlsx", [["name", "phone"], ["A", "7.9161E+10"], ["B", "7,9161E+10"], ["C", 79161234567]])
    assert files.read(path).cells.get_column("phone").to_list() == ["7.9161E+10", "7,9161E+10", "79161234567"]
    assert told(path, "cell.damaged") == [
        (2, "phone", "7.9161E+10", "cell.damaged"),
        (3, "phone", "7,9161E+10", "cell.damaged"),
    ]


def test_errors_and_formulas_without_a_value_are_told(tmp_path):
    rows = [["name", "phone", "city"], ["A", "#N/A", "Rome"], ["B", "=1+1", "Oslo"], ["C", "1", "#REF!"]]
    path = saved(tmp_path / "a.xlsx", rows)
    assert files.read(path).cells.rows() == [("A", None, "Rome"), ("B", None, "Oslo"), ("C", "1", None)]
    assert told(path, "cell.error", "cell.uncomputed") == [
        (2, "phone", "#N/A", "cell.error"),
        (3, "phone", None, "cell.uncomputed"),
        (4, "city", "#REF!", "cell.error"),
    ]


def test_hidden_rows_and_merged_cells_are_read_and_told(tmp_path):
    def change(sheet):
        sheet.row_dimensions[3].hidden = True
        sheet.merge_cells("B4:B5")

    rows = [["name", "phone"], ["A", "1"], ["B", "2"], ["C", "3"], ["D", None]]
    path = saved(tmp_path / "a.xlsx", rows, change=change)
    assert files.read(path).rows.to_list() == [2, 3, 4, 5]
    assert told(path, "row.hidden", "cell.merged") == [(3, None, None, "row.hidden"), (4, "phone", "3", "cell.merged")]


def test_names_over_merged_cells_are_joined_with_those_below(tmp_path):
    def change(sheet):
        sheet.merge_cells("A1:A2")
        sheet.merge_cells("B1:C1")

    rows = [["Name", "Phone", None], [None, "work", "home"], ["Anna", "1", "2"], ["Boris", "3", "4"]]
    table = files.read(saved(tmp_path / "a.xlsx", rows, change=change))
    assert table.cells.columns == ["Name", "Phone work", "Phone home"]
    assert (table.header, table.rows.to_list()) == (2, [3, 4])


def test_other_sheets_are_told_unless_one_is_chosen(tmp_path):
    made = openpyxl.Workbook()
    for name, state in (("people", "visible"), ("empty", "visible"), ("more", "visible"), ("secret", "hidden")):
        sheet = made.create_sheet(name)
        sheet.sheet_state = state
        if name != "empty":
            sheet.append(["name", "phone"])
            sheet.append([name, 1])
    del made["Sheet"]
    made.save(tmp_path / "a.xlsx")
    assert told(tmp_path / "a.xlsx", "sheet.unread", "sheet.hidden") == [
        (None, None, "secret", "sheet.hidden"),
        (None, None, "more", "sheet.unread"),
    ]
    assert files.read(tmp_path / "a.xlsx", Options(sheet="secret")).findings.is_empty()


def test_what_stands_below_the_last_contact_is_kept_aside(book):
    people = [[f"Name {number}", f"+7916123450{number}"] for number in range(5)]
    table = files.read(book(a=[["name", "phone"], *people, [], ["Total", 5]]))
    assert (table.cells.height, table.blank, table.read) == (5, 1, 7)
    assert table.refused.rows() == [(8, "Total\t5", "row.footer")]


def test_the_row_of_the_header_can_be_said(book):
    path = book(a=[["x", "y"], ["name", "phone"], ["A", "1"]])
    assert files.read(path, Options(header=2)).cells.rows(named=True) == [{"name": "A", "phone": "1"}]
    assert files.read(path, Options(header=0)).cells.rows() == [("x", "y"), ("name", "phone"), ("A", "1")]
    with pytest.raises(InputRefused, match="no rows"):
        files.read(path, Options(header=9))


def test_times_and_durations(tmp_path):
    rows = [["name", "time", "length", "moment"], ["A", dt.time(9, 5), dt.timedelta(hours=36, seconds=1), None]]
    path = saved(tmp_path / "a.xlsx", rows, {2: "[h]:mm:ss"})
    assert files.read(path).cells.row(0)[1:3] == ("09:05:00", "36:00:01")


@settings(max_examples=25, deadline=None)
@given(texts=st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=12), min_size=1, max_size=6))
def test_any_text_comes_back_from_the_child(texts):
    written = "".join(excel_answer.lines([texts, ["", *texts[1:]]], len(texts))).encode()
    cells = excel_process._unescaped({"sheet": "", "sheets": []}, excel_process._cells(written, len(texts))).cells
    read = [[None] * len(texts), [None] * len(texts)]
    for name in cells.columns:
        read[0][int(name) - 1], read[1][int(name) - 1] = cells.get_column(name).to_list()
    assert read == [[text or None for text in texts], [None, *(text or None for text in texts[1:])]]


OPEN = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0" office:version="1.2">'
    '<office:body><office:spreadsheet><table:table table:name="S">{rows}</table:table>'
    "</office:spreadsheet></office:body></office:document-content>"
)


def open_cell(kind, text, more=""):
    return f'<table:table-cell office:value-type="{kind}" {more}><text:p>{text}</text:p></table:table-cell>'


def test_an_opendocument_sheet_tells_the_same(tmp_path):
    rows = [
        open_cell("string", "name") + open_cell("string", "phone"),
        open_cell("string", "Anna") + open_cell("float", "#DIV/0!", 'office:value="0" calcext:value-type="error"'),
        open_cell("string", "Boris") + open_cell("float", "01234", 'office:value="1234" calcext:value-type="float"'),
        open_cell("string", "Carl") + '<table:table-cell table:formula="of:=1+1"/>',
        open_cell("string", "Dora", 'table:number-rows-spanned="2"')
        + open_cell("float", "1 234", 'office:value="1234"'),
        "<table:covered-table-cell/>" + open_cell("string", "x"),
    ]
    tags = ["", "", ' table:visibility="filter"', "", "", ""]
    body = "".join(f"<table:table-row{tag}>{row}</table:table-row>" for tag, row in zip(tags, rows, strict=True))
    with zipfile.ZipFile(tmp_path / "a.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", OPEN.format(rows=body))
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    assert files.read(tmp_path / "a.ods").cells.get_column("phone").to_list() == [None, "01234", None, "1234", "x"]
    assert files.read(tmp_path / "a.ods").findings.select("row", "column", "value", "code").rows() == [
        (2, "phone", "#DIV/0!", "cell.error"),
        (3, None, None, "row.hidden"),
        (4, "phone", None, "cell.uncomputed"),
        (5, "name", "Dora", "cell.merged"),
    ]


def test_a_row_of_people_below_merged_names_is_no_header(tmp_path):
    def change(sheet):
        sheet.merge_cells("A1:B1")

    people = [["Adams", "Anna", None], ["Brown", "Boris", "+79161234501"], ["Clark", "Carl", "+79161234502"]]
    table = files.read(saved(tmp_path / "a.xlsx", [["Name", None, "Phone"], *people], change=change))
    assert table.rows.to_list() == [2, 3, 4]
    rows = [["Name", None, "Phone"], ["last", "first", "mobile"], *people[1:], *people[1:]]
    table = files.read(saved(tmp_path / "b.xlsx", rows, change=change))
    assert table.cells.columns == ["Name last", "Name first", "Phone mobile"]


PEOPLE = [["Имя", "Телефон", "Город"], *([f"Анна {n}", f"+7916000010{n}", "Москва"] for n in range(5))]


def test_another_table_below_is_kept_aside_and_told_with_its_cells(book):
    other = [["Товар", "Цена"], ["Чай", 12.5], ["Кофе", 19.9], ["Сахар", 2.1]]
    table = files.read(book(a=[["Отчёт"], *PEOPLE, [], *([None, *row] for row in other)]))
    assert (table.cells.height, table.delimiter, table.read) == (5, None, 10)
    assert table.refused.select("row", "code").rows() == [(n, "row.other_table") for n in range(9, 13)]
    below = table.findings.filter(pl.col("code") == "sheet.below")
    assert below.select("value", "severity").rows() == [("B9:C12", "warning")]


def test_rows_after_a_blank_row_are_rows(book):
    assert files.read(book(a=[*PEOPLE, [], *PEOPLE[1:]])).cells.height == 10


def test_another_table_beside_is_told_and_does_not_get_into_the_rows(book):
    table = files.read(book(a=[[*row, None, f"{row[0]} 2" if n else "Имя", row[1]] for n, row in enumerate(PEOPLE)]))
    assert table.cells.columns == PEOPLE[0]
    assert table.findings.select("value", "code").rows() == [("E1:F6", "sheet.beside")]


@pytest.mark.parametrize("more", [["Скидка", "Сумма"], ["Имя"], ["Страна", None]])
def test_columns_after_an_empty_one_are_of_the_same_table(book, more):
    rows = [[*PEOPLE[0], None, *more], *([*row, None, "x", "y"] for row in PEOPLE[1:])]
    assert not files.read(book(a=rows)).findings["code"].is_in(["sheet.beside"]).any()
