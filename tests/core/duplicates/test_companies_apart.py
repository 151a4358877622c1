"""What companies are compared by: base name, legal form, domain."""

import subprocess
import sys

import numpy as np
import polars as pl
import pytest

from crmtool.core.duplicates import companies, matching
from crmtool.core.rules import Match
from crmtool.io import gathering, rulebook

FORMS = gathering.forms(rulebook.loaded(rulebook.defaults()))


def table(**columns):
    lists = pl.List(pl.String())
    types = {"name": pl.String(), "company": pl.String(), "email": lists, "site": lists}
    many = max(len(values) for values in columns.values())
    return pl.DataFrame({name: columns.get(name, [None] * many) for name in types}, schema=types)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ООО «Ромашка»", "Romashka LLC"),
        ("ТОВ «Ромашка»", "Общество с ограниченной ответственностью «Ромашка»"),
        ("ЗАО «Вектор»", "Vektor CJSC"),
        ("ФОП Коваль Іван Петрович", "ИП Коваль Іван Петрович"),
    ],
)
def test_forms_that_translate_one_another_are_one(one, other):
    found = companies.apart(table(name=[one, other]), FORMS)
    assert found["legal_form"].n_unique() == 1
    assert found["legal_form"].null_count() == 0


@pytest.mark.parametrize(("one", "other"), [("ООО «Альфа»", "АО «Альфа»"), ("Alpha Ltd.", "Alpha Inc.")])
def test_other_forms_of_one_name_stay_two(one, other):
    found = companies.apart(table(name=[one, other]), FORMS)
    assert found["name"].n_unique() == 1
    assert found["legal_form"].n_unique() == 2


def test_a_name_is_told_once_and_without_its_form():
    found = companies.apart(table(name=["ООО «Ромашка»", None], company=["ООО «Ромашка»", "Acme Inc."]), FORMS)
    assert found["name"].to_list() == ["Ромашка", "Acme"]
    assert not {"company", "site"} & {*found.columns}


def test_domains_come_from_sites_and_from_mail_of_its_own():
    sites = [["https://www.romashka.example/about"], None, None]
    mail = [["info@romashka.example"], ["Sales@Romashka.example", "romashka@gmail.com"], ["romashka@mail.ru"]]
    found = companies.apart(table(name=["А", "Б", "В"], site=sites, email=mail), FORMS)
    assert found["domain"].to_list() == [["romashka.example"], ["romashka.example"], None]


def test_a_column_that_is_not_there_is_not_asked_for():
    found = companies.apart(pl.DataFrame({"company": ["ООО «Ромашка»", "Acme"]}), FORMS)
    assert found.select("name", "legal_form", "domain").rows() == [("Ромашка", "ООО", None), ("Acme", None, None)]


def test_none_are_taken_apart_into_none():
    found = companies.apart(table(name=[]), FORMS)
    assert not found.height
    assert {*companies.COLUMNS} <= {*found.columns}


def test_another_form_speaks_against_and_the_same_name_is_not_counted_twice():
    forms = ["ООО", "АО", "ПАО", "ЗАО"]
    words = [
        f"{one}{other}" for one in ("Вектор", "Заря", "Север", "Луч", "Мир") for other in ("плюс", "сервис", "строй")
    ]
    names = [f"{forms[i % 4]} «{words[i % 15]} {i // 15}»" for i in range(600)]
    phones = [[f"+7916{i:07}"] for i in range(600)]
    doubled = pl.concat([table(name=names), table(name=names[:200])]).with_columns(
        phone=pl.Series(phones + phones[:200])
    )
    found = matching.matched(companies.apart(doubled, FORMS), Match())
    assert {c.name for c in found.comparisons} == {"name", "legal_form", "phone"}
    assert (found.certain[600:] == np.arange(200)).all()
    bits = np.log2(found.weights.m["legal_form"] / found.weights.u["legal_form"])
    assert bits[0] > 0 > bits[1]


def test_domains_take_no_more_room_than_their_column():
    """Asked list by list, each company held the whole list of free mail: a gigabyte for these, ten for a million."""
    work = """
import resource
import polars as pl
from crmtool.core.duplicates import companies
many = 5_000
table = {"name": [f"Firm {n}" for n in range(many)], "email": [[f"info@firm{n}.example"] for n in range(many)]}
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
assert companies.apart(pl.DataFrame(table), {})["domain"].null_count() == 0
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""
    told = subprocess.run([sys.executable, "-c", work], capture_output=True, text=True, check=True)
    assert int(told.stdout) < 400
