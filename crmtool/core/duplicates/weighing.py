"""The match weight of pairs: the prior and, for each comparison, the weight of the level it shows, in bits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from crmtool.core.comparators.comparison import OPEN, SAME, SILENT, Agreement

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from crmtool.core.comparators.coding import Flags, Numbers, Shares
    from crmtool.core.comparators.comparison import Comparison
    from crmtool.core.duplicates.training import Weights

_SPEAKS = 2.0  # bits from which a level is agreement
_SLACK = 1e-6  # bits: no pair is lost because numbers are added in another order
_HANGS = 2.0  # times as likely to agree as among random pairs: then the evidence hangs together


@dataclass(frozen=True)
class Pairs:
    """Pairs of rows and their match weights in bits: 0 is as likely one party as two, each bit doubles the odds."""

    left: Numbers
    right: Numbers
    weight: Shares


class Tops(NamedTuple):
    """The weight of each level of a comparison, and the highest where others agree; behind them of open pairs."""

    own: Shares
    given: Shares
    scale: float


def weighed(comparisons: Sequence[Comparison], weights: Weights, left: Numbers, right: Numbers) -> Pairs:
    """Return pairs of rows with their weights."""
    return Pairs(left, right, total(comparisons, weights, agreements(comparisons, left, right)))


def heavy(comparisons: Sequence[Comparison], weights: Weights, left: Numbers, right: Numbers, least: float) -> Pairs:
    """Return the pairs of rows that weigh `least` bits or more.

    What is dear to compare is compared last, and only of pairs that the best it could show would lift so far.
    """
    shown = {c.name: (c.codes if c.dear else c.compare)(left, right) for c in comparisons}
    tops = {c.name: top for c, top in _tops(comparisons, weights)}
    most = np.full(len(left), prior(weights) + _SLACK)
    for c in comparisons:
        most += _most(c, tops[c.name], shown[c.name])
    for c in sorted((c for c in comparisons if c.dear), key=lambda c: c.dear):
        kept = np.flatnonzero(most >= least)
        left, right, most = left[kept], right[kept], most[kept]
        shown = {name: Agreement(level[kept], share[kept]) for name, (level, share) in shown.items()}
        most -= _most(c, tops[c.name], shown[c.name])
        c.told(left, right, shown[c.name])
        most += _most(c, tops[c.name], shown[c.name])
    weight = total(comparisons, weights, shown)
    near = weight >= least
    return Pairs(left[near], right[near], weight[near])


def _tops(comparisons: Sequence[Comparison], weights: Weights) -> Iterator[tuple[Comparison, Tops]]:
    for c, ties in tied(comparisons, weights):
        own = bits(weights.m[c.name], weights.u[c.name])
        given = np.max([np.full(len(own), -np.inf), *(bits(weights.m[c.name], u) for u, _ in ties)], axis=0)
        open_ = max(own[SAME + 1 :].max(), given[SAME + 1 :].max())
        missing = np.full(OPEN + 1 - len(own), open_)
        yield c, Tops(np.append(own, missing), np.append(given, missing), weights.scale.get(c.name, 1.0))


def _most(c: Comparison, tops: Tops, shown: Agreement) -> Shares:
    """Return the most that a comparison may add to each pair."""
    found: Shares = np.take(np.maximum(tops.own, tops.given) * tops.scale, shown.level)
    counted = np.flatnonzero(shown.share > 0)
    level = shown.level[counted]
    own = tops.own[level] + np.log2(c.chance / shown.share[counted])
    found[counted] = np.maximum(own, tops.given[level]) * tops.scale
    return found


def together(parts: Sequence[Pairs]) -> Pairs:
    """Return pairs in one."""
    none = np.zeros(0, np.int64)
    return Pairs(
        np.concatenate([none, *(part.left for part in parts)]),
        np.concatenate([none, *(part.right for part in parts)]),
        np.concatenate([np.zeros(0), *(part.weight for part in parts)]),
    )


def agreements(comparisons: Sequence[Comparison], left: Numbers, right: Numbers) -> dict[str, Agreement]:
    """Return how pairs of rows agree in each comparison."""
    return {c.name: c.compare(left, right) for c in comparisons}


def total(comparisons: Sequence[Comparison], weights: Weights, shown: Mapping[str, Agreement]) -> Shares:
    """Return the match weight of each pair."""
    pairs = len(next(iter(shown.values())).level)
    found = np.full(pairs, prior(weights))
    for _, weight in parts(comparisons, weights, shown):
        found += weight
    return found


def prior(weights: Weights) -> float:
    """Return the weight of a pair about which nothing is known."""
    return float(np.log2(weights.prior / (1 - weights.prior)))


def parts(
    comparisons: Sequence[Comparison], weights: Weights, shown: Mapping[str, Agreement]
) -> Iterator[tuple[str, Shares]]:
    """Yield the weight that each comparison adds to each pair.

    A value that agrees weighs by how rare it is. Where a rarer thing agrees already (a phone), what comes along with
    it (the company) weighs by how often it does so among different parties.
    """
    for c, ties in tied(comparisons, weights):
        level, share = shown[c.name]
        weight = bits(weights.m[c.name], weights.u[c.name])[level]
        counted = np.flatnonzero(~np.isnan(share))
        weight[counted] += np.log2(c.chance / share[counted])
        open_ = level != SILENT
        for u, other in ties:
            told = np.flatnonzero(open_ & speaking(weights, other)[shown[other].level])
            weight[told] = bits(weights.m[c.name], u)[level[told]]
            open_[told] = False
        yield c.name, weight * weights.scale.get(c.name, 1.0)


def tied(comparisons: Sequence[Comparison], weights: Weights) -> Iterator[tuple[Comparison, list[tuple[Shares, str]]]]:
    """Yield each comparison with the rarer ones it hangs together with, the strongest tie first: u given them, name."""
    rarest = sorted(comparisons, key=lambda c: (c.chance, c.name))
    for place, c in enumerate(rarest):
        yield c, _hanging(c.name, [before.name for before in rarest[:place]], weights)


def speaking(weights: Weights, name: str) -> Flags:
    """Tell for each level of a comparison, silence first, whether it is agreement."""
    speaks: Flags = bits(weights.m[name], weights.u[name]) >= _SPEAKS
    return speaks


def bits(m: Shares, u: Shares) -> Shares:
    """Return the weight of each level; of silence none."""
    return np.append(0.0, np.log2(m / u))


def _hanging(name: str, before: Sequence[str], weights: Weights) -> list[tuple[Shares, str]]:
    """Return u of a comparison given others, where it hangs together with them; the strongest tie first."""
    given = [(weights.given[name, other], other) for other in before if (name, other) in weights.given]
    close = [(u, other) for u, other in given if u[0] > _HANGS * weights.u[name][0]]
    return sorted(close, key=lambda tie: (-float(tie[0][0]), tie[1]))
