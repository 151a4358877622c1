"""Folding: one look for texts that people take for the same word, for look-ups and comparisons, never for showing.

Stands below normalizers and comparators, which may not import one another, so that both fold alike. To fold something
more: a character in one of the tables, and a line in the tests; stored folded columns must then be computed anew.
"""

from __future__ import annotations

import re
import unicodedata

import polars as pl

#: The apostrophes of Ukrainian as keyboards, phones and word processors write them.
_APOSTROPHES = "’‘ʼ`´′＇ʹ‛"
_DASHES = "‐‑‒–—―−﹘﹣－"
_SAME = str.maketrans({**dict.fromkeys(_APOSTROPHES, "'"), **dict.fromkeys(_DASHES, "-")})
_YO = re.compile("ё\u0308*")
#: What the vectorised way folds exactly as `folded` does: here lower case is case folding, and NFKC changes № only.
_EASY = r"^[\x20-\x7EА-ЯЁа-яёІЇЄҐіїєґ’‘ʼ–—«»№]*$"

#: What must be replaced in such a text, once it is in lower case.
_SIGNS = "[ёЁ`’‘ʼ–—№]|  |^ | $"
_FEW = 30  # texts; so many are folded one by one sooner than a query over them is made


def folded(text: str) -> str:
    r"""Return `text` as it is compared: "  Ёлкин–ПЕТРОВ " -> "елкин-петров".

    Unicode NFKC and case folding; ё is е; the apostrophes are one, the dashes are one; runs of white space are one
    space; control and invisible characters are gone. Folding twice is folding once.

    >>> folded("  Дем’янчук–ЁЛКИН\u00a0")
    "дем'янчук-елкин"
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.lower().replace("`", "'").split())
    composed = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text.translate(_SAME)).casefold())
    plain = _YO.sub("е", composed.translate(_SAME))
    shown = plain if plain.isprintable() else "".join(filter(_visible, plain))
    return " ".join(shown.split())


def folds(values: pl.Series) -> pl.Series:
    """Return a Series of texts folded as by `folded`, column-wise for the usual alphabets; null stays null."""
    if values.len() <= _FEW:
        return pl.Series(values.name, [None if text is None else folded(text) for text in values], pl.String)
    texts = pl.col("text")
    frame = values.rename("text").to_frame()
    easy = texts.str.contains(_EASY)
    signs = texts.str.contains(_SIGNS)
    lower = texts.str.to_lowercase()
    quick = (
        pl.when(signs)
        .then(lower)
        .otherwise(pl.lit(""))  # replacing takes its time, and most texts need none
        .str.replace_all("ё", "е", literal=True)
        .str.replace_all("[`’‘ʼ]", "'")
        .str.replace_all("[–—]", "-")
        .str.replace_all("№", "no", literal=True)
        .str.replace_all(" +", " ")
        .str.strip_chars(" ")
    )
    slow = pl.when(~easy).then(texts).map_elements(folded, return_dtype=pl.String, skip_nulls=True)
    quick = pl.when(signs).then(quick).otherwise(lower)
    return frame.select(pl.when(easy).then(quick).otherwise(slow)).to_series().alias(values.name)


def _visible(character: str) -> bool:
    """Tell whether a character is white space or can be seen: no controls, joiners, marks of direction."""
    return character.isspace() or unicodedata.category(character) not in {"Cc", "Cf"}
