"""What people decided as a teacher: how much each comparison should count, and whether that is better than before.

A classifier of recordlinkage (logistic regression) is fitted to the weights that the comparisons gave to the pairs
people judged. Its coefficients say by what each weight is to be multiplied, its intercept the prior: the queue shows
pairs by their weights alone, and a selection by what the classifier sees does not bias it. Cross-validation says what
it would have got wrong on pairs it was not fitted to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from crmtool.core.duplicates import weighing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from crmtool.core.comparators.coding import Flags, Numbers, Shares
    from crmtool.core.comparators.comparison import Comparison
    from crmtool.core.duplicates.training import Weights

    #: Weights of pairs (a row each, bits), and which are the same -> what was fitted.
    Classifier = Callable[[Shares, Flags], "Fitted"]

FEWEST = 20  # decisions of either kind
_FOLDS = 5
_SURE = 1e-12  # no probability is nought


@dataclass(frozen=True)
class Judged:
    """Pairs that people judged: the weights of the comparisons `names` (a row for each pair, bits), and the verdict."""

    names: Sequence[str]
    bits: Shares
    same: Flags
    prior: float

    @property
    def enough(self) -> bool:
        """Whether there is enough to learn from."""
        return min(int(self.same.sum()), int((~self.same).sum())) >= FEWEST


class Fitted(NamedTuple):
    """What a classifier learned: by what the weight of each comparison is multiplied, and the weight of no evidence."""

    scale: Shares
    prior: float


class Tested(NamedTuple):
    """Of the pairs judged, how many the weights before and after get wrong, and what the doubt costs: bits a pair.

    `gain` is the mean of what is saved for each pair, `error` the standard error of that mean.
    """

    pairs: int
    wrong: tuple[int, int]
    doubt: tuple[float, float]
    gain: float
    error: float

    @property
    def better(self) -> bool:
        """Whether the new weights are better by more than chance, and get no more pairs wrong."""
        return self.gain > 2 * self.error and self.wrong[1] <= self.wrong[0]


def judged(comparisons: Sequence[Comparison], weights: Weights, left: Numbers, right: Numbers, same: Flags) -> Judged:
    """Return pairs of rows as the weights see them."""
    shown = weighing.agreements(comparisons, left, right)
    parts = dict(weighing.parts(comparisons, weights, shown))
    names = [c.name for c in comparisons]
    bits = np.column_stack([parts[name] for name in names])
    return Judged(names, bits, same, weighing.prior(weights))


def fitted(bits: Shares, same: Flags) -> Fitted:
    """Return what recordlinkage's logistic regression learns; a comparison never counts against itself."""
    import pandas as pd
    import recordlinkage

    pairs = pd.MultiIndex.from_arrays([np.arange(len(same)), np.arange(len(same))])
    classifier = recordlinkage.LogisticRegressionClassifier()
    classifier.fit(pd.DataFrame(bits, index=pairs), pairs[same])
    scale = np.clip(np.asarray(classifier.coefficients, np.float64) / np.log(2), 0.0, None)
    return Fitted(scale, float(np.ravel(classifier.intercept)[0] / np.log(2)))


def tested(of: Judged, classifier: Classifier, seed: int) -> Tested:
    """Return how the new weights do beside the old, each pair weighed by a classifier that has not seen it."""
    fold = _folds(of.same, seed)
    after = np.zeros(len(of.same))
    for part in range(_FOLDS):
        held = fold == part
        new = classifier(of.bits[~held], of.same[~held])
        after[held] = new.prior + of.bits[held] @ new.scale
    before = of.prior + of.bits.sum(axis=1)
    saved = _doubt(before, of.same) - _doubt(after, of.same)
    wrong = [int(((weight >= 0) != of.same).sum()) for weight in (before, after)]
    doubt = [float(_doubt(weight, of.same).mean()) for weight in (before, after)]
    error = float(saved.std(ddof=1) / np.sqrt(len(saved)))
    return Tested(len(saved), (wrong[0], wrong[1]), (doubt[0], doubt[1]), float(saved.mean()), error)


def _folds(same: Flags, seed: int) -> Numbers:
    """Return for each pair the part that tests it: both verdicts are spread evenly over the parts."""
    fold = np.zeros(len(same), np.int64)
    chance = np.random.default_rng(seed)
    for verdict in (True, False):
        places = np.flatnonzero(same == verdict)
        fold[chance.permutation(places)] = np.arange(len(places)) % _FOLDS
    return fold


def _doubt(weight: Shares, same: Flags) -> Shares:
    """Return the logarithmic loss of each pair in bits: how unlikely its weight says what people decided is."""
    odds = np.where(same, weight, -weight)
    likely = 1 / (1 + np.exp2(-np.clip(odds, -500, 500)))
    loss: Shares = -np.log2(np.maximum(likely, _SURE))
    return loss
