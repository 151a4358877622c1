import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmtool.io.readers.headers import Header, continued, footer, found

NAMES = ["ФИО", "Телефон", "Email", "Город"]
PEOPLE = [
    ["Иванов Пётр Ильич", "+7 916 555-01-02", "ivanov@mail.example", "Москва"],
    ["Коваль Ольга", "067 555 01 03", "", "Київ"],
    ["John Smith", "", "john@post.example", "London"],
    ["Петрова Анна Львовна", "8 (495) 555-01-04", "petrova@mail.example", "Москва"],
]


def cells(*lines):
    return [line.split(";") for line in lines]


def test_a_plain_header():
    assert found([NAMES, *PEOPLE]) == Header(0, 1, tuple(NAMES))


@pytest.mark.parametrize("count", [0, 1])
def test_a_header_with_hardly_any_rows(count):
    assert found([NAMES, *PEOPLE[:count]]) == Header(0, 1, tuple(NAMES))


@pytest.mark.parametrize(
    "above",
    [
        cells("Список клиентов"),
        cells("Список клиентов;;;", ";;;"),
        cells("Отчёт за май 2024", "", "Выгружено 01.06.2024 12:00"),
        cells("Дата выгрузки;01.06.2024"),
        cells("Company;Acme", "Date;2024-06-01", ""),
        cells("# made by a program", "# version 3"),
        cells(";Клиенты, наши, лучшие;;"),
        cells("PREAMBLE;;;", "PREAMBLE;;;", "PREAMBLE;;;"),
        cells("Notes:", "When exporting your data, you may notice, among others; that some are missing."),
    ],
)
def test_titles_and_notes_above(above):
    assert found([*above, NAMES, *PEOPLE]) == Header(len(above), len(above) + 1, tuple(NAMES))


@pytest.mark.parametrize("first", range(len(PEOPLE)))
def test_people_without_a_header_are_all_people(first):
    rows = PEOPLE[first:] + PEOPLE[:first]
    header = found(rows)
    assert (header.start, header.stop, header.names) == (0, 0, ())


@pytest.mark.parametrize(
    "rows",
    [
        cells("1;2;3", "4;5;6"),
        cells("7;Анна;Киев", "8;Олег;Львов", "9;Ирина;Одесса"),
        cells("a@x.example", "b@x.example"),
        cells("Иванов Иван Иванович;Москва", "Петров Пётр Петрович;Тверь"),
        cells("Анна;01.02.1990", "Олег;03.04.1985", "Ирина;12.12.1999"),
        cells("Анна;Киев;клиент", "Олег;Киев;клиент", "Ирина;Одесса;клиент"),
        cells("+7 916 555 01 02", "+7 916 555 01 03"),
        cells("Анна;+7 916 555 01 02"),
    ],
)
def test_values_are_no_header(rows):
    assert found(rows).stop == 0


@pytest.mark.parametrize(
    "rows",
    [
        cells("Year;2000;2001;2002", "Timber;2666;2274;1877", "Glass;3108;2954;2658"),
        cells("Имя;1;2;3", "Анна;5;4;5", "Олег;3;4;4"),
        cells("name;city", "Anna;Kyiv", "Oleh;Lviv"),
        cells("колонка 1;колонка 2", "Анна;Киев", "Олег;Киев"),
        cells("Email", "a@x.example", "b@x.example"),
        cells("Клиенты", "Иванов", "Петров"),
        cells("key;val", "key;1", "name;2"),
        cells("Active;Phone", "да;+7 916 555 01 02", "нет;+7 916 555 01 03"),
    ],
)
def test_words_above_are_a_header(rows):
    assert found(rows) == Header(0, 1, tuple(rows[0]))


@pytest.mark.parametrize(
    ("rows", "names"),
    [
        (cells("ФИО;Телефон;;Город", ";рабочий;мобильный;"), ("ФИО", "Телефон рабочий", "Телефон мобильный", "Город")),
        (cells(";Phone;;", "Name;Work;Mobile;City"), ("Name", "Phone Work", "Phone Mobile", "Phone City")),
        (
            cells("Person;Contact;;Place", "Name;Phone;Email;City"),
            ("Person Name", "Contact Phone", "Contact Email", "Place City"),
        ),
        (cells("Name;Contact;;Place", ";Phone;Email;City"), ("Name", "Contact Phone", "Contact Email", "Place City")),
        (cells("Name;Phone;Phone;City", ";Work;Mobile;"), ("Name", "Phone Work", "Phone Mobile", "City")),
    ],
)
def test_groups_of_columns_are_joined_with_the_names(rows, names):
    body = cells(
        "Иванов Иван;+7 916 555 01 02;+7 916 555 01 03;Москва", "Petrov;;+7 916 555 01 04;Тверь", "Smith;067 5550102;;"
    )
    assert found([*rows, *body]) == Header(0, 2, names)
    assert found([["Список"], *rows, *body]) == Header(1, 3, names)


def test_a_second_line_of_names_over_values_belongs_to_the_header():
    rows = cells(
        "Date;Phone;Sum", "(d.m.y);(mobile);(UAH)", "01.02.2024;067 555 01 02;1,50", "03.02.2024;067 555 01 03;7"
    )
    assert found(rows).names == ("Date (d.m.y)", "Phone (mobile)", "Sum (UAH)")


def test_a_first_contact_with_few_cells_is_not_taken_into_the_header():
    assert found([NAMES, ["Смирнова Вера", "", "", "Тверь"], *PEOPLE]).stop == 1
    assert found([["ФИО", "", "Email", "Город"], ["Смирнова Вера", "нет", "", "Тверь"], *PEOPLE]).stop == 1


def test_nothing_has_no_header():
    assert found([]) == found([[]]) == found([["", " "]]) == Header(0, 0, ())


@pytest.mark.parametrize(
    "below",
    [
        cells("Итого;;;25"),
        cells("Всього: 12"),
        cells("", "Total;;;1 234,50"),
        cells("(25 rows)"),
        cells("", "Всего записей: 4;;;", "Страница 1 из 1"),
        cells("4 контакта"),
        cells("Exported by Anna on 2024-05-01"),
        cells("Сформировано 01.06.2024;;;"),
        cells("", "Note: state statistics may include people who are in several states, so take care;;;"),
        cells("The total of this table should not be used for anything else.;;;"),
    ],
)
def test_totals_and_remarks_below_are_told(below):
    first = next(at for at, row in enumerate(below) if any(row))
    assert footer([*PEOPLE, *below], 4) == len(PEOPLE) + first


@pytest.mark.parametrize(
    "row",
    [
        ["Тоталь Анна", "", "", ""],
        ["Total", "+33 1 55 55 01 02", "", "Paris"],
        ["Total", "", "info@total.example", ""],
        ["Итого", "79165550102", "", ""],
        ["Всеволод", "", "", ""],
        ["Count Dracula", "", "", "Brașov"],
        ["Сумма Мария", "", "", "5"],
        ["ООО Всё для дома и сада", "", "", ""],
        ["Сергей", "", "", ""],
        ["Note", "067 555 01 02", "", ""],
        ["25", "", "", ""],
    ],
)
def test_people_at_the_end_stay(row):
    rows = [*PEOPLE, [], row]
    assert footer(rows, 4) == len(rows)


def test_what_follows_a_blank_row():
    assert continued(NAMES, PEOPLE) == "rows"
    assert continued(NAMES, [NAMES, *PEOPLE]) == "header"
    assert continued(NAMES, cells("Товар;Цена", "Ручка;5,50", "Стол;1200,00")) == "table"
    assert continued(NAMES, [["Заказы"], *cells("Номер;Дата;Сумма", "1;01.02.2024;5")]) == "table"
    assert continued(NAMES, cells("a;b;c;d;e", "1;2;3;4;5", "6;7;8;9;0")) == "table"
    assert continued(NAMES, [["Смирнова Вера", "", "", "Тверь"]]) == "rows"
    assert continued(NAMES, []) == "rows"


CELL = st.text(alphabet="абв xyz019@.+:-(", max_size=8)


@given(st.lists(st.lists(CELL, max_size=5), max_size=8))
@settings(max_examples=4 * settings().max_examples)
def test_any_rows_are_divided(rows):
    header = found(rows)
    assert 0 <= header.start <= header.stop <= max(len(rows), 0)
    assert (header.start == header.stop) == (header.names == ())
    assert 0 <= footer(rows, 5) <= len(rows)
    assert continued(["a", "b"], rows) in ("rows", "header", "table")


@given(st.permutations(PEOPLE), st.integers(1, 4))
def test_people_are_never_part_of_a_header_or_footer(people, count):
    rows = [NAMES, *people[:count]]
    assert found(rows).stop == 1
    assert footer(rows[1:], 4) == count
