"""Duplicates in labelled files that others made: the default finds them, and what it joins unasked is right."""

from __future__ import annotations

from pathlib import Path

import pytest

from crmtool.io import rulebook

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "duplicates"
pytestmark = pytest.mark.skipif(not DATA.exists(), reason="the shared collection of real files is not here")


@pytest.mark.parametrize(
    ("file", "truth", "least"),
    [
        ("splink_fake_1000.csv", "cluster", 0.97),
        ("restaurant.csv", "class", 0.95),
        ("historical_half.csv", "cluster", 0.915),
    ],
)
def test_the_default_finds_duplicates(file, truth, least):
    import polars as pl

    from crmtool.core.duplicates import matching, measures
    from crmtool.io import evaluation, intake
    from crmtool.io.readers import files
    from crmtool.io.readers.table import Options

    rules = rulebook.loaded(rulebook.defaults())
    rows = evaluation.labelled(files.parts(DATA / file, Options()), rules, intake.Wishes(None, None, None, {}), truth)
    found = matching.matched(rows.parties, rules.duplicates.match)
    assert measures.measured(pl.Series(found.clusters), rows.truth).f1 >= least
    assert measures.measured(pl.Series(found.certain), rows.truth).precision >= 0.995
