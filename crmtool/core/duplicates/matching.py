"""From a table of parties to clusters: keys, candidate pairs, weights, clusters; each step in a module of its own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from crmtool.core.abreast import abreast
from crmtool.core.duplicates import blocking, blocking_keys, clustering, fields, models, teaching, weighing
from crmtool.core.duplicates.blocking_keys import column_of
from crmtool.core.duplicates.models import Trained
from crmtool.core.duplicates.training import Weights
from crmtool.core.duplicates.weighing import Pairs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import polars as pl

    from crmtool.core.comparators.coding import Counts, Flags, Numbers, Shares
    from crmtool.core.comparators.comparison import Agreement, Comparison
    from crmtool.core.comparators.persons import People
    from crmtool.core.duplicates.blocking import Candidates, Rule
    from crmtool.core.duplicates.blocking_keys import Keys
    from crmtool.core.match_rules import Model
    from crmtool.core.rules import Match

    Apart = tuple[Numbers, Numbers]

_WHOLE = 1_000_000  # pairs: a table with no more of them is compared whole
_AT_ONCE = 100_000  # pairs
LOW = -2.0  # bits: pairs over it hold a component together
_STEPS = (LOW, 2.0, 6.0, 10.0, 15.0, 20.0)  # bits: where a component that is too large is cut
_SLACK = -5.0  # bits: the mean weight that is asked of large groups
NEVER = -100.0  # bits: a contradiction
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


@dataclass(frozen=True)
class Ready:
    """Parties ready to be compared: the kinds of columns, the comparisons, the keys, and who meets by which rules."""

    kinds: Mapping[str, str]
    comparisons: Sequence[Comparison]
    keys: Mapping[str, Keys]
    asked: Sequence[Rule]
    rows: int

    def found(self, rules: Match) -> Candidates:
        """Return the pairs that are worth comparing."""
        limits = blocking.Limits(rules.max_block, rules.max_pairs)
        return blocking.candidates(self.keys, self.asked, self.rows, limits)


def ready(parties: pl.DataFrame, rules: Match, model: Model | None = None) -> Ready:
    """Return parties ready to be compared; with a model what is compared and what meets is as when it was learned."""
    kinds, comparisons, people = compared(parties, model)
    named = frozenset(teaching.SHARED).union(*rules.blocking) if people else frozenset[str]()
    keys = blocking_keys.keys(comparisons, people, kinds, named) if comparisons else {}
    asked = [block.keys for block in model.blocking] if model else wanted(keys, kinds, rules, parties.height)
    return Ready(kinds, comparisons, keys, [rule for rule in asked if all(key in keys for key in rule)], parties.height)


def compared(
    parties: pl.DataFrame, model: Model | None = None, counts: Counts | None = None
) -> tuple[dict[str, str], list[Comparison], People | None]:
    """Return the kinds of columns, the comparisons of parties, and their names.

    `counts` tells how common values are, where the parties are only some of many.
    """
    kinds = {name: model.columns.get(name, "none") for name in parties.columns} if model else fields.kinds(parties)
    comparisons, people = fields.compared(parties, kinds, counts)
    if model is not None:
        comparisons = [replace(c, chance=model.field[c.name].chance) for c in comparisons]
    return kinds, comparisons, people


def matched(
    parties: pl.DataFrame,
    rules: Match,
    known: Weights | None = None,
    apart: Apart | None = None,
    model: Model | None = None,
) -> Matched:
    """Return the clusters of parties.

    `parties` has a row for each and the columns that `fields` knows (String, or List of String for channels); any
    other column is compared by what it looks like. `known` weights, or those of a `model`, are used as they are, else
    they are learned here. `apart` are pairs of rows that a person said are different.
    """
    of = ready(parties, rules, model)
    if not of.comparisons:
        return _strangers(parties.height)
    if model is not None:
        known = models.weights(model)
    found = of.found(rules)
    known, shown = _taught(of, found, rules) if known is None else (known, None)
    count, pairs = _near(of.comparisons, known, found, shown)
    return replace(settled(pairs, of.comparisons, known, found, rules, apart), compared=count)


def _taught(of: Ready, found: Candidates, rules: Match) -> tuple[Weights, Mapping[str, Agreement] | None]:
    """Return the weights learned from candidates, and how these agree where all of them were looked at for that."""
    lessons = teaching.material(of.comparisons, of.keys, of.asked, found)
    return teaching.taught(lessons, rules), lessons.every


def settled(
    pairs: Pairs,
    comparisons: Sequence[Comparison],
    weights: Weights,
    found: Candidates,
    rules: Match,
    apart: Apart | None,
) -> Matched:
    """Return who belongs together by weighed pairs (see `_near`) among the rows of `found`."""
    rows = found.rows
    inside = _inside(pairs, comparisons, weights, rows, rules.max_cluster)
    if apart is not None:
        inside = replace(inside, weight=np.where(_among(inside, *apart, rows), NEVER, inside.weight))
    against = _against(comparisons, inside)
    clusters = clustering.linked(rows, inside, lambda one, other: rules.review + bar(one, other))
    open_ = _unproved(comparisons, weights, inside)
    sure = replace(
        inside, weight=np.where(against, NEVER, np.where(open_, np.minimum(inside.weight, 0.0), inside.weight))
    )
    certain = clustering.linked(rows, sure, lambda one, _: np.full(len(one), rules.certain))
    certain = np.where(_large(clusters, rules.max_certain), np.arange(rows), certain)
    return Matched(clusters, certain, inside, against, len(pairs.left), weights, found, comparisons)


def joined(parties: pl.DataFrame, pairs: Pairs, rules: Match, model: Model, apart: Apart) -> Matched:
    """Return who belongs together among parties by pairs of rows that were weighed elsewhere by the model."""
    comparisons, weights = compared(parties, model)[1], models.weights(model)
    none = blocking.candidates({}, [], parties.height, blocking.Limits(0, 0))
    return settled(_heavy(pairs), comparisons, weights, none, rules, apart)


def trained(parties: pl.DataFrame, rules: Match) -> Trained:
    """Return what is learned from parties, and how firm that is."""
    of = ready(parties, rules)
    found = of.found(rules)
    weights, halves = nothing(), {}
    if of.comparisons:
        lessons = teaching.material(of.comparisons, of.keys, of.asked, found)
        weights = teaching.taught(lessons, rules)
        halves = teaching.halves(lessons, weights, rules.seed)
    told = models.data(parties)
    return Trained(parties.height, told, of.kinds, of.comparisons, of.asked, found, weights, halves)


def nothing() -> Weights:
    """Return the weights of what cannot be compared."""
    return Weights({}, {}, 0.5, {}, {})


def _strangers(rows: int) -> Matched:
    """Return what there is to say of parties about which nothing is known that could be compared."""
    none, alone = np.zeros(0, np.int64), np.arange(rows)
    pairs, weights = Pairs(none, none, np.zeros(0)), nothing()
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
    named = {column_of(key) for rule in rules.blocking for key in rule} | {*teaching.SINGLE, "name"}
    strange = [key for key in keys if column_of(key) not in named]
    named_persons = kinds.get("name") != "text" and "name.word" in keys
    pairs = [("name.word", other) for other in strange] if named_persons else combinations(keys, 2)
    possible: list[Rule] = [(key,) for key in strange]
    possible += [(one, other) for one, other in pairs if column_of(one) != column_of(other)]
    sizes = {rule: blocking.size(keys, rule, rows, rules.max_block) for rule in possible}
    broad = sorted((rule for rule in possible if 0 < sizes[rule].pairs <= rules.max_pairs * rows), key=_broad(sizes))
    made: list[Rule] = []
    for rule in broad:
        # what a rule with fewer keys brings already is not brought again, unless it left blocks out
        fewer = [other for other in [*chosen, *made] if {*other} <= {*rule}]
        sizes |= {other: blocking.size(keys, other, rows, rules.max_block) for other in fewer if other not in sizes}
        if not any(sizes[other].whole for other in fewer):
            made.append(rule)
    return chosen + made[: min(_MOST, blocking.RULES - len(chosen))]


def _broad(sizes: Mapping[Rule, blocking.Size]) -> Callable[[Rule], tuple[int, int, Rule]]:
    """Return the order of rules: those with fewer keys first, then those that bring more."""
    return lambda rule: (len(rule), -sizes[rule].pairs, rule)


def _near(
    comparisons: Sequence[Comparison], weights: Weights, found: Candidates, shown: Mapping[str, Agreement] | None
) -> tuple[int, Pairs]:
    """Return how many pairs were compared, and those that hold a component together.

    Of a small table all are compared, else the candidates, so many at once: what is known of a pair takes ten times the
    room of the pair. `shown` is how the candidates agree, where that is known already.
    """
    if found.rows * (found.rows - 1) // 2 <= _WHOLE:
        every = np.triu_indices(found.rows, 1)
        return len(every[0]), near(comparisons, weights, *every)
    if shown is not None:
        return len(found.pairs), _heavy(Pairs(found.left, found.right, weighing.total(comparisons, weights, shown)))
    parts = found.parts(_AT_ONCE)
    return len(found.pairs), weighing.together(
        abreast(lambda part: near(comparisons, weights, part.left, part.right), parts, found.rows)
    )


def near(comparisons: Sequence[Comparison], weights: Weights, left: Numbers, right: Numbers) -> Pairs:
    """Return those of some pairs that hold a component together, with their weights."""
    return weighing.heavy(comparisons, weights, left, right, LOW)


def _heavy(pairs: Pairs) -> Pairs:
    near = pairs.weight >= LOW
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


def _unproved(comparisons: Sequence[Comparison], weights: Weights, pairs: Pairs) -> Flags:
    """Return which likely pairs agree in nothing but what namesakes have in common: a name, a city, a trade.

    Names, cities and trades hang together, and the more people there are, the more of one name live in one city.
    """
    found = pairs.weight > 0
    for c in comparisons:
        likely, proof = np.flatnonzero(found), weighing.proving(weights, c)
        if proof.any():
            found[likely] = ~proof[c.compare(pairs.left[likely], pairs.right[likely]).level]
    return found


def _among(pairs: Pairs, left: Numbers, right: Numbers, rows: int) -> Flags:
    """Return which pairs are among some others."""
    others = np.minimum(left, right) * rows + np.maximum(left, right)
    return np.isin(pairs.left * rows + pairs.right, others)


def _large(label: Numbers, most: int) -> Flags:
    """Return which rows are in components of more than `most` rows."""
    large: Flags = np.bincount(label, minlength=len(label))[label] > most
    return large
