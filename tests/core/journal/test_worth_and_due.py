"""What contacts are worth, what is due, and what old notes hold."""

import datetime as dt
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmtool.core.journal import due, from_notes, worth

DAYS = st.dates(dt.date(2020, 1, 1), dt.date(2026, 12, 31))
DEAL = st.tuples(
    st.integers(1, 3),
    st.sampled_from(["RUB", "UAH", None]),
    st.one_of(st.none(), st.integers(-(10**12), 10**15)),
    DAYS.map(dt.date.isoformat),
    st.sampled_from(["won", "lost", "offer"]),
)


@given(st.lists(DEAL, max_size=20))
def test_sums_are_exact_and_only_of_what_was_won(rows):
    found = worth.purchases(pl.DataFrame(rows, schema=worth.DEALS, orient="row"), ("won",))
    wanted = {}
    for root, currency, amount, day, stage in rows:
        if stage == "won":
            wanted.setdefault((root, currency), []).append((day, amount))
    assert {(r["root_id"], r["currency"]) for r in found.to_dicts()} == set(wanted)
    for row in found.to_dicts():
        days, amounts = zip(*wanted[row["root_id"], row["currency"]], strict=True)
        priced = [amount for amount in amounts if amount is not None]
        assert (row["count"], row["total"]) == (len(days), sum(priced))
        assert (row["first_on"], row["last_on"]) == (min(days), max(days))
        if priced:
            assert abs(Fraction(sum(priced), len(priced)) - row["average"]) <= Fraction(1, 2)
        assert (row["days_between"] is None) == (len(set(days)) == 1)


@pytest.mark.parametrize(
    ("days", "life"),
    [
        (["2026-11-01"], "new"),
        (["2025-10-01"], "sleeping"),
        (["2024-01-01"], "lost"),
        (["2026-09-01", "2026-10-01", "2026-11-01"], "active"),
        (["2026-07-01", "2026-08-01", "2026-09-01"], "sleeping"),
        (["2026-01-01", "2026-02-01"], "lost"),
    ],
)
def test_where_a_buyer_stands(days, life):
    rows = [(1, "RUB", 10_000, day, "won") for day in days]
    bought = worth.purchases(pl.DataFrame(rows, schema=worth.DEALS, orient="row"), ("won",))
    assert worth.life_cycle(bought, "2026-11-21").row(0) == (1, life)


def test_birthdays_over_the_end_of_a_year_and_on_the_odd_day():
    people = pl.DataFrame({"birthday": ["1990-12-30", "--01-02", "2000-02-29", "1990-06-01", "1990-13-01"]})
    found = due.birthdays(people, dt.date(2026, 12, 25), dt.date(2027, 3, 2))
    assert found.select("on", "age").rows() == [("2026-12-30", 36), ("2027-01-02", None), ("2027-03-01", 27)]


def test_a_step_is_open_until_something_happens_on_its_day_or_later():
    steps = pl.DataFrame({"on": ["2026-11-20"] * 3, "root_id": [1, 2, 3], "said_at": ["2026-11-10T10:00:00+00:00"] * 3})
    latest = pl.DataFrame({"root_id": [1, 2], "at": ["2026-11-20T09:00:00+00:00", "2026-11-19T09:00:00+00:00"]})
    assert due.open_steps(steps, latest)["root_id"].to_list() == [2, 3]


@pytest.mark.parametrize(
    ("note", "wanted"),
    [
        ("12.04 звонил, перезвонить 20.04", [("2026-04-12", "call", "перезвонить", "2026-04-20")]),
        ("12.12 звонил", [("2025-12-12", "call", None, None)]),  # not yet come this year
        (
            "05.03.25 встреча; 2025-04-01 письмо",
            [("2025-03-05", "meeting", None, None), ("2025-04-01", "email", None, None)],
        ),
        ("01.02 дзвонив. 03.02 зустріч", [("2026-02-01", "call", None, None), ("2026-02-03", "meeting", None, None)]),
        ("02.03 просил скидку 10.5%", [("2026-03-02", "note", None, None)]),
        ("30.11 звонил, перезвонить 15.01", [("2025-11-30", "call", "перезвонить", "2026-01-15")]),
        ("Любит чай", []),
        ("Договор от 12.04.2025 подписан", []),
        ("12.04", []),
        ("45.13 звонил", []),
        ("8.916 000-01-02", []),
    ],
)
def test_old_notes_that_hold_history(note, wanted):
    found = from_notes.pieces(note, dt.date(2026, 5, 1))
    assert [(p.on, p.kind, p.next_step, p.next_on) for p in found] == wanted


@given(st.text(alphabet="0123456789./- ;\nабв", max_size=80), DAYS)
def test_pieces_are_word_for_word_and_never_ahead(note, day):
    for piece in from_notes.pieces(note, day):
        assert piece.text in note
        assert piece.on <= day.isoformat()
        assert piece.next_on is None or piece.next_on >= piece.on
