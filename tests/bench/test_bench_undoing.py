"""Undo is measured where it did its work, and told beside the import."""

import pytest

from bench import contacts, undoing
from bench.imports import Failed, Run


@pytest.mark.soak
def test_undo_and_its_undo_are_measured_beside_the_import(tmp_path):
    file = tmp_path / "contacts.csv"
    contacts.write(file, 150, 1)

    runs = undoing.steps(tmp_path, file, 150)

    assert [run.tool for run in runs] == ["import", "undo", "undo of it"]
    assert all(run.wall > 0 and run.peak > 1 for run in runs)


@pytest.mark.soak
def test_an_undo_that_leaves_rows_is_no_measurement(tmp_path, monkeypatch):
    file = tmp_path / "contacts.csv"
    contacts.write(file, 5, 1)
    monkeypatch.setattr(undoing, "STEPS", (("undo", 1, True),))

    with pytest.raises(Failed, match="after undo the store holds 0 rows, not 5"):
        undoing.steps(tmp_path, file, 5)


def test_the_ratio_is_to_the_import():
    told = undoing.lines([Run("import", 10, 4.0, 2.0, 100.0), Run("undo", 10, 2.0, 3.0, 50.0)])
    assert told[2].split()[-2:] == ["0.50", "1.50"]
