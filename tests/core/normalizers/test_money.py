"""Amounts of money in every way of writing them."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmtool.core.normalizers.money import money
from crmtool.core.normalizers.registry import Settings


def clean(*values):
    return money(pl.Series(values, dtype=pl.String), Settings())["clean"].to_list()


def code(*values):
    return money(pl.Series(values, dtype=pl.String), Settings())["code"].to_list()


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("1 234,56 ₽", "1234.56 RUB"),
        ("1\u00a0234\u00a0567,5 руб.", "1234567.5 RUB"),
        ("1,234.56 USD", "1234.56 USD"),
        ("$1,234.56", "1234.56 USD"),
        ("-$5", "-5 USD"),
        ("($5.00)", "-5.00 USD"),
        ("1.234.567,89 €", "1234567.89 EUR"),
        ("12 тыс. руб.", "12000 RUB"),
        ("1,5 млн грн", "1500000 UAH"),
        ("100 руб. 5 коп.", "100.05 RUB"),
        ("2500 гривень", "2500 UAH"),
        ("UAH 2500", "2500 UAH"),
        ("₴2500", "2500 UAH"),
        ("5к", "5000"),
        ("1'234.50 CHF", "1234.50 CHF"),
        ("1 23 456", None),
        ("1,23,456.00 INR", "123456.00 INR"),
        ("0", "0"),
        ("0,125", "0.125"),
        ("007", "7"),
        ("1200.00", "1200.00"),
        ("1234,5", "1234.5"),
        ("1000-2000 руб", None),
        ("5 foo", None),
        ("$5 €", None),
        ("дорого", None),
        ("8 (916) 000-01-01", None),
    ],
)
def test_amounts(written, wanted):
    assert (clean(written), code(written)) == ([wanted], [None if wanted else "money.invalid"])


def test_three_digits_behind_a_mark_are_open_until_the_column_proves_thousands():
    assert (clean("1,234"), code("1,234")) == ([None], ["money.ambiguous"])
    assert clean("1,234", "1,234,567") == ["1234", "1234567"]
    assert clean("1,234", "5,678.90") == ["1234", "5678.90"]
    assert clean("1.234", "1,234,567") == [None, "1234567"]


def test_amount_and_currency_are_parts():
    assert money(pl.Series(["12 тыс. руб."]), Settings()).select("amount", "currency").row(0) == ("12000", "RUB")


@settings(deadline=None)  # a shared machine is no fault of the code
@given(st.lists(st.text(alphabet="0123456789 .,-()$€руб.тыск'", max_size=14), max_size=6, unique=True))
def test_cleaning_twice_is_cleaning_once(values):
    once = money(pl.Series(values, dtype=pl.String), Settings())["clean"].drop_nulls().unique()
    again = money(once, Settings())
    assert again["clean"].to_list() == once.to_list()
    assert again["rule"].null_count() == again["code"].null_count() == len(once)


@settings(deadline=None)  # a shared machine is no fault of the code
@given(st.integers(0, 10**12), st.integers(0, 99))
def test_every_way_means_the_same_amount(whole, cents):
    wanted = f"{whole}.{cents:02}"
    grouped = f"{whole:,}"
    ways = [f"{whole},{cents:02}", f"{grouped}.{cents:02}", f"{grouped.replace(',', ' ')},{cents:02}"]
    assert {*clean(*dict.fromkeys(ways))} == {wanted}
