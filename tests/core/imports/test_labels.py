"""What columns of labels say."""

import pytest

from crmtool.core.imports.labels import label_in, label_of_cell


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Mobile", "mobile"),
        ("* Work", "work"),
        ("Рабочий", "work"),
        ("Раб. тел.", "work"),
        ("Home Fax", "fax"),
        ("Work Mobile", "mobile"),
        ("Мобільний", "mobile"),
        ("домашнего", "home"),
        ("_$!<HomeFAX>!$_", None),  # one word nobody knows
        ("работа", None),
        ("домкрат", None),
        ("workshop", None),
        ("", None),
    ],
)
def test_a_label_is_known_by_its_words(text, label):
    assert label_in(text) == label


def test_a_mailbox_at_home_is_personal():
    assert (label_in("Home", "email"), label_in("Home", "phone")) == ("personal", "home")


@pytest.mark.parametrize(("text", "label"), [("* Дача ", "Дача"), ("  ", None), ("*", None), ("* Other", "other")])
def test_a_label_nobody_knows_stays_as_written(text, label):
    assert label_of_cell(text, "phone") == label
