"""Moments, words, durations, quotations and names of files: what the cells of journals come to."""

import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmtool.core.journal import deals, file_names, moments, quoting, words
from crmtool.core.model import MONEY
from crmtool.core.normalizers.registry import Settings, normalized


def at(text, zone="Europe/Kyiv", **more):
    return moments.moments(pl.Series([text]), zone, Settings(), **more).row(0)[1:]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("05.10.2026 14:30", "2026-10-05T11:30:00+00:00"),
        ("2026-10-05 14:30:05", "2026-10-05T11:30:05+00:00"),
        ("2026-01-05T14:30:00", "2026-01-05T12:30:00+00:00"),  # winter
        ("2026-10-05T14:30:00Z", "2026-10-05T14:30:00+00:00"),
        ("2026-10-05T14:30:00+05:00", "2026-10-05T09:30:00+00:00"),
        ("5 октября 2026 14:30", "2026-10-05T11:30:00+00:00"),
        ("10/25/2026 03:30 PM", "2026-10-25T13:30:00+00:00"),
        ("1760000000", "2025-10-09T08:53:20+00:00"),
        ("1760000000000", "2025-10-09T08:53:20+00:00"),
        ("2026-03-29 03:30", "2026-03-29T01:30:00+00:00"),  # the hour the clock leaves out
        ("2026-10-25 03:30", "2026-10-25T00:30:00+00:00"),  # the hour that comes twice: the first
        ("05.10.2026", "2026-10-05"),
    ],
)
def test_a_moment_is_in_utc_and_a_day_alone_stays_a_day(text, wanted):
    assert at(text) == (wanted, None)


@pytest.mark.parametrize(("text", "code"), [("ерунда", "date.invalid"), ("март 2026", "date.partial")])
def test_what_is_no_moment_is_told(text, code):
    assert at(text) == (None, code)


def test_a_form_goes_before_all_else():
    assert at("03/04/26 10:00", form="%m/%d/%y %H:%M")[0] == "2026-03-04T08:00:00+00:00"


@given(st.integers(1_000_000_000, 3_800_000_000).map(lambda second: dt.datetime.fromtimestamp(second, dt.UTC)))
def test_texts_of_moments_sort_as_the_moments_do_and_read_the_same_again(moment):
    text = at(moment.strftime("%Y-%m-%d %H:%M:%S"), "UTC")[0]
    assert dt.datetime.fromisoformat(text) == moment
    assert at(text, "Asia/Tokyo")[0] == text


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("00:03:25", 205), ("3:25", 205), ("3 мин 25 сек", 205), ("1h 5m", 3900), ("45 с", 45), ("", None), ("x", None)],
)
def test_durations_are_seconds(text, seconds):
    assert words.seconds(text) == seconds


def test_directions_say_an_outcome_too():
    said = words.directions(pl.Series(["Входящий", "исходящий вызов", "Пропущенный", "inbound", "?"]))
    assert said.rows() == [("in", None), ("out", None), ("in", "missed"), ("in", None), (None, None)]


@given(st.decimals(min_value="-99999999999999", max_value="99999999999999", places=4))
def test_amounts_are_exact_to_the_fourth_decimal(amount):
    units, _, wrong = deals.parts(pl.Series([f"{amount:f}"])).row(0)
    assert (units, wrong) == (int(amount * MONEY), None)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("1 234,56 ₽", (12_345_600, "RUB")),
        ("1\u2009234,5 грн", (12_345_000, "UAH")),
        ("$1,234.50", (12_345_000, "USD")),
        ("12 тыс. руб.", (120_000_000, "RUB")),
        ("0.00001", (None, None)),
        ("999999999999999999", (None, None)),
    ],
)
def test_amounts_as_people_write_them(text, wanted):
    clean = normalized("money", pl.Series([text]), Settings())["clean"]
    units, currency, wrong = deals.parts(clean).row(0)
    assert (units, currency) == wanted
    assert (wrong is None) == (units is not None)


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("Yes.\n\nOn Mon, 5 Oct 2026 at 10:00, Anna <a@x.example> wrote:\n> When?\n> Today?", "Yes."),
        ("Да.\n\n12 окт. 2026 г., в 10:00, Анна написал(а):\n> Когда?", "Да."),
        ("Ок\n\n-----Original Message-----\nFrom: x\nTo: y\n\nold", "Ок"),
        ("Ок\n\nОт: Анна\nОтправлено: 5 октября\nКому: Ольга\nТема: x\n\nстарое", "Ок"),
        ("From: the beginning of a story\nand its end", "From: the beginning of a story\nand its end"),
        ("> all of it\n> is quoted", "> all of it\n> is quoted"),
        ("Inline:\n> a question\nan answer", "Inline:\nan answer"),
    ],
)
def test_a_letter_without_what_it_quotes(text, own):
    assert quoting.own(text) == own


@given(st.text(max_size=300))
def test_the_name_of_a_file_is_a_name_and_nothing_else(text):
    name = file_names.safe(text)
    assert name
    assert name.isprintable()
    assert not set(name) & set('/\\<>:"|?*\0')
    assert name.strip(". ") != ""
    assert len(name) <= 121
    assert file_names.safe(name) == name
