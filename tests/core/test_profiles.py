"""What the columns of a list hold, counted whole and in parts."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmtool.core import findings, profiles

CELLS = {
    "Имя": ["Ада Лавлейс", "Ада  Лавлейс ", "Пётр", None, " "],
    "E-mail": ["ada@x.example", "ADA@x.example", "n/a", "bob@x.example", None],
    "Город": ["Кyiv", "Київ", "Київ", "Київ", None],
    "Пусто": [None] * 5,
}
NORMALIZED = pl.DataFrame(
    {
        "value": ["ada@x.example", "ADA@x.example", "n/a", "bob@x.example"],
        "clean": ["ada@x.example", "ada@x.example", None, "bob@x.example"],
        "type": ["personal"] * 4,
    }
)


def counts(cells=CELLS, said=()):
    """Return the counts of cells given as heading -> texts; `said` has (row, column, code)."""
    frame = pl.DataFrame(cells, schema=dict.fromkeys(cells, pl.String))
    rows = pl.int_range(2, frame.height + 2, eager=True)
    channels = profiles.channels(frame, rows, [("E-mail", "email", NORMALIZED)] if "E-mail" in cells else [])
    told = pl.DataFrame(list(said), schema=["row", "column", "code"], orient="row") if said else findings.empty()
    return profiles.counted(frame, findings.found(told), channels)


def described(found, headings=tuple(CELLS)):
    return {row["column"]: row for row in profiles.described(found, headings).to_dicts()}


def test_filled_and_different_values_are_counted():
    columns = described(counts())
    assert {name: (row["filled"], row["distinct"]) for name, row in columns.items()} == {
        "Имя": (3, 3),
        "E-mail": (4, 4),
        "Город": (4, 2),
        "Пусто": (0, 0),
    }
    assert all(row["exact"] for row in columns.values())


def test_addresses_that_stood_before_are_counted_as_cleaned():
    columns = described(counts())
    assert [row["repeated"] for row in columns.values()] == [None, 1, None, None]


def test_faults_are_seen_in_the_cells_and_taken_from_cleaning():
    said = [(4, "E-mail", "value.placeholder"), (4, "E-mail", "value.placeholder"), (3, "E-mail", "email.typo")]
    assert counts(said=said).problems.rows() == [
        ("Имя", "value.spaces", 2),
        ("Город", "value.scripts", 1),
        ("E-mail", "value.placeholder", 1),
        ("E-mail", "email.typo", 1),
    ]


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("+7 (916) 123-45-67", "+9 (999) 999-99-99"),
        ("2024-01-05", "9999-99-99"),
        ("ПЕТРОВ Пётр", "Я Яя"),
        ("Дем'янчук-Ґонта Їжак", "Яя'я-Яя Яя"),
        ("Ada\u00a0\tLovelace", "Aa Aa"),
        ("ada.l@mail.example", "a.a@a.a"),
        ("mаil", "aяa"),
        ("Просил прайс, желательно с ценами и вообще", "Яя я, я я…"),
        ("12345678901234567890", "9…"),
        ("山田 太郎", "x x"),
        ("Renée", "Aa"),
        ("Rene\u0301e", "Aa"),
        ("=1+1", "=9+9"),
        ("٣٤", "99"),
        ("-" * 100, "-" * 48 + "…"),
    ],
)
def test_a_shape_shows_the_form_and_no_letter(text, shape):
    assert profiles.shapes(pl.Series([text])).item() == shape


@given(st.text())
@settings(deadline=None)
def test_a_shape_tells_no_word(text):
    letters = {c for c in profiles.shapes(pl.Series([text])).item() if c.isalpha()}
    assert letters <= set("AaЯяx")


def test_the_most_frequent_come_first():
    found = counts()
    assert profiles.top(found.shapes, "E-mail", 2).rows() == [("E-mail", "a@a.a", 2), ("E-mail", "A@a.a", 1)]
    assert profiles.top(found.values, "Город", 1).rows() == [("Город", "Київ", 3)]


cell = st.one_of(st.none(), st.sampled_from(["", " ", "Ада", "ада ", "Аda", "+7 916", "ada@x.example", "n/a"]))
part = st.lists(st.tuples(cell, cell), max_size=8)


@given(part, part)
@settings(deadline=None)
def test_a_list_in_parts_is_the_whole_list(first, second):
    def table(rows):
        return {"Имя": [row[0] for row in rows], "E-mail": [row[1] for row in rows]}

    whole, parts = counts(table(first + second)), profiles.joined([counts(table(first)), counts(table(second))])
    names = ["Имя", "E-mail"]
    assert described(whole, names) == described(parts, names)
    assert whole.rows == parts.rows
    for name in names:
        for frame in ("shapes", "values", "problems"):
            left, right = (getattr(each, frame).filter(pl.col("column") == name) for each in (whole, parts))
            assert sorted(left.rows()) == sorted(right.rows())


def test_beyond_the_limit_distinct_values_are_estimated(monkeypatch):
    monkeypatch.setattr(profiles, "MOST", 2000)
    numbers = [{"N": [str(n) for n in range(start, start + 5000)]} for start in (0, 5000, 2500)]
    row = described(profiles.joined([counts(cells) for cells in numbers]), ["N"])["N"]
    assert not row["exact"]
    assert abs(row["distinct"] - 10_000) < 1000
    assert row["filled"] == 15_000


def test_a_column_that_names_rows_is_full_and_never_repeats():
    cells = {"ID": ["1", "2", "3"], "N": ["1", "1", "2"], "Half": ["1", "2", None]}
    assert profiles.unique(profiles.described(counts(cells), list(cells)), 3) == ["ID"]
    nobody = {"ID": []}
    assert profiles.unique(profiles.described(counts(nobody), list(nobody)), 0) == []


def test_headings_that_look_like_patterns_are_headings():
    cells = {"^.*$": ["a", None], "*": ["b", "c"]}
    columns = described(counts(cells), list(cells))
    assert [row["filled"] for row in columns.values()] == [1, 2]


def test_codes_are_counted_in_the_order_of_the_catalogue():
    frames = [
        findings.found(pl.DataFrame({"row": [1, 2]}), code) for code in ("email.typo", "row.short", "phone.invalid")
    ]
    assert list(profiles.totals(frames).items()) == [("row.short", 2), ("phone.invalid", 2), ("email.typo", 2)]
