"""Rows that come under a key that somebody else has: two lists that number their rows from 1 are not one list.

A table of no known source has only its own word for its keys. There a row is somebody else than the record under its
key where both have a name, and they have no word of it, no e-mail, phone, messenger or site, no birthday and no tax
number in common. It is taken as a new record then, under a key of its own, and told.
"""

from __future__ import annotations

import polars as pl

from crmtool.core import findings, model
from crmtool.core.comparators import names

_LONG = 2  # letters of a word that says something
_CALLED = ("name", "given_name", "middle_name", "family_name")
_SAME = ("birthday", "tax_id")


def strangers(rows: pl.DataFrame, clean: pl.Series) -> pl.Series:
    """Tell which rows (columns of `model.CLEAN`) are somebody else than the cleaned record beside them (null: none)."""
    places = clean.is_not_null().arg_true()
    found = pl.Series([False]).new_from_index(0, len(clean)) if len(clean) else pl.Series(dtype=pl.Boolean)
    if not len(places):
        return found
    new, old = (_said(rows[places]), _said(model.decoded(clean.gather(places))))
    both = pl.concat(
        [new.select(pl.all().name.prefix("new_")), old.select(pl.all().name.prefix("old_"))], how="horizontal"
    )
    common = [
        pl.col(f"new_{part}").list.set_intersection(f"old_{part}").list.len() > 0 for part in ("words", "reached")
    ]
    named = (pl.col("new_words").list.len() > 0) & (pl.col("old_words").list.len() > 0)
    other = both.select((named & ~pl.any_horizontal(common)).alias("other"))["other"]
    return found.scatter(places, other)


def told(rows: pl.Series) -> pl.DataFrame:
    """Return the findings about rows (their numbers) that came under the key of somebody else."""
    return findings.found(pl.DataFrame({"row": rows.cast(pl.Int64)}), "key.other")


def _said(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the words of each name, and what else tells who it is (lists)."""
    person = pl.concat_str(_CALLED, separator=" ", ignore_nulls=True)
    called = rows.select(pl.when(person != "").then(person).otherwise("company").alias("called"))["called"]
    words = names.match_key(called).str.split(" ").fill_null([])
    long = words.list.eval(pl.element().filter(pl.element().str.len_chars() >= _LONG))
    channels = pl.col("channels").list.eval(
        pl.element().struct.field("kind") + " " + pl.element().struct.field("value")
    )
    facts = [pl.when(pl.col(name).is_not_null()).then(pl.concat_list(name)).otherwise([]) for name in _SAME]
    reached = rows.select(pl.concat_list(channels.fill_null([]), *facts).alias("reached"))["reached"]
    return pl.DataFrame({"words": long, "reached": reached})
