"""Which rows are kept: what is rejected and why, what repeats, what shares a key and says something else."""

import polars as pl
import pytest

from crmtool.core import model
from crmtool.core.imports.checking import checked
from crmtool.core.rules import Fields

FIELDS = Fields(field={}, identity=("name", "company", "email"))
_ROW = {"row": pl.Int64(), "source_key": pl.String(), "raw": pl.String(), "surplus": pl.Boolean(), **model.CLEAN}
NOBODY = "has no name, company, phone or e-mail: nobody to keep"
LACKS = "city: is empty, against rule required; email: is empty, against rule required"


def rows(*given):
    """Rows from file row 2 with a name, each with a key and cells of its own unless it says otherwise."""
    usual = [
        {"row": n, "source_key": f"k{n}", "raw": f'{{"n":"{n}"}}', "surplus": False, "name": "Ада", **row}
        for n, row in enumerate(given, 2)
    ]
    return pl.DataFrame(usual, schema=_ROW)


def said(found):
    return found.findings.select("row", "code", "field", "suggestion").rows()


def test_rows_with_nothing_to_say_against_are_kept_as_they_are():
    given = rows({}, {})
    found = checked(given, FIELDS)
    assert found.accepted.select(given.columns).equals(given)
    assert (found.rejected.height, found.repeated, said(found)) == (0, 0, [])


@pytest.mark.parametrize("given", [rows(), rows({"name": None})])
def test_no_row_to_keep_keeps_the_columns(given):
    found = checked(given, FIELDS)
    assert found.accepted.height == 0
    assert set(_ROW) <= set(found.accepted.columns)


# -- whom we can know -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "kept"),
    [
        ({"name": "Ада"}, True),
        ({"name": None, "company": "Ромашка"}, True),
        ({"name": None, "channels": [{"kind": "email", "value": "a@x.ua"}]}, True),
        ({"name": None, "channels": [{"kind": "phone", "value": "+380501112233"}]}, False),
        ({"name": None, "channels": []}, False),
        ({"name": None, "channels": None}, False),
        ({"name": None, "city": "Київ"}, False),
    ],
)
def test_a_row_needs_one_of_the_fields_that_say_who_it_is(row, kept):
    found = checked(rows(row), FIELDS)
    assert found.accepted.height == kept
    assert said(found) == ([] if kept else [(2, "row.empty", None, None)])


def test_a_rejected_row_that_still_has_cells_left_over_is_not_corrected():
    found = checked(rows({"surplus": True}, {}), FIELDS)
    assert found.rejected.select("row", "code").rows() == [(2, "row.ragged")]


def test_the_required_field_that_lacks_is_named():
    fields = Fields(field={}, identity=("name",), required=("city", "email"))
    found = checked(
        rows({"city": "Київ"}, {"channels": [{"kind": "email", "value": "a@x.ua"}]}, {"name": None}), fields
    )
    assert found.accepted.height == 0
    assert found.rejected.rows() == [
        (2, '{"n":"2"}', "value.required", "email: is empty, against rule required"),
        (3, '{"n":"3"}', "value.required", "city: is empty, against rule required"),
        (4, '{"n":"4"}', "row.empty", f"{NOBODY}; {LACKS}"),
    ]
    assert said(found) == [
        (2, "value.required", "email", "required"),
        (3, "value.required", "city", "required"),
        (4, "row.empty", None, None),
        (4, "value.required", "city", "required"),
        (4, "value.required", "email", "required"),
    ]


# -- rows and keys ----------------------------------------------------------------------------------------------------


def test_a_row_that_says_the_same_under_the_same_key_is_repeated():
    twin = {"source_key": "k", "raw": "{}"}
    found = checked(rows(twin, {}, twin, twin), FIELDS)
    assert found.accepted["row"].to_list() == [2, 3]
    assert found.repeated == 2
    assert said(found) == [(4, "row.repeated", None, "2"), (5, "row.repeated", None, "2")]


def test_a_row_that_says_something_else_under_the_same_key_is_kept_under_a_key_of_its_own():
    found = checked(rows({"source_key": "k", "raw": '{"a":"1"}'}, {"source_key": "k", "raw": '{"a":"2"}'}), FIELDS)
    first, second = found.accepted["source_key"]
    assert first == "k"
    assert second.startswith("k#")
    assert found.repeated == 0
    assert said(found) == [(3, "row.key", None, "2")]


def test_the_key_of_its_own_depends_on_what_the_row_says_alone():
    one, two, three = ({"source_key": "k", "raw": f'{{"a":"{n}"}}'} for n in (1, 2, 3))
    alone = checked(rows(one, three), FIELDS).accepted["source_key"].to_list()
    beside = checked(rows(one, two, three), FIELDS).accepted["source_key"].to_list()
    assert alone == [beside[0], beside[2]]
    assert len(set(beside)) == 3


def test_a_row_that_repeats_one_with_a_key_of_its_own_is_repeated_too():
    one, two = ({"source_key": "k", "raw": f'{{"a":"{n}"}}'} for n in (1, 2))
    found = checked(rows(one, two, two), FIELDS)
    assert found.accepted["row"].to_list() == [2, 3]
    assert found.repeated == 1
    assert said(found) == [(3, "row.key", None, "2"), (4, "row.repeated", None, "3")]


def test_rejected_rows_count_neither_as_first_nor_as_repeated():
    twin = {"source_key": "k", "raw": "{}"}
    found = checked(rows({**twin, "name": None}, twin, {**twin, "name": None}), FIELDS)
    assert found.accepted["row"].to_list() == [3]
    assert found.rejected["row"].to_list() == [2, 4]
    assert found.repeated == 0


def test_every_row_is_in_exactly_one_place():
    twin = {"source_key": "k", "raw": "{}"}
    given = rows(twin, twin, {"source_key": "k"}, {"name": None}, {}, {"source_key": "k2"})
    found = checked(given, FIELDS)
    assert found.accepted.height + found.rejected.height + found.repeated == given.height
    assert found.accepted["source_key"].is_unique().all()
