import pytest

from crmtool.io.readers import csv
from crmtool.io.readers.table import Options

ROWS = [("Анна Коваль", "+380 44 123 45 67", "Київ"), ("Boris Ivanov", "+7 495 123-45-67", "Москва")]


@pytest.fixture
def read(tmp_path):
    def of(*lines, **options):
        path = tmp_path / "people.csv"
        path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
        return csv.read(path, Options(**options))

    return of


def rows(count):
    return [f"Анна {chr(1040 + n % 30)}ова,+7 916 000 {n:04},Киев" for n in range(count)]


def aside(table):
    return table.refused.rows()


def test_a_repeated_header_is_kept_aside(read):
    table = read("name,phone,city", *rows(5), "name , phone,city", *rows(3))
    assert table.cells.height == 8
    assert aside(table) == [(7, "name , phone,city", "row.header")]
    assert table.read == 9


def test_a_footer_is_kept_aside_whole(read):
    table = read("name,phone,city", *rows(20), "", "Итого: 20 записей")
    assert table.cells.height == 20
    assert aside(table) == [(23, "Итого: 20 записей", "row.footer")]
    assert (table.blank, table.read, table.findings.height) == (1, 22, 0)


def test_a_footer_is_looked_for_at_the_end_alone(read):
    table = read("name,phone,city", *rows(20), "Итого: 20 записей", limit=10)
    assert (table.cells.height, table.refused.height) == (10, 0)
    assert read("name,phone,city", *rows(20), "Итого: 20 записей", limit=50).refused.height == 1


def test_another_table_below_is_kept_aside(read):
    other = ["product,price", "Tea,12.50", "Coffee,19.90", "Sugar,2.10"]
    table = read("name,phone,city", *rows(12), "", *other)
    assert table.cells.height == 12
    assert [(number, code) for number, _, code in aside(table)] == [(n, "row.other_table") for n in range(15, 19)]
    assert [raw for _, raw, _ in aside(table)] == other


def test_rows_after_a_blank_line_are_rows(read):
    table = read("name,phone,city", *rows(6), "", *rows(4))
    assert (table.cells.height, table.refused.height) == (10, 0)


def test_a_long_list_ends_alike(read):
    table = read("name,phone,city", *rows(12_000), "name,phone,city", *rows(5), "Total: 12005")
    assert table.cells.height == 12_005
    assert [code for _, _, code in aside(table)] == ["row.header", "row.footer"]
    assert table.read == 12_007
