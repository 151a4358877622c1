import os
import stat
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmtool.core import formulas
from crmtool.core.errors import NotWritable, UsageError
from crmtool.io.readers import files as readers
from crmtool.io.readers.table import Options
from crmtool.io.writers import csv, xlsx
from crmtool.io.writers.files import atomic

HOSTILE = (
    "=1+1",
    '=HYPERLINK("http://x","y")',
    "@SUM(A1)",
    "+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "\t=1",
    "\r=1",
    " =1",
    "+7-916-123",
    "-A1",
    "\uff1d1+1",
    "\n=1",
)
HARMLESS = ("+79161234567", "+7 (916) 123-45-67", "-5", "-3,50", "-", "a=b", "it's", "'already", "007", "x@y.ru", "")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def fail(path):
    with atomic(path, force=True) as temporary:
        temporary.write_text("new")
        raise ZeroDivisionError


def race(path):
    with atomic(path) as temporary:
        temporary.write_text("ours")
        path.write_text("theirs")


def test_a_file_appears_whole_and_private(tmp_path):
    with atomic(tmp_path / "out.txt") as temporary:
        temporary.write_text("x")
        assert temporary.parent == tmp_path
        assert mode(temporary) == 0o600
        assert not (tmp_path / "out.txt").exists()
    assert (tmp_path / "out.txt").read_text() == "x"
    assert mode(tmp_path / "out.txt") == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["out.txt"]


def test_nothing_is_left_of_a_failure(tmp_path):
    (tmp_path / "out.txt").write_text("old")
    with pytest.raises(ZeroDivisionError):
        fail(tmp_path / "out.txt")
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]


def test_nothing_is_overwritten_without_force(tmp_path):
    path = tmp_path / "out.txt"
    path.write_text("old")
    with pytest.raises(UsageError, match="exists") as refusal, atomic(path):
        pass
    assert "--force" in refusal.value.hint
    with atomic(path, force=True) as temporary:
        temporary.write_text("new")
    assert path.read_text() == "new"


def test_a_name_taken_meanwhile_is_not_overwritten(tmp_path):
    path = tmp_path / "out.txt"
    with pytest.raises(UsageError, match="exists"):
        race(path)
    assert path.read_text() == "theirs"
    assert len(list(tmp_path.iterdir())) == 1


def test_disks_without_links_are_written_too(tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError(1, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    with atomic(tmp_path / "out.txt") as temporary:
        temporary.write_text("x")
    assert (tmp_path / "out.txt").read_text() == "x"


@pytest.mark.parametrize(("number", "words"), [(28, "full"), (30, "read-only"), (13, "may not be written")])
def test_faults_of_the_disk_are_told(tmp_path, number, words):
    with pytest.raises(NotWritable, match=words) as refusal, atomic(tmp_path / "out.txt"):
        raise OSError(number, "from the system")
    assert refusal.value.hint
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_told(tmp_path):
    with pytest.raises(NotWritable, match="no such folder"):
        csv.write_csv(pl.DataFrame({"a": ["1"]}), tmp_path / "absent" / "out.csv")


@pytest.mark.parametrize("write", [csv.write_csv, xlsx.write_xlsx])
def test_a_full_disk_is_told_by_each_writer(tmp_path, monkeypatch, write):
    real = os.fsync

    def full(handle):
        real(handle)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(NotWritable, match="full"):
        write(pl.DataFrame({"a": ["1"]}), tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("cell", HOSTILE)
def test_formulas_get_an_apostrophe(cell):
    assert csv.guarded(pl.DataFrame({cell: [cell, None]})).to_dict(as_series=False) == {"'" + cell: ["'" + cell, None]}


@pytest.mark.parametrize("cell", HARMLESS)
def test_plain_texts_stay_as_they_are(cell):
    assert csv.guarded(pl.DataFrame({"a": [cell]})).item() == cell


@given(st.lists(st.text(max_size=12), min_size=1, max_size=20))
def test_no_cell_begins_as_a_formula(cells):
    for cell in csv.guarded(pl.DataFrame({"a": cells})).to_series():
        assert cell[:1] not in {"=", "@", "\t", "\r"}
        if cell[:1] in {"+", "-"}:
            assert not any(sign.isalpha() or sign in "|!=*/" for sign in cell)


#: Cells that end with an apostrophe are left out: where one begins with it too, it may be a quotation mark as well.
TEXT = st.text(alphabet="абyz019 ,;\"'\n\r\t+", min_size=1, max_size=8).filter(
    lambda text: text.strip() and not text.strip().endswith("'")
)


@given(st.lists(st.tuples(TEXT, st.none() | TEXT), min_size=1, max_size=10), st.sampled_from(",;\t"), st.booleans())
@settings(max_examples=60, deadline=None)
def test_what_is_written_reads_back(tmp_path_factory, rows, delimiter, bom):
    frame = pl.DataFrame(rows, {"имя": pl.String, "second": pl.String}, orient="row")
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    csv.write_csv(frame, path, delimiter=delimiter, bom=bom)
    said = Options(delimiter=delimiter, header=1)  # which so few cells do not tell
    assert readers.read(path, said).cells.equals(csv.guarded(frame))


@given(st.text(st.sampled_from("\t\r\n '=@+-＝＠＋－\u00a0\x0b7a"), max_size=5), st.booleans())
def test_a_quick_look_misses_nothing_that_is_guarded(cell, again):
    text = pl.DataFrame({"a": [cell]})
    wanted = text.select(formulas.guarded(pl.col("a"), again=again)).item()
    assert csv.guarded(text, again=again).item() == wanted
    assert text.select(formulas.suspected(pl.col("a"))).item() or wanted == cell


def test_a_phone_survives_the_way_out_and_in(tmp_path):
    frame = pl.DataFrame({"phone": ["+79161234567", "0501234567", None], "name": ["Анна", "Їжак", "x"]})
    csv.write_csv(frame, tmp_path / "out.csv")
    xlsx.write_xlsx(frame, tmp_path / "out.xlsx")
    assert readers.read(tmp_path / "out.csv").cells.equals(frame)
    assert readers.read(tmp_path / "out.xlsx").cells.equals(frame)
    assert mode(tmp_path / "out.csv") == mode(tmp_path / "out.xlsx") == 0o600


def test_other_encodings_are_written_or_refused(tmp_path):
    frame = pl.DataFrame({"имя": ["Анна"]})
    csv.write_csv(frame, tmp_path / "out.csv", encoding="cp1251")
    assert (tmp_path / "out.csv").read_bytes() == "имя\nАнна\n".encode("cp1251")
    with pytest.raises(UsageError, match="no letter"):
        csv.write_csv(pl.DataFrame({"a": ["漢"]}), tmp_path / "no.csv", encoding="cp1251")
    assert not (tmp_path / "no.csv").exists()


def test_no_cell_of_a_workbook_is_a_formula_a_number_or_a_link(tmp_path):
    cells = [*HOSTILE, *HARMLESS, "http://x.ru", "mailto:a@b.c", "12345678901234567890", "{=1}"]
    xlsx.write_xlsx(pl.DataFrame({"=head()": cells}), tmp_path / "out.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx")["contacts"]
    types = {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None}
    assert types == {"s"}
    assert not any(cell.hyperlink for row in sheet.iter_rows() for cell in row)
    assert sheet["A1"].value == "=head()"
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == f"A1:A{len(cells) + 1}"


def test_strange_signs_survive_a_workbook(tmp_path):
    frame = pl.DataFrame({"a": ["x\x01y", "_x0041_", "line\nline", " spaces ", "<&>", "😀"]})
    xlsx.write_xlsx(frame, tmp_path / "out.xlsx", sheet="a/b:c")
    table = readers.read(tmp_path / "out.xlsx")
    assert table.sheet == "a-b-c"
    assert table.cells.equals(frame)


def test_what_does_not_fit_a_sheet_is_refused(tmp_path):
    with pytest.raises(UsageError, match="too long"):
        xlsx.write_xlsx(pl.DataFrame({"a": ["x" * 40_000]}), tmp_path / "out.xlsx")
    with pytest.raises(UsageError, match="do not fit"):
        xlsx.write_xlsx(pl.DataFrame({"a": pl.Series(["x"]).repeat_by(2_000_000).explode()}), tmp_path / "out.xlsx")
    assert list(tmp_path.iterdir()) == []
