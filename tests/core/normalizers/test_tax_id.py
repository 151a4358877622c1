"""Tax numbers: the types, the check digits, what spreadsheets do to them."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmtool.core.normalizers.registry import Settings
from crmtool.core.normalizers.tax_id import tax_id


def answer(value, region=None):
    return tax_id(pl.Series([value]), Settings(region=region, placeholders=frozenset({"нет"}))).row(0, named=True)


@pytest.mark.parametrize(
    ("written", "clean", "kind", "country"),
    [
        ("7707083893", "7707083893", "ru.inn", "RU"),
        ("ИНН 7707 083 893", "7707083893", "ru.inn", "RU"),
        ("инн:7707083893", "7707083893", "ru.inn", "RU"),
        ("7707083893.0", "7707083893", "ru.inn", "RU"),
        ("7.707083893E+09", "7707083893", "ru.inn", "RU"),
        ("'500100732259", "500100732259", "ru.inn", "RU"),
        ("ОГРН 1027700132195", "1027700132195", "ru.ogrn", "RU"),
        ("32855961", "32855961", "ua.edrpou", "UA"),
        ("ЄДРПОУ 3285-5961", "32855961", "ua.edrpou", "UA"),
        ("РНОКПП 1759013776", "1759013776", "ua.rnokpp", "UA"),
        ("980540000397", "980540000397", "kz.bin", "KZ"),
        ("УНП 200988541", "200988541", "by.unp", "BY"),
        ("DE 136 695 976", "DE136695976", "eu.vat", "DE"),
        ("gb82 west 1234 5698 7654 32", "GB82WEST12345698765432", "iban", "GB"),
    ],
)
def test_valid_numbers(written, clean, kind, country):
    found = answer(written)
    assert (found["clean"], found["type"], found["country"], found["status"]) == (clean, kind, country, "valid")
    assert found["code"] is None


def test_a_number_with_its_kpp():
    found = answer("7707083893 / 770701001")
    assert (found["clean"], found["kpp"], found["status"]) == ("7707083893", "770701001", "valid")


@pytest.mark.parametrize(
    ("written", "suggestion"),
    [("273074555", "0273074555"), ("32129", "00032129"), ("5826107187", None), ("05826107187", "005826107187")],
)
def test_lost_zeros_are_suggested_and_never_put_back(written, suggestion):
    found = answer(written)
    assert found["clean"] == written
    assert found["suggestion"] == suggestion
    assert (found["code"] == "tax_id.damaged") == (suggestion is not None)


@pytest.mark.parametrize(
    ("written", "clean", "status", "code"),
    [
        ("7707083894", "7707083894", "invalid", "tax_id.invalid"),
        ("ЄДРПОУ 32855968", "32855968", "invalid", "tax_id.invalid"),
        ("DE136695977", "DE136695977", "invalid", "tax_id.invalid"),
        ("7,7E+09", None, "damaged", "cell.damaged"),
        ("0000000000", None, "unknown", "value.placeholder"),
        ("нет", None, "unknown", "value.placeholder"),
        ("спросить Олю", "спросить Олю", "unknown", "tax_id.unknown"),
        ("КПП 770701001", "770701001", "possible", None),
        ("12-3456789", "123456789", "possible", None),
    ],
)
def test_other_numbers(written, clean, status, code):
    found = answer(written)
    assert (found["clean"], found["status"], found["code"]) == (clean, status, code)


BOTH = "0108003670"  # fits a Russian company and a Ukrainian person


@pytest.mark.parametrize(("region", "kind"), [("RU", "ru.inn"), ("UA", "ua.rnokpp")])
def test_a_number_of_two_countries_is_told_by_the_region(region, kind):
    found = answer(BOTH, region)
    assert (found["type"], found["status"], found["code"]) == (kind, "valid", None)


def test_without_a_region_it_is_told_by_its_column_or_left_open():
    assert (answer(BOTH)["type"], answer(BOTH)["status"]) == (None, "ambiguous")
    column = tax_id(pl.Series([BOTH, "32855961"]), Settings()).filter(pl.col("value") == BOTH).row(0, named=True)
    assert (column["type"], column["status"]) == ("ua.rnokpp", "valid")


NUMBERS = st.from_regex(r"\A(ИНН |ЄДРПОУ: |КПП)?[0-9]{5,16}(\.0)?\Z") | st.from_regex(
    r"\A[A-Z]{2}[0-9]{2}[0-9A-Z]{4,20}\Z"
)


@settings(max_examples=settings().max_examples // 4)
@given(st.lists(NUMBERS | st.text(max_size=12), max_size=24, unique=True))
def test_cleaning_twice_is_cleaning_once(values):
    clean = tax_id(pl.Series(values, dtype=pl.String), Settings())["clean"].drop_nulls().unique(maintain_order=True)
    again = tax_id(clean, Settings())
    assert again["clean"].to_list() == clean.to_list()
    assert again["rule"].null_count() == len(clean)


@settings(max_examples=settings().max_examples // 5)
@given(st.lists(st.from_regex(r"\A[1-9][0-9]{8}\Z"), min_size=5, max_size=9, unique=True), st.integers(1, 9))
def test_one_wrong_digit_is_always_seen(bodies, step):
    weights = (2, 4, 10, 3, 5, 9, 4, 6, 8)
    checks = [sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11 % 10 for body in bodies]
    for wrong, status in ((0, "valid"), (step, "invalid")):
        written = [f"ИНН {body}{(check + wrong) % 10}" for body, check in zip(bodies, checks, strict=True)]
        assert tax_id(pl.Series(written), Settings())["status"].to_list() == [status] * len(bodies)
