"""From a table of parties to clusters: keys, candidate pairs, weights, clusters; each step in a module of its own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from crmtool.core.comparators import persons
from crmtool.core.duplicates import blocking, blocking_keys, clustering, fields, training, weighing
from crmtool.core.duplicates.blocking_keys import column_of
from crmtool.core.duplicates.training import Weights
from crmtool.core.duplicates.weighing import Pairs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import polars as pl

    from crmtool.core.comparators.coding import Flags, Numbers, Shares
    from crmtool.core.comparators.comparison import Agreement, Comparison, Levels
    from crmtool.core.duplicates.blocking import Candidates, Rule
    from crmtool.core.duplicates.blocking_keys import Keys
    from crmtool.core.rules import Match

    Apart = tuple[Numbers, Numbers]

_WHOLE = 1_000_000  # pairs: a table with no more of them is compared whole
_SAMPLE = 250_000  # random pairs, for u
_TEACHING = 1_000_000  # candidates that teach; of more so many, spread over all
_AT_ONCE = 500_000  # pairs
_DRAWN = 50_000  # pairs that share a value, for what comes along with it
_LOW = -2.0  # bits: pairs over it hold a component together
_STEPS = (_LOW, 2.0, 6.0, 10.0, 15.0, 20.0)  # bits: where a component that is too large is cut
_SHARED = ("email", "phone", "address", "site", "messenger")  # what different parties have in common
_SINGLE = ("family_name", "given_name")
_SLACK = -5.0  # bits: the mean weight that is asked of large groups
_NEVER = -100.0  # bits: a contradiction
_MOST = 12  # rules made up for columns that no rule names


@dataclass(frozen=True)
class Matched:
    """What matching found.

    `clusters` has for each row the smallest row of its cluster, `certain` the same where only what needs no person
    joins; `pairs` are all pairs inside components, `against` those among them that contradict one another; `compared`
    counts the pairs that were looked at.
    """

    clusters: Numbers
    certain: Numbers
    pairs: Pairs
    against: Flags
    compared: int
    weights: Weights
    candidates: Candidates
    comparisons: Sequence[Comparison]


def matched(parties: pl.DataFrame, rules: Match, known: Weights | None = None, apart: Apart | None = None) -> Matched:
    """Return the clusters of parties.

    `parties` has a row for each and the columns that `fields` knows (String, or List of String for channels); any
    other column is compared by what it looks like. `known` weights are used as they are, else they are learned here.
    `apart` are pairs of rows that a person said are different.
    """
    kinds = fields.kinds(parties)
    people = fields.people(parties, kinds)
    comparisons = fields.comparisons(parties, kinds, people)
    if not comparisons:
        return _strangers(parties.height)
    keys = blocking_keys.keys(parties, kinds, people, frozenset().union(*rules.blocking) if people else ())
    asked = wanted(keys, kinds, rules, parties.height)
    found = blocking.candidates(keys, asked, parties.height, blocking.Limits(rules.max_block, rules.max_pairs))
    some = found.some(0, None, 1 + len(found.pairs) // _TEACHING)
    shown = weighing.agreements(comparisons, some.left, some.right) if known is None else None
    weights = known or taught(comparisons, shown or {}, some, asked, keys, rules, found)
    compared, pairs = _near(comparisons, weights, found, shown if len(some.pairs) == len(found.pairs) else None)
    inside = _inside(pairs, comparisons, weights, parties.height, rules.max_cluster)
    if apart is not None:
        inside = replace(inside, weight=np.where(_among(inside, *apart, parties.height), _NEVER, inside.weight))
    against = _against(comparisons, inside)
    clusters = clustering.linked(parties.height, inside, lambda one, other: rules.review + bar(one, other))
    sure = replace(inside, weight=np.where(against, _NEVER, inside.weight))
    certain = clustering.linked(parties.height, sure, lambda one, _: np.full(len(one), rules.certain))
    return Matched(clusters, certain, inside, against, compared, weights, found, comparisons)


def _strangers(rows: int) -> Matched:
    """Return what there is to say of parties about which nothing is known that could be compared."""
    none, alone = np.zeros(0, np.int64), np.arange(rows)
    pairs, weights = Pairs(none, none, np.zeros(0)), Weights({}, {}, 0.0, {}, {})
    return Matched(
        alone, alone, pairs, none > 0, 0, weights, blocking.candidates({}, [], rows, blocking.Limits(0, 0)), []
    )


def bar(one: Numbers, other: Numbers) -> Shares:
    """Return the mean weight over which two groups of these sizes join.

    Two single rows join where one party is likelier than two. In groups some pairs share little that is known, so
    their mean is held to less: one bit for each doubling of the pairs between them, at most five.
    """
    found: Shares = np.maximum(_SLACK, -np.log2(one * other))
    return found


def wanted(keys: Mapping[str, Keys], kinds: Mapping[str, str], rules: Match, rows: int) -> list[Rule]:
    """Return the blocking rules: those of `rules` whose keys there are, and some for columns none of them names."""
    chosen = [rule for rule in rules.blocking if all(key in keys for key in rule)]
    named = {column_of(key) for rule in rules.blocking for key in rule} | {*_SINGLE, "name"}
    strange = [key for key in keys if column_of(key) not in named]
    named_persons = kinds.get("name") != "text" and "name.word" in keys
    pairs = [("name.word", other) for other in strange] if named_persons else combinations(keys, 2)
    possible: list[Rule] = [(key,) for key in strange]
    possible += [(one, other) for one, other in pairs if column_of(one) != column_of(other)]
    sizes = {rule: blocking.size(keys, rule, rows, rules.max_block) for rule in [*chosen, *possible]}
    broad = sorted((rule for rule in possible if 0 < sizes[rule].pairs <= rules.max_pairs * rows), key=_broad(sizes))
    made: list[Rule] = []
    for rule in broad:
        # what a rule with fewer keys brings already is not brought again, unless it left blocks out
        if not any({*other} <= {*rule} and sizes[other].whole for other in [*chosen, *made]):
            made.append(rule)
    return chosen + made[:_MOST]


def _broad(sizes: Mapping[Rule, blocking.Size]) -> Callable[[Rule], tuple[int, int, Rule]]:
    """Return the order of rules: those with fewer keys first, then those that bring more."""
    return lambda rule: (len(rule), -sizes[rule].pairs, rule)


def taught(
    comparisons: Sequence[Comparison],
    shown: dict[str, Agreement],
    some: Candidates,
    asked: Sequence[Rule],
    keys: Mapping[str, Keys],
    rules: Match,
    found: Candidates,
) -> Weights:
    """Return the weights learned from some of the candidate pairs, the same for the same parties, rules and seed."""
    rows, each = found.rows, len(found.pairs) / max(len(some.pairs), 1)
    before = training.usual(comparisons, _levels(weighing.agreements(comparisons, *_drawn(rows, rules.seed))))
    lessons = [_lesson(rule, np.flatnonzero(some.rules & (1 << number))) for number, rule in enumerate(asked)]
    weights = training.learned(comparisons, _levels(shown), before, lessons, rows, each)
    given: dict[tuple[str, str], Shares] = {}
    for name in [c.name for c in comparisons if c.name in _SHARED and c.name in keys]:
        left, right, _ = blocking.paired(*blocking.blocks(keys, (name,), rows), rules.max_block, _DRAWN)
        if len(left):
            agreed = weighing.agreements(comparisons, left, right)
            given |= training.shared(comparisons, _levels(agreed), weights, name)
    return replace(weights, given=given)


def _drawn(rows: int, seed: int) -> tuple[Numbers, Numbers]:
    """Return pairs drawn at random; of a small table all."""
    if rows * (rows - 1) // 2 <= _SAMPLE:
        return np.triu_indices(rows, 1)
    left, right = np.split(np.random.default_rng(seed).integers(0, rows, 2 * _SAMPLE), 2)
    return left[left != right], right[left != right]


def _levels(agreed: Mapping[str, Agreement]) -> dict[str, Levels]:
    return {name: agreement.level for name, agreement in agreed.items()}


def _lesson(rule: Rule, pairs: Numbers) -> training.Lesson:
    columns = {column_of(key) for key in rule}
    read = columns | set(persons.COLUMNS) if columns & {"name", *_SINGLE} else columns
    return training.Lesson(pairs, frozenset(read), tuple(part for key in rule for part in _told(key)))


def _told(key: str) -> list[tuple[str, ...]]:
    """Return the comparisons that tell whether a key is shared: any of each tuple, all tuples."""
    if key == "name.word":
        return [_SINGLE]
    return [(part,) for part in _SINGLE] if key == "name" else [(column_of(key),)]


def _near(
    comparisons: Sequence[Comparison], weights: Weights, found: Candidates, shown: dict[str, Agreement] | None
) -> tuple[int, Pairs]:
    """Return how many pairs were compared, and those that hold a component together.

    Of a small table all are compared, else the candidates, so many at once: what is known of a pair takes ten times the
    room of the pair. `shown` is how the candidates agree, where that is known already.
    """
    if found.rows * (found.rows - 1) // 2 <= _WHOLE:
        every = weighing.weighed(comparisons, weights, *np.triu_indices(found.rows, 1))
        return len(every.left), _heavy(every)
    if shown is not None:
        return len(found.pairs), _heavy(Pairs(found.left, found.right, weighing.total(comparisons, weights, shown)))
    starts = range(0, len(found.pairs), _AT_ONCE)
    parts = [found.some(start, start + _AT_ONCE) for start in starts]
    near = [_heavy(weighing.weighed(comparisons, weights, part.left, part.right)) for part in parts]
    return len(found.pairs), weighing.together(near)


def _heavy(pairs: Pairs) -> Pairs:
    near = pairs.weight >= _LOW
    return Pairs(pairs.left[near], pairs.right[near], pairs.weight[near])


def _inside(pairs: Pairs, comparisons: Sequence[Comparison], weights: Weights, rows: int, most: int) -> Pairs:
    """Return all pairs inside the components that the better pairs make.

    A component of more than `most` rows is cut at ever better pairs; where even the best hold too many rows together,
    only the candidates among them count.
    """
    label, near = np.arange(rows), np.ones(len(pairs.left), bool)
    for least in _STEPS:
        near &= (pairs.weight >= least) | ~_large(label, most)[pairs.left]
        label = clustering.components(rows, pairs.left[near], pairs.right[near])
        if not _large(label, most).any():
            break
    order = np.argsort(label, kind="stable")
    left, right, _ = blocking.paired(order, label[order], most)
    every = weighing.weighed(comparisons, weights, np.minimum(left, right), np.maximum(left, right))
    kept = near & _large(label, most)[pairs.left]
    return weighing.together([every, Pairs(pairs.left[kept], pairs.right[kept], pairs.weight[kept])])


def _against(comparisons: Sequence[Comparison], pairs: Pairs) -> Flags:
    """Return which pairs are never one party without a person's word."""
    found = np.zeros(len(pairs.left), bool)
    for c in comparisons:
        if c.against is not None:
            found |= c.compare(pairs.left, pairs.right).level >= c.against
    return found


def _among(pairs: Pairs, left: Numbers, right: Numbers, rows: int) -> Flags:
    """Return which pairs are among some others."""
    others = np.minimum(left, right) * rows + np.maximum(left, right)
    return np.isin(pairs.left * rows + pairs.right, others)


def _large(label: Numbers, most: int) -> Flags:
    """Return which rows are in components of more than `most` rows."""
    large: Flags = np.bincount(label, minlength=len(label))[label] > most
    return large
