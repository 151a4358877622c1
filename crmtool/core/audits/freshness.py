"""How fresh the base is: every value of the regulation as a green, yellow or red flag.

    green   confirmed, and the next check is more than `due_days` away
    yellow  the next check is at most `due_days` away; or nobody has confirmed the value yet and it is new
    red     the check is overdue; or never confirmed and no longer new; or found wrong or unreachable since confirmed

The next check is the confirmation and its period, or, where it comes first, an event after the confirmation and the
days to check in. A flag speaks of one value: what was found out about another value of the field does not count, and
without a value there is no flag. A contact is as its worst required field. To add a reason: a branch in `_reason`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core import model

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterator, Mapping

    from crmtool.core.freshness_rules import Check, Freshness

#: From best to worst.
FLAGS = ("green", "yellow", "red")
FLAG = pl.Enum(FLAGS)

_NO_FLAG, _NO_DAY = -1, 2**31 - 1  # less than any flag, later than any day

#: Why a value has its flag, and which it is.
REASONS = {
    "verified": "green",
    "due soon": "yellow",
    "after an event": "yellow",
    "new": "yellow",
    "overdue": "red",
    "never verified": "red",
    "unreachable": "red",
    "found wrong": "red",
}
REASON = pl.Enum(list(REASONS))

#: What is known of the value of a field: days until the day of the audit.
FACTS: dict[str, pl.DataType] = {
    "contact_id": pl.Int64(),
    "confirmed": pl.Date(),
    "wrong": pl.Date(),
    "unreachable": pl.Date(),
    "seen": pl.Date(),  # the last day on which values of the contact came in
}

#: A flag for each value of each line of the regulation.
JUDGED: dict[str, pl.DataType] = {
    "contact_id": pl.Int64(),
    "check": pl.UInt8(),  # number of the line in the regulation, from 0
    "flag": FLAG,
    "reason": REASON,
    "due_on": pl.Date(),  # the day of the next check; null: there is none, or nobody knows since when the value is here
    "verified_on": pl.Date(),  # the last time this very value was confirmed
}


@dataclass(frozen=True)
class Facts:
    """What the flags are computed from.

    `values`: for each checked field what is known of its values (columns FACTS), a row for each contact that has one;
    `events`: for each event the last day it happened to a contact (contact_id, on), each once; `members`: for each
    segment of an override the ids of its contacts; `seen`: the last day on which values of a contact came in.
    """

    values: Mapping[str, pl.DataFrame]
    events: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    members: Mapping[str, pl.Series] = field(default_factory=dict)
    seen: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema={"contact_id": pl.Int64, "seen": pl.Date}))


def judged(facts: Facts, rules: Freshness, as_of: dt.date) -> pl.DataFrame:
    """Return a flag for each value on a day (columns: JUDGED), line by line of the regulation, then by contact."""
    lines = [_line(facts, number, check, rules.due_days, as_of) for number, check in enumerate(rules.check)]
    return pl.concat([pl.DataFrame(schema=JUDGED), *lines])


def _line(facts: Facts, number: int, line: Check, due_days: int, as_of: dt.date) -> pl.DataFrame:
    """Return the flags of one line of the regulation, by contact."""
    parts = [
        _judged(rows, check, due_days, as_of).with_columns(check=pl.lit(number, pl.UInt8)).select(*JUDGED)
        for rows, check in _overridden(_with_events(facts, line), line, facts.members)
    ]
    return pl.concat(parts).sort("contact_id", maintain_order=True) if len(parts) > 1 else parts[0]


def colours(flags: pl.DataFrame, rules: Freshness, fields: Collection[str] | None = None) -> pl.DataFrame:
    """Return the colour of each checked field (or of some `fields`) of each contact (contact_id, field, colour).

    `flags`: columns of JUDGED. A field with several lines is as the worst of them. Field by field, then by contact.
    """
    lines: dict[str, list[int]] = {}
    for number, check in enumerate(rules.check):
        lines.setdefault(check.field, []).append(number)
    known = pl.Enum(list(lines))
    told = [
        _worst(flags.filter(pl.col("check").is_in(numbers)), numbers).select(
            "contact_id", field=pl.lit(field, known), colour="flag"
        )
        for field, numbers in lines.items()
        if fields is None or field in fields
    ]
    empty = pl.DataFrame(schema={"contact_id": pl.Int64(), "field": known, "colour": FLAG})
    return pl.concat([empty, *told])


def _worst(flags: pl.DataFrame, lines: list[int]) -> pl.DataFrame:
    """Return the worst flag of each contact, from those of some lines; one line gives each contact one."""
    return flags if len(lines) == 1 else flags.group_by("contact_id").agg(pl.col("flag").max()).sort("contact_id")


def by_contact(flags: pl.DataFrame, rules: Freshness) -> pl.DataFrame:
    """Return the colour of each contact, the worst of its required fields, and its first due day.

    `flags`: columns of JUDGED. Columns: contact_id, flag, due_on; by contact, without those with nothing to check.
    """
    import numpy as np

    # by id, in arrays of a place for each, line by line, as each has a contact once: grouping takes ten times as long
    size = int(flags["contact_id"].max() or 0) + 1  # type: ignore[arg-type]  # ids are numbers
    worst, first = np.full(size, _NO_FLAG, np.int16), np.full(size, _NO_DAY, np.int32)
    for number in [number for number, check in enumerate(rules.check) if check.required]:
        line = model.where(flags.select("check", "contact_id", "flag", "due_on"), pl.col("check") == number)
        ids = line["contact_id"].to_numpy()
        worst[ids] = np.maximum(worst[ids], line["flag"].to_physical().to_numpy())
        first[ids] = np.minimum(first[ids], line["due_on"].to_physical().fill_null(_NO_DAY).to_numpy())
    there = np.flatnonzero(worst > _NO_FLAG)
    flag, due_on = pl.Series(FLAGS, dtype=FLAG).gather(worst[there]), pl.Series(first[there], dtype=pl.Int32)
    told = pl.DataFrame({"contact_id": pl.Series(there, dtype=pl.Int64), "flag": flag, "due_on": due_on})
    return told.with_columns(due_on=pl.when(pl.col("due_on") < _NO_DAY).then("due_on").cast(pl.Date))


def worst_first(flags: pl.DataFrame) -> pl.DataFrame:
    """Return flags as a work list: red before yellow before green, longest due first."""
    return flags.sort("flag", "due_on", "contact_id", "check", descending=[True, False, False, False])


def counts(flags: pl.DataFrame, by: pl.Expr, **more: pl.Expr) -> pl.DataFrame:
    """Return how many flags of which colour there are, by an expression (columns: by, green, yellow, red, total).

    `more` are further columns, as they are aggregated. In the order of `by`; nobody (null) comes last.
    """
    of_flag = [(pl.col("flag") == flag).sum().cast(pl.Int64).alias(flag) for flag in FLAGS]
    return (
        flags.group_by(by.alias("by"))
        .agg(*of_flag, total=pl.len().cast(pl.Int64), **more)
        .sort(pl.col("by").cast(pl.String), nulls_last=True)
    )


def _with_events(facts: Facts, check: Check) -> pl.DataFrame:
    """Return what is known of the values of a line, with the last day of an event that makes them due."""
    rows = facts.values[check.field]
    named = {event: f"after {number}" for number, event in enumerate(check.after)}
    for event, column in named.items():
        last = facts.events[event].select("contact_id", pl.col("on").alias(column))
        rows = rows.join(last, on="contact_id", how="left", maintain_order="left")
    on = pl.max_horizontal(*named.values()) if named else pl.lit(None, pl.Date())
    return rows.select(*FACTS, event=on)


def _overridden(
    rows: pl.DataFrame, check: Check, members: Mapping[str, pl.Series]
) -> Iterator[tuple[pl.DataFrame, Check]]:
    """Yield the rows of a line and the check that holds for them: of the first segment they are in, or the line."""
    for override in check.override:
        inside = rows["contact_id"].is_in(members[override.segment].implode())
        said = override.model_dump(exclude={"segment"}, exclude_none=True)
        yield rows.filter(inside), check.model_copy(update=said)
        rows = rows.filter(~inside)
    yield rows, check


def _judged(rows: pl.DataFrame, check: Check, due_days: int, as_of: dt.date) -> pl.DataFrame:
    """Return the rows of one line with flag, reason, due_on and verified_on."""
    bad = pl.max_horizontal("wrong", "unreachable")
    again = _months_after(rows["confirmed"], check.every_months)
    late = pl.when(pl.col("event") > pl.col("confirmed")).then(pl.col("event") + pl.duration(days=check.within_days))
    dated = rows.with_columns(bad=bad, late=late, due=pl.min_horizontal(again, late)).with_columns(
        new_until=pl.col("seen") + pl.duration(days=check.grace_days),
        is_bad=(pl.col("bad") >= pl.col("confirmed")).fill_null(value=True) & pl.col("bad").is_not_null(),
    )
    told = dated.with_columns(reason=_reason(due_days, as_of))
    never = pl.col("confirmed").is_null()
    return told.with_columns(
        flag=pl.col("reason").replace_strict(REASONS, return_dtype=FLAG),
        due_on=pl.when("is_bad").then("bad").when(never).then("new_until").otherwise("due"),
        verified_on="confirmed",
    )


def _months_after(days: pl.Series, months: int | None) -> pl.Series:
    """Return the day so many calendar months after each day, worked out once for each day of the span they are in."""
    numbers = days.to_physical()
    if not months or not numbers.count():
        return days.clear(days.len())
    span = pl.date_range(pl.col(days.name).min(), pl.col(days.name).max()).dt.offset_by(f"{months}mo")
    return days.to_frame().select(span).to_series().gather(numbers - numbers.min())


def _reason(due_days: int, as_of: dt.date) -> pl.Expr:
    """Return why a value has its flag; the first reason that holds is the one."""
    left = (pl.col("due") - as_of).dt.total_days()
    never = pl.col("confirmed").is_null()
    soon = left <= due_days
    cases = {
        "found wrong": pl.col("is_bad") & (pl.col("wrong") == pl.col("bad")),
        "unreachable": pl.col("is_bad"),
        "new": never & (pl.col("new_until") >= as_of),
        "never verified": never,
        "overdue": left < 0,
        "after an event": soon & (pl.col("late") == pl.col("due")),
        "due soon": soon,
    }
    chosen = pl.coalesce(*(pl.when(holds).then(pl.lit(name, REASON)) for name, holds in cases.items()))
    return chosen.fill_null(pl.lit("verified", REASON))
