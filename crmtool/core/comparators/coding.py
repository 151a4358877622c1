"""Columns as numbers: each distinct value gets a code, so that comparing a pair of rows compares two integers.

Strings are touched once per distinct value; pairs are arrays of row numbers (numpy), of which there may be millions.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Numbers = NDArray[np.signedinteger[Any]]
    Shares = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    #: Of a comparison and some of its values: how many rows have each, and how many have any.
    Counts = Callable[[str, pl.Series], tuple[Numbers, int]]

#: The code of what is not known. Codes have 32 bits: what looks them up by the million waits for memory.
UNKNOWN = np.int32(-1)
#: How many others would have a value that two rows alone have: one that anybody may have, one meant for one party.
USUAL, OWN = 0.5, 0.1
_ROOM = 4  # times as many possible pairs as there are: up to that a table of all of them is quicker than sorting


def beside(rows: Numbers, known: int, least: float) -> Shares:
    """Return how likely a row of somebody else has a value that two rows of one party have: its share of the others.

    `rows` counts the rows that have each value, `known` those that have any; `least` stands for what is held by the
    two alone: how many others would be found to have it, were there more rows.
    """
    share: Shares = np.maximum(rows - 2.0, least) / max(known, 1)
    return share


@dataclass(frozen=True)
class Coded:
    """A column of texts: the code of each row's value (UNKNOWN: none), the distinct values, how many rows have each."""

    codes: Numbers
    values: pl.Series
    rows: Numbers
    many: int | None = None  # rows that have a value, where the column is only some of them

    @cached_property
    def chance(self) -> float:
        """The chance that two rows drawn at random agree."""
        return float(np.square(self.rows / max(self.rows.sum(), 1)).sum())

    @cached_property
    def share(self) -> Shares:
        """How likely somebody else has each value."""
        return beside(self.rows, int(self.rows.sum()) if self.many is None else self.many, USUAL)

    @cached_property
    def known(self) -> float:
        """The share of rows that have a value."""
        return float((self.codes >= 0).mean()) if len(self.codes) else 0.0


def of_many(column: Coded, name: str, counts: Counts | None) -> Coded:
    """Return a column that is only a part of one, with how many rows of the whole have each value."""
    if counts is None:
        return column
    rows, many = counts(name, column.values)
    return replace(column, rows=rows, many=many)


def listed_of_many(column: Listed, name: str, counts: Counts | None) -> Listed:
    """Return the same of a column of lists."""
    if counts is None:
        return column
    held, many = counts(name, column.values)
    return replace(column, held=held, many=many)


def coded(values: pl.Series) -> Coded:
    """Return a column of String as codes, in the order in which its values come."""
    lines = values.rename("value").to_frame().with_columns(row=pl.int_range(pl.len(), dtype=pl.UInt32)).drop_nulls()
    table = lines.group_by("value", maintain_order=True).agg("row")
    rows = table["row"].list.len().cast(pl.Int64).to_numpy()
    codes = np.full(len(values), UNKNOWN)
    places_ = table["row"].explode(empty_as_null=False, keep_nulls=False).to_numpy()
    codes[places_] = np.repeat(np.arange(len(rows), dtype=np.int32), rows)
    return Coded(codes, table["value"], rows)


def through(column: Coded, values: pl.Series) -> Coded:
    """Return a column whose value is another text for each of its distinct values, such as a key (null: none)."""
    table = coded(values)
    codes = np.append(table.codes, UNKNOWN)[column.codes]
    return Coded(codes, table.values, np.bincount(codes[codes >= 0], minlength=len(table.values)))


@dataclass(frozen=True)
class Listed:
    """A column of lists of texts: row i holds `codes[starts[i]:starts[i + 1]]`; how many rows hold each value."""

    starts: Numbers
    codes: Numbers
    values: pl.Series
    held: Numbers
    many: int | None = None  # rows that have a value, where the column is only some of them

    @cached_property
    def counts(self) -> Numbers:
        """How many values each row holds."""
        return np.diff(self.starts)

    @cached_property
    def lists(self) -> Flags:
        """Which rows hold several values."""
        return self.counts > 1

    @cached_property
    def first(self) -> Numbers:
        """The code of the first value of each row (UNKNOWN: it has none)."""
        found = np.full(len(self.counts), UNKNOWN)
        filled = self.counts > 0
        found[filled] = self.codes[self.starts[:-1][filled]]
        return found

    @cached_property
    def rows(self) -> Numbers:
        """The row of each value."""
        return np.repeat(np.arange(len(self.counts)), self.counts)

    @cached_property
    def chance(self) -> float:
        """The chance that two values drawn at random are equal."""
        return float(np.square(self.held / max(int((self.counts > 0).sum()), 1)).sum())

    @cached_property
    def share(self) -> Shares:
        """How likely somebody else has each value."""
        return beside(self.held, int((self.counts > 0).sum()) if self.many is None else self.many, OWN)

    @cached_property
    def known(self) -> float:
        """The share of rows that have a value."""
        return float((self.counts > 0).mean()) if len(self.counts) else 0.0


def listed(values: pl.Series) -> Listed:
    """Return a column of List(String), or of String, as codes; a value counts once in a row."""
    if not isinstance(values.dtype, pl.List):
        one = coded(values)
        return _listed((one.codes >= 0).astype(np.int64), one.codes[one.codes >= 0], one.values)
    counts = values.list.len().fill_null(0).cast(pl.Int64).to_numpy()
    flat = coded(values.explode(empty_as_null=False, keep_nulls=False))
    return _listed(*_once(counts, flat.codes), flat.values)


def relisted(column: Listed, values: pl.Series) -> Listed:
    """Return a column whose values are another text for each of its distinct values, such as a key (null: none)."""
    table = coded(values)
    return _listed(*_once(column.counts, table.codes[column.codes]), table.values)


def spread(column: Coded, values: pl.Series) -> Listed:
    """Return a column whose values are several texts (List of String) for each distinct value of a column."""
    table = listed(values)
    known = column.codes >= 0
    counts = np.zeros(len(column.codes), np.int64)
    counts[known] = table.counts[column.codes[known]]
    first = np.zeros(len(counts), np.int64)
    first[known] = table.starts[column.codes[known]]
    return _listed(counts, table.codes[np.repeat(first, counts) + places(counts)], table.values)


def places(counts: Numbers) -> Numbers:
    """Return 0, 1, 2 ... up to each count, one after the other."""
    return np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)


def _listed(counts: Numbers, codes: Numbers, values: pl.Series) -> Listed:
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
    return Listed(starts, codes, values, np.bincount(codes, minlength=len(values)))


def _once(counts: Numbers, codes: Numbers) -> tuple[Numbers, Numbers]:
    """Return how many values each row holds and their codes, without those unknown or said before in their row."""
    rows = np.repeat(np.arange(len(counts)), counts)
    kept = codes >= 0
    several = np.flatnonzero(kept & (counts > 1)[rows])
    if len(several):
        pair = rows[several] * (int(codes.max(initial=0)) + 1) + codes[several]
        again = np.ones(len(several), bool)
        again[np.unique(pair, return_index=True)[1]] = False
        kept[several[again]] = False
    return np.bincount(rows[kept], minlength=len(counts)), codes[kept]


class Meeting(NamedTuple):
    """Every value on the left beside every value on the right of some pairs: which pair, and both codes."""

    pair: Numbers
    left: Numbers
    right: Numbers


def meeting(column: Listed, left: Numbers, right: Numbers) -> Meeting:
    """Return the values of pairs of rows side by side; a pair with nothing on a side has no line."""
    here, there = column.counts[left], column.counts[right]
    lines = here * there
    pair = np.repeat(np.arange(len(left)), lines)
    place = places(lines)
    width = np.maximum(there[pair], 1)
    first = column.codes[column.starts[left[pair]] + place // width]
    second = column.codes[column.starts[right[pair]] + place % width]
    return Meeting(pair, first, second)


class Distinct(NamedTuple):
    """Distinct pairs of codes, and for each pair asked about its place among them."""

    left: Numbers
    right: Numbers
    place: Numbers


def distinct(left: Numbers, right: Numbers) -> Distinct:
    """Return unordered pairs of codes, each once: what is slow to compare is compared once."""
    low, high = np.minimum(left, right), np.maximum(left, right)
    width = int(high.max(initial=0)) + 1
    keys = low.astype(np.int64) * width + high
    if width * width <= _ROOM * len(keys):
        asked = np.zeros(width * width, bool)
        asked[keys] = True
        found = np.flatnonzero(asked)
        places = np.empty(width * width, np.int64)
        places[found] = np.arange(len(found))
        return Distinct(found // width, found % width, places[keys])
    order = np.argsort(keys)
    keys = keys[order]
    new = np.concatenate([keys[:1] >= 0, keys[1:] != keys[:-1]])
    place = np.empty(len(keys), np.int64)
    place[order] = np.cumsum(new) - 1
    return Distinct(keys[new] // width, keys[new] % width, place)
