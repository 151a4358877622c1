"""The heading proposes, the cells agree or object, and what is not sure is a question."""

import polars as pl
import pytest

from crmtool.core.imports import content, likeness
from crmtool.core.imports.guessing import ASKED, NOTHING, SURE, chosen

NAMES = {
    "Имя": "given_name",
    "ФИО": "name",
    "Контакт": "name",
    "Телефон": "phone",
    "Мобильный": "phone.mobile",
    "Email": "email",
    "Город": "city",
    "Менеджер": "owner",
    "Проверено": "verified_on",
    "Теги": "tags",
    "Сайт": "site",
}
KNOWN = likeness.index(NAMES)
PHONES = ["+380501112233", "+380671112233", "+380931112233"]
PAGES = ["https://x.ua/p/q1", "https://x.ua/p/q22", "https://x.ua/a.b.jpg"]
MAILS = ["ada@x.ua", "eva@x.ua", "ivan@y.ua"]
PEOPLE = ["Петров Иван", "Сидоренко Олена", "Коваль Марія"]


def choice(heading, cells=()):
    looks = content.looks(pl.Series(cells, dtype=pl.String), {})
    return chosen(heading, NAMES.get(heading), KNOWN, looks)


@pytest.mark.parametrize(
    ("heading", "cells", "target", "how"),
    [
        ("Телефон", PHONES, "phone", "heading"),
        ("Контакт", PHONES, "phone", "content"),
        ("Контакт", MAILS, "email", "content"),
        ("Телефон", MAILS, "email", "content"),
        ("Имя", PEOPLE, "name", "content"),
        ("Имя", ["Иван", "Олена", "Марія"], "given_name", "heading"),
        ("Имя", ["Ana Carolina"], "given_name", "heading"),
        ("телефон мобильный", (), "phone.mobile", "similar heading"),
        ("Column 5", PHONES, "phone", "content"),
        ("", MAILS, "email", "content"),
        ("Поле 2", PEOPLE, "name", "content"),
        ("Your data", MAILS, "email", "content"),
        ("Теги", PEOPLE, "name", "content"),
    ],
)
def test_what_is_sure(heading, cells, target, how):
    found = choice(heading, cells)
    assert (found.target, found.how) == (target, how)
    assert found.confidence >= SURE


@pytest.mark.parametrize(
    ("heading", "cells", "target"),
    [
        ("Security contact email", MAILS, "email"),
        ("Куда писать", MAILS, "email"),
        ("Кому отдать", PEOPLE, "name"),
        ("Телефон охраны", PHONES, "phone"),
    ],
)
def test_what_is_a_question(heading, cells, target):
    found = choice(heading, cells)
    assert found.target == target
    assert ASKED <= found.confidence < SURE


@pytest.mark.parametrize(
    ("heading", "cells"),
    [
        ("Менеджер e-mail", MAILS),
        ("Телефон подтверждён", ["да", "нет", "да"]),
        ("Телефон", ["да", "нет", "есть"]),
        ("Проверено", ["да", "нет", "+"]),
        ("Подарок", ["кружка", "ручка", "блокнот"]),
        ("Column 5", ["1", "2", "3"]),
        ("Номер заказа", ["10001", "10002"]),
        ("Имя", PAGES),
        ("Теги", PAGES),
    ],
)
def test_what_is_no_field(heading, cells):
    assert choice(heading, cells) == NOTHING


@pytest.mark.parametrize("heading", ["Проверено кем-то", "Сайт охраны"])
def test_a_similar_heading_over_cells_of_no_such_kind_is_doubted(heading):
    plain, doubted = choice(heading), choice(heading, ["красный", "синий", "белый"])
    assert doubted.confidence < plain.confidence


def test_a_similar_heading_over_cells_of_another_kind_is_no_sure_phone():
    assert choice("Мой телефонн", ["красный", "синий", "белый"]).confidence < SURE
