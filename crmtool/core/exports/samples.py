"""A part of the contacts for a trial mailing: representative, the same again for the same seed, the rest beside it.

Strata are the distinct combinations of some fields. Each gets its share of the sample by the method of the largest
remainder (Hamilton), and within a stratum the contacts with the smallest keyed hash of their id are taken: so the
choice hangs on nothing but seed, ids and strata.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import polars as pl
import polars_hash as plh

if TYPE_CHECKING:
    from collections.abc import Sequence


def taken(people: pl.DataFrame, strata: Sequence[str], size: int, seed: int) -> pl.Series:
    """Tell which rows of `people` (id, and the columns `strata`) are of the sample of `size` contacts, aligned to them.

    All rows of an id go together; an id has one stratum.
    """
    each = people.select("id", *strata).unique("id", keep="first", maintain_order=True)
    ranked = each.with_columns(draw=_draw(seed)).sort("draw", "id").with_columns(turn=_turn(strata))
    quota = _quotas(ranked, strata, min(size, each.height))
    wanted = (
        ranked.join(quota, on=list(strata), how="left", nulls_equal=True) if strata else ranked.join(quota, how="cross")
    )
    chosen = wanted.filter(pl.col("turn") < pl.col("quota"))["id"]
    return people["id"].is_in(chosen.implode())


def size_of(share: float, count: int) -> int:
    """Return how many of `count` a share is: rounded half up, at least one where there is anybody.

    >>> size_of(0.05, 63), size_of(0.05, 3), size_of(0.5, 0)
    (3, 1, 0)
    """
    return min(count, max(1, math.floor(share * count + 0.5))) if count else 0


def _draw(seed: int) -> pl.Expr:
    return plh.concat_str(pl.lit(f"{seed} "), pl.col("id").cast(pl.String)).chash.sha2_256()


def _turn(strata: Sequence[str]) -> pl.Expr:
    turn = pl.int_range(pl.len())
    return turn.over(list(strata)) if strata else turn


def _quotas(ranked: pl.DataFrame, strata: Sequence[str], size: int) -> pl.DataFrame:
    """Return how many of each stratum (columns strata, quota); of equal remainders the larger stratum gets more."""
    total = ranked.height
    if not strata:
        return pl.DataFrame({"quota": [size]})
    exact = pl.col("len").cast(pl.Int64) * size
    counts = ranked.group_by(list(strata), maintain_order=True).len().sort(list(strata), nulls_last=True)
    floors = counts.with_columns(quota=exact // max(total, 1), over=exact % max(total, 1))
    left = size - int(floors["quota"].sum())
    order = floors.sort("over", "len", descending=True, maintain_order=True).with_row_index("place")
    return order.select(*strata, quota=pl.col("quota") + (pl.col("place") < left).cast(pl.Int64))
