"""Words put into a vocabulary file: the file stays valid, and means what it meant and the new word."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmtool.core.errors import UsageError
from crmtool.core.vocabulary_edits import with_alias, with_value

RULES = Path(__file__).resolve().parents[2] / "rules" / "vocabularies"
TEXT = """# A comment.
title = "T"
drop = ["г."]

[values]
"a" = ["b", "c"]  # first
'd' = []
"e" = [
  "f",  # six
  "g # no comment ]",
]
"h" = [
  "i"  # nine
]
"""
WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)


def values(text):
    return tomllib.loads(text)["values"]


def test_an_alias_goes_to_the_end_of_its_list():
    text = with_alias(with_alias(with_alias(with_alias(TEXT, "a", "x"), "d", "y"), "e", "z"), "h", "w")
    assert values(text) == {"a": ["b", "c", "x"], "d": ["y"], "e": ["f", "g # no comment ]", "z"], "h": ["i", "w"]}
    assert '"a" = ["b", "c", "x"]  # first' in text
    assert '  "f",  # six' in text


def test_a_value_goes_to_the_end_of_the_table():
    assert with_value(TEXT, "new").endswith(']\n"new" = []\n')
    assert values(with_value('[values]\n"a" = []\n\n[other]\nb = 1\n', "c")) == {"a": [], "c": []}


@settings(deadline=None)  # a shared machine is no fault of the code
@given(st.lists(st.tuples(st.sampled_from(["a", "d", "e", "h"]), WORDS), max_size=5), WORDS)
def test_the_file_is_valid_after_each_step(steps, value):
    text, wanted = TEXT, values(TEXT)
    for canonical, alias in steps:
        text = with_alias(text, canonical, alias)
        wanted[canonical] = [*wanted[canonical], alias]
        assert values(text) == wanted
    if value not in wanted:
        assert values(with_value(text, value)) == {**wanted, value: []}
    assert text.startswith("# A comment.\n")


@pytest.mark.parametrize("name", ["type", "stage", "source", "job_title", "legal_form", "city", "country", "region"])
def test_shipped_files_can_be_edited(name):
    text = (RULES / f"{name}.toml").read_text("utf-8")
    canonical = next(iter(values(text)))
    assert values(with_alias(text, canonical, "new word"))[canonical][-1] == "new word"
    assert values(with_value(text, "new value"))["new value"] == []


def test_what_is_not_there_is_said():
    with pytest.raises(UsageError):
        with_alias(TEXT, "nobody", "x")
