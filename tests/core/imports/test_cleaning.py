"""Cells to cleaned fields: odd headings, several columns for one field, labels, own fields, keys, splits, defaults."""

import json

import polars as pl
import pytest

from crmtool.core import findings, model
from crmtool.core.imports.cleaning import cleaned, encoded
from crmtool.core.imports.mapping import Joined, Mapped
from crmtool.core.rules import FieldRule, Fields, Normalize, Rules, SourceMapping

KINDS = {
    "name": "person",
    "given_name": "name_part",
    "family_name": "name_part",
    "phone": "phone",
    "email": "email",
    "birthday": "date",
    "city": "vocabulary",
    "source": "text",
    "tags": "tags",
    "verified_on": "verified_on",
}
FIELDS = {
    name: FieldRule(title=name, kind=kind, vocabulary="city" if name == "city" else None)
    for name, kind in KINDS.items()
}
CITIES = {"city": {"київ": "Київ", "киев": "Київ"}}


def rules(**normalize):
    return Rules(
        fingerprint="f",
        fields=Fields(field=FIELDS, identity=("name",)),
        normalize=Normalize(**normalize),
    )


def clean(cells, columns_, key=(), source="crm", normalize=None, joins=(), **rule):
    """Clean a table given as heading -> cells; its rows are numbered from 2."""
    table = pl.DataFrame(cells, schema=dict.fromkeys(cells, pl.String))
    saved = SourceMapping(title="", source=source, **rule)
    mapped = Mapped("m", source, columns_, {}, saved, key, findings.empty(), joins)
    numbers = pl.Series(range(2, table.height + 2), dtype=pl.Int64)
    return cleaned(table, numbers, mapped, rules(**(normalize or {})), CITIES)


def column(done, name):
    return done.records[name].to_list()


def values(done, name="value"):
    """Return one part of the channels of each row."""
    return [[channel[name] for channel in row or []] for row in column(done, "channels")]


# -- shape ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cells", [[], [None], ["Ада", None]])
def test_there_is_a_row_for_each_row_and_a_column_for_each_field(cells):
    done = clean({"Name": cells}, {"Name": "given_name"})
    assert done.records.height == len(cells)
    schema = done.records.schema
    assert {name: schema[name] for name in model.CLEAN} == model.CLEAN
    assert schema["row"] == pl.Int64


def test_cells_are_kept_as_read_beside_what_they_mean():
    done = clean({"Город": [" КИЕВ ", None], "X": ['"quoted"', "?"]}, {"Город": "city"})
    assert [json.loads(raw) for raw in column(done, "raw")] == [{"Город": " КИЕВ ", "X": '"quoted"'}, {"X": "?"}]
    assert column(done, "city") == ["Київ", None]


def test_the_columns_of_a_file_of_rejected_rows_are_not_kept():
    done = clean({"Name": ["Ада"], "crmtool_row": ["7"], "crmtool_reason": ["row.empty"]}, {"Name": "given_name"})
    assert column(done, "raw") == ['{"Name":"Ада"}']


@pytest.mark.parametrize(
    "heading",
    ["row", "id", "code", "source", "value", "name", "raw", "seq", "clean", "*", "^.*$", "^a$", "", "a.b", "\"'"],
)
def test_a_heading_may_be_any_word(heading):
    done = clean({heading: ["Київ", None], "a": ["x", "y"]}, {heading: "city"}, key=(heading,))
    assert column(done, "city") == ["Київ", None]
    assert column(done, "row") == [2, 3]
    assert column(done, "source_key")[0] == "Київ"
    assert [json.loads(raw) for raw in column(done, "raw")] == [{heading: "Київ", "a": "x"}, {"a": "y"}]


# -- several columns for one field ------------------------------------------------------------------------------------


def test_of_two_columns_for_one_field_the_first_filled_cell_counts():
    done = clean({"A": ["Київ", None, None], "B": ["Львів", "Одеса", None]}, {"A": "city", "B": "city"})
    assert column(done, "city") == ["Київ", "Одеса", None]


@pytest.mark.parametrize("order", [("Whole", "Given"), ("Given", "Whole")])
def test_a_column_for_a_part_of_the_name_says_more_than_the_whole_name(order):
    cells = {"Whole": ["Петров Иван Сергеевич"], "Given": ["Ваня"]}
    done = clean({h: cells[h] for h in order}, {"Whole": "name", "Given": "given_name"})
    assert (column(done, "given_name"), column(done, "family_name")) == (["Ваня"], ["Петров"])


def test_a_whole_name_is_split_or_kept_whole():
    done = clean({"Name": ["Петров Иван Сергеевич", "Склад 5 этаж", None]}, {"Name": "name"})
    assert column(done, "family_name") == ["Петров", None, None]
    assert column(done, "name") == [None, "Склад 5 этаж", None]


def test_all_columns_of_a_channel_are_kept_each_value_once_with_the_first_label():
    done = clean(
        {"Work": ["a@x.ua", None], "Home": ["b@x.ua", None], "Any": ["A@x.ua", None]},
        {"Work": "email.work", "Home": "email.home", "Any": "email"},
    )
    assert values(done) == [["a@x.ua", "b@x.ua"], []]
    assert values(done, "label") == [["work", "home"], []]
    assert values(done, "kind") == [["email", "email"], []]


def test_a_cell_may_hold_several_numbers():
    done = clean({"T": ["+380501112233, +380671112233 доб. 12"]}, {"T": "phone"})
    assert values(done) == [["+380501112233", "+380671112233"]]
    assert values(done, "extension") == [[None, "12"]]


def test_messengers_and_sites_are_channels_too():
    done = clean({"TG": ["@ada"], "S": ["x.ua"]}, {"TG": "messenger.telegram", "S": "site"})
    assert values(done) == [["@ada", "x.ua"]]
    assert values(done, "label") == [["telegram", None]]


# -- what the mapping says --------------------------------------------------------------------------------------------


def test_ignored_and_key_columns_give_no_field():
    done = clean({"A": ["Київ"], "ID": ["7"]}, {"A": "ignore", "ID": "key"}, key=("ID",))
    assert column(done, "city") == [None]
    assert column(done, "source_key") == ["7"]


def test_a_default_fills_a_field_the_file_lacks():
    done = clean({"Name": ["Ада", "Ева"]}, {"Name": "given_name"}, defaults={"country": "Україна", "given_name": "X"})
    assert column(done, "country") == ["Україна", "Україна"]
    assert column(done, "given_name") == ["Ада", "Ева"]


def test_the_source_is_that_of_the_file_unless_a_column_says_it():
    assert column(clean({"Name": ["Ада"]}, {"Name": "given_name"}), "source") == ["crm"]
    assert column(clean({"UTM": ["ads"]}, {"UTM": "source"}), "source") == ["ads"]
    assert column(clean({"Name": ["Ада"]}, {"Name": "given_name"}, source=model.MANUAL), "source") == [None]


def test_tags_come_from_cells_and_from_the_mapping():
    done = clean({"T": ["vip, expo", None, "vip;old"]}, {"T": "tags"}, tags=("2026",), split={"T": ";"})
    assert column(done, "tags") == [["vip", "expo", "2026"], ["2026"], ["vip", "old", "2026"]]


def test_without_tags_there_are_none():
    assert column(clean({"Name": ["Ада"]}, {"Name": "given_name"}), "tags") == [None]


def test_a_split_takes_several_values_of_a_cell():
    done = clean({"S": ["x.ua / y.ua", "/", None]}, {"S": "site"}, split={"S": "/"})
    assert values(done) == [["x.ua", "y.ua"], [], []]


def test_own_fields_keep_their_names():
    done = clean({"N": ["9", None], "Size": ["XL", None]}, {"N": "attr.nps", "Size": "attr.shoe.size"})
    assert column(done, "custom") == [
        [{"field": "nps", "value": "9"}, {"field": "shoe.size", "value": "XL"}],
        None,
    ]


def test_the_day_of_checking_is_a_day():
    assert column(clean({"D": ["05.03.2026", None]}, {"D": "verified_on"}), "verified_on") == ["2026-03-05", None]


def test_the_region_of_the_mapping_reads_national_numbers():
    assert values(clean({"T": ["8 916 123-45-67"]}, {"T": "phone"}, region="RU")) == [["+79161234567"]]


# -- keys -------------------------------------------------------------------------------------------------------------


def test_keys_are_the_cells_of_the_key_columns_or_else_what_the_row_says():
    cells = {"ID": ["7", None, None, " 8 "], "Name": ["Ада", "Ева", "Ева", "Іра"]}
    keys = column(clean(cells, {"Name": "given_name"}, key=("ID",)), "source_key")
    assert (keys[0], keys[3]) == ("7", "8")
    assert keys[1] == keys[2] != keys[0]
    assert column(clean(cells, {"Name": "given_name"}, key=()), "source_key")[1] == keys[1]


def test_several_key_columns_are_one_key():
    cells = {"Shop": ["1", "1"], "ID": ["7", None], "Name": ["Ада", "Ева"]}
    assert column(clean(cells, {"Name": "given_name"}, key=("Shop", "ID")), "source_key") == ["1|7", "1"]


def test_what_an_empty_column_more_says_is_nothing():
    one = clean({"Name": ["Ада"]}, {"Name": "given_name"})
    more = clean({"Name": ["Ада"], "Zodiac": [None]}, {"Name": "given_name"})
    assert column(one, "source_key") == column(more, "source_key")


# -- findings ---------------------------------------------------------------------------------------------------------


def test_findings_stand_at_every_row_that_has_the_value():
    done = clean({"Mail": ["nobody", "a@x.ua", "nobody"]}, {"Mail": "email.work"})
    assert done.findings.select("row", "column", "field", "value", "code").rows() == [
        (2, "Mail", "email.work", "nobody", "email.invalid"),
        (4, "Mail", "email.work", "nobody", "email.invalid"),
    ]


def test_a_placeholder_is_unknown():
    done = clean({"City": ["n/a"]}, {"City": "city"}, normalize={"placeholders": ("N/A",)})
    assert column(done, "city") == [None]
    assert done.findings["code"].to_list() == ["value.placeholder"]


# -- keeping ----------------------------------------------------------------------------------------------------------


def test_encoding_leaves_out_what_is_not_known_and_reads_back():
    done = clean({"City": ["Київ", None], "Mail": ["a@x.ua", None]}, {"City": "city", "Mail": "email"}, source="manual")
    texts = encoded(done.records)
    assert [set(json.loads(text)) for text in texts] == [{"city", "channels"}, set()]
    again = model.decoded(texts)
    assert again["city"].to_list() == ["Київ", None]
    assert again["channels"].to_list() == column(done, "channels")


@pytest.mark.parametrize("height", [0, 1, 3])
def test_rows_that_say_nothing_are_encoded_each(height):
    nothing = pl.DataFrame([{}] * height, schema=model.CLEAN)
    assert encoded(nothing).to_list() == ["{}"] * height


# -- labels, joins, notes, addresses, tags by cell, own fields --------------------------------------------------------


def test_the_label_of_a_channel_stands_in_the_column_of_the_same_number():
    cells = {
        "Phone 1 - Value": ["+380501112233", "+380501112234"],
        "Phone 1 - Label": ["* Mobile", None],
        "Phone 2 - Value": ["+380671112233 ::: +380671112244", None],
        "Phone 2 - Label": ["Home Fax", "Work"],
    }
    columns = dict.fromkeys(["Phone 1 - Value", "Phone 2 - Value"], "phone.other")
    done = clean(cells, columns, labels={"Phone * - Value": "Phone * - Label"}, split={"Phone * - Value": " ::: "})
    assert values(done, "label") == [["mobile", "fax", "fax"], ["other"]]


def test_joined_columns_are_one_value_and_the_row_keeps_them_apart():
    cells = {"Street": ["Хрещатик", "Садова", None], "House": ["1", None, None]}
    join = Joined("address", "Street + House", ("Street", "House"), ", ")
    done = clean(cells, dict.fromkeys(cells, "address"), joins=(join,))
    assert column(done, "address") == ["Хрещатик, 1", "Садова", None]
    assert json.loads(column(done, "raw")[0]) == {"Street": "Хрещатик", "House": "1"}
    assert done.joined["Street + House"].to_list() == ["Хрещатик, 1", "Садова", None]


def test_a_joined_column_may_be_a_field_of_its_own_too():
    cells = {"Street": ["Хрещатик"], "Town": ["Київ"]}
    join = Joined("address", "Street + Town", ("Street", "Town"), ", ")
    done = clean(cells, {"Street": "address", "Town": "city"}, joins=(join,))
    assert (column(done, "address"), column(done, "city")) == (["Хрещатик, Київ"], ["Київ"])


def test_no_note_is_lost():
    cells = {"A": ["one", None, None], "B": ["two", "three", None]}
    assert column(clean(cells, {"A": "note", "B": "note"}), "note") == ["one\ntwo", "three", None]


def test_parts_of_different_addresses_do_not_mix():
    cells = {"Home": ["Київ", None], "Street": [None, "Садова"], "Work": ["Львів", "Одеса"]}
    columns = {"Work": "city.work", "Home": "city.home", "Street": "address.home"}
    done = clean(cells, columns, columns=columns)
    assert column(done, "city") == ["Львів", "Одеса"]
    assert column(done, "address") == [None, None]
    assert [json.loads(raw).get("Street") for raw in column(done, "raw")] == [None, "Садова"]


def test_an_address_without_a_name_goes_before_others():
    cells = {"Work": ["Львів", "Одеса"], "City": ["Київ", None]}
    columns = {"Work": "city.work", "City": "city"}
    assert column(clean(cells, columns, columns=columns), "city") == ["Київ", "Одеса"]


@pytest.mark.parametrize(
    ("rule", "tagged"),
    [
        ({"equals": ["VIP", "gold"]}, [True, False, True, False]),
        ({"contains": "vip"}, [True, True, False, False]),
        ({}, [True, True, True, False]),
    ],
)
def test_tags_by_what_a_cell_says(rule, tagged):
    done = clean({"S": [" vip", "no vip", "Gold", None]}, {}, tagging=({"column": "S", "tags": ["t"], **rule},))
    assert [tags == ["t"] for tags in column(done, "tags")] == tagged


def test_marks_of_campaigns_and_consents_keep_their_whole_names():
    columns = {"U": "utm.source", "C": "consent.news", "D": "consent.news.at"}
    done = clean({"U": ["ads"], "C": ["yes"], "D": ["05.03.2024 10:00"]}, columns)
    assert column(done, "custom") == [
        [
            {"field": "utm.source", "value": "ads"},
            {"field": "consent.news", "value": "yes"},
            {"field": "consent.news.at", "value": "2024-03-05"},
        ]
    ]


def test_a_default_fills_a_field_of_ones_own():
    done = clean({"C": ["yes", None]}, {"C": "consent.news"}, defaults={"consent.news": "unknown"})
    assert column(done, "custom") == [
        [{"field": "consent.news", "value": "yes"}],
        [{"field": "consent.news", "value": "unknown"}],
    ]


# -- phones and the countries of their rows ---------------------------------------------------------------------------


def test_a_phone_without_a_country_is_read_by_the_country_of_its_row():
    cells = {"Phone": ["(727) 555-0128", "8 916 123-45-67", "067 123 45 67"], "Land": ["US", None, "UA"]}
    done = clean(cells, {"Phone": "phone", "Land": "country"}, normalize={"region": "RU"})
    assert values(done) == [["+17275550128"], ["+79161234567"], ["+380671234567"]]


def test_a_word_in_the_cell_labels_a_phone_that_its_heading_does_not():
    cells = {"Тел.": ["+7 495 123-45-67 (факс)"], "Раб.": ["+7 916 123-45-67 viber"]}
    done = clean(cells, {"Тел.": "phone", "Раб.": "phone.work"})
    assert values(done, "label") == [["fax", "work"]]
