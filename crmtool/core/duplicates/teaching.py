"""From candidate pairs to weights: which pairs teach, what each blocking rule may teach, how far it can be trusted.

The learning itself is in `training`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from crmtool.core.comparators import persons
from crmtool.core.duplicates import blocking, training, weighing
from crmtool.core.duplicates.blocking_keys import column_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crmtool.core.comparators.coding import Numbers, Shares
    from crmtool.core.comparators.comparison import Agreement, Comparison, Levels
    from crmtool.core.duplicates.blocking import Candidates, Rule
    from crmtool.core.duplicates.blocking_keys import Keys
    from crmtool.core.duplicates.training import Lesson, Weights
    from crmtool.core.rules import Match

_TEACHING = 1_000_000  # candidates that teach; of more so many, spread over all
_SAMPLE = 250_000  # random pairs, for u
_DRAWN = 50_000  # pairs that share a value, for what comes along with it
#: What different parties have in common.
SHARED = ("email", "phone", "address", "site", "domain", "messenger")
SINGLE = ("family_name", "given_name")


@dataclass(frozen=True)
class Material:
    """What there is to learn from: the candidates, those of them that teach, and how these agree."""

    comparisons: Sequence[Comparison]
    keys: Mapping[str, Keys]
    asked: Sequence[Rule]
    found: Candidates
    some: Candidates
    shown: Mapping[str, Levels]
    every: Mapping[str, Agreement] | None  # how the candidates agree, where all of them teach


def material(
    comparisons: Sequence[Comparison], keys: Mapping[str, Keys], asked: Sequence[Rule], found: Candidates
) -> Material:
    """Return what there is to learn from; a million pairs tell as much as ten."""
    some = found.some(0, None, 1 + len(found.pairs) // _TEACHING)
    if len(some.pairs) < len(found.pairs):
        shown = weighing.levels(comparisons, some.left, some.right)
        return Material(comparisons, keys, asked, found, some, shown, None)
    every = weighing.agreements(comparisons, found.left, found.right)
    return Material(comparisons, keys, asked, found, some, _levels(every), every)


def taught(of: Material, rules: Match) -> Weights:
    """Return the weights learned, the same for the same parties, rules and seed."""
    rows = of.found.rows
    drawn = weighing.levels(of.comparisons, *_drawn(rows, rules.seed))
    before = training.usual(of.comparisons, drawn)
    weights = training.learned(of.comparisons, of.shown, before, _lessons(of), rows, _each(of))
    given: dict[tuple[str, str], Shares] = {}
    for name in [c.name for c in of.comparisons if c.name in SHARED and c.name in of.keys]:
        left, right = _sharing(of, name, rules)
        if len(left):
            agreed = weighing.levels(of.comparisons, left, right)
            given |= training.shared(of.comparisons, agreed, weights, name)
    return replace(weights, given=given)


def _sharing(of: Material, name: str, rules: Match) -> tuple[Numbers, Numbers]:
    """Return pairs that share a value of a column, spread over blocks of all sizes: large ones are of many parties."""
    rows = of.found.rows
    left, right, _ = blocking.paired(*blocking.blocks(of.keys, (name,), rows), rules.max_block, rules.max_pairs * rows)
    step = 1 + len(left) // _DRAWN
    return left[::step], right[::step]


def halves(of: Material, weights: Weights, seed: int) -> dict[str, Shares]:
    """Return by how many bits the weight of each level differs when it is learned from either half of the pairs."""
    coin = np.random.default_rng(seed).integers(0, 2, len(of.some.pairs))
    both = [_bits(of, weights, np.flatnonzero(coin == side)) for side in (0, 1)]
    return {name: np.abs(both[0][name] - both[1][name]) for name in both[0]}


def _bits(of: Material, weights: Weights, places: Numbers) -> dict[str, Shares]:
    """Return the weights of the levels, learned from the pairs at some places."""
    half = replace(of, some=replace(of.some, pairs=of.some.pairs[places], rules=of.some.rules[places]))
    shown = {name: level[places] for name, level in of.shown.items()}
    before = training.usual_m(of.comparisons, weights.u)
    found = training.learned(of.comparisons, shown, before, _lessons(half), of.found.rows, _each(half))
    return {name: np.log2(m / found.u[name]) for name, m in found.m.items()}


def _each(of: Material) -> float:
    """Return how many candidates there are for each that teaches."""
    return len(of.found.pairs) / max(len(of.some.pairs), 1)


def _lessons(of: Material) -> list[Lesson]:
    return [_lesson(rule, np.flatnonzero(of.some.rules & (1 << number))) for number, rule in enumerate(of.asked)]


def _drawn(rows: int, seed: int) -> tuple[Numbers, Numbers]:
    """Return pairs drawn at random; of a small table all."""
    if rows * (rows - 1) // 2 <= _SAMPLE:
        return np.triu_indices(rows, 1)
    left, right = np.split(np.random.default_rng(seed).integers(0, rows, 2 * _SAMPLE), 2)
    return left[left != right], right[left != right]


def _levels(agreed: Mapping[str, Agreement]) -> dict[str, Levels]:
    return {name: agreement.level for name, agreement in agreed.items()}


def _lesson(rule: Rule, pairs: Numbers) -> Lesson:
    columns = {column_of(key) for key in rule}
    read = columns | set(persons.COLUMNS) if columns & {"name", *SINGLE} else columns
    return training.Lesson(pairs, frozenset(read), tuple(part for key in rule for part in _told(key)))


def _told(key: str) -> list[tuple[str, ...]]:
    """Return the comparisons that tell whether a key is shared: any of each tuple, all tuples."""
    if key == "name.word":
        return [SINGLE]
    return [(part,) for part in SINGLE] if key == "name" else [(column_of(key),)]
