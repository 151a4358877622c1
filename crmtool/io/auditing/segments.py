"""The saved segments as an audit asks for them: who is in each, and in how many nobody is."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from crmtool.core.audits import freshness
from crmtool.core.segments.sql import LISTED, Condition, chained
from crmtool.io import beside, selecting

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from crmtool.core.rules import Rules
    from crmtool.io.store import Store

_FEW = 10_000  # contacts among which somebody is looked for first
_AT_ONCE = 8  # conditions that are asked of a contact together
_LONG = 400_000  # characters that are too much together: SQLite takes a million in a statement
_SECONDS = 60.0  # that a condition may take


class Segment(NamedTuple):
    """A saved segment and its contacts."""

    name: str
    members: pl.Series


def members(store: Store, rules: Rules, day: dt.date, flags: pl.DataFrame) -> list[Segment]:
    """Return the saved segments and their contacts. Raises UsageError where one is no filter."""
    names = selecting.askable(store, rules, day, sorted(rules.segments))
    conditions = _bound(selecting.compiled(store, rules, day, names), rules, flags)
    found = beside.read(store, conditions, selecting.members)
    return [Segment(name, members) for name, members in zip(names, found, strict=True)]


def empty(store: Store, rules: Rules, day: dt.date, flags: pl.DataFrame) -> int:
    """Return how many saved segments hold nobody. Raises UsageError where one is no filter.

    Most hold somebody among the first contacts. Those that do not are asked of the others together, in one pass over
    them; where a condition is looked up in a list of contacts, SQLite goes through the list, and it is asked alone.
    """
    names = selecting.askable(store, rules, day, sorted(rules.segments))
    conditions = selecting.compiled(store, rules, day, names)
    listed = [each for each in conditions if LISTED in each.sql]
    others = [each for each in conditions if LISTED not in each.sql]
    near = _bound(others, rules, flags.filter(pl.col("contact_id") <= _FEW))
    found = beside.read(store, near, lambda one, each: _holds(one, each, f"AND c.id <= {_FEW}"))
    open_ = [each for each, somebody in zip(others, found, strict=True) if not somebody]
    groups = [open_[first : first + _AT_ONCE] for first in range(0, len(open_), _AT_ONCE)]
    given = [_bound(group, rules, flags) for group in [*groups, *([each] for each in listed)]]
    return sum(each.count(False) for each in beside.read(store, given, _held))


def _bound(conditions: Sequence[Condition], rules: Rules, flags: pl.DataFrame) -> list[Condition]:
    return selecting.bound(conditions, lambda fields: freshness.colours(flags, rules.freshness, fields))


def _held(store: Store, conditions: Sequence[Condition]) -> list[bool]:
    """Tell of each of some conditions whether it holds for anybody; several are asked in one pass."""
    if len(conditions) == 1 or sum(len(each.sql) for each in conditions) > _LONG:
        return [_holds(store, each) for each in conditions]
    every = Condition("1", chained(each.params for each in conditions), ())
    # CASE stops at the first part of a condition that decides it; a bare one would have all its parts worked out
    columns = ", ".join(f"max(CASE WHEN {each.sql} THEN 1 ELSE 0 END)" for each in conditions)
    with store.guarded(_SECONDS * len(conditions)):
        told = store.query(every.query(columns), every.params, {str(n): pl.Int64() for n in range(len(conditions))})
    return [bool(each) for each in told.row(0)]


def _holds(store: Store, condition: Condition, within: str = "") -> bool:
    """Tell whether a condition holds for anybody, `within` (SQL) some contacts."""
    with store.guarded(_SECONDS):
        return store.query(condition.query("1", f"{within} LIMIT 1"), condition.params, {"": pl.Int64()}).height > 0
