"""Old notes that hold history, split into dated interactions: "12.04 звонил, перезвонить 20.04".

A piece begins with a day and goes to the next day that begins one. A day without a year is of the latest year in which
it does not lie after the note was written. A note of which nothing begins with a day gives nothing. What the pieces say
is word for word; the note itself stays as it is. To add a word for a kind: `_KINDS`.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import NamedTuple

_DAY = r"(?<![\d.,/:-])(\d{1,2})[./](\d{1,2})(?:[./](\d{4}|\d{2}))?(?:\s*г\.?)?(?![\d./-]|\s*(?:%|руб|грн|₽|\$|шт))"
_ISO = r"(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)"
_BEGINNING = re.compile(rf"(?:^|[\n;]|(?<=[.!?])\s)\s*[-–—•*]?\s*(?:{_ISO}|{_DAY})(?P<after>\s*[:,.—–-]?\s*)")
_NEXT = re.compile(
    rf"(?i)\b(?P<step>(?:перезвонить|передзвонити|позвонить|подзвонити|написать|написати|связаться|зв'язатися|встреча"
    rf"|зустріч|напомнить|нагадати|отправить|надіслати|call\s*back|call|follow.?up|meet|remind|send)[^\n;.]{{0,60}}?)"
    rf"\s*(?:\bдо\b|\bна\b|\bon\b|\bby\b|[-–—:,])?\s*(?:{_ISO}|{_DAY})"
)
_KINDS = (
    ("call", r"звон|дзвон|набирал|созвон|недозвон|call|phone|трубк"),
    ("meeting", r"встре|зустрі|визит|візит|приезжал|приїжджав|meeting|met\b|демо\b|demo\b"),
    ("email", r"письм|почт|e-?mail|лист[аіу]?\b|отправил[аи]? кп|надіслал|mailed"),
    ("chat", r"telegram|телеграм|whats|ватсап|вайбер|viber|чат\b|написал в|chat"),
)
_OLDEST, _CENTURY, _PIVOT = 1990, 2000, 69


class Piece(NamedTuple):
    """One dated piece of a note."""

    on: str  # ISO day
    kind: str
    text: str  # word for word, the day included
    next_step: str | None
    next_on: str | None


def pieces(note: str, written: dt.date) -> list[Piece]:
    """Return the dated pieces of a note that was written, or last changed, on a day.

    >>> [(p.on, p.kind, p.next_step, p.next_on) for p in pieces("12.04 звонил, перезвонить 20.04", dt.date(2026, 5, 1))]
    [('2026-04-12', 'call', 'перезвонить', '2026-04-20')]
    """
    starts = [(found.start(), day) for found in _BEGINNING.finditer(note) if (day := _day(found.groups()[:6], written))]
    if not starts:
        return []
    ends = [at for at, _ in starts[1:]] + [len(note)]
    return [_piece(note[at:end], day) for (at, day), end in zip(starts, ends, strict=True) if _says(note[at:end])]


def _says(text: str) -> bool:
    return bool(re.search(r"[^\W\d_]{2}", text))


def _piece(text: str, day: dt.date) -> Piece:
    said = text.strip(" \n;")
    step = _NEXT.search(said)
    due = _later(step.groups()[1:7], day) if step else None
    kind = next((kind for kind, words in _KINDS if re.search(words, said, re.IGNORECASE)), "note")
    told = step["step"].strip(" ,:—–-") if step and due else None
    return Piece(day.isoformat(), kind, said, told, due.isoformat() if due else None)


def _day(parts: tuple[str | None, ...], latest: dt.date) -> dt.date | None:
    """Return the day of ISO parts or of day, month and perhaps year; without a year the last one up to `latest`."""
    year, month, day, *_ = parts if parts[0] else (parts[5], parts[4], parts[3])
    if year is None:
        found = _valid(latest.year, month, day)
        return found if found is None or found <= latest else _valid(latest.year - 1, month, day)
    found = _valid(_whole(int(year)), month, day)
    return found if found and found <= latest else None


def _later(parts: tuple[str | None, ...], after: dt.date) -> dt.date | None:
    """Return the first such day that is not before `after`."""
    year, month, day, *_ = parts if parts[0] else (parts[5], parts[4], parts[3])
    if year is not None:
        found = _valid(_whole(int(year)), month, day)
        return found if found and found >= after else None
    found = _valid(after.year, month, day)
    return found if found and found >= after else _valid(after.year + 1, month, day)


def _whole(year: int) -> int:
    if year > 99:  # noqa: PLR2004  # written with all its digits
        return year
    return year + (_CENTURY if year <= _PIVOT else _CENTURY - 100)


def _valid(year: int, month: str | None, day: str | None) -> dt.date | None:
    try:
        found = dt.date(year, int(month or 0), int(day or 0))
    except ValueError:
        return None
    return found if found.year >= _OLDEST else None
