"""Chance by number: draws that depend on nothing but a row's number, the purpose and the seed.

So a column can be drawn whole, in any order, and a longer run begins as a shorter one. The generator is splitmix64
(Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014), whose output is the hash of a counter.
To draw for something new: another purpose.
"""

from __future__ import annotations

from hashlib import blake2b
from itertools import accumulate
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Chance = Callable[[str], pl.Expr]

_GOLDEN = 0x9E3779B97F4A7C15
_FIRST = 0xBF58476D1CE4E5B9
_SECOND = 0x94D049BB133111EB


def _whole(number: int) -> pl.Expr:
    return pl.lit(number, dtype=pl.UInt64)


def _stirred(state: pl.Expr) -> pl.Expr:
    state = (state ^ (state // _whole(2**30))) * _whole(_FIRST)
    state = (state ^ (state // _whole(2**27))) * _whole(_SECOND)
    return state ^ (state // _whole(2**31))


def chances(seed: int, number: str = "n", matter: str = "") -> Chance:
    """Return a function from a purpose to an expression: from 0 to below 1, by the column `number`.

    `matter` keeps the purposes of one use apart from those of another.
    """

    def chance(purpose: str) -> pl.Expr:
        start = int.from_bytes(blake2b(f"{seed} {matter}{purpose}".encode(), digest_size=8).digest(), "big")
        state = pl.col(number).cast(pl.UInt64) * _whole(_GOLDEN) + _whole(start)
        return (_stirred(state) // _whole(2**11)).cast(pl.Float64) / 2.0**53

    return chance


def even(chance: pl.Expr, options: Sequence[str]) -> pl.Expr:
    """Return one of the options, each as likely as another."""
    return pl.lit(pl.Series(list(options), dtype=pl.String)).gather((chance * len(options)).cast(pl.UInt32))


def uneven(chance: pl.Expr, options: Sequence[str], flat: float) -> pl.Expr:
    """Return one of the options, the k-th about as often as 1 / (k + `flat`): the law of Zipf and Mandelbrot."""
    return pl.lit(pl.Series(list(options), dtype=pl.String)).gather(rank(chance, len(options), flat))


def weighted(chance: pl.Expr, shares: dict[str, float], rest: str) -> pl.Expr:
    """Return one of the keys as often as its share says, and `rest` for what remains."""
    place = pl.sum_horizontal([(chance >= bound).cast(pl.UInt32) for bound in accumulate(shares.values())])
    return pl.lit(pl.Series([*shares, rest])).gather(place)


def rank(chance: pl.Expr, count: int, flat: float) -> pl.Expr:
    """Return a number from 0 to below `count`, small ones more often, by the same law."""
    place = flat * ((count + flat) / flat) ** chance - flat
    return place.floor().clip(0, count - 1).cast(pl.UInt32)
