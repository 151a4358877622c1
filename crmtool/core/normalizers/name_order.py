"""Which word of a name is which part, decided on the codes of its words alone (see `name_words`).

A decision is made by what the words are; by the order of the words only where a language has one (Latin script: given
name first) or the rules set one. Whatever is left stays open: None. Distinct signatures are few, so this may be plain
Python. To add a pattern: in `_two`, `_three`, or `_western`, with a name in the tests.
"""

from __future__ import annotations

from typing import NamedTuple

from crmtool.core.normalizers.name_words import Code

GIVEN = {Code.MALE, Code.FEMALE, Code.UNISEX}
FAMILY = {Code.FAMILY, Code.PERHAPS_FAMILY}
PATRONYMIC = {Code.PATRONYMIC_MALE, Code.PATRONYMIC_FEMALE}
SON = {Code.PATRONYMIC_MALE, Code.PERHAPS_PATRONYMIC}
_WITH_PARTICLE = "D"  # code of a unit: a family name that begins with a particle
_MOST_WORDS = 9
_MOST_WESTERN = 4  # units; with more it is likelier not a person's name alone

_GENDERS = {
    Code.PATRONYMIC_MALE: "male",
    Code.PERHAPS_PATRONYMIC: "male",
    Code.PATRONYMIC_FEMALE: "female",
    Code.MALE: "male",
    Code.FEMALE: "female",
}


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


def parts_of(signature: str, *, latin: bool, order: str) -> Parts | None:
    """Return the parts of a name with this signature, None where they are not certain.

    `latin`: no word is Cyrillic. `order` is the setting `name_order`, used where the words themselves do not tell.

    >>> parts_of("fmp", latin=False, order="auto").words()
    (1, 2, 0)
    """
    if Code.FOREIGN in signature or len(signature) > _MOST_WORDS:
        return None
    prefix, chunks, suffix = _frame(signature)
    if not chunks or len(chunks) > 2:  # noqa: PLR2004 - family, given
        return None
    chosen = _behind_comma(*chunks) if len(chunks) == 2 else _one(chunks[0], bool(prefix), latin, order)  # noqa: PLR2004
    if chosen is None:
        return None
    given, middle, family = chosen
    return Parts(prefix, _places(given), _places(middle), _places(family), suffix, _gender(given, middle))


def stable(signature: str, parts: Parts, *, latin: bool, order: str) -> bool:
    """Tell whether the display name of `parts`, read again, is the same display name."""
    shown = "".join(signature[place] for place in parts.words())
    again = parts_of(shown, latin=latin, order=order)
    return again is None or again.words() == tuple(range(len(shown)))


Chosen = tuple[list[Unit], list[Unit], list[Unit]]  # given, middle, family


def _frame(signature: str) -> tuple[tuple[int, ...], list[list[Unit]], tuple[int, ...]]:
    """Return the places of titles, the units between commas, and the places of suffixes."""
    prefix: list[int] = []
    suffix: list[int] = []
    chunks: list[list[Unit]] = []
    start = 0
    for chunk in signature.split(Code.COMMA):
        places = list(range(start, start + len(chunk)))
        start += len(chunk) + 1
        while len(places) > 1 and signature[places[0]] == Code.TITLE:
            prefix.append(places.pop(0))
        tail: list[int] = []
        while places and signature[places[-1]] == Code.SUFFIX and (len(places) > 1 or chunks):
            tail.insert(0, places.pop())
        suffix += tail
        if places:
            chunks.append(_units(signature, places))
    return tuple(prefix), chunks, tuple(suffix)


def _units(signature: str, places: list[int]) -> list[Unit]:
    """Return words as units: a father's name with its оглы or кызы, a family name with its particles."""
    units: list[Unit] = []
    for place in places:
        code = signature[place]
        before = units[-1] if units else None
        if before and code in {Code.SON_OF, Code.DAUGHTER_OF}:
            son = Code.PATRONYMIC_MALE if code == Code.SON_OF else Code.PATRONYMIC_FEMALE
            units[-1] = Unit(son, (*before.words, place))
        elif before and (before.code in {Code.PARTICLE, Code.AND} and len(units) > 1):
            joined = _WITH_PARTICLE if before.code == Code.PARTICLE else Code.FAMILY
            units[-1] = Unit(code if code == Code.PARTICLE else joined, (*before.words, place))
        elif before and code == Code.AND and len(units) > 1:
            units[-1] = Unit(Code.AND, (*before.words, place))
        else:
            units.append(Unit(code, (place,)))
    return units


def _behind_comma(family: list[Unit], rest: list[Unit]) -> Chosen | None:
    """Return the parts of "family, given middle"; None where the words say the opposite."""
    turned = all(unit.code in GIVEN for unit in family) and rest[0].code in {Code.FAMILY} | PATRONYMIC
    return None if turned else (rest[:1], rest[1:], family)


def _one(units: list[Unit], titled: bool, latin: bool, order: str) -> Chosen | None:  # noqa: FBT001
    """Return the parts of a name without commas."""
    if len(units) == 1:
        return _single(units[0], titled)
    if latin:
        return _western(units, order)
    if len(units) == 2:  # noqa: PLR2004 - words
        return _two(*units) or _by_order(units, order)
    return _three(*units) if len(units) == 3 else None  # noqa: PLR2004 - words


def _single(unit: Unit, titled: bool) -> Chosen | None:  # noqa: FBT001
    """Return the part that a lone word is: a known given name, a clear family name, or one behind a title."""
    if unit.code in GIVEN:
        return [unit], [], []
    known = unit.code == Code.FAMILY or (titled and unit.code in {Code.WORD, *FAMILY})
    return ([], [], [unit]) if known else None


def _two(one: Unit, two: Unit) -> Chosen | None:
    """Return the parts of two Cyrillic words: what is known to be a given name, a patronymic or a family name tells."""
    codes = {one.code, two.code}
    if Code.INITIAL in codes:
        return _two_with_initial(one, two)
    if two.code in {*PATRONYMIC, *SON}:
        return _two_with_patronymic(one, two)
    for kind in (GIVEN, {Code.FAMILY, _WITH_PARTICLE}):
        if len(codes & kind) == 1 and (one.code in kind) != (two.code in kind):
            given_first = (one.code in kind) == (kind is GIVEN)
            clear = kind is GIVEN or not codes & {*PATRONYMIC, *SON}
            return (([one], [], [two]) if given_first else ([two], [], [one])) if clear else None
    return None


def _two_with_patronymic(one: Unit, two: Unit) -> Chosen | None:
    """Return the parts of a word and a patronymic; no woman has a son's patronymic, so hers is a family name."""
    if two.code in SON and one.code == Code.FEMALE:
        return [one], [], [two]
    daughter = two.code == Code.PATRONYMIC_FEMALE and one.code in {*GIVEN, Code.WORD} - {Code.MALE}
    son = two.code == Code.PATRONYMIC_MALE and one.code == Code.MALE
    return ([one], [two], []) if daughter or son else None


def _two_with_initial(one: Unit, two: Unit) -> Chosen | None:
    """Return the parts of a word and an initial: the family name is written out, unless the word is a given name."""
    if one.code == two.code:
        return None
    if one.code == Code.INITIAL:
        return None if two.code in PATRONYMIC else ([one], [], [two])
    if one.code == Code.PATRONYMIC_FEMALE:
        return None
    return ([one], [], [two]) if one.code in GIVEN else ([two], [], [one])


def _by_order(units: list[Unit], order: str) -> Chosen | None:
    """Return the parts of two words in the order that the rules set, None where they set none."""
    one, two = units
    if order == "auto" or {one.code, two.code} & {*PATRONYMIC, Code.PERHAPS_PATRONYMIC, Code.INITIAL}:
        return None
    return ([one], [], [two]) if order == "given-family" else ([two], [], [one])


def _three(one: Unit, two: Unit, three: Unit) -> Chosen | None:
    """Return the parts of three Cyrillic words: a patronymic or initials show where the given name is."""
    codes = one.code, two.code, three.code
    family_first: Chosen = [two], [three], [one]
    family_last: Chosen = [one], [two], [three]
    if Code.INITIAL in codes:
        return _three_with_initials(one, two, three)
    sons = [code in PATRONYMIC or code == Code.PERHAPS_PATRONYMIC for code in codes]
    if sons[1] and sons[2]:
        return family_last if one.code in GIVEN and three.code in SON else None
    if sons[2]:
        if one.code in GIVEN and two.code not in GIVEN:
            return ([one], [three], [two]) if two.code == Code.FAMILY else None
        return family_first
    if sons[1]:
        clear = two.code in PATRONYMIC or one.code in GIVEN or (three.code == Code.FAMILY and one.code not in FAMILY)
        return family_last if clear and not (three.code in GIVEN and one.code not in GIVEN) else None
    return None


def _three_with_initials(one: Unit, two: Unit, three: Unit) -> Chosen | None:
    """Return the parts of three words with initials: Петров И. С., И. С. Петров, Петров Иван С., Иван С. Петров."""
    first, second, third = (unit.code == Code.INITIAL for unit in (one, two, three))
    if second and third and not first:
        return [two], [three], [one]
    if first and second and not third:
        return [one], [two], [three]
    if third and not first and not second and two.code in GIVEN:
        return [two], [three], [one]
    if second and not first and not third and one.code in GIVEN:
        return [one], [two], [three]
    return None


def _western(units: list[Unit], order: str) -> Chosen | None:
    """Return the parts of a name in Latin script: given name first, unless the words or the rules say otherwise."""
    first, last = units[0], units[-1]
    initials = [unit.code == Code.INITIAL for unit in units]
    if len(units) > _MOST_WESTERN or all(initials) or (initials[-1] and first.code in GIVEN and len(units) > 2):  # noqa: PLR2004
        return None
    slavic = first.code == Code.FAMILY and last.code != Code.FAMILY and (units[1].code in GIVEN or len(units) == 2)  # noqa: PLR2004
    shortened = all(initials[1:]) and first.code not in GIVEN
    told = first.code in GIVEN or last.code == Code.FAMILY or initials[0]
    if slavic or shortened or (order == "family-given" and not told):
        return [units[1]], units[2:], [first]
    family = next((place for place, unit in enumerate(units) if unit.code == _WITH_PARTICLE), len(units) - 1)
    return [first], units[1:family], units[family:]


def _places(units: list[Unit]) -> tuple[int, ...]:
    """Return the places of all words of some units."""
    return tuple(place for unit in units for place in unit.words)


def _gender(given: list[Unit], middle: list[Unit]) -> str | None:
    """Return the gender that a patronymic tells, else the given name; None where they are silent or disagree."""
    fathers = [unit.code for unit in middle if unit.code in PATRONYMIC or unit.code == Code.PERHAPS_PATRONYMIC]
    told = {_GENDERS[code] for code in fathers}
    told |= {_GENDERS[unit.code] for unit in given if unit.code in {Code.MALE, Code.FEMALE}}
    return told.pop() if len(told) == 1 else None
