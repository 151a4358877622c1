import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmtool.core.errors import InputRefused, UsageError
from crmtool.io.readers import files, flattening
from crmtool.io.readers import json as reader
from crmtool.io.readers.table import Options

SAMPLES = Path(__file__).resolve().parents[2] / "samples"


@pytest.fixture
def read(tmp_path):
    def read(text: str | bytes, **options):
        path = tmp_path / "people.json"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return files.read(path, Options(**options))

    return read


def said(found):
    """The rows as people would read them: what is filled, by heading."""
    return [{name: cell for name, cell in row.items() if cell is not None} for row in found.cells.to_dicts()]


ANNA, OLENA = {"name": "Анна", "city": "Москва"}, {"name": "Олена", "city": "Київ"}


@pytest.mark.parametrize(
    ("text", "form", "numbers"),
    [
        (json.dumps([ANNA, OLENA], ensure_ascii=False), "json", [1, 2]),
        (json.dumps([ANNA, OLENA], indent=4), "json", [1, 2]),
        ("\n\n".join(json.dumps(each) for each in (ANNA, OLENA)), "jsonl", [1, 3]),
        ("".join(json.dumps(each) for each in (ANNA, OLENA)), "json", [1, 2]),
        (",".join(json.dumps(each, indent=1) for each in (ANNA, OLENA)), "json", [1, 2]),
        (json.dumps([ANNA]) + "\n" + json.dumps([OLENA]), "json", [1, 2]),
        (json.dumps({"ok": True, "data": [ANNA, OLENA]}), "json", [1, 2]),
        (json.dumps({"total": 2, "_embedded": {"contacts": [ANNA, OLENA], "x": []}}), "json", [1, 2]),
        (json.dumps([{"data": {"results": [ANNA, OLENA]}}]), "json", [1, 2]),
        (",\n".join(json.dumps(each) for each in (ANNA, OLENA)) + ",\n", "jsonl", [1, 2]),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251"])
def test_a_list_is_found_wherever_it_stands(read, text, form, numbers, encoding):
    found = read(text.encode(encoding))
    assert said(found) == [ANNA, OLENA]
    assert (found.format, found.rows.to_list(), found.header) == (form, numbers, 0)


def test_what_stands_outside_the_list_is_said(read):
    found = read(json.dumps({"ok": True, "page": 1, "data": [ANNA]}))
    assert found.findings.select("code", "value").rows() == [("file.outside", '{"ok": true, "page": "1"}')]


def test_one_person_is_a_row_whatever_lists_it_holds(read):
    person = {"name": "Анна", "email": "anna@mail.example", "orders": [{"id": 1, "sum": "5.00"}, {"id": 2}]}
    assert said(read(json.dumps(person))) == [
        {"name": "Анна", "email": "anna@mail.example", "orders.id": "1", "orders.sum": "5.00", "orders 2.id": "2"}
    ]


def test_objects_under_keys_are_a_list(read):
    found = read(json.dumps({"-Na": ANNA, "-Nb": OLENA, "-Nc": ANNA}))
    assert said(found)[1] == {"key": "-Nb", **OLENA}


@pytest.mark.parametrize(
    ("written", "cell"),
    [
        ("79161234567", "79161234567"),
        ("1e5", "1e5"),
        ("1.10", "1.10"),
        ("-0", "-0"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ('"01234"', "01234"),
        ("true", "true"),
        ("false", "false"),
        ("null", None),
        ('""', None),
        ("[]", None),
        ("NaN", "NaN"),
        ('" a\\tb "', " a\tb "),
    ],
)
def test_a_value_is_as_it_was_written(read, written, cell):
    found = read(f'{{"name":"Anna","x":{written}}}\n{{"name":"Bob","x":"y"}}\n')
    assert found.cells["x"].to_list() == [cell, "y"]


def test_a_million_digits_are_kept_and_soon(read):
    digits = "9" * 1_000_000
    assert read(f'[{{"x": {digits}}}]').cells.item() == digits


def test_names_within_names_and_lists_are_headings(read):
    person = {"name": "A", "address": {"city": "Київ", "geo": {"lat": 50.4}}, "phones": ["1", "2"], "tags": []}
    assert said(read(json.dumps([person]))) == [
        {"name": "A", "address.city": "Київ", "address.geo.lat": "50.4", "phones": "1", "phones 2": "2"}
    ]


def test_a_name_that_stands_twice_is_kept_twice(read):
    assert said(read('[{"phone": "1", "phone": "2", "a.b": "3", "a": {"b": "4"}}]')) == [
        {"phone": "1", "phone 2": "2", "a.b": "3", "a.b (2)": "4"}
    ]


@pytest.mark.parametrize(
    ("row", "cells"),
    [
        ({"fields": [{"name": "phone", "value": "+7"}, {"name": "ФИО", "value": "Анна"}]},
         {"phone": "+7", "ФИО": "Анна"}),
        ({"phones": [{"type": "mobile", "number": "1"}, {"type": "mobile", "number": "2"}]},
         {"phones mobile": "1", "phones mobile 2": "2"}),
        ({"contacts": [{"type": "email", "value": "a@b.example"}]}, {"email": "a@b.example"}),
        ({"EMAIL": [{"ID": "9", "VALUE": "a@b.example", "VALUE_TYPE": "WORK"}]},
         {"EMAIL WORK": "a@b.example", "Other values": '{"EMAIL WORK": [{"ID": "9"}]}'}),
        ({"custom_fields_values": [
            {"field_name": "Телефон", "values": [{"value": "+7", "enum_code": "WORK"},
                                                 {"value": "+8", "enum_code": "MOB"}]},
            {"field_name": "Должность", "values": [{"value": "Директор"}]}]},
         {"Телефон WORK": "+7", "Телефон MOB": "+8", "Должность": "Директор"}),
        ({"field_data": [{"name": "email", "values": ["a@b.example"]}]}, {"email": "a@b.example"}),
        ({"children": [{"name": "Bob", "phone": "1"}]}, {"children.name": "Bob", "children.phone": "1"}),
        ({"tags": [{"id": 5, "name": "vip"}]}, {"tags.id": "5", "tags.name": "vip"}),
    ],
)  # fmt: skip
def test_labelled_values_are_columns_by_their_labels(read, row, cells):
    assert said(read(json.dumps([{"id": 1, **row}, {"id": 2}])))[0] == {"id": "1", **cells}


def test_a_long_list_loses_nothing(read):
    found = said(read(json.dumps([{"tags": [f"t{number}" for number in range(12)]}])))[0]
    assert found["tags 10"] == "t9"
    assert json.loads(found["Other values"]) == {"tags": ["t10", "t11"]}


def test_more_names_than_a_table_has_columns_stand_in_one(read, monkeypatch):
    monkeypatch.setattr(flattening, "WIDEST", 3)
    found = read("".join(json.dumps({f"name {number}": "x"}) + "\n" for number in range(6)))
    assert found.cells.columns == ["name 0", "name 1", "name 2", "Other values"]
    assert said(found)[5] == {"Other values": '{"name 5": ["x"]}'}


def test_broken_lines_are_refused_whole_and_the_others_read(read):
    found = read('{"a": "1"}\n{"a": \n\n5\n[1]\n{"a": "2"} {"a": "3"}\n// note\n{"a": 04}\n{"a": "4"}\n')
    assert (found.rows.to_list(), found.cells["a"].to_list(), found.blank) == ([1, 9], ["1", "4"], 1)
    assert found.refused.rows() == [
        (2, '{"a":', "row.unreadable"),
        (4, "5", "row.unreadable"),
        (5, "[1]", "row.unreadable"),
        (6, '{"a": "2"} {"a": "3"}', "row.unreadable"),
        (7, "// note", "row.unreadable"),
        (8, '{"a": 04}', "row.unreadable"),
    ]
    assert found.read == 9


@pytest.mark.parametrize("indent", [None, 2])
def test_a_broken_item_of_an_array_is_refused_and_the_others_read(read, indent):
    text = json.dumps([{"a": "1"}, {"a": "BROKEN"}, {"a": "3"}], indent=indent).replace('"BROKEN"', "x")
    found = read(text)
    assert (found.rows.to_list(), found.cells["a"].to_list()) == ([1, 3], ["1", "3"])
    assert [(row, "x" in raw) for row, raw, _ in found.refused.rows()] == [(2, True)]


def test_an_array_that_was_cut_off_says_so(read):
    found = read('[{"a": "1"}, {"a": "2"}, {"a": "3')
    assert found.cells["a"].to_list() == ["1", "2"]
    assert found.refused["raw"].to_list() == ['{"a": "3']
    assert found.findings["code"].to_list() == ["file.cut"]


@pytest.mark.parametrize(
    "text",
    ["[" * 10_000, '{"a":' * 10_000, "[" + '{"a":' + "[" * 500 + "]" * 500 + "}" + "]"],
)
def test_what_is_nested_without_end_is_refused(read, text):
    with pytest.raises(InputRefused) as refusal:
        read(text)
    assert refusal.value.hint
    found = read('{"a": "1"}\n' + text + '\n{"a": "2"}\n{"a": "3"}\n')
    assert (found.rows.to_list(), found.refused["row"].to_list()) == ([1, 3, 4], [2])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{\n "a": 1, // note\n "b": 2\n}', "line 2"),
        ("{a: 1}", "line 1"),
        ("{}", "no object"),
        ("[]", "no object"),
        ("[[1, 2]]", "no object"),
        ('["a", "b"]', "no object"),
    ],
)
def test_what_holds_no_object_is_refused_with_a_way_out(read, text, words):
    with pytest.raises(InputRefused, match=words) as refusal:
        read(text)
    assert refusal.value.hint


def test_odd_characters_are_stored_and_told(read):
    found = read('{"a": "half \\ud83d"}\n{"a": "nul \\u0000"}\n{"a": "\\ud83d\\ude00"}\n{"\\ud83d": "x"}')
    assert found.cells["a"].to_list() == ["half \ufffd", "nul \x00", "\U0001f600", None]
    assert found.findings.select("row", "code").rows() == [(1, "file.bytes"), (2, "row.control")]


def test_an_encoding_that_shows_late_is_found(read):
    lines = "".join(f'{{"name": "Person {number}", "city": "Moscow"}}\n' for number in range(20_000))
    late = "".join(f'{{"name": "Анна Петрова", "city": "Москва {number}"}}\n' for number in range(50))
    found = read(lines.encode() + late.encode("cp1251"))
    assert found.cells.row(-1) == ("Анна Петрова", "Москва 49")
    assert (found.encoding, found.findings["code"].to_list()) == ("cp1251", ["file.encoding"])


def test_a_limit_reads_so_many_rows(read):
    lines = "".join(f'{{"a": "{number}"}}\n' for number in range(100))
    assert read(lines, limit=3).rows.to_list() == [1, 2, 3]
    assert read("[" + lines.replace("\n", ",") + "{}]", limit=3).rows.to_list() == [1, 2, 3]


def test_options_that_say_nothing_about_json_are_refused(read):
    for option in ({"sheet": "1"}, {"delimiter": ";"}, {"header": 1}):
        with pytest.raises(UsageError, match=f"--{next(iter(option))}"):
            read('[{"a": 1}]', **option)


def test_parts_have_the_same_columns_and_wait_on_the_disk(tmp_path, monkeypatch):
    monkeypatch.setattr(reader, "_BATCH", 10)
    monkeypatch.setattr(reader, "_HELD", 2)
    monkeypatch.setattr(reader, "_ROWS", 20)
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    path = tmp_path / "people.jsonl"
    path.write_text("".join(f'{{"a": "{number}", "late {number // 90}": "x"}}\n' for number in range(95)))

    found = list(files.parts(path, Options()))
    assert [part.cells.columns for part in found] == [["a", "late 0", "late 1"]] * 5
    assert [part.cells.height for part in found] == [20, 20, 20, 20, 15]
    assert [row for part in found for row in part.rows] == list(range(1, 96))
    assert list(folder.iterdir()) == []


# Python takes the separators 1C to 1F for white space, and Unicode does not.
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\ufffd\x1c\x1d\x1e\x1f"), max_size=8)
ROWS = st.lists(
    st.dictionaries(
        st.sampled_from(["name", "phone", "city", "tags"]), TEXTS.filter(bool) | st.booleans() | st.none(), min_size=1
    ),
    min_size=2,
)


@settings(deadline=None)
@given(ROWS, st.booleans())
def test_every_value_of_every_row_is_read_and_rows_add_up(tmp_path_factory, rows, escaped):
    path = tmp_path_factory.mktemp("law") / "people.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=escaped) for row in rows), encoding="utf-8", newline="\n")
    texts = {True: "true", False: "false"}
    expected = [{k: texts.get(v, v) for k, v in row.items() if v is not None} for row in rows]
    if not any(expected):
        with pytest.raises(InputRefused):
            files.read(path)
        return
    found = files.read(path)
    assert said(found) == [row for row in expected if any(str(v).strip() for v in row.values())]
    assert found.read == len(rows)


@settings(deadline=None)
@given(st.text(max_size=60), st.sampled_from(["", "[", "{", '{"a":', '[{"a": 1},']))
def test_any_text_is_read_or_refused(tmp_path_factory, text, start):
    path = tmp_path_factory.mktemp("law") / "people.json"
    path.write_text(start + text + "\n", encoding="utf-8", newline="")
    for form in ("json", "jsonl"):
        try:
            found = files.read(path, Options(format=form))
        except InputRefused as refusal:
            assert refusal.hint  # noqa: PT017 - either is right
        else:
            assert found.read == found.cells.height + found.refused.height + found.blank


def test_the_sample_is_read_as_its_page_says():
    found = files.read(SAMPLES / "website_requests.jsonl")
    assert (found.format, found.rows.to_list(), found.blank) == ("jsonl", [1, 2, 3, 4, 7], 1)
    assert found.refused["row"].to_list() == [6]
    assert said(found)[3]["Телефон 2"] == "+7 812 000-04-04"
    assert said(found)[4]["Індекс"] == "01001"


ARRAYS = [["Имя", "Телефон"], ["Анна", "+79160000101"], ["Олена"], ["Ида", "1", "2"], [None, None]]


@pytest.mark.parametrize("document", [ARRAYS, {"range": "A1:B5", "values": ARRAYS}])
def test_rows_that_are_arrays_are_named_by_the_first(read, document):
    found = read(json.dumps(document))
    assert said(found) == [{"Имя": "Анна", "Телефон": "+79160000101"}, {"Имя": "Олена"}]
    assert (found.rows.to_list(), found.blank) == ([2, 3], 1)
    assert found.refused.select("row", "raw").rows() == [(4, '["Ида", "1", "2"]')]


def test_arrays_without_a_header_lose_none(read):
    found = read(json.dumps([["Анна", "a@x.example"], ["Олена", "b@x.example"]]))
    assert (found.cells.columns, found.rows.to_list()) == (["Column 1", "Column 2"], [1, 2])
    assert read(json.dumps([["Анна", "a@x.example"], ["Олена", "b@x.example"]]), limit=1).rows.to_list() == [1]


def test_a_title_above_arrays_is_said(read):
    found = read(json.dumps([["Отчёт"], ["Имя", "Телефон", "Город"], ["Анна", "1", "Киев"]]))
    assert (found.rows.to_list(), found.findings["value"].to_list()) == ([3], ['["Отчёт"]'])
