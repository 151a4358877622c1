"""What is right of cities, regions and countries on official lists: each city under its usual spellings.

Right is the city itself. A city that is kept as written and flagged is counted apart: it is not wrong. To add a
spelling: `_SPELLINGS`.
"""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from bench.accuracy import ROOT, Result
from crmtool.core.folding import folds
from crmtool.core.normalizers.city import cities_in
from crmtool.core.normalizers.places import keys
from crmtool.core.normalizers.region import codes, recognised
from crmtool.core.normalizers.registry import Settings, normalized
from crmtool.core.normalizers.vocabulary import vocabulary_index
from crmtool.core.rules import Normalize, Vocabulary

if TYPE_CHECKING:
    from pathlib import Path


class _List(NamedTuple):
    """An official list: its file, its country, and its cities with their regions (columns city, region)."""

    file: str
    country: str
    prefix: str
    cities: pl.DataFrame


def measure(data: Path) -> list[Result]:
    """Return the results on both lists of cities, alone and beside their country and region."""
    rules = _settings()
    lists = (
        _List("addresses/ru_cities_hflabs.csv", "RU", "г. ", _russian(data)),
        _List("addresses/ua_katottg_cities.csv", "UA", "м. ", _ukrainian(data)),
    )
    return [result for each in lists for result in _measured(each, rules)]


def _measured(each: _List, rules: Settings) -> list[Result]:
    frame = each.cities
    spellings = {
        "bare": frame["city"],
        f"after “{each.prefix.strip()}”": each.prefix + frame["city"],
        "in capitals": frame["city"].str.to_uppercase(),
    }
    results = []
    for what, written in spellings.items():
        results += _results(each.file, f"cities {what}", frame, cities_in(_beside(frame, written), rules))
    answers = cities_in(_beside(frame, frame["city"], each.country), rules)
    results += _results(each.file, "cities beside country and region", frame, answers)
    known = normalized("region", frame["region"].unique().sort(), _settings("region"))
    unknown = known.filter(pl.col("iso").is_null()).select("value", pl.lit("a code"), "clean").rows()
    results.append(Result(each.file, "regions", known.height - len(unknown), known.height, None, tuple(unknown)))
    return results


def _beside(frame: pl.DataFrame, written: pl.Series, country: str | None = None) -> pl.DataFrame:
    region = frame["iso"] if country else pl.Series([None], dtype=pl.String).new_from_index(0, frame.height)
    return pl.DataFrame({"value": written, "region": region}).with_columns(country=pl.lit(country, pl.String))


def _results(file: str, what: str, frame: pl.DataFrame, answers: pl.DataFrame) -> list[Result]:
    """Return what came out as the city itself, and what was not wrong: right, or flagged."""
    both = answers.with_columns(city=frame["city"])
    both = both.with_columns(
        same=keys(both["city"]) == keys(both["clean"].fill_null("")),
        bare=folds(both["clean"].fill_null("")).str.ends_with(pl.Series(folds(both["city"]))),
    )
    flagged = pl.col("code").is_not_null() & (pl.col("code") != "city.renamed") & pl.col("bare")
    right = both.filter(pl.col("same") & (pl.col("status") == "valid"))
    wrong = both.filter(~(pl.col("same") | flagged))
    misses = both.filter(~(pl.col("same") & (pl.col("status") == "valid")) & (pl.col("same") | flagged))
    told = tuple(misses.select("value", "city", pl.format("{} ({})", "clean", pl.col("code").fill_null("-"))).rows())
    bad = tuple(wrong.select("value", "city", "clean").rows())
    return [
        Result(file, f"{what}: certain", right.height, both.height, None, told),
        Result(file, f"{what}: not wrong", both.height - wrong.height, both.height, 0.995, bad),
    ]


def _russian(data: Path) -> pl.DataFrame:
    table = pl.read_csv(data / "addresses/ru_cities_hflabs.csv", infer_schema=False)
    named = table.with_columns(
        city=pl.coalesce(pl.col("city").replace("", None), pl.col("settlement").replace("", None))
    )
    named = named.with_columns(
        region=pl.when(pl.col("city").is_null())
        .then("region")
        .otherwise(pl.concat_str("region_type", pl.lit(" "), "region"))
    )
    return _with_codes(
        named.with_columns(city=pl.coalesce("city", pl.when(pl.col("region_type") == "г").then("region")))
    )


def _ukrainian(data: Path) -> pl.DataFrame:
    table = pl.read_csv(data / "addresses/ua_katottg_cities.csv", infer_schema=False)
    return _with_codes(table.filter(pl.col("category") != "X").with_columns(city="name", region="oblast"))


def _with_codes(table: pl.DataFrame) -> pl.DataFrame:
    """Return city, region and the region's code; rows of districts without a city of their own are left out."""
    regions = _settings("region").vocabulary
    kept = table.filter(pl.col("city").is_not_null())
    code = recognised(kept["region"], regions).replace_strict(codes(regions), default=None, return_dtype=pl.String)
    return kept.select("city", "region").with_columns(iso=code)


def _settings(vocabulary: str = "city") -> Settings:
    """Return the settings of the shipped rules."""
    folder = ROOT / "rules"
    every = {}
    for path in sorted((folder / "vocabularies").glob("*.toml")):
        rules = Vocabulary.model_validate(tomllib.loads(path.read_text("utf-8")))
        every[path.stem] = vocabulary_index(rules.values, rules.drop)
    usual = Normalize.model_validate(tomllib.loads((folder / "normalize.toml").read_text("utf-8")))
    return Settings(vocabulary=every[vocabulary], vocabularies=every, placeholders=frozenset(usual.placeholders))
