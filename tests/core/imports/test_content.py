"""What cells look like."""

import polars as pl
import pytest

from crmtool.core.imports.content import MOST, folded_words, looks, sampled
from crmtool.core.rules import Vocabulary

CITY = {"city": folded_words(Vocabulary(title="", values={"Київ": ("Киев", "Kyiv")}))}
CELLS = {
    "phone": ["+38 (050) 111-22-33", "89161234567", "p:+79161234567", "8 916 123-45-67 доб. 12", "0501112233"],
    "email": ["ada@mail.ua", "ИВАН@почта.рф", "a@x.ua, b@y.ua", "Ada <ada@mail.ua>"],
    "date": ["05.03.2024", "2024-03-05 10:00", "3/5/24"],
    "site": ["https://x.ua/a?b", "www.site.com", "x.com.ua", "кафе.рф"],
    "yes_no": ["да", "Нет", "TRUE", "1", "+"],
    "full_name": ["Петров Иван Сергеевич", "Іван Петренко", "Петров И.С.", "Smith, John"],
    "given_name": ["Иван", "Олена", "John"],
    "family_name": ["Петров", "Шевченко", "Ковальчук"],
    "patronymic": ["Иванович", "Сергеевна", "Олександрівна"],
    "company": ["ООО «Ромашка»", "ТОВ Зоря", "Acme Ltd.", "Ромашка, ООО"],
    "postcode": ["01001", "101000", "12345-6789"],
    "tax_id": ["7707083893", "500100732259"],
    "handle": ["@ada_l", "@ivan99"],
    "city": ["Киев", "KYIV", "київ"],
}


@pytest.mark.parametrize("look", CELLS)
def test_a_look_is_seen(look):
    assert looks(pl.Series(CELLS[look]), CITY)[look] == 1.0


@pytest.mark.parametrize(
    ("look", "cells"),
    [
        ("phone", ["05.03.2024", "2024-03-05", "10482", "7707083893", "192.168.10.12.5.6.7.8", "1 000 000", "да"]),
        ("email", ["@ada", "ada@", "mail.ua", "a b@c"]),
        ("full_name", ["Склад 5 этаж", "Иван", "ООО Ромашка", "https://x.ua/a.b.jpg", "a.b.c"]),
        ("company", ["Аоки", "Инструмент", "Ип"]),
        ("tax_id", ["7707083894", "1234567890", "12"]),
        ("site", ["ada@mail.ua", "1.5", "v2.0", "т.е."]),
    ],
)
def test_another_look_is_not_taken_for_it(look, cells):
    assert looks(pl.Series(cells), CITY)[look] == 0.0


def test_nothing_looks_like_nothing():
    assert looks(pl.Series([], dtype=pl.String), CITY) == {}
    assert looks(pl.Series(["", "\u200b"]), CITY) == {}


def test_a_sample_is_small_and_holds_each_value_once():
    found = sampled(pl.Series([None, " a ", "a", *map(str, range(9000))]))
    assert found[0] == "a"
    assert len(found) == found.n_unique() == MOST
