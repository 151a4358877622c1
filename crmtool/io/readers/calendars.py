"""Calendars (iCalendar, RFC 5545) as meetings: a row for each attendee who is not one of us.

Of a meeting that comes again its first time is kept, and changed times are meetings of their own. To add a column: a
line in `_row`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl

from crmtool.core import findings
from crmtool.core.errors import InputRefused
from crmtool.io.readers import files, streams, table
from crmtool.io.readers.letter_box import most_common
from crmtool.io.readers.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crmtool.io.readers.table import Options

COLUMNS = ("Key", "Start", "End", "Summary", "Text", "Address", "Name", "Our address", "Status", "Thread")
_LINE = re.compile(r'([A-Za-z0-9-]+)((?:;[A-Za-z0-9-]+=(?:"[^"]*"|[^":;]*))*):(.*)', re.DOTALL)
_PARAMETER = re.compile(r';([A-Za-z0-9-]+)=(?:"([^"]*)"|([^":;]*))')
_MOMENT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})(Z?))?")
_LASTS = re.compile(r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
_LONGEST = 64 << 10  # characters of a value
_MOST = 5_000  # lines of an event

#: Names that Windows gives to zones. Source: the supplement windowsZones of Unicode CLDR.
_WINDOWS = {
    "Russian Standard Time": "Europe/Moscow",
    "FLE Standard Time": "Europe/Kyiv",
    "Belarus Standard Time": "Europe/Minsk",
    "Kaliningrad Standard Time": "Europe/Kaliningrad",
    "Ekaterinburg Standard Time": "Asia/Yekaterinburg",
    "N. Central Asia Standard Time": "Asia/Novosibirsk",
    "Central Asia Standard Time": "Asia/Almaty",
    "Georgian Standard Time": "Asia/Tbilisi",
    "Turkey Standard Time": "Europe/Istanbul",
    "GTB Standard Time": "Europe/Bucharest",
    "E. Europe Standard Time": "Europe/Chisinau",
    "Central Europe Standard Time": "Europe/Budapest",
    "Central European Standard Time": "Europe/Warsaw",
    "W. Europe Standard Time": "Europe/Berlin",
    "Romance Standard Time": "Europe/Paris",
    "GMT Standard Time": "Europe/London",
    "Israel Standard Time": "Asia/Jerusalem",
    "Eastern Standard Time": "America/New_York",
    "Central Standard Time": "America/Chicago",
    "Mountain Standard Time": "America/Denver",
    "Pacific Standard Time": "America/Los_Angeles",
}


@dataclass
class _Event:
    """The lines of one VEVENT: name -> its parameters and value, in the order of the file."""

    row: int
    lines: dict[str, list[tuple[dict[str, str], str]]] = field(default_factory=lambda: defaultdict(list))

    def text(self, name: str) -> str:
        """Return the value of a property as text, "" where it has none."""
        return _unescaped(self.lines[name][0][1]) if self.lines[name] else ""


def read(path: Path, options: Options, ours: frozenset[str]) -> Iterator[Table]:
    """Yield the meetings of a calendar as tables. Raises InputRefused where it holds none."""
    encoding = streams.surveyed(path, options.encoding).encoding
    with path.open(encoding=encoding, errors="replace", newline=None) as text:
        events = list(_events(text))
    if not events:
        raise InputRefused(f"{path.name} holds no meeting.", "Export the calendar again, with its events.")
    own = ours or most_common([{address for address, _ in _people(event)} for event in events if _people(event)])
    rows = [(event.row, row) for event in events[: options.limit] for row in _rows(event, own)]
    cells = pl.DataFrame([row for _, row in rows], schema=dict.fromkeys(COLUMNS, pl.String()), orient="row")
    whole = Table(
        name=path.name,
        sha256=table.digest(path),
        cells=cells.select(pl.when(pl.all() != "").then(pl.all())),
        rows=pl.int_range(1, cells.height + 1, eager=True).alias(table.ROW),
        refused=table.refused([]),
        blank=0,
        findings=_remarks(events),
        encoding=encoding,
        format="calendar",
        header=0,
    )
    yield from table.slices(whole, files.PART)


def _events(lines: Iterator[str]) -> Iterator[_Event]:
    """Yield the events of a calendar; alarms inside of them say nothing of their own."""
    event: _Event | None = None
    inner, size = 0, 0
    for number, line in enumerate(_unfolded(lines), 1):
        word = line.strip().upper()
        if word == "BEGIN:VEVENT":
            event, inner, size = _Event(number), 0, 0
        elif event and word == "END:VEVENT":
            yield event
            event = None
        elif event and word.startswith(("BEGIN:", "END:")):
            inner += 1 if word.startswith("BEGIN:") else -1
        elif event and not inner and size < _MOST and (found := _LINE.fullmatch(line)):
            given = {name.upper(): quoted or plain for name, quoted, plain in _PARAMETER.findall(found[2])}
            event.lines[found[1].upper()].append((given, found[3][:_LONGEST]))
            size += 1


def _unfolded(lines: Iterator[str]) -> Iterator[str]:
    held: list[str] = []
    length = 0
    for raw in lines:
        line = raw.rstrip("\r\n")
        if line[:1] in {" ", "\t"} and held:
            if length < 2 * _LONGEST:
                held.append(line[1:])
                length += len(line)
            continue
        if held:
            yield "".join(held)
        held, length = [line], len(line)
    if held:
        yield "".join(held)


def _unescaped(value: str) -> str:
    return re.sub(r"\\([nN,;\\])", lambda sign: "\n" if sign[1] in "nN" else sign[1], value).strip()


def _people(event: _Event) -> list[tuple[str, str]]:
    """Return the attendees and the organizer, each once (address, name)."""
    found: dict[str, str] = {}
    for given, value in (*event.lines["ATTENDEE"], *event.lines["ORGANIZER"]):
        address = re.sub(r"(?i)^mailto:", "", value.strip()).lower()
        if "@" in address and given.get("CUTYPE", "").upper() not in {"ROOM", "RESOURCE"}:
            found.setdefault(address, given.get("CN", ""))
    return list(found.items())


def _rows(event: _Event, own: frozenset[str]) -> Iterator[tuple[str | None, ...]]:
    people = _people(event)
    ours = [address for address, _ in people if address in own or f"@{address.rpartition('@')[2]}" in own]
    theirs = [(address, name) for address, name in people if address not in ours] or [("", "")]
    for address, name in theirs:
        yield _row(event, address, name if name.lower() != address else "", ours[0] if ours else None)


def _row(event: _Event, address: str, name: str, mine: str | None) -> tuple[str | None, ...]:
    start = _moment(*event.lines["DTSTART"][0]) if event.lines["DTSTART"] else None
    own = event.text("UID") or f"{event.text('DTSTART')} {event.text('SUMMARY')}"
    again = event.text("RECURRENCE-ID")
    text = "\n".join(part for part in (event.text("LOCATION"), event.text("DESCRIPTION")) if part)
    return (
        "#".join(part for part in (own, again, address) if part),
        start,
        _end(event),
        event.text("SUMMARY"),
        text,
        address,
        name,
        mine,
        event.text("STATUS").lower() if event.text("STATUS").upper() in {"CANCELLED", "TENTATIVE"} else None,
        own,
    )


def _end(event: _Event) -> str | None:
    if event.lines["DTEND"]:
        return _moment(*event.lines["DTEND"][0])
    lasts = _LASTS.fullmatch(event.text("DURATION"))
    start = _moment(*event.lines["DTSTART"][0]) if event.lines["DTSTART"] else None
    if not lasts or not start or len(start) <= len("2026-01-01"):
        return None
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in lasts.groups())
    length = dt.timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    try:
        return (dt.datetime.fromisoformat(start) + length).isoformat()
    except OverflowError:
        return None


def _moment(given: dict[str, str], value: str) -> str | None:
    """Return a day, or a moment with its zone, as ISO text; without one where the zone is not known."""
    found = _MOMENT.fullmatch(value.strip())
    if not found:
        return value.strip() or None
    year, month, day, hour, minute, second, zulu = found.groups()
    if hour is None:
        return f"{year}-{month}-{day}"
    try:
        naive = dt.datetime.fromisoformat(f"{year}-{month}-{day}T{hour}:{minute}:{second}")
    except ValueError:
        return value
    if zulu:
        return naive.replace(tzinfo=dt.UTC).isoformat()
    zone = _zone(given.get("TZID", ""))
    return naive.replace(tzinfo=zone).isoformat() if zone else naive.isoformat()


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(_WINDOWS.get(name, name.lstrip("/"))) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _remarks(events: list[_Event]) -> pl.DataFrame:
    said = [(event.row, "calendar.repeats") for event in events if event.lines["RRULE"]]
    starts = [(event.row, event.lines["DTSTART"][0][0].get("TZID", "")) for event in events if event.lines["DTSTART"]]
    said += [(row, "calendar.zone") for row, name in starts if name and _zone(name) is None]
    return findings.found(pl.DataFrame(said, schema={"row": pl.Int64(), "code": pl.String()}, orient="row"))
