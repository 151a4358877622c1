"""Names across alphabets, and which names may be one person's."""

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crmtool.core.comparators.names import compatible, folded, match_key, match_key_of

MEET = """
Щербаков Shcherbakov Scherbakov
Андрей Andrey Andrei Andrej
Сергей Sergey Sergei
Дмитрий Dmitry Dmitri Dmitriy Dmitrii
Юрий Юрій Yuri Yury Yuriy Yurii Iurii
Мария Марія Maria Mariya Mariia
Наталия Natalia Наталья Nataliya Natalya
Фёдор Федор Fyodor Fedor
Зайцев Zaitsev Zaytsev
Михаил Mikhail
Михайлов Mikhailov
Раиса Raisa
Васильев Vasiliev Vasilyev
Александр Alexandr Aleksandr
Ксения Xenia Kseniya
Евгений Evgeny Yevgeny Evgenii
Достоевский Dostoevsky Dostoyevsky Dostoevskiy
Чайковский Tchaikovsky Chaykovskiy
Юлия Julia Yulia Iuliia
Микола Mykola
Цветаева Tsvetaeva Tsvetayeva
Илья Ilya Ilia
Майоров Mayorov Maiorov
Дем'янчук Демʼянчук Demianchuk
Ющенко Yushchenko Iushchenko
Зеленський Zelenskyi Zelenskyy Zelensky
Łukasz Lukasz
Анна-Мария Anna-Maria
"""


@pytest.mark.parametrize("spellings", MEET.strip().splitlines())
def test_spellings_meet(spellings):
    assert match_key(pl.Series(spellings.split())).n_unique() == 1


@pytest.mark.parametrize(
    "pair",
    [
        ("Андрей", "Андреи"),
        ("Юрий", "Юрии"),
        ("Зайцев", "Заицев"),
        ("Майер", "Маиер"),
        ("Иванов", "Иванова"),
        ("Ю", "Я"),
    ],
)
def test_different_names_stay_apart(pair):
    assert match_key(pl.Series(pair)).n_unique() == 2


def test_nothing_to_compare_is_null_and_order_is_kept():
    keys = match_key(pl.Series("name", ["-", None, "Bo", "", "Bo"]))
    assert keys.to_list() == [None, None, "bo", None, "bo"]
    assert keys.name == "name"


@settings(deadline=None)  # a shared machine is no fault of the code
@given(st.text(alphabet="АаЯяЙйИиЁёІіЇїЄєьЬtsyiaeuohjxXk'’ -.", max_size=12))
def test_keys_are_plain_and_the_same_for_all_writings_of_a_word(text):
    key, of_folded, of_upper = match_key(pl.Series([text, folded(text), text.upper()]))
    assert key == of_folded == of_upper
    assert key is None or key.replace(" ", "").isalnum()
    assert key is None or key.isascii()


def frame(*rows):
    return pl.DataFrame(rows, schema=dict.fromkeys(("given_key", "middle_key", "family_key"), pl.String), orient="row")


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (("ivan", None, "petrov"), ("ivan", "sergeevich", "petrov"), True),
        (("i", "s", "petrov"), ("ivan", "sergeevich", "petrov"), True),
        (("ju", None, "petrov"), ("jurij", None, "petrov"), True),
        (("ju", None, "petrov"), ("jana", None, "petrov"), False),
        (("ivan", None, None), ("ivan", None, "petrov"), True),
        ((None, None, "petrov"), ("ivan", None, "petrov"), True),
        (("petrov", None, "ivan"), ("ivan", None, "petrov"), True),
        (("petrov", "i", "ivan"), ("ivan", "petrovich", "petrov"), False),
        (("ivan", None, "petrov"), ("ivan", None, "sidorov"), False),
        (("ivan", None, "petrov"), ("petr", None, "petrov"), False),
        (("ivan", "petrovich", "petrov"), ("ivan", "sergeevich", "petrov"), False),
        (("iva", None, "petrov"), ("ivan", None, "petrov"), False),
        (("ivan", None, None), ("petr", None, "ivan"), False),
        ((None, None, None), ("petr", None, "ivan"), True),
    ],
)
def test_compatible(left, right, expected):
    assert compatible(frame(left), frame(right)).to_list() == [expected]


PARTS = st.tuples(*[st.sampled_from([None, "i", "ivan", "p", "petr", "petrov"])] * 3)


@settings(deadline=None)  # a shared machine is no fault of the code
@given(PARTS, PARTS)
def test_comparing_is_symmetric_and_oneself_is_compatible(one, other):
    assert compatible(frame(one), frame(other)).to_list() == compatible(frame(other), frame(one)).to_list()
    assert compatible(frame(one), frame(one)).to_list() == [True]


def test_no_rows():
    assert compatible(frame(), frame()).to_list() == []


@given(st.text(max_size=30))
@example("Щербаков-Tchaikovsky, O'Neil «Ъ»")
def test_the_key_of_one_text_is_that_of_a_column(text):
    assert match_key_of(text) == match_key(pl.Series([text]))[0]
