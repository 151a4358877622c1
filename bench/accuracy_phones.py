"""How many phones of lists are read as the lists expect."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from bench.accuracy import Result
from crmtool.core.normalizers.phone import phone
from crmtool.core.normalizers.registry import Settings

if TYPE_CHECKING:
    from pathlib import Path

_EXAMPLES, _CASES = "phones/libphonenumber_examples.csv", "phones/libphonenumber_parse_tests.csv"
_OFFICES, _CUSTOMERS = "real_directories/us_district_offices.csv", "crm/chinook_customers.csv"


def measure(data: Path) -> list[Result]:
    """Return what is right of the numbers of libphonenumber, of offices and of customers."""
    return [_examples(data), _kinds(data), _cases(data), *_directories(data)]


def _table(data: Path, name: str) -> pl.DataFrame:
    return pl.read_csv(data / name, infer_schema=False)


def _answers(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """Return `frame` with what each cell became: `got` (E.164 with its extension, several by a comma) and `kind`."""
    parts = []
    for (region,), group in frame.partition_by("region", as_dict=True).items():
        known = str(region) if region else None
        parts.append(
            phone(group[column].unique(), Settings(region=known)).with_columns(region=pl.lit(region, pl.String))
        )
    number = pl.col("clean").fill_null(pl.col("code")) + pl.format(" ext. {}", "extension").fill_null("")
    cells = pl.concat(parts).group_by("value", "region").agg(got=number.str.join(", "), kind=pl.col("type").first())
    on = [column, "region"]
    return frame.join(cells, left_on=on, right_on=["value", "region"], how="left", nulls_equal=True)


def _result(file: str, what: str, frame: pl.DataFrame, columns: tuple[str, str, str], target: float | None) -> Result:
    """Return a result; `columns` are the cell, what is expected and what came out."""
    wrong = frame.filter(~pl.col(columns[1]).eq_missing(pl.col(columns[2]))).select(pl.col(columns).fill_null(""))
    return Result(file, what, frame.height - wrong.height, frame.height, target, tuple(wrong.rows()))


def _examples(data: Path) -> Result:
    found = _answers(_table(data, _EXAMPLES), "input")
    return _result(_EXAMPLES, "E.164 of numbers of every country", found, ("input", "expected_e164", "got"), 0.995)


def _kinds(data: Path) -> Result:
    """The list has fixed line or mobile where we have one of the two: that is right where the plan merges them."""
    found = _answers(_table(data, _EXAMPLES), "input").filter(pl.col("got").str.starts_with("+"))
    expected = pl.col("type").str.replace_all(r"([A-Z])", "_$1").str.to_lowercase().replace("fixed_line", "fixed")
    merged = (pl.col("kind") == "fixed_or_mobile") & expected.is_in(["fixed", "mobile"])
    found = found.with_columns(expected=expected, kind=pl.when(merged).then(expected).otherwise("kind"))
    return _result(_EXAMPLES, "kind of number", found, ("input", "expected", "kind"), None)


def _cases(data: Path) -> Result:
    """Right is the number where it is valid now; one that cannot be parsed or is not valid must be refused."""
    cases = _table(data, _CASES).filter(pl.col("prod_metadata_agrees") == "yes")
    found = _answers(cases, "input")
    extension = pl.format(" ext. {}", "expected_ext").fill_null("")
    valid = pl.when(pl.col("valid_now") == "1").then(pl.col("expected_e164") + extension).otherwise(pl.lit("refused"))
    refused = pl.when(pl.col("got").str.starts_with("phone.")).then(pl.lit("refused")).otherwise("got")
    found = found.with_columns(expected=valid, got=refused)
    return _result(_CASES, "numbers of its own tests", found, ("input", "expected", "got"), 1.0)


def _directories(data: Path) -> list[Result]:
    """Return how many cells of real lists give one usable number of their country; the lists have no labels."""
    offices = _table(data, _OFFICES)
    parts = [
        (_OFFICES, offices.select(cell=pl.concat_list("phone", "fax")).explode("cell"), "US"),
        (_CUSTOMERS, _table(data, _CUSTOMERS).select(cell=pl.concat_list("Phone", "Fax")).explode("cell"), None),
    ]
    results = []
    for file, cells, region in parts:
        asked = cells.drop_nulls().with_columns(region=pl.lit(region, pl.String))
        found = _answers(asked, "cell").with_columns(
            expected=pl.lit("a number"),
            usable=pl.when(pl.col("got").str.contains(r"^\+\d")).then(pl.lit("a number")).otherwise("got"),
        )
        results.append(_result(file, "cells that are a usable number", found, ("cell", "expected", "usable"), None))
    return results
