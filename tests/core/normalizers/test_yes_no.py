"""Yes and no."""

import tomllib
from pathlib import Path

import polars as pl
import pytest

from crmtool.core.normalizers.registry import Settings
from crmtool.core.normalizers.vocabulary import vocabulary_index
from crmtool.core.normalizers.yes_no import yes_no
from crmtool.core.rules import Vocabulary

FILE = Path(__file__).resolve().parents[3] / "rules" / "vocabularies" / "yes_no.toml"
RULES = Vocabulary.model_validate(tomllib.loads(FILE.read_text("utf-8")))
INDEX = vocabulary_index(RULES.values, RULES.drop)


def answers(*values):
    settings = Settings(vocabulary=INDEX, placeholders=frozenset({"нет", "н/д"}))
    return yes_no(pl.Series(values, dtype=pl.String), settings).select("clean", "code").rows()


@pytest.mark.parametrize("written", ["да", "Так", "YES", "y", "true", "ИСТИНА", "1", "✓", "x", "Х", "+", " да. "])
def test_yes(written):
    assert answers(written) == [("yes", None)]


@pytest.mark.parametrize("written", ["нет", "Ні", "NO", "n", "false", "ЛОЖЬ", "0", "✗", "не согласен"])
def test_no(written):
    assert answers(written) == [("no", None)]


def test_marks_mean_something_by_the_column():
    assert answers("-") == [(None, "value.placeholder")]
    assert answers("+", "-") == [("yes", None), ("no", None)]
    assert answers("✓", "x") == [("yes", None), ("no", None)]


def test_what_is_neither():
    assert answers("может быть", "н/д", "2") == [
        (None, "yes_no.unknown"),
        (None, "value.placeholder"),
        (None, "yes_no.unknown"),
    ]


def test_cleaning_twice_is_cleaning_once():
    assert yes_no(pl.Series(["yes", "no"]), Settings())["rule"].to_list() == [None, None]
