"""A copy is measured where it was made and opened again."""

import pytest

from bench import contacts, drills
from bench.imports import Run


@pytest.mark.soak
def test_a_copy_is_measured_from_making_to_restoring(tmp_path):
    file = tmp_path / "contacts.csv"
    contacts.write(file, 50, 1)
    runs, sizes = drills.steps(tmp_path, file, 50)
    assert [run.tool for run in runs] == ["import", "create", "verify", "drill", "restore elsewhere"]
    assert all(run.wall > 0 for run in runs)
    assert 0 < sizes["copy"] < sizes["store"]


def test_the_copy_is_told_beside_the_store():
    told = drills.lines([Run("drill", 10, 4.0, 2.0, 100.0)], {"store": 4_000_000, "copy": 1_000_000})
    assert told[2:] == ["| 10 | drill | 4.00 | 2.00 | 100 |", "", "store 4 MB, copy 1 MB (25%)"]
