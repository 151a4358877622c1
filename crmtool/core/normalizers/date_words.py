"""The words of days in Russian, Ukrainian and English, folded: months, days of the week, and what says nothing.

To add a month's form: an ending in `_STEMS`, or in `_ENGLISH_TEXT`; a word to pass over: `PASSED_OVER`.
"""

from __future__ import annotations

from collections import Counter

_SHORTEST = 3  # letters of an abbreviation: "янв", "бер", "Sep"

#: Number of the month -> stems with their endings, "stem:ending,ending".
_STEMS = (
    "январ:ь,я,е,ю,ем січ:ень,ня,ні,ню,нем",
    "феврал:ь,я,е,ю,ем лют:ий,ого,ому,им",
    "март:,а,е,у,ом берез:ень,ня,ні,ню,нем",
    "апрел:ь,я,е,ю,ем квіт:ень,ня,ні,ню,нем",
    "ма:й,я,е,ю,ем трав:ень,ня,ні,ню,нем",
    "июн:ь,я,е,ю,ем черв:ень,ня,ні,ню,нем",
    "июл:ь,я,е,ю,ем лип:ень,ня,ні,ню,нем",
    "август:,а,е,у,ом серп:ень,ня,ні,ню,нем",
    "сентябр:ь,я,е,ю,ем верес:ень,ня,ні,ню,нем",
    "октябр:ь,я,е,ю,ем жовт:ень,ня,ні,ню,нем",
    "ноябр:ь,я,е,ю,ем листопад:,а,і,у,ом",
    "декабр:ь,я,е,ю,ем груд:ень,ня,ні,ню,нем",
)
_ENGLISH_TEXT = "january february march april may june july august september october november december"
_ROMAN_TEXT = "i ii iii iv v vi vii viii ix x xi xii"

#: Days of the week, as they are written out and shortened.
_WEEKDAYS = (
    "понедельник вторник среда среду четверг пятница пятницу суббота субботу воскресенье понеділок вівторок середа "
    "середу четвер п'ятниця п'ятницю субота суботу неділя неділю monday tuesday wednesday thursday friday saturday "
    "sunday"
)
_SHORT_WEEKDAYS = (
    "пн вт ср чт пт сб вс нд пнд втр срд чтв птн сбт вск mo tu we th fr sa su mon tue tues wed weds thu thur thurs fri "
    "sat sun"
)
WEEKDAYS = frozenset((_WEEKDAYS + " " + _SHORT_WEEKDAYS).split())

#: Words that stand beside a day and change nothing: "5 марта 2024 года", "the 5th of March".
_PASSED_OVER_TEXT = "г гг год года году р рр рік року році year the of on в во у о об at число числа"
PASSED_OVER = frozenset(_PASSED_OVER_TEXT.split())

#: Endings of ordinal numbers, behind the figures.
_ORDINALS_TEXT = "st nd rd th е ое го ого й"
ORDINALS = frozenset(_ORDINALS_TEXT.split())

_QUARTERS_TEXT = "q qtr quarter кв квартал квартала квартале кварталу кварталі"
QUARTERS = frozenset(_QUARTERS_TEXT.split())

#: Names of zones that mean one difference everywhere; others are kept as they are written.
ZONES = {
    "z": "Z", "utc": "Z", "gmt": "Z", "мск": "+03:00", "msk": "+03:00", "est": "-05:00", "edt": "-04:00",
    "cdt": "-05:00", "mdt": "-06:00", "pst": "-08:00", "pdt": "-07:00", "eet": "+02:00", "eest": "+03:00",
    "cet": "+01:00", "cest": "+02:00",
}  # fmt: skip


def _months() -> dict[str, int]:
    """Return every form of a month's name -> its number; abbreviations only where they belong to one month."""
    whole: dict[str, int] = {}
    for number, (stems, english) in enumerate(zip(_STEMS, _ENGLISH_TEXT.split(), strict=True), 1):
        forms = [
            stem + ending for each in stems.split() for stem, ends in [each.split(":")] for ending in ends.split(",")
        ]
        whole |= dict.fromkeys([*forms, english], number)
    shortened = {(word[:length], number) for word, number in whole.items() for length in range(_SHORTEST, len(word))}
    meanings = Counter(beginning for beginning, _ in shortened)
    return {word: number for word, number in shortened if meanings[word] == 1} | whole


#: Folded name or abbreviation -> number of the month.
MONTHS = _months()
ROMAN = {numeral: number for number, numeral in enumerate(_ROMAN_TEXT.split(), 1)}
