"""Days in every way of writing them."""

import datetime as dt

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmtool.core.normalizers.date import MONTHS, date
from crmtool.core.normalizers.registry import Settings


def clean(*values, **settings):
    return date(pl.Series(values, dtype=pl.String), Settings(**settings))["clean"].to_list()


def code(*values, **settings):
    return date(pl.Series(values, dtype=pl.String), Settings(**settings))["code"].to_list()


@pytest.mark.parametrize(
    "written",
    [
        "2024-03-05",
        "2024-3-5",
        "2024/03/05",
        "05.03.2024",
        "5.3.24",
        "05.03.2024 г.",
        "20240305",
        "05-03-2024",
        "2024-03-05T10:20:30+03:00",
        "2024-03-05T10:20:30.123Z",
        "2024-03-05 10:20",
        "05.03.2024 9:05",
        "05.03.2024, 09:05:00",
        "5 марта 2024",
        "5 Марта 2024 года",
        "5 марта 2024г. в 10:20",
        "5 марта 2024 года, 10:20",
        "5 бер. 2024",
        "5 березня 2024 р.",
        "5 March 2024",
        "March 5, 2024",
        "Mar. 5th, 2024",
        "Tuesday, March 5, 2024",
        "5-Mar-2024",
        "45356",
        "45356.0",
        " 05.03.2024\u00a0",
    ],
)
def test_one_day(written):
    assert clean(written) == ["2024-03-05"]


@pytest.mark.parametrize(
    "written", ["31.02.2024", "12.13.2020", "00.01.2024", "5 foo 2024", "March 2024", "99999", "2024", "05.03.2024 x"]
)
def test_what_is_no_day(written):
    assert (clean(written), code(written)) == ([None], ["date.invalid"])


@pytest.mark.parametrize("written", ["0000-00-00", "00.00.0000", "00.00.00", "0000-00-00 00:00:00"])
def test_zeros_are_a_placeholder(written):
    assert (clean(written), code(written)) == ([None], ["value.placeholder"])


def test_two_digit_years_turn_at_the_pivot():
    assert clean("01.02.40", "01.02.41") == ["2040-02-01", "1941-02-01"]
    assert clean("01.02.40", year_pivot=30) == ["1940-02-01"]


def test_slashes_need_proof():
    assert code("05/03/2024") == ["date.ambiguous"]
    assert code("05/03/2024", date_order="MDY") == ["date.ambiguous"]
    assert clean("05/05/2024", "13/05/2024", "2024-01-01") == ["2024-05-05", "2024-05-13", "2024-01-01"]
    assert clean("05/03/2024", "13/05/2024") == ["2024-03-05", "2024-05-13"]
    assert clean("05/03/2024", "05/13/2024") == ["2024-05-03", "2024-05-13"]
    assert clean("05/03/2024", "05/13/2024", "13/05/2024") == [None, "2024-05-13", "2024-05-13"]


def test_dashes_follow_the_rules_and_dots_never_do():
    assert clean("05-03-2024", date_order="MDY") == ["2024-05-03"]
    assert clean("05.03.2024", date_order="MDY") == ["2024-03-05"]


def test_serials_outside_their_range_are_no_days():
    assert clean("19999", "20000", "60000", "60001") == [None, "1954-10-03", "2064-04-08", None]


def test_a_month_name_belongs_to_one_month():
    names = [name for names in MONTHS for name in names.split()]
    assert len(MONTHS) == 12
    assert len(names) == len(set(names))


DAYS = st.dates(dt.date(1900, 1, 1), dt.date(2099, 12, 31))


@settings(deadline=None)  # a shared machine is no fault of the code
@given(DAYS)
def test_every_way_means_the_same_day(day):
    serial = (day - dt.date(1899, 12, 30)).days
    ways = [f"{day:%d.%m.%Y}", f"{day:%Y%m%d}", f"{day.day} {MONTHS[day.month - 1].split()[1]} {day.year}"]
    ways += [str(serial)] if 20_000 <= serial <= 60_000 else []
    assert set(clean(*ways)) == {day.isoformat()}


@settings(deadline=None)  # a shared machine is no fault of the code
@given(st.lists(st.text(alphabet="0123456789./- мартMay:T", max_size=12), max_size=6, unique=True))
def test_cleaning_twice_is_cleaning_once(values):
    once = date(pl.Series(values, dtype=pl.String), Settings())["clean"].drop_nulls().unique()
    again = date(once, Settings())
    assert again["clean"].to_list() == once.to_list()
    assert again["rule"].null_count() == again["code"].null_count() == len(once)
