"""Cells that hold more than the words of a name: nicknames, degrees, signs, letters of two scripts, several persons.

Plain Python for the few cells that `ODD` finds; all others pass by. To add a thing that stands in a cell of names: a
pattern in `ODD`, and a step in `read`.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from crmtool.core.normalizers.name_words import Code, code_of

#: Cells of letters, single hyphens and single spaces alone; most are, and nothing here is asked about them.
PLAIN = "^[A-Za-zА-Яа-яЁёІіЇїЄєҐґ]+(?:[ -][A-Za-zА-Яа-яЁёІіЇїЄєҐґ]+)*$"
#: What makes one of the others a cell to be read here; for polars.
ODD = (
    "[\"“”„«»()\\[\\]<>{}/;+&|=*~^\u2190-\u21ff\u2600-\u27bf\ufe0f\U0001f000-\U0001faff]|^['‘]| ['‘]| [-–—] "
    "|[дкДК]\\. ?[А-Яа-яІі.-]{1,7}\\. ?[нН]|[pP][hH]\\. [dD]"
)
#: Stand for a full stop and a space inside a degree, so that it stays one word.
STOP, SPACE = "\ue000", "\ue001"

_NICKNAME = re.compile(
    r"""["“”„«]([^"“”„«»()]{1,40})["“”»]|\(([^()"]{1,40})\)|(?:(?<=\s)|^)['‘]([^'’]{2,30})['’](?=[\s,]|$)"""
)
_DEGREES = re.compile(r"\b(?:[дк]\.\s?[а-яі.-]{1,7}\.\s?н\b\.?|ph\. d\b\.?)", re.IGNORECASE)
_DASH = re.compile(r"([^\W\d_]{2,})\s[-–—]\s([^\W\d_]{2,})")
_SEVERAL = re.compile(r"[^\W\d_].*[/;+|].*[^\W\d_]")
_WORD = re.compile(r"[^\W\d_]+")
_LONE = re.compile(r"\b[A-HJ-UY]\b")
_LETTERS = "АВСЕНІЈКМОРТХУЅасеіјорхуѕ", "ABCEHIJKMOPTXYSaceijopxys"
_TO_LATIN = str.maketrans(*_LETTERS)
_TO_CYRILLIC = str.maketrans(*_LETTERS[::-1]) | str.maketrans("k", "к")
_CLEAR_FAMILY = {Code.FAMILY, Code.FAMILY_MALE, Code.FAMILY_FEMALE, Code.PERHAPS_FAMILY}
_GIVEN = {Code.MALE, Code.FEMALE, Code.UNISEX, Code.RARE_MALE, Code.RARE_FEMALE}


class Cell(NamedTuple):
    """What a cell says: the words of the name (null: not to be split), a nickname, and the rule and finding for it."""

    body: str | None
    nickname: str | None = None
    code: str | None = None
    rule: str | None = None


def read(text: str) -> Cell:
    """Return what an odd cell says.

    >>> read('Benjamin "Big Ben" Franklin')[:2]
    ('Benjamin Franklin', 'Big Ben')
    """
    plain = _without_signs(text)
    if Code.LEGAL in {code_of(word) for word in re.split(r"[\s,\"«»“”„()]+", plain)}:
        return Cell(None, code="name.company")
    if _SEVERAL.search(_NICKNAME.sub(" ", plain)):
        return Cell(None, code="name.several")
    body, nickname = _nickname(_DASH.sub(_double, _DEGREES.sub(_kept, plain)))
    whole = None if body is None else _tidy(body.replace("&", " & "))
    return Cell(whole, nickname, rule="name.signs" if plain != text else None)


def lettered(text: str) -> str:
    """Return a text with letters of the other script put right in words that are otherwise of one.

    >>> lettered("Ивaнoв Petrоv")
    'Иванов Petrov'
    """
    mended = _WORD.sub(lambda match: _one_script(match.group(), cyrillic=_mostly_cyrillic(text)), text)
    return _LONE.sub(_to_cyrillic, mended) if _mostly_cyrillic(mended) else mended


def _mostly_cyrillic(text: str) -> bool:
    return sum(map(_is_cyrillic, text)) * 2 >= sum(map(str.isalpha, text))


def _to_cyrillic(match: re.Match[str]) -> str:
    """Return a lone Latin letter, an initial among Cyrillic words, as Cyrillic; numerals stay."""
    return match.group().translate(_TO_CYRILLIC)


def _one_script(word: str, *, cyrillic: bool) -> str:
    """Return a word in one script, as it was where its letters do not allow it; `cyrillic`: most of the cell is."""
    if len({_is_cyrillic(letter) for letter in word}) == 1:
        return word
    to_cyrillic, to_latin = word.translate(_TO_CYRILLIC), word.translate(_TO_LATIN)
    whole = all(map(_is_cyrillic, to_cyrillic)), not any(map(_is_cyrillic, to_latin))
    if whole == (True, True):
        return to_cyrillic if cyrillic else to_latin
    return to_cyrillic if whole[0] else to_latin if whole[1] else word


def _is_cyrillic(letter: str) -> bool:
    return "\u0400" <= letter <= "\u052f"


def _without_signs(text: str) -> str:
    """Return a text without pictures: emoji, hearts, stars; № and the like stay."""
    shown = "".join(" " if _is_picture(letter) else letter for letter in text)
    return shown if shown == text else _tidy(shown)


def _is_picture(letter: str) -> bool:
    kind = unicodedata.category(letter)
    return (
        (kind in {"So", "Cs"} and letter not in "№°©®™") or "\U0001f3fb" <= letter <= "\U0001f3ff" or letter == "\ufe0f"
    )


def _tidy(text: str) -> str:
    return " ".join(text.split()).strip(" ,")


def _kept(match: re.Match[str]) -> str:
    """Return a degree as one word: д.м.н. in one look, Ph. D. as written."""
    degree = match.group()
    if not degree.isascii():
        degree = degree.replace(" ", "").rstrip(".") + "."
    return degree.replace(".", STOP).replace(" ", SPACE) + " "


def _double(match: re.Match[str]) -> str:
    """Return the halves of a double family name joined by a plain hyphen; anything else as it was."""
    halves = match.groups()
    return "-".join(halves) if all(code_of(half) in _CLEAR_FAMILY for half in halves) else match.group()


def _nickname(text: str) -> tuple[str | None, str | None]:
    """Return a text without its nicknames, and those; (None, None) where what stands in brackets may be no nickname."""
    found = list(_NICKNAME.finditer(text))
    names = [next(filter(None, match.groups())).strip() for match in found]
    if not all(
        _is_nickname(name, in_brackets=match.group(2) is not None) for name, match in zip(names, found, strict=True)
    ):
        return None, None
    return _NICKNAME.sub(" ", text), ", ".join(filter(None, names)) or None


def _is_nickname(name: str, *, in_brackets: bool) -> bool:
    """Tell whether words may be a nickname; in brackets Cyrillic ones must be a known short name."""
    codes = [code_of(word) for word in name.split()]
    if not codes or len(codes) > 3 or {Code.FOREIGN, Code.NO_NAME, Code.LAYOUT} & set(codes):  # noqa: PLR2004 - words
        return False
    cyrillic = any(map(_is_cyrillic, name))
    return set(codes) <= _GIVEN if in_brackets and cyrillic else not (cyrillic and set(codes) & _CLEAR_FAMILY)
