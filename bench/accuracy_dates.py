"""Days: the absolute dates of dateparser's tests, by language, with the day as it is written.

The list names no language; its rows were sorted by hand into the lines below, by their words alone. Rows of figures
alone belong to no language: their answers follow the habits of one (06-17-2014 is English, 11. 12. 2014 Serbian). The
rows with a zone expect the moment in UTC; ours is the day as written, so the zone is taken off before comparing.
"""

from __future__ import annotations

import csv
import datetime as dt
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from bench.accuracy import Result
from crmtool.core.normalizers.registry import Settings, normalized

if TYPE_CHECKING:
    from pathlib import Path

#: Lines of the list (1: the first below its header) with words of these languages; "Mar", "May" alone are English.
_ENGLISH = (*range(1, 18), 19, 20, 99, *range(142, 146), 148, 149, 150)
_RUSSIAN = range(43, 59)
_UKRAINIAN = (*range(85, 91), 100)
_FIGURES = (18, 95, 96, 97, 130, 135, 146, 147)


class _Case(NamedTuple):
    text: str
    expected: dt.datetime
    utc: bool  # whether the moment is expected in UTC


def measure(data: Path) -> list[Result]:
    file = data / "dates" / "dateparser_absolute.csv"
    with file.open(encoding="utf-8", newline="") as lines:
        rows = [_case(row) for row in csv.DictReader(lines)]
    three = [*_ENGLISH, *_RUSSIAN, *_UKRAINIAN]
    rest = [number for number in range(1, len(rows) + 1) if number not in {*three, *_FIGURES}]
    parts = {
        "days in English": (_ENGLISH, None),
        "days in Russian": (_RUSSIAN, None),
        "days in Ukrainian": (_UKRAINIAN, None),
        "days in these three": (three, 0.98),
        "days in figures alone, of no language": (_FIGURES, None),
        "days in other languages, right or open": (rest, None),
    }
    return [_result(what, [rows[n - 1] for n in numbers], target) for what, (numbers, target) in parts.items()]


def _case(row: dict[str, str]) -> _Case:
    expected = dt.datetime.fromisoformat(row["expected"]).replace(tzinfo=dt.UTC)
    return _Case(row["text"], expected, utc="zones" in row["test"] or "offsets" in row["test"])


def _result(what: str, cases: list[_Case], target: float | None) -> Result:
    texts = pl.Series([case.text for case in cases]).unique()
    found = {row["value"]: row for row in normalized("date", texts, Settings()).iter_rows(named=True)}
    told = [(case.text, _wanted(case, found[case.text]["zone"]), found[case.text]["clean"] or "") for case in cases]
    open_too = "open" in what
    misses = tuple(case for case in told if case[1] != case[2] and not (open_too and not case[2]))
    return Result("dates/dateparser_absolute.csv", what, len(told) - len(misses), len(told), target, misses)


def _wanted(case: _Case, zone: str | None) -> str:
    """Return the day that is expected, as written."""
    ahead = dt.datetime.fromisoformat(f"2024-01-01T00:00{zone}").utcoffset() if case.utc and zone else dt.timedelta()
    return (case.expected + (ahead or dt.timedelta())).date().isoformat()
