"""Phones beside countries: the row's own country, what a plus says, rows that disagree."""

import polars as pl
import pytest

from crmtool.core.imports.homes import homes, normalized
from crmtool.core.imports.values import Said
from crmtool.core.normalizers.registry import Settings


def countries(**columns):
    cells = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    answers = {
        heading: cells.select(value=heading)
        .drop_nulls()
        .unique()
        .with_columns(seq=pl.lit(0), clean=pl.col("value").str.to_uppercase())
        for heading in columns
    }
    return homes(cells, answers)


def answers(cells, home, region=None, split=None):
    said = Said(split={"Phone": split} if split else {})
    cells, home = pl.Series(cells, dtype=pl.String), pl.Series(home, dtype=pl.String)
    return normalized(cells, home, "Phone", said, Settings(region=region))


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"Country": ["us", None, "Narnia"]}, ["US", None, None]),
        ({"Home": ["us", "us", None], "Work": ["us", "ua", "ua"]}, ["US", None, "UA"]),
    ],
)
def test_the_country_of_a_row_is_the_one_that_all_its_countries_are(columns, expected):
    assert countries(**columns).to_list() == expected


def test_without_countries_there_are_no_homes():
    assert countries(Country=[None, None]) is None
    assert countries() is None


def test_a_number_without_a_country_is_read_by_that_of_its_row():
    found = answers(["(727) 555-0128", "067 123 45 67", "8 916 123-45-67"], ["US", "UA", None], region="RU")
    assert dict(found.select("value", "clean").rows()) == {
        "(727) 555-0128": "+17275550128",  # in Russia's plan it would be a number of Kazakhstan
        "067 123 45 67": "+380671234567",
        "8 916 123-45-67": "+79161234567",
    }
    assert dict(found.select("value", "rule").rows()) == {
        "(727) 555-0128": "phone.row-country",
        "067 123 45 67": "phone.row-country",
        "8 916 123-45-67": "phone.country",
    }


def test_a_number_invalid_in_its_row_is_not_tried_elsewhere():
    assert answers(["(999) 555-0128"], ["US"], region="RU")["clean"].to_list() == [None]


def test_a_plus_says_more_than_the_row():
    found = answers(["+7 916 123-45-67"] * 2, ["US", "UA"], region="RU")
    assert found.select("clean", "rule", "region").rows() == [("+79161234567", "phone.format", "RU")]


def test_a_cell_that_is_two_numbers_in_two_rows_is_left_open():
    found = answers(["7275550128", "7275550128"], ["US", "KZ"])
    assert found.select("seq", "clean", "code", "status", "region").rows() == [
        (0, None, "phone.ambiguous", "ambiguous", None)
    ]


def test_a_cell_that_is_the_same_number_in_two_rows_is_one_answer():
    found = answers(["8 800 555-35-35", "8 800 555-35-35"], ["RU", "KZ"])
    assert found.select("seq", "clean").rows() == [(0, "+78005553535")]


def test_a_split_column_has_the_country_of_its_row():
    found = answers(["(727) 555-0128 ::: (415) 555-0199"], ["US"], split=" ::: ")
    assert found.select("seq", "clean").rows() == [(0, "+17275550128"), (1, "+14155550199")]


def test_cells_without_content_give_no_answers():
    assert answers([None, None], ["US", None]).height == 0


@pytest.mark.parametrize(
    ("cell", "home", "region", "clean"),
    [
        ("8 916 123-45-67", "UA", "RU", "+79161234567"),
        ("моб. 8 (916) 123-45-67", "UA", "RU", "+79161234567"),
        ("8 701 123-45-67", "UA", "RU", "+77011234567"),
        ("067 123 45 67", "RU", "UA", "+380671234567"),
        ("(916) 123-45-67", "UA", "RU", None),  # it may lack a digit, or have one too many
        ("916 123 45 67", "US", "RU", None),
        ("8 (000) 123-45-67", "UA", "RU", None),
    ],
)
def test_a_number_written_in_full_for_the_country_that_was_said_is_read_so_and_told(cell, home, region, clean):
    row = answers([cell], [home], region=region).row(0, named=True)
    expected = (clean, "phone.elsewhere", clean) if clean else (None, "phone.invalid", row["suggestion"])
    assert (row["clean"], row["code"], row["suggestion"]) == expected
    again = answers([clean], [home], region=region)
    assert again.select("clean", "code").rows() == ([(clean, None)] if clean else [])


def test_what_is_said_of_a_number_elsewhere_is_not_said_where_it_is_at_home():
    found = answers(["8 916 123-45-67"] * 2, ["RU", "AT"], region="RU")
    assert found.select("clean", "code").rows() == [("+79161234567", None)]
