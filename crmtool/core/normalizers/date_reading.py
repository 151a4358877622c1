"""One day written with words, times or odd marks, brought to figures: "вт, 5 марта 2024 г. в 10:20" is 2024-03-05.

`read` takes the time and its zone off first, then the words; what is left is figures in a known order, or figures
whose order only the whole column can tell ("5/3/2024"). Nothing here guesses: a word it does not know ends the reading.
To add a word: `date_words`; a way to write a time: `_CLOCKS`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from crmtool.core.normalizers.date_words import MONTHS, ORDINALS, PASSED_OVER, QUARTERS, ROMAN, WEEKDAYS, ZONES


class Reading(NamedTuple):
    """What a text says: the figures of the day, its time and zone.

    Figures are "2024-03-05" or "5/3/2024", zeros for what is not known ("0000-03-05", "2024-03-00"), or "2024-Q1";
    `OPEN` where they could be two days.
    """

    core: str | None
    time: str | None = None
    zone: str | None = None


_NOTHING = Reading(None)
OPEN = "?"

#: Ways to write a time, the surest first; each with the groups h, m, s and half, where it has them.
_HALF = r"(?:\s*(?P<half>[ap])\.?\s?m\b\.?)"
_CLOCKS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?<![\d:.])(?P<h>\d{{1,2}}):(?P<m>\d{{2}})(?::(?P<s>\d{{2}})(?:[.,]\d+)?)?(?![\d:]){_HALF}?",
        rf"(?<![\d:./-])(?P<h>\d{{1,2}})(?:\.(?P<m>\d{{2}}))?(?![\d.]){_HALF}",
        r"(?<=[ t])(?P<h>\d{1,2})\s?(?:h|ч|час\.?|год\.?)\s?(?P<m>\d{2})(?:\s?(?:m|мин\.?|хв\.?))?(?![\d])",
        r"(?<=\d{4})[ ,]+(?P<h>\d{1,2})\.(?P<m>\d{2})$",
    )
)
_NAMED = {"noon": "12:00", "midday": "12:00", "midnight": "00:00", "полдень": "12:00", "полночь": "00:00"}
_NAMED_TIME = re.compile(rf"\b(?:{'|'.join(_NAMED)})\b")
_IN_FRONT = re.compile(r"(?:(?<=\d)t|[\s,|@—-]|(?<![^\W\d_])(?:at|в|во|о|об|у)(?=\s*$))+$")
_ZONE = re.compile(
    r"^[\s,]*(?:(?:utc|gmt)?(?P<sign>[+-])(?P<hours>\d{1,2}):?(?P<minutes>\d{2})?|(?P<name>[a-zмск]{1,4})\b)?\s*"
    r"(?:\([^()]*\))?[\s.]*$"
)
_TOKEN = re.compile(r"(?P<figures>'?\d+)|(?P<word>[^\W\d_]+(?:'[^\W\d_]+)*)|(?P<mark>[^\w\s]|_)")
_ISO_NO_YEAR = re.compile(r"--(\d{2})-?(\d{2})")
_MARKS = frozenset(".,;()[]-/'\"")  # others may mean something: "~2024", "2024?"
_DAYS, _LONG_YEAR = 31, 4


def read(text: str, pivot: int) -> Reading:
    """Return what a folded text says; years of two digits above `pivot` are 19xx where a name of a month stands by.

    >>> read("вт, 5 марта 2024 г. в 10:20", 40)
    Reading(core='2024-03-05', time='10:20', zone=None)
    >>> read("5/3/24 9:05 pm", 40), read("5 марта", 40).core, read("foo 5", 40).core
    (Reading(core='5/3/24', time='21:05', zone=None), '0000-03-05', None)
    """
    day, time, zone = _without_time(text)
    core = _day(day, pivot)
    return Reading(core, time, zone) if core else _NOTHING


# --- time and zone ---


def _without_time(text: str) -> tuple[str, str | None, str | None]:
    """Return the text without its time, the time as ISO 8601 and the zone; time "?": figures that are no time."""
    if named := _NAMED_TIME.search(text):
        return _IN_FRONT.sub("", text[: named.start()]) + " " + text[named.end() :], _NAMED[named.group()], None
    for clock in _CLOCKS:
        if found := clock.search(text):
            before, after = _IN_FRONT.sub("", text[: found.start()]), text[found.end() :]
            if before.strip(" ,.") and (zone := _ZONE.match(after)):
                return before, _clock(found), _zone(zone)
            return f"{before} {after}", _clock(found), None
    return text, None, None


def _clock(found: re.Match[str]) -> str | None:
    """Return a time as ISO 8601, None where there is none such."""
    groups = found.groupdict()
    hour, minute, second = int(groups["h"]), int(groups.get("m") or 0), groups.get("s")
    half = groups.get("half")
    if hour > (12 if half else 23) or minute > 59 or int(second or 0) > 59 or (half and not hour):  # noqa: PLR2004  # hours, minutes
        return None
    hour = hour % 12 + 12 * (half == "p") if half else hour
    return f"{hour:02}:{minute:02}" + (f":{second}" if second else "")


def _zone(found: re.Match[str]) -> str | None:
    """Return a zone as ISO 8601, or as written where its name means several."""
    if found["sign"]:
        return f"{found['sign']}{int(found['hours']):02}:{found['minutes'] or '00'}"
    name = found["name"]
    return ZONES.get(name, name.upper()) if name and name not in PASSED_OVER else None


# --- the day ---


class _Said(NamedTuple):
    """The figures of a day, its months as words (number, how many figures before, word) and the marks with places."""

    figures: list[str]
    months: list[tuple[int, int, str]]
    marks: list[tuple[int, str]]
    quarter: bool


@lru_cache(maxsize=50_000)
def _day(text: str, pivot: int) -> str | None:
    """Return the figures of a day without its words, None where a word is not known; days come again and again."""
    if marked := _ISO_NO_YEAR.fullmatch(text.strip()):
        return f"0000-{marked[1]}-{marked[2]}"
    said = _said(text)
    if said is None or len(said.months) > 1:
        return None
    if said.quarter:
        return _quarter(said.figures + [str(month) for month, _, word in said.months if word in ROMAN])
    if said.months:
        return _with_month(said.figures, *said.months[0], pivot)
    return _figures(said.figures, said.marks)


def _said(text: str) -> _Said | None:
    """Return the parts of a day, None where a word or a mark is not known."""
    said, quarter = _Said([], [], [], quarter=False), False
    for token in _TOKEN.finditer(text):
        kind, written = token.lastgroup, token.group()
        month = MONTHS.get(written) or ROMAN.get(written)
        if kind == "figures":
            said.figures.append(written)
        elif kind == "mark" and written in _MARKS:
            said.marks.append((len(said.figures), written))
        elif month:
            said.months.append((month, len(said.figures), written))
        elif written in QUARTERS:
            quarter = True
        elif not _passed_over(written, text[: token.start()]):
            return None
    return said._replace(quarter=quarter)


def _passed_over(word: str, before: str) -> bool:
    """Tell whether a word changes nothing: a day of the week, an ending of an ordinal, "года"."""
    return word in WEEKDAYS or word in PASSED_OVER or (word in ORDINALS and before.rstrip("-")[-1:].isdigit())


def _quarter(figures: list[str]) -> str | None:
    """Return "2024-Q1"."""
    numbers = sorted(figures, key=len)
    fits = len(numbers) == 2 and numbers[0] in {"1", "2", "3", "4"} and len(numbers[1]) == _LONG_YEAR  # noqa: PLR2004  # quarter, year
    return f"{numbers[1]}-Q{numbers[0]}" if fits else None


def _with_month(figures: list[str], month: int, before: int, word: str, pivot: int) -> str | None:
    """Return the figures of a day whose month is a word (or a Roman numeral between two figures)."""
    if word in ROMAN and word not in MONTHS and (len(figures), before) != (2, 1):
        return None
    if len(figures) == 1:
        return _with_one(figures[0], month, before, word)
    if len(figures) != 2:  # noqa: PLR2004 - day and year
        return None
    day, year = figures if not _is_year(figures[0]) or _is_year(figures[1]) else reversed(figures)
    if _is_year(day) or len(day) > 2:  # noqa: PLR2004 - digits of a day
        return None
    return f"{_long(year, pivot)}-{month:02}-{int(day):02}"


def _with_one(figure: str, month: int, before: int, word: str) -> str | None:
    """Return a month of a year, or a day of any year; behind the name of a month a small number may be either."""
    if len(figure) == _LONG_YEAR and figure.isdigit():
        return f"{figure}-{month:02}-00"
    if _is_year(figure) or len(figure) > 2:  # noqa: PLR2004 - digits of a day
        return None
    return f"0000-{month:02}-{int(figure):02}" if before or word.isascii() else OPEN


def _is_year(figure: str) -> bool:
    """Tell whether a number can only be a year."""
    return len(figure) == _LONG_YEAR or figure.startswith("'") or (len(figure) == 2 and int(figure) > _DAYS)  # noqa: PLR2004  # figures


def _long(year: str, pivot: int) -> str:
    """Return a year with four digits."""
    year = year.strip("'")
    if len(year) > 2:  # noqa: PLR2004 - digits
        return year
    return f"{19 if int(year) > pivot else 20}{int(year):02}"


def _figures(figures: list[str], marks: list[tuple[int, str]]) -> str | None:
    """Return figures with the marks between them, one each."""
    between = [[mark for at, mark in marks if at == place] for place in range(1, len(figures))]
    if not figures or any(len(several) > 1 or several[:1] not in ([], ["."], ["/"], ["-"]) for several in between):
        return None
    parts = [figures[0]]
    for several, figure in zip(between, figures[1:], strict=True):
        parts += [several[0] if several else " ", figure]
    return "".join(parts)
