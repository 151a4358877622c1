"""Free text."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from crmtool.core.normalizers.registry import Settings
from crmtool.core.normalizers.text import note, text


def test_only_spaces_and_invisible_characters_change():
    answer = text(pl.Series(["Зав.  отделом\u00a0№ 5", "iPhone"]), Settings())
    assert answer.select("clean", "rule", "code").rows() == [
        ("Зав. отделом № 5", "text.spaces", None),
        ("iPhone", None, None),
    ]


def test_a_note_keeps_its_lines_and_inner_spaces():
    answer = note(pl.Series([" a\r\n  b\x00 ", "-", "c"]), Settings())
    assert answer.select("clean", "rule", "code").rows() == [
        ("a\n  b", "text.spaces", None),
        (None, None, "value.placeholder"),
        ("c", None, None),
    ]


@settings(deadline=None)  # a shared machine is no fault of the code
@given(st.lists(st.text(), max_size=5, unique=True))
def test_cleaning_a_note_twice_is_cleaning_it_once(values):
    clean = note(pl.Series(values, dtype=pl.String), Settings())["clean"].drop_nulls().unique()
    again = note(clean, Settings())
    assert again["clean"].to_list() == clean.to_list()
    assert again["rule"].null_count() == len(clean)


@settings(deadline=None)  # a shared machine is no fault of the code
@given(st.lists(st.text(), max_size=5, unique=True))
def test_cleaning_twice_is_cleaning_once(values):
    clean = text(pl.Series(values, dtype=pl.String), Settings())["clean"].drop_nulls().unique()
    again = text(clean, Settings())
    assert again["clean"].to_list() == clean.to_list()
    assert again["rule"].null_count() == again["code"].null_count() == len(clean)
