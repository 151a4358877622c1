"""A saved mapping knows its table again and understands it as it was understood."""

import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from crmtool.core.errors import CrmError, UsageError
from crmtool.core.imports import drafts, mapping
from crmtool.core.rules import SourceMapping
from crmtool.io import rulebook

RULES = rulebook.loaded(rulebook.defaults())
BARE = RULES.model_copy(update={"mappings": {}})


def drafted(headings, rules=BARE, unique=(), source=None, **said):
    found = mapping.mapped(headings, rules, **said)
    return found, drafts.drafted(headings, found, rules, name="mine", source=source, unique=unique)


def again(headings, rule, rules=BARE):
    return mapping.mapped(headings, rules.model_copy(update={"mappings": {**rules.mappings, "mine": rule}}))


def test_every_column_is_written_out():
    _, rule = drafted(["ФИО", "Тел *", "Чек", "№"], columns={"Тел *": "phone.mobile", "Чек": "attr.check"})
    assert dict(rule.columns) == {"ФИО": "name", "Тел": "phone.mobile", "Чек": "attr.check", "№": "ignore"}
    assert (rule.title, rule.source) == ("mine", "mine")


def test_the_signature_is_what_is_used():
    _, rule = drafted(["ФИО", "Телефон", "Email", "Ширина", "Цвет"])
    assert set(rule.signature) == {"ФИО", "Телефон", "Email"}


def test_few_columns_are_helped_out_by_the_others():
    _, rule = drafted(["ФИО", "Ширина", "Цвет", "Вес"])
    assert set(rule.signature) == {"ФИО", "Ширина", "Цвет"}


def test_a_mapping_that_fits_too_is_outdone():
    rival = SourceMapping(title="r", source="r", signature=("ФИО", "Телефон", "Ширина"), columns={"ФИО": "name"})
    rules = BARE.model_copy(update={"mappings": {"rival": rival}})
    headings = ["ФИО", "Телефон", "Ширина", "Цвет"]
    found = mapping.mapped(headings, rules, columns={"Цвет": "attr.colour"})
    rule = drafts.drafted(headings, found, rules, name="mine", source=None, unique=())
    assert again(headings, rule, rules).name == "mine"
    assert rule.source == "r"


def test_an_id_that_never_repeats_is_the_key():
    headings = ["Order guid", "ФИО"]
    _, rule = drafted(headings, unique=["Order guid", "ФИО"])
    assert rule.key == ("Order guid",)
    assert again(headings, rule).key == ("Order guid",)
    assert drafted(headings, unique=["ФИО"])[1].key == ()


def test_two_ids_are_no_key():
    assert drafted(["ФИО", "Order guid", "Box guid"], unique=["Order guid", "Box guid"])[1].key == ()


def test_region_and_source_are_kept():
    _, rule = drafted(["ФИО", "Телефон"], region="ua", source="fair")
    assert (rule.region, rule.source) == ("UA", "fair")


def test_a_known_mapping_keeps_what_it_says():
    headings = ["ФИО", "Телефон", "Метки", "Ширина"]
    known = SourceMapping(
        title="Known",
        source="known",
        signature=("ФИО", "Метки", "Ширина"),
        columns={"ФИО": "name", "Метки": "tags"},
        split={"Метки": ";"},
        tags=("x",),
    )
    rules = BARE.model_copy(update={"mappings": {"known": known}})
    found = mapping.mapped(headings, rules, columns={"Ширина": "note"})
    rule = drafts.drafted(headings, found, rules, name="mine", source=None, unique=())
    assert (rule.title, rule.source, rule.split, rule.tags) == ("Known", "known", {"Метки": ";"}, ("x",))
    assert dict(rule.columns) == {"ФИО": "name", "Метки": "tags", "Телефон": "phone", "Ширина": "note"}


def test_headings_that_cannot_be_told_apart_are_refused():
    headings = ["ФИО", "Phone!", "phone?"]
    found = mapping.mapped(headings, BARE, columns={"Phone!": "phone"})
    columns = {"ФИО": "name", "Phone!": "phone", "phone?": "note"}
    odd = mapping.Mapped(found.name, found.source, columns, found.how, found.rule, (), pl.DataFrame())
    with pytest.raises(UsageError, match="too little"):
        drafts.drafted(headings, odd, BARE, name="mine", source=None, unique=())


def test_the_same_headings_under_another_name_are_refused():
    headings = ["ФИО", "Телефон"]
    _, rule = drafted(headings)
    rules = BARE.model_copy(update={"mappings": {"zzz": rule}})
    found = mapping.mapped(headings, rules)
    saved = drafts.drafted(headings, found, rules, name="mine", source=None, unique=())
    assert again(headings, saved, rules).columns == found.columns


heading = st.one_of(
    st.sampled_from(["ФИО", "Телефон", "Phone *", "E-mail", "Phone 1 - Value", "Phone (2)", "ID", "Notes", "Город"]),
    st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Z"]), min_size=1, max_size=8),
)


@given(st.lists(heading, min_size=1, max_size=8, unique=True), st.data())
@settings(max_examples=settings().max_examples)
def test_a_draft_understands_its_table_as_it_was_understood(headings, data):
    chosen = data.draw(
        st.dictionaries(st.sampled_from(headings), st.sampled_from(["name", "phone", "attr.x", "ignore"]))
    )
    try:
        found = mapping.mapped(headings, BARE, columns={"ФИО": "name", **chosen} if "ФИО" in headings else chosen)
        rule = drafts.drafted(headings, found, BARE, name="mine", source=None, unique=())
    except CrmError:
        assume(False)
    seen = again(headings, rule)
    assert seen.name == "mine"
    assert seen.unsure == ()
    for name in headings:
        assert seen.columns.get(name, "ignore") == found.columns.get(name, "ignore")
