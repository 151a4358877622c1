"""Codes of states: names in rows of the United States, and nothing elsewhere."""

import polars as pl
import pytest

from crmtool.core.imports import cleaning, mapping
from crmtool.io import rulebook

RULES = rulebook.loaded(rulebook.defaults())
SYNONYMS = {name: vocabulary.index for name, vocabulary in RULES.vocabularies.items()}


def read(**cells):
    frame = pl.DataFrame(cells, schema=dict.fromkeys(cells, pl.String))
    frame = frame.with_columns(Name=pl.lit("Ada"))
    rows = pl.Series(range(2, frame.height + 2), dtype=pl.Int64)
    return cleaning.cleaned(frame, rows, mapping.mapped(frame.columns, RULES), RULES, SYNONYMS)


@pytest.mark.parametrize(
    ("state", "country", "expected"),
    [
        ("CA", "USA", "California"),
        ("tx", "United States", "Texas"),
        ("D.C.", "US", "District of Columbia"),
        ("California", "US", "California"),
        ("ZZ", "US", "ZZ"),
        ("CA", "Canada", "CA"),
        ("CA", None, "CA"),
    ],
)
def test_a_code_is_a_state_in_rows_of_the_united_states(state, country, expected):
    found = read(State=[state, "Ontario"], Country=[country, "Canada"])
    assert found.records["region"][0] == expected
    again = read(State=[expected, "Ontario"], Country=[country, "Canada"])
    assert again.records["region"].to_list() == found.records["region"].to_list()


def test_the_rule_is_told_and_the_city_is_still_found_by_its_state():
    found = read(City=["Moscow"], State=["ID"], Country=["US"])
    step = next(step for step in found.steps if step.target == "region")
    assert step.values.select("rule", "code", "iso", "status").row(0) == ("region.state", None, "US-ID", "valid")
    assert found.records.select("city", "region", "country").row(0) == ("Moscow", "Idaho", "US")
