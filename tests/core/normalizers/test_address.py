"""Addresses: one look where all is known, parts where they are certain, nothing guessed."""

import tomllib
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmtool.core.normalizers import address_words as words
from crmtool.core.normalizers.registry import Settings, normalized
from crmtool.core.normalizers.vocabulary import vocabulary_index
from crmtool.core.rules import Vocabulary

RULES = Path(__file__).resolve().parents[3] / "rules" / "vocabularies"
PARTS = ("postcode", "country", "region", "city", "street", "house", "building", "flat")


def index(name):
    rules = Vocabulary.model_validate(tomllib.loads((RULES / f"{name}.toml").read_text("utf-8")))
    return vocabulary_index(rules.values, rules.drop)


SETTINGS = Settings(
    vocabularies={name: index(name) for name in ("city", "country", "region")}, placeholders=frozenset({"н/д"})
)


def answers(*values):
    return normalized("address", pl.Series(values, dtype=pl.String), SETTINGS)


def parts(value):
    found = answers(value).row(0, named=True)
    return {part: found[part] for part in PARTS if found[part] is not None}


@pytest.mark.parametrize(
    ("written", "clean"),
    [
        ("101000, г.Москва, ул.Тверская, д.5, кв.10", "101000, г. Москва, ул. Тверская, д. 5, кв. 10"),
        ("г Москва ул Тверская д 5 кв 3", "г. Москва, ул. Тверская, д. 5, кв. 3"),
        ("Тверская ул., 5а", "ул. Тверская, д. 5а"),
        ("улица М. Горького, дом 12, корпус 2, квартира 7", "ул. М. Горького, д. 12, корп. 2, кв. 7"),
        ("Невский проспект 28, Санкт-Петербург, 191186", "191186, Санкт-Петербург, пр-т Невский, д. 28"),
        ("Московская обл., г. Химки, микрорайон Сходня, ул. 8 Марта 15", None),
        ("Київ, вулиця Шевченка 5а, 01001", "01001, Київ, вул. Шевченка, буд. 5а"),
        ("Одеса\nвул. Дерибасівська, 1", "Одеса, вул. Дерибасівська, буд. 1"),
        ("наб. реки Мойки 12 строение 1 литера А", "наб. реки Мойки, д. 12, стр. 1, лит. А"),
    ],
)
def test_a_line_that_is_understood_gets_one_look(written, clean):
    found = answers(written).row(0, named=True)
    wanted = clean or "Московская обл., г. Химки, мкр Сходня, ул. 8 Марта, д. 15"
    assert (found["clean"], found["rule"], found["status"]) == (wanted, "address.look", "valid")


@pytest.mark.parametrize(
    "written",
    [
        "Ленина 5",
        "ул. Ленина, 5, 10",
        "БЦ Ромашка, ул. Ленина, д. 5",
        "г. Москва, г. Химки, ул. Ленина, д. 5",
        "ул. Ленина г. Москва",
        "123 Main St Apt 4, Oakland, CA 94789",
        "д. Ивановка, 5",
        "ул. Ленина 5 12",
    ],
)
def test_any_other_line_stays_as_it_is(written):
    found = answers(written).row(0, named=True)
    assert (found["clean"], found["rule"]) == (written, None)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (
            "Россия, Московская обл., г. Химки, ул. Мичурина, 15, корп. 2, кв. 8",
            {
                "country": "RU",
                "region": "Московская область",
                "city": "Химки",
                "street": "ул. Мичурина",
                "house": "15",
                "building": "2",
                "flat": "8",
            },
        ),
        (
            "123 Main St Apt 456 Oakland CA 94789",
            {
                "postcode": "94789",
                "region": "California",
                "city": "Oakland",
                "street": "Main St",
                "house": "123",
                "flat": "456",
            },
        ),
        (
            "1A Egmont Road, Middlesbrough, TS4 2HT",
            {"postcode": "TS4 2HT", "city": "Middlesbrough", "street": "Egmont Road", "house": "1A"},
        ),
        ("БЦ Ромашка, ул. Ленина, д. 5, оф. 3", {"street": "ул. Ленина", "house": "5", "flat": "оф. 3"}),
        ("Москва, г. Москва, ул. Лесная", {"city": "Москва", "street": "ул. Лесная"}),
        ("Кафе 12 Main St", {}),
        ("г. Киев, ул. Крещатик", {"city": "Київ", "street": "ул. Крещатик"}),
        ("Moscow, ID 83843", {"postcode": "83843", "region": "Idaho", "city": "Moscow"}),
        ("Новгородская обл., г. Холм", {"region": "Новгородская область", "city": "Холм"}),
        ("мкр 5, д. 12", {"street": "мкр 5", "house": "12"}),
        ("ул. Ленина, 5, 10", {"street": "ул. Ленина", "house": "5"}),
        ("ул. Ленина, ул. Мира, д. 5", {"house": "5"}),
        ("у метро, спросить Анну", {}),
    ],
)
def test_parts_are_told_where_they_are_certain(written, expected):
    assert parts(written) == expected


def test_a_placeholder_is_unknown():
    assert answers("н/д").select("clean", "code", "status").row(0) == (None, "value.placeholder", "unknown")


def test_a_long_text_is_left_alone():
    text = "ул. Ленина, д. 5, " * 60
    assert answers(text.strip()).select("clean", "street").row(0) == (text.strip(), None)


def test_every_look_is_one_of_its_words():
    for table in (words.STREETS, words.QUARTERS, words.SETTLEMENTS, *words.NUMBERS.values()):
        for look, known in table.items():
            assert look.rstrip(".") in known


PIECES = st.sampled_from(
    [
        *("101000", "01001", "Россия", "Україна", "Московская обл.", "г. Москва", "Москва", "м. Київ", "с. Ивановка"),
        *("мкр. Сходня", "мкр 5", "ул. Ленина", "ул.Ленина 5", "улица 8 Марта, 12", "Тверская ул. 5а", "пр. Мира"),
        *("вул. Шевченка", "вулиця Лесі Українки, буд. 5", "дом 5", "д.5", "5а", "10-12", "корп 2", "к2", "лит. А"),
        *("кв 10", "оф. 3-н", "этаж 3", "БЦ Ромашка", "123 Main St", "Apt 4", "Oakland CA 94789", "SW1A 2AA", "London"),
        *("ул.", "-", "№ 5", "15к2", "ПЕР. СОЛДАТСКИЙ Д. 4", "1-я линия", "Ленинский р-н", "St. Petersburg", "1"),
    ]
)
LINES = st.lists(st.tuples(PIECES, st.sampled_from([", ", " ", ",", "; ", "\n"])), max_size=6)


@settings(max_examples=settings().max_examples // 4)
@given(st.lists(LINES.map(lambda line: "".join(map("".join, line))) | st.text(max_size=20), min_size=1, max_size=40))
def test_cleaning_twice_is_cleaning_once(values):
    once = answers(*dict.fromkeys(values))["clean"].drop_nulls().unique(maintain_order=True)
    assert answers(*once)["clean"].to_list() == once.to_list()
