"""Which word of a name is which part, decided on the codes of its words alone (see `name_words`).

A decision is made by what the words are; by the order of the words only where a language has one, or the rules set
one. Whatever is left stays open: None. Distinct signatures are few, so this may be plain Python. Here are names with
Cyrillic words; `name_western` has the others. To add a pattern: in `_two`, `_three`, with a name in the tests.
"""

from __future__ import annotations

from crmtool.core.model import NAME_PARTS
from crmtool.core.normalizers.name_units import (
    CLEAR_FAMILY,
    FATHERS,
    GIVEN,
    INITIALS,
    MEN,
    PATRONYMIC,
    SEVERAL,
    SON,
    WITH_PARTICLE,
    WOMEN,
    Chosen,
    Parts,
    Unit,
    framed,
    places_of,
)
from crmtool.core.normalizers.name_western import western
from crmtool.core.normalizers.name_words import Code

_MOST_WORDS = 20
_NO_WORDS = {Code.FOREIGN, Code.SMALL, Code.LAYOUT}
_GENDERS = {
    Code.PATRONYMIC_MALE: "male",
    Code.PERHAPS_PATRONYMIC: "male",
    Code.PATRONYMIC_FEMALE: "female",
    **dict.fromkeys(MEN, "male"),
    **dict.fromkeys(WOMEN, "female"),
    Code.FAMILY_MALE: "male",
    Code.FAMILY_FEMALE: "female",
}


def parts_of(signature: str, *, latin: bool, order: str) -> Parts | None:
    """Return the parts of a name with this signature, None where they are not certain.

    `latin`: no word is Cyrillic. `order` is the setting `name_order`, used where the words themselves do not tell.

    >>> parts_of("fmp", latin=False, order="auto").words()
    (1, 2, 0)
    """
    if not {*signature}.isdisjoint(_NO_WORDS) or len(signature) > _MOST_WORDS:
        return None
    prefix, chunks, suffix = framed(signature)
    joined = [_joined(chunk, latin=latin) for chunk in chunks]
    if not joined or len(joined) > 2 or not all(joined):  # noqa: PLR2004 - family, given
        return None
    titles = {signature[place] for place in prefix}
    chosen = _behind_comma(*joined) if joined[1:] else _one(joined[0], titles, latin, order)
    if chosen is None:
        return None
    given, middle, family = chosen
    gender = _gender(given, middle, family, latin=latin)
    return Parts(prefix, places_of(given), places_of(middle), places_of(family), suffix, gender)


def stable(signature: str, parts: Parts, *, latin: bool, order: str) -> bool:
    """Tell whether the display name of `parts`, read again, is the same display name of the same parts."""
    shown = "".join(signature[place] for place in parts.words())
    again = parts_of(shown, latin=latin, order=order)
    sizes = [[len(getattr(found, part)) for part in NAME_PARTS] for found in (parts, again or parts)]
    return again is None or (again.words() == tuple(range(len(shown))) and sizes[0] == sizes[1])


def several(signature: str) -> bool:
    """Tell whether a name outside of its titles has an "and": perhaps it is more than one person's."""
    return any(unit.code in {Code.JOIN, SEVERAL} for chunk in framed(signature).chunks for unit in chunk)


def _joined(units: list[Unit], *, latin: bool) -> list[Unit]:
    """Return units with those around an "and" made one; none, where that makes no sense.

    Two given names belong together, in Latin script also an "and" that stands at an end.
    """
    codes = [unit.code for unit in units]
    if Code.JOIN not in codes:
        return units
    first, last = codes.index(Code.JOIN), len(codes) - 1 - codes[::-1].index(Code.JOIN)
    middle = first > 0 and last < len(codes) - 1
    if middle and (first != last or not {codes[first - 1], codes[last + 1]} <= GIVEN):
        return []
    if (not middle and not latin) or any(code != Code.JOIN for code in codes[first : last + 1]):
        return []
    start, end = max(first - 1, 0), last + 2
    return [*units[:start], Unit(SEVERAL, places_of(units[start:end])), *units[end:]]


def _behind_comma(family: list[Unit], rest: list[Unit]) -> Chosen | None:
    """Return the parts of "family, given middle"; None where the words say the opposite."""
    turned = all(unit.code in GIVEN for unit in family) and rest[0].code in CLEAR_FAMILY | PATRONYMIC
    return None if turned else (rest[:1], rest[1:], family)


def _one(units: list[Unit], titles: set[str], latin: bool, order: str) -> Chosen | None:  # noqa: FBT001  # given by place, inside of this file alone
    """Return the parts of a name without commas."""
    if len(units) == 1:
        return _single(units[0], titles, latin)
    if latin:
        return western(units, order)
    if SEVERAL in {unit.code for unit in units}:
        return _joint(units)
    if len(units) == 2:  # noqa: PLR2004 - words
        return _two(*units) or _by_order(units, order)
    return _three(*units) if len(units) == 3 else None  # noqa: PLR2004 - words


def _single(unit: Unit, titles: set[str], latin: bool) -> Chosen | None:  # noqa: FBT001  # given by place, inside of this file alone
    """Return the part that a lone word is: a known given name, a clear family name, or one behind a title.

    In Latin script what follows a title alone is a family name (Mr. Duncan), but for Sir Elton and his like.
    """
    titled = bool(titles)
    formal = latin and titled and Code.FORENAME_TITLE not in titles
    if unit.code in GIVEN | {SEVERAL} and not (formal and unit.code != SEVERAL):
        return [unit], [], []
    lone = {Code.WORD, Code.PERHAPS_FAMILY, Code.EAST_ASIAN, *GIVEN}
    return ([], [], [unit]) if unit.code in CLEAR_FAMILY or (titled and unit.code in lone) else None


def _joint(units: list[Unit]) -> Chosen | None:
    """Return the parts of two given names and one family name: Иван и Мария Петровы."""
    given = [unit for unit in units if unit.code == SEVERAL]
    family = [unit for unit in units if unit.code in CLEAR_FAMILY]
    return (given, [], family) if len(units) == 2 and len(family) == 1 else None  # noqa: PLR2004 - names, family


def _likely(unit: Unit, father: Unit | None = None) -> int:
    """Return how likely a unit is a given name rather than a family name: 3 known, 2 rare, 0 no sign, -3 surely not.

    A form of a family name for the other gender than that of the patronymic is no sign.
    """
    if unit.code in GIVEN:
        return 2 if unit.code in {Code.RARE_MALE, Code.RARE_FEMALE} else 3
    other = {Code.PATRONYMIC_FEMALE: Code.FAMILY_MALE, Code.PATRONYMIC_MALE: Code.FAMILY_FEMALE}
    if father and other.get(father.code) == unit.code:
        return 0
    if unit.code in CLEAR_FAMILY | FATHERS | {WITH_PARTICLE}:
        return -3
    return -1 if unit.code == Code.PERHAPS_FAMILY else 0


def _two(one: Unit, two: Unit) -> Chosen | None:
    """Return the parts of two Cyrillic words: what is known to be a given name, a patronymic or a family name tells."""
    if {one.code, two.code} & INITIALS:
        return _two_with_initial(one, two)
    if two.code in FATHERS:
        return _two_with_patronymic(one, two)
    if one.code in FATHERS:
        return None
    pair = _pair(one, two)
    return pair and ([pair[0]], [], [pair[1]])


def _pair(one: Unit, two: Unit, father: Unit | None = None) -> tuple[Unit, Unit] | None:
    """Return which of two words is the given name and which the family name, by what they are; None: no telling."""
    first, second = _likely(one, father), _likely(two, father)
    if (first > 0) != (second > 0):
        return (one, two) if first > second else (two, one)
    if (first == -3) != (second == -3):  # noqa: PLR2004 - surely not
        return (one, two) if first > second else (two, one)
    return None


def _placed(one: Unit, two: Unit, father: Unit) -> tuple[Unit, Unit] | None:
    """Return given and family name where the usual order makes the first one the given name.

    The words may say the opposite: clearly, then they are right, or weakly, then there is no telling.
    """
    first, second = _likely(one, father), _likely(two, father)
    if first >= second:
        return one, two
    known_woman = two.code in WOMEN and father.code == Code.PATRONYMIC_FEMALE
    return (two, one) if second - first > 3 or (first == -3 and second == 0) or known_woman else None  # noqa: PLR2004  # see `_likely`


def _two_with_patronymic(one: Unit, two: Unit) -> Chosen | None:
    """Return the parts of a word and a patronymic; no woman has a son's patronymic, so hers is a family name."""
    if two.code in SON and one.code in WOMEN:
        return [one], [], [two]
    daughter = two.code == Code.PATRONYMIC_FEMALE and one.code in {*GIVEN, Code.WORD} - MEN
    son = two.code == Code.PATRONYMIC_MALE and one.code in {*MEN, Code.UNISEX}
    return ([one], [two], []) if daughter or son else None


def _two_with_initial(one: Unit, two: Unit) -> Chosen | None:
    """Return the parts of a word and an initial: the family name is written out, unless the word is a given name."""
    if {one.code, two.code} <= INITIALS:
        return None
    if one.code in INITIALS:
        return None if two.code in PATRONYMIC else ([one], [], [two])
    if one.code == Code.PATRONYMIC_FEMALE:
        return None
    return ([one], [], [two]) if one.code in GIVEN else ([two], [], [one])


def _by_order(units: list[Unit], order: str) -> Chosen | None:
    """Return the parts of two words in the order that the rules set, None where they set none."""
    one, two = units
    if order == "auto" or {one.code, two.code} & {*FATHERS, *INITIALS}:
        return None
    return ([one], [], [two]) if order == "given-family" else ([two], [], [one])


def _three(one: Unit, two: Unit, three: Unit) -> Chosen | None:
    """Return the parts of three Cyrillic words: a patronymic or initials show where the given name is."""
    words = (one, two, three)
    if any(unit.code in INITIALS for unit in words):
        return _three_with_initials(one, two, three)
    place = _father([unit.code for unit in words])
    if place is None:
        return None
    father = words[place]
    others = [unit for unit in words if unit is not father]
    women = sum(unit.code == Code.FEMALE for unit in others)
    if father.code in SON and women == 1 and place != len(others):
        return None
    given, family = others if place == 1 else others[::-1]
    pair = _placed(given, family, father) if place else _first(given, family, father)
    return pair and ([pair[0]], [father], [pair[1]])


def _first(one: Unit, two: Unit, father: Unit) -> tuple[Unit, Unit] | None:
    """Return given and family name behind a patronymic, an order that nobody is used to: both must be known."""
    pair = _pair(one, two, father)
    clear = pair and pair[0].code in GIVEN and (father.code in PATRONYMIC or pair[1].code in CLEAR_FAMILY)
    return pair if clear else None


def _father(codes: list[str]) -> int | None:
    """Return the place of the patronymic among three words; None: there is none, or no telling which."""
    places = [place for place, code in enumerate(codes) if code in FATHERS]
    daughters = [place for place in places if codes[place] == Code.PATRONYMIC_FEMALE]
    sure = daughters or [place for place in places if codes[place] in PATRONYMIC]
    if len(sure) == 1:
        return sure[0]
    if len(places) == 1:
        return places[0]
    # both may be: Иван Петрович Абрамович, Антонович Иван Петрович
    if sure == [1, 2] and codes[0] in GIVEN:
        return 1
    return 2 if places == [0, 2] and codes[1] in GIVEN else None


def _three_with_initials(one: Unit, two: Unit, three: Unit) -> Chosen | None:
    """Return the parts of three words with initials: Петров И. С., И. С. Петров, Петров Иван С., Иван С. Петров."""
    first, second, third = (unit.code in INITIALS for unit in (one, two, three))
    if second and third and not first:
        return [two], [three], [one]
    if first and second and not third:
        return [one], [two], [three]
    if third and not first and not second and two.code in GIVEN:
        return [two], [three], [one]
    if second and not first and not third and one.code in GIVEN:
        return [one], [two], [three]
    return None


def _gender(given: list[Unit], middle: list[Unit], family: list[Unit], *, latin: bool) -> str | None:
    """Return the gender that a patronymic tells, else the given name, the family name where that is not known.

    None where they are silent or disagree; abroad a wife bears her husband's form of the name.
    """
    fathers = [unit.code for unit in middle if unit.code in FATHERS]
    told = {_GENDERS[code] for code in fathers}
    told |= {_GENDERS[unit.code] for unit in given if unit.code in MEN | WOMEN}
    written = bool(given) and not {unit.code for unit in given} & ({SEVERAL} | (INITIALS if latin else set()))
    forms = {unit.code for unit in family} & {Code.FAMILY_FEMALE, *([] if latin else [Code.FAMILY_MALE])}
    if written and not fathers:
        told |= {_GENDERS[code] for code in forms}
    return told.pop() if len(told) == 1 else None
