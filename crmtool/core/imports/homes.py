"""Phones without a country, read by the country that stands in the same row.

A cell that is one number with a plus says its country itself, whatever the row says. Any other cell is normalized once
for each country it stands beside; a cell that would be different numbers in different rows is left open. A country
counts where every column of countries of the row agrees. A number that is none there, but is written in full as it is
dialled within the country that a person gave for the file, is read so, and told.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl
from phonenumbers import PhoneMetadata

from crmtool.core import model
from crmtool.core.imports import values

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crmtool.core.normalizers.registry import Settings

_ABROAD = r"^[(\s]*\+[\d\s().-]*$"
_CODE = r"^[A-Z]{2}$"
_AMBIGUOUS = {"clean": None, "rule": None, "code": "phone.ambiguous", "suggestion": None}
_RULE = "phone.row-country"
_ELSEWHERE = "phone.elsewhere"


def homes(numbered: pl.DataFrame, countries: Mapping[str, pl.DataFrame], shape: str = _CODE) -> pl.Series | None:
    """Return the country of each row as an ISO 3166 code, null where none is told or two are; None: there are none.

    `countries` is heading -> normalized values (columns: see `registry`) of each column of countries; a clean value of
    another `shape` is no code.
    """
    codes = [
        numbered.select(value=model.named(heading))
        .join(answers.filter(pl.col("seq") == 0), on="value", how="left", maintain_order="left")
        .select(pl.when(pl.col("clean").str.contains(shape)).then("clean").alias(f"{place}"))
        .to_series()
        for place, (heading, answers) in enumerate(countries.items())
    ]
    if all(column.null_count() == len(column) for column in codes):
        return None
    first = pl.coalesce(pl.all())
    agreed = pl.all_horizontal((pl.all() == first).fill_null(value=True))
    return pl.DataFrame(codes).select(pl.when(agreed).then(first)).to_series()


def normalized(cells: pl.Series, home: pl.Series, heading: str, said: values.Said, settings: Settings) -> pl.DataFrame:
    """Return the normalized distinct values of a column of phones; `home` is the country of each row.

    The country of a row goes before `settings.region`. Columns and arguments else: as for `values.normalized`.
    """
    pairs = pl.DataFrame({"value": cells, "home": home}).filter(pl.col("value").is_not_null())
    own = pl.when(~pl.col("value").str.contains(_ABROAD)).then("home")
    pairs = pairs.with_columns(home=own.fill_null(settings.region or "")).unique().sort("home", "value")
    parts = []
    for (region,), group in pairs.partition_by("home", as_dict=True).items():
        beside = replace(settings, region=str(region) or None)
        done = values.normalized(group["value"], heading, "phone", said, beside)
        by_row = (pl.col("rule") == "phone.country") & pl.lit(beside.region != settings.region)
        rule = pl.when(by_row).then(pl.lit(_RULE)).otherwise("rule")
        done = _or_elsewhere(done.with_columns(rule=rule), heading, said, settings)
        parts.append(done.with_columns(home=pl.lit(region, pl.String)))
    if not parts:
        return values.normalized(cells, heading, "phone", said, settings)
    return _agreed(pl.concat(parts))


def _or_elsewhere(answers: pl.DataFrame, heading: str, said: values.Said, settings: Settings) -> pl.DataFrame:
    """Return answers for one country, with the numbers in their place that only `settings.region` dials like this."""
    data = PhoneMetadata.metadata_for_region(settings.region, None) if settings.region else None
    alone = answers.filter((pl.len().over("value") == 1) & (pl.col("code") == "phone.invalid"))
    if data is None or not data.national_prefix or alone.is_empty():
        return answers
    again = values.normalized(alone["value"], heading, "phone", said, settings)
    national = pl.col("clean").str.strip_prefix(f"+{data.country_code}")
    in_full = pl.col("value").str.replace_all(r"\D", "").str.starts_with(pl.lit(data.national_prefix) + national)
    found = again.filter((pl.len().over("value") == 1) & in_full & ~pl.col("value").str.contains(_ABROAD))
    found = found.with_columns(code=pl.lit(_ELSEWHERE), suggestion="clean")
    kept = answers.join(found, on="value", how="anti", maintain_order="left")
    return pl.concat([kept, found.select(kept.columns)])


def _agreed(answers: pl.DataFrame) -> pl.DataFrame:
    """Return one answer for each value: that of its countries where it is the same number in all of them."""
    by_home = answers.group_by("value", "home").agg(
        clean=pl.col("clean").fill_null("").sort_by("seq").str.join(" "), told=(pl.col("code") == _ELSEWHERE).any()
    )
    at_home = pl.col("home").sort_by("told", "home").first()
    counted = by_home.group_by("value").agg(answers=pl.col("clean").n_unique(), home=at_home)
    first = answers.join(counted, on=["value", "home"], maintain_order="left")
    open_ = (pl.col("answers") > 1) & (pl.col("seq") == 0)
    kept = first.filter((pl.col("answers") == 1) | open_)
    parts = [name for name in answers.columns if name not in {"value", "seq", "home", *_AMBIGUOUS}]
    said = {**dict.fromkeys(parts), **_AMBIGUOUS, **({"status": "ambiguous"} if "status" in parts else {})}
    left_open = [
        pl.when(pl.col("answers") > 1).then(pl.lit(text, pl.String)).otherwise(name).alias(name)
        for name, text in said.items()
    ]
    return kept.with_columns(left_open).drop("answers", "home").sort("value", "seq")
