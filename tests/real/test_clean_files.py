"""Files that others collected, cleaned: every row comes out, and cleaning the output again changes nothing."""

from pathlib import Path

import polars as pl
import pytest

from crmtool.core.errors import CrmError
from crmtool.io import cleansing, intake, rulebook
from crmtool.io.readers import files
from crmtool.io.readers.table import Options

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the folder shared/data with collected lists is not here")

RULES = rulebook.loaded(rulebook.defaults())
LISTS = [
    "crm/chinook_customers.csv",
    "crm/npsp_dev_org_Account.csv",
    "duplicates/restaurant.csv",
    "real_directories/gb_mps.csv",
    "real_directories/ua_rada4.tsv",
    "real_directories/us_district_offices.csv",
]
#: Much like one of those.
MORE = [
    "crm/npsp_dev_org_Contact.csv",
    "crm/npsp_qa_org_Contact.csv",
    "real_directories/ua_rada5.tsv",
    "real_directories/us_dotgov_full_sample.csv",
]


def cleaned(path, output, *, expand):
    parts = cleansing.cleansed(files.parts(path, Options()), RULES, intake.Wishes(region="UA"), expand=expand)
    told = cleansing.written(parts, cleansing.Targets(output))
    return told, files.read(output).cells


@pytest.mark.parametrize("name", [*LISTS, *(pytest.param(name, marks=pytest.mark.soak) for name in MORE)])
@pytest.mark.parametrize(
    "expand", [pytest.param(False, id="plain", marks=pytest.mark.soak), pytest.param(True, id="expanded")]
)
def test_cleaning_the_output_again_changes_nothing(name, expand, tmp_path):
    read = files.read(DATA / name)
    try:
        told, once = cleaned(DATA / name, tmp_path / "once.csv", expand=expand)
    except CrmError as refused:
        pytest.skip(f"no column of it is known: {refused.message[:60]}")
    assert told.rows == read.cells.height == once.height
    assert [heading for heading in once.columns if heading in read.cells.columns] == read.cells.columns
    _, twice = cleaned(tmp_path / "once.csv", tmp_path / "twice.csv", expand=expand)
    assert twice.columns == once.columns
    differing = {
        heading: pl.DataFrame([once[heading].alias("once"), twice[heading].alias("twice")])
        .filter(pl.col("once").ne_missing(pl.col("twice")))
        .head(5)
        .rows()
        for heading in once.columns
        if not once[heading].equals(twice[heading])
    }
    assert differing == {}
