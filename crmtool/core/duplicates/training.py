"""Learning match weights without labels: m and u of every comparison, and how many pairs are of one party.

Fellegi and Sunter (1969): the weight of a level is log2(m / u), where m is how often pairs of one party show it, u how
often other pairs do. u comes from random pairs, for equal values exactly from how frequent they are. m comes from
expectation maximisation over the patterns of levels (Winkler 1988), under each blocking rule with the comparisons left
out that read what the rule asks to be equal, as Splink does. There u may move too: what other pairs under a rule have
in common is not what random pairs have. Rules most of whose pairs are of different parties teach nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from crmtool.core.comparators.comparison import SILENT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crmtool.core.comparators.coding import Flags, Numbers, Shares
    from crmtool.core.comparators.comparison import Comparison, Levels

    Shown = Mapping[str, Levels]  # comparison -> level of each pair
    Chances = Mapping[str, Shares]  # comparison -> probability of each level

_ROUNDS = 100
_STILL = 1e-6  # a change of the share below this ends the rounds
_FEW = 30  # pairs under a rule: fewer teach nothing
_PURE = 0.25  # the share of pairs of one party below which a rule teaches nothing
_DOUBLES = 0.2  # pairs of one party for each row, before anything is known
_LEAST = 1e-7  # no probability is nought
#: Pairs that count for the probabilities known before.
_USUAL, _OWN, _OWN_SHARE = 4.0, 5.0, 0.01
_RECALL = 0.01  # a rule that finds less of the pairs tells nothing of how many there are
_IDENTITY = ("family_name", "given_name", "name")


@dataclass(frozen=True)
class Weights:
    """What was learned.

    `m` and `u` have the probabilities of the levels of each comparison; `given` the u of the first comparison among
    pairs that agree in the second; `prior` is the share of all pairs that are of one party; `learned` says how many
    such pairs taught each comparison its m (0: the usual probabilities stand), `seen` how many each level. By `scale`
    the weight of a comparison is multiplied: what people's decisions taught (see `reweighing`), else 1.
    """

    m: Chances
    u: Chances
    prior: float
    given: Mapping[tuple[str, str], Shares]
    learned: Mapping[str, float]
    seen: Chances = field(default_factory=dict)
    scale: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Lesson:
    """The pairs of a blocking rule: their places, the columns the rule reads, and the comparisons of each of its keys.

    A key of several comparisons is shared where any of them agrees (a word of a name), else where all of it does.
    """

    pairs: Numbers
    reads: frozenset[str]
    keys: tuple[tuple[str, ...], ...]


def usual(comparisons: Sequence[Comparison], drawn: Shown) -> Weights:
    """Return the weights before anything is learned: the usual m, and u from the levels of pairs drawn at random."""
    return usual_m(comparisons, {c.name: _random(c, drawn[c.name]) for c in comparisons})


def usual_m(comparisons: Sequence[Comparison], u: Chances) -> Weights:
    """Return the weights before anything is learned, where u is known."""
    return Weights({c.name: np.array(c.usual) for c in comparisons}, u, 0.0, {}, dict.fromkeys(u, 0.0))


def learned(
    comparisons: Sequence[Comparison],
    shown: Shown,
    before: Weights,
    lessons: Sequence[Lesson],
    rows: int,
    each: float = 1.0,
) -> Weights:
    """Return the weights learned from candidate pairs and their levels, among `rows` rows.

    The pairs are one of `each` that there are.
    """
    seen = {c.name: np.zeros(len(c.levels)) for c in comparisons}
    likely = _chance(comparisons, shown, before.m, before.u, 2 * _DOUBLES / max(rows - 1, 1))
    found: list[tuple[Lesson, float]] = []
    for lesson in lessons:
        asked = [c for c in comparisons if not c.reads & lesson.reads]
        pure = float(likely[lesson.pairs].mean()) if len(lesson.pairs) >= _FEW else 0.0
        if asked and pure >= _PURE:
            counts, matches = _expected(asked, {c.name: shown[c.name][lesson.pairs] for c in asked}, before, pure)
            found.append((lesson, each * matches))
            for name, count in counts.items():
                seen[name] += count
    m = {c.name: _mixed(c, seen[c.name], before.m[c.name], _USUAL) for c in comparisons}
    u = {c.name: _modest(c, m[c.name], before.u[c.name]) for c in comparisons}
    prior = _matches(comparisons, m, found, rows) / max(rows * (rows - 1) / 2, 1)
    return replace(
        before, m=m, u=u, prior=min(prior, 0.5), learned={name: float(n.sum()) for name, n in seen.items()}, seen=seen
    )


def shared(comparisons: Sequence[Comparison], shown: Shown, weights: Weights, of: str) -> dict[tuple[str, str], Shares]:
    """Return u of comparisons among pairs that agree in `of`: what else those have in common who share a phone.

    `shown` are the levels of pairs drawn from all that agree in `of`. Who is someone else is told by the name: pairs
    whose names differ altogether, less those of one party under two names that m leads to expect. So evidence that
    hangs together counts once.
    """
    rest = [c for c in comparisons if c.name != of]
    share = _share(rest, shown, weights)
    found = {}
    for c in rest:
        others, slips = _strangers([n for n in rest if n.name in _IDENTITY and n.name != c.name], shown, weights)
        expected = share * slips
        pure = max(0.0, 1 - expected / max(int(others.sum()), 1))
        seen = pure * _counts(c, shown[c.name][others])
        found[c.name, of] = _mixed(c, seen, weights.u[c.name], _OWN + expected)
    return found


def _strangers(names: Sequence[Comparison], shown: Shown, weights: Weights) -> tuple[Flags, float]:
    """Return which pairs have names that differ altogether, and how many of one party would, were all of one party."""
    pairs = len(next(iter(shown.values())))
    differ, known, slip = np.ones(pairs, bool), np.zeros(pairs, bool), np.ones(pairs)
    for name in names:
        level = shown[name.name]
        differ &= (level == SILENT) | (level == len(name.levels))
        known |= level != SILENT
        slip *= np.where(level != SILENT, weights.m[name.name][-1], 1.0)
    return differ & known, float(slip[known].sum())


def _share(comparisons: Sequence[Comparison], shown: Shown, weights: Weights) -> float:
    """Return the share of pairs of one party among some, by weights that stand."""
    share = 0.5
    for _ in range(_ROUNDS):
        now = float(
            np.clip(_chance(comparisons, shown, weights.m, weights.u, share / (1 - share)).mean(), 1e-4, 0.9999)
        )
        if abs(now - share) < _STILL:
            break
        share = now
    return share


def _random(comparison: Comparison, level: Levels) -> Shares:
    """Return u from the levels of random pairs; of equal values from their frequencies, which no sample shows."""
    seen = _counts(comparison, level)
    u = np.zeros(len(seen))
    for own in _modes(comparison):
        part = seen[own] + 0.5 / own.sum()
        part[0] = 0.0
        u[own] = part * (1 - comparison.chance) / part.sum()
        u[np.flatnonzero(own)[0]] = comparison.chance
    return np.maximum(u, _LEAST)


def _modes(comparison: Comparison) -> list[Flags]:
    modes = np.array(comparison.modes)
    return [modes == mode for mode in np.unique(modes)]


def _counts(comparison: Comparison, level: Levels | Numbers, weight: Shares | None = None) -> Shares:
    """Return how often each level is shown; silence is not counted."""
    return np.bincount(level, weight, len(comparison.levels) + 1)[1:].astype(np.float64)


def _mixed(comparison: Comparison, seen: Shares, before: Shares, strength: float) -> Shares:
    """Return probabilities from counts and from what was known before, which counts as `strength` pairs."""
    found = np.zeros(len(before))
    for own in _modes(comparison):
        found[own] = (seen[own] + strength * before[own]) / (seen[own].sum() + strength)
    return np.maximum(found, _LEAST)


def _modest(comparison: Comparison, m: Shares, u: Shares) -> Shares:
    """Return u so that no level weighs more than equality does: what no random pair shows is not that rare."""
    found = u.copy()
    for own in _modes(comparison):
        same = np.flatnonzero(own)[0]
        found[own] = np.maximum(u[own], m[own] * u[same] / m[same])
    return found


def _chance(
    comparisons: Sequence[Comparison], shown: Mapping[str, Levels | Numbers], m: Chances, u: Chances, odds: float
) -> Shares:
    """Return how likely each pair, or pattern, is of one party."""
    total = np.full(len(next(iter(shown.values()))), np.log(odds))
    for c in comparisons:
        total += np.append(0.0, np.log(m[c.name] / u[c.name]))[shown[c.name]]
    chance: Shares = 1 / (1 + np.exp(-np.clip(total, -500, 500)))
    return chance


def _expected(
    comparisons: Sequence[Comparison], shown: Shown, before: Weights, share: float
) -> tuple[dict[str, Shares], float]:
    """Return how often pairs of one party show each level under a rule, and how many such pairs there are."""
    patterns, counts = _patterns(comparisons, shown)
    m, u = before.m, before.u
    held = max(_OWN, _OWN_SHARE * float(counts.sum()))
    share = min(share, 0.99)
    for _ in range(_ROUNDS):
        chance = counts * _chance(comparisons, patterns, m, u, share / (1 - share))
        now = float(np.clip(chance.sum() / counts.sum(), 1e-6, 1 - 1e-6))
        seen = {c.name: _counts(c, patterns[c.name], chance) for c in comparisons}
        rest = {c.name: _counts(c, patterns[c.name], counts - chance) for c in comparisons}
        m = {c.name: _mixed(c, seen[c.name], before.m[c.name], _USUAL) for c in comparisons}
        u = {c.name: _mixed(c, rest[c.name], before.u[c.name], held) for c in comparisons}
        if abs(now - share) < _STILL:
            break
        share = now
    return seen, float(chance.sum())


def _patterns(comparisons: Sequence[Comparison], shown: Shown) -> tuple[dict[str, Numbers], Numbers]:
    """Return the distinct combinations of levels, and how many pairs show each."""
    pattern = np.zeros(len(next(iter(shown.values()))), np.int64)
    for c in comparisons:
        pattern = pattern * (len(c.levels) + 1) + shown[c.name]
    kinds, counts = np.unique(pattern, return_counts=True)
    found: dict[str, Numbers] = {}
    for c in reversed(comparisons):
        found[c.name] = kinds % (len(c.levels) + 1)
        kinds //= len(c.levels) + 1
    return found, counts


def _matches(comparisons: Sequence[Comparison], m: Chances, found: Sequence[tuple[Lesson, float]], rows: int) -> float:
    """Return how many pairs are of one party: what a rule finds by the share it can find, the median over rules."""
    agree = {c.name: float(m[c.name][0]) * c.known**2 for c in comparisons}
    guesses = []
    for lesson, matches in found:
        recall = 1.0
        for key in lesson.keys:
            recall *= 1 - float(np.prod([1 - agree.get(name, 0.0) for name in key]))
        if recall > _RECALL:
            guesses.append((matches / recall, matches))
    if not guesses:
        return _DOUBLES * rows
    guesses.sort()
    run = np.cumsum([weight for _, weight in guesses])
    return max(1.0, guesses[int(np.searchsorted(run, run[-1] / 2))][0])
