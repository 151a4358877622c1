"""What Splink is given: the columns that ours compared, cleaned, and the keys of ours or rules that fit."""

import polars as pl
import pytest

from bench import splink_task

FIELDS = {"Имя": "given_name", "Фамилия": "family_name", "name": "name", "Tel": "phone.mobile", "born": "birthday"}


@pytest.fixture
def file(tmp_path):
    rows = {
        "Имя": ["Иван", " АННА ", "Пётр", "Anna"],
        "Фамилия": ["Щербаков", "Белова", "", "Belova"],
        "name": ["a", "b", "c", "d"],
        "Tel": ["+7 916 000-01-02", "89160000102", "н/д", "+380501234567"],
        "born": ["19800102", "1980-01-02", None, "1979-12-31"],
        "truth": ["1", "2", "3", "2"],
    }
    pl.DataFrame(rows).write_csv(tmp_path / "in.csv")
    return tmp_path / "in.csv"


def given(file, known=FIELDS):
    task = splink_task.task(file, "truth", known, file.parent)
    return task, pl.read_parquet(task["table"])


def test_values_come_in_small_latin_letters_numbers_as_digits_and_days_as_iso(file):
    task, table = given(file)
    column = {kind: table[name].to_list() for name, kind in task["columns"].items()}
    assert column["given_name"] == ["ivan", "anna", "petr", "anna"]
    assert column["family_name"][1:] == ["belova", None, "belova"]
    assert column["phone"] == ["9160000102", "9160000102", None, "0501234567"]
    assert column["birthday"] == ["1980-01-02", "1980-01-02", None, "1979-12-31"]
    assert table["unique_id"].to_list() == [0, 1, 2, 3]


def test_the_truth_and_a_name_that_has_parts_are_left_out(file):
    task, table = given(file, FIELDS | {"truth": "other"})
    assert set(task["columns"].values()) == {"given_name", "family_name", "phone", "birthday"}
    assert "1" not in table.select(pl.exclude("unique_id").cast(pl.String)).unpivot()["value"].to_list()


def test_a_column_that_tells_nothing_apart_is_left_out(tmp_path):
    pl.DataFrame({"email": ["a", None, "a"], "phone": ["11", "22", "33"], "truth": ["1", "1", "2"]}).write_csv(
        tmp_path / "in.csv"
    )
    task, _ = given(tmp_path / "in.csv", {"email": "email", "phone": "phone"})
    assert list(task["columns"].values()) == ["phone"]


def test_postcodes_with_letters_are_british(tmp_path):
    rows = {"zip": ["TQ13 8DF", "TQ13", "EX2"], "plz": ["10115", "10117", "20095"], "truth": ["1", "1", "2"]}
    pl.DataFrame(rows).write_csv(tmp_path / "in.csv")
    task, _ = given(tmp_path / "in.csv", {"zip": "postcode", "plz": "postcode"})
    assert list(task["columns"].values()) == ["postcode.gb", "postcode"]


def test_ours_says_the_columns_and_the_keys(file):
    task, table = given(file, None)
    assert {"given_name", "family_name", "phone", "birthday"} == set(task["columns"].values())
    assert "c_block_phone" in table.columns
    assert all(len(rule) == 1 and rule[0] in table.columns for rule in task["blocking"])
    assert not {rule[0] for rule in task["blocking"]} & task["columns"].keys()


def test_rows_that_ours_brings_together_share_a_key(file):
    task, table = given(file, None)
    assert "c_block_phone" in table.columns
    assert table["c_block_phone"][0] == table["c_block_phone"][1] is not None
    assert table["c_block_phone"][3] is None, "a key of one row brings nobody together"
    assert set(task["lists"]) <= set(table.columns)


def test_without_ours_every_rule_has_its_columns(file):
    task, _ = given(file)
    assert task["blocking"]
    assert len(task["training"]) == splink_task.SESSIONS
    used = {name for part in ("blocking", "deterministic", "training") for rule in task[part] for name in rule}
    assert used <= task["columns"].keys()
