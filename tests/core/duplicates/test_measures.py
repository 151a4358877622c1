"""Precision, recall and F of clusters, as one would count them by hand."""

import numpy as np
import polars as pl
import pytest

from crmtool.core.duplicates import measures


def test_by_hand():
    found = measures.measured(pl.Series([1, 1, 1, 4]), pl.Series(["a", "a", "b", "b"]))
    assert (found.precision, found.recall) == (pytest.approx(1 / 3), pytest.approx(1 / 2))
    assert found.f1 == pytest.approx(0.4)


def test_nothing_joined_is_never_wrong():
    found = measures.measured(pl.Series([1, 2]), pl.Series(["a", "a"]))
    assert (found.precision, found.recall, found.f1) == (1.0, 0.0, 0.0)


def test_a_row_without_truth_is_alone():
    found = measures.measured(pl.Series([1, 1, 1]), pl.Series(["a", None, None]))
    assert (found.joined, found.true, found.both) == (3, 0, 0)


def test_completeness_and_reduction():
    truth = pl.Series(["a", "a", "a", None, None])
    assert measures.completeness(np.array([0, 3]), np.array([1, 4]), truth) == pytest.approx(1 / 3)
    assert measures.reduction(2, 5) == pytest.approx(0.8)
    assert measures.reduction(0, 1) == 1.0
