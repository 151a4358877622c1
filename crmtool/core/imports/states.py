"""Codes of American states, which are names of states only in rows of the United States: "CA" is Canada, too.

To do the same for another country whose regions people write by code: its code in `_BY_CODE`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core.imports.steps import BESIDE, Step
from crmtool.core.normalizers.region import codes
from crmtool.core.rules import field_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_BY_CODE = "US"


def named(step: Step, cells: pl.Series, home: pl.Series | None, vocabulary: Mapping[str, str]) -> Step:
    """Return a column of regions with the names of states where `home`, the country of each row, has them.

    `vocabulary` knows the regions (folded synonym -> name). Other columns come back as they are.
    """
    if field_of(step.target) != "region" or home is None or not (home == _BY_CODE).any():
        return step
    own = {code.removeprefix(f"{_BY_CODE}-"): name for name, code in codes(vocabulary).items() if _here(code)}
    beside = pl.select(pl.when(home == _BY_CODE).then(pl.lit(_BY_CODE)).otherwise(pl.lit("")).alias(BESIDE)).to_series()
    pairs = pl.DataFrame({"value": cells, BESIDE: beside}).drop_nulls().unique().sort("value", BESIDE)
    answers = pairs.join(step.values, on="value", maintain_order="left")
    code = pl.col("clean").str.replace_all(".", "", literal=True).str.to_uppercase()
    name = code.replace_strict(own, default=None, return_dtype=pl.String)
    state = (pl.col(BESIDE) == _BY_CODE) & name.is_not_null()
    said = {
        "clean": name,
        "iso": pl.lit(f"{_BY_CODE}-") + code,
        "country": pl.lit(_BY_CODE),
        "rule": pl.lit("region.state"),
        "status": pl.lit("valid"),
        "code": pl.lit(None, pl.String),
    }
    named = answers.with_columns(pl.when(state).then(e).otherwise(n).alias(n) for n, e in said.items())
    return replace(step, values=named, beside=beside)


def _here(code: str) -> bool:
    return code.startswith(f"{_BY_CODE}-")
