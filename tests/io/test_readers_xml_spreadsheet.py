import pytest

from crmtool.core.errors import InputRefused, UsageError
from crmtool.io.readers import files
from crmtool.io.readers.table import Options

NAMES = (
    'xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet" '
    'xmlns:x="urn:schemas-microsoft-com:office:excel" xmlns:html="http://www.w3.org/TR/REC-html40"'
)
STYLES = '<Styles><Style ss:ID="s1"><NumberFormat ss:Format="00000"/></Style></Styles>'


def cell(kind, text, attributes=""):
    return f'<Cell {attributes}><Data ss:Type="{kind}">{text}</Data></Cell>'


def words(*texts):
    return f"<Row>{''.join(cell('String', text) for text in texts)}</Row>"


def sheet(rows, name="Люди", options=""):
    return f'<Worksheet ss:Name="{name}"><Table>{rows}</Table>{options}</Worksheet>'


@pytest.fixture
def document(tmp_path):
    def make(*sheets, head='<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>', encoding="utf-8"):
        path = tmp_path / "export.xls"
        path.write_bytes(f"{head}<Workbook {NAMES}>{STYLES}{''.join(sheets)}</Workbook>".encode(encoding))
        return path

    return make


def test_values_are_what_a_person_would_type(document):
    table = files.read(
        document(
            sheet(
                words("name", "phone", "postcode", "day", "moment", "time", "ok", "note")
                + "<Row>"
                + cell("String", "<B>Анна</B> &amp; Co")
                + cell("Number", "79161234567")
                + cell("Number", "1234", 'ss:StyleID="s1"')
                + cell("DateTime", "2024-03-05T00:00:00.000")
                + cell("DateTime", "2024-03-05T14:30:00.000")
                + cell("DateTime", "1899-12-31T14:30:00.000")
                + cell("Boolean", "1")
                + cell("Number", "7.9161234567E10", 'ss:Index="8"')
                + "</Row>"
            )
        )
    )
    assert table.cells.rows() == [
        (
            "Анна & Co",
            "79161234567",
            "01234",
            "2024-03-05",
            "2024-03-05T14:30:00",
            "14:30:00",
            "TRUE",
            "79161234567",
        )
    ]
    assert (table.format, table.sheet) == ("xml", "Люди")


def test_places_errors_formulas_and_hidden_rows_are_told(document):
    path = document(
        sheet(
            words("name", "phone")
            + '<Row ss:Index="4" ss:Hidden="1">'
            + cell("String", "Anna", 'ss:MergeAcross="1"')
            + cell("String", "Bern")
            + "</Row><Row>"
            + cell("String", "Boris")
            + cell("Error", "#N/A")
            + "</Row><Row>"
            + cell("String", "Carl")
            + '<Cell ss:Formula="=R1C1"/></Row>'
        )
    )
    table = files.read(path)
    assert table.rows.to_list() == [4, 5, 6]
    assert table.cells.row(0) == ("Anna", None, "Bern")
    assert table.findings.select("row", "column", "value", "code").rows() == [
        (4, None, None, "row.hidden"),
        (4, "name", "Anna", "cell.merged"),
        (5, "phone", "#N/A", "cell.error"),
        (6, "phone", None, "cell.uncomputed"),
    ]


def test_sheets_are_chosen_as_in_a_workbook(document):
    hidden = "<WorksheetOptions><Visible>SheetHidden</Visible></WorksheetOptions>"
    rows = words("name", "phone") + words("Anna", "1")
    path = document(sheet(rows, "old", hidden), sheet("", "empty"), sheet(rows, "new"), sheet(rows, "more"))
    table = files.read(path)
    assert table.sheet == "new"
    assert table.findings.select("code", "value").rows() == [("sheet.hidden", "old"), ("sheet.unread", "more")]
    assert files.read(path, Options(sheet="1")).sheet == "old"
    with pytest.raises(InputRefused, match="no sheet 'x'"):
        files.read(path, Options(sheet="x"))
    with pytest.raises(UsageError, match="encoding"):
        files.read(path, Options(encoding="utf-8"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused(document, encoding):
    head = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]>'
    with pytest.raises(InputRefused, match="entities"):
        files.read(document(sheet(words("name", "&b;") * 2), head=head, encoding=encoding))


@pytest.mark.parametrize(
    "rows",
    [
        '<Row ss:Index="99999999999">' + cell("String", "x") + "</Row>",
        '<Row ss:Index="x">' + cell("String", "x") + "</Row>",
        "<Row><Cell",
        '<Row ss:Index="1048576">' + cell("String", "x", 'ss:Index="16384"') + "</Row>",
    ],
    ids=["beyond", "words", "cut", "corner"],
)
def test_what_is_broken_or_asks_for_too_much_is_refused(document, rows):
    with pytest.raises(InputRefused):
        files.read(document(sheet(words("name", "phone") + rows)))
