"""Agreement of clusters with the truth, beside counting pair by pair."""

from itertools import combinations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import scoring

LABELS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=14)


def frame(rows, **more):
    return pl.DataFrame(rows, schema={"truth": pl.Int64, "cluster": pl.Int64}, orient="row").with_columns(**more)


@given(LABELS)
def test_a_score_counts_pairs(rows):
    found = scoring.scored(frame(rows))
    pairs = list(combinations(rows, 2))
    said = {place for place, (a, b) in enumerate(pairs) if a[1] == b[1]}
    true = {place for place, (a, b) in enumerate(pairs) if a[0] == b[0]}
    assert found == (len(said), len(true), len(said & true))
    assert 0 <= found.f1 <= 1
    if said and true:
        assert (found.precision, found.recall) == (len(said & true) / len(said), len(said & true) / len(true))


@given(LABELS)
def test_clusters_that_are_the_truth_score_1(rows):
    found = scoring.scored(frame([(truth, truth + 10) for truth, _ in rows]))
    assert (found.precision, found.recall, found.f1) == (1, 1, 1)


def test_a_pair_carries_the_errors_of_both_rows():
    rows = frame([(1, 1), (1, 1), (1, 2), (2, 3), (2, 3)], errors=pl.Series(["", "typo", "typo|swapped", None, ""]))
    assert scoring.by_error(rows) == {"typo": (3, 1), "swapped": (2, 0), "none": (1, 1)}


def close(**columns):
    plain = {"kind": "person", "pair": "0", "relation": "none", "firm": None, "phone": None, "name": None}
    return plain | columns


@pytest.mark.parametrize(
    ("left", "right", "kind"),
    [
        (close(), close(relation="wife"), "wife"),
        (close(pair="1"), close(relation="wife"), "others"),
        (close(kind="company"), close(pair=None), "firm and person"),
        (close(kind="company", pair=None), close(kind="company", pair=None), "two firms"),
        (close(pair="3", name="Ян Янов"), close(name="Ян Янов"), "namesakes"),
        (close(pair="3", firm="1"), close(firm="1"), "one firm"),
        (close(pair="3", phone="1"), close(phone="1"), "one phone"),
    ],
)
def test_false_pairs_are_told_by_kind(left, right, kind):
    rows = [left | {"truth": 1, "cluster": 1}, right | {"truth": 2, "cluster": 1}]
    assert scoring.false_pairs(pl.DataFrame(rows, infer_schema_length=None)) == {kind: 1}
    apart = [left | {"truth": 1, "cluster": 1}, right | {"truth": 2, "cluster": 2}]
    assert scoring.false_pairs(pl.DataFrame(apart, infer_schema_length=None)) == {}


def test_false_pairs_of_huge_clusters_are_counted_not_listed(monkeypatch):
    monkeypatch.setattr(scoring, "LARGEST", 3)
    rows = [close(truth=place // 2, cluster=1) for place in range(6)]
    assert scoring.false_pairs(pl.DataFrame(rows)) == {"in clusters over 3": 12}


def test_an_answer_with_other_rows_is_refused(tmp_path):
    pl.DataFrame({"person": ["a", "b"]}).write_csv(tmp_path / "in.csv")
    pl.DataFrame({"person": ["b", "a"], "cluster": [1, 1]}).write_csv(tmp_path / "out.csv")
    with pytest.raises(ValueError, match="does not hold the rows"):
        scoring.ours(tmp_path / "in.csv", tmp_path / "out.csv", "person")


def test_the_best_cut_is_that_of_the_highest_f1(tmp_path):
    pl.DataFrame({"person": ["a", "a", "b", "c"]}).write_csv(tmp_path / "in.csv")
    cuts = {"unique_id": [3, 0, 1, 2], "0.95": [9, 1, 2, 3], "1 bits": [9, 1, 1, 3], "-9 bits": [1, 1, 1, 1]}
    pl.DataFrame(cuts).write_parquet(tmp_path / "cuts.parquet")
    told = scoring.best_cut(tmp_path / "in.csv", tmp_path / "cuts.parquet", "person")
    assert (told["cut"], told["f1"], told["rows"]) == ("1 bits", 1.0, 4)
    assert told["cuts"]["0.95"]["recall"] == 0
    assert told["cuts"]["-9 bits"]["precision"] == pytest.approx(1 / 6)
