"""Web sites: hosts, pages of networks, cells, the law."""

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crmtool.core.normalizers.registry import Settings
from crmtool.core.normalizers.site import site


def answer(*values):
    return site(pl.Series(values, dtype=pl.String), Settings())


@pytest.mark.parametrize(
    ("written", "clean"),
    [
        ("HTTP://WWW.Firma.RU/", ["http://firma.ru"]),
        ("firma.ru", ["firma.ru"]),
        ("www.firma.com.ua", ["firma.com.ua"]),
        ("https://firma.ru/Price?utm_source=x", ["https://firma.ru/Price?utm_source=x"]),
        ("http:/firma.ru", ["http://firma.ru"]),
        ("https//firma.ru", ["https://firma.ru"]),
        ("КАФЕ.рф", ["кафе.рф"]),
        ("http://xn--80a1acny.xn--p1ai", ["http://почта.рф"]),
        ("firma.ru:8080/a", ["firma.ru:8080/a"]),
        ("firma.ru, www.firma.ru, other.ua", ["firma.ru", "other.ua"]),
        ("https://ru.linkedin.com/in/Anna-K/?trk=x", ["https://linkedin.com/in/anna-k"]),
        ("m.vk.com/Ivan", ["https://vk.com/ivan"]),
        ("vkontakte.ru/id12", ["https://vk.com/id12"]),
        ("fb.com/profile.php?id=12", ["https://facebook.com/profile.php?id=12"]),
        ("https://www.instagram.com/anna.k/", ["https://instagram.com/anna.k"]),
        ("telegram.me/Firma", ["https://t.me/Firma"]),
    ],
)
def test_one_look(written, clean):
    assert answer(written)["clean"].to_list() == clean


@pytest.mark.parametrize(
    "written", ["firma", "мой сайт", "javascript:alert(1)", "ftp://x", "10.0.0.1", "a_b.ru", "mailto:a@b.ru"]
)
def test_what_is_no_site_is_refused(written):
    assert answer(written).row(0)[2:5] == (None, None, "site.invalid")


def test_parts():
    row = answer("https://vk.com/Ivan").row(0, named=True)
    assert (row["network"], row["account"], row["domain"], row["status"]) == ("vk", "ivan", "vk.com", "valid")
    assert answer("firma.lan")["status"].item() == "possible"


@settings(deadline=None)  # a shared machine is no fault of the code
@given(st.lists(st.text(alphabet="wvk.comabЯruht:ps/?=@#1 ,", max_size=20), max_size=5, unique=True))
@example(["http://www.www.ru", "https:/https://a.ru", "vk.com/", "www.vk.com?x", "m.vk.com/a/b", "fb.me/A.B"])
def test_cleaning_twice_is_cleaning_once(values):
    once = answer(*values)["clean"].drop_nulls().unique()
    again = answer(*once)
    assert again["clean"].to_list() == once.to_list()
    assert again["rule"].null_count() == len(once)
