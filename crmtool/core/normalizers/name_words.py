"""What one word of a name is by itself: a code of one letter, and its right case.

The codes of a name's words, in a row, are its signature; `name_order` and `name_western` decide by signatures alone.
To add a sign: a code in `Code` and a test for it in `code_of`, stronger signs first.
"""

from __future__ import annotations

import re

from crmtool.core.folding import folded
from crmtool.core.normalizers import given_names as known
from crmtool.core.normalizers import name_signs as signs
from crmtool.core.normalizers.name_spelling import retyped, skeleton, spellings


class Code:
    """The kinds of word; one letter each, as they stand in a signature."""

    COMMA = ","
    TITLE, QUALIFIER = "t", "T"  # Judge; US, The Rt
    FORENAME_TITLE = "S"  # a given name may follow it alone: Sir Elton, King Charles
    SUFFIX = "s"
    ACRONYM = "A"  # in capitals: letters behind a name, where the rest of the cell is not in capitals
    SMALL = "l"  # in small letters: no name, where the rest of the cell is not in small letters
    NUMERAL = "r"  # V, I: an initial, or the fifth of his name
    PARTICLE = "d"
    AND = "&"  # between two family names
    JOIN = "j"  # between two names, inside a title
    INITIAL = "i"
    MALE, FEMALE, UNISEX = "m", "n", "u"  # known given names
    RARE_MALE, RARE_FEMALE = "b", "g"  # given names of the longer lists, some of them words or family names too
    PATRONYMIC_MALE, PATRONYMIC_FEMALE = "p", "P"  # from a known name, or of a form that family names do not have
    PERHAPS_PATRONYMIC = "q"  # Вольфгантович; but Янукович
    SON_OF, DAUGHTER_OF = "o", "k"
    FAMILY, PERHAPS_FAMILY = "f", "v"  # by its ending
    FAMILY_MALE, FAMILY_FEMALE = "x", "X"  # by an ending that tells the gender
    FAMILY_PLURAL = "y"
    EAST_ASIAN = "e"
    LAYOUT = "L"  # typed with the wrong keyboard layout
    NOBODY = "N"  # test, имя: a placeholder, where all words are such
    LEGAL = "c"  # the legal form of a company
    NO_NAME = "#"  # a remark, a phone number, an address
    WORD = "w"
    FOREIGN = "?"  # digits, signs: this is more than a name


_OTHER_SCRIPT = re.compile(r"[^a-zа-яА-Я\u0000-\u052f\u1e00-\u1eff'’-]", re.IGNORECASE)
_CYRILLIC = "а-яіїєґўәғқңөұүһ"
_CYRILLIC_FEMALE = re.compile(
    rf"(?:[{_CYRILLIC}']{{2}}(?:ова|ева|єва|аева)|[{_CYRILLIC}]{{2}}(?:[сцз]ькая?|[сц]кая)|[{_CYRILLIC}]{{4}}ына)$"
)
_CYRILLIC_MALE = re.compile(
    rf"(?:[{_CYRILLIC}']{{2}}(?:ов|ев|єв|оў|еў|аў)|[{_CYRILLIC}]{{3}}(?:ів|(?:[^д]|[^иіуаеэ]д)[иі]н|ын)|"
    rf"[{_CYRILLIC}]{{2}}(?:[сцз]ьк[иі]й|[сц]к(?:ий|ой|і)))$"
)
_CYRILLIC_PLURAL = re.compile(
    rf"(?:[{_CYRILLIC}']{{2}}(?:овы|евы|ови|еви|єви)|[{_CYRILLIC}]{{3}}(?:ины|іни|[сц]кие|ські))$"
)
_CYRILLIC_FAMILY = re.compile(
    rf"(?:[её]нк[оа]|єнко|[чщшнлр]ук|юк|чык|швили|швілі|[{_CYRILLIC}]{{2}}дзе|[{_CYRILLIC}]{{4}}янц?|ых|[кгшщч]их)$"
)
_CYRILLIC_PERHAPS = re.compile(
    r"(?:ин|ін|їн|ын|ина|іна|їна|ына|їв|ко|ук|як|ець|ец|ян|янц|янс|ич|ий|ый|ая|ой|ели|ури|ани|ман|берг|штейн)$"
)
_CYRILLIC_GIVEN_MALE = re.compile(
    rf"(?:[{_CYRILLIC}]{{2}}(?:слав|мир|бек|жан|джон|[уиі]лла|[уи]ддин|хан)|^абд[уи]л?[{_CYRILLIC}]{{3}}(?<!в)(?<!ва))$"
)
_CYRILLIC_GIVEN_FEMALE = re.compile(rf"[{_CYRILLIC}]{{2}}(?:слава|мира|гуль|гүл|гюль|нур|сұлу|сулу)$")
_LATIN_FEMALE = re.compile(r"(?:[a-z]{2}(?:ova|eva)|sk(?:aya|aia))$")
_LATIN_FAMILY = re.compile(r"(?:[a-z]{2}(?:ov|ev|off|eff)|sk(?:y|iy|ii|yi|yy)|[a-z]enko|chuk|shvili|adze|idze)$")
_DAUGHTER = re.compile(
    rf"(?:[{_CYRILLIC}']{{2}}(?:овна|евна|ёвна|євна|івна|ївна|ична|аўна|еўна)|[a-z]{{2}}(?:ovna|evna|ivna|yivna|ichna))$"
)
_PERHAPS_SON = re.compile(rf"(?:[{_CYRILLIC}']{{2}}(?:ович|евич|євич|ёвич)|[a-z]{{2}}(?:ovich|evich|ovych|evych))$")
_SON = re.compile(rf"[{_CYRILLIC}']{{2}}(?:овіч|евіч|євіч|авіч)$")
_OGLU = re.compile(
    rf"(?:-(?:{'|'.join(signs.SON_OF)})|[{_CYRILLIC}]{{3}}(?:ұлы|улы|оглы)|[a-zə]{{3}}(?:uly|oglu|oğlu))$"
)
_KYZY = re.compile(rf"(?:-(?:{'|'.join(signs.DAUGHTER_OF)})|[{_CYRILLIC}]{{3}}(?:қызы|кызы)|[a-z]{{3}}qyzy)$")
_WORD = re.compile(r"[^\W\d_]+['.]?(?:['.-][^\W\d_]+)*['.]?")

#: Endings that Latin words do not have when typed with the other layout.
_SURE_FAMILY = re.compile(r"[а-яіїє]{2}(?:ова?|ева?|єва?|енко|ский|ський|ская|ська)$")
_ROMAN = re.compile(r"[IVX]{2,}")
_VOWELLESS = re.compile(r"[B-DF-HJ-NP-TV-XZ]{2,3}")  # J.J. written JJ, and the like
_INITIALS = re.compile(r"(?:[^\W\d_]\.-?){0,3}[^\W\d_]\.?")
_DEGREE = re.compile(r"(?:[a-z]{1,5}\.){1,3}[a-z]{1,4}\.?")
_CYRILLIC_DEGREE = re.compile(r"[дк]\.[а-яі.-]{1,7}\.н\.?")
_MASHED = re.compile(r"(?!i)([^\W\d_])\1{2,}|0+")
_NO_NAME = re.compile(r"@|://|www\.|(?:\d[\s()+-]*){5}")
_ACRONYM = re.compile(r"[A-Z]{2,5}")


def _patronymics(name: str) -> set[str]:
    """Return the regular patronymics of sons of a man, in Russian and Ukrainian; some are nobody's, none is wrong."""
    stem, last = name[:-1], name[-1]
    if name.endswith(("ий", "ій")):
        return {stem + "евич", stem[:-1] + "ьевич", stem + "йович"}
    endings = {"й": ("евич", "йович"), "ь": ("евич", "ьович", "ович"), "о": ("ович", "йович"), "а": ("ович", "ич")}
    if last in endings:
        return {stem + ending for ending in endings[last]}
    return {name + "ович", name + "евич"}


_FATHERS = (name for name in known.MALE if re.search("[а-я]", name))
_SONS = known.IRREGULAR_PATRONYMICS.union(*map(_patronymics, _FATHERS)) - signs.SURNAMES_LIKE_PATRONYMICS

_BOTH = known.UNISEX | (known.MALE & known.FEMALE)
_SPELT_MALE = spellings(known.CYRILLIC_MALE)
_SPELT_FEMALE = spellings(known.CYRILLIC_FEMALE)

_GIVEN = (
    (_BOTH, Code.UNISEX),
    (known.USUAL_MALE, Code.MALE),
    (known.USUAL_FEMALE, Code.FEMALE),
    (known.MALE, Code.RARE_MALE),
    (known.FEMALE, Code.RARE_FEMALE),
)
#: Tests in order: the first that holds gives the code.
_LISTS = (
    (signs.TITLES, Code.TITLE),
    (signs.PARTICLES, Code.PARTICLE),
    (signs.SON_OF, Code.SON_OF),
    (signs.DAUGHTER_OF, Code.DAUGHTER_OF),
    *_GIVEN,
    (_SONS, Code.PATRONYMIC_MALE),
    (signs.EAST_ASIAN, Code.EAST_ASIAN),
)
_ENDINGS = (
    (_OGLU, Code.PATRONYMIC_MALE),
    (_KYZY, Code.PATRONYMIC_FEMALE),
    (_DAUGHTER, Code.PATRONYMIC_FEMALE),
    (_SON, Code.PATRONYMIC_MALE),
    (_PERHAPS_SON, Code.PERHAPS_PATRONYMIC),
    (_CYRILLIC_GIVEN_FEMALE, Code.FEMALE),
    (_CYRILLIC_GIVEN_MALE, Code.MALE),
    (_CYRILLIC_FEMALE, Code.FAMILY_FEMALE),
    (_CYRILLIC_MALE, Code.FAMILY_MALE),
    (_CYRILLIC_PLURAL, Code.FAMILY_PLURAL),
    (_CYRILLIC_FAMILY, Code.FAMILY),
    (_LATIN_FEMALE, Code.FAMILY_FEMALE),
    (_LATIN_FAMILY, Code.FAMILY),
    (_CYRILLIC_PERHAPS, Code.PERHAPS_FAMILY),
)


def code_of(word: str) -> str:
    """Return the code of one word.

    >>> [code_of(word) for word in ("Иван", "Сергеевич", "Петров", "И.", "Jr.", ",")]
    ['m', 'p', 'x', 'i', 's', ',']
    """
    if word == ",":
        return Code.COMMA
    if word in signs.JOINING:
        return Code.JOIN
    fold = folded(word)
    return _beside(word, fold.strip(".")) or _around(fold) or _code(word, fold.rstrip("."))


def _beside(word: str, plain: str) -> str | None:
    """Return the code of a word that shows that this is no name, or None."""
    if plain in signs.LEGAL_FORMS and (word.isupper() or plain in signs.LEGAL_WORDS):
        return Code.LEGAL
    if plain in signs.NOBODY or _MASHED.fullmatch(plain):
        return Code.NOBODY
    if plain in signs.NO_NAME and not (plain.isascii() and word.istitle()):
        return Code.NO_NAME
    return Code.NO_NAME if _NO_NAME.search(word) else None


def _around(fold: str) -> str | None:
    """Return the code of a word that stands around a name, or None."""
    plain = fold.replace(".", "").replace(" ", "")
    dotted = [part for part in re.split(r"[.-]", fold) if part]
    if plain in signs.FORENAME_TITLES:
        return Code.FORENAME_TITLE
    if plain in signs.TITLES or (len(dotted) > 1 and signs.TITLES.issuperset(dotted)):
        return Code.TITLE
    if plain in signs.QUALIFIERS:
        return Code.QUALIFIER
    initials = _INITIALS.fullmatch(fold) is not None
    if plain in signs.SUFFIXES and not (initials and plain in {"jr", "sr", "do", "me"}):
        return Code.SUFFIX
    if _CYRILLIC_DEGREE.fullmatch(fold) or (not initials and _DEGREE.fullmatch(fold) and len(plain) > len(dotted)):
        return Code.SUFFIX
    return None


def _code(word: str, plain: str) -> str:
    """Return the code of a word that is part of a name, or of none."""
    if plain == "y":
        return Code.AND
    if word in {"V", "I", "v", "i"}:
        return Code.NUMERAL
    if ("." in word and _INITIALS.fullmatch(word)) or (len(plain) == 1 and plain.isalpha()):
        return Code.INITIAL
    listed = _listed(plain)
    if not listed and retyped(word, typed):
        return Code.LAYOUT
    if not _WORD.fullmatch(word) or "." in plain or _OTHER_SCRIPT.search(word):
        return Code.FOREIGN
    code = listed or _double(plain) or _ending(plain)
    return code or _looks(word)


def _looks(word: str) -> str:
    """Return the code of a word that no list and no ending knows, by its letters and their case."""
    if _ACRONYM.fullmatch(word):
        return Code.ACRONYM
    return Code.SMALL if word.islower() and not word.isascii() and re.search("[а-я]", word) else Code.WORD


def _listed(plain: str) -> str | None:
    """Return the code of a word in one of the lists, or of a Latin spelling of a Slavic given name."""
    listed = next((code for words, code in _LISTS if plain in words), None)
    return listed if listed or not plain.isascii() else _spelt(plain)


def _spelt(plain: str) -> str | None:
    """Return the code of a Slavic given name in any of its Latin spellings; short words prove nothing."""
    bones = skeleton(plain)
    if len(bones) < 4:  # noqa: PLR2004 - letters
        return None
    male, female = bones in _SPELT_MALE, bones in _SPELT_FEMALE
    return Code.UNISEX if male and female else Code.MALE if male else Code.FEMALE if female else None


def _ending(plain: str) -> str | None:
    """Return the code that the ending of a word tells; of a double family name, that of its last half."""
    return next((code for pattern, code in _ENDINGS if pattern.search(plain)), None)


def typed(word: str) -> bool:
    """Tell whether a word is surely a Slavic name; for words typed with the wrong keyboard layout."""
    sure = {*(code for _, code in _GIVEN), Code.PATRONYMIC_MALE, Code.PATRONYMIC_FEMALE}
    code = next((code for words, code in _LISTS if word in words), None) or _ending(word)
    return code in sure or _SURE_FAMILY.search(word) is not None


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
    if _SLIPPED.fullmatch(word):
        return word.capitalize()
    if not (word.isupper() or word.islower()) or _ROMAN.fullmatch(word) or _VOWELLESS.fullmatch(word):
        return word
    fold = folded(word).rstrip(".")
    if fold in {"y", "v", "i"} or (
        word.islower() and (fold in signs.TITLES or _DEGREE.fullmatch(word) or _CYRILLIC_DEGREE.fullmatch(word))
    ):
        return word
    if fold in signs.SUFFIXES or (fold.replace(".", "") in signs.SUFFIXES and "." in fold):
        return word
    if fold in signs.PARTICLES | signs.SON_OF | signs.DAUGHTER_OF or word in signs.JOINING:
        return word.lower()
    capital = _CAPITAL.sub(lambda match: match.group().upper(), word.lower())
    return capital if capital.lower() == word.lower() else word


#: Two capitals by a key held too long, or small and capital letters turned about: ИВанов, иВАНОВ.
_SLIPPED = re.compile(r"[А-ЯІЇЄҐ]{2}[а-яіїєґё]{3,}|[а-яіїєґё][А-ЯІЇЄҐЁ]{2,}")
#: Where a capital stands: at the start, behind a hyphen or full stop, behind O' and D', and behind Mc.
_CAPITAL = re.compile(r"(?:(?<![^\W\d_])(?<!['’ʼ`])|(?<=\b[oоdдlл]['’ʼ`])|(?<=\bmc))[^\W\d_]")
