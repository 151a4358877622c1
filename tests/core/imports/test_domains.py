"""Companies by the domain of a mail address."""

import polars as pl
import pytest

from crmtool.core.imports.domains import suggested

KNOWN = [
    ("anna@romashka.example", "ООО «Ромашка»"),
    ("info@romashka.example", "ООО Ромашка"),
    ("oleg@romashka.example", "ООО «Ромашка»"),
    ("a@shared.example", "ООО «Лютик»"),
    ("b@shared.example", "ТОВ «Мрія»"),
    ("c@gmail.com", "Acme Ltd."),
    ("d@acme.example", None),
    ("https://www.fialka.example/about", "ТОВ «Фіалка»"),
    ("vk.com/lutik", "ООО «Лютик»"),
]


def frame(rows, *names):
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")


def suggestions(email, company=None):
    people = frame([(email, company)], "email", "company").with_row_index("row", 2)
    return suggested(people, frame(KNOWN, "address", "company"))["suggestion"].to_list()


def test_a_domain_of_one_company_suggests_its_commonest_spelling():
    assert suggestions("Ivan@Romashka.example") == ["ООО «Ромашка»"]


def test_the_site_of_a_company_speaks_for_it():
    assert suggestions("olha@fialka.example") == ["ТОВ «Фіалка»"]


@pytest.mark.parametrize(
    "email",
    ["x@vk.com", "x@shared.example", "x@gmail.com", "x@acme.example", "x@other.example", "romashka.example", None],
)
def test_nothing_is_suggested_without_proof(email):
    assert suggestions(email) == []


def test_who_has_a_company_is_left_alone():
    assert suggestions("ivan@romashka.example", "ИП Иванов") == []


def test_a_subdomain_of_free_mail_is_free_mail():
    people = frame([("x@team.yandex.ru", None)], "email", "company").with_row_index("row", 2)
    assert suggested(people, frame([("y@team.yandex.ru", "Acme")], "address", "company")).is_empty()


def test_it_is_a_finding_at_the_row():
    people = frame([("ivan@romashka.example", None)], "email", "company").with_row_index("row", 7)
    found = suggested(people, frame(KNOWN, "address", "company")).row(0, named=True)
    assert (found["row"], found["field"], found["code"], found["severity"]) == (
        7,
        "company",
        "company.by_domain",
        "note",
    )
