"""Whom a row of a journal is about: by a contact's number, a key of its source, an e-mail, a phone, a messenger.

Last comes whose this address was held to be before. The first of these that one contact alone has decides. Where
several have it, or none, the row waits for a person.
"""

from __future__ import annotations

import polars as pl

ADDRESSES = ("email", "phone", "messenger")
#: An address that may tell whom a row is about: its row, its kind of channel and its value, the surest first.
NAMED: dict[str, pl.DataType] = {"row": pl.Int64(), "kind": pl.String(), "value": pl.String(), "turn": pl.Int64()}
#: Who has an address, a key or a number: `kind` is a kind of channel, "contact" or "key".
HOLDERS: dict[str, pl.DataType] = {"kind": pl.String(), "value": pl.String(), "contact_id": pl.Int64()}
_TURNS = 64  # more than there are turns


def named(rows: pl.DataFrame) -> pl.DataFrame:
    """Return what tells whom rows are about (columns: `NAMED`), of whatever of it they have.

    Of a talk between two numbers, of which it is not known whose is whose, both may tell it.
    """
    ranked = [("contact", "contact"), ("contact_key", "key"), *((kind, kind) for kind in ADDRESSES)]
    ranked += [("caller", "phone"), ("called", "phone")]
    parts = [
        rows.select("row", kind=pl.lit(kind), value=pl.col(name), turn=pl.lit(turn, pl.Int64)).drop_nulls("value")
        for turn, (name, kind) in enumerate(ranked)
        if name in rows.columns
    ]
    known = pl.concat([pl.DataFrame(schema=NAMED), *parts])
    before = known.filter(~pl.col("kind").is_in(["contact", "key"]))
    return pl.concat([known, before.with_columns(kind=pl.lit("before"), turn=pl.col("turn") + len(ranked))])


def chosen(asked: pl.DataFrame, holders: pl.DataFrame) -> pl.DataFrame:
    """Return whom rows are about (columns row, contact_id, kind, value, several), one row for each that names any.

    `asked` are `NAMED`, `holders` the contacts that have them (by their roots). `kind` and `value` are what told it, or
    where nothing did the first address; `several`: more than one contact has what the row names.
    """
    counted = (
        holders.drop_nulls("contact_id")
        .unique()
        .group_by("kind", "value")
        .agg(contact_id=pl.col("contact_id").first(), people=pl.col("contact_id").n_unique())
    )
    met = asked.join(counted, on=["kind", "value"], how="left", maintain_order="left")
    sure = (pl.col("people") == 1).fill_null(value=False)
    place = (pl.col("row") * 2 + (~sure).cast(pl.Int64)) * _TURNS + pl.col("turn")  # one number sorts sooner than three
    best = met.with_columns(place=place).sort("place")
    torn = best.filter(pl.col("people") > 1)["row"].unique()
    return best.filter(pl.col("row").ne_missing(pl.col("row").shift())).select(
        "row",
        "kind",
        "value",
        contact_id=pl.when(sure).then("contact_id"),
        several=~sure & pl.col("row").is_in(torn.implode()),
    )
