"""What a row would have to say to be somebody who was erased: texts whose keyed hashes are kept, and nothing else.

An address of one's own tells a person alone; one that others use too (a switchboard, `info@`) only with the name. A row
that says exactly what an erased one said is that row, whatever is in it. To know a person by more: a line in `texts`.
"""

from __future__ import annotations

import polars as pl

from crmtool.core.folding import folds

#: What a text is of: `of` is the contact or the row it was made of, `alone` whether it tells a person by itself.
TEXTS: dict[str, pl.DataType] = {"of": pl.Int64(), "kind": pl.String(), "text": pl.String(), "alone": pl.Boolean()}
#: Kinds of channel that are a person's; a web site is not.
REACHED = ("email", "phone", "messenger")
_SHARED = ("role", "fixed", "toll_free", "premium_rate", "shared_cost", "uan")  # types of channels that many use
_NAMED = " and name"
_LEAST = 2  # words of a name that tell one person from others at the same desk


def texts(rows: pl.DataFrame) -> pl.DataFrame:
    """Return all that tells the people of some rows (columns: `TEXTS`), each once.

    `rows` has `of`, the columns of `model.CLEAN`, origin (the source of its record), and raw (the cells as JSON).
    """
    people = rows.with_columns(called=_called(rows))
    reached = _reached(people)
    named = reached.filter(pl.col("called").is_not_null()).with_columns(
        kind=pl.col("kind") + _NAMED, text=pl.format("{}\n{}", "text", "called"), alone=pl.lit(value=True)
    )
    return pl.concat(
        [
            reached.select(*TEXTS),
            named.select(*TEXTS),
            _of(people, "tax_id", pl.col("tax_id")),
            _of(people, "name and birthday", pl.format("{}\n{}", "called", "birthday")),
            written(people),
        ]
    ).unique(maintain_order=True)


def written(rows: pl.DataFrame) -> pl.DataFrame:
    """Return what tells rows by their cells alone (columns: `TEXTS`); `rows` has of, origin and raw."""
    return _of(rows, "row", pl.format("{}\n{}", "origin", "raw"))


def addresses(rows: pl.DataFrame) -> pl.DataFrame:
    """Return what tells the people of rows with one address each (columns: `TEXTS`); `rows` has of, kind and value."""
    known = rows.filter(pl.col("kind").is_in(REACHED) & pl.col("value").is_not_null())
    return known.select("of", "kind", text=pl.col("value").str.to_lowercase(), alone=pl.lit(value=True))


def _of(rows: pl.DataFrame, kind: str, text: pl.Expr) -> pl.DataFrame:
    told = rows.select("of", kind=pl.lit(kind), text=text, alone=pl.lit(value=True))
    return told.filter(pl.col("text").is_not_null()).select(*TEXTS)


def _reached(people: pl.DataFrame) -> pl.DataFrame:
    """Return the addresses of people (columns: `TEXTS`, called)."""
    long = people.select("of", "called", "channels").filter(pl.col("channels").list.len() > 0)
    each = long.explode("channels").unnest("channels").filter(pl.col("kind").is_in(REACHED))
    return each.select(
        "of",
        "called",
        "kind",
        text=pl.col("value").str.to_lowercase(),
        alone=~pl.col("type").is_in(_SHARED).fill_null(value=False),
    )


def _called(rows: pl.DataFrame) -> pl.Series:
    """Return what somebody is called, whatever the order and spelling of the words; null where that tells nobody."""
    parts = pl.concat_str("given_name", "family_name", separator=" ", ignore_nulls=True)
    split = pl.any_horizontal(pl.col("given_name", "family_name").is_not_null())
    whole = rows.select(name=pl.when(split).then(parts).otherwise(pl.coalesce("name", "company")))["name"]
    words = folds(whole).str.extract_all(r"[\p{L}\p{N}]+").list.unique().list.sort()
    return words.to_frame("words").select(
        called=pl.when(pl.col("words").list.len() >= _LEAST).then(pl.col("words").list.join(" "))
    )["called"]
