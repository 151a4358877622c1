"""The match weight of pairs: the prior and, for each comparison, the weight of the level it shows, in bits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

from crmtool.core.abreast import abreast
from crmtool.core.comparators import persons
from crmtool.core.comparators.comparison import OPEN, SAME, SILENT, Agreement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from crmtool.core.comparators.coding import Flags, Numbers, Shares
    from crmtool.core.comparators.comparison import Comparison, Levels
    from crmtool.core.duplicates.training import Weights

_Told = TypeVar("_Told")
_SPEAKS = 2.0  # bits from which a level is agreement
_SLACK = 1e-6  # bits: no pair is lost because numbers are added in another order
_AT_ONCE = 100_000  # pairs
_PROVES = 7.0  # bits of an agreement that strangers of one name do not share as they share a city or a trade
_OWN = ("email", "phone", "messenger", "tax_id", "birthday")
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
    chance: float
    scale: float

    @property
    def highest(self) -> Shares:
        """The higher of both."""
        return np.maximum(self.own, self.given)


def weighed(comparisons: Sequence[Comparison], weights: Weights, left: Numbers, right: Numbers) -> Pairs:
    """Return pairs of rows with their weights."""
    return Pairs(left, right, total(comparisons, weights, agreements(comparisons, left, right)))


def heavy(comparisons: Sequence[Comparison], weights: Weights, left: Numbers, right: Numbers, least: float) -> Pairs:
    """Return the pairs of rows that weigh `least` bits or more.

    What is dear to compare is compared last, and only of pairs that the best it could show would lift so far.
    """
    shown = {c.name: (c.codes if c.dear else c.compare)(left, right) for c in comparisons}
    tops = dict(_tops(comparisons, weights))
    most = np.full(len(left), prior(weights) + _SLACK)
    for name, top in tops.items():
        most += _most(top, shown[name])
    kept = np.flatnonzero(most >= least)
    for c in sorted((c for c in comparisons if c.dear), key=lambda c: c.dear):
        level = shown[c.name].level
        open_ = kept[level[kept] == OPEN]
        if len(open_):
            level[open_] = c.texts(left[open_], right[open_]).level
            most[open_] += tops[c.name].highest[level[open_]] - tops[c.name].highest[OPEN]
            kept = kept[most[kept] >= least]
    near = {name: Agreement(agreed.level[kept], agreed.share[kept]) for name, agreed in shown.items()}
    found = Pairs(left[kept], right[kept], total(comparisons, weights, near))
    heavy_ = found.weight >= least
    return Pairs(found.left[heavy_], found.right[heavy_], found.weight[heavy_])


def _tops(comparisons: Sequence[Comparison], weights: Weights) -> Iterator[tuple[str, Tops]]:
    for c, ties in tied(comparisons, weights):
        scale = weights.scale.get(c.name, 1.0)
        own = scale * bits(weights.m[c.name], weights.u[c.name])
        given = np.full(len(own), -np.inf)
        for u, _ in ties:
            given = np.maximum(given, scale * bits(weights.m[c.name], u))
        yield c.name, Tops(_opened(own), _opened(given), c.chance, scale)


def _opened(levels: Shares) -> Shares:
    """Return the weights of levels, and behind them that of an open pair: the best but of equal values."""
    return np.append(levels, np.full(OPEN + 1 - len(levels), levels[SAME + 1 :].max()))


def _most(tops: Tops, shown: Agreement) -> Shares:
    """Return the most that a comparison may add to each pair."""
    own = np.take(tops.own, shown.level)
    found: Shares = own + tops.scale * np.log2(tops.chance / shown.share)
    np.copyto(found, own, where=np.isnan(found))
    return np.maximum(found, np.take(tops.given, shown.level)) if tops.given[SAME] > -np.inf else found


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
    parts = _by_parts(lambda c, one, other: c.compare(one, other), comparisons, left, right)
    return {name: Agreement(*map(np.concatenate, zip(*told, strict=True))) for name, told in parts}


def levels(comparisons: Sequence[Comparison], left: Numbers, right: Numbers) -> dict[str, Levels]:
    """Return only the levels of pairs of rows in each comparison."""
    parts = _by_parts(lambda c, one, other: c.compare(one, other).level, comparisons, left, right)
    return {name: np.concatenate(told) for name, told in parts}


def _by_parts(
    tell: Callable[[Comparison, Numbers, Numbers], _Told],
    comparisons: Sequence[Comparison],
    left: Numbers,
    right: Numbers,
) -> Iterator[tuple[str, list[_Told]]]:
    """Yield for each comparison what it tells of pairs, so many at once: what is in between takes much room."""

    def some(start: int) -> list[_Told]:
        return [tell(c, left[start : start + _AT_ONCE], right[start : start + _AT_ONCE]) for c in comparisons]

    parts = abreast(some, range(0, max(len(left), 1), _AT_ONCE), len(left))
    for c, *told in zip(comparisons, *parts, strict=True):
        yield c.name, told


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


def proving(weights: Weights, c: Comparison) -> Flags:
    """Tell for each level of a comparison, silence first, whether it is more than namesakes have in common.

    Only equal values are: postcodes that begin alike say no more than the city does. A name proves nothing by itself.
    In a small table no agreement weighs much: there equal values count of fields that hold what is one party's.
    """
    if c.reads & {*persons.COLUMNS}:
        return np.zeros(len(c.levels) + 1, bool)
    modes = np.array(c.modes)
    same = np.append(-1, modes[:-1]) != modes
    rare = bits(weights.m[c.name], weights.u[c.name])[1:] >= _PROVES
    return np.append(False, same & (rare | (c.name in _OWN)))


def bits(m: Shares, u: Shares) -> Shares:
    """Return the weight of each level; of silence none."""
    return np.append(0.0, np.log2(m / u))


def _hanging(name: str, before: Sequence[str], weights: Weights) -> list[tuple[Shares, str]]:
    """Return u of a comparison given others, where it hangs together with them; the strongest tie first."""
    given = [(weights.given[name, other], other) for other in before if (name, other) in weights.given]
    close = [(u, other) for u, other in given if u[0] > _HANGS * weights.u[name][0]]
    return sorted(close, key=lambda tie: (-float(tie[0][0]), tie[1]))
