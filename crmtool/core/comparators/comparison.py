"""What a comparison is: for pairs of rows, how well one thing about them agrees, as a level from a short ladder.

To add one: a function that takes columns of the parties and returns a `Comparison`, and a line in `duplicates.fields`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from crmtool.core.comparators.coding import Coded, Listed, Numbers, Shares

    Levels = NDArray[np.uint8]

#: The level of a pair one side of which is not known.
SILENT = 0
#: The level of equal values.
SAME = 1
#: Not a level yet: the codes differ, and the texts have not been looked at.
OPEN = 255


class Agreement(NamedTuple):
    """The level of each pair, and the share of rows that hold the agreed value (nan: how rare it is does not count)."""

    level: Levels
    share: Shares


@dataclass(frozen=True)
class Comparison:
    """One comparison: its name, the columns it reads, the names of its levels from the best on, and how it is made.

    Pairs of rows are compared in two steps: `codes` tells what codes can tell, and leaves the rest OPEN; `texts` tells
    of pairs left open how their texts agree. Where that is `dear` (so many texts are to be looked at), it is asked only
    of pairs that it may decide, so what texts tell there never weighs by how rare a value is.

    `usual` are the probabilities of the levels among pairs of one person, used where there is too little to learn
    from; `chance` is the mean share of an agreed value, `known` the share of rows that have a value. Levels of the same
    number in `mode` exclude each other: within a mode their probabilities sum to one. From level `against` on a pair is
    never one party without a person's word. `rare` is the column whose values weigh by how rare they are, and the
    name they are counted by. Level 0 (silence) has no name and says nothing.
    """

    name: str
    reads: frozenset[str]
    levels: tuple[str, ...]
    usual: tuple[float, ...]
    chance: float
    codes: Callable[[Numbers, Numbers], Agreement]
    texts: Callable[[Numbers, Numbers], Agreement]
    known: float
    mode: tuple[int, ...] = ()
    against: int | None = None
    rare: tuple[str, Coded | Listed] | None = None
    dear: int = 0

    def compare(self, left: Numbers, right: Numbers) -> Agreement:
        """Return how pairs of rows agree."""
        return self.told(left, right, self.codes(left, right))

    def told(self, left: Numbers, right: Numbers, found: Agreement) -> Agreement:
        """Return how pairs of rows agree of which `codes` found so much; what is found is written over."""
        open_ = np.flatnonzero(found.level == OPEN)
        if len(open_):
            found.level[open_], found.share[open_] = self.texts(left[open_], right[open_])
        return found

    @property
    def modes(self) -> tuple[int, ...]:
        """The mode of each level."""
        return self.mode or (0,) * len(self.levels)


def blank(pairs: int) -> Agreement:
    """Return the agreement of pairs about which nothing is known."""
    return Agreement(np.zeros(pairs, np.uint8), np.full(pairs, np.nan))
