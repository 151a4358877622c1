"""Rows of a journal as interactions: when, how and with whom we spoke, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from crmtool.core import findings, model
from crmtool.core.journal import moments, people, words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crmtool.core.journal.cells import Ways

#: Columns of an interaction that a row of a journal fills.
FIELDS = (
    *("kind", "at", "author", "channel", "address", "direction", "seconds", "subject", "body", "outcome", "tags"),
    *("next_step", "next_on", "thread"),
)
#: A journal needs one column of each group.
ASKED = (("at", "date"),)
_DAY = 86_400  # seconds


def built(rows: pl.DataFrame, ways: Ways, ours: Iterable[str] = (), kind: str | None = None) -> pl.DataFrame:
    """Return rows of a journal (`cells.Cleaned.rows`) with the columns of an interaction, but whom it is about.

    What tells that stays beside them: contact, contact_key, email, phone, messenger, caller, called. `ours` are numbers
    and addresses of our own, or "@domain"; `kind` is that of rows which say none. Rows without a moment have null `at`.
    """
    frame = _filled(rows)
    frame = frame.with_columns(at=_at(frame, ways))
    frame = _sided(frame.with_columns(_ways_of(frame)), ours)
    return frame.with_columns(kind=_kind(kind), seconds=_seconds()).drop("minutes", "ended")


def undated(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a finding for each row that says no moment."""
    return findings.found(frame.filter(pl.col("at").is_null()).select("row"), "journal.undated")


def _filled(rows: pl.DataFrame) -> pl.DataFrame:
    texts = [*FIELDS, "date", "time", "minutes", "ended", "name", "attachments", "caller", "called", *people.ADDRESSES]
    return rows.with_columns(pl.lit(None, pl.String).alias(name) for name in texts if name not in rows.columns)


def _at(frame: pl.DataFrame, ways: Ways) -> pl.Series:
    """Return moments; of rows that have a day and a time in columns of their own, those put together."""
    if frame["date"].null_count() == frame.height:
        return frame["at"]
    whole = frame.select(pl.concat_str("date", "time", separator=" ", ignore_nulls=True).alias("value"))
    whole = whole.with_columns(value=pl.when(frame["date"].is_not_null()).then("value"))
    read = moments.moments(whole["value"].drop_nulls().unique(maintain_order=True), ways.zone, ways.settings)
    told = whole.join(read, on="value", how="left", maintain_order="left")["clean"]
    return pl.select(pl.coalesce(frame["at"], told)).to_series()


def _ways_of(frame: pl.DataFrame) -> list[pl.Expr]:
    """Return direction and outcome, apart where one word says both."""
    parts = frame["direction"].str.split("/")
    said = parts.list.get(1, null_on_oob=True)
    return [
        pl.lit(parts.list.get(0, null_on_oob=True)).alias("direction"),
        pl.coalesce("outcome", pl.lit(said)).alias("outcome"),
    ]


def _sided(frame: pl.DataFrame, ours: Iterable[str]) -> pl.DataFrame:
    """Tell the other side of a call from ours: by its direction, or by what is a number of ours or an extension."""
    if frame["caller"].null_count() == frame["called"].null_count() == frame.height:
        return frame
    own = pl.Series(sorted(ours), dtype=pl.String).implode()
    theirs = {side: pl.col(side).is_not_null() & ~pl.col(side).is_in(own) for side in ("caller", "called")}
    one_sided = (
        pl.when(theirs["caller"] & ~theirs["called"])
        .then(pl.lit("in"))
        .when(theirs["called"] & ~theirs["caller"])
        .then(pl.lit("out"))
    )
    frame = frame.with_columns(direction=pl.coalesce("direction", one_sided))
    coming, going = pl.col("direction") == "in", pl.col("direction") == "out"
    other = pl.when(coming).then("caller").when(going).then("called")
    return frame.with_columns(
        phone=pl.coalesce("phone", other),
        caller=pl.when(pl.col("direction").is_null()).then("caller"),
        called=pl.when(pl.col("direction").is_null()).then("called"),
    )


def _kind(usual: str | None) -> pl.Expr:
    if usual:
        return pl.col("kind").fill_null(usual)
    spoken = pl.any_horizontal(pl.col("phone", "caller", "called").is_not_null())
    guess = pl.when(spoken).then(pl.lit("call")).when(pl.col("email").is_not_null()).then(pl.lit("email"))
    return pl.coalesce("kind", guess.otherwise(pl.lit("note")))


def _seconds() -> pl.Expr:
    """Return how long it took: as said, or from the beginning to the end on days that agree."""
    end, start = (pl.col(name).str.to_datetime("%Y-%m-%dT%H:%M:%S%:z", strict=False) for name in ("ended", "at"))
    lasted = (end - start).dt.total_seconds()
    said = pl.coalesce("seconds", "minutes").cast(pl.Int64, strict=False)
    return pl.coalesce(said, pl.when(lasted.is_between(0, _DAY * 31)).then(lasted)).cast(pl.Int64)


def addressed(frame: pl.DataFrame, chosen: pl.DataFrame, ignored: pl.Series) -> pl.DataFrame:
    """Return interactions with whom they are about (`people.chosen`), through which channel and address.

    `ignored` are addresses that a person wants to hear nothing of; their rows do not wait.
    """
    met = frame.drop("channel", "address").join(chosen, on="row", how="left", maintain_order="left")
    told = pl.col("kind_right").is_in([*people.ADDRESSES, "before"])
    address = pl.coalesce(pl.when(told).then("value"), *people.ADDRESSES, "caller", "name")
    met = met.with_columns(address=address)
    by_kind = pl.col("kind").replace_strict(dict(words.CHANNEL_OF), default=None, return_dtype=pl.String)
    own = [pl.when(pl.col(name) == pl.col("address")).then(pl.lit(name)) for name in people.ADDRESSES]
    met = met.with_columns(
        channel=pl.coalesce(*own, pl.when(pl.col("caller").is_not_null()).then(pl.lit("phone")), by_kind)
    )
    unheard = pl.col("contact_id").is_null() & pl.col("address").is_in(ignored.implode())
    return met.with_columns(ignored=pl.when(unheard).then(1).cast(model.TABLES["interaction"]["ignored"]))


def waiting(frame: pl.DataFrame) -> pl.DataFrame:
    """Return findings about the rows whose person is not known, or could be several."""
    nobody = frame.filter(pl.col("contact_id").is_null() & pl.col("ignored").is_null())
    code = pl.when(pl.col("several").fill_null(value=False)).then(pl.lit("person.several"))
    return findings.found(nobody.select("row", value="address", code=code.otherwise(pl.lit("person.unknown"))))
