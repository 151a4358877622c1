"""E-mail addresses: cells, repairs, syntax against the library, the law."""

import polars as pl
import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given, settings
from hypothesis import strategies as st

from crmtool.core.normalizers.email import email
from crmtool.core.normalizers.registry import Settings

SETTINGS = Settings(email_typos={"gmial.com": "gmail.com"}, placeholders=frozenset({"нет"}))


def answer(*values):
    return email(pl.Series(values, dtype=pl.String), SETTINGS)


@pytest.mark.parametrize(
    ("written", "addresses"),
    [
        ("IVAN@Mail.RU", ["ivan@mail.ru"]),
        ("mailto:ivan@mail.ru", ["ivan@mail.ru"]),
        ("Иван Петров <ivan@mail.ru>", ["ivan@mail.ru"]),
        ('"Петров, Иван" <ivan@mail.ru>, b@mail.ru', ["ivan@mail.ru", "b@mail.ru"]),
        ("Петров, Иван <ivan@mail.ru>", ["ivan@mail.ru"]),
        ("a@b.ru, c@d.ru; e@f.ru", ["a@b.ru", "c@d.ru", "e@f.ru"]),
        ("a@b.ru c@d.ru e@f.ru", ["a@b.ru", "c@d.ru", "e@f.ru"]),
        ("a@b.ru\nc@d.ru", ["a@b.ru", "c@d.ru"]),
        ("ivan @ mail.ru", ["ivan@mail.ru"]),
        ("info@firm.example", ["info@firm.example"]),
        ("x@host.test", ["x@host.test"]),
        ("foo@bücher.example", ["foo@xn--bcher-kva.example"]),
        ("иван@почта.рф", ["иван@xn--80a1acny.xn--p1ai"]),
        ("ivan petrov@mail.ru", [None]),
        ("ivan@mail,ru", [None]),
        ("a@@b.ru", [None]),
        ("ivan", [None]),
        (".van@mail.ru", [None]),
        ("a@localhost", [None]),
        ("a@b.ru; ivan", ["a@b.ru", None]),
    ],
)
def test_addresses_of_a_cell(written, addresses):
    found = answer(written)
    assert found["clean"].to_list() == addresses
    assert found["seq"].to_list() == list(range(len(addresses)))
    assert found["code"].to_list() == [None if address else "email.invalid" for address in addresses]


@pytest.mark.parametrize(
    ("written", "repaired"),
    [
        ("ivаn@mаil.ru", "ivan@mail.ru"),  # Cyrillic а
        ("IVАN@MAIL.RU", "ivan@mail.ru"),  # Cyrillic А
        ("ivan@mail.сом", "ivan@mail.com"),
        ("ivan@mail.ru.", "ivan@mail.ru"),
        ("(ivan@mail.ru)", "ivan@mail.ru"),
    ],
)
def test_repairs_are_reported(written, repaired):
    row = answer(written).row(0, named=True)
    assert (row["clean"], row["code"], row["suggestion"]) == (repaired, "email.repaired", repaired)


def test_words_of_one_alphabet_are_not_repaired():
    assert answer("оса@mail.ru", "иван@сор.рф")["code"].to_list() == [None, None]


def test_typos_are_suggested_never_written():
    row = answer("x@gmial.com").row(0, named=True)
    assert (row["clean"], row["code"], row["suggestion"]) == ("x@gmial.com", "email.typo", "x@gmail.com")


def test_roles():
    types = answer("info@a.ru", "Sales+x@a.ru", "infoivan@a.ru", "zakaz@a.ru", "-", "a@@b")["type"].to_list()
    assert types == ["role", "role", "personal", "role", None, None]


WORDS = st.text(alphabet="abZ9.-_+'!яаéß\u0301xn", min_size=1, max_size=8)


@settings(deadline=None)  # a shared machine is no fault of the code
@given(st.tuples(WORDS, WORDS, st.sampled_from(["ru", "рф", "c", "example", "", "x_y"])))
def test_syntax_is_that_of_the_library(parts):
    address = f"{parts[0]}@{parts[1]}.{parts[2]}"
    found = answer(address).row(0, named=True)
    if found["code"] == "email.repaired":
        address = found["clean"]
    try:
        valid = validate_email(address.lower(), check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        assert found["clean"] is None
    else:
        assert found["clean"] == f"{valid.local_part.lower()}@{valid.ascii_domain}"


@settings(deadline=None)  # a shared machine is no fault of the code
@given(st.lists(st.text(alphabet="abЯаé@@. ,;<>\"'-ru\n", max_size=14), max_size=6, unique=True))
def test_cleaning_twice_is_cleaning_once(values):
    once = answer(*values)["clean"].drop_nulls().unique()
    again = answer(*once)
    assert again["clean"].to_list() == once.to_list()
    assert again["rule"].null_count() == again["code"].null_count() == len(once)
