"""Calendars (iCalendar, RFC 5545) as meetings: a row for each attendee who is not one of us.

A meeting that comes again is as many meetings, up to the day of reading: the first, which has the key of the whole, and
later ones, which have the moment of their own in it, as a changed time of a series has. To add a column: a line in
`_row`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl

from crmtool.core import findings
from crmtool.core.errors import InputRefused
from crmtool.core.journal import recurring
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
_TIMES = 1_000  # of one meeting: the latest of them
_ALL = 100_000  # meetings of a file; of others that come again the first time is kept

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


_Line = tuple[dict[str, str], str]  # the parameters of a property, and its value


@dataclass
class _Event:
    """The lines of one VEVENT: name -> its parameters and value, in the order of the file."""

    row: int
    lines: dict[str, list[_Line]] = field(default_factory=lambda: defaultdict(list))

    def text(self, name: str) -> str:
        """Return the value of a property as text, "" where it has none."""
        return _unescaped(self.lines[name][0][1]) if self.lines[name] else ""


def read(path: Path, options: Options, ours: frozenset[str], today: dt.date) -> Iterator[Table]:
    """Yield the meetings of a calendar as tables, of those that come again the times up to a day.

    Raises InputRefused where it holds none.
    """
    encoding = streams.surveyed(path, options.encoding).encoding
    with path.open(encoding=encoding, errors="replace", newline=None) as text:
        events = list(_events(text))
    if not events:
        raise InputRefused(f"{path.name} holds no meeting.", "Export the calendar again, with its events.")
    own = ours or most_common([{address for address, _ in _people(event)} for event in events if _people(event)])
    happened, odd = _repeated(events[: options.limit], today)
    rows = [row for event in happened for row in _rows(event, own)]
    cells = pl.DataFrame(rows, schema=dict.fromkeys(COLUMNS, pl.String()), orient="row")
    whole = Table(
        name=path.name,
        sha256=table.digest(path),
        cells=cells.select(pl.when(pl.all() != "").then(pl.all())),
        rows=pl.int_range(1, cells.height + 1, eager=True).alias(table.ROW),
        refused=table.refused([]),
        blank=0,
        findings=_remarks(events, odd),
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


def _remarks(events: list[_Event], odd: list[tuple[int, str]]) -> pl.DataFrame:
    starts = [(event.row, event.lines["DTSTART"][0][0].get("TZID", "")) for event in events if event.lines["DTSTART"]]
    said = [*odd, *((row, "calendar.zone") for row, name in starts if name and _zone(name) is None)]
    return findings.found(pl.DataFrame(said, schema={"row": pl.Int64(), "code": pl.String()}, orient="row"))


# -- meetings that come again -----------------------------------------------------------------------------------------


def _repeated(events: list[_Event], today: dt.date) -> tuple[list[_Event], list[tuple[int, str]]]:
    """Return each time of each event up to a day, and what there is to say of them (row, code)."""
    changed = {(event.text("UID"), _instant(each)) for event in events for each in _several(event, "RECURRENCE-ID")[:1]}
    happened: list[_Event] = []
    odd: list[tuple[int, str]] = []
    for event in events:
        if not (event.lines["RRULE"] or event.lines["RDATE"]) or not event.lines["DTSTART"]:
            happened.append(event)
            continue
        times, code = _times(event, today) if len(happened) < _ALL else ([event], "calendar.first")
        gone = {_instant(each) for each in _several(event, "EXDATE")}
        starts = [(time, _instant(time.lines["DTSTART"][0])) for time in times]
        happened += [time for time, at in starts if at not in gone and (event.text("UID"), at) not in changed]
        odd.append((event.row, code))
    return happened, odd


def _times(event: _Event, today: dt.date) -> tuple[list[_Event], str]:
    """Return the times of an event up to a day, the first and the latest, and a code of what there is to say."""
    given, value = start = event.lines["DTSTART"][0]
    rules = [recurring.recurrence(said) for _, said in event.lines["RRULE"]]
    first = _day(value)
    if first is None or None in rules or len(rules) > 1:
        return [event], "calendar.first"
    later = [(given, f"{day:%Y%m%d}{value[8:]}") for rule in rules if rule for day in _days(rule, first, start, today)]
    later += [each for each in _several(event, "RDATE") if (_day(each[1]) or dt.date.max) <= today]
    once = {at: each for each in later if (at := _instant(each)) != _instant(start)}
    kept = [once[at] for at in sorted(once)[1 - _TIMES :]]
    code = "calendar.often" if len(once) > len(kept) else "calendar.repeats"
    return [event, *(_moved(event, each) for each in kept)], code


def _days(rule: recurring.Recurrence, first: dt.date, start: _Line, today: dt.date) -> list[dt.date]:
    """Return the days after the first on which an event comes again, up to a day and the end of its rule."""
    days = recurring.days(rule, first, today)[1:]
    if rule.until is None:
        return days
    given, value = start
    until = _instant(({} if rule.until.endswith("Z") else given, rule.until))
    return [day for day in days if _instant((given, f"{day:%Y%m%d}{value[8:]}"))[: len(until)] <= until]


def _moved(event: _Event, start: _Line) -> _Event:
    """Return an event as it is at another time, which its key tells."""
    lines = event.lines.copy()
    lines["DTSTART"] = lines["RECURRENCE-ID"] = [start]
    before, after = _day(event.lines["DTSTART"][0][1]), _day(start[1])
    for given, value in event.lines["DTEND"][:1]:
        ended = _day(value)
        if before and after and ended:
            lines["DTEND"] = [(given, f"{ended + (after - before):%Y%m%d}{value[8:]}")]
    return replace(event, lines=lines)


def _several(event: _Event, name: str) -> list[_Line]:
    """Return the moments of a property: several in a line, and of spans their beginnings."""
    return [
        (given, value.partition("/")[0].strip())
        for given, values in event.lines[name]
        for value in values.split(",")
        if _MOMENT.fullmatch(value.partition("/")[0].strip())
    ]


def _day(value: str) -> dt.date | None:
    """Return the day of a moment as a calendar writes it."""
    try:
        return dt.date.fromisoformat(value[:8])
    except ValueError:
        return None


def _instant(line: _Line) -> str:
    """Return a day, or a moment in UTC where its zone is known, so that the same moment is the same text."""
    said = _moment(*line) or ""
    try:
        at = dt.datetime.fromisoformat(said)
        return at.astimezone(dt.UTC).isoformat() if at.tzinfo else said
    except (ValueError, OverflowError):
        return said
