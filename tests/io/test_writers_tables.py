"""Text cells in parts to one file: what is read back is what was written, whatever the format."""

import csv
import json

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmtool.core.errors import UsageError
from crmtool.io.writers import tables, xlsx

HEADINGS = ["Имя", "*", 'a "b"']
CELLS = pl.DataFrame(
    [["=1+1", None, "a\rb"], ["a,b", 'say "x"', "\t"], ["two\nlines", " x ", None], ["07", "\u2028\x85", "'"]],
    schema=dict.fromkeys(HEADINGS, pl.String),
    orient="row",
)


def back(path):
    """Return the rows of a file as lists of texts, empty cells as None, and its headings."""
    if path.suffix in {".csv", ".tsv"}:
        with path.open(encoding="utf-8", newline="") as file:
            first, *rows = csv.reader(file, delimiter="\t" if path.suffix == ".tsv" else ",", strict=True)
        return first, [[cell or None for cell in row] for row in rows]
    if path.suffix == ".parquet":
        frame = pl.read_parquet(path)
        return frame.columns, [list(row) for row in frame.rows()]
    text = path.read_text(encoding="utf-8")
    objects = json.loads(text) if path.suffix == ".json" else [json.loads(line) for line in text.split("\n") if line]
    return list(objects[0]) if objects else None, [list(each.values()) for each in objects]


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".jsonl", ".json", ".parquet"])
def test_every_cell_comes_back_exactly(ending, tmp_path):
    path = tmp_path / f"out{ending}"
    tables.write(iter([CELLS.head(1), CELLS.slice(1, 2), CELLS.tail(1)]), path)
    assert back(path) == (HEADINGS, [list(row) for row in CELLS.rows()])
    assert path.stat().st_mode & 0o077 == 0
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_a_workbook_holds_texts_and_no_formulas(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    tables.write(iter([CELLS.head(2), CELLS.slice(2, 1)]), tmp_path / "out.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx").active
    assert [[cell.value for cell in row] for row in sheet.iter_rows()][1:3] == [
        ["=1+1", None, "a_x000D_b"],  # as Excel itself writes a carriage return
        ["a,b", 'say "x"', "\t"],
    ]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".jsonl", ".json", ".parquet", ".xlsx"])
def test_a_table_without_rows_is_written(ending, tmp_path):
    path = tmp_path / f"out{ending}"
    tables.write([CELLS.clear()], path)
    assert path.exists()
    if ending != ".xlsx":
        assert back(path)[1] == []


def test_a_column_alone_has_no_empty_lines(tmp_path):
    tables.write([pl.DataFrame({"a": ["x", None, "y"]})], tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == '"a"\n"x"\n""\n"y"\n'


def test_an_unknown_ending_is_refused_before_anything_is_read(tmp_path):
    def never():
        pytest.fail("was read")
        yield CELLS

    with pytest.raises(UsageError, match="ending"):
        tables.write(never(), tmp_path / "out.docx")


def test_a_file_in_the_way_stays(tmp_path):
    path = tmp_path / "out.csv"
    path.write_text("mine")
    with pytest.raises(UsageError, match="exists"):
        tables.write([CELLS], path)
    assert path.read_text() == "mine"
    tables.write([CELLS], path, force=True)
    assert back(path)[0] == HEADINGS


def test_more_rows_than_a_sheet_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(xlsx, "ROWS", 5)
    with pytest.raises(UsageError, match="rows"):
        tables.write([CELLS, CELLS], tmp_path / "out.xlsx")
    assert list(tmp_path.iterdir()) == []


text = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1)
row = st.tuples(st.one_of(st.none(), text), text)


@given(st.lists(st.lists(row, max_size=4), min_size=1, max_size=3), st.sampled_from([".csv", ".jsonl", ".json"]))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_comes_back(tmp_path, parts, ending):
    path = tmp_path / f"out{ending}"
    schema = {"a": pl.String, "b": pl.String}
    tables.write((pl.DataFrame(part, schema=schema, orient="row") for part in parts), path, force=True)
    assert back(path)[1] == [list(each) for part in parts for each in part]


@given(st.lists(row))
@settings(deadline=None)
def test_rows_as_arrays_are_json_one_a_line(rows):
    frame = pl.DataFrame(rows, schema={"a": pl.String, "b": pl.String}, orient="row")
    assert json.loads(f"[{tables.lists(frame)}]") == [list(each) for each in rows]
