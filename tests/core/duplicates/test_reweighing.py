"""What people decided as a teacher: what it teaches, and when that counts as better."""

import numpy as np
import pytest

from crmtool.core.duplicates import reweighing
from crmtool.core.duplicates.reweighing import Fitted, Judged


def newton(bits, same):
    """Return a logistic regression, fitted by Newton's method with a small ridge."""
    x = np.column_stack([np.ones(len(bits)), bits * np.log(2)])
    w = np.zeros(x.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(x @ w, -30, 30)))
        w += np.linalg.solve((x.T * (p * (1 - p))) @ x + 0.01 * np.eye(len(w)), x.T @ (same - p) - 0.01 * w)
    return Fitted(np.clip(w[1:], 0, None), float(w[0] / np.log(2)))


def judged(scale, pairs=2000, prior=-2.0, seed=1):
    """Return pairs that people judged by the weights of three comparisons, each as much as `scale` says."""
    chance = np.random.default_rng(seed)
    bits = chance.normal(0, 3, (pairs, 3))
    odds = prior + bits @ np.array(scale)
    same = chance.random(pairs) < 1 / (1 + np.exp2(-odds))
    return Judged(["name", "phone", "city"], bits, same, prior)


def test_what_counts_less_to_people_is_found():
    of = judged((1.0, 0.2, 0.0))
    found = newton(of.bits, of.same)
    assert found.scale == pytest.approx([1.0, 0.2, 0.0], abs=0.12)
    assert found.prior == pytest.approx(-2.0, abs=0.3)
    told = reweighing.tested(of, newton, seed=7)
    assert told.better
    assert told.wrong[1] < told.wrong[0]


def test_right_weights_are_not_said_to_be_bettered():
    assert not reweighing.tested(judged((1.0, 1.0, 1.0)), newton, seed=7).better


def test_no_pair_is_tested_by_what_it_taught():
    of = judged((1.0, 1.0, 1.0), pairs=100)
    taught = []

    def noting(bits, same):
        taught.append({tuple(row) for row in bits})
        return newton(bits, same)

    reweighing.tested(of, noting, seed=7)
    rows = {tuple(row) for row in of.bits}
    assert len(taught) == 5
    assert set.union(*(rows - part for part in taught)) == rows
    assert sum(len(rows - part) for part in taught) == len(rows)


def test_a_test_comes_out_the_same_again():
    of = judged((1.0, 0.5, 1.0), pairs=200)
    assert reweighing.tested(of, newton, seed=7) == reweighing.tested(of, newton, seed=7)


@pytest.mark.parametrize(("same", "different", "enough"), [(20, 20, True), (19, 500, False), (500, 0, False)])
def test_enough_is_twenty_of_either(same, different, enough):
    of = Judged(["name"], np.zeros((same + different, 1)), np.arange(same + different) < same, 0.0)
    assert of.enough is enough


def test_recordlinkage_teaches_the_same():
    pytest.importorskip("recordlinkage", reason="the extra crmtool[learn] is not installed")
    of = judged((1.0, 0.2, 0.0))
    ours, theirs = newton(of.bits, of.same), reweighing.fitted(of.bits, of.same)
    assert theirs.scale == pytest.approx(ours.scale, abs=0.02)
    assert theirs.prior == pytest.approx(ours.prior, abs=0.05)
