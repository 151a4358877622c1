"""Names of companies: forms apart, quotation marks, case, people, several in a cell."""

import tomllib
from collections import Counter
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmtool.core.folding import folded
from crmtool.core.normalizers import company_forms
from crmtool.core.normalizers.company import company, read
from crmtool.core.normalizers.company_quick import quick
from crmtool.core.normalizers.registry import Settings
from crmtool.core.normalizers.vocabulary import vocabulary_index
from crmtool.core.rules import Vocabulary

FILE = Path(__file__).resolve().parents[3] / "rules" / "vocabularies" / "legal_form.toml"
RULES = Vocabulary.model_validate(tomllib.loads(FILE.read_text("utf-8")))
SETTINGS = Settings(vocabulary=vocabulary_index(RULES.values, RULES.drop), placeholders=frozenset({"нет"}))
INDEX = company_forms.index(SETTINGS.vocabulary)


def answer(value):
    return company(pl.Series([value]), SETTINGS).row(0, named=True)


@pytest.mark.parametrize(
    ("written", "clean", "base", "form"),
    [
        ('ООО "Ромашка"', "ООО «Ромашка»", "Ромашка", "ООО"),
        ("ооо ромашка", "ООО «Ромашка»", "Ромашка", "ООО"),
        ("Ромашка, ООО", "ООО «Ромашка»", "Ромашка", "ООО"),
        ("О. О. О. „Ромашка“", "ООО «Ромашка»", "Ромашка", "ООО"),
        ("ООО &quot;Ромашка&quot;", "ООО «Ромашка»", "Ромашка", "ООО"),
        ("Общество с ограниченной ответственностью «Ромашка»", "ООО «Ромашка»", "Ромашка", "ООО"),
        ('ОБЩЕСТВО С ОГРАНИЧЕНОЙ ОТВЕТСТВЕННОСТЬЮ "РОМАШКА"', "ООО «Ромашка»", "Ромашка", "ООО"),
        ('ООО "ТД "Ромашка"', "ООО «ТД „Ромашка“»", "ТД Ромашка", "ООО"),
        ('ООО ТД "Ромашка"', "ООО ТД «Ромашка»", "ТД Ромашка", "ООО"),
        ("ООО «Siemens AG»", "ООО «Siemens AG»", "Siemens", "ООО AG"),
        ("OOO Romashka", "ООО «Romashka»", "Romashka", "ООО"),
        ("Филиал ООО «Ромашка» в Орске", "Филиал ООО «Ромашка» в Орске", "Филиал Ромашка в Орске", "ООО"),
        ("МБОУ СОШ №5", "МБОУ СОШ №5", "СОШ №5", "МБОУ"),
        ("Муниципальное бюджетное учреждение культуры «Заря»", "МБУК «Заря»", "Заря", "МБУК"),
        ('ТОВ "Мрія"', "ТОВ «Мрія»", "Мрія", "ТОВ"),
        ('TOB "Мрія"', "ТОВ «Мрія»", "Мрія", "ТОВ"),  # in Latin letters
        ("Товариство з обмеженою відповідальністю «Мрія»", "ТОВ «Мрія»", "Мрія", "ТОВ"),
        ("Приватне акціонерне товариство Мрія", "ПрАТ «Мрія»", "Мрія", "ПрАТ"),
        ('АТ КБ "Мрія"', "АТ КБ «Мрія»", "Мрія", "АТ КБ"),
        ("Romashka, LLC", "Romashka LLC", "Romashka", "LLC"),
        ("LLC Romashka", "Romashka LLC", "Romashka", "LLC"),
        ("Acme Trading Co., Ltd", "Acme Trading Co. Ltd.", "Acme Trading", "Co. Ltd."),
        ("ACME TRADING LIMITED", "Acme Trading Ltd.", "Acme Trading", "Ltd."),
        ("Müller GmbH & Co. KG", "Müller GmbH & Co. KG", "Müller", "GmbH & Co. KG"),
        ("Kowalski Sp. z o. o.", "Kowalski Sp. z o.o.", "Kowalski", "Sp. z o.o."),
        ("A B Ekonomi", "AB Ekonomi", "Ekonomi", "AB"),
        ("Oy Ekonomi Ab", "Oy Ekonomi AB", "Ekonomi", "Oy AB"),
        ("UAB „Ramunė“", "UAB Ramunė", "Ramunė", "UAB"),
    ],
)
def test_forms(written, clean, base, form):
    found = answer(written)
    assert (found["clean"], found["base_name"], found["legal_form"]) == (clean, base, form)
    assert (found["code"], found["kind"]) == (None, "company")


@pytest.mark.parametrize(
    "name",
    [
        "AS Roma",
        "Day Spa",
        "Газпром",
        "по делам",
        "Johnson & Johnson",
        "Steamship Company Torm",
        "Limited Edition Toys",
    ],
)
def test_what_is_no_form_stays(name):
    found = answer(name)
    assert (found["clean"], found["base_name"], found["legal_form"], found["rule"]) == (name, name, None, None)


@pytest.mark.parametrize(
    ("written", "clean", "person"),
    [
        ("ИП Иванов Иван Иванович", "ИП Иванов Иван Иванович", "Иванов Иван Иванович"),
        ("ип петров", "ИП Петров", "Петров"),
        ("ИП ПЕТРОВ И.И.", "ИП Петров И.И.", "Петров И.И."),
        ("Петров И.И., ИП", "ИП Петров И.И.", "Петров И.И."),
        ("Фізична особа-підприємець Коваль Ольга", "ФОП Коваль Ольга", "Коваль Ольга"),
        ("ПП Коваль Ольга", "ПП Коваль Ольга", "Коваль Ольга"),
        ('ПП "Коваль"', "ПП «Коваль»", None),
        ("ЧП Вектор", "ЧП Вектор", None),
    ],
)
def test_sole_proprietors(written, clean, person):
    found = answer(written)
    assert (found["clean"], found["person"]) == (clean, person)
    assert found["kind"] == ("person" if person else "company")


@pytest.mark.parametrize(
    "word", ["самозанятый", "Частное лицо", "физ. лицо", "фізична особа", "Private person", "нет", "-"]
)
def test_a_private_person_is_no_company(word):
    found = answer(word)
    assert (found["clean"], found["code"]) == (None, "value.placeholder")


@pytest.mark.parametrize(
    "cell",
    [
        "ООО «А» / ООО «Б»",
        "ООО Ромашка, ИП Петров",
        "Acme Inc; Beta LLC",
        "ПАО Вектор ООО Ромашка",
        "ТОВ «Мрія», ФОП Коваль",
    ],
)
def test_several_companies_are_kept_and_told(cell):
    found = answer(cell)
    assert (found["clean"], found["code"], found["base_name"]) == (cell, "company.several", None)


@pytest.mark.parametrize("cell", ["ООО", "Ltd. & Co.", "Inc"])
def test_a_form_alone_is_kept_and_told(cell):
    found = answer(cell)
    assert (found["clean"], found["code"], found["base_name"]) == (cell, "company.nameless", None)


def test_the_long_form_is_given_where_it_is_one():
    assert answer("ООО Ромашка")["full_form"] == "Общество с ограниченной ответственностью"
    assert answer("ДП «Мрія»")["full_form"] is None  # державне or дочірнє


def test_each_change_names_its_rule():
    found = company(pl.Series(["ООО «Мир»", "ооо мир", '"Мир"', "ЮЖНЫЙ БЕРЕГ"]), SETTINGS)
    assert found["rule"].to_list() == [None, "company.form", "company.quotes", "company.case"]


def test_a_synonym_stands_at_one_form_only():
    places = Counter(fold for key, names in RULES.values.items() for fold in {folded(name) for name in (key, *names)})
    assert [fold for fold, count in places.items() if count > 1] == []


PIECES = ["ООО", "ооо", "ТОВ", "ИП", "АО", "LLC", "Co.", "Ltd", "AB", "Oy", "& Co", "S.A.", "МБОУ", "ФГБОУ ВО", "Inc."]
MARKS = ['"', "«", "»", "„", "“", "'", ",", ";", "/", "(", ")", "-", "&", "."]
NAMES = ["Ромашка", "РОМАШКА", "ромашка", "Acme", "ACME TRADING", "И.И.", "Иванов", "№5", "а", "дом", "株式会社", "'"]
CELLS = st.lists(st.sampled_from([*PIECES, *MARKS, *NAMES]), max_size=7).flatmap(
    lambda parts: st.sampled_from([" ", ""]).map(lambda between: between.join(parts))
)


@settings(max_examples=settings().max_examples // 3)
@given(st.lists(CELLS | st.text(max_size=9), max_size=18, unique=True))
def test_cleaning_twice_is_cleaning_once(values):
    clean = company(pl.Series(values, dtype=pl.String), SETTINGS)["clean"].drop_nulls().unique(maintain_order=True)
    again = company(clean, SETTINGS)
    assert again["clean"].to_list() == clean.to_list()
    assert again["rule"].null_count() == len(clean)


@given(st.lists(CELLS, max_size=8, unique=True))
def test_the_quick_way_answers_as_the_careful_one(cells):
    texts = pl.Series([" ".join(cell.split()) for cell in cells], dtype=pl.String).unique()
    for row in quick(texts, INDEX).iter_rows():
        slow = read(row[0], INDEX)
        assert row[1:] == (slow.clean, slow.base, slow.form, slow.full, slow.person)


NAMED = ["Ёлки Палки", "Acme Trading", "Иванов Иван", "Центр 2000", "и партнёры Север", "Дом книги", "о Доме"]


@pytest.mark.parametrize("shape", ["{} {}", '{} "{}"', "{}«{}»", "{} “{}”", '"{1}" {0}', "{1}, {0}", '"{1}", {0}'])
def test_the_quick_way_knows_every_form_as_the_careful_one_does(shape):
    """Some 10,000 names a shape: each form of the vocabulary, in small letters, capitals and as a title."""
    forms = {change(form) for form in SETTINGS.vocabulary for change in (str, str.upper, str.capitalize)}
    texts = pl.Series(sorted({shape.format(form, name) for form in forms for name in NAMED}))
    for row in quick(texts, INDEX).iter_rows():
        slow = read(row[0], INDEX)
        assert row[1:] == (slow.clean, slow.base, slow.form, slow.full, slow.person)


@settings(max_examples=settings().max_examples // 5)
@given(st.lists(CELLS, min_size=5, max_size=9, unique=True))
def test_no_letter_of_the_name_is_lost(cells):
    found = company(pl.Series(cells), SETTINGS).select("clean", "base_name").drop_nulls()
    for clean, base in found.iter_rows():
        letters = Counter(c for c in folded(base) if c.isalnum())
        assert not letters - Counter(c for c in folded(clean) if c.isalnum())


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("ИП Примеров П.П.", "ИП Примеров П.П."),
        ("ФОП Зразко А. О.", "ФОП Зразко А. О."),
        ("ИП Примеров П. П.", "ИП Примеров П. П."),
    ],
)
def test_initials_of_a_person_are_no_form(written, wanted):
    found = answer(written)
    assert (found["clean"], found["person"]) == (wanted, wanted.split(" ", 1)[1])


def test_the_rule_of_a_name_with_spaces_to_spare_is_theirs():
    assert answer(" ООО  «Ромашка»")["rule"] == "text.spaces"
