"""The words of addresses: kinds of street, of numbers and of settlements, and the patterns made of them.

The words are those of the Russian and Ukrainian classifiers of addresses and of everyday English ones, with their usual
short forms; folded, without full stops. To add a word: in the list of its look. A look is how the word is written, and
must be one of its own words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

Table = dict[str, tuple[str, ...]]
#: Kinds of street: look -> words.
STREETS: Table = {
    "ул.": ("улица", "ул"),
    "вул.": ("вулиця", "вул"),
    "пр-т": ("проспект", "просп", "пр-т", "пр-кт"),
    "пр.": ("пр",),  # of an avenue or of a passage: it stays open
    "пер.": ("переулок", "пер"),
    "пров.": ("провулок", "пров"),
    "б-р": ("бульвар", "бульв", "бул", "б-р"),
    "наб.": ("набережная", "набережна", "наб"),
    "пл.": ("площадь", "площа", "пл"),
    "ш.": ("шоссе", "шосе", "ш"),
    "проезд": ("проезд", "пр-д"),
    "проїзд": ("проїзд",),
    "туп.": ("тупик", "туп"),
    "аллея": ("аллея", "ал"),
    "алея": ("алея",),
    "линия": ("линия", "лин"),
    "узвіз": ("узвіз",),
    "спуск": ("спуск",),
    "тракт": ("тракт",),
}
#: Quarters, which stand before a street or in its place.
QUARTERS: Table = {"мкр": ("микрорайон", "мікрорайон", "мкр", "мкрн", "мкр-н"), "кв-л": ("квартал", "кв-л")}
#: Words before a number: part of the address -> look -> words. The look of a house in Ukrainian is its own.
NUMBERS: dict[str, Table] = {
    "house": {
        "д.": ("дом", "д"),
        "буд.": ("будинок", "буд"),
        "вл.": ("владение", "влад", "вл"),
    },
    "building": {
        "корп.": ("корпус", "корп", "к"),
        "стр.": ("строение", "строен", "стр"),
        "лит.": ("литера", "литер", "лит"),
        "літ.": ("літера", "літ"),
    },
    "floor": {
        "подъезд": ("подъезд", "под"),
        "під'їзд": ("під'їзд", "під’їзд"),
        "эт.": ("этаж", "эт"),
        "пов.": ("поверх", "пов"),
    },
    "flat": {
        "кв.": ("квартира", "кв"),
        "оф.": ("офис", "офіс", "оф"),
        "пом.": ("помещение", "пом"),
        "прим.": ("приміщення", "прим"),
        "каб.": ("кабинет", "кабінет", "каб"),
        "комн.": ("комната", "комн"),
        "кімн.": ("кімната", "кімн"),
    },
}
#: Looks that a part does without: house 5, building 2, flat 10; an office is told.
PLAIN = r"^(?:д|буд|корп|кв)\. "
#: Words for a settlement, by look.
SETTLEMENTS: Table = {
    "г.": ("город", "гор", "г"),
    "м.": ("місто", "м"),
    "пгт": ("пгт",),
    "смт": ("смт",),
    "рп": ("рп",),
    "с.": ("село", "с"),
    "дер.": ("деревня", "дер"),
    "пос.": ("поселок", "посёлок", "пос"),
    "селище": ("селище",),
    "ст-ца": ("станица", "ст-ца"),
    "хутор": ("хутор",),
}
_ROADS = (
    "street|st|avenue|ave|road|rd|boulevard|blvd|lane|ln|drive|dr|way|court|ct|place|pl|square|sq|terrace|ter|highway"
    "|hwy|parkway|pkwy|circle|cir|crescent|close|parade|hill|row|walk|mews|gardens|grove|drove|plaza|pike|turnpike"
)
_COMPASS = "north|south|east|west|[ns][ew]?|[ew]"
UNITS = "apartment|apt|suite|ste|unit|flat|room|rm"


def looks(table: Table) -> dict[str, str]:
    """Return word -> look.

    >>> looks({"ул.": ("улица", "ул")})
    {'улица': 'ул.', 'ул': 'ул.'}
    """
    return {word: look for look, words in table.items() for word in words}


def _any(words: Iterable[str]) -> str:
    """Return words as alternatives of a pattern, the longest first."""
    return "|".join(sorted(words, key=lambda word: (-len(word), word)))


_STREET = _any(looks(STREETS))
_NUMBERS = _any(word for table in NUMBERS.values() for word in looks(table))
_LETTER = "[а-яёіїєґa-z]"
NUMBER = rf"\d{{1,4}}(?: ?{_LETTER})?(?:[/-]\d+{_LETTER}?)?(?:к\d+)?(?:с\d+)?"
_VALUE = rf"\d+(?: ?{_LETTER})?(?:[/-]\d*{_LETTER}?)?(?:-{_LETTER})?(?:к\d+)?(?:с\d+)?"

STREET_BEFORE = rf"(?i)^({_STREET})(?:\. *| )(.+)$"
STREET_AFTER = rf"(?i)^(.*\p{{L}}.*?) ({_STREET})\.?(?: ({NUMBER}))?$"
QUARTER_BEFORE = rf"(?i)^({_any(looks(QUARTERS))})(?:\. *| )(.+)$"
QUARTER_AFTER = rf"(?i)^(.*\p{{L}}.*?) ({_any(looks(QUARTERS))})\.?$"
#: What a name of a street is made of, and what shows that something else is in it.
NAME = r"^[\p{L}\d .'’ʼ\"«»-]{1,60}$"
_WORD = _any(word for table in (STREETS, QUARTERS, SETTLEMENTS) for word in looks(table) if len(word) > 1)
NO_NAME = (
    rf"(?i)(?:^| )(?:(?:{_WORD}|(?-i:\p{{Ll}}))(?:\.| |$)|(?:{_NUMBERS}|{UNITS})\.? ?\d)"  # "М. Горького" is one
    r"|(?:^| )(?:литера|лит|літера|літ|корпус|корп)\.? \p{L}(?: |$)|\d{5}|[a-z]{1,2}\d[a-z\d]? \d"
)
#: A name and a number after it.
NAME_AND_NUMBER = rf"(?i)^(.*\p{{L}}.*?) ({NUMBER})$"
NUMBERED = {
    part: rf"(?i)^({_any(looks(table))})\.? ?№? ?({_VALUE}{f'|{_LETTER}' if part == 'building' else ''})$"
    for part, table in NUMBERS.items()
}
SETTLEMENT = rf"(?i)^({_any(looks(SETTLEMENTS))})(?:\. *| )(\p{{L}}[\p{{L}} .'’ʼ-]{{2,}})$"
SETTLEMENT_AFTER = r"(?i)^(\p{L}[\p{L} .'’ʼ-]{2,}) (г|город|смт|пгт)\.?$"
DISTRICT = r"(?i)^(?:(?:район|р-н)\.? [\p{L} -]+|[\p{L} -]+ (?:район|р-н)\.?)$"
ROAD = rf"(?i)^(?:(\d+[a-z]?(?:-\d+[a-z]?)?) )?(\S.*? (?:{_ROADS})\.?(?: (?:{_COMPASS})\.?)?)$"
#: What shows that a name of a road has something else in front: a number of a house, or without one many words.
NO_ROAD = r"(?:^| )-?\d+[A-Za-z]?(?:-\d+)? "
MANY_WORDS = r"^(?:\S+ ){4}"
UNIT = rf"(?i)^(?:{UNITS})\.? ?(?:no\.? ?)?#? ?(\d+[a-z]?|[a-z])$"

#: Where a comma is missing: pattern -> what stands there with it.
COMMAS = {
    rf"(?i)[\s,;]+((?:{_NUMBERS})\.? ?№? ?\d)": ", $1",
    rf"(?i)[\s,;]+((?:литера|лит|літера|літ|корпус|корп)\.? {_LETTER})([,;]|$| )": ", $1$2",
    rf"(?i)(\d{_LETTER}?)((?:кв|корп|стр|оф)\.? ?\d)": "$1, $2",
    rf"(?i)[\s,]+((?:{UNITS})\.? ?(?:no\.? ?)?#? ?\d)": ", $1",
    rf"((?i:{UNITS})\.? ?(?i:no\.? ?)?#? ?\d+[A-Za-z]?) +([A-Z])": "$1, $2",
    r"(^|[,;] ?)(\d{5,6})\s+(\p{L})": "$1$2, $3",
    r"([\p{Cyrillic}.])\s+(\d{5,6})$": "$1, $2",
    r"[\s,]+([A-Z]{2}|[A-Z]\.[A-Z]\.?),?\s+(\d{5}(?:-\d{4})?)(,|$| +[A-Z])": ", $1, $2,$3",
    r"[\s,]+([A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2})(,|$| +[A-Z])": ", $1,$2",
    rf"(?i)^((?:г|город|м|місто)(?:\. *| )[\p{{L}}-]+) ((?:{_STREET})(?:\.| ))": "$1, $2",
}
POSTCODE = r"^(?:\d{5,6}|\d{5}-\d{4}|[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2})$"
UKRAINIAN = r"(?i)[іїєґ]|\b(?:вул|буд|пров|просп|будинок|прим)\b"
