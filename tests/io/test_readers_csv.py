import csv as stdlib
import io
import re

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmtool.core.errors import InputRefused, UsageError
from crmtool.io.readers import columns, csv, lines, outlines, proofs, records, table
from crmtool.io.readers.separators import Dialect
from crmtool.io.readers.table import Options

PLAIN = st.text(alphabet="абвіїєxyz019 .@+-()'", max_size=8)
WILD = st.text(alphabet="аіxy1 ,;\t|\"'\n\r\x00=", max_size=8)


def parsed(text: str | bytes, **options):
    data = text.encode() if isinstance(text, str) else text
    path = options.pop("path")
    path.write_bytes(data)
    return csv.read(path, Options(**options))


@pytest.fixture
def read(tmp_path):
    return lambda text, **options: parsed(text, path=tmp_path / "people.csv", **options)


def rows_of(table):
    return [(number, *row) for number, row in zip(table.rows, table.cells.rows(), strict=True)]


def grid(cell, width):
    return st.lists(st.lists(cell, min_size=width, max_size=width), min_size=1, max_size=12)


def slowly(text: str, shape):
    """The rows by `record` alone, line after line."""
    body = lines.split(text.encode())
    line, at, found = lines.getter(body), 0, []
    width = shape.width
    while line(at) is not None:
        each = records.record(line, at, shape.dialect, width)
        if each.cells is not None and not records.beyond(each.cells, width):
            found.append((at, *[(each.cells[i] if i < len(each.cells) else "") or None for i in range(width)]))
        at += each.lines
    return [row[1:] for row in found if any(cell and cell.strip() for cell in row[1:])]


def shaped(width, mark=";", **dialect):
    return records.Shape(Dialect(mark, **dialect), width, width)


DIALECTS = st.sampled_from(
    [{}, {"quote": "'"}, {"escape": "\\"}, {"quote": None}, {"skip_space": True}, {"quote": "'", "escape": "\\"}]
)
CELLS = st.text(alphabet="аx1 ;\"'\\\n\r\x00\ufeff", max_size=12)


@given(st.lists(CELLS, max_size=10), st.integers(1, 4), DIALECTS)
@settings(max_examples=2 * settings().max_examples)
def test_columns_at_once_and_one_line_at_a_time_give_the_same(parts, width, dialect):
    text = "\n".join(parts) + "\n"
    shape = shaped(width, **dialect)
    fast = columns.split(text.encode(), shape, final=True)
    filled = [row[1:] for row in fast.cells.rows() if any(cell and cell.strip() for cell in row[1:])]
    assert filled == slowly(text, shape)
    assert fast.rest == b""


PARTS = st.lists(st.text(alphabet='я1;"\r\n \x85', max_size=9), max_size=9)


@given(PARTS, st.integers(1, 4), st.sampled_from(["\n", "\r\n", "\r"]), DIALECTS)
@settings(max_examples=2 * settings().max_examples)
def test_lines_at_once_and_one_after_another_give_the_same(parts, width, end, dialect):
    text = "".join(part + end for part in parts).encode() or b"\n"
    shape = shaped(width, **dialect)
    odd = outlined(text, shape).with_columns(known=False, way=pl.lit(columns._ODD, pl.UInt8))
    slow = columns._divided(text, odd, shape, final=True)
    fast = columns.split(text, shape, final=True)
    assert filled(fast) == filled(slow)
    assert (fast.notes, fast.height, fast.rest) == (slow.notes, slow.height, slow.rest)


def outlined(text, shape):
    signs = outlines.signs(text, outlines.codes(text), shape.dialect)
    return columns._ways(outlines.lines(signs).with_row_index("at"), shape)


def filled(split):
    return [row for row in split.cells.rows() if any(cell and cell.strip() for cell in row[1:])]


@given(
    st.lists(st.lists(st.text(alphabet='аx ;"\r\n', max_size=5), min_size=3, max_size=3), min_size=1, max_size=9),
    st.sampled_from(["\n", "\r\n"]),
)
def test_no_record_that_is_well_written_is_read_by_itself(body, end):
    """Where a line that is a record ends with a carriage return, nothing is known of the cells over several lines."""
    body = [[re.sub(r"\r(?!\n)", "", cell) for cell in row] for row in body]
    sink = io.StringIO(newline="")
    stdlib.writer(sink, delimiter=";", lineterminator=end, quoting=stdlib.QUOTE_ALL).writerows(body)
    text, shape = sink.getvalue().encode(), shaped(3)
    lines = outlined(text, shape)
    walk = columns._walked(columns._getter(text, lines), lines, columns._runs(lines, shape), shape, final=True)
    assert walk.read == []
    assert [list(row[1:]) for row in columns.split(text, shape, final=True).cells.rows()] == [
        [cell or None for cell in row] for row in body
    ]


@given(st.lists(CELLS, max_size=14), st.integers(1, 24), st.sampled_from(["utf-8", "utf-16", "cp1251"]))
def test_reading_in_parts_of_any_size_is_reading_at_once(tmp_path_factory, parts, block, encoding):
    path = tmp_path_factory.mktemp("parts") / "t.csv"
    path.write_bytes("\n".join(["имя;город;note", *parts]).encode(encoding, "replace"))
    options = Options(encoding=encoding, delimiter=";", header=1)
    assert outcome(path, options, block) == outcome(path, options, 1 << 25)


def outcome(path, options, block):
    try:
        found = table.joined(csv.parts(path, options, block))
    except InputRefused as refusal:
        return refusal.message
    return (
        found.cells.columns,
        rows_of(found),
        found.refused.rows(),
        found.blank,
        found.findings.sort("row", "column", "code").rows(),
        (found.sha256, found.header, found.encoding, found.delimiter),
    )


ENCODINGS = [
    "utf-8",
    "utf-8-sig",
    "utf-16",
    "utf-16-le",
    "cp1251",
    "koi8-u",
    "koi8-r",
    "cp866",
    "cp1125",
    "mac-cyrillic",
]
TEXTS = st.one_of(PLAIN, st.text(alphabet="аіxy1 ,;\t|\"'\n\r\\=", max_size=8))


PLACES = ["Киев", "Гамбург", "Одеса", "Казань", "Leeds"]


def written(rows, encoding, **dialect):
    sink = io.StringIO(newline="")
    stdlib.writer(sink, **dialect).writerows(rows)
    return sink.getvalue().encode(encoding, "replace")


@given(
    st.integers(2, 5).flatmap(lambda width: grid(TEXTS, width)),
    st.sampled_from(",;\t|"),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(ENCODINGS),
    st.sampled_from(
        [
            {"quotechar": '"', "quoting": stdlib.QUOTE_MINIMAL},
            {"quotechar": '"', "quoting": stdlib.QUOTE_ALL},
            {"quotechar": "'", "quoting": stdlib.QUOTE_ALL},
            {"quotechar": '"', "quoting": stdlib.QUOTE_ALL, "doublequote": False, "escapechar": "\\"},
            {"quotechar": "'", "quoting": stdlib.QUOTE_ALL, "doublequote": False, "escapechar": "\\"},
        ]
    ),
    st.booleans(),
)
def test_a_table_written_in_any_dialect_reads_back(tmp_path_factory, body, mark, end, encoding, dialect, named):
    """What cannot read back: spaces at the beginning of cells that are not quoted may be layout.

    Some ordinary rows show the dialect. A short text cannot tell its code page, so that is said; and the headings hold
    a quotation mark, because an escaping backslash shows only before one; where none escapes, none stands before a
    mark. A single column is not among them: its empty cells are blank lines.
    """
    if end != "\r\n" and dialect["quoting"] == stdlib.QUOTE_MINIMAL:  # the library leaves the other line end unquoted
        body = [[cell.translate({10: " ", 13: " "}) for cell in row] for row in body]
    if dialect["quoting"] == stdlib.QUOTE_MINIMAL:
        body = [[cell.lstrip(" ") for cell in row] for row in body]
    if "escapechar" not in dialect:
        body = [[re.sub(r"\\+(?=[\"']|\Z)", "/", cell) for cell in row] for row in body]
    narrow = not encoding.startswith("utf")
    if narrow:
        body = [[cell.encode(encoding, "replace").decode(encoding) for cell in row] for row in body]
    body = [*([f"{place} {n}" for place in PLACES[: len(body[0])]] for n in range(8)), *body]
    header = [f"колонка {number} {dialect['quotechar']}х" for number in range(len(body[0]))]
    path = tmp_path_factory.mktemp("dialect") / "t.csv"
    text = written([header, *body], encoding, delimiter=mark, lineterminator=end, **dialect)
    line = f"sep={mark}{end}".encode(encoding)
    bom = {"utf-8-sig": 3, "utf-16": 2}.get(encoding, 0)
    path.write_bytes(line + text[bom:] if named else text)
    table = csv.read(path, Options(encoding=encoding, delimiter=mark, header=1))
    expected = [
        (number, *(cell or None for cell in row))
        for number, row in enumerate(body, 2)
        if any(cell.strip() for cell in row)
    ]
    assert table.cells.columns == header
    assert table.delimiter == mark
    assert rows_of(table) == expected
    assert table.refused.is_empty()
    assert table.read == len(body)


def test_a_few_zero_bytes_do_not_make_a_file_wide(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes("имя,город\r\n,\x001\x00\r\n".encode())
    table = csv.read(path, Options())
    assert (table.encoding, rows_of(table)) == ("utf-8", [(2, None, "\x001\x00")])


def test_rows_add_up(read):
    table = read('a;b\n1;2\n\n3;4;5\n;\n"6;7\n8\n9;0;\n')
    assert rows_of(table) == [(2, "1", "2"), (7, "8", None), (8, "9", "0")]
    assert table.refused.rows() == [(4, "3;4;5", "row.ragged"), (6, '"6;7', "row.unreadable")]
    assert table.blank == 2
    assert table.read == 7
    assert table.findings.select("row", "code").rows() == [(7, "row.short")]


def test_lines_of_white_space_are_blank_whatever_it_could_part(read):
    table = read("a,b,c\n1,2,3\n\t\t\n \n\n4,5,6\n")
    assert rows_of(table) == [(2, "1", "2", "3"), (6, "4", "5", "6")]
    assert (table.blank, table.read, table.findings.height) == (3, 5, 0)


def test_old_line_ends_part_records_and_stay_inside_of_cells(read):
    table = read('a,b\r1,x\r2,"y\rz"\r3,w\r')
    assert rows_of(table) == [(2, "1", "x"), (3, "2", "y\rz"), (4, "3", "w")]
    table = read('a,b\n1,x\n2,"y\rz"\n3,w\n')
    assert rows_of(table) == [(2, "1", "x"), (3, "2", "y\rz"), (4, "3", "w")]


def test_a_mark_of_byte_order_inside_of_a_text_is_text(read):
    assert read("a,b\n\ufeff1,2\n3,4\n").cells.rows() == [("\ufeff1", "2"), ("3", "4")]


def test_records_that_polars_finds_otherwise_are_read_one_after_another(read, monkeypatch):
    monkeypatch.setattr(
        proofs, "proven", lambda _text, _dialect, width, height, _: None if height else proofs_of(width)
    )
    assert rows_of(read('a,b\n1,"x\ny"\n\n2,z" \n')) == [(2, "1", "x\ny"), (4, "2", 'z" ')]


def proofs_of(width):
    return pl.DataFrame(schema=dict.fromkeys(proofs.columns(width), pl.String()))


def test_an_unclosed_quote_costs_one_line(read):
    bad = 5000
    text = "a,b,c\n" + "".join(f'{n},"x,y\n' if n == bad else f"{n},x,y\n" for n in range(10_000))
    table = read(text)
    assert table.refused.rows() == [(bad + 2, f'{bad},"x,y', "row.unreadable")]
    assert table.cells.height == 9999
    assert table.rows.to_list() == [n + 2 for n in range(10_000) if n != bad]


def test_a_quote_closed_in_a_later_record_does_not_join_them(read):
    table = read('a,b\n1,"x\n2,y\n3,"z"\n4,w\n')
    assert table.cells.rows() == [("2", "y"), ("3", "z"), ("4", "w")]
    assert table.refused.get_column("row").to_list() == [2]


def test_quotation_marks_that_were_not_doubled_are_split_at_the_separators(read):
    table = read('name;company\nAnna;"ООО "Ромашка""\nBoris;ООО "Лютик"\n"Vera";"ООО ""Мак"""\n')
    assert table.cells.get_column("company").to_list() == ['ООО "Ромашка"', 'ООО "Лютик"', 'ООО "Мак"']
    assert table.findings.select("row", "code").rows() == [(2, "row.quotes")]


def test_cells_over_several_lines_count_as_one_row(read):
    table = read('a,b\r\n1,"x\ny\r\nz"\r\n2,w\r\n')
    assert rows_of(table) == [(2, "1", "x\ny\r\nz"), (3, "2", "w")]


def test_cells_keep_their_spaces_zeros_and_strange_signs(read):
    table = read("code,note\n 007 ,\u2028x\n1e5,+7 916\n")
    assert table.cells.rows() == [(" 007 ", "\u2028x"), ("1e5", "+7 916")]


def test_headings_are_stripped_and_unique(read):
    table = read("\ufeff Phone ,Phone\u00a0,,\n1,2,3,\n")
    assert table.cells.columns == ["Phone", "Phone (2)", "Column 3"]


def test_row_numbers_count_what_stands_above_the_header(read):
    table = read("\n\nname,phone\nA,1\n")
    assert rows_of(table) == [(4, "A", "1")]


def test_excels_sep_line_names_the_separator_and_is_no_row(read):
    table = read("sep=|\nname|note\nA|x,y\n")
    assert table.delimiter == "|"
    assert rows_of(table) == [(2, "A", "x,y")]


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("ФИО;Адрес;Сумма\nИванов И.;Москва, Тверская, 1;1,5\nПетров;Киев;2\n", ";"),
        ("name,phone\nA,1;2\nB,3;4\n", ","),
        ("email\na@x.ru\nb@x.ru\n", None),
        ("name\nИванов, Иван\nПетров, Пётр\n", None),
        ("name\tphone, work\nA\t1\nB\t2\n", "\t"),
        ('"a,b";"c"\n"1,2";"3"\n', ";"),
    ],
)
def test_the_separator_is_the_one_the_rows_agree_on(read, text, mark):
    table = read(text)
    assert table.delimiter == mark
    assert table.refused.is_empty()


def test_bytes_that_do_not_fit_are_shown_and_told(read):
    good = "имя,город\nАнна,Київ\nОлег,Львів\nІрина,Одеса\n".encode()
    table = read(good + b"\xff\xfe,x\n")
    assert table.encoding == "utf-8"
    assert rows_of(table)[-1] == (5, "\ufffd\ufffd", "x")
    assert table.findings.select("row", "column", "code").rows() == [(5, "имя", "file.bytes")]


def test_control_characters_stay_and_are_told(read):
    table = read("a,b\n1,\x00x\n2,y\n")
    assert table.cells.item(0, "b") == "\x00x"
    assert table.findings.select("row", "column", "code").rows() == [(2, "b", "row.control")]


def test_a_guessed_encoding_is_told(read):
    table = read("имя;город\nСергей;Москва\n".encode("cp1251"))
    assert table.cells.rows() == [("Сергей", "Москва")]
    assert table.findings.select("row", "code", "suggestion").rows() == [(None, "file.encoding", "cp1251")]


def test_an_encoding_given_is_obeyed(read):
    data = "имя;город\nСергей;Москва\n".encode("cp1251")
    assert read(data, encoding="koi8-r").cells.rows() != read(data, encoding="windows-1251").cells.rows()
    with pytest.raises(UsageError, match="no encoding"):
        read(data, encoding="klingon")


@pytest.mark.parametrize("limit", [1, 5, 5000])
def test_a_limited_reading_is_the_beginning_of_the_whole(tmp_path, limit):
    path = tmp_path / "long.csv"
    path.write_text(
        "a,b\n" + "".join(f'{n},"два\nслова"\n' if n % 7 == 0 else f"{n},\n" for n in range(60_000)), "utf-8"
    )
    whole, some = csv.read(path, Options()), csv.read(path, Options(limit=limit))
    assert some.cells.equals(whole.cells.head(limit))
    assert some.rows.equals(whole.rows.head(limit))
    assert some.read == limit
    assert some.sha256 == whole.sha256


def test_headings_may_be_named_like_our_own_columns(read):
    table = read("c1,c0,line,row,__position\n1,2,3,4,\n5,6,7,8,9\n")
    assert table.cells.columns == ["c1", "c0", "line", "row", "__position"]
    assert table.cells.rows()[0] == ("1", "2", "3", "4", None)


def test_text_has_no_sheets(read):
    with pytest.raises(UsageError, match="sheets"):
        read("a,b\n1,2\n", sheet="1")


def test_very_long_cells_and_very_wide_tables_are_read(read):
    wide = ",".join(f"c{n}" for n in range(600))
    assert read(f"{wide}\n{wide.replace('c', 'd')}\n").cells.shape == (1, 600)
    quoted = ",".join(f'"d{n}"' for n in range(600))
    assert read(f"{wide}\n{quoted}\n").cells.shape == (1, 600)
    long = "x" * 300_000
    assert read(f'a,b\n"{long}\n",1\n').cells.item(0, 0) == long + "\n"


def test_a_line_with_other_separators_than_the_rest_is_split_at_those(read):
    table = read("name,phone,city\nAnna,1,Kyiv\nBoris;2;Lviv\nClara,3,Odesa\n")
    assert table.cells.rows() == [("Anna", "1", "Kyiv"), ("Boris", "2", "Lviv"), ("Clara", "3", "Odesa")]
    assert table.findings.select("row", "code").rows() == [(3, "row.delimiter")]


def test_hollow_columns_are_left_out(read):
    assert read("a,b,,\n1,2,,\n3,4,,\n").cells.columns == ["a", "b"]
    assert read("a,b,,\n1,2\n3,4,,5\n").cells.columns == ["a", "b", "Column 4"]


def test_files_without_rows_are_refused(read):
    with pytest.raises(InputRefused, match="no rows"):
        read("a,b\n")
    with pytest.raises(InputRefused, match="no text"):
        read(" \n\n")


def test_cells_are_text(read):
    assert set(read("a,b\n1,2.0\n").cells.dtypes) == {pl.String()}


@given(st.lists(st.text(alphabet="aя\n\r\x0b\u2028", max_size=6)))
def test_lines_end_with_a_line_feed_a_return_or_both(pieces):
    text = "".join(pieces)
    expected = list(io.StringIO(text, newline=""))
    found = lines.split(text.encode())
    assert found.get_column("line").to_list() == [line.rstrip("\r\n") for line in expected]
    assert "".join(found.get_column("line") + found.get_column("end")).startswith(text)
