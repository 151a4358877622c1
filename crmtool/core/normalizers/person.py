"""Whole names of people, split into parts; and single parts of names.

A cell is read (`name_cells`) and becomes words; each distinct word gets a code (`name_words`), each distinct row of
codes is decided once (`name_order`), and the words are gathered column-wise. What is not certain stays whole, with
name.unclear. An apostrophe is always ', the one that every keyboard has: Дем'янчук, O'Neill, whichever was written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from crmtool.core.model import NAME_PARTS
from crmtool.core.normalizers import name_cells
from crmtool.core.normalizers.cells import answered, changed, only, prepared
from crmtool.core.normalizers.name_order import parts_of, several, stable
from crmtool.core.normalizers.name_spelling import meant
from crmtool.core.normalizers.name_words import Code, cased, code_of, typed
from crmtool.core.normalizers.registry import normalizer

if TYPE_CHECKING:
    from crmtool.core.normalizers.registry import Settings

EXTRA: dict[str, pl.DataType] = {
    **dict.fromkeys(NAME_PARTS, pl.String()),
    "gender": pl.String(),
    "nickname": pl.String(),
    "status": pl.String(),
}

_DECISION: dict[str, pl.DataType] = {
    "signature": pl.String(),
    "latin": pl.Boolean(),
    **{f"{part}_places": pl.List(pl.Int64) for part in NAME_PARTS},
    "gender": pl.String(),
    "decided": pl.Boolean(),
    "stable": pl.Boolean(),
    "verdict": pl.String(),
}
_CELL: dict[str, pl.DataType] = {
    "body": pl.String(),
    "nickname": pl.String(),
    "cell_code": pl.String(),
    "cell_rule": pl.String(),
}
_APOSTROPHE = "([\\p{L}])[’ʼ‘`´′＇]"


@normalizer("person")
def person(values: pl.Series, settings: Settings) -> pl.DataFrame:
    """Return names in the order prefix, given, middle, nickname in quotes, family, suffix, with the parts as columns.

    Adds `prefix`, `given_name`, `middle_name`, `family_name`, `suffix`, `nickname`, `gender` ("male", "female", null:
    the words do not tell) and `status` ("valid"; "ambiguous": kept whole, or several persons; "invalid": no name;
    "unknown": a placeholder). Words all in capitals or all in small letters get their case. An uncertain name is kept
    as written, with null parts and a finding. Where the rules alone tell the order, `clean` keeps the order as
    written, so that it reads the same again.

    >>> from crmtool.core.normalizers.registry import Settings
    >>> person(pl.Series(["ПЕТРОВ Иван Сергеевич"]), Settings())["clean"].item()
    'Иван Сергеевич Петров'
    """
    names = _worded(_read(prepared(values, settings)))
    names = names.join(
        _decisions(names, settings.name_order), on=["signature", "latin"], how="left", maintain_order="left"
    )
    names = names.with_columns(_gathered(part).alias(part) for part in NAME_PARTS)
    names = names.with_columns(
        decided=pl.col("decided").fill_null(value=False),
        code=pl.coalesce("code", "cell_code", "verdict"),
    )
    names = names.with_columns(
        code=pl.coalesce(
            "code", pl.when(~pl.col("decided") & pl.col("text").is_not_null()).then(pl.lit("name.unclear"))
        ),
    )
    names = names.with_columns(clean=_clean(), status=_status()).with_columns(suggestion=_suggestion())
    return answered(names.with_columns(rule=changed(_rule())), EXTRA)


@normalizer("name_part")
def name_part(values: pl.Series, settings: Settings) -> pl.DataFrame:
    """Return single parts of names, tidy, with the case mended where all letters are capitals or all are small.

    >>> from crmtool.core.normalizers.registry import Settings
    >>> name_part(pl.Series(["ИВАНОВА-ПЕТРОВА"]), Settings())["clean"].item()
    'Иванова-Петрова'
    """
    parts = _lettered(prepared(values, settings))
    parts = parts.with_columns(words=pl.col("text").str.replace_all(_APOSTROPHE, "${1}'").str.split(" "))
    right = _table(parts["words"], "right")
    parts = parts.with_columns(
        clean=_words_by("words", right).list.join(" "),
        code=pl.coalesce("code", pl.when("repaired").then(pl.lit("name.letters"))),
    )
    parts = parts.with_columns(suggestion=_suggestion(), cell_rule=pl.lit(None, pl.String), decided=pl.lit(value=False))
    return answered(parts.with_columns(rule=changed(_rule())))


def _lettered(names: pl.DataFrame) -> pl.DataFrame:
    """Return `names` with words in two scripts put right, and whether they were (`repaired`)."""
    both = pl.col("text").str.contains(r"\p{Cyrillic}") & pl.col("text").str.contains(r"\p{Latin}")
    mixed = names.filter(both)["text"].unique()
    names = names.with_columns(
        text=pl.col("text").replace(mixed, pl.Series(map(name_cells.lettered, mixed), dtype=pl.String)), was="text"
    )
    return names.with_columns(repaired=pl.col("text") != pl.col("was"))


def _read(names: pl.DataFrame) -> pl.DataFrame:
    """Return `names` with `repaired` letters, what the cells say (columns of `_CELL`) and their words, `spaced`."""
    names = _lettered(names)
    special = names.filter(~pl.col("text").str.contains(name_cells.PLAIN)).select("text").unique()
    odd = special.filter(pl.col("text").str.contains(name_cells.ODD))["text"]
    cells = pl.DataFrame([(text, *name_cells.read(text)) for text in odd], {"text": pl.String(), **_CELL}, orient="row")
    special = special.join(cells.with_columns(odd=True), on="text", how="left").with_columns(
        body=pl.when("odd").then("body").otherwise("text").str.replace_all(_APOSTROPHE, "${1}'")
    )
    special = special.with_columns(spaced=_spaced(pl.col("body")), special=True)
    names = names.join(special, on="text", how="left", maintain_order="left")
    return names.with_columns(
        body=pl.when("special").then("body").otherwise("text"),
        spaced=pl.when("special").then("spaced").otherwise("text"),
        cell_code=pl.coalesce("cell_code", pl.when("repaired").then(pl.lit("name.letters"))),
        cell_rule=pl.when("repaired").then(pl.lit("name.letters")).otherwise("cell_rule"),
    )


def _spaced(text: pl.Expr) -> pl.Expr:
    """Return the words of a name with a space between each: commas stand alone, initials are split from names.

    Cyrillic initials are words of their own; Latin ones written together stay so (J.R. Smith).
    """
    spaced = (
        text.str.replace_all(r"\s*,[\s,]*", " , ")
        .str.replace_all(r"\b(\p{Cyrillic})\.\s*", "${1}. ")
        .str.replace_all(r"\b(\p{Latin}\.)(\p{Lu}[\p{Ll}']{2,})([\s,]|$)", "${1} ${2}${3}")
    )
    return spaced.str.strip_chars(" ,")


def _worded(names: pl.DataFrame) -> pl.DataFrame:
    """Return `names` with `words` (a list, in their right case), their `signature`, and whether they are `latin`."""
    names = names.with_columns(words=pl.col("spaced").str.split(" "))
    table = _table(names["words"], "right", "code")
    names = names.with_columns(  # a step of its own: polars takes minutes for lists evaluated inside of conditions
        signature=_words_by("words", table.select("word", "code")).list.join(""),
        words=_words_by("words", table.select("word", "right")),
    )
    return names.with_columns(signature=_with_case("signature"), latin=~pl.col("body").str.contains(r"\p{Cyrillic}"))


def _with_case(signature: str) -> pl.Expr:
    """Return signatures in which a word's case counts only where the cell has words in another."""
    coded = pl.col(signature)
    for code, other in ((Code.SMALL, r"\p{Lu}"), (Code.ACRONYM, r"\p{Ll}")):
        alone = ~pl.col("body").str.contains(other)
        coded = pl.when(alone).then(coded.str.replace_all(code, Code.WORD, literal=True)).otherwise(coded)
    return coded


def _table(words: pl.Series, *columns: str) -> pl.DataFrame:
    """Return the distinct words with their `right` case and `code`, as asked."""
    distinct = words.explode(empty_as_null=False, keep_nulls=False).unique()
    made = {"right": cased, "code": code_of}
    whole = [word.replace(name_cells.STOP, ".").replace(name_cells.SPACE, " ") for word in distinct]
    data = {name: [made[name](word) for word in whole] for name in columns}
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


def _decision(signature: str, latin: bool, order: str) -> tuple[object, ...]:  # noqa: FBT001  # a column of the frame
    """Return the places of each part, the gender, whether there is a decision, whether it reads the same again.

    Last comes the code of the finding, null where there is none.
    """
    verdict = _verdict(signature)
    parts = None if verdict else parts_of(signature, latin=latin, order=order)
    joint = None if verdict else "name.several" if several(signature) else None
    if parts is None:
        return (*([None] * len(NAME_PARTS)), None, False, False, verdict or joint)
    places = [list(getattr(parts, part)) for part in NAME_PARTS]
    return (*places, parts.gender, True, stable(signature, parts, latin=latin, order=order), joint)


def _verdict(signature: str) -> str | None:
    """Return what the words show other than a name: a placeholder, a company, a remark, a wrong keyboard layout."""
    codes = {*signature} - {Code.COMMA}
    if codes == {Code.NOBODY}:
        return "value.placeholder"
    if Code.LEGAL in codes:
        return "name.company"
    if Code.NO_NAME in codes:
        return "name.none"
    return "name.layout" if codes == {Code.LAYOUT} else None


def _gathered(part: str) -> pl.Expr:
    """Return the words of a part, as one text; null where there are none."""
    between = ", " if part == "suffix" else " "
    return pl.col("words").list.gather(pl.col(f"{part}_places")).list.join(between).replace("", None)


def _clean() -> pl.Expr:
    """Return the display name, null for a placeholder."""
    whole = pl.col("code").is_in(["name.several", "name.company"]).fill_null(value=False)
    split = pl.col("decided") & ~whole
    shown = pl.when(split & pl.col("stable")).then(_shown()).when(split).then(_as_written()).otherwise("text")
    return pl.when(pl.col("code").is_null() | (pl.col("code") != "value.placeholder")).then(shown)


def _shown() -> pl.Expr:
    """Return the display name, the nickname in front of the family name."""
    quoted = pl.format('"{}"', "nickname")
    parts = ("prefix", "given_name", "middle_name", quoted, "family_name", "suffix")
    return pl.concat_str(*parts, separator=" ", ignore_nulls=True)


def _as_written() -> pl.Expr:
    """Return the words in the order in which they were written."""
    turned = pl.when(~pl.col("stable")).then("words")  # asked for no others
    words = turned.list.join(" ").str.replace_all(" , ", ", ", literal=True)
    return pl.concat_str(words, pl.format('"{}"', "nickname"), separator=" ", ignore_nulls=True)


def _status() -> pl.Expr:
    """Return in one word what can be said of a name; null where there is no value."""
    said = {"value.placeholder": "unknown", "name.none": "invalid", "name.company": "invalid", "name.letters": "valid"}
    told = pl.col("code").replace_strict(said, default="ambiguous", return_dtype=pl.String)
    return pl.when(pl.col("code").is_not_null()).then(told).when("decided").then(pl.lit("valid"))


def _suggestion() -> pl.Expr:
    """Return the name with its letters put right, or as it was meant on another keyboard."""
    typed_text = pl.when(pl.col("code") == "name.layout").then("text")
    layout = typed_text.map_elements(lambda text: meant(text, typed), return_dtype=pl.String, skip_nulls=True)
    return pl.when(pl.col("code") == "name.letters").then("clean").otherwise(layout)


def _rule() -> pl.Expr:
    """Return what changed a name: its signs, apostrophes, order, case, or nothing but spaces."""
    cells = pl.col("clean"), pl.col("value")
    (length, first), (other_length, other_first) = (
        (cell.str.len_chars(), cell.str.head(1).str.to_lowercase()) for cell in cells
    )
    alike = (cells[0] != cells[1]) & (length == other_length) & (first == other_first)
    clean, value = (only(alike, cell).str.to_lowercase() for cell in cells)
    return (
        pl.when(pl.col("cell_rule").is_not_null())
        .then("cell_rule")
        .when(alike & (clean == value))
        .then(pl.lit("name.case"))
        .when(alike & (clean == value.str.replace_all(_APOSTROPHE, "${1}'")))
        .then(pl.lit("name.apostrophe"))
        .when("decided")
        .then(pl.lit("name.order"))
        .otherwise(pl.lit("text.spaces"))
    )
