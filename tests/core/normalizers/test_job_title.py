"""Job titles: the vocabulary, and case."""

import tomllib
from collections import Counter
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmtool.core.folding import folded
from crmtool.core.normalizers.job_title import job_title
from crmtool.core.normalizers.registry import Settings
from crmtool.core.normalizers.vocabulary import vocabulary_index
from crmtool.core.rules import Vocabulary

FILE = Path(__file__).resolve().parents[3] / "rules" / "vocabularies" / "job_title.toml"
RULES = Vocabulary.model_validate(tomllib.loads(FILE.read_text("utf-8")))
SETTINGS = Settings(vocabulary=vocabulary_index(RULES.values, RULES.drop), placeholders=frozenset({"нет"}))


@pytest.mark.parametrize(
    ("written", "clean"),
    [
        ("ген. дир.", "Генеральный директор"),
        ("ГЕН.ДИРЕКТОР", "Генеральный директор"),
        ("гл. бух.", "Главный бухгалтер"),
        ("Главбух", "Главный бухгалтер"),
        ("директор", "Директор"),
        ("менеджер з продажу", "Менеджер з продажу"),
        ("заст. директора", "Заступник директора"),
        ("ceo", "CEO"),
        ("Chief Executive Officer", "CEO"),
        ("sales mgr.", "Sales Manager"),
        ("ВЕДУЩИЙ АРХИТЕКТОР", "Ведущий архитектор"),
        ("ведущий архитектор", "Ведущий архитектор"),
        ("НАЧАЛЬНИК ОТК", "НАЧАЛЬНИК ОТК"),
        ("QA Lead", "QA Lead"),
        ("iOS-разработчик", "iOS-разработчик"),
    ],
)
def test_titles(written, clean):
    found = job_title(pl.Series([written]), SETTINGS).row(0, named=True)
    assert (found["clean"], found["code"]) == (clean, None)


def test_each_change_names_its_rule():
    found = job_title(pl.Series(["гл. бух", "АРХИТЕКТОР", "Architect", "нет"]), SETTINGS)
    assert found["rule"].to_list() == ["job_title.synonym", "job_title.case", None, None]
    assert found["code"].to_list() == [None, None, None, "value.placeholder"]


def test_a_synonym_stands_at_one_value_only():
    places = Counter(fold for key, names in RULES.values.items() for fold in {folded(name) for name in (key, *names)})
    assert [fold for fold, count in places.items() if count > 1] == []


@settings(deadline=None)  # a shared machine is no fault of the code
@given(
    st.lists(
        st.sampled_from(["зам.", "ДИРЕКТОР", "гл. бух", "отк", "CEO"]) | st.text(max_size=9), max_size=5, unique=True
    )
)
def test_cleaning_twice_is_cleaning_once(values):
    clean = job_title(pl.Series(values, dtype=pl.String), SETTINGS)["clean"].drop_nulls().unique(maintain_order=True)
    again = job_title(clean, SETTINGS)
    assert again["clean"].to_list() == clean.to_list()
    assert again["rule"].null_count() == len(clean)
