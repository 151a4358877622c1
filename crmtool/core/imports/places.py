"""The place a whole address names: its postcode, country, region and city, for contacts that have no columns of these.

A city that several places are called is left open, and told. To take one more part over: in `PARTS`, where the
normalizer of addresses gives it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core.normalizers.city import cities_in
from crmtool.core.normalizers.region import codes

if TYPE_CHECKING:
    from crmtool.core.normalizers.registry import Settings

PARTS = ("country", "region", "city", "postcode")
_SEVERAL = "address.city_shared"


def places(lines: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Return the place of each distinct address: value, `PARTS` (null: not said, or not sure), lies_in, shared.

    `lines` is what the normalizer of addresses made of them. `lies_in` is the country (ISO 3166) the city is in,
    `shared` the name of a city that several places have.
    """
    first = lines.filter(pl.col("seq") == 0).select("value", *PARTS)
    iso = pl.col("region").replace_strict(
        codes(settings.vocabularies.get("region", {})), default=None, return_dtype=pl.String
    )
    said = first.select("country", iso=iso, named="city")
    asked = said.filter(pl.col("named").is_not_null()).unique(maintain_order=True)
    cities = cities_in(
        asked.select("country", region="iso", value="named"),
        replace(settings, vocabulary=settings.vocabularies.get("city", {})),
    )
    answers = asked.with_columns(cities.select("clean", "status", lies_in="country").get_columns())
    found = said.join(answers, on=["country", "iso", "named"], how="left", nulls_equal=True, maintain_order="left")
    open_ = found["status"] == "ambiguous"
    return first.with_columns(
        found.select(
            city=pl.when(~open_).then("clean"),
            lies_in=pl.coalesce("country", pl.when(~open_).then("lies_in")),
            shared=pl.when(open_).then("named"),
        ).get_columns()
    )


def answers(found: pl.DataFrame, part: str) -> pl.DataFrame:
    """Return a part of `places` as the answers of a normalizer, by rule `address.` and the part's name."""
    shared = pl.col("shared") if part == "city" else pl.lit(None, pl.String)
    told = found.filter(pl.col(part).is_not_null() | shared.is_not_null())
    return told.select(
        "value",
        seq=pl.lit(0, pl.Int64),
        clean=pl.col(part),
        rule=pl.when(pl.col(part).is_not_null()).then(pl.lit(f"address.{part}")),
        code=pl.when(shared.is_not_null()).then(pl.lit(_SEVERAL)),
        suggestion=shared,
    )
