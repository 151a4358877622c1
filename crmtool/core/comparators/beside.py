"""Values side by side: two aligned columns to levels, as the comparisons would say of two rows that have these values.

For engines that hold their own rows and ask about values that differ; null on a side gives null. Values come cleaned as
the comparisons hold them (`rare`), texts and names as the keys of these, several values of one row as one text
(`joined`). To add one: a function here, and its line in `FUNCTIONS`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from crmtool.core.comparators import channels, coding, likeness, persons, texts
from crmtool.core.comparators.coding import UNKNOWN, Listed

if TYPE_CHECKING:
    from collections.abc import Callable

    from crmtool.core.comparators.coding import Numbers
    from crmtool.core.comparators.comparison import Levels

_BETWEEN = "\n"
TEXT, FLAG = "text", "flag"


class Function(NamedTuple):
    """What gives levels (Int32) for columns, and what it takes."""

    answer: Callable[..., pl.Series]
    takes: tuple[str, ...]


class _Sides(NamedTuple):
    """The values of both sides one below the other, and the places of each; equal values of a pair are one."""

    values: pl.Series
    left: Numbers
    right: Numbers


def joined(values: pl.Series) -> pl.Series:
    """Return lists of texts as one text each."""
    return values.list.join(_BETWEEN)


def _sides(left: pl.Series, right: pl.Series) -> _Sides:
    here = np.arange(len(left))
    same = (left == right).fill_null(value=False).to_numpy()
    return _Sides(_stacked(left, right).fill_null(""), here, np.where(same, here, here + len(left)))


def _stacked(left: pl.Series, right: pl.Series) -> pl.Series:
    return pl.concat([left.rename("value"), right.rename("value")])


def _known(left: pl.Series, right: pl.Series, level: Levels | Numbers) -> pl.Series:
    """Return levels, null where a side is."""
    both = pl.DataFrame({"level": level.astype(np.int32), "known": left.is_not_null() & right.is_not_null()})
    return both.select(pl.when("known").then("level")).to_series()


def phrase(left: pl.Series, right: pl.Series) -> pl.Series:
    """Return the levels of the comparison of texts, from their keys (`texts.word_keys`)."""
    values, here, there = _sides(left, right)
    return _known(left, right, texts.phrases(texts.phrased(likeness.unmarked(values)), here, there))


def code(left: pl.Series, right: pl.Series) -> pl.Series:
    """Return the levels of the comparison of codes."""
    values, here, there = _sides(left, right)
    return _known(left, right, texts.codes_alike(likeness.unmarked(values), texts.beginnings(values), here, there))


def day(left: pl.Series, right: pl.Series) -> pl.Series:
    """Return the levels of the comparison of days."""
    values, here, there = _sides(left, right)
    return _known(left, right, texts.days_alike(likeness.unmarked(values), texts.day_parts(values), here, there))


def family(left: pl.Series, right: pl.Series) -> pl.Series:
    """Return the levels of the comparison of family names by their keys; what stands elsewhere is not looked for."""
    values, here, there = _sides(left, right)
    return _known(left, right, persons.families(persons.Keyed(likeness.unmarked(values)), here, there))


def given(left: pl.Series, right: pl.Series, initial: pl.Series) -> pl.Series:
    """Return the same of given names; `initial` tells where one of both is written as one letter."""
    values, here, there = _sides(left, right)
    letter = initial.fill_null(value=False).to_numpy()
    return _known(left, right, persons.givens(persons.Keyed(likeness.unmarked(values)), here, there, letter))


def middle(left: pl.Series, right: pl.Series, initial: pl.Series) -> pl.Series:
    """Return the same of patronymics and other middle names."""
    values, here, there = _sides(left, right)
    letter = initial.fill_null(value=False).to_numpy()
    return _known(left, right, persons.rests(persons.Keyed(likeness.unmarked(values)), here, there, letter))


def phone(left: pl.Series, right: pl.Series) -> pl.Series:
    """Return the levels of the comparison of phone numbers (`joined`)."""
    column = _several(left, right)
    tails, marks = channels.tails(column.values), likeness.unmarked(column.values)
    return _best(left, right, column, lambda here, there: channels.numbers_alike(marks, tails, here, there))


def email(left: pl.Series, right: pl.Series) -> pl.Series:
    """Return the levels of the comparison of e-mail addresses (`joined`), but for what the name tells of them."""
    column = _several(left, right)
    boxes, marks = coding.coded(channels.box(column.values)).codes, likeness.unmarked(column.values)
    return _best(left, right, column, lambda here, there: channels.boxes_alike(marks, boxes, here, there))


def _several(left: pl.Series, right: pl.Series) -> Listed:
    """Return the values of both sides one below the other; each is taken for another than those before it."""
    split = _stacked(left, right).str.split(_BETWEEN)
    values = split.explode(empty_as_null=False, keep_nulls=False)
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(split.list.len().fill_null(0).cast(pl.Int64).to_numpy())])
    return Listed(starts, np.arange(len(values)), values, np.ones(len(values), np.int64))


def _best(left: pl.Series, right: pl.Series, column: Listed, alike: Callable[[Numbers, Numbers], Levels]) -> pl.Series:
    """Return the best level of any value on the left with any on the right."""
    level = np.zeros(len(left), np.uint8)
    rows = np.flatnonzero((left.is_not_null() & right.is_not_null()).to_numpy())
    if len(rows):
        met = coding.meeting(column, rows, rows + len(left))
        first = np.flatnonzero(np.concatenate([[True], met.pair[1:] != met.pair[:-1]]))
        level[rows] = np.minimum.reduceat(alike(met.left, met.right), first)
    return _known(left, right, level)


def common(left: pl.Series, right: pl.Series) -> pl.Series:
    """Return how many of the words on the left (`joined`) are among those on the right."""
    column = _several(left, right)
    held = np.full((2 * len(left), int(column.counts.max(initial=1))), UNKNOWN)
    held[column.rows, coding.places(column.counts)] = coding.coded(column.values).codes
    rows = np.arange(len(left))
    return _known(left, right, persons.common(held, rows, rows + len(left)))


#: Name in SQL -> the function.
FUNCTIONS: dict[str, Function] = {
    "crm_text": Function(phrase, (TEXT, TEXT)),
    "crm_code": Function(code, (TEXT, TEXT)),
    "crm_day": Function(day, (TEXT, TEXT)),
    "crm_phone": Function(phone, (TEXT, TEXT)),
    "crm_email": Function(email, (TEXT, TEXT)),
    "crm_family": Function(family, (TEXT, TEXT)),
    "crm_given": Function(given, (TEXT, TEXT, FLAG)),
    "crm_middle": Function(middle, (TEXT, TEXT, FLAG)),
    "crm_common": Function(common, (TEXT, TEXT)),
}
