import csv
import io
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmtool.io.readers.separators import Dialect, dialect, otherwise, tried

HEADER = ["ID", "ФИО", "Телефон", "E-mail", "Сумма", "Комментарий"]
PEOPLE = [
    ["1", "Иванов Пётр", "+7 916 555-01-02", "ivanov@mail.example", "1 200,50", 'ООО "Ромашка", отдел продаж'],
    ["2", "O'Brien, Ann", "+44 20 7946 0018", "ann@post.example", "", "asked; call back | later"],
    ["3", "Коваль Ольга", "", "koval@post.example", "30,00", "перша\nдруга"],
    ["4", "Smith John", "", "", "7", ""],
]


def written(rows, mark=",", quote='"', escape=None, quoting=csv.QUOTE_MINIMAL):
    sink = io.StringIO(newline="")
    form = {"delimiter": mark, "quotechar": quote, "quoting": quoting, "lineterminator": "\n"}
    csv.writer(sink, **form, escapechar=escape, doublequote=escape is None).writerows(rows)
    return sink.getvalue()


def read(text):
    """The dialect found, and the records under it."""
    found = dialect(text.splitlines())
    return found, tried(text.splitlines(keepends=True), found).rows


@pytest.mark.parametrize("mark", [",", ";", "\t", "|", "^", "~", ":", " "])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
@pytest.mark.parametrize("quote", ['"', "'"])
@pytest.mark.parametrize("escape", [None, "\\"])
def test_a_table_of_contacts_is_read_back_in_any_dialect(mark, quoting, quote, escape):
    text = written([HEADER, *PEOPLE], mark, quote, escape, quoting)
    found, rows = read(text)
    assert (found.delimiter, found.quote) == (mark, quote)
    assert rows == [HEADER, *PEOPLE]


@pytest.mark.parametrize("count", [0, 1, 2])
@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_a_header_alone_or_with_a_row_is_enough(mark, count):
    rows = [HEADER, *PEOPLE][: count + 1]
    assert read(written(rows, mark)) == (Dialect(mark), rows)


@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_decimal_commas_and_addresses_do_not_make_commas_separators(mark):
    rows = [["Имя", "Адрес", "Сумма"], *[[f"Анна {n}", f"Москва, Тверская, {n}", f"{n},50"] for n in range(20)]]
    assert dialect([mark.join(row) for row in rows]).delimiter == mark


def test_a_line_of_prose_above_does_not_decide():
    text = ["Notes:", "We may, for some of them, lack an address; see the help.", "", "name,phone", "A,1", "B,2", "C,3"]
    assert dialect(text).delimiter == ","


def test_ragged_rows_do_not_hide_the_separator():
    text = ["a;b;c;d", "1;2;3;4", "1;2", "1;2;3;4;5", "1;2;3;4", "x", "1;2;3;4"]
    assert dialect(text).delimiter == ";"


@pytest.mark.parametrize(
    "text",
    [
        ["email", "a@x.example", "b@x.example"],
        ["name", "Иванов, Иван", "Петров, Пётр"],
        ["Иванов Иван Иванович", "Петров Пётр Петрович", "Сидорова Анна Павловна"],
        ["Phone", "+7 916 555 01 02", "+7 916 555 01 03", "8 916 555 01 04"],
        ["time", "12:30:00", "12:31:00", "12:32:00"],
        ["url", "https://a.example/x", "https://b.example/y"],
        ["ФИО", "Ван Дер Берг Анна", "Иванов Иван", "Кузнецова-Белова Мария Львовна"],
        ["Full address", "10 Main Street, London", "5 Park Lane, Paris", "7 High Street, Rome"],
        [],
        [""],
    ],
)
def test_punctuation_alone_makes_no_columns(text):
    assert dialect(text).delimiter is None


def test_spaces_after_every_comma_are_layout():
    text = 'name, city, note\nAnn, Kyiv, "one, two"\nBob, Lviv, three\n'
    found, rows = read(text)
    assert found == Dialect(",", skip_space=True)
    assert rows[1] == ["Ann", "Kyiv", "one, two"]


def test_a_space_here_and_there_belongs_to_the_cell():
    assert dialect(["a,b,c", "1,2,3", ",, x", ',,", "']) == Dialect(",")
    found, rows = read("name,city,note\nAnn, Kyiv,x\nBob,Lviv,y\n")
    assert not found.skip_space
    assert rows[1] == ["Ann", " Kyiv", "x"]


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_apostrophes_and_inches_are_no_quotation_marks(mark):
    rows = [["name", "size", "city"], ["O'Neil", '5"', "'s-Hertogenbosch"], ["D'Arc", '10"', "Кам'янка"]]
    text = "\n".join(mark.join(row) for row in rows) + "\n"
    assert read(text)[1] == rows


def test_marks_left_around_cells_speak_against_a_dialect():
    assert dialect(['"name ""x","city ""x"', '"","\'"']) == Dialect(",")


def test_backslashes_of_paths_are_text():
    text = 'name,folder\nAnn,"C:\\docs\\"\nBob,"D:\\new\\"\n'
    assert dialect(text.splitlines()).escape is None


def test_some_broken_quotation_marks_do_not_change_the_separator():
    good = [f'{n};"ООО ""Мак"" {n}";Київ' for n in range(20)]
    assert dialect(["id;name;city", *good, '7;"open;x', *good]) == Dialect(";")


@given(st.lists(st.text(alphabet="ab1 ,;\t|\"'\\\n:^~", max_size=30), max_size=20))
@settings(max_examples=4 * settings().max_examples)
def test_any_text_has_a_dialect(text):
    assert isinstance(dialect(text), Dialect)


@pytest.mark.parametrize("mark", [",", ";", "§", ":", " "])
def test_a_named_delimiter_is_obeyed_and_the_rest_is_found(mark):
    text = written([["№", "Имя"], *[row[:2] for row in PEOPLE]], mark, "'", "\\", csv.QUOTE_ALL)
    assert dialect(text.splitlines(), mark) == Dialect(mark, "'", "\\")
    assert dialect([], mark).delimiter == dialect(["a,b;c"], mark).delimiter == mark


def test_a_line_with_another_delimiter_is_told_by_its_width():
    assert otherwise('Anna;"Kyiv; centre";7', Dialect(","), 3) == ["Anna", "Kyiv; centre", "7"]
    assert otherwise("Anna;Kyiv;7", Dialect(","), 4) is None
    assert otherwise("Anna;Kyiv", Dialect(","), 2) is None
    assert otherwise("a;b;c|d|e", Dialect(","), 3) is None
    assert otherwise("Anna", Dialect(","), 3) is None


def test_long_lines_and_broken_quotes_do_not_take_long():
    started = time.process_time()
    dialect(["a,b;c|" * 2_000_000, 'x,"y'])
    dialect([f'{n},"x;y"z|"' * 20 for n in range(300)])
    dialect(['"'] * 300)
    assert time.process_time() - started < 3
