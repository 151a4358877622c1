import json
from pathlib import Path

import pytest

from crmtool.core.errors import InputRefused
from crmtool.io.readers import files
from crmtool.io.readers.csv import parts
from crmtool.io.readers.table import Options, joined

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.exists(), reason="the shared collection of real files is not here")

SPECTRUM = sorted((DATA / "messy_csv" / "csv_spectrum").glob("*.csv"))
FOLDERS = ("messy_csv", "headers", "real_directories", "crm")
TEXTS = [
    path
    for folder in FOLDERS
    for path in sorted((DATA / folder).rglob("*.*"))
    if path.suffix in {".csv", ".tsv", ".psv", ".ssv"}
]
#: The gate looks into every third.
SOME = [pytest.param(path, marks=pytest.mark.soak if place % 3 else ()) for place, path in enumerate(TEXTS)]


@pytest.mark.parametrize("path", SPECTRUM, ids=lambda path: path.stem)
def test_csv_spectrum_reads_exactly(path):
    """As the JSON beside each file says; line ends aside, which this copy of the files has lost."""
    told = json.loads(path.with_suffix(".json").read_bytes().decode().replace("\\r\\n", "\\n"))
    expected = told if isinstance(told, list) else [told]
    if path.stem == "location_coordinates":  # its JSON has another phone than the table
        expected = [{**row, "Contact Phone Number": "2095257564"} for row in expected]
    found = files.read(path).cells.to_dicts()
    assert [{name: (cell or "").replace("\r\n", "\n") for name, cell in row.items()} for row in found] == expected


def test_csv_spectrum_is_whole():
    assert len(SPECTRUM) == 12


@pytest.mark.parametrize("path", SOME, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_reading_in_small_blocks_is_reading_at_once(path):
    try:
        whole = files.read(path)
    except InputRefused:
        with pytest.raises(InputRefused):
            joined(parts(path, Options(), 1009))
        return
    small = joined(parts(path, Options(), 1009))
    assert small.cells.equals(whole.cells)
    assert small.rows.equals(whole.rows)
    assert small.refused.equals(whole.refused)
    assert (small.blank, small.read, small.findings.height) == (whole.blank, whole.read, whole.findings.height)


@pytest.mark.parametrize(
    ("name", "shape", "aside"),
    [
        ("messy_csv/clevercsv/imdb.csv", (99, 44), 1),
        ("messy_csv/csvkit/Datagov_FY10_EDU_recp_by_State.csv", (53, 9), 2),
        ("messy_csv/csvkit/mac_newlines.csv", (2, 3), 0),
        ("messy_csv/csvkit/bad.csv", (2, 3), 1),
        ("messy_csv/messytables_horror/excel_pasting.csv", (13, 9), 3),
        ("messy_csv/messytables_horror/utf-16le_encoded.csv", (327, 19), 0),
        ("messy_csv/tabulator/escaping.csv", (3, 2), 0),
        ("headers/linkedin_connections.csv", (2, 7), 0),
        ("headers/outlook_classic_ru_cp1251.csv", (1, 92), 0),
        ("real_directories/ua_rada4.tsv", (505, 6), 0),
        ("real_directories/us_dotgov_full_sample.csv", (4135, 7), 0),
        ("crm/chinook_customers.csv", (59, 13), 0),
    ],
)
def test_tables_have_their_rows(name, shape, aside):
    table = files.read(DATA / name)
    assert (table.cells.shape, table.refused.height) == (shape, aside)
