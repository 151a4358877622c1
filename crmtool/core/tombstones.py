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
_EMAIL = r"[^\s<>,;:\"'()\[\]|]+@[^\s<>,;:\"'()\[\]|]+"
_NUMBER = r"\+?\d[\d\s().\-]{5,}\d"
_HOME = {"^8": "7", "^0": "380", "^9": "79"}  # how a number at home begins -> how it begins in the world
NAMED = " and name"  # ends the kind of an address together with the name
_LEAST = 2  # words of a name that tell one person from others at the same desk


def texts(rows: pl.DataFrame) -> pl.DataFrame:
    """Return all that tells the people of some rows (columns: `TEXTS`), each once.

    `rows` has `of`, the columns of `model.CLEAN`, origin (the source of its record), and raw (the cells as JSON).
    """
    people = rows.with_columns(called=_called(rows))
    reached = _reached(people)
    named = reached.filter(pl.col("called").is_not_null()).with_columns(
        kind=pl.col("kind") + NAMED, text=pl.format("{}\n{}", "text", "called"), alone=pl.lit(value=True)
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


def mentioned(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the addresses that stand in texts (columns: `TEXTS`); `rows` has of and value.

    A phone is told in the ways it may be meant: as written, and from Russia and Ukraine as people dial it at home.
    """
    small = rows.select("of", text=pl.col("value").str.to_lowercase())
    emails = small.select("of", kind=pl.lit("email"), text=pl.col("text").str.extract_all(_EMAIL))
    digits = pl.col("text").str.extract_all(_NUMBER).list.eval(pl.element().str.replace_all(r"\D", ""))
    home = [digits.list.eval(pl.element().str.replace(begin, code)) for begin, code in _HOME.items()]
    ways = pl.concat_list(digits, *home).list.eval(pl.concat_str(pl.lit("+"), pl.element())).list.unique()
    phones = small.select("of", kind=pl.lit("phone"), text=ways)
    both = pl.concat([emails, phones]).explode("text", empty_as_null=True).drop_nulls("text")
    return both.with_columns(alone=pl.lit(value=True)).select(*TEXTS)


def whole(cells: pl.DataFrame) -> pl.DataFrame:
    """Return the addresses that cells (columns of, value) are, also such as could not be cleaned (columns: `TEXTS`)."""
    return mentioned(cells.filter(pl.col("value").str.contains(rf"^\s*(?:{_EMAIL}|{_NUMBER})\s*$")))


def sealing(told: pl.DataFrame) -> pl.Series:
    """Return the texts of which the marks are keyed hashes."""
    return told.select(pl.format("{}\n{}", "kind", "text").alias("text"))["text"]


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
