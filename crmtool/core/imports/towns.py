"""Cities read by the country and the region that stand in the same row.

Each distinct (city, country, region) is normalized once: "Moscow" beside "US" is the town in Idaho. What stands beside
a city is told by the columns of its own address where it has any, else by all of them where they agree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from crmtool.core.imports import values
from crmtool.core.imports.homes import homes
from crmtool.core.imports.steps import BESIDE
from crmtool.core.normalizers.city import cities_in
from crmtool.core.normalizers.region import codes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crmtool.core.normalizers.registry import Settings

_AROUND = ("country", "region")


def around(
    numbered: pl.DataFrame,
    countries: Mapping[str, pl.DataFrame],
    regions: Mapping[str, pl.DataFrame],
    vocabulary: Mapping[str, str],
) -> pl.DataFrame | None:
    """Return the country and the region of each row as ISO 3166 codes, null where none is told; None: in no row.

    `countries` and `regions` are heading -> normalized values of the columns that tell them; `vocabulary` knows the
    regions. A code of a state alone ("ID") counts where the row's country is the United States, or there is none.
    """
    country = homes(numbered, countries)
    by_state = {code.removeprefix("US-"): code for code in codes(vocabulary).values() if code.startswith("US-")}
    in_codes = {heading: _as_codes(answers, by_state) for heading, answers in regions.items()}
    region = homes(numbered, in_codes, _SHAPE)
    if country is None and region is None:
        return None
    told = {"country": country, "region": region}
    frame = numbered.select(
        pl.lit(None, pl.String).alias(name) if column is None else column.alias(name) for name, column in told.items()
    )
    abroad = pl.col("region").str.starts_with("US-") & (pl.col("country") != "US")
    return frame.with_columns(region=pl.when(~abroad.fill_null(value=False)).then("region"))


_SHAPE = r"^[A-Z]{2}-[A-Z0-9]{1,3}$"


def _as_codes(answers: pl.DataFrame, by_state: Mapping[str, str]) -> pl.DataFrame:
    """Return the answers of a column of regions with their codes in the place of their names."""
    state = pl.col("clean").str.to_uppercase().replace_strict(by_state, default=None, return_dtype=pl.String)
    return answers.with_columns(clean=pl.coalesce("iso", state))


def normalized(
    cells: pl.Series, surroundings: pl.DataFrame, heading: str, said: values.Said, settings: Settings
) -> pl.DataFrame:
    """Return the normalized distinct (city, country, region) of a column, each with its surroundings as `BESIDE`.

    `surroundings` has country and region, aligned with the cells. Arguments else: as for `values.normalized`.
    """
    cases = surroundings.select(cells.alias("cell"), *_AROUND).filter(pl.col("cell").is_not_null()).unique()
    pieces = values.read(cases["cell"].unique().sort(), heading, said)
    asked = cases.join(pieces, on="cell").sort("cell", *_AROUND, maintain_order=True)
    distinct = asked.select("value", *_AROUND).unique(maintain_order=True)
    answers = cities_in(distinct, settings).drop("value").rename(_FOUND)
    found = pl.concat([distinct, answers], how="horizontal")
    whole = asked.join(found, on=["value", *_AROUND], nulls_equal=True, maintain_order="left")
    whole = whole.with_columns(
        beside(), value="cell", seq=pl.int_range(pl.len()).over("cell", *_AROUND), rule=pl.coalesce("rule", "read_as")
    )
    return whole.drop("cell", "read_as", *_AROUND).rename({found: name for name, found in _FOUND.items()})


_FOUND = {name: f"found {name}" for name in _AROUND}


def beside() -> pl.Expr:
    """Return what stands beside a city as one text, from the columns country and region; "" where nothing does."""
    return pl.concat_str(pl.col(_AROUND).fill_null(""), separator=" ").alias(BESIDE)
