"""The words of the house hang together, and rows become JSON and fields again."""

import json

import polars as pl
import pytest

from crmtool.core import model


def test_every_table_has_an_id_and_the_change_set_that_wrote_it():
    assert all({"id", "changeset_id"} <= set(columns) for columns in model.TABLES.values())


def test_references_and_computed_tables_are_tables_with_such_columns():
    assert set(model.TABLES) >= model.DERIVED
    assert all(set(columns) <= set(model.TABLES[table]) for table, columns in model.REFERENCES.items())


def test_golden_fields_are_columns_of_contacts_and_of_cleaned_records():
    assert set(model.FIELDS) <= set(model.TABLES["contact"])
    assert set(model.FIELDS) <= set(model.CLEAN)
    assert set(model.NAME_PARTS) <= set(model.FIELDS)


@pytest.mark.parametrize("table", model.TABLES)
def test_an_empty_table_has_its_columns(table):
    assert model.empty(table).schema == model.TABLES[table]
    assert model.empty(table).height == 0


ODD = {"*": "1", "^a$": "2", "a": '3"', "a.b": "4\\", "": "5\n", "имя'": "<6>"}


def test_a_row_is_a_json_object_of_what_it_knows_whatever_the_headings():
    frame = pl.DataFrame(
        [ODD, dict.fromkeys(ODD), {**dict.fromkeys(ODD), "a": "x"}], schema=dict.fromkeys(ODD, pl.String)
    )
    texts = frame.select(model.json_object(frame.columns).alias("t"))["t"]
    assert [json.loads(text) for text in texts] == [ODD, {}, {"a": "x"}]


def test_no_columns_are_an_empty_object():
    assert pl.DataFrame({"a": ["x"]}).select(model.json_object([]).alias("t")).rows() == [("{}",)]


@pytest.mark.parametrize("heading", ODD)
def test_a_column_is_found_by_its_heading_alone(heading):
    frame = pl.DataFrame([ODD], schema=dict.fromkeys(ODD, pl.String))
    assert frame.select(model.named(heading)).to_dict(as_series=False) == {heading: [ODD[heading]]}


def test_cleaned_fields_are_read_from_json_and_unknown_keys_are_not():
    clean = {"city": "Київ", "custom": [{"field": "nps", "value": "9"}], "unheard": 1}
    found = model.decoded(pl.Series([json.dumps(clean), "{}"]))
    assert dict(found.schema) == model.CLEAN
    assert found["city"].to_list() == ["Київ", None]
    assert found["custom"].to_list() == [[{"field": "nps", "value": "9"}], None]


def test_no_records_have_no_fields():
    assert model.decoded(pl.Series([], dtype=pl.String)).height == 0
