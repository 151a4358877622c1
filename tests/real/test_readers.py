from pathlib import Path

import pytest

from crmtool.core.errors import InputRefused
from crmtool.io.readers import files

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.exists(), reason="the shared collection of real files is not here")

TEXTS = sorted(path for path in (DATA / "messy_csv").rglob("*.*") if path.suffix in {".csv", ".tsv", ".psv", ".ssv"})


def opened(path):
    try:
        return files.read(path)
    except InputRefused as refusal:
        return None if refusal.hint else pytest.fail(f"no way out: {refusal.message}")


def test_every_text_is_opened_or_refused_cleanly():
    tables = {path.name: opened(path) for path in TEXTS}
    assert sum(table is not None for table in tables.values()) >= 90
    assert all(len(table.rows) == table.cells.height for table in tables.values() if table)


@pytest.mark.parametrize("ending", ["xls", "xlsb", "xlsx", "ods"])
def test_the_same_book_in_four_formats_reads_the_same(ending):
    folder = DATA / "excel" / "sheetjs"
    expected = files.read(folder / "rich_text_stress.xlsx").cells
    assert files.read(folder / f"rich_text_stress.{ending}").cells.equals(expected)


@pytest.mark.parametrize("name", ["date.xlsx", "date.xls", "date_1904.xlsx", "date_1904.xls"])
def test_dates_of_both_calendars(name):
    assert files.read(DATA / "excel" / "calamine" / name).cells.item(0, 0) == "2021-01-01"


def test_protected_books_say_so():
    for name in ("pass_protected.xlsx", "pass_protected.ods"):
        with pytest.raises(InputRefused, match="password"):
            files.read(DATA / "excel" / "calamine" / name)


def test_cp1251_as_excel_saves_it():
    table = files.read(DATA / "messy_csv" / "serginho_cp1251" / "excel.1251.csv")
    assert (table.encoding, table.delimiter) == ("cp1251", ";")


@pytest.mark.parametrize(
    ("name", "encoding", "first"),
    [
        ("outlook_classic_ru_cp1251.csv", "cp1251", "Обращение"),
        ("ua_contacts.csv", "utf-8", "Прізвище"),
        ("bitrix24_contacts_ru.csv", "utf-8", "ID"),
        ("google_contacts_new.csv", "utf-8", "First Name"),
    ],
)
def test_exports_of_known_programs(name, encoding, first):
    table = files.read(DATA / "headers" / name)
    assert (table.encoding, table.cells.columns[0], table.refused.height) == (encoding, first, 0)
