"""Days in every way of writing them."""

import datetime as dt

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmtool.core.normalizers.date import date, day
from crmtool.core.normalizers.date_words import MONTHS
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
        "вт, 5 марта 2024 г., 10:20",
        "5-го марта 2024",
        "2024 5 марта",
        "5/III/2024",
        "5 III 2024",
        "5-Mar-24",
        "05 March '24",
        "Tue Mar 5 10:20:30 2024",
        "10:20 5 бер. 2024 р.",
        "5 марта 2024 в 10 ч 20 мин",
        "Mar 5, 2024 @ 1:08 am EDT",
        "2024-берез-05",
        "5 . 03 . 2024.",
        "45356.5",
    ],
)
def test_one_day(written):
    assert clean(written) == ["2024-03-05"]


@pytest.mark.parametrize(
    "written",
    [
        *(
            "31.02.2024",
            "12.13.2020",
            "5 foo 2024",
            "99999",
            "05.03.2024 x",
            "05.24",
            "31 апреля",
            "Q5 2024",
            "13.2024",
        ),
        *("5 марта 2024 - 6 марта 2024", "2024?", "~2024", "05.03.0024", "5 марта мая 2024", "марта", "I 2024"),
    ],
)
def test_what_is_no_day(written):
    assert (clean(written), code(written)) == ([None], ["date.invalid"])


@pytest.mark.parametrize("written", ["0000-00-00", "00.00.0000", "00.00.00", "0000-00-00 00:00:00"])
def test_zeros_are_a_placeholder(written):
    assert (clean(written), code(written)) == ([None], ["value.placeholder"])


@pytest.mark.parametrize(
    "written",
    ["0.0.00", "0/0/00", "1900-01-00", "30.12.1899 0:00:00", "01.01.0001 0:00:00", "31.12.9999", "9999-12-31", "-"],
)
def test_days_that_programs_write_for_none(written):
    assert (clean(written), code(written)) == ([None], ["value.placeholder"])


@pytest.mark.parametrize(
    ("written", "wanted", "precision"),
    [
        ("5 марта", "--03-05", "year-less"),
        ("March 5th", "--03-05", "year-less"),
        ("05.03", "--03-05", "year-less"),
        ("--03-05", "--03-05", "year-less"),
        ("--0305", "--03-05", "year-less"),
        ("29.02", "--02-29", "year-less"),
        ("1604-03-05", "--03-05", "year-less"),
        ("05.03.0000", "--03-05", "year-less"),
        ("март 2024", "2024-03", "month"),
        ("в марте 2024 года", "2024-03", "month"),
        ("березень 2024 р.", "2024-03", "month"),
        ("Mar-85", None, None),
        ("03.2024", "2024-03", "month"),
        ("2024-03-00", "2024-03", "month"),
        ("00.00.1984", "1984", "year"),
        ("1984 г.", "1984", "year"),
        ("I кв. 2024", "2024-Q1", "quarter"),
        ("Q1 2024", "2024-Q1", "quarter"),
        ("1-й квартал 2024 года", "2024-Q1", "quarter"),
        ("05.03.24", "2024-03-05", "day"),
    ],
)
def test_what_is_known_of_a_day(written, wanted, precision):
    found = date(pl.Series([written]), Settings()).row(0, named=True)
    assert (found["clean"], found["precision"]) == (wanted, precision)


def test_a_small_number_behind_a_month_is_open():
    assert code("март 24", "марта 24") == ["date.ambiguous", "date.ambiguous"]
    assert clean("March 24", "24 марта") == ["--03-24", "--03-24"]


@pytest.mark.parametrize(
    ("written", "time", "zone"),
    [
        ("05.03.2024 9:05", "09:05", None),
        ("2024-03-05T10:20:30.123Z", "10:20:30", "Z"),
        ("2024-03-05 10:20:30 +0300", "10:20:30", "+03:00"),
        ("3/25/2024 12:05 AM", "00:05", None),
        ("March 5, 2024 at noon", "12:00", None),
        ("5 March 2024, 4:32 p.m. EST", "16:32", "-05:00"),
        ("45356.75", "18:00:00", None),
        ("05.03.2024 25:00", None, None),
        ("5 марта 2024", None, None),
    ],
)
def test_a_time_is_a_part_of_its_own(written, time, zone):
    found = date(pl.Series([written]), Settings()).row(0, named=True)
    assert (found["time"], found["zone"]) == (time, zone)
    assert found["clean"] in {"2024-03-05", "2024-03-25"}


def test_unlikely_days_are_kept_and_told():
    written = ["05.03.1824", "05.03.2824", "01.01.1900", "02.01.1900"]
    assert clean(*written) == ["1824-03-05", "2824-03-05", "1900-01-01", "1900-01-02"]
    assert code(*written) == [*["date.unlikely"] * 3, None]


def test_each_change_names_its_rule():
    found = date(
        pl.Series(["45356", "5 марта 2024", "05.03.24", "05.03.2024", " 2024-03-05", "2024-03-05"]), Settings()
    )
    assert found["rule"].to_list() == ["date.serial", "date.words", "date.century", "date.iso", "text.spaces", None]
    assert date(pl.Series(["05/03/2024", "25/03/2024"]), Settings())["rule"].to_list() == ["date.order", "date.iso"]


def test_whole_days_only():
    found = day(pl.Series(["05.03.2024", "март 2024", "5 марта"]), Settings())
    assert found["clean"].to_list() == ["2024-03-05", None, None]
    assert found["code"].to_list() == [None, "date.partial", "date.partial"]


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


def test_dashes_are_proven_by_the_column_first():
    assert clean("05-03-2024", "03-25-2024") == ["2024-05-03", "2024-03-25"]
    assert clean("05-03-2024", "25-03-2024", "03-25-2024") == [None, "2024-03-25", "2024-03-25"]


def test_short_years_with_dashes_need_proof_of_their_place():
    assert code("05-03-24") == ["date.ambiguous"]
    assert clean("05-03-24", "05-03-85") == ["2024-03-05", "1985-03-05"]
    assert clean("05-03-24", "85-03-05") == ["2005-03-24", "1985-03-05"]
    assert clean("05-03-24", "05-03-2025") == ["2024-03-05", "2025-03-05"]


def test_a_polluted_column_loses_no_day_and_gains_none():
    """Days of one column as several hands write them, some of them no days: every answer is the day meant, or open."""
    meant = {
        "05.03.2024": "2024-03-05",
        "5.3.24": "2024-03-05",
        "25/03/2024": "2024-03-25",
        "03/04/2024": "2024-04-03",
        "2024-03-05T00:00:00": "2024-03-05",
        "45356": "2024-03-05",
        "5 марта 2024 г.": "2024-03-05",
        "вівторок, 5 березня 2024 року": "2024-03-05",
        "Mar 5, 2024": "2024-03-05",
        "5-Mar-24": "2024-03-05",
        "5 марта": "--03-05",
        "март 2024": "2024-03",
        "31.02.2024": None,
        "00.00.0000": None,
        "нет": None,
        "завтра": None,
        "8 (916) 000-01-01": None,
        "05.03.2024-07.03.2024": None,
        "32.01.2024": None,
    }
    assert dict(zip(meant, clean(*meant, placeholders=frozenset({"нет"})), strict=True)) == meant


def test_dashes_follow_the_rules_and_dots_never_do():
    assert clean("05-03-2024", date_order="MDY") == ["2024-05-03"]
    assert clean("05.03.2024", date_order="MDY") == ["2024-03-05"]


def test_serials_outside_their_range_are_no_days():
    assert clean("9999", "10000", "60000", "60001") == [None, "1927-05-18", "2064-04-08", None]


def test_a_month_name_belongs_to_one_month():
    assert set(MONTHS.values()) == {*range(1, 13)}
    assert "ма" not in MONTHS
    assert {"март", "марта", "бер", "березня", "march", "mar"} <= {
        word for word, number in MONTHS.items() if number == 3
    }


RUSSIAN_TEXT = "января февраля марта апреля мая июня июля августа сентября октября ноября декабря"
RUSSIAN = RUSSIAN_TEXT.split()
DAYS = st.dates(dt.date(1900, 1, 1), dt.date(2099, 12, 31))


@settings(deadline=None)  # a shared machine is no fault of the code
@given(DAYS)
def test_every_way_means_the_same_day(day):
    serial = (day - dt.date(1899, 12, 30)).days
    ways = [f"{day:%d.%m.%Y}", f"{day:%Y%m%d}", f"{day.day} {RUSSIAN[day.month - 1]} {day.year}"]
    ways += [str(serial)] if 10_000 <= serial <= 60_000 else []
    assert set(clean(*ways)) == {day.isoformat()}


@settings(deadline=None)  # a shared machine is no fault of the code
@given(st.lists(st.text(alphabet="0123456789./- мартMay:TQ'", max_size=14), max_size=6, unique=True))
def test_cleaning_twice_is_cleaning_once(values):
    once = date(pl.Series(values, dtype=pl.String), Settings())["clean"].drop_nulls().unique()
    again = date(once, Settings())
    assert again["clean"].to_list() == once.to_list()
    assert again["rule"].null_count() == len(once)
    assert set(again["code"].drop_nulls()) <= {"date.unlikely"}
