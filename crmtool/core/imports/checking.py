"""Stage three: which rows are kept. A row that cannot be kept is set aside whole, with the reasons."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core import findings, model

if TYPE_CHECKING:
    from crmtool.core.rules import Fields


@dataclass(frozen=True)
class Checked:
    """Rows told apart.

    `accepted` holds the rows to keep, each `source_key` once; `rejected` has row, raw and code; `repeated` counts rows
    that say the same as an earlier one.
    """

    accepted: pl.DataFrame
    rejected: pl.DataFrame
    repeated: int
    findings: pl.DataFrame

    def told(self) -> Checked:
        """Return what there is to tell, without the rows that were accepted: by then the plan holds them."""
        return replace(self, accepted=self.accepted.clear())


def checked(records: pl.DataFrame, fields: Fields) -> Checked:
    """Return the records apart: kept, rejected for what they lack, and repeated within the file.

    A second row under a key that says something else becomes a record of its own, so that neither is lost.
    """
    nobody = ~pl.any_horizontal(_present(name) for name in fields.identity)
    lacking = pl.coalesce(None, *(pl.when(~_present(name)).then(pl.lit(name)) for name in fields.required))
    code = (
        pl.when("surplus")
        .then(pl.lit("row.ragged"))
        .when(nobody)
        .then(pl.lit("row.empty"))
        .when(lacking.is_not_null())
        .then(pl.lit("value.required"))
    )
    coded = records.with_columns(code=code, lacking=lacking)
    rejected = coded.filter(pl.col("code").is_not_null())
    kept = model.where(coded, pl.col("code").is_null()).drop("code", "lacking")
    keyed = _with_own_keys(kept)
    repeated = keyed.filter(pl.col("row") != pl.col("alike"))
    accepted = model.where(keyed, pl.col("row") == pl.col("alike"))
    other = accepted.filter(pl.col("row") != pl.col("first"))
    field = pl.when(pl.col("code") == "value.required").then("lacking")
    return Checked(
        accepted.drop("first", "alike"),
        rejected.select("row", "raw", "code"),
        repeated.height,
        findings.joined(
            findings.found(rejected.select("row", "code", field=field)),
            findings.found(repeated.select("row", suggestion=pl.col("alike").cast(pl.String)), "row.repeated"),
            findings.found(other.select("row", suggestion=pl.col("first").cast(pl.String)), "row.key"),
        ),
    )


def _with_own_keys(kept: pl.DataFrame) -> pl.DataFrame:
    """Give rows that say something else than the first row of their key a key of their own.

    Adds `first`, the first row of the key as the source gave it, and `alike`, the first row that says the same.
    """
    first = {"first": pl.col("row").first(), "first_raw": pl.col("raw").first()}
    seen = kept.with_columns(**{name: value.over("source_key") for name, value in first.items()})
    own = pl.when(pl.col("raw") != pl.col("first_raw")).then(pl.format("{}#{}", "source_key", _short_hash()))
    keyed = seen.with_columns(source_key=pl.coalesce(own, "source_key")).drop("first_raw")
    return keyed.with_columns(alike=pl.col("row").first().over("source_key"))


def _present(name: str) -> pl.Expr:
    """Tell whether a record has a value for a field or a channel of a kind."""
    if name in model.CHANNELS:
        return pl.col("channels").list.eval(pl.element().struct.field("kind") == name).list.any().fill_null(value=False)
    return pl.col(name).is_not_null()


def _short_hash() -> pl.Expr:
    """Tell rows under one key apart by what they say, the same at every import."""
    short: pl.Expr = pl.col("raw").chash.blake3().str.head(8)  # type: ignore[attr-defined]  # a namespace of polars_hash
    return short
