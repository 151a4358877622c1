"""Days on which something comes again, by a rule of iCalendar (RRULE of RFC 5545, 3.3.10).

All days of a bounded span are looked at as one column, so a rule that is never met costs no more than any other. To
read another part of rules: a field of `Recurrence`, and its condition in `_conditions`.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_EARLIEST = dt.date(1970, 1, 1)
_PARTS = {
    "FREQ": r"DAILY|WEEKLY|MONTHLY|YEARLY",
    "INTERVAL": r"[1-9]\d{0,3}",
    "COUNT": r"[1-9]\d{0,6}",
    "UNTIL": r"\d{8}(T\d{6}Z?)?",
    "BYMONTH": r"\d{1,2}(,\d{1,2}){0,30}",
    "BYMONTHDAY": r"[+-]?\d{1,2}(,[+-]?\d{1,2}){0,100}",
    "BYYEARDAY": r"[+-]?\d{1,3}(,[+-]?\d{1,3}){0,400}",
    "BYDAY": r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)(,([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)){0,100}",
    "BYSETPOS": r"[+-]?\d{1,3}(,[+-]?\d{1,3}){0,400}",
    "WKST": "|".join(_DAYS),
}


class Recurrence(NamedTuple):
    """A rule: how often, how many times, and on which days; places count from the end where they are below zero."""

    frequency: str
    interval: int = 1
    times: int | None = None
    until: str | None = None  # a day, or a moment, as it is written
    months: tuple[int, ...] = ()
    month_days: tuple[int, ...] = ()
    year_days: tuple[int, ...] = ()
    weekdays: tuple[tuple[int, int], ...] = ()  # (which of the month or year, 0 for each; weekday from Monday, 0)
    places: tuple[int, ...] = ()  # which of the days of a period
    week_start: int = 0


def recurrence(text: str) -> Recurrence | None:
    """Return a rule; None where it says something that is not read, such as several times in a day."""
    parts = dict(part.partition("=")[::2] for part in text.strip().strip(";").upper().split(";"))
    if "FREQ" not in parts or any(not re.fullmatch(_PARTS.get(name, "(?!)"), said) for name, said in parts.items()):
        return None
    rule = Recurrence(
        parts["FREQ"],
        int(parts.get("INTERVAL", 1)),
        int(parts["COUNT"]) if "COUNT" in parts else None,
        parts.get("UNTIL"),
        _numbers(parts, "BYMONTH"),
        _numbers(parts, "BYMONTHDAY"),
        _numbers(parts, "BYYEARDAY"),
        tuple((int(day[:-2] or 0), _DAYS.index(day[-2:])) for day in parts.get("BYDAY", "").split(",") if day),
        _numbers(parts, "BYSETPOS"),
        _DAYS.index(parts.get("WKST", "MO")),
    )
    counted = any(place for place, _ in rule.weekdays)
    return None if counted and rule.frequency in {"DAILY", "WEEKLY"} else rule


def _numbers(parts: Mapping[str, str], name: str) -> tuple[int, ...]:
    return tuple(int(number) for number in parts.get(name, "").split(",") if number)


def days(rule: Recurrence, start: dt.date, last: dt.date) -> list[dt.date]:
    """Return the days from `start`, which is always the first, up to `last` on which a rule falls, in order.

    `rule.until` is not looked at: with the time of the day, the caller knows the moments. Of rules that began before
    1970 only the first day is told.

    >>> days(recurrence("FREQ=MONTHLY;BYDAY=-1FR"), dt.date(2026, 1, 30), dt.date(2026, 4, 1))
    [datetime.date(2026, 1, 30), datetime.date(2026, 2, 27), datetime.date(2026, 3, 27)]
    """
    if start < _EARLIEST or last < start:
        return [start]
    every = pl.date_range(start.replace(month=1, day=1), last.replace(month=12, day=31), eager=True).alias("day")
    told = _told(every.to_frame(), rule).filter((pl.col("period") - _period_of(rule, start)) % rule.interval == 0)
    met = told.filter(*_conditions(rule, start))
    if rule.places:
        rank, many = pl.int_range(pl.len()).over("period"), pl.len().over("period").cast(pl.Int64)
        met = met.filter((rank + 1).is_in(rule.places) | (rank - many).is_in(rule.places))
    later = met.filter(pl.col("day").is_between(start, last, closed="right"))["day"].to_list()
    return [start, *later][: rule.times]


def _told(frame: pl.DataFrame, rule: Recurrence) -> pl.DataFrame:
    """Return days with what rules ask of them; places in month and year from both ends."""
    day = pl.col("day").dt
    to_end = day.days_in_month() - day.day() + 1
    to_new_year = 366 + day.is_leap_year().cast(pl.Int32) - day.ordinal_day()
    return frame.with_columns(
        month=day.month().cast(pl.Int64),
        weekday=day.weekday().cast(pl.Int64) - 1,
        of_month=day.day().cast(pl.Int64),
        to_month=-to_end.cast(pl.Int64),
        of_year=day.ordinal_day().cast(pl.Int64),
        to_year=-to_new_year.cast(pl.Int64),
        period=_period(rule),
    )


def _period(rule: Recurrence) -> pl.Expr:
    """Return the number of the period of the rule that a day is in."""
    day = pl.col("day")
    number, year = day.to_physical().cast(pl.Int64), day.dt.year().cast(pl.Int64)
    return {
        "DAILY": number,
        "WEEKLY": (number + 10 - rule.week_start) // 7,  # 1 January 1970 was a Thursday
        "MONTHLY": year * 12 + day.dt.month(),
        "YEARLY": year,
    }[rule.frequency]


def _period_of(rule: Recurrence, day: dt.date) -> int:
    return int(pl.DataFrame({"day": [day]}).select(_period(rule)).item())


def _conditions(rule: Recurrence, start: dt.date) -> Iterator[pl.Expr]:
    """Yield what a rule asks of its days; what it leaves open is as with its first day."""
    if rule.months:
        yield pl.col("month").is_in(rule.months)
    if rule.month_days:
        yield _at(rule.month_days, "month")
    if rule.year_days:
        yield _at(rule.year_days, "year")
    if rule.weekdays:
        yield _on_weekdays(rule)
    if not (rule.month_days or rule.year_days or rule.weekdays):
        if rule.frequency == "WEEKLY":
            yield pl.col("weekday") == start.weekday()
        elif rule.frequency in {"MONTHLY", "YEARLY"}:
            yield pl.col("of_month") == start.day
            if rule.frequency == "YEARLY" and not rule.months:
                yield pl.col("month") == start.month


def _at(places: tuple[int, ...], span: str) -> pl.Expr:
    return pl.col(f"of_{span}").is_in(places) | pl.col(f"to_{span}").is_in(places)


def _on_weekdays(rule: Recurrence) -> pl.Expr:
    """Return the condition of weekdays: each, or the n-th of a month, or of a year where the rule names no month."""
    span = "year" if rule.frequency == "YEARLY" and not rule.months else "month"
    first, last = (pl.col(f"of_{span}") - 1) // 7 + 1, -((-pl.col(f"to_{span}") - 1) // 7 + 1)
    places = {0: pl.lit(value=True)}
    return pl.any_horizontal(
        (pl.col("weekday") == weekday) & places.get(place, (first if place > 0 else last) == place)
        for place, weekday in rule.weekdays
    )
