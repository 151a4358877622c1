"""Headings compared folded, and headings of mappings with `*` for a number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmtool.core.imports.headings import by_number, fits, heading_key, matched, partners, said

NUMBERED = ["Phone 1 - Value", "Phone 12 - Value", "Phone - Value", "phone_3_value"]


def test_a_star_stands_for_a_number_or_for_none():
    assert matched(NUMBERED, ["Phone * - Value"]) == {
        "Phone 1 - Value": ("Phone * - Value", "1"),
        "Phone 12 - Value": ("Phone * - Value", "12"),
        "Phone - Value": ("Phone * - Value", ""),
        "phone_3_value": ("Phone * - Value", "3"),
    }


@pytest.mark.parametrize("heading", ["Phone x - Value", "Phone 1 - Values", "My Phone 1 - Value", "", "*"])
def test_a_star_stands_for_nothing_else(heading):
    assert matched([heading], ["Phone * - Value"]) == {}


def test_a_heading_written_out_goes_before_one_with_a_star_and_a_longer_one_before_a_shorter():
    known = {"Mail *": "any", "Mail 2": "second", "Mail * - Work": "work"}
    assert said(["Mail 1", "Mail 2", "Mail 3 - Work"], known) == {
        "Mail 1": "any",
        "Mail 2": "second",
        "Mail 3 - Work": "work",
    }


def test_the_second_column_of_a_heading_is_what_the_first_is():
    assert matched(["Phone", "Phone (2)"], ["Phone"]) == {"Phone": ("Phone", ""), "Phone (2)": ("Phone", "2")}
    assert matched(["Phone (2)"], ["Phone"]) == {}  # alone it repeats nothing


def test_partners_have_the_same_number_or_are_shared():
    assert partners(["Tel 1", "Tel 2", "Type 2"], {"Tel *": "Type *"}) == {"Tel 2": "Type 2"}
    assert partners(["Tel 1", "Tel 2", "Type"], {"Tel *": "Type"}) == {"Tel 1": "Type", "Tel 2": "Type"}
    assert partners(["Tel", "Type", "Tel (2)", "Type (2)"], {"Tel": "Type"}) == {"Tel": "Type", "Tel (2)": "Type (2)"}


@pytest.mark.parametrize(
    ("headings", "fit"),
    [
        (["\ufeffID", "Phone 7"], True),
        (["id", "PHONE"], True),
        (["ID", "Phone 1", "More"], True),
        (["ID"], False),
        (["ID", "Phone x"], False),
    ],
)
def test_a_signature_fits_with_a_byte_order_mark_any_case_and_any_number(headings, fit):
    assert fits(headings, ["ID", "Phone *"]) == fit


@given(st.text(max_size=20))
def test_a_key_is_its_own_key(heading):
    assert heading_key(heading_key(heading)) == heading_key(heading)


@given(st.lists(st.text(max_size=12), unique=True, max_size=6), st.lists(st.text("ab*1 ", max_size=6), max_size=4))
def test_whatever_matches_is_a_heading_of_the_file_and_an_entry_of_the_mapping(headings, known):
    for heading, (entry, number) in matched(headings, known).items():
        assert heading in headings
        assert entry in known
        assert number.isdecimal() or not number
        assert set(by_number(headings, entry).values()) <= set(headings)
