"""The shipped rules against header rows of real exports: every column goes where it should, and nothing is asked.

`mappings.toml` says where. Tests that read the folder of shared headers skip where it is absent.
"""

import tomllib
from pathlib import Path

import pytest

from crmtool.core.imports.mapping import Mapped, mapped
from crmtool.io import rulebook
from crmtool.io.readers import files
from crmtool.io.readers.table import Options

ROOT = Path(__file__).resolve().parents[2]
HEADERS = ROOT.parent / "shared" / "data" / "headers"
RULES = rulebook.loaded(ROOT / "rules")
EXPECTED = tomllib.loads((Path(__file__).parent / "mappings.toml").read_text(encoding="utf-8"))
pytestmark = pytest.mark.skipif(not HEADERS.is_dir(), reason="the shared header rows are not beside this repository")


def found(name: str) -> Mapped:
    """Return what becomes of one shared file, told as an import tells it: from its headings and its cells."""
    table = files.read(HEADERS / f"{name}.csv", Options())
    return mapped(table.cells.columns, RULES, file_format=table.format, sample=table.cells)


def wanted(name: str) -> dict[str, str]:
    """Return heading -> field of the columns that are used, "unknown" for those nobody can know."""
    said = {field: headings for field, headings in EXPECTED[name].items() if field != "mapping"}
    return {heading: field for field, headings in said.items() for heading in headings}


def test_every_shared_file_has_its_table():
    assert {file.stem for file in HEADERS.glob("*.csv")} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_each_column_goes_where_it_should(name):
    columns = found(name).columns
    used = {heading: field for heading, field in columns.items() if field != "ignore"}
    named = {heading: field for heading, field in wanted(name).items() if field != "unknown"}
    assert used == named


@pytest.mark.parametrize("name", EXPECTED)
def test_the_rest_is_known_to_be_of_no_use_or_said_to_be_unknown(name):
    mapping = found(name)
    unknown = {heading for heading, how in mapping.how.items() if not how and heading}
    assert unknown == {heading for heading, field in wanted(name).items() if field == "unknown"}


@pytest.mark.parametrize("name", EXPECTED)
def test_the_export_is_recognised_and_nothing_is_asked(name):
    mapping = found(name)
    assert mapping.name == EXPECTED[name]["mapping"]
    assert mapping.unsure == ()
