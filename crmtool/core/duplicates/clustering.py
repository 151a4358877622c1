"""Who belongs together: average linkage inside connected components, all of them at once.

Two groups join when the mean weight of the pairs between them is over a bar. Mean linkage is reducible, so groups that
are each other's best may join in any order (reciprocal nearest neighbours, Murtagh 1983): each round joins all such
groups, by a few array operations over all components.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crmtool.core.duplicates.blocking import firsts

if TYPE_CHECKING:
    from collections.abc import Callable

    from crmtool.core.comparators.coding import Numbers, Shares
    from crmtool.core.duplicates.weighing import Pairs


def components(rows: int, left: Numbers, right: Numbers) -> Numbers:
    """Return the smallest row of the connected component of each row."""
    label = np.arange(rows)
    while len(left):
        one, other = label[left], label[right]
        low, high = np.minimum(one, other), np.maximum(one, other)
        apart = low != high
        if not apart.any():
            break
        np.minimum.at(label, high[apart], low[apart])
        while True:
            further = label[label]
            if (further == label).all():
                break
            label = further
        left, right = left[apart], right[apart]
    return label


def linked(rows: int, pairs: Pairs, bar: Callable[[Numbers, Numbers], Shares]) -> Numbers:
    """Return the cluster of each row (the smallest row in it) from all pairs inside components.

    `bar` gives for the sizes of two groups the mean weight (bits) over which they join.
    """
    members, place = np.unique(np.concatenate([pairs.left, pairs.right]), return_inverse=True)
    many = len(members)
    one, other = np.split(place, 2)
    label, size = np.arange(many), np.ones(many, np.int64)
    total, count = pairs.weight, np.ones(len(one))
    while len(one):
        over = total / count - bar(size[one], size[other])
        rank = np.empty(len(one), np.int64)
        rank[np.argsort(over, kind="stable")] = np.arange(len(one))
        rank[over <= 0] = -1
        best = np.full(many, -1)
        np.maximum.at(best, one, rank)
        np.maximum.at(best, other, rank)
        mutual = (rank >= 0) & (rank == best[one]) & (rank == best[other])
        if not mutual.any():
            break
        kept, gone = one[mutual], other[mutual]
        to = np.arange(many)
        to[gone] = kept
        size[kept] += size[gone]
        label = to[label]
        one, other, total, count = _gathered(to[one], to[other], total, count, many)
    found = np.arange(rows)
    found[members] = members[label]
    return found


def strongest(rows: int, pairs: Pairs) -> Numbers:
    """Return the places of the pairs that hold together all that the pairs connect, by as few and as heavy as can be.

    A maximum spanning forest (Borůvka 1926): each round every group keeps its heaviest pair to another.
    """
    rank = np.empty(len(pairs.weight), np.int64)
    rank[np.argsort(pairs.weight, kind="stable")] = np.arange(len(rank))
    label, kept = np.arange(rows), np.zeros(len(rank), bool)
    while True:
        one, other = label[pairs.left], label[pairs.right]
        open_ = np.flatnonzero(one != other)
        if not len(open_):
            return np.flatnonzero(kept)
        best = np.full(rows, -1)
        np.maximum.at(best, one[open_], rank[open_])
        np.maximum.at(best, other[open_], rank[open_])
        chosen = open_[(rank[open_] == best[one[open_]]) | (rank[open_] == best[other[open_]])]
        kept[chosen] = True
        label = components(rows, pairs.left[kept], pairs.right[kept])


def _gathered(
    one: Numbers, other: Numbers, total: Shares, count: Shares, many: int
) -> tuple[Numbers, Numbers, Shares, Shares]:
    """Return the pairs of groups, each once, with the sums over all pairs between them."""
    apart = one != other
    pair = np.minimum(one[apart], other[apart]) * many + np.maximum(one[apart], other[apart])
    order = np.argsort(pair, kind="stable")
    pair = pair[order]
    first = firsts(pair)
    if not len(first):
        return pair, pair, np.zeros(0), np.zeros(0)
    sums = np.add.reduceat(total[apart][order], first), np.add.reduceat(count[apart][order], first)
    return pair[first] // many, pair[first] % many, *sums
