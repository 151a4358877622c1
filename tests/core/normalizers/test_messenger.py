"""Messengers: links, labels, numbers, cells, the law."""

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crmtool.core.normalizers.messenger import messenger
from crmtool.core.normalizers.registry import Settings, normalized

RUSSIAN = Settings(region="RU")


def answer(*values, kind="messenger", rules=RUSSIAN):
    return normalized(kind, pl.Series(values, dtype=pl.String), rules)


@pytest.mark.parametrize(
    ("written", "label", "clean"),
    [
        ("@Anna_K", None, "@anna_k"),
        ("https://t.me/Anna_K", "telegram", "@anna_k"),
        ("t.me/anna_k?start=1", "telegram", "@anna_k"),
        ("tg://resolve?domain=anna_k", "telegram", "@anna_k"),
        ("Телеграм: @anna_k", "telegram", "@anna_k"),
        ("tg anna_k", "telegram", "@anna_k"),
        ("https://t.me/+79161234567", "telegram", "+79161234567"),
        ("wa.me/79161234567", "whatsapp", "+79161234567"),
        ("https://api.whatsapp.com/send?phone=79161234567", "whatsapp", "+79161234567"),
        ("WhatsApp 8 916 123-45-67", "whatsapp", "+79161234567"),
        ("viber://chat?number=%2B380501234567", "viber", "+380501234567"),
        ("skype:Anna.K?call", "skype", "anna.k"),
        ("Скайп: live:anna.k", "skype", "live:anna.k"),
        ("vk.com/Anna", None, "https://vk.com/anna"),
    ],
)
def test_one_look(written, label, clean):
    row = answer(written).row(0, named=True)
    assert (row["label"], row["clean"], row["status"]) == (label, clean, "valid")


@pytest.mark.parametrize("written", ["anna_k", "t.me/+AbCdEfGh", "спросить у Анны", "skype: а б"])
def test_what_is_not_plain_is_kept(written):
    row = answer(written).row(0, named=True)
    assert (row["clean"], row["code"], row["status"]) == (written, "messenger.unclear", "possible")


def test_the_heading_tells_the_messenger():
    assert answer("Anna_K", kind="telegram")["clean"].item() == "@anna_k"
    assert answer("Anna.K", kind="skype")["clean"].item() == "anna.k"
    assert answer("8 916 123-45-67", kind="viber")["clean"].item() == "+79161234567"


def test_a_number_without_a_country_is_kept():
    assert answer("8 916 123-45-67", rules=Settings())["clean"].item() == "8 916 123-45-67"


def test_several_accounts_of_a_cell():
    assert answer("@anna_k; wa.me/79161234567")["clean"].to_list() == ["@anna_k", "+79161234567"]
    assert answer("@anna_k, or call")["clean"].to_list() == ["@anna_k, or call"]


@settings(deadline=None)  # a shared machine is no fault of the code
@given(st.lists(st.text(alphabet="@tme./w:?+791 8;aЯ", max_size=16), max_size=5, unique=True))
@example(["t.me/@anna", "skype: @anna", "tg tg anna", "wa +7 916 123 45 67", "viber: @x.y"])
def test_cleaning_twice_is_cleaning_once(values):
    once = messenger(pl.Series(values, dtype=pl.String), RUSSIAN)["clean"].drop_nulls().unique()
    again = messenger(once, RUSSIAN)
    assert again["clean"].to_list() == once.to_list()
