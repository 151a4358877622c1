"""Workbooks made to hang us, to fill memory, or to reach outside: refused, and soon."""

import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmtool.core.errors import InputRefused
from crmtool.io.readers import excel_limits, excel_marks, excel_process, excel_xls, excel_xlsb, files

PARTS = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Target="xl/workbook.xml" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/></Relationships>',
    "xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Target="worksheets/sheet1.xml" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"/></Relationships>',
}
TWO_ROWS = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>name</t></is></c><c r="B1" t="inlineStr"><is><t>phone</t></is></c></row>'
    '<row r="2"><c r="A2" t="inlineStr"><is><t>Anna</t></is></c><c r="B2"><v>79161234567</v></c></row>'
)


def packed(path, rows, head="", **parts):
    """Write a workbook by hand: the rows of its sheet, `head` before it, other parts by name."""
    sheet = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, text in {**PARTS, **parts}.items():
            archive.writestr(name, text)
        archive.writestr("xl/worksheets/sheet1.xml", f"{head}{sheet}{rows}</sheetData></worksheet>")
    return path


def test_a_workbook_made_by_hand_reads(tmp_path):
    assert files.read(packed(tmp_path / "a.xlsx", TWO_ROWS)).cells.rows() == [("Anna", "79161234567")]


@pytest.mark.parametrize(
    "entity", ['<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">', '<!ENTITY b SYSTEM "file:///etc/hostname">']
)
def test_a_workbook_that_declares_entities_is_refused(tmp_path, entity):
    path = packed(tmp_path / "a.xlsx", TWO_ROWS.replace("Anna", "&b;"), head=f"<!DOCTYPE x [{entity}]>")
    with pytest.raises(InputRefused, match="entities"):
        files.read(path)


def test_a_bomb_is_seen_before_it_is_opened(tmp_path, monkeypatch):
    monkeypatch.setattr(excel_limits, "LARGE", 1 << 20)
    monkeypatch.setattr(excel_process, "asked", lambda *_, **__: pytest.fail("the child was started"))
    with pytest.raises(InputRefused, match="unpacks"):
        files.read(packed(tmp_path / "a.xlsx", TWO_ROWS + " " * (4 << 20)))


def test_a_million_empty_rows_are_no_rows(tmp_path):
    empty = "".join(f'<row r="{number}"/>' for number in range(3, 200_000))
    table = files.read(packed(tmp_path / "a.xlsx", TWO_ROWS + empty))
    assert (table.cells.height, table.blank) == (1, 0)


def test_a_long_text_shared_by_many_cells_does_not_fill_memory(tmp_path):
    cells = "".join(
        f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c><c r="B{n}" t="s"><v>0</v></c></row>' for n in range(1, 30_000)
    )
    shared = (
        f'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>{"x" * 32_000}</t></si></sst>'
    )
    relations = PARTS["xl/_rels/workbook.xml.rels"].replace(
        "</Relationships>",
        '<Relationship Id="r2" Target="sharedStrings.xml" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"/></Relationships>',
    )
    parts = {"xl/sharedStrings.xml": shared, "xl/_rels/workbook.xml.rels": relations}
    with pytest.raises(InputRefused):
        files.read(packed(tmp_path / "a.xlsx", cells, **parts))


@given(noise=st.binary(max_size=3000), sector=st.integers(0, 16))
def test_a_broken_old_workbook_has_no_marks(noise, sector):
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(22) + sector.to_bytes(2, "little")
    assert isinstance(excel_xls.marks(head + noise, "S"), excel_marks.Marks)
    assert isinstance(excel_xlsb._marks_of(noise), excel_marks.Marks)


def test_limits_grow_with_what_is_packed_and_end():
    small, large = excel_limits.granted(1 << 20, 10 << 20), excel_limits.granted(60 << 20, 500 << 20)
    assert small.memory < 900 << 20
    assert small.seconds < 12
    assert large.memory > 2 << 30
    assert excel_limits.granted(1 << 40, 1 << 40).memory == 12 << 30
