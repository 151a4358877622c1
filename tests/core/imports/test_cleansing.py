"""Cells cleaned in place: nothing lost, nothing moved, and cleaning twice is cleaning once."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmtool.core.imports import cleansing, mapping
from crmtool.io import rulebook

RULES = rulebook.loaded(rulebook.defaults())
SYNONYMS = {name: vocabulary.index for name, vocabulary in RULES.vocabularies.items()}


def cleaned(cells, region="RU", columns=None, *, expand=False):
    frame = pl.DataFrame(cells, schema=dict.fromkeys(cells, pl.String))
    parts = dict.fromkeys(cleansing.expanded(frame.columns), "ignore")
    mapped = mapping.mapped(frame.columns, RULES, region=region, columns={**parts, **(columns or {})})
    rows = pl.Series("row", range(2, frame.height + 2), pl.Int64)
    return cleansing.cleansed(frame, rows, mapped, RULES, SYNONYMS, expand=expand)


def column(cells, name, **options):
    return cleaned(cells, **options).cells[name].to_list()


def test_columns_keep_their_order_and_unknown_ones_their_cells():
    done = cleaned({"Shoe": [" 42 "], "Phone": ["8 916 000-01-01"], "Email": ["A.Petrov@Pochta.example"]})
    assert done.cells.columns == ["Shoe", "Phone", "Email"]
    assert done.cells.row(0)[:2] == (" 42 ", "+79160000101")
    assert done.cells["Email"][0].lower() == "a.petrov@pochta.example"


def test_what_is_not_usable_stays_as_read_and_is_a_finding():
    done = cleaned({"Email": ["nobody@", "a@pochta.example"]})
    assert done.cells["Email"].to_list() == ["nobody@", "a@pochta.example"]
    assert done.findings.select("row", "column", "code").rows() == [(2, "Email", "email.invalid")]


def test_placeholders_become_empty():
    done = cleaned({"Phone": ["н/д", "8 916 000-01-01", None]})
    assert done.cells["Phone"].to_list() == [None, "+79160000101", None]
    assert done.findings["code"].to_list() == ["value.placeholder"]


def test_several_values_are_joined_and_extensions_kept():
    assert column({"Phone": ["8 (495) 000-11-01 доб. 12; 8 916 000-01-01"]}, "Phone") == [
        "+74950001101 ext. 12; +79160000101"
    ]


def test_one_bad_value_of_several_leaves_the_cell_as_read():
    cell = "8 916 000-01-01; 123456"
    assert column({"Phone": [cell]}, "Phone") == [cell]


def test_days_are_iso():
    assert column({"Name": ["a"], "Birthday": ["5 марта 1984"]}, "Birthday") == ["1984-03-05"]


def test_the_tally_counts_cells_and_not_values():
    done = cleaned({"Phone": ["8 916 000-01-01", "8 916 000-01-01", "+79160000102", "-", "12", None]})
    counts = dict(done.tally.group_by("outcome").agg(pl.col("cells").sum()).iter_rows())
    assert counts == {"changed": 2, "same": 1, "unknown": 1, "unusable": 1}
    assert done.tally.filter(pl.col("outcome") == "changed")["rule"].drop_nulls().len() == 1


def test_parts_stand_after_their_column():
    done = cleaned({"Phone": ["8 (495) 000-11-01 доб. 12", "12"], "Name": ["Петров Иван Сергеевич", "-"]}, expand=True)
    found = done.cells.to_dict(as_series=False)
    assert done.cells.columns[:4] == ["Phone", "Phone.e164", "Phone.extension", "Phone.kind"]
    assert found["Phone.e164"] == ["+74950001101", None]
    assert found["Phone.extension"] == ["12", None]
    assert found["Phone.region"] == ["RU", None]
    assert found["Phone.status"][0] == "valid"
    assert found["Phone.status"][1] != "valid"
    assert [found[part][0] for part in ("given_name", "middle_name", "family_name", "gender")] == [
        "Иван",
        "Сергеевич",
        "Петров",
        "male",
    ]
    assert done.cells.columns.index("given_name") > done.cells.columns.index("Name")


def test_parts_of_several_values_stand_in_their_places():
    done = cleaned({"Phone": ["8 916 000-01-01; 8 (495) 000-11-01 доб. 12"]}, expand=True)
    assert done.cells["Phone.extension"].to_list() == ["; 12"]
    assert done.cells["Phone.e164"].to_list() == ["+79160000101; +74950001101"]


def test_parts_of_names_are_prefixed_where_a_plain_name_would_not_be_theirs():
    own = cleaned({"Name": ["Иван Петров"], "given_name": ["Пётр"]}, expand=True)
    assert own.cells["given_name"].to_list() == ["Пётр"]
    assert own.cells["Name.given_name"].to_list() == ["Иван"]


def test_expanding_again_adds_nothing():
    cells = {"Phone": ["8 916 000-01-01", "н/д"], "Name": ["ПЕТРОВ Иван", "?"], "Email": ["A@pochta.example", "x"]}
    once = cleaned(cells, expand=True).cells
    again = cleaned(once.to_dict(as_series=False), expand=True).cells
    assert again.equals(once)


@pytest.mark.parametrize("expand", [False, True])
def test_a_table_without_rows_keeps_its_columns(expand):
    done = cleaned({"Phone": [], "Name": []}, expand=expand)
    assert {"Phone", "Name"} <= set(done.cells.columns)
    assert done.cells.height == 0


CELLS = st.one_of(
    st.none(),
    st.text(max_size=12),
    st.sampled_from(
        [
            "8 (916) 000-01-01",
            "+380 44 000 00 01, 8 916 000-01-02 доб. 3",
            "89160000101/02",
            "0",
            "-",
            "н/д",
            "ПЕТРОВ ИВАН СЕРГЕЕВИЧ",
            "Kim Ivanov",
            "o'neill, john",
            "Мария и Пётр",
            "a@pochta.example; b@pochta.example",
            "Info@Romashka.example",
            "03/04/2024",
            "13/04/2024",
            "5.3.24",
            "45356",
            "г. Москва",
            "ООО «Ромашка»",
            'ooo "romashka"',
            "=1+1",
            "vip, partner",
        ]
    ),
)
HEADINGS = (
    "Phone",
    "Mobile",
    "Email",
    "Name",
    "Given name",
    "Birthday",
    "City",
    "Company",
    "Job title",
    "Tags",
    "Note",
)


@given(
    st.lists(st.fixed_dictionaries(dict.fromkeys(HEADINGS, CELLS)), min_size=3, max_size=12),
    st.sampled_from(["RU", "UA", None]),
    st.booleans(),
)
@settings(max_examples=settings().max_examples // 8)
def test_cleaning_twice_is_cleaning_once(rows, region, expand):
    cells = {heading: [row[heading] for row in rows] for heading in HEADINGS}
    once = cleaned(cells, region, expand=expand).cells
    assert cleaned(once.to_dict(as_series=False), region, expand=expand).cells.to_dicts() == once.to_dicts()
    assert once.height == len(rows)
