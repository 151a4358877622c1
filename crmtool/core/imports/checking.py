"""Stage three: which rows are kept. A row that cannot be kept is set aside whole, with the reasons."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core import findings, model

if TYPE_CHECKING:
    from crmtool.core.rules import Fields

#: Rows of a file as later parts of it need to know them: what they say, hashed (within one run), and their number.
SEEN: dict[str, pl.DataType] = {"key": pl.UInt64(), "raw": pl.UInt64(), "row": pl.Int64()}


@dataclass(frozen=True)
class Checked:
    """Rows told apart.

    `accepted` holds the rows to keep, each `source_key` once; `rejected` has row, raw and code; `repeated` counts rows
    that say the same as an earlier one. `seen` are the rows of the file up to here (see `SEEN`).
    """

    accepted: pl.DataFrame
    rejected: pl.DataFrame
    repeated: int
    findings: pl.DataFrame
    seen: pl.DataFrame

    def told(self) -> Checked:
        """Return what there is to tell, without the rows that were accepted: by then the plan holds them."""
        return replace(self, accepted=self.accepted.clear(), seen=self.seen.clear())


def checked(records: pl.DataFrame, fields: Fields, seen: pl.DataFrame | None = None) -> Checked:
    """Return the records apart: kept, rejected for what they lack, and repeated within the file.

    A second row under a key that says something else becomes a record of its own, so that neither is lost. `seen` are
    the rows of the parts of the file before this one, None for the first.
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
    earlier = pl.DataFrame(schema=SEEN) if seen is None else seen
    keyed = _with_own_keys(kept, earlier)
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
        pl.concat([earlier, accepted.select(key=_short("source_key"), raw=_short("raw"), row="row")]),
    )


def _with_own_keys(kept: pl.DataFrame, seen: pl.DataFrame) -> pl.DataFrame:
    """Give rows that say something else than the first row of their key a key of their own.

    Adds `first`, the first row of the key as the source gave it, and `alike`, the first row that says the same.
    """
    here = kept.with_columns(key=_short("source_key"), says=_short("raw"))
    before = here.select("key").join(seen, on="key", how="left", maintain_order="left")
    first = {
        "first": pl.coalesce(before["row"], pl.col("row").first().over("key")),
        "first_says": pl.coalesce(before["raw"], pl.col("says").first().over("key")),
    }
    own = pl.when(pl.col("says") != pl.col("first_says")).then(own_key())
    keyed = here.with_columns(**first).with_columns(source_key=pl.coalesce(own, "source_key"))
    keyed = keyed.drop("key", "says", "first_says").with_columns(key=_short("source_key"))
    again = keyed.select("key").join(seen, on="key", how="left", maintain_order="left")["row"]
    alike = pl.coalesce(again, pl.col("row").first().over("key"))
    return keyed.with_columns(alike=alike).drop("key")


def _short(name: str) -> pl.Expr:
    """Return 64 bits for each text. A row counts as repeated only where both its key and its text agree in theirs."""
    return pl.col(name).hash(seed=1)


def _present(name: str) -> pl.Expr:
    """Tell whether a record has a value for a field or a channel of a kind."""
    if name in model.CHANNELS:
        return pl.col("channels").list.eval(pl.element().struct.field("kind") == name).list.any().fill_null(value=False)
    return pl.col(name).is_not_null()


def own_key() -> pl.Expr:
    """Return a key for rows that say something new under a known one, the same at every import."""
    short: pl.Expr = pl.col("raw").chash.blake3().str.head(8)  # type: ignore[attr-defined]  # a namespace of polars_hash
    return pl.format("{}#{}", "source_key", short)
