"""Contacts to a sheet and back: only what people edited comes back, and nothing that the base has changed since."""

import openpyxl
import polars as pl
import pytest

from crmtool.io.readers import files

PEOPLE = """ID;Имя;Фамилия;Телефон;E-mail;Город;Комментарий
1;Иван;Петров;+79161234567;ivan@mail.ru;Москва;=1+1
2;Олена;Шевченко;+380671234567;olena@ukr.net;Київ;"первая
вторая"
3;John;Smith;+12125550123;john@gmail.com;London;
"""


@pytest.fixture
def base(crm, workspace, kept, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "people.csv").write_text(PEOPLE, "utf-8")
    kept("sheets", workspace, lambda: done(crm("import", "people.csv", "--yes")))
    return crm


def done(ran):
    assert ran.code == 0, ran


@pytest.fixture(params=["sheet.xlsx", "sheet.csv"])
def sheet(request, base):
    """A sheet of everybody."""
    assert base("contacts", "export-sheet", "-o", request.param, "--columns", COLUMNS).code == 0
    return request.param


COLUMNS = "name,given_name,family_name,phone,email,city,note"


def edited(sheet, changes, heading=None):
    """Change cells as a person does: (row of the sheet, heading) -> value."""
    if sheet.endswith(".csv"):
        frame = pl.read_csv(sheet, infer_schema=False)
        rows = frame.to_dicts()
        for (row, name), value in changes.items():
            rows[row - 2][name] = value
        pl.DataFrame(rows, schema_overrides=dict.fromkeys(rows[0], pl.String)).write_csv(sheet)
        return
    book = openpyxl.load_workbook(sheet)
    cells = book.active
    at = {cell.value: cell.column for cell in cells[1]}
    for (row, name), value in changes.items():
        if name not in at:
            at[name] = len(at) + 1
            cells.cell(1, at[name], name)
        cells.cell(row, at[name], value)
    book.save(sheet)


def returned(base, sheet, *flags):
    said = base("contacts", "import-sheet", sheet, "--yes", "--json", *flags)
    return said.code, said.document


def golden(base, number):
    return base("contacts", "show", number, "--json").document["golden"]


def test_every_cell_is_text_and_no_formula(base, sheet, tmp_path):
    cells = files.read(tmp_path / sheet).cells
    assert cells["phone"].to_list() == ["+79161234567", "+380671234567", "+12125550123"]
    if sheet.endswith("xlsx"):
        kinds = {cell.data_type for row in openpyxl.load_workbook(sheet).active.iter_rows() for cell in row}
        assert kinds <= {"s", "n"}  # n: the empty ones
        assert openpyxl.load_workbook(sheet).active.column_dimensions["I"].hidden


def test_a_sheet_that_nobody_edited_changes_nothing(base, sheet):
    code, done = returned(base, sheet)
    assert (code, done["changeset"], done["facts"]["unchanged"]) == (0, None, 3)


def test_only_real_edits_come_back(base, sheet):
    edited(sheet, {(2, "city"): "Казань", (3, "family_name"): "Іваненко", (4, "phone"): "+1 (212) 555-0199"})
    code, done = returned(base, sheet)
    assert (code, done["facts"]["edited"], done["facts"]["cells"]) == (0, 3, 3)
    assert golden(base, 1)["city"] == "Казань"
    assert (golden(base, 2)["name"], golden(base, 2)["note"]) == ("Олена Іваненко", "первая\nвторая")
    assert golden(base, 3)["phone"] == "+12125550199"
    assert returned(base, sheet)[1]["changeset"] is None  # a second time there is nothing to do
    assert base("undo", 2, "--yes").code == 0
    assert golden(base, 1)["city"] == "Москва"


def test_a_row_the_base_has_changed_since_is_refused_with_both_values(base, sheet, workspace):
    base("contacts", "set", 1, "city=Самара", "--yes")
    base("contacts", "set", 3, "city=Leeds", "--yes")
    edited(sheet, {(2, "city"): "Казань", (2, "note"): "x", (3, "city"): "Львів"})
    said = base("contacts", "import-sheet", sheet, "--yes")
    assert said.code == 3
    told = " ".join(said.out.split())
    assert "1 refused, 1 unchanged" in told
    assert "«Казань»" in told
    assert "«Самара»" in told
    assert (golden(base, 1)["city"], golden(base, 1)["note"]) == ("Самара", "=1+1")
    assert golden(base, 2)["city"] == "Львів"
    (path,) = (workspace.root / "rejects").glob("sheet.rejected*")
    assert "Казань" in path.read_text("utf-8-sig")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({(2, "city"): ""}, "city was emptied"),
        ({(2, "id"): "99"}, "there is no contact 99"),
        ({(2, "id"): ""}, "has no id"),
        ({(3, "id"): "1", (3, "city"): "x"}, "stands twice"),
        ({(2, "row check"): ""}, "lost its row check"),
        ({(2, "name"): "Кто-то"}, "name is made of its parts"),
        ({(2, "phone"): "7.9161E+10"}, "lost digits"),
    ],
)
def test_rows_that_cannot_be_are_refused_whole(base, sheet, changes, reason):
    edited(sheet, {**changes, (4, "city"): "Leeds"})
    said = base("contacts", "import-sheet", sheet, "--yes")
    assert (said.code, reason in " ".join(said.out.split())) == (3, True), said.out
    assert golden(base, 3)["city"] == "Leeds"


def test_a_column_that_is_no_field_is_named_and_not_used(base, sheet):
    if sheet.endswith(".csv"):
        frame = pl.read_csv(sheet, infer_schema=False)
        frame.with_columns(outcome=pl.lit("wrong")).write_csv(sheet)
    else:
        edited(sheet, {(2, "outcome"): "wrong"})
    said = base("contacts", "import-sheet", sheet, "--yes")
    assert said.code == 3
    assert "'outcome' is no field" in said.out


def test_a_merged_contact_is_told(base, sheet):
    base("duplicates", "merge", 1, 2, "--yes")
    edited(sheet, {(3, "city"): "Львів"})
    said = base("contacts", "import-sheet", sheet, "--yes")
    assert "contact 2 was merged into 1" in " ".join(said.out.split())


def test_a_sheet_of_a_segment_has_what_its_people_have(base, tmp_path):
    assert base("contacts", "export-sheet", "--where", "city = 'London'", "-o", "sheet.csv").code == 0
    cells = files.read(tmp_path / "sheet.csv").cells
    assert cells["id"].to_list() == ["3"]
    assert "birthday" not in cells.columns
    assert base("contacts", "export-sheet", "-o", "other.csv", "--columns", "nonsense").code == 2
    assert base("contacts", "export-sheet", "-o", "sheet.csv").code == 2  # never over a file
    assert base("contacts", "import-sheet", "people.csv", "--yes").code == 16
