"""The consents that rows of a file bring: columns mapped to `consent.PURPOSE` become entries of the ledger.

`consent.PURPOSE` says the state in a word of `consents.toml`; beside it `.at` says the day, `.until` the last day,
`.channel`, `.source`, `.text` (the version of the wording) and `.evidence` what else is known. Only what a row says
anew is an entry. A consent without a day counts from the day of the import, and only where the contact has said nothing
else: an old list must not outdo a withdrawal. To add a part: a name in `_PARTS`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from crmtool.core import consents, findings, model
from crmtool.core.folding import folded, folds
from crmtool.core.plans import Edit, edit

if TYPE_CHECKING:
    import datetime as dt

    from crmtool.core.consent_rules import Consents
    from crmtool.core.imports.linking import Met

_PARTS = ("at", "until", "channel", "source", "text", "evidence")
_SAID = ("id", "purpose", "word", *_PARTS)
_NAMES = rf"^consent\.([^.]+)(?:\.({'|'.join(_PARTS)}))?$"


class Told(NamedTuple):
    """Entries for the ledger, and what there is to say about what rows said."""

    edit: Edit
    findings: pl.DataFrame


class File(NamedTuple):
    """Where rows come from, and when."""

    name: str
    source: str
    today: dt.date | None  # without it an undated consent is not kept


def told(met: Met, known: pl.DataFrame, file: File, rules: Consents, next_id: int, number: int) -> Told:
    """Return the entries that new and changed rows bring; `known` is the ledger of the contacts that were there."""
    rows = pl.concat([met.updated.select(met.fresh.columns), met.fresh])
    new = _said(rows.select("id", "custom"))
    if new.is_empty():
        return Told(edit("consent"), findings.empty())
    before = _said(pl.concat([met.before.select("id"), model.decoded(met.before["clean"])], how="horizontal"))
    fresh = new.join(before, on=list(_SAID), how="anti", nulls_equal=True, maintain_order="left")
    entries = _entries(fresh.filter(~folds(fresh["word"]).is_in(list(map(folded, rules.silent)))), rows, file, rules)
    judged = entries.with_columns(code=_code(entries, known, rules))
    kept = judged.filter(pl.col("code").is_null() | (pl.col("code") == "consent.word"))
    return Told(
        edit(
            "consent",
            created=kept.with_columns(
                id=pl.int_range(pl.len(), dtype=pl.Int64) + next_id, changeset_id=pl.lit(number, pl.Int64)
            ),
        ),
        findings.found(judged.select("row", "code", column=_field(), field=_field(), value="word")),
    )


def _said(rows: pl.DataFrame) -> pl.DataFrame:
    """Return what records say of consents, one line for each purpose they name a state of (columns: _SAID)."""
    own = rows.select("id", "custom").filter(pl.col("custom").list.len() > 0).explode("custom").unnest("custom")
    parts = own.with_columns(
        purpose=pl.col("field").str.extract(_NAMES, 1), part=pl.col("field").str.extract(_NAMES, 2).fill_null("")
    ).filter(pl.col("purpose").is_not_null())
    beside = [pl.col("value").filter(pl.col("part") == part).first().alias(part) for part in _PARTS]
    words = parts.filter(pl.col("part") == "").select("id", "purpose", word="value")  # there may be several
    of_rows = parts.group_by("id", "purpose").agg(beside)
    return words.join(of_rows, on=["id", "purpose"], maintain_order="left").select(*_SAID)


def _entries(said: pl.DataFrame, rows: pl.DataFrame, file: File, rules: Consents) -> pl.DataFrame:
    """Return lines of `_said` as entries of the ledger, with row, word, and whether they name a day."""
    today = file.today.isoformat() if file.today else None
    months = {name: f"{purpose.months}mo" for name, purpose in rules.purpose.items() if purpose.months}
    channels = {name: purpose.channel for name, purpose in rules.purpose.items()}
    dated = said.join(rows.select("id", "contact_id", "row"), on="id", maintain_order="left").with_columns(
        state=states(said["word"], rules), dated=pl.col("at").is_not_null(), at=pl.coalesce("at", pl.lit(today))
    )
    term = pl.col("purpose").replace_strict(months, default=None, return_dtype=pl.String)
    end = pl.col("at").str.head(consents.DAY).str.to_date(strict=False).dt.offset_by(term).dt.to_string("iso")
    return dated.select(
        "contact_id",
        "purpose",
        pl.coalesce("channel", pl.col("purpose").replace_strict(channels, default=None, return_dtype=pl.String)),
        pl.col("state").fill_null("unknown"),
        "at",
        pl.when(pl.col("state") == "given").then(pl.coalesce("until", end)).alias("until"),
        source=pl.coalesce("source", pl.lit(file.source)),
        text_version="text",
        evidence=pl.coalesce("evidence", pl.format("{}, row {}", pl.lit(file.name), "row")),
        row="row",
        word="word",
        heard=pl.col("state").is_not_null(),
        dated="dated",
        today=pl.lit(today),
    )


def states(words: pl.Series, rules: Consents) -> pl.Series:
    """Return the states that words stand for; null for a word that nobody knows."""
    meant = {folded(word): state for state in consents.STATES for word in getattr(rules, state)}
    return folds(words).replace_strict(meant, default=None, return_dtype=pl.String).alias("state")


def _code(entries: pl.DataFrame, known: pl.DataFrame, rules: Consents) -> pl.Expr:
    """Return what is to be said of entries; all but `consent.word` keep them out of the ledger."""
    other = (
        known.filter(pl.col("state") != "given").select("contact_id", "purpose", against=pl.lit(value=True)).unique()
    )
    key = ["contact_id", "purpose"]
    against = entries.select(key).join(other, on=key, how="left", maintain_order="left")["against"]
    outdone = ~pl.col("dated") & (pl.col("state") == "given") & pl.lit(against).is_not_null()
    return (
        pl.when(~pl.col("purpose").is_in(list(rules.purpose)))
        .then(pl.lit("consent.purpose"))
        .when(pl.col("at").is_null())
        .then(pl.lit("consent.undated"))
        .when((pl.col("at").str.head(consents.DAY) > pl.col("today")).fill_null(value=False))
        .then(pl.lit("consent.ahead"))
        .when(outdone)
        .then(pl.lit("consent.outdone"))
        .when(~pl.col("heard"))
        .then(pl.lit("consent.word"))
    )


def _field() -> pl.Expr:
    return pl.format("consent.{}", "purpose")
