"""Plain values to TOML and back, whatever the texts hold."""

import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmtool.io.writers import toml

text = st.text(st.characters(codec="utf-8"))
plain = st.one_of(text, st.integers(-(2**63), 2**63 - 1), st.booleans(), st.lists(text, max_size=4))
table = st.dictionaries(text, plain, max_size=4)
document = st.dictionaries(text, st.one_of(plain, table, st.lists(table, min_size=1, max_size=3)), max_size=5)


@given(document)
@settings(deadline=None)
def test_what_is_written_reads_back(content):
    assert tomllib.loads(toml.dumped(content)) == content


@given(st.dictionaries(text, st.dictionaries(text, table, max_size=3), max_size=3))
@settings(deadline=None)
def test_tables_inside_tables_read_back(content):
    assert tomllib.loads(toml.dumped(content)) == content


@pytest.mark.parametrize(
    "heading", ['a"b', "a\\b", "[x]", "a = 1\nb", "'''", "", "#", "\x00\x7f\x9b", "\u2028", "Ім'я.x", "ID"]
)
def test_a_heading_stays_a_heading(heading):
    assert tomllib.loads(toml.dumped({"columns": {heading: "name"}})) == {"columns": {heading: "name"}}


def test_what_toml_cannot_hold_is_left_out_or_replaced():
    assert tomllib.loads(toml.dumped({"a": None, "b": "x\ud800"})) == {"b": "x\ufffd"}


def test_a_long_list_stands_on_several_lines():
    content = {"signature": [f"heading {n}" for n in range(20)]}
    written = toml.dumped(content)
    assert max(map(len, written.splitlines())) < 100
    assert tomllib.loads(written) == content
