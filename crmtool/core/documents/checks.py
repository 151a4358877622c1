"""What is wrong with documents: names, types, days, folders, versions that a newer one has taken the place of.

To add a check of files: a function that returns findings, and its line in `linted`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from crmtool.core import findings
from crmtool.core.journal import file_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crmtool.core.deal_rules import Deals
    from crmtool.core.document_rules import Documents

#: Deals as checks need them; `key` is what their source calls them.
DEALS: dict[str, pl.DataType] = {"deal_id": pl.Int64(), "key": pl.String(), "stage": pl.String()}


def placed(said: pl.DataFrame, deals: pl.DataFrame) -> pl.Series:
    """Return the deal (its id) in whose folder each file lies; null: in none that is known, or it could be several."""
    keys = deals.group_by("key").agg(pl.col("deal_id").first(), several=pl.len() > 1).filter(~pl.col("several"))
    by_id = said.join(deals.select("deal_id", deal="deal_id"), on="deal", how="left", maintain_order="left")
    by_key = said.join(keys.select("key", "deal_id"), on="key", how="left", maintain_order="left")
    return pl.select(pl.coalesce(by_id["deal_id"], by_key["deal_id"]).alias("deal_id")).to_series()


def linted(said: pl.DataFrame, proposed: pl.Series) -> pl.DataFrame:
    """Return findings about files; `said` is `names.SAYS` with deal_id, `proposed` the names they would have."""
    frame = said.with_columns(proposed.alias("suggestion"))
    lying = nobodys(frame.filter(pl.col("deal_id").is_null()))
    return findings.joined(_named(frame), _unsafe(frame), lying, superseded(frame))


def _named(frame: pl.DataFrame) -> pl.DataFrame:
    formed = pl.col("formed")
    code = (
        pl.when(pl.col("suggestion").is_not_null())
        .then(pl.lit("document.rename"))
        .when(~formed)
        .then(pl.lit("document.name"))
        .when(pl.col("date").is_null())
        .then(pl.lit("document.date"))
        .when(pl.col("type").is_null())
        .then(pl.lit("document.type"))
    )
    return findings.found(frame.select("suggestion", value="path", code=code))


def _unsafe(frame: pl.DataFrame) -> pl.DataFrame:
    odd = pl.Series([file_names.safe(name) != name for name in frame["name"]], dtype=pl.Boolean)
    return findings.found(frame.filter(odd).select(value="path"), "document.unsafe")


def nobodys(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a finding for each file, given those that lie in the folder of no deal (columns path, parent)."""
    above = pl.when(pl.col("parent") == "").then(pl.lit("document.nowhere"))
    return findings.found(frame.select(value="path", code=above.otherwise(pl.lit("document.deal"))))


def superseded(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a finding for each version that a newer one follows: in its folder, of its type, as the days go.

    A version that does not rise above the one before it begins another document: two invoices are no versions.
    """
    order = frame.drop_nulls(["type", "date", "version"]).sort("parent", "type", "date", "version", "path")
    of = ("parent", "type")
    before, day = (pl.col(name).shift(1).over(of) for name in ("version", "date"))
    begins = (pl.col("version") < before) | ((pl.col("version") == before) & (pl.col("date") != day))
    told = order.with_columns(document=begins.fill_null(value=True).cum_sum().over(of))
    last = told.with_columns(
        newest=pl.col("version").max().over(*of, "document"), newer=pl.col("name").last().over(*of, "document")
    )
    old = last.filter(pl.col("version") < pl.col("newest"))
    return findings.found(old.select(value="path", suggestion="newer"), "document.superseded")


def missing(said: pl.DataFrame, deals: pl.DataFrame, rules: Documents, stages: Deals) -> pl.DataFrame:
    """Return a finding for each deal (`DEALS`) that lacks documents at its stage.

    A deal needs what its stage and those before it ask for; a lost deal needs nothing.
    """
    asked = _asked(rules.required, stages)
    wanted = deals.join(asked, on="stage", maintain_order="left")
    have = said.select("deal_id", "type").drop_nulls().unique()
    lacks = wanted.join(have, on=["deal_id", "type"], how="anti", maintain_order="left")
    each = lacks.group_by("deal_id", maintain_order=True).agg(suggestion=pl.col("type").str.join(", "))
    here = pl.col("deal_id").is_in(said["deal_id"].drop_nulls().implode())
    code = pl.when(here).then(pl.lit("document.missing")).otherwise(pl.lit("document.nothing"))
    return findings.found(each.select("suggestion", value=pl.format("deal {}", "deal_id"), code=code))


def _asked(required: Mapping[str, tuple[str, ...]], stages: Deals) -> pl.DataFrame:
    """Return which types each stage asks for, with those of the stages before it (columns stage, type)."""
    order = {stage: at for at, stage in enumerate(stages.open)} | dict.fromkeys(stages.won, len(stages.open))
    pairs = [
        (stage, kind)
        for stage, place in order.items()
        for kind in dict.fromkeys(k for s, kinds in required.items() if order.get(s, place + 1) <= place for k in kinds)
    ]
    return pl.DataFrame(pairs, schema={"stage": pl.String(), "type": pl.String()}, orient="row")
