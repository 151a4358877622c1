"""What a row said, and what names it: its key, else a hash of all it said."""

import json

import polars as pl

from crmtool.core.imports import origins

CELLS = pl.DataFrame({"id": ["7", " 8 ", None], "note": ["a", 'say "b"', "c"]})


def test_a_row_is_kept_as_json_without_what_is_empty():
    raw = origins.said(CELLS, ())["raw"]
    assert [json.loads(text) for text in raw] == [
        {"id": "7", "note": "a"},
        {"id": " 8 ", "note": 'say "b"'},
        {"note": "c"},
    ]


def test_the_key_names_a_row_and_a_hash_the_one_without():
    named, unnamed = origins.said(CELLS, ("id",)), origins.said(CELLS, ())
    assert named["source_key"].to_list()[:2] == ["7", "8"]
    assert named["source_key"][2] == unnamed["source_key"][2]
    assert unnamed["source_key"].str.len_chars().unique().to_list() == [32]
    assert unnamed["source_key"].n_unique() == 3


def test_a_key_of_several_columns_is_all_of_them():
    cells = CELLS.head(2)
    assert origins.said(cells, ("id", "note"))["source_key"].to_list() == ["7|a", '8|say "b"']
    assert origins.said(cells, ("id",))["source_key"].to_list() == ["7", "8"]
