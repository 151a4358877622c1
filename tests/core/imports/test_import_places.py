"""What a whole address gives a contact: its place, where it is sure, and nothing against other columns."""

import polars as pl
import pytest

from crmtool.core.imports import cleaning, mapping
from crmtool.io import rulebook

RULES = rulebook.loaded(rulebook.defaults())
SYNONYMS = {name: vocabulary.index for name, vocabulary in RULES.vocabularies.items()}
MOSCOW = "101000, Россия, г. Москва, ул. Тверская, д. 5"
PLACE = ("country", "region", "city", "postcode")


def read(columns=None, **cells):
    frame = pl.DataFrame({"Имя": ["Ада"], **{name: [cell] for name, cell in cells.items()}})
    frame = frame.with_columns(pl.all().cast(pl.String))
    mapped = mapping.mapped(frame.columns, RULES, columns=columns or {})
    return cleaning.cleaned(frame, pl.Series([2]), mapped, RULES, SYNONYMS)


def place(**cells):
    row = read(**cells).records.row(0, named=True)
    return {part: row[part] for part in PLACE if row[part]}


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"Адрес": MOSCOW}, {"country": "RU", "city": "Москва", "postcode": "101000"}),
        ({"Адрес": "Україна, м. Одеса, вул. Дерибасівська, 1"}, {"country": "UA", "city": "Одеса"}),
        (
            {"Address": "123 Main St, Oakland, CA 94789"},
            {"region": "California", "city": "Oakland", "postcode": "94789"},
        ),
        ({"Адрес": "ул. Ленина, д. 5"}, {}),
        ({"Адрес": "г. Никольск, ул. Ленина, 5"}, {}),
        (
            {"Адрес": "Пензенская обл., г. Никольск, ул. Ленина, 5"},
            {"region": "Пензенская область", "city": "Никольск"},
        ),
        ({"Адрес": MOSCOW, "Город": None}, {"country": "RU", "city": "Москва", "postcode": "101000"}),
        ({"Адрес": MOSCOW, "Город": "москва"}, {"country": "RU", "city": "Москва", "postcode": "101000"}),
        ({"Адрес": MOSCOW, "Город": "Тверь"}, {"city": "Тверь"}),
        ({"Адрес": MOSCOW, "Индекс": "101001"}, {"postcode": "101001"}),
        ({"Адрес": "г. Москва, ул. Тверская, д. 5", "Страна": "Украина"}, {"country": "UA"}),
        ({"Адрес": "г. Москва, ул. Тверская, д. 5", "Страна": "Россия"}, {"country": "RU", "city": "Москва"}),
        ({"Адрес": None}, {}),
    ],
)
def test_the_place_of_an_address_fills_what_is_empty(cells, expected):
    assert place(**cells) == expected


def test_two_addresses_of_one_row_do_not_mix():
    columns = {"Home": "address.home", "Town": "city.home", "Work": "address.work", "Work town": "city.work"}
    row = read(columns, **dict(zip(columns, ("ул. Мира, 1", None, MOSCOW, None), strict=True))).records.row(
        0, named=True
    )
    assert (row["address"], row["city"]) == ("ул. Мира, д. 1", None)


def test_each_part_names_its_rule():
    steps = read(Адрес=MOSCOW).steps
    rules = {step.target: step.values["rule"].to_list() for step in steps if step.target in PLACE}
    assert rules == {part: [f"address.{part}"] if part != "region" else [] for part in PLACE}


def test_a_city_as_several_are_called_is_told():
    found = read(Адрес="г. Никольск, ул. Ленина, 5").findings
    told = found.filter(pl.col("code") == "address.city_shared").select("row", "column", "field", "suggestion")
    assert told.rows() == [(2, "Адрес", "city", "Никольск")]
