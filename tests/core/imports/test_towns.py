"""Cities beside countries and regions: the row decides, each address for itself."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmtool.core.imports import cleaning, cleansing, mapping
from crmtool.io import rulebook

RULES = rulebook.loaded(rulebook.defaults())
SYNONYMS = {name: vocabulary.index for name, vocabulary in RULES.vocabularies.items()}


def read(cells, rule=None, **columns):
    """Clean a table given as heading -> cells by both ways: for an import and as a file."""
    frame = pl.DataFrame(cells, schema=dict.fromkeys(cells, pl.String))
    mapped = mapping.mapped(frame.columns, RULES, columns={"Name": "name", **columns})
    rows = pl.Series("row", range(2, frame.height + 2), pl.Int64)
    if rule:
        mapped = mapping.Mapped(**{**vars(mapped), "rule": mapped.rule.model_copy(update=rule)})
    done = cleansing.cleansed(frame, rows, mapped, RULES, SYNONYMS)
    return cleaning.cleaned(frame, rows, mapped, RULES, SYNONYMS), done


def cities(city, rule=None, **beside):
    records, file = read({"Name": ["Анна"] * len(city), "City": city, **beside}, rule)
    assert records.records["city"].to_list() == file.cells["City"].to_list()
    return file.cells["City"].to_list()


def test_the_country_of_the_row_decides():
    assert cities(["Moscow", "Moscow", "Moscow"], Country=["USA", "Россия", None]) == ["Moscow", "Москва", "Москва"]


@pytest.mark.parametrize(
    ("state", "country", "city"),
    [("ID", "USA", "Moscow"), ("Idaho", None, "Moscow"), ("ID", None, "Moscow"), ("ID", "Россия", "Москва")],
)
def test_a_region_says_where_it_is_and_a_code_of_a_state_where_no_other_country_does(state, country, city):
    assert cities(["Moscow"], Country=[country], State=[state]) == [city]


def test_without_countries_and_regions_a_city_is_what_it_is_alone():
    assert cities(["Moscow", "г. Муром"]) == cities(["Moscow", "г. Муром"], Country=[None, None]) == ["Москва", "Муром"]


def test_each_address_has_its_own_country():
    cells = {
        "Name": ["Анна"],
        "Home City": ["Moscow"],
        "Home Country": ["USA"],
        "Work City": ["Moscow"],
        "Work Country": ["Россия"],
    }
    targets = {
        "Home City": "city.home",
        "Home Country": "country.home",
        "Work City": "city.work",
        "Work Country": "country.work",
    }
    done = read(cells, **targets)[1].cells
    assert done.select("Home City", "Work City").row(0) == ("Moscow", "Москва")


def test_a_city_not_in_its_country_is_a_finding_at_that_row_alone():
    done = read({"Name": ["А", "Б"], "City": ["Казань", "Казань"], "Country": ["Украина", "Россия"]})
    for each in done:
        found = each.findings.filter(pl.col("code") == "city.elsewhere")
        assert found.select("row", "column").rows() == [(2, "City")]


def test_a_split_and_a_translation_come_before_the_place():
    rule = {"split": {"City": ";"}, "translate": {"City": {"столица": "Москва"}}}
    step = next(
        s
        for s in read({"Name": ["А"], "City": ["столица; Moscow"], "Country": ["RU"]}, rule)[0].steps
        if s.target == "city"
    )
    assert step.values.select("value", "seq", "clean", "rule").rows() == [
        ("столица; Moscow", 0, "Москва", "mapping.translate"),
        ("столица; Moscow", 1, "Москва", "vocabulary.synonym"),
    ]


CELLS = {
    "City": ["Moscow", "Москва", "Киев", "Springfield", "Донецк", "Rome", "Санкт-Петербург, РФ", "-", None],
    "Country": ["US", "Украина", "РФ", "Narnia", None],
    "State": ["ID", "Illinois", "Ростовская обл.", "Georgia", None],
}


@settings(max_examples=settings().max_examples // 8)
@given(st.lists(st.fixed_dictionaries({h: st.sampled_from(c) for h, c in CELLS.items()}), min_size=4, max_size=16))
def test_cleaning_twice_is_cleaning_once(rows):
    cells = {"Name": ["Анна"] * len(rows), **{heading: [row[heading] for row in rows] for heading in CELLS}}
    once = read(cells)[1].cells
    assert read(once.to_dict(as_series=False))[1].cells.to_dicts() == once.to_dicts()
