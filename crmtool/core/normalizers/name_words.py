"""What one word of a name is by itself: a code of one letter, and its right case.

The codes of a name's words, in a row, are its signature; `name_order` decides by signatures alone. To add a sign: a
code in `Code` and a test for it in `code_of`, stronger signs first.
"""

from __future__ import annotations

import re

from crmtool.core.folding import folded
from crmtool.core.normalizers import given_names as known


class Code:
    """The kinds of word; one letter each, as they stand in a signature."""

    COMMA = ","
    TITLE = "t"
    SUFFIX = "s"
    PARTICLE = "d"
    AND = "&"
    INITIAL = "i"
    MALE, FEMALE, UNISEX = "m", "n", "u"  # known given names
    PATRONYMIC_MALE, PATRONYMIC_FEMALE = "p", "P"  # from a known name, or of a form that family names do not have
    PERHAPS_PATRONYMIC = "q"  # Вольфгантович; but Янукович
    SON_OF, DAUGHTER_OF = "o", "k"
    FAMILY, PERHAPS_FAMILY = "f", "v"  # by its ending
    WORD = "w"
    FOREIGN = "?"  # digits, brackets, "and": this is more than a name, or more than one


_CYRILLIC_FAMILY = re.compile(
    r"(?:[а-яіїєґ']{2}(?:ов|ев|єв|ова|ева|єва)|[а-яіїє]{3}ів|[сцз]ьк(?:ий|а)|[сц]к(?:ий|ая|ой)|енко|[чщшнлр]ук|юк|"
    r"швили|швілі|дзе|ых|[кгшщч]их)$"
)
_CYRILLIC_PERHAPS = re.compile(
    r"(?:ин|ін|їн|ын|ина|іна|їна|ына|їв|ко|ук|ак|як|ик|ік|ець|ец|ян|янц|ич|ло|ба|да|ий|ый|ая|ой|ун|ань|ей|ай)$"
)
_LATIN_FAMILY = re.compile(r"(?:[a-z]{2}(?:ov|ova|ev|eva|off|eff)|sk(?:y|iy|ii|yi|yy|aya|aia)|enko|chuk|shvili|dze)$")
_DAUGHTER = re.compile(r"(?:[а-яіїє']{2}(?:овна|евна|євна|івна|ївна|ична)|[a-z]{2}(?:ovna|evna|ivna|yivna|ichna))$")
_PERHAPS_SON = re.compile(r"(?:[а-яіїє']{2}(?:ович|евич|євич)|[a-z]{2}(?:ovich|evich|ovych|evych))$")
_OGLU = re.compile(rf"-(?:{'|'.join(known.SON_OF)})$")
_KYZY = re.compile(rf"-(?:{'|'.join(known.DAUGHTER_OF)})$")
_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*\.?")

_ROMAN = re.compile(r"[IVX]{2,}")
_VOWELLESS = re.compile(r"[B-DF-HJ-NP-TV-XZ]{2,3}")  # J.J. written JJ, and the like


def _patronymics(name: str) -> set[str]:
    """Return the regular patronymics of sons of a man, in Russian and Ukrainian; some are nobody's, none is wrong."""
    stem, last = name[:-1], name[-1]
    if name.endswith(("ий", "ій")):
        return {stem + "евич", stem[:-1] + "ьевич", stem + "йович"}
    endings = {"й": ("евич", "йович"), "ь": ("евич", "ьович", "ович"), "о": ("ович", "йович"), "а": ("ович", "ич")}
    if last in endings:
        return {stem + ending for ending in endings[last]}
    return {name + "ович", name + "евич"}


_SONS = known.IRREGULAR_PATRONYMICS.union(*(_patronymics(name) for name in known.MALE if re.search("[а-я]", name)))

_GIVEN = (
    (known.UNISEX | (known.MALE & known.FEMALE), Code.UNISEX),
    (known.MALE, Code.MALE),
    (known.FEMALE, Code.FEMALE),
)
#: Tests in order: the first that holds gives the code.
_LISTS = (
    (known.TITLES, Code.TITLE),
    (known.PARTICLES, Code.PARTICLE),
    (known.SON_OF, Code.SON_OF),
    (known.DAUGHTER_OF, Code.DAUGHTER_OF),
    *_GIVEN,
    (_SONS, Code.PATRONYMIC_MALE),
)
_ENDINGS = (
    (_OGLU, Code.PATRONYMIC_MALE),
    (_KYZY, Code.PATRONYMIC_FEMALE),
    (_DAUGHTER, Code.PATRONYMIC_FEMALE),
    (_PERHAPS_SON, Code.PERHAPS_PATRONYMIC),
    (_CYRILLIC_FAMILY, Code.FAMILY),
    (_LATIN_FAMILY, Code.FAMILY),
    (_CYRILLIC_PERHAPS, Code.PERHAPS_FAMILY),
)


def code_of(word: str) -> str:
    """Return the code of one word.

    >>> [code_of(word) for word in ("Иван", "Сергеевич", "Петров", "И.", "Jr.", ",")]
    ['m', 'p', 'f', 'i', 's', ',']
    """
    if word == ",":
        return Code.COMMA
    fold = folded(word)
    plain = fold.rstrip(".")
    if plain in known.SUFFIXES:
        return Code.SUFFIX
    if not _WORD.fullmatch(fold) or word in known.JOINING:
        return Code.FOREIGN
    if plain == "y":
        return Code.AND
    if len(plain) == 1:
        return Code.INITIAL
    listed = (code for words, code in _LISTS if plain in words)
    ending = (code for pattern, code in _ENDINGS if pattern.search(plain))
    return next(listed, None) or _double(plain) or next(ending, Code.WORD)


def _double(word: str) -> str | None:
    """Return the code of a double given name (Анна-Мария): that of its first half."""
    halves = word.split("-")
    codes = [next((code for words, code in _GIVEN if half in words), None) for half in halves]
    return codes[0] if len(codes) > 1 and all(codes) else None


def cased(word: str) -> str:
    """Return a word of a name with capitals where it has only capitals or none; any other case is somebody's choice.

    >>> [cased(word) for word in ("ПЕТРОВ", "о'коннор", "ДЕМ'ЯНЧУК", "римский-корсаков", "McDonald", "III", "VAN")]
    ['Петров', "О'Коннор", "Дем'янчук", 'Римский-Корсаков', 'McDonald', 'III', 'van']
    """
    if not (word.isupper() or word.islower()) or _ROMAN.fullmatch(word) or _VOWELLESS.fullmatch(word):
        return word
    fold = folded(word).rstrip(".")
    if word == "y" or (fold in known.TITLES and word.islower()):
        return word
    if fold in known.PARTICLES or fold in known.SON_OF or fold in known.DAUGHTER_OF:
        return word.lower()
    capital = _CAPITAL.sub(lambda match: match.group().upper(), word.lower())
    return capital if capital.lower() == word.lower() else word


#: Where a capital stands: at the start, behind a hyphen or full stop, behind O' and D', and behind Mc.
_CAPITAL = re.compile(r"(?:(?<![^\W\d_])(?<!['’ʼ`])|(?<=\b[oоdдlл]['’ʼ`])|(?<=\bmc))[^\W\d_]")
