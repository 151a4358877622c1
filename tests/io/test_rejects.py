"""Rejected rows as a file: nothing lost, private, importable again, harmless in a spreadsheet."""

from __future__ import annotations

import csv

import polars as pl

from crmtool.core.imports.mapping import SERVICE
from crmtool.io import rejects
from crmtool.io.readers import files

_REJECTED = {"row": pl.Int64(), "reasons": pl.String()}
WHY = "City: is empty, against rule post; Phone: is empty, against rule post"


def table(tmp_path, text):
    path = tmp_path / "list.csv"
    path.write_text(text, encoding="utf-8")
    return files.read(path)


def rejected(*rows):
    return pl.DataFrame(rows, schema=_REJECTED, orient="row")


def read_back(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_nothing_rejected_writes_nothing(tmp_path):
    assert rejects.written(tmp_path, table(tmp_path, "Name,Email\nАда,a@x.example\n"), rejected()) is None
    assert [p.name for p in tmp_path.iterdir()] == ["list.csv"]


def test_a_row_is_written_as_it_was_read_with_its_number_and_reason(tmp_path):
    source = table(tmp_path, "Name,City\nАда,Київ\n,Львів\n")
    path = rejects.written(tmp_path, source, rejected((3, WHY)))

    (row,) = read_back(path)
    assert (row["Name"], row["City"], row[SERVICE[0]]) == ("", "Львів", "3")
    assert row[SERVICE[1]] == WHY
    assert path.name == "list.rejected.csv"
    assert path.stat().st_mode & 0o777 == 0o600


def test_surplus_cells_are_kept(tmp_path):
    source = table(tmp_path, "Name,City\nАда,Київ\nБоря,Львів,more,yet more\n")
    (row,) = read_back(rejects.written(tmp_path, source, rejected()))

    assert (row["Name"], row["City"], row[SERVICE[2]]) == ("Боря", "Львів", "more | yet more")


def test_an_earlier_file_is_never_written_over(tmp_path):
    source = table(tmp_path, "Name,City\n,Львів\n")
    first = rejects.written(tmp_path, source, rejected((2, WHY)))
    corrected = first.read_text(encoding="utf-8-sig").replace("Львів", "Київ")
    first.write_text(corrected, encoding="utf-8")
    second = rejects.written(tmp_path, source, rejected((2, WHY)))
    assert (first.name, second.name) == ("list.rejected.csv", "list.rejected-2.csv")
    assert first.read_text(encoding="utf-8") == corrected


def test_the_same_rows_are_written_once(tmp_path):
    source = table(tmp_path, "Name,City\n,Львів\n")
    paths = {rejects.written(tmp_path, source, rejected((2, WHY))) for _ in range(3)}
    assert paths == set(tmp_path.glob("*.rejected*.csv"))
    assert len(paths) == 1


def test_the_file_reads_as_the_same_columns_again(tmp_path):
    source = table(tmp_path, "Name,City\n,Львів\n")
    again = files.read(rejects.written(tmp_path, source, rejected((2, WHY))))
    assert again.cells.columns == ["Name", "City", *SERVICE]
    assert again.cells["City"].to_list() == ["Львів"]


def test_headings_that_look_like_patterns_are_headings(tmp_path):
    source = table(tmp_path, "Name,*,^a$,a\n,x,y,z\nАда,1,2,3,4\n")
    path = rejects.written(tmp_path, source, rejected((2, WHY)))

    first, second = read_back(path)
    assert (first["*"], first["^a$"], first["a"]) == ("x", "y", "z")
    assert (second["*"], second["^a$"], second["a"]) == ("1", "2", "3")
