"""What a mapping says of the values of a column comes before the normalizer."""

import polars as pl
import pytest

from crmtool.core.imports.values import kind_of, normalized, said_of
from crmtool.core.normalizers.registry import Settings
from crmtool.core.rules import FieldRule, Fields, SourceMapping


def clean(cells, kind="text", **rule):
    said = said_of(["H 1"], SourceMapping(title="", source="", **rule))
    done = normalized(pl.Series(cells, dtype=pl.String), "H 1", kind, said, Settings())
    return {cell: done.filter(pl.col("value") == cell)["clean"].to_list() for cell in done["value"].unique().sort()}


def test_values_are_translated_whatever_their_case_and_others_stay():
    found = clean(["YES", " yes ", "no", "maybe", None], translate={"H *": {"Yes": "granted", "no": "refused"}})
    assert found == {"YES": ["granted"], " yes ": ["granted"], "no": ["refused"], "maybe": ["maybe"]}


def test_a_value_translated_to_nothing_is_empty():
    assert clean(["none", "x"], translate={"H *": {"none": ""}}) == {"x": ["x"]}


def test_each_value_of_a_cell_is_translated():
    assert clean(["a ::: b"], split={"H *": " ::: "}, translate={"H *": {"b": "c"}}) == {"a ::: b": ["a", "c"]}


def test_a_split_without_the_blanks_around_it_splits_too():
    assert clean(["a:::b", ":::", "c"], split={"H *": " ::: "}) == {"a:::b": ["a", "b"], "c": ["c"]}


@pytest.mark.parametrize(
    ("form", "cell", "day"),
    [
        ("MDY", "03/04/2024", "2024-03-04"),
        ("DMY", "03/04/2024", "2024-04-03"),
        ("MDY", "11/29/24 22:28", "2024-11-29"),
        ("MDY", "3.4.2024", "2024-03-04"),
        ("DMY", "3-4-2024", "2024-04-03"),
        ("MDY", "2024-03-04", "2024-03-04"),
        ("MDY", "5 марта 2024", "2024-03-05"),
        ("MDY", "13/01/2024", "2024-01-13"),  # cannot be month first
        ("%d|%m|%Y", "03|04|2024", "2024-04-03"),
        ("%d/%m/%y %H.%M", "03/04/24 10.30", "2024-04-03"),
        ("%d|%m|%Y", "04.03.2024", "2024-03-04"),  # not of the form: read as any other
        ("%Q%&", "04.03.2024", "2024-03-04"),
        ("MDY", "99/99/2024", None),
    ],
)
def test_days_are_read_in_the_form_the_mapping_says(form, cell, day):
    assert clean([cell], kind="date", formats={"H *": form}) == {cell: [day]}


def test_what_the_mapping_changed_is_told():
    said = said_of(["H"], SourceMapping(title="", source="", translate={"H": {"1": "Клиент"}}))
    done = normalized(pl.Series(["1", "2"]), "H", "text", said, Settings())
    assert done.select("value", "clean", "rule").rows() == [("1", "Клиент", "mapping.translate"), ("2", "2", None)]


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        ("phone.fax", "phone"),
        ("attr.size", "vocabulary"),
        ("attr.other", "text"),
        ("consent.news", "text"),
        ("consent.news.at", "day"),
        ("utm.at", "text"),
    ],
)
def test_the_kind_of_a_target(target, kind):
    fields = {"phone": FieldRule(title="", kind="phone"), "attr.size": FieldRule(title="", kind="vocabulary")}
    assert kind_of(target, Fields(field=fields, identity=("phone",))) == kind
