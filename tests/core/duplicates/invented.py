"""Invented people who are not one, and some who are."""

import random

import polars as pl

_GIVEN = ["Иван", "Пётр", "Олена", "Марія", "Anna", "John", "Ольга", "Сергей", "Kate", "Юрій"]
_START, _END = (
    ["Кова", "Петро", "Сидо", "Бел", "Гри", "Лит", "Зай", "Вол", "Мор", "Смир"],
    ["ленко", "ров", "чук", "ский", "дзе"],
)
_CITIES = ["Москва", "Київ", "Львов", "London", "Тула", "Одеса"]


def people(count, seed=1, doubled=0.4):
    """Return invented parties and who they are: some come twice, the second time with an error."""
    chance, rows = random.Random(seed), []
    for person in range(count):
        family = chance.choice(_START) + chance.choice("абвгд") + chance.choice(_END)
        row = {
            "given_name": chance.choice(_GIVEN),
            "family_name": family,
            "city": chance.choice(_CITIES),
            "birthday": f"19{chance.randint(50, 99)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
            "phone": [f"+7916{chance.randint(0, 9_999_999):07}"],
            "email": [f"box{chance.randint(0, 10**9)}@pochta.example"],
        }
        rows.append((person, row))
        if chance.random() < doubled:
            other = dict(row)
            for field in chance.sample(["phone", "email", "city", "birthday"], 2):
                other[field] = None
            if chance.random() < 0.5:
                other["family_name"] = family[:-2] + family[-1] + family[-2]
            rows.append((person, other))
    chance.shuffle(rows)
    return pl.DataFrame([row for _, row in rows]), pl.Series([person for person, _ in rows])
