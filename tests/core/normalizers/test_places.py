"""Countries, regions, cities and postcodes: one look, the right place of a name, and nothing guessed."""

import tomllib
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmtool.core.findings import CATALOGUE
from crmtool.core.normalizers.city import cities_in
from crmtool.core.normalizers.places import keys, names, places
from crmtool.core.normalizers.registry import Settings, normalized
from crmtool.core.normalizers.vocabulary import vocabulary_index
from crmtool.core.rules import Vocabulary

RULES = Path(__file__).resolve().parents[3] / "rules" / "vocabularies"


def index(name):
    rules = Vocabulary.model_validate(tomllib.loads((RULES / f"{name}.toml").read_text("utf-8")))
    return vocabulary_index(rules.values, rules.drop)


EVERY = {name: index(name) for name in ("city", "country", "region")}


def answer(kind, *values):
    rules = Settings(vocabulary=EVERY.get(kind, {}), vocabularies=EVERY, placeholders=frozenset({"н/д"}))
    return normalized(kind, pl.Series(values, dtype=pl.String), rules)


def beside(value, country=None, region=None):
    pair = pl.DataFrame({"value": [value], "country": [country], "region": [region]}, schema_overrides=TEXTS)
    return cities_in(pair, Settings(vocabulary=EVERY["city"], vocabularies=EVERY)).row(0, named=True)


TEXTS = {"value": pl.String(), "country": pl.String(), "region": pl.String()}


@pytest.mark.parametrize(
    ("written", "clean", "country"),
    [
        ("г. Москва", "Москва", "RU"),
        ("Москва г", "Москва", "RU"),
        ("MOSCOW", "Москва", "RU"),
        ("Мск", "Москва", "RU"),
        ("м. Київ", "Київ", "UA"),
        ("Киев, Украина", "Київ", "UA"),
        ("Россия, Москва", "Москва", "RU"),
        ("Московская обл., г. Химки", "Химки", "RU"),
        ("вышний волочек", "Вышний Волочёк", "RU"),
        ("Ростов на Дону", "Ростов-на-Дону", "RU"),
        ("Chicago, IL", "Chicago", "US"),
        ("Knutsford", "Knutsford", "GB"),
    ],
)
def test_a_city_gets_its_own_name(written, clean, country):
    found = answer("city", written).row(0, named=True)
    assert (found["clean"], found["country"], found["status"]) == (clean, country, "valid")
    assert (found["rule"] is None) == (written == clean)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("Springfield", "city.ambiguous"),
        ("Мирный", "city.ambiguous"),
        ("Миколаївка", "city.ambiguous"),
        ("с. Ивановка", "city.ambiguous"),
        ("Киев/Бровары", "city.several"),
        ("Москва, ул. Ленина 5", "city.more"),
        ("Новосибирк", "city.typo"),
        ("Абракадабринск", "vocabulary.unknown"),
        ("Moscow, Idaho", None),
        ("Rome, Georgia", "city.more"),
    ],
)
def test_what_is_not_certain_is_kept(written, code):
    found = answer("city", written).row(0, named=True)
    assert (found["clean"], found["rule"], found["code"]) == (written, None, code)


def test_an_older_name_is_told():
    found = answer("city", "Червоноград", "Днепропетровск").select("clean", "code", "suggestion").rows()
    assert found == [("Шептицький", "city.renamed", "Шептицький"), ("Дніпро", "city.renamed", "Дніпро")]


def test_a_likely_name_is_only_suggested():
    assert answer("city", "Екатиринбург")["suggestion"].to_list() == ["Екатеринбург"]


@pytest.mark.parametrize(
    ("value", "country", "region", "clean", "found_in"),
    [
        ("Moscow", "US", None, "Moscow", "US-ID"),
        ("Донецк", "RU", None, "Донецк", "RU-ROS"),
        ("Донецк", None, None, "Донецьк", "UA-14"),
        ("Киров", None, "RU-KLU", "Киров", "RU-KLU"),
        ("Springfield", "US", "US-IL", "Springfield", "US-IL"),
        ("Москва", "RU", "RU-MOS", "Москва", "RU-MOW"),
    ],
)
def test_the_row_decides_which_place_is_meant(value, country, region, clean, found_in):
    found = beside(value, country, region)
    assert (found["clean"], found["region"], found["code"]) == (clean, found_in, None)


def test_the_rule_says_that_the_row_decided():
    assert beside("г. Благовещенск", region="RU-AMU")["rule"] == "city.row"


def test_a_city_that_is_not_in_its_country_is_flagged():
    assert beside("Казань", "UA")["code"] == "city.elsewhere"


def test_names_of_places_that_two_countries_list_stay_and_the_country_is_what_the_row_says():
    found = answer("city", "Феодосия", "Феодосія").select("clean", "country", "code").rows()
    assert found == [("Феодосия", None, None), ("Феодосія", None, None)]
    assert beside("Феодосия", "UA")["country"] == "UA"


def test_a_place_that_two_countries_list_is_not_renamed():
    assert answer("city", "Красноперекопск").select("clean", "rule", "code").row(0) == ("Красноперекопск", None, None)


def test_a_cyrillic_name_does_not_become_a_latin_one():
    clean = answer("city", *names().filter(~pl.col("own"))["key"].unique(maintain_order=True).gather_every(11))
    ours = clean.filter(pl.col("value").str.contains("^[а-я -]+$") & pl.col("country").is_in(["RU", "UA", "BY"]))
    assert ours.filter(pl.col("clean").str.contains("^[A-Za-z' -]+$"))["value"].to_list() == []
    assert ours.height > 400


OWN = {"Новый Город": ("НГ",), "Днепропетровск": ("Днепр",), "Лес": (), "Киев": ("Київ",)}


@pytest.mark.parametrize(
    ("written", "clean"),
    [
        ("Новый Город", "Новый Город"),
        ("г. новый город", "Новый Город"),
        ("НГ", "Новый Город"),
        ("Днепропетровск", "Днепропетровск"),
        ("Днепр", "Днепропетровск"),
        ("Лес", "Лес"),
        ("Kyiv", "Киев"),
    ],
)
def test_a_value_of_the_workspace_goes_before_the_gazetteer(written, clean):
    rules = Settings(vocabulary=vocabulary_index(OWN, ()), vocabularies=EVERY)
    found = normalized("city", pl.Series([written]), rules).row(0, named=True)
    assert (found["clean"], found["status"]) == (clean, "valid")


def test_a_village_is_no_large_city():
    assert answer("city", "дер. Москва").row(0, named=True)["clean"] == "дер. Москва"


def test_every_name_of_the_gazetteer_is_settled_after_one_cleaning():
    own = places()["name"].unique(maintain_order=True).gather_every(7)
    other = names().filter(~pl.col("own"))["key"].unique(maintain_order=True).gather_every(29)
    clean = answer("city", *own, *other.filter(~other.is_in(own.implode())))["clean"].drop_nulls().unique().sort()
    again = answer("city", *clean).filter(pl.col("clean") != pl.col("value"))
    assert again.select("value", "clean").rows() == []


@settings(max_examples=settings().max_examples // 4)
@given(
    st.lists(
        st.sampled_from(["г. Муром", "Киев, Москва", "Moscow, ID", "н/д", " Буча "]) | st.text(max_size=9),
        min_size=4,
        max_size=24,
    )
)
def test_cleaning_twice_is_cleaning_once(values):
    for kind in ("city", "region", "country", "postcode"):
        clean = answer(kind, *dict.fromkeys(values))["clean"].drop_nulls().unique().sort()
        assert answer(kind, *clean)["clean"].to_list() == clean.to_list()


def test_codes_are_in_the_catalogue():
    for code in ("ambiguous", "renamed", "elsewhere", "several", "more", "typo"):
        assert f"city.{code}" in CATALOGUE


@pytest.mark.parametrize(
    ("written", "clean", "iso"),
    [
        ("Московская обл.", "Московская область", "RU-MOS"),
        ("обл Тверская", "Тверская область", "RU-TVE"),
        ("Респ Алтай", "Республика Алтай", "RU-AL"),
        ("Алтайский край", "Алтайский край", "RU-ALT"),
        ("Киевская область", "Київська область", "UA-32"),
        ("Moscow Oblast", "Московская область", "RU-MOS"),
        ("California", "California", "US-CA"),
        ("CA", "CA", None),
    ],
)
def test_regions(written, clean, iso):
    assert answer("region", written).select("clean", "iso").row(0) == (clean, iso)


@pytest.mark.parametrize(
    ("written", "clean", "status"),
    [
        ("РФ", "RU", "valid"),
        ("U.S.A", "US", "valid"),
        ("Англія", "GB", "valid"),
        ("Тридевятое", "Тридевятое", "possible"),
    ],
)
def test_countries(written, clean, status):
    assert answer("country", written).select("clean", "status").row(0) == (clean, status)


@pytest.mark.parametrize(
    ("written", "clean", "code"),
    [
        ("101 000", "101000", None),
        ("12345.0", "12345", None),
        ("sw1a1aa", "SW1A 1AA", None),
        ("Индекс 101000", "101000", None),
        ("нетушки", "нетушки", "postcode.invalid"),
        ("-", None, "value.placeholder"),
    ],
)
def test_postcodes(written, clean, code):
    assert answer("postcode", written).select("clean", "code").row(0) == (clean, code)


def test_a_postcode_among_longer_ones_may_have_lost_its_zero():
    found = answer("postcode", "1001", "65001", "79000").row(0, named=True)
    assert (found["clean"], found["code"], found["suggestion"]) == ("1001", "postcode.zero", "01001")
    assert answer("postcode", "1001", "8002", "1020")["code"].null_count() == 3


def test_keys_are_alike_for_spellings_of_one_name():
    assert keys(pl.Series(["Ростов-на-Дону", "ростов на  дону"])).n_unique() == 1
