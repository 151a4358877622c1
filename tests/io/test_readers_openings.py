import pytest

from crmtool.core.errors import InputRefused, UsageError


def rows_of(table):
    return [(number, *row) for number, row in zip(table.rows, table.cells.rows(), strict=True)]


def test_the_row_of_the_header_may_be_said(read):
    text = "Список,,\nимя,город,вес\nАнна,Київ,5\n"
    table = read(text, header=2)
    assert (table.header, table.cells.columns, rows_of(table)) == (
        2,
        ["имя", "город", "вес"],
        [(3, "Анна", "Київ", "5")],
    )
    assert table.findings.select("row", "code").rows() == [(1, "row.above")]
    bare = read(text, header=0)
    assert (bare.header, bare.cells.columns[0], bare.cells.height, bare.rows.to_list()) == (0, "Column 1", 3, [1, 2, 3])
    with pytest.raises(UsageError, match="no row 9"):
        read(text, header=9)


@pytest.mark.parametrize(("said", "meant"), [("tab", "\t"), ("\\t", "\t"), ("\t", "\t"), ("~", "~"), ("¦", "¦")])
def test_a_delimiter_that_is_said_wins(read, said, meant):
    table = read(f"a,b{meant}c\n1,2{meant}3\n4,5{meant}\n", delimiter=said)
    assert table.delimiter == meant
    assert table.cells.rows() == [("1,2", "3"), ("4,5", None)]


@pytest.mark.parametrize("said", ["", "||", '"', "\n"])
def test_what_cannot_stand_between_cells_is_refused(read, said):
    with pytest.raises(UsageError, match="between cells"):
        read("a,b\n1,2\n", delimiter=said)


def test_a_text_of_separators_or_of_far_too_many_columns_is_refused(read):
    with pytest.raises(InputRefused, match="no text"):
        read(",,,\n" * 10)
    with pytest.raises(InputRefused, match="columns"):
        read("a," * 20_000 + "\n1\n")
