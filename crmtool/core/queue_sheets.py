"""The review queue as a sheet that colleagues fill in: a row for each pair, both sides' values, an empty verdict.

To add a word for a verdict: `_WORDS`; a column to look at: `SHOWN`.
"""

from __future__ import annotations

import polars as pl

from crmtool.core import guards, model
from crmtool.core.folding import folded

#: What is shown of each contact; of channels all of a kind.
SHOWN = (
    "name",
    "kind",
    "company",
    "job_title",
    "birthday",
    "city",
    "address",
    "tax_id",
    "emails",
    "phones",
    "tags",
    "source",
    "owner",
    "note",
)
VERDICT, COMMENT, GUARD = "verdict", "comment", "row check"
LEFT, RIGHT = "left id", "right id"

_WORDS = {
    "same": ("same", "yes", "y", "merge", "+", "1", "да", "д", "так", "один", "одно", "те же", "тот же", "объединить"),
    "different": ("different", "no", "n", "-", "0", "нет", "н", "ні", "разные", "різні", "другой", "інший"),
    "unsure": ("unsure", "?", "skip", "не знаю", "пропустить", "не впевнений", "пропустити"),
}
_SAID = {folded(word): verdict for verdict, words in _WORDS.items() for word in words}


def sheet(pairs: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """Return the queue as it is written, texts under headings.

    `pairs` has left_id, right_id, weight, certain and reason; `people` the root contacts as `guarded` gives them.
    """
    sides = []
    for side in ("left", "right"):
        named = {name: f"{name.replace('_', ' ')} ({side})" for name in SHOWN}
        there = pairs.select(id=f"{side}_id").join(people, on="id", how="left", maintain_order="left")
        sides.append(there.select(*SHOWN, guard="guard").rename({**named, "guard": f"guard {side}"}))
    shown = [f"{name.replace('_', ' ')} ({side})" for name in SHOWN for side in ("left", "right")]
    whole = pl.concat([pairs, *sides], how="horizontal")
    nothing = pl.lit(None, pl.String)
    return whole.select(
        nothing.alias(VERDICT),
        nothing.alias(COMMENT),
        pl.col("left_id").alias(LEFT),
        pl.col("right_id").alias(RIGHT),
        pl.col("weight").round(1).alias("bits"),
        pl.col("reason").alias("because of"),
        *shown,
        pl.concat_str("guard left", "guard right").alias(GUARD),
    ).cast(pl.String)


def guarded(contacts: pl.DataFrame, channels: pl.DataFrame, tags: pl.DataFrame) -> pl.DataFrame:
    """Return root contacts as they are shown (id and `SHOWN`) with a guard over what they say.

    `contacts` are rows of that table; `channels` has root_id, kind, value; `tags` root_id, tag.
    """
    listed = {
        name: _listed(rows, of)
        for name, of, rows in (
            ("emails", "value", channels.filter(pl.col("kind") == "email")),
            ("phones", "value", channels.filter(pl.col("kind") == "phone")),
            ("tags", "tag", tags),
        )
    }
    for name, lists in listed.items():
        contacts = contacts.join(
            lists.rename({"listed": name}), left_on="id", right_on="root_id", how="left", maintain_order="left"
        )
    said = contacts.select("id", "root_id", "kind", "name", *model.FIELDS, "custom", *listed)
    return contacts.select("id", *SHOWN).with_columns(guards.of_rows(said))


def _listed(rows: pl.DataFrame, of: str) -> pl.DataFrame:
    return rows.group_by("root_id").agg(listed=pl.col(of).unique().sort().str.join(", "))


def verdicts(texts: pl.Series) -> pl.Series:
    """Return what cells of the verdict column say: same, different, unsure; null for empty, "" for anything else.

    >>> verdicts(pl.Series(["Да ", "DIFFERENT", "може", None])).to_list()
    ['same', 'different', '', None]
    """
    known = {text: _SAID.get(folded(text), "" if text.strip() else None) for text in texts.drop_nulls().unique()}
    return texts.replace_strict(known, default=None, return_dtype=pl.String)
