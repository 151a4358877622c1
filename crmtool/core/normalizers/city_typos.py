"""Cities that look mistyped: one letter more, less, other, or two letters that changed places.

Two names are that near where they become the same by leaving out one letter of each, or of one of them; so nothing is
compared with everything. To look among smaller places: `_LEAST`.
"""

from __future__ import annotations

from functools import cache

import polars as pl

from crmtool.core.normalizers.places import NEAR, keys, names, places

_SHORTEST, _LONGEST = 5, 30  # letters; in a shorter name one letter makes another name
_LEAST = 10_000  # people of a place in our countries
_FAR = 100_000  # and elsewhere


def suggested(unfound: pl.DataFrame) -> pl.DataFrame:
    """Return the likely names of mistyped cities: at, typo. `unfound` has at, text and in_country.

    Of several likely ones it is the largest; those of another country than the row's are none.
    """
    if not unfound.height:
        return unfound.select("at", typo="text")
    asked = unfound.select("at", "in_country", key=keys(unfound["text"]).str.replace(r"^(?:г|м|город|місто) ", ""))
    pairs = _left_out(asked).join(_known(), on="rest")
    fitting = pairs.filter(pl.col("in_country").is_null() | (pl.col("country") == pl.col("in_country")))
    first = fitting.sort("population", "place", descending=[True, False]).unique(
        "at", keep="first", maintain_order=True
    )
    return first.select("at", typo="name")


@cache
def _known() -> pl.DataFrame:
    least = pl.when(pl.col("country").is_in(NEAR)).then(_LEAST).otherwise(_FAR)
    large = places().filter(pl.col("population") >= least)
    return _left_out(names().join(large, on="place").select("key", "place", "name", "country", "population"))


def _left_out(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with each spelling that leaves out one letter of `key`, and the whole, as `rest`."""
    length = pl.col("key").str.len_chars()
    fitting = frame.filter(length.is_between(_SHORTEST, _LONGEST))
    shorter = fitting.with_columns(out=pl.int_ranges(0, length)).explode("out")
    rest = pl.col("key").str.head(pl.col("out")) + pl.col("key").str.slice(pl.col("out") + 1)
    return pl.concat([fitting.with_columns(rest="key"), shorter.with_columns(rest=rest).drop("out")])
