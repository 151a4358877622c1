"""Stage three: which rows are kept. A row that cannot be kept is set aside whole, with the reasons."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl
import polars_hash as _chash  # noqa: F401  # registers the `chash` expressions

from crmtool.core import findings, model, requirements
from crmtool.core.imports import validation

if TYPE_CHECKING:
    from crmtool.core.imports.validation import Standards
    from crmtool.core.rules import Fields

#: Rows of a file as later parts of it need to know them: what they say, hashed (within one run), and their number.
SEEN: dict[str, pl.DataType] = {"key": pl.UInt64(), "raw": pl.UInt64(), "row": pl.Int64()}


@dataclass(frozen=True)
class Checked:
    """Rows told apart.

    `accepted` holds the rows to keep, each `source_key` once; `rejected` has row, raw, code (of the first reason) and
    reasons (all, in words); `repeated` counts rows that say the same as an earlier one. `seen` are the rows of the file
    up to here (see `SEEN`).
    """

    accepted: pl.DataFrame
    rejected: pl.DataFrame
    repeated: int
    findings: pl.DataFrame
    seen: pl.DataFrame

    def told(self) -> Checked:
        """Return what there is to tell, without the rows that were accepted: by then the plan holds them."""
        return replace(self, accepted=self.accepted.clear(), seen=self.seen.clear())


def checked(
    records: pl.DataFrame, fields: Fields, seen: pl.DataFrame | None = None, asked: Standards | None = None
) -> Checked:
    """Return the records apart: kept, rejected for what they lack, and repeated within the file.

    A second row under a key that says something else becomes a record of its own, so that neither is lost. `seen` are
    the rows of the parts of the file before this one, None for the first. `asked` is what the rules ask of the rows,
    None: what `fields` requires of every row.
    """
    asked = asked or validation.Standards(requirements.gathered(fields))
    nobody, broken = _nobody(records, fields), validation.broken(records, asked, first=seen is None)
    errors = pl.col("severity") == findings.ERROR
    # what else a row without anybody lacks is of interest only where it, too, keeps the row out
    said = broken.filter(errors | pl.col("row").is_null() | ~pl.col("row").is_in(nobody["row"].implode()))
    wrong = pl.concat([nobody, said.filter(errors)])
    set_aside = rejected(records, wrong, asked)
    kept = model.where(records, ~pl.col("row").is_in(set_aside["row"].implode()))
    earlier = pl.DataFrame(schema=SEEN) if seen is None else seen
    keyed = with_own_keys(kept, earlier)
    repeated = keyed.filter(pl.col("row") != pl.col("alike"))
    accepted = model.where(keyed, pl.col("row") == pl.col("alike"))
    other = accepted.filter(pl.col("row") != pl.col("first"))
    return Checked(
        accepted.drop("first", "alike"),
        set_aside,
        repeated.height,
        findings.joined(
            nobody,
            said,
            findings.found(repeated.select("row", suggestion=pl.col("alike").cast(pl.String)), "row.repeated"),
            findings.found(other.select("row", suggestion=pl.col("first").cast(pl.String)), "row.key"),
        ),
        pl.concat([earlier, seen_of(accepted)]),
    )


def _nobody(records: pl.DataFrame, fields: Fields) -> pl.DataFrame:
    """Return a finding for each row with cells left over, and for each that says of nobody who it is."""
    nobody = ~pl.any_horizontal(validation.present(name) for name in fields.identity)
    return pl.concat(
        [
            findings.found(records.filter(pl.col("surplus")).select("row"), "row.ragged"),
            findings.found(records.filter(nobody).select("row"), "row.empty"),
        ]
    )


def rejected(records: pl.DataFrame, wrong: pl.DataFrame, asked: Standards) -> pl.DataFrame:
    """Return the rows with errors (columns row, raw, code of the first, and all reasons in words)."""
    of = pl.coalesce("column", pl.col("field").replace(dict(asked.titles)))
    told = wrong.with_columns(says=findings.sentences(wrong)).select(
        "row", "code", reasons=pl.concat_str(of, "says", separator=": ", ignore_nulls=True)
    )
    whole = told.unique(maintain_order=True).group_by("row").agg(pl.first("code"), pl.col("reasons").str.join("; "))
    return records.select("row", "raw").join(whole, on="row", maintain_order="left")


def with_own_keys(kept: pl.DataFrame, seen: pl.DataFrame) -> pl.DataFrame:
    """Give rows that say something else than the first row of their key a key of their own.

    Adds `first`, the first row of the key as the source gave it, and `alike`, the first row that says the same.
    """
    here = kept.with_columns(key=_short("source_key"), says=_short("raw"))
    before = _joined(here, seen)
    first = {
        "first": pl.coalesce(before["row"], pl.col("row").first().over("key")),
        "first_says": pl.coalesce(before["raw"], pl.col("says").first().over("key")),
    }
    own = pl.when(pl.col("says") != pl.col("first_says")).then(own_key())
    keyed = here.with_columns(**first).with_columns(source_key=pl.coalesce(own, "source_key"))
    keyed = keyed.drop("key", "says", "first_says").with_columns(key=_short("source_key"))
    alike = pl.coalesce(_joined(keyed, seen)["row"], pl.col("row").first().over("key"))
    return keyed.with_columns(alike=alike).drop("key")


def seen_of(accepted: pl.DataFrame) -> pl.DataFrame:
    """Return what is to be kept of rows, for the parts of the file after them (columns: `SEEN`)."""
    return accepted.select(key=_short("source_key"), raw=_short("raw"), row="row")


def _joined(rows: pl.DataFrame, seen: pl.DataFrame) -> pl.DataFrame:
    """Return for each of `rows` what was seen under its key; there may be many millions of others, so they go first."""
    near = seen.filter(pl.col("key").is_in(rows["key"].implode()))
    return rows.select("key").join(near, on="key", how="left", maintain_order="left")


def _short(name: str) -> pl.Expr:
    """Return 64 bits for each text. A row counts as repeated only where both its key and its text agree in theirs."""
    return pl.col(name).hash(seed=1)


def own_key() -> pl.Expr:
    """Return a key for rows that say something new under a known one, the same at every import."""
    short: pl.Expr = pl.col("raw").chash.blake3().str.head(8)  # type: ignore[attr-defined]  # a namespace of polars_hash
    return pl.format("{}#{}", "source_key", short)
