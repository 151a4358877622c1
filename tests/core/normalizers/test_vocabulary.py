"""Vocabularies: the index, the look-up, the shipped cities and countries."""

import tomllib
from collections import Counter
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmtool.core.folding import folded
from crmtool.core.normalizers.registry import Settings
from crmtool.core.normalizers.vocabulary import looked_up, vocabulary, vocabulary_index
from crmtool.core.rules import Vocabulary

RULES = Path(__file__).resolve().parents[3] / "rules" / "vocabularies"
CITIES = {"Москва": ("Мск", "Moscow"), "Орёл": (), "Київ": ("Киев", "Kyiv")}
INDEX = vocabulary_index(CITIES, ("г.", "город", "місто"))


def shipped(name):
    return Vocabulary.model_validate(tomllib.loads((RULES / f"{name}.toml").read_text("utf-8")))


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("МСК", "Москва"),
        ("г. Москва", "Москва"),
        ("г.Москва", "Москва"),
        ("г Москва", "Москва"),
        ("город  москва", "Москва"),
        ("Орел", "Орёл"),
        ("місто Київ,", "Київ"),
        ("«Киев»", "Київ"),
        ("Гмосква", None),
    ],
)
def test_looked_up(written, canonical):
    assert looked_up(pl.Series([written]), INDEX).to_list() == [canonical]


def test_a_written_synonym_stands_before_a_derived_one():
    index = vocabulary_index({"А": ("г. б",), "Б": ("б",)}, ("г.",))
    assert (index["г. б"], index["б"], index["г.б"]) == ("А", "Б", "Б")


def test_unknown_values_are_kept_and_reported():
    answer = vocabulary(pl.Series([" Урюпинск", "мск", "Москва"]), Settings(vocabulary=INDEX))
    assert answer.select("clean", "rule", "code").rows() == [
        ("Урюпинск", "text.spaces", "vocabulary.unknown"),
        ("Москва", "vocabulary.synonym", None),
        ("Москва", None, None),
    ]


def test_a_letter_away_is_suggested_and_kept():
    answer = vocabulary(pl.Series(["Масква", "Моссква", "Моксва", "Мос"]), Settings(vocabulary=INDEX))
    assert answer["clean"].to_list() == ["Масква", "Моссква", "Моксва", "Мос"]
    assert answer["code"].to_list() == [*["vocabulary.near"] * 3, "vocabulary.unknown"]
    assert answer["suggestion"].to_list() == [*["Москва"] * 3, None]


@settings(deadline=None)  # a shared machine is no fault of the code
@given(st.lists(st.sampled_from([*INDEX, " x", "Й y", "ОРЁЛ"]) | st.text(max_size=5), max_size=5, unique=True))
def test_cleaning_twice_is_cleaning_once(values):
    settings = Settings(vocabulary=INDEX)
    clean = vocabulary(pl.Series(values, dtype=pl.String), settings)["clean"].drop_nulls().unique()
    again = vocabulary(clean, settings)
    assert again["clean"].to_list() == clean.to_list()
    assert again["rule"].null_count() == len(clean)


@pytest.mark.parametrize("name", ["city", "country", "type", "stage", "source", "yes_no"])
def test_a_synonym_stands_at_one_value_only(name):
    values = shipped(name).values
    places = Counter(fold for key, names in values.items() for fold in {folded(name) for name in (key, *names)})
    assert [fold for fold, count in places.items() if count > 1] == []


@pytest.mark.parametrize("name", ["city", "country", "type", "stage", "source", "yes_no"])
def test_no_synonym_is_written_twice(name):
    for key, names in shipped(name).values.items():
        folds = [folded(name) for name in (key, *names)]
        assert sorted(folds) == sorted(set(folds)), key


@pytest.mark.parametrize(
    ("name", "written", "canonical"),
    [
        ("city", "СПб", "Санкт-Петербург"),
        ("city", "г. Киев", "Київ"),
        ("city", "Днепропетровск", "Дніпро"),
        ("city", "Nizhny Novgorod", "Нижний Новгород"),
        ("city", "Лондон", "London"),
        ("country", "Российская Федерация", "RU"),
        ("country", "Україна", "UA"),
        ("country", "usa", "US"),
        ("country", "GB", "GB"),
        ("type", "Клиенты", "client"),
        ("type", "Постачальник", "supplier"),
        ("stage", "В работе", "in progress"),
        ("stage", "Closed Won", "won"),
        ("stage", "закрыто и не реализовано", "lost"),
        ("source", "google / cpc", "google ads"),
        ("source", "Инста", "instagram"),
        ("source", "сарафан", "recommendation"),
        ("source", "Соцмережі", "social media"),
    ],
)
def test_shipped_values(name, written, canonical):
    rules = shipped(name)
    assert looked_up(pl.Series([written]), vocabulary_index(rules.values, rules.drop)).to_list() == [canonical]


def test_country_values_are_iso_codes():
    assert all(len(code) == 2 and code.isalpha() and code.isupper() for code in shipped("country").values)
