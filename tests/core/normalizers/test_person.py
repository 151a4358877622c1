"""Whole names and parts of names: what is split, what stays whole, case, gender, the law."""

import re

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crmtool.core.model import NAME_PARTS
from crmtool.core.normalizers.person import name_part, person
from crmtool.core.normalizers.registry import Settings


def answer(*values, order="auto"):
    return person(pl.Series(values, dtype=pl.String), Settings(name_order=order))


def parts(written, order="auto"):
    row = answer(written, order=order).row(0, named=True)
    return {part: row[part] for part in NAME_PARTS if row[part]}


def ivan(*, given="Иван", middle=None, family="Петров"):
    named = {"given_name": given, "middle_name": middle, "family_name": family}
    return {part: value for part, value in named.items() if value}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Петров Иван Сергеевич", ivan(middle="Сергеевич")),
        ("Иван Сергеевич Петров", ivan(middle="Сергеевич")),
        ("ПЕТРОВ ИВАН СЕРГЕЕВИЧ", ivan(middle="Сергеевич")),
        ("Петров, Иван Сергеевич", ivan(middle="Сергеевич")),
        ("ПЕТРОВ ИВАН", ivan()),
        ("иван петров", ivan()),
        ("Петров, Иван", ivan()),
        ("Петров И.С.", ivan(given="И.", middle="С.")),
        ("И. С. Петров", ivan(given="И.", middle="С.")),
        ("Петров И.", ivan(given="И.")),
        ("И.Петров", ivan(given="И.")),
        ("Иван С. Петров", ivan(middle="С.")),
        ("Иван Сергеевич", ivan(middle="Сергеевич", family=None)),
        ("Анна", ivan(given="Анна", family=None)),
        ("Петренко", ivan(given=None, family="Петренко")),
        ("Шевченко Оксана Тарасівна", ivan(given="Оксана", middle="Тарасівна", family="Шевченко")),
        ("Янукович Віктор Федорович", ivan(given="Віктор", middle="Федорович", family="Янукович")),
        ("Віктор Федорович Янукович", ivan(given="Віктор", middle="Федорович", family="Янукович")),
        ("Анна Янукович", ivan(given="Анна", family="Янукович")),
        ("Алиев Ильхам Гейдар оглы", ivan(given="Ильхам", middle="Гейдар оглы", family="Алиев")),
        ("Алиева Лейла Гейдар-кызы", ivan(given="Лейла", middle="Гейдар-кызы", family="Алиева")),
        ("Заурбек Абдулаев", ivan(given="Заурбек", family="Абдулаев")),
        ("Иванова-Петрова Анна-Мария", ivan(given="Анна-Мария", family="Иванова-Петрова")),
        ("Людвиг ван Бетховен", ivan(given="Людвиг", family="ван Бетховен")),
        ("г-н Петров", {"prefix": "г-н", "family_name": "Петров"}),
        ("John Smith", ivan(given="John", family="Smith")),
        ("Smith, John", ivan(given="John", family="Smith")),
        ("Elton John", ivan(given="Elton", family="John")),
        ("Petrov Ivan", ivan(given="Ivan", family="Petrov")),
        ("Petrov Ivan Sergeevich", ivan(given="Ivan", middle="Sergeevich", family="Petrov")),
        ("Smith J.", ivan(given="J.", family="Smith")),
        ("Juan de la Vega", ivan(given="Juan", family="de la Vega")),
        ("Velasquez y Garcia, Juan", ivan(given="Juan", family="Velasquez y Garcia")),
        (
            "Mr. John A. Smith Jr.",
            {"prefix": "Mr.", "suffix": "Jr.", **ivan(given="John", middle="A.", family="Smith")},
        ),
        ("Smith, Dr. John, III", {"prefix": "Dr.", "suffix": "III", **ivan(given="John", family="Smith")}),
    ],
)
def test_what_is_certain_is_split(written, expected):
    assert parts(written) == expected
    assert answer(written)["code"].to_list() == [None]


@pytest.mark.parametrize(
    "written",
    [
        "Роман Мартин",
        "Виктор Янукович",
        "Авдаз Бозор",
        "Иван Петров 2",
        "Иван, Петров",
        "Петров Сергеевич",
        "a, b, c",
        "И. С.",
    ],
)
def test_what_is_not_certain_stays_whole(written):
    row = answer(f" {written} ").row(0, named=True)
    assert (row["clean"], row["code"], parts(written)) == (written, "name.unclear", {})


def test_the_rules_tell_the_order_only_where_the_words_do_not():
    assert parts("Авдаз Бозор", "given-family") == ivan(given="Авдаз", family="Бозор")
    assert parts("Авдаз Бозор", "family-given") == ivan(given="Бозор", family="Авдаз")
    assert parts("Avdaz Bozor", "family-given") == ivan(given="Bozor", family="Avdaz")
    assert parts("Петров Иван", "given-family") == ivan()
    assert parts("Иван Петров", "family-given") == ivan()
    assert parts("Виктор Янукович", "given-family") == {}


@pytest.mark.parametrize(
    ("written", "clean"),
    [
        ("ПЕТРОВ ИВАН", "Иван Петров"),
        ("Петров, Иван", "Иван Петров"),
        ("Smith, Dr. John, III", "Dr. John Smith III"),
        ("JUAN DE LA VEGA", "Juan de la Vega"),
        ("Фёдор Ёлкин", "Фёдор Ёлкин"),
    ],
)
def test_display_name(written, clean):
    assert answer(written)["clean"].to_list() == [clean]


@pytest.mark.parametrize(
    ("written", "gender"),
    [
        ("Петров Иван Сергеевич", "male"),
        ("Петренко Саша Іванівна", "female"),
        ("Анна Петрова", "female"),
        ("Саша Петренко", None),
        ("Петров И. С.", "male"),
        ("Петренко И. С.", None),
        ("Petrova I. S.", None),
        ("Анна Сергеевич Петрова", None),
        ("Алиева Лейла Гейдар кызы", "female"),
    ],
)
def test_gender_is_told_or_unknown(written, gender):
    assert answer(written)["gender"].to_list() == [gender]


@pytest.mark.parametrize(
    ("written", "clean"),
    [
        ("ПЕТРОВ", "Петров"),
        ("петров-водкин", "Петров-Водкин"),
        ("О’КОННОР", "О'Коннор"),
        ("o'neil", "O'Neil"),
        ("ДЕМ'ЯНЧУК", "Дем'янчук"),
        ("McDonald", "McDonald"),
        ("MCDONALD", "McDonald"),
        ("ВАН ДЕР БЕРГ", "ван дер Берг"),
        (" Анна   Мария ", "Анна Мария"),
        ("DiCaprio", "DiCaprio"),
        ("и.", "И."),
        ("III", "III"),
        ("ёлкин", "Ёлкин"),
    ],
)
def test_parts_get_their_case(written, clean):
    assert name_part(pl.Series([written]), Settings())["clean"].to_list() == [clean]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("Иван и Мария Петровы", "name.several"),
        ("John & Jane Doe", "name.several"),
        ("Петров Иван / Петрова Мария", "name.several"),
        ("ООО РОМАШКА", "name.company"),
        ('ТОВ "Ромашка"', "name.company"),
        ("Acme Ltd", "name.company"),
        ("не звонить", "name.none"),
        ("+7 916 123-45-67", "name.none"),
        ("ivan@example.org", "name.none"),
        ("Иван сантехник", "name.none"),
        ("мама Коли", "name.unclear"),
        ("Иван Петров (бухгалтер)", "name.unclear"),
        ("Петрова (Иванова) Анна", "name.unclear"),
        ("Nguyen Van Anh", "name.unclear"),
        ("毛泽东", "name.unclear"),
    ],
)
def test_what_is_no_single_name_is_told_and_kept(written, code):
    row = answer(written).row(0, named=True)
    assert (row["clean"], row["code"]) == (written, code)


@pytest.mark.parametrize("written", ["test", "тест тестович", "asdf", "Имя Фамилия", "ааа", "-", "First Last"])
def test_placeholders_are_unknown(written):
    assert answer(written).select("clean", "code", "status").row(0) == (None, "value.placeholder", "unknown")


@pytest.mark.parametrize(
    ("written", "suggestion", "clean", "code"),
    [
        ("Bdfyjd", "Иванов", "Bdfyjd", "name.layout"),
        ("Gtnhjd Bdfy", "Петров Иван", "Gtnhjd Bdfy", "name.layout"),
        ("Ивaнoв Ивaн", "Иван Иванов", "Иван Иванов", "name.letters"),
        ("Crosby", None, "Crosby", "name.unclear"),
    ],
)
def test_letters_of_the_wrong_alphabet(written, suggestion, clean, code):
    assert answer(written).select("suggestion", "clean", "code").row(0) == (suggestion, clean, code)


@pytest.mark.parametrize(
    ("written", "part", "value"),
    [
        ("Петров Иван (Ваня)", "nickname", "Ваня"),
        ('Benjamin "Big Ben" Franklin', "nickname", "Big Ben"),
        ("д. м. н. Петров Иван Сергеевич", "prefix", "д.м.н."),
        ("Петров И. С., к.т.н.", "suffix", "к.т.н."),
        ("John Doe, CLU, CFP", "suffix", "CLU, CFP"),
        ("Secretary of State Anna Smith", "prefix", "Secretary of State"),
        ("Dr. Maria", "family_name", "Maria"),
        ("Sir Elton", "given_name", "Elton"),
        ("Vincent van Gogh van Laar", "family_name", "van Laar"),
        ("Иванова - Петрова Анна", "family_name", "Иванова-Петрова"),
        ("Нұрсұлтан Әбішұлы Назарбаев", "middle_name", "Әбішұлы"),
        ("Anna Smith 😊", "family_name", "Smith"),
        ("иВАН ПЕтров", "family_name", "Петров"),
        ("Сергеевич Иван Петров", "given_name", "Иван"),
        ("Iwan Petrow, Dr.", "prefix", "Dr."),
    ],
)
def test_what_stands_in_and_around_a_name(written, part, value):
    assert answer(written)[part].to_list() == [value]


WORDS = ["Иван", "ПЕТРОВ", "Петрова", "Сергеевич", "Янукович", "Анна", "И.", "И.С.", ",", "Smith", "John", "jr", "van"]
WORDS += [
    "и",
    "and",
    "&",
    "(Ваня)",
    '"Bob"',
    "д.м.н.",
    "Bdfyjd",
    "Ивaнов",
    "ООО",
    "V",
    "CFP",
    "Lord",
    "of",
    "😊",
    "тест",
]
WORDS += ["Petrov", "г-н", "оглы", "Роман", "Аббас", "y", "2", "мл.", "О'КОННОР", "Mr.", "de", "Ivanovich", "Дем’ян"]
NAMES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join)


@pytest.mark.parametrize("order", ["auto", "given-family", "family-given"])
@settings(deadline=None)  # a shared machine is no fault of the code
@given(names=st.lists(NAMES | st.text(max_size=8), max_size=6, unique=True))
@example(names=["Сергеевич , Иван (Ваня)", "мл. , jr , Иван"])
def test_cleaning_twice_is_cleaning_once(order, names):
    once = answer(*names, order=order)["clean"].drop_nulls().unique()
    again = answer(*once, order=order)
    assert again["clean"].to_list() == once.to_list()
    assert again["rule"].null_count() == len(once)


@settings(deadline=None)  # a shared machine is no fault of the code
@given(names=st.lists(NAMES, max_size=6, unique=True))
def test_no_word_is_lost(names):
    for row in answer(*names).filter(pl.col("code").is_null() & pl.col("clean").is_not_null()).iter_rows(named=True):
        kept = " ".join(row[part] for part in (*NAME_PARTS, "nickname") if row[part])
        assert sorted(re.findall(r"\w", kept.casefold())) == sorted(re.findall(r"\w", row["value"].casefold()))


@settings(deadline=None)  # a shared machine is no fault of the code
@given(st.lists(NAMES | st.text(max_size=8), max_size=6, unique=True))
def test_cleaning_a_part_twice_is_cleaning_it_once(words):
    once = name_part(pl.Series(words, dtype=pl.String), Settings())["clean"].drop_nulls().unique()
    again = name_part(once, Settings())
    assert again["clean"].to_list() == once.to_list()
    assert again["rule"].null_count() == again["code"].null_count() == len(once)
