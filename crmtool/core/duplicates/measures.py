"""How good clusters are beside the truth: precision, recall and F of pairs; of candidates completeness and reduction.

The measures are those of recordlinkage (`precision`, `recall`, `fscore`, `reduction_ratio`; Christen 2012), computed
from counts so that a million rows need no list of all true pairs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from crmtool.core.comparators.coding import Numbers


@dataclass(frozen=True)
class Measured:
    """Counts of pairs: joined by the clusters, of one party in truth, and both."""

    joined: int
    true: int
    both: int

    @property
    def precision(self) -> float:
        """The share of joined pairs that are true; 1 where none is joined."""
        return self.both / self.joined if self.joined else 1.0

    @property
    def recall(self) -> float:
        """The share of true pairs that are joined; 1 where there is none."""
        return self.both / self.true if self.true else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def measured(clusters: pl.Series, truth: pl.Series) -> Measured:
    """Return how clusters agree with the truth, pair by pair; a row whose truth is null is alone.

    >>> measured(pl.Series([1, 1, 2]), pl.Series(["a", "a", "a"]))
    Measured(joined=1, true=3, both=1)
    """
    frame = pl.DataFrame({"cluster": clusters, "truth": truth})
    known = frame.filter(pl.col("truth").is_not_null())
    return Measured(_pairs(frame, ["cluster"]), _pairs(known, ["truth"]), _pairs(known, ["cluster", "truth"]))


def completeness(left: Numbers, right: Numbers, truth: pl.Series) -> float:
    """Return the share of true pairs that are among the candidates."""
    codes = truth.cast(pl.Categorical).to_physical().cast(pl.Int64).fill_null(-1).to_numpy()
    true = _pairs(pl.DataFrame({"truth": truth}).drop_nulls(), ["truth"])
    found = int(((codes[left] == codes[right]) & (codes[left] >= 0)).sum())
    return found / true if true else 1.0


def reduction(candidates: int, rows: int) -> float:
    """Return the share of all pairs that need not be compared."""
    every = rows * (rows - 1) // 2
    return 1 - candidates / every if every else 1.0


def _pairs(frame: pl.DataFrame, by: list[str]) -> int:
    """Return how many pairs of rows are equal in some columns."""
    sizes = frame.group_by(by).agg(rows=pl.len().cast(pl.Int64))["rows"]
    return int((sizes * (sizes - 1) // 2).sum())
