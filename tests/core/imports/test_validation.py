"""What rows lack, or have and should not: each thing a rule may ask, and the findings it gives."""

import datetime as dt

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmtool.core import model, requirements
from crmtool.core.imports.checking import checked
from crmtool.core.imports.validation import Standards, broken, held, present
from crmtool.core.rules import Fields, Requirement

TODAY = dt.date(2026, 11, 21)
_ROW = {"row": pl.Int64(), **model.CLEAN, "tags": pl.List(pl.String())}


def rows(*given):
    """Records from file row 2 on."""
    return pl.DataFrame([{"row": n, **row} for n, row in enumerate(given, 2)], schema=_ROW)


def channel(kind, value, label=None):
    return {"kind": kind, "value": value, "label": label}


def said(records, *rules, **about):
    asked = Standards(tuple(Requirement(**{"name": "r", **rule}) for rule in rules), today=TODAY, **about)
    return broken(records, asked).select("row", "field", "value", "code").rows()


PHONES = [channel("phone", "+380501112233", "mobile"), channel("phone", "+380441112233", "work")]
OWN = [{"field": "consent.news", "value": "yes"}, {"field": "size", "value": "42"}]


# -- what is there ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "row", "values"),
    [
        ("city", {"city": "Київ"}, ["Київ"]),
        ("name", {"name": "Ада"}, ["Ада"]),
        ("name", {"given_name": "Ада", "family_name": "Вигадана"}, ["Ада Вигадана"]),
        ("name", {"company": "Ромашка"}, []),
        ("phone", {"channels": PHONES}, ["+380501112233", "+380441112233"]),
        ("phone.work", {"channels": PHONES}, ["+380441112233"]),
        ("phone.fax", {"channels": PHONES}, []),
        ("email", {"channels": PHONES}, []),
        ("email", {"channels": []}, []),
        ("attr.size", {"custom": OWN}, ["42"]),
        ("attr.consent", {"custom": OWN}, []),
        ("consent.news", {"custom": OWN}, ["yes"]),
        ("consent", {"custom": OWN}, ["yes"]),
        ("utm", {"custom": OWN}, []),
        ("utm", {}, []),
        ("tags", {"tags": ["a", "b"]}, ["a", "b"]),
        ("tags", {"tags": []}, []),
    ],
)
def test_the_values_of_a_field_and_whether_there_are_any(field, row, values):
    records = rows(row)
    assert held(records, field)["value"].to_list() == values
    assert records.select(present(field).alias("there"))["there"].to_list() == [bool(values)]


# -- what has to be there ---------------------------------------------------------------------------------------------


def test_each_field_that_lacks_is_told():
    found = said(rows({"city": "Київ"}, {"owner": "Ада"}), {"required": ["city", "owner"]})
    assert found == [(3, "city", None, "value.required"), (2, "owner", None, "value.required")]


def test_what_no_row_has_and_no_column_gives_is_told_once():
    records, rule = rows({"city": "Київ"}, {}), Requirement(name="r", required=["city", "owner", "stage"])
    asked = Standards((rule,), headings={"stage": ("Етап",)})
    found = broken(records, asked).select("row", "column", "field", "code", "suggestion").rows()
    assert found == [
        (3, None, "city", "value.required", "r"),
        (2, "Етап", "stage", "value.required", "r"),
        (3, "Етап", "stage", "value.required", "r"),
        (None, None, None, "file.lacks", "r: owner"),
    ]
    assert "file.lacks" not in broken(records, asked, first=False)["code"].to_list()


def test_where_rows_are_set_aside_for_it_each_row_is_told():
    assert said(rows({}), {"required": ["owner"], "severity": "error"}) == [(2, "owner", None, "value.required")]


def test_one_of_several_is_enough():
    records = rows({"channels": PHONES}, {"city": "Київ"}, {"channels": [channel("email", "a@x.ua")]})
    found = said(records, {"at_least_one": ["phone", "email"]})
    assert found == [(3, "phone", None, "value.required")]


# -- whom it concerns -------------------------------------------------------------------------------------------------


def test_a_rule_may_be_about_people_or_companies_only():
    records = rows(
        {"name": "Ада", "company": "Ромашка"}, {"company": "Ромашка"}, {"name": "Ромашка", "kind": "company"}
    )
    rule = {"required": ["owner"], "severity": "error"}
    assert [row for row, *_ in said(records, {**rule, "kind": "person"})] == [2]
    assert [row for row, *_ in said(records, {**rule, "kind": "company"})] == [3, 4]


@pytest.mark.parametrize(
    ("when", "concerned"),
    [
        ([{"field": "type", "equals": "B2C"}], [2]),
        ([{"field": "type", "equals": ["b2c", "b2b"]}], [2, 3]),
        ([{"field": "type", "differs": "b2c"}], [3, 4]),
        ([{"field": "type"}], [2, 3]),
        ([{"field": "type", "filled": False}], [4]),
        ([{"field": "type", "equals": "b2c"}, {"field": "city", "filled": True}], []),
        ([{"field": "phone", "equals": "+380501112233"}], [4]),
    ],
)
def test_a_rule_may_be_about_some_rows_only(when, concerned):
    records = rows({"type": "b2c"}, {"type": "b2b"}, {"channels": PHONES})
    found = said(records, {"when": when, "required": ["owner"], "severity": "error"})
    assert [row for row, *_ in found] == concerned


def test_for_b2c_source_and_consent_are_needed():
    records = rows({"type": "b2c", "source": "site", "custom": OWN}, {"type": "B2C"}, {"type": "b2b"})
    found = said(records, {"when": [{"field": "type", "equals": "b2c"}], "required": ["source", "consent"]})
    assert found == [(3, "source", None, "value.required"), (3, "consent", None, "value.required")]


# -- what values have to be -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "good", "bad", "code"),
    [
        ({"pattern": r"[\pL -]+"}, ["Київ", "Нью-Йорк"], ["Київ1", "x\ny"], "value.pattern"),
        ({"pattern": "a|ab"}, ["a", "ab"], ["b", "abc"], "value.pattern"),
        ({"min_length": 2, "max_length": 4}, ["ab", "київ"], ["a", "київі"], "value.length"),
        ({"max_length": 1}, ["a"], ["ab"], "value.length"),
        ({"min": 1, "max": 10}, ["1", "10", "2.5"], ["0", "11", "ten", "nan"], "value.range"),
        ({"min": 0}, ["0", "7"], ["-1"], "value.range"),
        (
            {"min": dt.date(1900, 1, 1), "max": "today"},
            ["1900-01-01", "2026-11-21", "2026-11-21T09:00", "--03-05", "1990", "1900", "2026", "2026-11"],
            ["1899-12-31", "2026-11-22", "soon", "1899", "2027", "2026-12"],
            "value.range",
        ),
        ({"known": True}, ["new"], ["newish", "New"], "value.unknown"),
    ],
)
def test_values_that_are_not_as_they_should_be_are_told(rule, good, bad, code):
    records = rows(*({"stage": value} for value in [*good, *bad]))
    found = said(records, {"field": "stage", **rule}, known={"stage": frozenset({"new"})})
    assert [value for _, _, value, _ in found] == bad
    assert {told for *_, told in found} == {code}


def test_no_value_breaks_no_limit():
    limits = {"pattern": "x", "min_length": 5, "max": 3, "known": True}
    assert said(rows({}, {}), {"field": ["stage", "phone", "attr.size"], **limits}) == []


def test_without_today_nothing_is_asked_of_it():
    rule = Requirement(name="r", field="birthday", max="today")
    assert broken(rows({"birthday": "2999-01-01"}), Standards((rule,))).is_empty()


def test_each_value_of_a_channel_is_asked():
    found = said(rows({"channels": PHONES}), {"field": "phone", "pattern": r"\+38050\d+"})
    assert found == [(2, "phone", "+380441112233", "value.pattern")]


def test_a_pattern_made_to_run_away_does_not():
    rule = {"field": "note", "pattern": "(a+)+b"}
    assert len(said(rows({"note": "a" * 100_000}), rule)) == 1


# -- two fields -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("compare", "birthday", "first", "agrees"),
    [
        ("birthday <= first_contact_on", "1990-01-02", "2020-01-01", True),
        ("birthday <= first_contact_on", "2020-01-01", "2020-01-01", True),
        ("birthday<first_contact_on", "2020-01-01", "2020-01-01", False),
        ("birthday > first_contact_on", "1990-01-02", "2020-01-01", False),
        ("birthday >= first_contact_on", "--03-05", "2020-01-01", True),
        ("birthday = first_contact_on", "--03-05", "2020-01-01", False),
        ("birthday != first_contact_on", "x", "x", False),
        ("birthday < first_contact_on", "9", "10", True),
        ("birthday < first_contact_on", None, "10", True),
    ],
)
def test_two_fields_are_compared_where_both_are_filled(compare, birthday, first, agrees):
    found = said(rows({"birthday": birthday, "first_contact_on": first}), {"compare": compare})
    assert found == ([] if agrees else [(2, "birthday", birthday, "value.cross")])


# -- what becomes of them ---------------------------------------------------------------------------------------------


def test_a_row_is_set_aside_for_errors_with_all_of_them_in_words():
    fields = Fields(
        field={"city": {"title": "City", "required": True, "severity": "error"}},
        identity=["name"],
        check=[
            {
                "name": "born",
                "field": "birthday",
                "max": "today",
                "severity": "error",
                "message": {"ru": "Из будущего"},
            },
            {"name": "sold", "required": "owner", "severity": "note"},
        ],
    )
    records = rows({"name": "Ада", "birthday": "2999-01-01"}, {"name": "Боб", "city": "Київ"}, {"owner": "Ева"})
    records = records.with_columns(source_key=pl.format("k{}", "row"), raw=pl.format("{}", "row"), surplus=False)
    asked = Standards(
        requirements.gathered(fields), headings={"birthday": ("Д.р.",)}, titles={"city": "City"}, today=TODAY
    )
    found = checked(records, fields, asked=asked)
    city = "City: is empty, against rule city"
    assert found.rejected.select("row", "code", "reasons").rows() == [
        (2, "value.required", f"{city}; Д.р.: lies outside the bounds of rule born (Из будущего)"),
        (4, "row.empty", f"has no name, company, phone or e-mail: nobody to keep; {city}"),
    ]
    assert found.accepted["row"].to_list() == [3]
    assert found.findings.filter(pl.col("severity") == "note").select("row", "field").rows() == [
        (2, "owner"),
        (3, "owner"),
    ]


def test_a_row_without_anybody_is_told_only_what_keeps_it_out():
    fields = Fields(field={}, identity=["name"], check=[{"name": "r", "required": ["city"], "severity": "warning"}])
    records = rows({}, {"name": "Ада", "city": "Київ"})
    records = records.with_columns(source_key=pl.format("k{}", "row"), raw=pl.format("{}", "row"), surplus=False)
    assert checked(records, fields).findings["code"].to_list() == ["row.empty"]


TEXTS = st.text(st.sampled_from("abяї 9-"), max_size=5)


@settings(deadline=None)  # the first example reads libraries
@given(st.lists(st.one_of(st.none(), TEXTS), min_size=1, max_size=12), st.integers(0, 4), st.integers(0, 4))
def test_every_value_is_judged_by_itself(values, low, high):
    """A row's findings do not depend on the other rows, and agree with what the rule says of its value."""
    rule = {"field": "note", "min_length": low, "max_length": high, "pattern": "[a-z]*"}
    found = said(rows(*({"note": value} for value in values)), rule)
    wrong = [
        (row, code)
        for row, value in enumerate(values, 2)
        if value is not None
        for code, bad in [
            ("value.length", not low <= len(value) <= high),
            ("value.pattern", not all(sign in "ab" for sign in value)),
        ]
        if bad
    ]
    assert sorted((row, code) for row, _, _, code in found) == wrong
