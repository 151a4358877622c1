"""Values as written in a filter: texts, numbers and days, the relative ones among them.

To add a relative day: a line in `DAYS` and a function that gives it.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from sqlglot import exp

from crmtool.core import model
from crmtool.core.folding import folded
from crmtool.core.segments.refusals import refused, shown, suggested
from crmtool.core.segments.text import arguments, name_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from crmtool.core.segments.context import Context

_MAX_ID = 2**63 - 1  # the largest integer of SQLite
_MONTHS = 12


class Value(NamedTuple):
    """A value as written: its kind is "text", "number" or "day"."""

    kind: str
    text: str


class RelativeDay(NamedTuple):
    """A function that gives a day: how it is written, what it means, and the day."""

    usage: str
    meaning: str
    takes: int
    day: Callable[[dt.date, int], dt.date]


def _months_ago(today: dt.date, months: int) -> dt.date:
    year, month = divmod(today.year * _MONTHS + today.month - 1 - months, _MONTHS)
    ends = (31, 29 if _is_leap(year) else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    return dt.date(year, month + 1, min(today.day, ends[month]))


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


DAYS: dict[str, RelativeDay] = {
    "today": RelativeDay("today()", "the day it is", 0, lambda today, _: today),
    "days_ago": RelativeDay(
        "days_ago(30)", "so many days before today", 1, lambda today, n: today - dt.timedelta(days=n)
    ),
    "days_ahead": RelativeDay(
        "days_ahead(7)", "so many days after today", 1, lambda today, n: today + dt.timedelta(days=n)
    ),
    "months_ago": RelativeDay(
        "months_ago(12)", "the same day so many months before; the last of a shorter month", 1, _months_ago
    ),
    "start_of_month": RelativeDay(
        "start_of_month()", "the first day of this month", 0, lambda today, _: today.replace(day=1)
    ),
    "start_of_year": RelativeDay(
        "start_of_year()", "the first of January", 0, lambda today, _: today.replace(month=1, day=1)
    ),
}


def value(node: exp.Expr, context: Context) -> Value:
    """Return the value of a node. Raises UsageError where none stands."""
    if isinstance(node, exp.Literal):
        return Value("text", node.name) if node.is_string else Value("number", _number(node.name))
    if isinstance(node, exp.Neg):
        number = value(node.this, context)
        return number._replace(text=f"-{number.text}") if number.kind == "number" else _no_value(node)
    if isinstance(node, exp.Func) and name_of(node) in DAYS:
        return Value("day", _relative(name_of(node), arguments(node), context))
    return _no_value(node)


def _number(text: str) -> str:
    return text if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text) else refused(f'"{shown(text)}" is no plain number')


def _no_value(node: exp.Expr) -> NoReturn:
    text = shown(node.sql("sqlite"))
    if isinstance(node, exp.Column):
        refused(f'"{text}" stands where a value belongs', f"Text takes single quotes: '{text}'")
    if isinstance(node, exp.Null):
        refused("nothing equals an empty value", "Write: field is empty")
    if isinstance(node, exp.Func) and not isinstance(node, exp.Concat):
        refused(f'"{name_of(node)}" gives no value', suggested(name_of(node), DAYS))
    refused(f'"{text}" is no value', "A value is a text in single quotes, a number, today() or days_ago(30).")


def _relative(name: str, given: list[exp.Expr], context: Context) -> str:
    known = DAYS[name]
    if len(given) != known.takes:
        refused(f"{name} was given {len(given)} values", f"Write: {known.usage}")
    if not given:
        return known.day(context.today, 0).isoformat()
    count = value(given[0], context)
    try:
        if count.kind == "number" and count.text.isdigit():
            return known.day(context.today, int(count.text)).isoformat()
    except (OverflowError, ValueError):
        pass
    unit = "months" if name.startswith("months") else "days"
    return refused(f'"{shown(count.text)}" is no number of {unit}', f"Write: {known.usage}")


def text_of(node: exp.Expr, usage: str) -> str:
    """Return a literal text. Raises UsageError showing `usage` where none stands."""
    if isinstance(node, exp.Literal) and node.is_string:
        return str(node.name)
    return refused(f'"{shown(node.sql("sqlite"))}" is no text', f"Write: {usage}")


def sought(name: str, text: str) -> str:
    """Return a text to look for, folded; an empty one is refused, for it would be found everywhere or nowhere."""
    return folded(text) or refused(f"{name} is compared with an empty text", "Write: field is empty")


def identity(given: Value) -> int:
    """Return the id of a contact."""
    if given.kind != "number" or not given.text.isdigit() or int(given.text) > _MAX_ID:
        refused("an id is a whole number", "Write it without quotes: id = 7")
    return int(given.text)


def day(name: str, given: Value, usage: str) -> str:
    """Return an ISO day to compare `name` with."""
    if given.kind == "day" or (given.kind == "text" and is_day(given.text)):
        return given.text
    return refused(f'"{shown(given.text)}" is no day to compare {name} with', usage)


def is_day(text: str) -> bool:
    """Tell whether a text is a day of the calendar, as 2026-11-21."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return False
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def whole(name: str, given: Value) -> int:
    """Return a whole number to compare a count with."""
    if given.kind != "number" or not given.text.removeprefix("-").isdigit() or abs(int(given.text)) > _MAX_ID:
        refused(f'"{shown(given.text)}" is no whole number to compare {name} with', f"Write: {name} >= 2")
    return int(given.text)


def money(name: str, given: Value) -> int:
    """Return an amount in the parts that `model.MONEY` says."""
    parts = Decimal(given.text) * model.MONEY if given.kind == "number" else None
    if parts is None or parts != int(parts) or abs(parts) > _MAX_ID:
        refused(f'"{shown(given.text)}" is no amount to compare {name} with', f"Write: {name} >= 1000.50")
    return int(parts)
