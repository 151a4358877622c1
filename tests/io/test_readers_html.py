import pytest

from crmtool.core.errors import InputRefused, UsageError
from crmtool.io.readers import files
from crmtool.io.readers.table import Options

PAGE = """<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head>
<meta http-equiv="Content-Type" content="text/html; charset={charset}"><style>td {{ color: red }}</style></head><body>
<table><tr><td>Меню</td></tr></table>
<TABLE border=1><thead><TR><TH>Имя</TH><TH>Телефон</TH><th>Заметка</th></tr></thead>
<tr><td>Анна&nbsp;Ёлкина<td x:num="79161234567">7,9E+10</td><td>раз<br>два &lt;три&gt; &amp; "a > b"</td></tr>
<!-- <tr><td>никто</td></tr> -->
<tr><td title="a > b">Пётр</td><td></td><td><script>document.write("<td>")</script>да</td></tr>
</table></body></html>"""


@pytest.fixture
def page(tmp_path):
    def make(text, encoding="utf-8"):
        path = tmp_path / "export.xls"
        path.write_bytes(text.encode(encoding))
        return path

    return make


@pytest.mark.parametrize("charset", ["utf-8", "windows-1251", "koi8-r"])
def test_a_web_page_under_the_name_of_a_workbook(page, charset):
    table = files.read(page(PAGE.format(charset=charset), charset))
    assert table.cells.rows() == [
        ("Анна\xa0Ёлкина", "79161234567", 'раз\nдва <три> & "a > b"'),
        ("Пётр", None, "да"),
    ]
    assert (table.cells.columns, table.format, table.sheet) == (["Имя", "Телефон", "Заметка"], "html", "table 2")


def test_the_encoding_is_guessed_where_the_page_is_silent(page):
    text = "<table><tr><td>Имя</td><td>Город</td></tr><tr><td>Василий</td><td>Новосибирск</td></tr></table>"
    path = page(text, "cp1251")
    assert files.read(path).cells.rows() == [("Василий", "Новосибирск")]
    assert files.read(path, Options(encoding="cp1251")).encoding == "cp1251"
    with pytest.raises(UsageError, match="no encoding"):
        files.read(path, Options(encoding="cp9999"))


def test_spans_keep_the_columns_apart(page):
    text = (
        "<table><tr><th>name</th><th colspan=2>phone</th><th>city</th></tr>"
        "<tr><td rowspan=2>Anna</td><td>1</td><td>2</td><td>Rome</td></tr>"
        "<tr><td>3</td><td>4</td><td>Oslo</td></tr></table>"
    )
    table = files.read(page(text))
    assert table.cells.rows() == [("Anna", "1", "2", "Rome"), (None, "3", "4", "Oslo")]
    assert table.findings.filter(code="cell.merged").select("row", "column", "value").rows() == [(2, "name", "Anna")]


def test_a_table_inside_of_a_cell_is_one_of_its_own(page):
    inner = "<table><tr><td>name</td><td>phone</td></tr><tr><td>Anna</td><td>1</td></tr></table>"
    path = page(f"<table><tr><td>frame {inner} end</td></tr><tr><td>below</td></tr></table>")
    table = files.read(path)
    assert table.cells.rows() == [("Anna", "1")]
    assert table.findings.filter(code="sheet.unread").get_column("value").to_list() == ["table 1"]
    assert files.read(path, Options(sheet="1", header=0)).cells.rows() == [("frame  end",), ("below",)]
    with pytest.raises(InputRefused, match="no sheet '3'"):
        files.read(path, Options(sheet="3"))


def test_a_page_without_a_table_is_refused(page):
    with pytest.raises(InputRefused, match="web page without a table"):
        files.read(page("<html><body><p>Log in</p></body></html>"))


@pytest.mark.parametrize(
    "text",
    [
        "<table>" + "<tr><td><table>" * 20_000,
        "<table>" + '<a "' * 50_000,
        "<table><tr><td>" + "<!--" * 200_000,
        "<table><tr><td>" + "<script" * 200_000,
    ],
    ids=["nested", "quotes", "comments", "scripts"],
)
def test_a_page_made_to_hang_does_not(page, text):
    with pytest.raises(InputRefused):
        files.read(page(text))
