"""Calendars (RFC 5545) of whole days: the same entries give the same text, byte for byte.

Whatever makes entries says what they are called; a name that comes again replaces the entry in a person's calendar.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, NamedTuple

from crmtool.io.renderers.pages import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_LINE = 75  # bytes


class Entry(NamedTuple):
    """A day and what is to be done on it; `name` is its own for ever."""

    name: str
    day: dt.date
    title: str
    text: str = ""
    kind: str = ""


def calendar(entries: Iterable[Entry], stamp: dt.datetime, product: str, title: str = "") -> str:
    """Return entries as a calendar; `product` is what made it, `title` what people see of it, `stamp` when."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:-//crmtool//{product}//EN", "CALSCALE:GREGORIAN"]
    lines += [f"X-WR-CALNAME:{_text(title)}"] if title else []
    lines += [line for entry in entries for line in _entry(entry, stamp)]
    return "".join(f"{_folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"])


def _entry(entry: Entry, stamp: dt.datetime) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{entry.name}@crmtool"
    yield f"DTSTAMP:{stamp.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"
    yield f"DTSTART;VALUE=DATE:{entry.day:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{entry.day + dt.timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{_text(entry.title)}"
    if entry.text:
        yield f"DESCRIPTION:{_text(entry.text)}"
    if entry.kind:
        yield f"CATEGORIES:{_text(entry.kind)}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _text(text: str) -> str:
    r"""Return a text as a calendar writes it: `\`, `;`, `,` and line ends escaped, unseen characters written out."""
    lines = [str(visible(line)) for line in text.split("\n")]
    return "\\n".join(line.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,") for line in lines)


def _folded(line: str) -> str:
    """Return a line in pieces of at most 75 bytes, none of which ends inside a character."""
    pieces, piece, size = [], "", 0
    for character in line:
        width = len(character.encode())
        if size + width > _LINE:
            pieces.append(piece)
            piece, size = "", 1  # the space before what goes on
        piece += character
        size += width
    return "\r\n ".join([*pieces, piece])
