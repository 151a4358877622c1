"""The commonest names of companies, column-wise: ООО «Ромашка», Acme Ltd, ИП Иванов И. И., names without a form.

What is answered here is what `company.read` answers, only sooner; a test holds the two to each other. A name qualifies
where its words are mixed in case, hold nothing but letters, figures and the simplest marks, and none of them could
begin a legal form, but for what stands in front or at the end. To add a common shape: an expression in `_shapes`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core.normalizers import company_forms
from crmtool.core.normalizers.company_forms import PERHAPS_SOLE, SOLE, TWO_MEANINGS, could_begin, is_institution

if TYPE_CHECKING:
    from collections.abc import Callable

    from crmtool.core.normalizers.company_forms import Form, Index

SCHEMA = {name: pl.String() for name in ("text", "clean", "base_name", "legal_form", "full_form", "person")}

_LETTERS = r"[A-Za-z0-9А-яЁёІіЇїЄєҐґ№]"
_NAME = rf"{_LETTERS}(?:[A-Za-z0-9А-яЁёІіЇїЄєҐґ№. +-]*{_LETTERS})?"
_PERSON = r"^[А-ЯЁІЇЄҐ][а-яёіїєґ]+(?: [А-ЯЁІЇЄҐ][а-яёіїєґ]+| ?[А-ЯЁІЇЄҐ]\.){0,3}$"
_FRONT = rf'^(?:([^"«»„“”,;|/()&]+?) ?["«]({_NAME})["»]|([^\s"«»„“”,;|/()&]+) ({_NAME}))$'
_END = rf'^(?:["«]({_NAME})["»]|({_NAME})),? ([A-Za-z./]+)$'
_CYRILLIC = re.compile("[\u0400-\u052f]")


def quick(texts: pl.Series, known: Index) -> pl.DataFrame:
    """Return the answers for those of `texts` (distinct, tidy) that have a common shape; columns: `SCHEMA`."""
    frame = texts.rename("text").to_frame()
    front, end = pl.col("text").str.extract_groups(_FRONT), pl.col("text").str.extract_groups(_END)
    frame = frame.with_columns(
        first=pl.coalesce(front.struct.field("1"), front.struct.field("3")),
        quoted=front.struct.field("2"),
        unquoted=front.struct.field("4"),
        bare=pl.coalesce(end.struct.field("1"), end.struct.field("2")),
        last=end.struct.field("3"),
        whole=pl.when(pl.col("text").str.contains(rf"^{_NAME}$")).then("text"),
    )
    frame = _with_forms(_with_forms(frame, "first", known, _in_front), "last", known, _at_the_end)
    leading = pl.col("first_form").is_not_null()
    trailing = pl.col("last_form").is_not_null() & ~leading
    frame = frame.with_columns(
        leading=leading,
        name=pl.when(leading).then(pl.coalesce("quoted", "unquoted")).when(trailing).then("bare").otherwise("whole"),
        form=pl.when(leading).then("first_form").when(trailing).then("last_form"),
        full_form=pl.when(leading).then("first_full").when(trailing).then("last_full"),
    )
    return _shapes(_ended(_plain(frame, known), known)).select(*SCHEMA)


def _plain(frame: pl.DataFrame, known: Index) -> pl.DataFrame:
    """Return the rows whose name is mixed in case and has no word that could begin a form."""
    name = pl.col("name")
    mixed = (name != name.str.to_uppercase()) & (name != name.str.to_lowercase())
    frame = frame.filter(mixed).with_columns(words=name.str.split(" "))
    distinct = frame["words"].explode().unique().drop_nulls()
    doubtful = [word for word in distinct if could_begin(word, known)]
    return frame.filter(
        pl.col("words").list.set_intersection(pl.lit(pl.Series([doubtful], dtype=pl.List(pl.String)))).list.len() == 0
    )


def _ended(frame: pl.DataFrame, known: Index) -> pl.DataFrame:
    """Return the rows whose form in front does not go on in the name."""
    begins = frame.select("first", "unquoted", word=pl.col("words").list.first())
    pairs = begins.filter(frame["leading"]).drop_nulls("unquoted").select("first", "word").unique()
    going_on = [company_forms.could_go_on(first, word, known) for first, word in pairs.iter_rows()]
    open_ = pairs.filter(pl.Series(going_on, dtype=pl.Boolean)).with_columns(unquoted=pl.lit(value=True))
    marked = begins.with_columns(unquoted=pl.col("unquoted").is_not_null() & frame["leading"]).join(
        open_.with_columns(open=pl.lit(value=True)), on=["first", "word", "unquoted"], how="left", maintain_order="left"
    )
    return frame.filter(marked["open"].is_null())


def _with_forms(
    frame: pl.DataFrame, column: str, known: Index, reading: Callable[[str, Index], Form | None]
) -> pl.DataFrame:
    """Return `frame` with the form that each distinct text of a column is, and its long form."""
    words = frame[column].drop_nulls().unique()
    begun = [word for word in words if could_begin(word.split(maxsplit=1)[0], known)]
    forms = {word: form for word in begun if (form := reading(word, known))}
    short = {word: form.canonical for word, form in forms.items()}
    full = {word: form.full for word, form in forms.items() if form.canonical not in TWO_MEANINGS}
    return frame.with_columns(
        pl.col(column).replace_strict(table, default=None, return_dtype=pl.String).alias(f"{column}_{what}")
        for what, table in (("form", short), ("full", full))
    )


def _in_front(text: str, known: Index) -> Form | None:
    """Return the Cyrillic form that a text in front of a name is."""
    tokens, forms = company_forms.found(f"{text} Ёжж", known)
    whole = len(forms) == 1 and (forms[0].first, forms[0].behind) == (0, len(tokens) - 1)
    fits = whole and _CYRILLIC.search(forms[0].canonical)
    return forms[0] if fits and " " not in forms[0].canonical else None


def _at_the_end(word: str, known: Index) -> Form | None:
    """Return the Latin form that a word behind a name is."""
    _, forms = company_forms.found(f"Qzz {word}", known)
    fits = len(forms) == 1 and (forms[0].first, forms[0].behind) == (1, 2)
    return forms[0] if fits and not _CYRILLIC.search(forms[0].canonical) else None


def _shapes(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of a shape we know, with their looks."""
    name, form = pl.col("name"), pl.col("form")
    sole = pl.col("leading") & form.is_in([*SOLE]) & pl.col("unquoted").is_not_null()
    words = pl.col("words").list.len()
    perhaps = form.is_in([*PERHAPS_SOLE])
    owner = sole & name.str.contains(_PERSON) & (~perhaps | (words > 1))
    institutions = [short for short in frame["form"].drop_nulls().unique() if is_institution(short)]
    unclear = (sole & ~owner) | (form.is_in(institutions) & pl.col("unquoted").is_not_null())
    look = (
        pl.when(owner)
        .then(pl.concat_str(form, pl.lit(" "), name))
        .when("leading")
        .then(pl.concat_str(form, pl.lit(" «"), name, pl.lit("»")))
        .when(form.is_not_null())
        .then(pl.concat_str(name, pl.lit(" "), form))
        .otherwise(name)
    )
    known = frame.filter(~unclear.fill_null(value=False))
    return known.with_columns(clean=look, base_name="name", legal_form="form", person=pl.when(owner).then("name"))
