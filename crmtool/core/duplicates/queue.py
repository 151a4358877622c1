"""What a person is asked: the pairs that hold each cluster together, with their weight and the reason in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from crmtool.core import plans
from crmtool.core.duplicates import clustering, weighing
from crmtool.core.duplicates.weighing import Pairs
from crmtool.core.plans import Plan, Revision

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crmtool.core.duplicates.matching import Matched

#: Pairs to decide: root contacts, bits, whether nobody need be asked, and why.
OFFERED: dict[str, pl.DataType] = {
    "left_id": pl.Int64(),
    "right_id": pl.Int64(),
    "weight": pl.Float64(),
    "certain": pl.Boolean(),
    "reason": pl.String(),
}
_PAIR = ["left_id", "right_id"]
_TELLS = 2.0  # bits from which an agreement is named


def offered(found: Matched, ids: pl.Series) -> pl.DataFrame:
    """Return the pairs that hold the clusters together (columns `OFFERED`), the heaviest first; `ids` are the rows'."""
    together = found.clusters[found.pairs.left] == found.clusters[found.pairs.right]
    within = Pairs(found.pairs.left[together], found.pairs.right[together], found.pairs.weight[together])
    place = clustering.strongest(len(ids), within)
    pairs = Pairs(within.left[place], within.right[place], within.weight[place])
    return _worded(found, ids, pairs).sort("weight", *_PAIR, descending=[True, False, False])


def weighed(found: Matched, ids: pl.Series, pairs: pl.DataFrame) -> pl.DataFrame:
    """Return some pairs of contacts (columns left_id, right_id) as `OFFERED`, those left out that were not matched."""
    rows = pl.DataFrame({"id": ids, "row": pl.int_range(len(ids), dtype=pl.Int64, eager=True)})
    placed = pairs.join(rows, left_on="left_id", right_on="id", maintain_order="left").join(
        rows, left_on="right_id", right_on="id", maintain_order="left", suffix="_right"
    )
    if placed.is_empty() or not found.comparisons:
        return pl.DataFrame(schema=OFFERED)
    one, other = placed["row"].to_numpy(), placed["row_right"].to_numpy()
    left, right = np.minimum(one, other), np.maximum(one, other)
    return _worded(found, ids, weighing.weighed(found.comparisons, found.weights, left, right))


def fresh(pairs: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Return the pairs that are not known yet; `known` has left_id and right_id of roots."""
    return pairs.join(_ordered(known), on=_PAIR, how="anti", maintain_order="left")


def plan_find(
    pairs: pl.DataFrame, facts: dict[str, int], revision: Revision, fingerprint: str, next_verdict: int
) -> Plan:
    """Return the plan that puts pairs (`OFFERED`) into the review queue."""
    queued = pairs.select(
        *_PAIR,
        "weight",
        "reason",
        id=pl.int_range(pl.len(), dtype=pl.Int64) + next_verdict,
        decision=pl.lit("unsure"),
        by=pl.when("certain").then(pl.lit("rule:certain")).otherwise(pl.lit("rule:find")),
        changeset_id=pl.lit(revision.next),
    )
    edits = {"verdict": plans.edit("verdict", created=queued)}
    return Plan("duplicates find", revision, fingerprint, edits, facts={"pairs": pairs.height, **facts})


def _ordered(pairs: pl.DataFrame) -> pl.DataFrame:
    """Return pairs with the smaller id on the left."""
    return pairs.select(left_id=pl.min_horizontal(*_PAIR), right_id=pl.max_horizontal(*_PAIR))


def _worded(found: Matched, ids: pl.Series, pairs: Pairs) -> pl.DataFrame:
    """Return pairs of rows as `OFFERED`."""
    sides = pl.DataFrame({"left_id": ids.gather(pairs.left), "right_id": ids.gather(pairs.right)})
    return _ordered(sides).with_columns(
        weight=_rounded(pairs),
        certain=pl.Series(found.certain[pairs.left] == found.certain[pairs.right], dtype=pl.Boolean),
        reason=_reasons(found, pairs),
    )


def _rounded(pairs: Pairs) -> pl.Series:
    """Return weights to a tenth of a bit; never -0.0, which the store would give back as another value, 0.0."""
    weight = pl.Series(pairs.weight, dtype=pl.Float64).round(1)
    return weight.set(weight == 0, 0.0)


def _reasons(found: Matched, pairs: Pairs) -> pl.Series:
    """Return for each pair what agrees, in words."""
    shown = weighing.agreements(found.comparisons, pairs.left, pairs.right)
    labels = {c.name: pl.Series(["", *c.levels]) for c in found.comparisons}
    told = [
        pl.select(
            pl.when(pl.Series(bits >= _TELLS))
            .then(pl.format("{} {}", pl.lit(_words(name)), labels[name].gather(shown[name].level.astype(np.int64))))
            .alias(name)
        ).to_series()
        for name, bits in weighing.parts(found.comparisons, found.weights, shown)
    ]
    return _joined(told)


def _joined(columns: Iterable[pl.Series]) -> pl.Series:
    frame = pl.DataFrame(list(columns))
    joined = frame.select(reason=pl.concat_str(pl.all(), separator=", ", ignore_nulls=True)).to_series()
    return joined.replace("", "little agrees")


def _words(name: str) -> str:
    """Return a field as people call it."""
    return {"email": "e-mail"}.get(name, name.removeprefix("attr.").replace("_", " "))
