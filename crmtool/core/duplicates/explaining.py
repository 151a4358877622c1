"""Why two parties are, or are not, taken for one: every comparison, what it says, and what it weighs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from crmtool.core.duplicates import weighing

if TYPE_CHECKING:
    from crmtool.core.duplicates.matching import Matched

#: One line for each comparison: the values of both, what they are to each other (null: unknown on a side), the bits.
EXPLAINED: dict[str, pl.DataType] = {
    "field": pl.String(),
    "left": pl.String(),
    "right": pl.String(),
    "agreement": pl.String(),
    "weight": pl.Float64(),
}


def explained(found: Matched, parties: pl.DataFrame, left: int, right: int) -> tuple[float, pl.DataFrame]:
    """Return the weight of a pair before anything is compared, and what each comparison adds (columns `EXPLAINED`).

    The first and the sum of the lines are the match weight, in bits. `parties` are those matched, `left` and `right`
    are rows of them.
    """
    one, other = np.array([min(left, right)]), np.array([max(left, right)])
    shown = weighing.agreements(found.comparisons, one, other)
    weights = {name: float(bits[0]) for name, bits in weighing.parts(found.comparisons, found.weights, shown)}
    lines = []
    for c in found.comparisons:
        level = int(shown[c.name].level[0])
        values = [_text(parties, c.name, row) for row in (left, right)]
        lines.append((c.name, *values, c.levels[level - 1] if level else None, weights[c.name]))
    return weighing.prior(found.weights), pl.DataFrame(lines, schema=EXPLAINED, orient="row")


def _text(parties: pl.DataFrame, name: str, row: int) -> str | None:
    """Return the value of a field; a field that no column holds is a part of the whole name."""
    if name not in parties.columns:
        return None
    value = parties[name][row]
    if isinstance(value, pl.Series):
        return ", ".join(dict.fromkeys(value.to_list())) or None
    return None if value is None else str(value)
