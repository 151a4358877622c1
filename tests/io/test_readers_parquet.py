import datetime as dt
import random
from decimal import Decimal

import polars as pl
import pytest

from crmtool.core.errors import InputRefused, UsageError
from crmtool.io.readers import files, parquet_child
from crmtool.io.readers.table import Options

DAY = dt.datetime(2024, 3, 5)  # noqa: DTZ001 - of no zone
ROWS = {
    "whole": ([79161234567, None], ["79161234567", None]),
    "float": ([79161234567.0, 0.5], ["79161234567", "0.5"]),
    "no number": ([float("nan"), -3.0], [None, "-3"]),
    "decimal": ([Decimal("1.10"), Decimal("2.00")], ["1.10", "2.00"]),
    "text": (["01234", ""], ["01234", None]),
    "^text$": ([" Київ ", "x"], [" Київ ", "x"]),
    "truth": ([True, False], ["true", "false"]),
    "day": ([DAY.date(), None], ["2024-03-05", None]),
    "time": ([DAY, DAY.replace(hour=10, second=7)], ["2024-03-05", "2024-03-05T10:00:07"]),
    "zone": ([DAY.replace(tzinfo=dt.UTC), None], ["2024-03-05T00:00:00+00:00", None]),
    "span": ([dt.timedelta(hours=30), None], ["P1DT6H", None]),
    "tags": ([["a", "b"], []], ["a, b", None]),
    "numbers": ([[1.0, 2.5], None], ["1, 2.5", None]),
    "orders": ([[{"id": 1}], None], ['[{"id":1}]', None]),
    "bytes of text": (["Анна".encode(), None], ["Анна", None]),
}


@pytest.fixture
def made(tmp_path):
    def make(frame: pl.DataFrame):
        path = tmp_path / "people.parquet"
        frame.write_parquet(path)
        return path

    return make


@pytest.mark.parametrize("name", ROWS)
def test_a_column_is_text_as_a_person_would_type_it(made, name):
    given, expected = ROWS[name]
    found = files.read(made(pl.DataFrame({"id": ["1", "2"], name: given})))
    assert found.cells[name].to_list() == expected
    assert (found.rows.to_list(), found.format, found.read, found.header) == ([1, 2], "parquet", 2, 0)


def test_fields_of_structs_are_columns(made):
    people = [{"name": "A", "address": {"city": "Київ", "geo": {"lat": 50.0}}}]
    found = files.read(made(pl.DataFrame(people)))
    assert found.cells.row(0, named=True) == {"name": "A", "address.city": "Київ", "address.geo.lat": "50"}


def test_categories_are_text(made):
    found = files.read(made(pl.DataFrame({"a": pl.Series(["x", "y"], dtype=pl.Categorical)})))
    assert found.cells["a"].to_list() == ["x", "y"]


def test_bytes_that_are_no_text_are_left_out_and_told(made):
    found = files.read(made(pl.DataFrame({"a": ["x"], "photo": [b"\xff\xd8\xff"]})))
    assert found.cells.columns == ["a"]
    assert found.findings.select("code", "column").rows() == [("column.bytes", "photo")]


def test_blank_rows_are_counted_and_a_limit_is_kept(made):
    path = made(pl.DataFrame({"a": ["x", None, "", "y", "z"]}))
    assert (files.read(path).rows.to_list(), files.read(path).blank) == ([1, 4, 5], 2)
    assert files.read(path, Options(limit=4)).rows.to_list() == [1, 4]


def test_large_files_come_in_parts(made, tmp_path, monkeypatch):
    monkeypatch.setattr(parquet_child, "_ROWS", 40)
    folder = tmp_path / "parts"
    folder.mkdir()
    path = made(pl.DataFrame({"a": [str(number) for number in range(100)]}))
    assert parquet_child.converted(path, folder, None) == {"parts": 3, "without": []}
    assert [pl.read_ipc(folder / str(number)).height for number in range(3)] == [40, 40, 20]


@pytest.mark.parametrize("damage", ["cut", "head", "bytes", "footer"])
def test_a_damaged_file_is_refused_or_read_and_says_nothing_else(made, capfd, damage):
    data = bytearray(made(pl.DataFrame({"a": ["x", "y"] * 500, "b": list(range(1000))})).read_bytes())
    path = made(pl.DataFrame())
    chance = random.Random(1)
    match damage:
        case "cut":
            data = data[: len(data) // 2]
        case "head":
            data = data[:8]
        case "bytes":
            data[chance.randrange(4, len(data) // 2)] ^= 0xFF
        case "footer":
            data[-8:-4] = b"\xff\xff\xff\x7f"
    path.write_bytes(data)
    try:
        found = files.read(path)
    except InputRefused as refusal:
        assert refusal.hint  # noqa: PT017 - either is right for single wrong bytes
    else:
        assert damage == "bytes"
        assert found.read == 1000
    assert capfd.readouterr() == ("", "")


def test_a_file_without_rows_is_refused(made):
    with pytest.raises(InputRefused, match="has no rows"):
        files.read(made(pl.DataFrame(schema={"a": pl.String})))


def test_options_that_say_nothing_about_parquet_are_refused(made):
    with pytest.raises(UsageError, match="--sheet"):
        files.read(made(pl.DataFrame({"a": [1]})), Options(sheet="1"))


def test_a_name_is_no_pattern(tmp_path):
    path = tmp_path / "people[1]*.parquet"
    pl.DataFrame({"a": ["x"]}).write_parquet(path)
    assert files.read(path).cells.item() == "x"
    assert [each.name for each in tmp_path.iterdir()] == ["people[1]*.parquet"]
