"""Whole names of people, split into parts; and single parts of names.

A name becomes words; each distinct word gets a code (`name_words`), each distinct row of codes is decided once
(`name_order`), and the words are gathered column-wise. What is not certain stays whole, with name.unclear.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from crmtool.core.model import NAME_PARTS
from crmtool.core.normalizers.cells import answered, changed, prepared
from crmtool.core.normalizers.name_order import parts_of, stable
from crmtool.core.normalizers.name_words import cased, code_of
from crmtool.core.normalizers.registry import normalizer

if TYPE_CHECKING:
    from crmtool.core.normalizers.registry import Settings

EXTRA: dict[str, pl.DataType] = {**dict.fromkeys(NAME_PARTS, pl.String()), "gender": pl.String()}

_DECISION: dict[str, pl.DataType] = {
    "signature": pl.String(),
    "latin": pl.Boolean(),
    **{f"{part}_places": pl.List(pl.Int64) for part in NAME_PARTS},
    "gender": pl.String(),
    "decided": pl.Boolean(),
    "stable": pl.Boolean(),
}


@normalizer("person")
def person(values: pl.Series, settings: Settings) -> pl.DataFrame:
    """Return names in the order prefix, given, middle, family, suffix, with the parts as columns of their own.

    Adds `prefix`, `given_name`, `middle_name`, `family_name`, `suffix` and `gender` ("male", "female", null: the words
    do not tell). Words all in capitals or all in small letters get their case. An uncertain name is kept as written,
    with null parts and name.unclear. Where the rules alone tell the order, `clean` keeps the order as written, so that
    it reads the same again.

    >>> from crmtool.core.normalizers.registry import Settings
    >>> person(pl.Series(["ПЕТРОВ Иван Сергеевич"]), Settings())["clean"].item()
    'Иван Сергеевич Петров'
    """
    names = _worded(prepared(values, settings))
    names = names.join(
        _decisions(names, settings.name_order), on=["signature", "latin"], how="left", maintain_order="left"
    )
    decided = pl.col("decided").fill_null(value=False)
    parts = [_gathered(f"{part}_places").alias(part) for part in NAME_PARTS]
    names = names.with_columns(parts).with_columns(
        clean=pl.when(decided & pl.col("stable")).then(_shown()).when(decided).then(_as_written()).otherwise("text"),
        code=pl.when(~decided & pl.col("text").is_not_null()).then(pl.lit("name.unclear")).otherwise("code"),
    )
    return answered(names.with_columns(rule=changed(_rule())), EXTRA)


@normalizer("name_part")
def name_part(values: pl.Series, settings: Settings) -> pl.DataFrame:
    """Return single parts of names, tidy, with the case mended where all letters are capitals or all are small.

    >>> from crmtool.core.normalizers.registry import Settings
    >>> name_part(pl.Series(["ИВАНОВА-ПЕТРОВА"]), Settings())["clean"].item()
    'Иванова-Петрова'
    """
    parts = prepared(values, settings).with_columns(words=pl.col("text").str.split(" "))
    right = _table(parts["words"], "right")
    parts = parts.with_columns(clean=_words_by("words", right).list.join(" "))
    return answered(parts.with_columns(rule=changed("name.case")))


def _worded(names: pl.DataFrame) -> pl.DataFrame:
    """Return `names` with `words` (a list, in their right case), their `signature`, and whether they are `latin`."""
    spaced = pl.col("text").str.replace_all(r"\s*,[\s,]*", " , ").str.replace_all(r"\b(\p{L})\.\s*", "${1}. ")
    names = names.with_columns(words=spaced.str.strip_chars(" ,").str.split(" "))
    table = _table(names["words"], "right", "code")
    return names.with_columns(
        signature=_words_by("words", table.select("word", "code")).list.join(""),
        words=_words_by("words", table.select("word", "right")),
        latin=~pl.col("text").str.contains(r"\p{Cyrillic}"),
    )


def _table(words: pl.Series, *columns: str) -> pl.DataFrame:
    """Return the distinct words with their `right` case and `code`, as asked."""
    distinct = words.explode(empty_as_null=False, keep_nulls=False).unique()
    made = {"right": cased, "code": code_of}
    data = {name: [made[name](word) for word in distinct] for name in columns}
    return pl.DataFrame({"word": distinct, **data}, schema=dict.fromkeys(("word", *columns), pl.String))


def _words_by(column: str, table: pl.DataFrame) -> pl.Expr:
    """Return lists of words translated by a table of two columns."""
    old, new = table.get_columns()
    return pl.col(column).list.eval(pl.element().replace_strict(old, new, return_dtype=pl.String))


def _decisions(names: pl.DataFrame, order: str) -> pl.DataFrame:
    """Return what each distinct signature means; see `_DECISION`."""
    distinct = names.select("signature", "latin").drop_nulls().unique()
    rows = [(signature, latin, *_decision(signature, latin, order)) for signature, latin in distinct.iter_rows()]
    return pl.DataFrame(rows, schema=_DECISION, orient="row")


def _decision(signature: str, latin: bool, order: str) -> tuple[object, ...]:  # noqa: FBT001
    """Return the places of each part, the gender, whether there is a decision, and whether it reads the same again."""
    parts = parts_of(signature, latin=latin, order=order)
    if parts is None:
        return (*([None] * len(NAME_PARTS)), None, False, False)
    places = [list(getattr(parts, part)) for part in NAME_PARTS]
    return (*places, parts.gender, True, stable(signature, parts, latin=latin, order=order))


def _gathered(places: str) -> pl.Expr:
    """Return the words at some places, as one text; null where there are none."""
    return pl.col("words").list.gather(pl.col(places)).list.join(" ").replace("", None)


def _shown() -> pl.Expr:
    """Return the display name."""
    return pl.concat_str(*NAME_PARTS, separator=" ", ignore_nulls=True)


def _as_written() -> pl.Expr:
    """Return the words in the order in which they were written."""
    return pl.col("words").list.join(" ").str.replace_all(" , ", ", ", literal=True)


def _rule() -> pl.Expr:
    """Return what changed a name: its order, its case, or nothing but spaces."""
    return (
        pl.when(pl.col("clean").str.to_lowercase() == pl.col("value").str.to_lowercase())
        .then(pl.lit("name.case"))
        .when("decided")
        .then(pl.lit("name.order"))
        .otherwise(pl.lit("text.spaces"))
    )
