"""Comparing names of people: keys that meet across alphabets, and whether two names may be one person's.

`match_key` folds, transliterates and then lays a small phonetic skeleton over the Latin letters, so that Щербаков meets
Shcherbakov and Scherbakov. й is never taken for и: the two differ in Cyrillic, and a Latin spelling that leaves it open
is read as й where a diphthong is likelier. To add a rule of spelling: a line in `_LATIN` (how Latin spellings write a
Cyrillic letter) or `_ALIKE` (what sounds alike in both), and a pair in the tests; then compute stored keys anew.
"""

from __future__ import annotations

import re
from functools import reduce

import polars as pl
from anyascii import anyascii

from crmtool.core.folding import folded, folds

__all__ = ["compatible", "folded", "folds", "match_key", "match_key_of"]

#: Where the skeleton needs something else than anyascii gives: й apart from и and ы, no marks for soft signs.
_OWN = {
    "й": "j",
    "ы": "i",
    "и": "i",
    "і": "i",
    "ї": "i",
    "э": "e",
    "є": "e",
    "ю": "ju",
    "я": "ja",
    "щ": "sch",
    "х": "h",
}
_OWN |= {"ц": "c", "ъ": "", "ь": "", "ў": "u"}

_LETTERS = {
    letter: _OWN.get(letter, anyascii(letter).lower().replace("'", ""))
    for letter in map(chr, (*range(0xA1, 0x250), *range(0x400, 0x530)))
    if letter == letter.casefold() and letter.isalpha()
}

#: Latin spellings of Cyrillic sounds; each (regular expression, replacement) sees the work of those before it.
_LATIN = (
    (r"\by\b", "j"),  # an initial: Y. is Юрий, Яна ...
    (r"([^aeiouy ])(?:iy|yi|ii|yy|ij|yj|y)\b", "${1}i"),  # Dmitriy, Dmitrii, Dmitry, -sky, -skyi
    (r"([aeou])[iy]([aou])", "${1}j${2}"),  # Mayorov
    (r"\bi([aou])", "j${1}"),  # Iurii, Iaroslav
    (r"([^aeiouy ])yo", "${1}e"),  # Fyodor, Artyom
    (r"[iy]y?a", "ja"),
    (r"[iy]y?u", "ju"),
    (r"yo", "jo"),
    (r"[yj]e", "e"),
    (r"ai(l\b|[ds]a\b)", "a_${1}"),  # Mikhail, Raisa, Zinaida: two syllables, not a diphthong
    (r"([aeou])[iy]([^aeiouy]|\b)", "${1}j${2}"),  # Zaitsev, Andrei
    (r"yi?", "i"),
    (r"_", "i"),
)
#: What sounds alike, at one go; of two that begin at the same letter the first counts.
_ALIKE = {
    "shch": "sch",
    "stch": "sch",
    "tsch": "ch",
    "tch": "ch",
    "ts": "c",
    "tz": "c",
    "kh": "h",
    "ph": "f",
    "ck": "k",
}
_ALIKE |= {"w": "v", "q": "k", "x": "ks"}
_SKELETON = (
    (r"([^aeiou ])i+j?([aou])", "${1}j${2}"),  # Мария, Maria; София, Софья
    (r"([^aeiou ])i[ej]?e", "${1}e"),  # Vasiliev, Васильев
    (r"([^aeiou ])ij\b", "${1}i"),  # Дмитрий; after a vowel й stays
)
_DOUBLES = {letter * 2: letter for letter in "bcdfghjklmnprstvz"}


def match_key(values: pl.Series) -> pl.Series:
    """Return a key for each name or part of a name under which its spellings in Cyrillic and Latin meet.

    Shapes: a Series of String in and out, null and texts without letters or digits give null. The key is small Latin
    letters, digits and single spaces (hyphens become spaces). Works once per distinct value.
    Transliteration: anyascii, with the differences in `_OWN`; skeleton: our own.

    >>> match_key(pl.Series(["Щербаков", "Shcherbakov", "Scherbakov"])).unique().to_list()
    ['scherbakov']
    """
    table = _keys(values.drop_nulls().unique())
    pairs = values.rename("value").to_frame().join(table, on="value", how="left", maintain_order="left")
    return pairs["key"].alias(values.name)


def match_key_of(text: str) -> str | None:
    """Return what `match_key` gives for one text; for tests of a few texts, where a Series costs more than the work.

    >>> match_key_of("Щербаков")
    'scherbakov'
    """
    fold = folded(text)
    letters = fold.translate(_LETTERS_OF_ONE)
    key = letters if letters.isascii() else anyascii(letters).lower()
    for pattern, replacement in () if _CYRILLIC.search(fold) else _LATIN_OF_ONE:
        key = pattern.sub(replacement, key)
    key = _ALIKE_OF_ONE.sub(lambda found: _ALIKE[found[0]], key)
    for pattern, replacement in _SKELETON_OF_ONE:
        key = pattern.sub(replacement, key)
    key = _DOUBLES_OF_ONE.sub(r"\1", key)
    return key if key.isalpha() else " ".join(_PARTS_OF_ONE.findall(key)) or None


def _of_one(rules: tuple[tuple[str, str], ...]) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return rules of polars as those of `re`."""
    return tuple((re.compile(pattern), re.sub(r"\$\{(\d)\}", r"\\\1", replacement)) for pattern, replacement in rules)


_LATIN_OF_ONE, _SKELETON_OF_ONE = _of_one(_LATIN), _of_one(_SKELETON)
_LETTERS_OF_ONE = str.maketrans({**_LETTERS, **dict.fromkeys("-/_.,", " "), "'": None, '"': None})
_PARTS_OF_ONE = re.compile("[a-z0-9]+")
_CYRILLIC = re.compile("[\u0400-\u052f\u1c80-\u1c8f\u1d2b\u1d78\u2de0-\u2dff\ua640-\ua69f]")
_ALIKE_OF_ONE = re.compile("|".join(_ALIKE))
_DOUBLES_OF_ONE = re.compile("([bcdfghjklmnprstvz])\\1")


def compatible(left: pl.DataFrame, right: pl.DataFrame) -> pl.Series:
    """Tell for each pair of names whether they may belong to one person.

    Two aligned frames with the match keys `given_key`, `middle_key` and `family_key` (null: unknown) give a Boolean
    Series without nulls: true when no part contradicts - equal, unknown on a side, or one the initial of the other -
    and also when given and family name are exchanged and both known. Nothing known is no contradiction.
    """
    pairs = pl.concat([left.select(_KEYS), right.select(pl.col(_KEYS).name.suffix("_other"))], how="horizontal")
    straight = _agrees("given_key") & _agrees("family_key")
    crossed = (pl.col("given_key") == pl.col("family_key_other")) & (pl.col("family_key") == pl.col("given_key_other"))
    verdict = _agrees("middle_key") & (straight | crossed.fill_null(value=False))
    return pairs.select(verdict.alias("compatible")).to_series()


_KEYS = ["given_key", "middle_key", "family_key"]
#: Keys of one written letter: а ... я and their Latin fellows.
_INITIAL = r"^(?:[a-z]|ja|ju|ch|sh|zh|sch)$"


def _keys(distinct: pl.Series) -> pl.DataFrame:
    """Return distinct values (`value`) with their keys (`key`)."""
    letters = pl.col("text").str.replace_many(_LETTERS)
    plain = letters.str.replace_all(r"[\-/_.,]+", " ").str.replace_all("['\"]", "")
    texts = pl.DataFrame({"value": distinct, "text": folds(distinct)}).with_columns(key=_transliterated(plain))
    cyrillic = pl.col("text").str.contains(r"\p{Cyrillic}")
    latin = texts.filter(~cyrillic).with_columns(key=_rewritten(pl.col("key"), _LATIN))
    keys = pl.concat([texts.filter(cyrillic), latin]).with_columns(key=_skeleton(pl.col("key")))
    tidy = pl.col("key").str.replace_all("[^a-z0-9]+", " ").str.strip_chars(" ").replace("", None)
    return keys.select("value", key=tidy)


def _skeleton(text: pl.Expr) -> pl.Expr:
    """Return Latin letters with one spelling for what sounds alike."""
    alike = text.str.replace_many(list(_ALIKE), list(_ALIKE.values()), leftmost=True)
    return _rewritten(alike, _SKELETON).str.replace_many(_DOUBLES)


def _rewritten(text: pl.Expr, rules: tuple[tuple[str, str], ...]) -> pl.Expr:
    """Return `text` after all rewriting rules, in order."""
    return reduce(lambda done, rule: done.str.replace_all(*rule), rules, text)


def _transliterated(text: pl.Expr) -> pl.Expr:
    """Return what the table of letters left in other alphabets as ASCII; few values get so far."""
    rare = pl.when(text.str.contains(r"[^\x00-\x7F]")).then(text)
    spelled = rare.map_elements(lambda value: anyascii(value).lower(), return_dtype=pl.String, skip_nulls=True)
    return pl.coalesce(spelled, text)


def _agrees(part: str) -> pl.Expr:
    """Tell whether a part is equal on both sides, unknown on one, or the initial on one."""
    one, other = pl.col(part), pl.col(f"{part}_other")
    short = (one.str.contains(_INITIAL) & other.str.starts_with(one)) | (
        other.str.contains(_INITIAL) & one.str.starts_with(other)
    )
    return ((one == other) | short).fill_null(value=True)
