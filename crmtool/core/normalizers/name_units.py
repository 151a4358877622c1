"""The frame of a name: titles before it, suffixes behind it, chunks between commas, words that belong together.

What `name_order` and `name_western` have in common; both work on signatures, codes of words in a row.
"""

from __future__ import annotations

from typing import NamedTuple

from crmtool.core.normalizers.name_words import Code

WOMEN = {Code.FEMALE, Code.RARE_FEMALE}
MEN = {Code.MALE, Code.RARE_MALE}
GIVEN = {*MEN, *WOMEN, Code.UNISEX}
CLEAR_FAMILY = {Code.FAMILY, Code.FAMILY_MALE, Code.FAMILY_FEMALE, Code.FAMILY_PLURAL}
FAMILY = {*CLEAR_FAMILY, Code.PERHAPS_FAMILY}
PATRONYMIC = {Code.PATRONYMIC_MALE, Code.PATRONYMIC_FEMALE}
SON = {Code.PATRONYMIC_MALE, Code.PERHAPS_PATRONYMIC}
FATHERS = PATRONYMIC | SON
INITIALS = {Code.INITIAL, Code.NUMERAL}
WITH_PARTICLE = "D"  # code of a unit: a family name that begins with a particle
SEVERAL = "+"  # code of a unit: names joined by "and"
TITLES = {Code.TITLE, Code.FORENAME_TITLE}
_BEHIND = {Code.SUFFIX, Code.ACRONYM, Code.NUMERAL}

#: Codes whose meaning needs the words beside them, in a place where they have none.
_PLAIN = str.maketrans(dict.fromkeys((Code.ACRONYM, Code.QUALIFIER, Code.NOBODY, *TITLES), Code.WORD))


class Unit(NamedTuple):
    """One or more words that belong together, and the code they have as a whole."""

    code: str
    words: tuple[int, ...]


class Parts(NamedTuple):
    """The words of each part of a name, by their places; `gender` where the words tell it."""

    prefix: tuple[int, ...] = ()
    given_name: tuple[int, ...] = ()
    middle_name: tuple[int, ...] = ()
    family_name: tuple[int, ...] = ()
    suffix: tuple[int, ...] = ()
    gender: str | None = None

    def words(self) -> tuple[int, ...]:
        """Return the places of all words in the order of a display name."""
        return self.prefix + self.given_name + self.middle_name + self.family_name + self.suffix


class Frame(NamedTuple):
    """A name without what stands around it: the places of titles and suffixes, the units between commas."""

    prefix: tuple[int, ...]
    chunks: list[list[Unit]]
    suffix: tuple[int, ...]


Chosen = tuple[list[Unit], list[Unit], list[Unit]]  # given, middle, family


def framed(signature: str) -> Frame:
    """Return the frame of a name with this signature."""
    prefix: list[int] = []
    suffix: list[int] = []
    chunks: list[list[Unit]] = []
    start = 0
    for chunk in signature.split(Code.COMMA):
        places = list(range(start, start + len(chunk)))
        start += len(chunk) + 1
        titles = _titles(signature, places, alone=bool(chunks))
        prefix += places[:titles]
        places = places[titles:]
        behind = _behind(signature, places, chunks)
        suffix += places[len(places) - behind :]
        places = places[: len(places) - behind]
        if places:
            chunks.append(units(signature, places))
    return Frame(tuple(prefix), chunks, tuple(suffix))


def _titles(signature: str, places: list[int], *, alone: bool) -> int:
    """Return how many words of a chunk are its title; `alone`: the whole chunk may be one.

    A title may be joined to the next, with a word that is none: Lord of the Universe, Mr. and Mrs.
    """
    codes = "".join(signature[place] for place in places)
    end = at = 0
    while at < len(codes):
        if codes[at] in TITLES or (codes[at] == Code.SUFFIX and not alone and at == 0 and len(codes) > 1):
            end = at = at + 1
        elif codes[at] == Code.QUALIFIER or (codes[at] == Code.JOIN and (end or at == 0)):
            joins = codes[at] == Code.JOIN and end > 0
            at += 1
            if joins and at < len(codes) and codes[at] not in {Code.JOIN, Code.QUALIFIER, *TITLES}:
                end = at = at + 1
        else:
            break
    return end if end < len(codes) or alone else max(end - 1, 0)


def _behind(signature: str, places: list[int], chunks: list[list[Unit]]) -> int:
    """Return how many words at the end of a chunk stand behind a name: Jr., MD; in capitals, only in a chunk alone."""
    codes = "".join(signature[place] for place in places)
    if chunks and codes and (len(chunks[0]) > 1 or len(chunks) > 1) and all(code in _BEHIND for code in codes):
        return len(codes)
    count = 0
    while count < len(codes) - (not chunks) and codes[-1 - count] == Code.SUFFIX:
        count += 1
    if count or chunks or len(codes) < 3:  # noqa: PLR2004 - given, family, numeral
        return count
    return int(codes[-1] == Code.NUMERAL and codes[-2] not in INITIALS)


def units(signature: str, places: list[int]) -> list[Unit]:
    """Return words as units: a father's name with its оглы or кызы, a family name with its particles."""
    found: list[Unit] = []
    for place in places:
        code = signature[place].translate(_PLAIN)
        before = found[-1] if found else None
        if before and code in {Code.SON_OF, Code.DAUGHTER_OF}:
            son = Code.PATRONYMIC_MALE if code == Code.SON_OF else Code.PATRONYMIC_FEMALE
            found[-1] = Unit(son, (*before.words, place))
        elif before and before.code in {Code.PARTICLE, Code.AND} and len(found) > 1:
            joined = WITH_PARTICLE if before.code == Code.PARTICLE else Code.FAMILY
            found[-1] = Unit(code if code == Code.PARTICLE else joined, (*before.words, place))
        elif before and code == Code.AND and len(found) > 1:
            found[-1] = Unit(Code.AND, (*before.words, place))
        else:
            found.append(Unit(code, (place,)))
    return found


def places_of(chosen: list[Unit]) -> tuple[int, ...]:
    """Return the places of all words of some units."""
    return tuple(place for unit in chosen for place in unit.words)
