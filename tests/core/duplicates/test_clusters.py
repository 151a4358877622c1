"""Blocks, components, spanning forests and clusters are what a plain loop over pairs would give."""

from itertools import combinations

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from crmtool.core.duplicates import blocking, clustering
from crmtool.core.duplicates.blocking_keys import Keys
from crmtool.core.duplicates.weighing import Pairs

_ROWS = 7
_EVERY = list(combinations(range(_ROWS), 2))
_WEIGHTS = st.lists(st.integers(-30, 30), min_size=len(_EVERY), max_size=len(_EVERY), unique=True)


def pairs_of(edges, weights=None):
    left, right = (np.array([edge[side] for edge in edges], np.int64) for side in (0, 1))
    return Pairs(left, right, np.array(weights if weights is not None else [1.0] * len(edges), np.float64))


def joined(rows, edges):
    """Return the smallest row that each row reaches."""
    label = list(range(rows))
    for one, other in edges:
        low, high = sorted((label[one], label[other]))
        label = [low if at == high else at for at in label]
    return label


# -- blocks -----------------------------------------------------------------------------------------------------------

_CODES = st.lists(st.integers(-1, 3), min_size=_ROWS, max_size=_ROWS)
_LISTS = st.lists(st.lists(st.integers(0, 3), max_size=3, unique=True), min_size=_ROWS, max_size=_ROWS)


def listed(lists):
    starts = np.cumsum([0] + [len(codes) for codes in lists])
    return Keys(np.array([code for codes in lists for code in codes], np.int64), starts)


@given(_CODES, _LISTS)
def test_rows_meet_that_share_every_key_of_a_rule(codes, lists):
    keys = {"plain": Keys(np.array(codes)), "word": listed(lists)}
    found = blocking.candidates(keys, [("plain", "word")], _ROWS, blocking.Limits(_ROWS, 100))
    meet = {(i, j) for i, j in _EVERY if codes[i] == codes[j] >= 0 and set(lists[i]) & set(lists[j])}
    assert set(zip(found.left.tolist(), found.right.tolist(), strict=True)) == meet


@given(_CODES, _CODES)
def test_a_pair_comes_once_and_tells_its_rules(one, other):
    keys = {"one": Keys(np.array(one)), "other": Keys(np.array(other))}
    found = blocking.candidates(keys, [("one",), ("other",)], _ROWS, blocking.Limits(_ROWS, 100))
    told = {
        (i, j): bits for i, j, bits in zip(*(a.tolist() for a in (found.left, found.right, found.rules)), strict=True)
    }
    assert told == {
        (i, j): bits for i, j in _EVERY if (bits := (one[i] == one[j] >= 0) + 2 * (other[i] == other[j] >= 0))
    }


def test_a_block_over_the_cap_is_reported_and_not_paired():
    keys = {"city": Keys(np.array([0] * 5 + [1] * 2))}
    found = blocking.candidates(keys, [("city",)], 7, blocking.Limits(4, 100))
    assert list(zip(found.left, found.right, strict=True)) == [(5, 6)]
    assert found.report.rows() == [("city", 1, 2, 5, 1, 5)]


def test_a_rule_of_too_many_pairs_loses_its_largest_blocks():
    keys = {"city": Keys(np.array([0] * 4 + [1] * 3 + [2] * 2))}
    found = blocking.candidates(keys, [("city",)], 9, blocking.Limits(9, 1))  # 6 + 3 + 1 pairs, at most 9
    assert len(found.left) == 4
    assert found.report["rows_left_out"].to_list() == [4]


def test_all_rows_in_one_block_cost_nothing():
    keys = {"city": Keys(np.zeros(1_000_000, np.int64))}
    found = blocking.candidates(keys, [("city",)], 1_000_000, blocking.Limits(100, 5))
    assert len(found.left) == 0
    assert found.report["largest"].to_list() == [1_000_000]


# -- clusters ---------------------------------------------------------------------------------------------------------


@given(st.lists(st.sampled_from(_EVERY), unique=True))
def test_components(edges):
    found = clustering.components(_ROWS, *(np.array([e[side] for e in edges], np.int64) for side in (0, 1)))
    assert found.tolist() == joined(_ROWS, edges)


def test_a_long_chain_is_one_component():
    rows = np.random.default_rng(7).permutation(50_000)
    assert clustering.components(50_000, rows[:-1], rows[1:]).max() == 0


@given(st.lists(st.sampled_from(_EVERY), unique=True), st.randoms())
def test_the_strongest_pairs_hold_the_same_together_with_as_few_and_as_heavy(edges, chance):
    weights = chance.sample(range(-50, 50), len(edges))
    kept = clustering.strongest(_ROWS, pairs_of(edges, weights)).tolist()
    greedy, label = [], list(range(_ROWS))
    for place in sorted(range(len(edges)), key=lambda place: -weights[place]):  # Kruskal 1956
        before = len(set(label))
        label = joined(_ROWS, [edges[i] for i in [*greedy, place]])
        if len(set(label)) < before:
            greedy.append(place)
    assert sorted(kept) == sorted(greedy)


@given(_WEIGHTS)
def test_groups_join_while_the_mean_between_them_is_over_the_bar(weights):
    """The same as joining the best two groups one after the other; no two means are equal."""
    weights = [weight + 5**0.5 * place % 1 / 100 for place, weight in enumerate(weights)]
    weight = dict(zip(_EVERY, weights, strict=True))
    groups = [{row} for row in range(_ROWS)]

    def mean(one, other):
        return sum(weight[min(i, j), max(i, j)] for i in one for j in other) / (len(one) * len(other))

    while len(groups) > 1:
        best = max(combinations(groups, 2), key=lambda two: mean(*two))
        if mean(*best) <= 0:
            break
        groups = [g for g in groups if g not in best] + [best[0] | best[1]]
    expected = {row: min(group) for group in groups for row in group}
    found = clustering.linked(_ROWS, pairs_of(_EVERY, weights), lambda one, _: np.zeros(len(one)))
    assert found.tolist() == [expected[row] for row in range(_ROWS)]


def test_a_chain_of_resemblance_is_not_one_group():
    pairs = pairs_of([(0, 1), (1, 2), (0, 2)], [10.0, 9.0, -40.0])
    found = clustering.linked(3, pairs, lambda one, _: np.zeros(len(one)))
    assert found.tolist() == [0, 0, 2]


def test_nothing_to_join():
    found = clustering.linked(3, pairs_of([]), lambda one, _: np.zeros(len(one)))
    assert pl.Series(found).to_list() == [0, 1, 2]
