import pytest

from crmtool.io.readers import csv
from crmtool.io.readers.table import Options


@pytest.fixture
def read(tmp_path):
    """Read a text as a CSV file."""

    def of(text, **options):
        path = tmp_path / "people.csv"
        path.write_text(text, "utf-8", newline="")
        return csv.read(path, Options(**options))

    return of
