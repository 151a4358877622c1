"""Comparing e-mail addresses and phone numbers: a party may have several, the best agreement of any two counts."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from crmtool.core import mailboxes
from crmtool.core.comparators import coding, likeness, names, texts
from crmtool.core.comparators.comparison import OPEN, SAME, SILENT, Agreement, Comparison
from crmtool.core.comparators.texts import graded

if TYPE_CHECKING:
    from collections.abc import Callable

    from crmtool.core.comparators.coding import Counts, Flags, Listed, Numbers
    from crmtool.core.comparators.comparison import Levels
    from crmtool.core.comparators.likeness import Marked
    from crmtool.core.comparators.texts import Graded

_ALIKE = 0.85  # of the letters of two addresses
_TELLING = 3  # letters of a name that stand in an address by intent
_TAIL, _LEAST = 10, 7  # last digits that are a number without its country; a shorter one is none
_OWN = ("same", "one sign off", "same box at another domain", "alike", "different")
_NUMBERS = ("same", "same last digits", "one digit off", "different")
_MADE = tuple(f"{level} (made from the name)" for level in _OWN)


def phone(name: str, values: pl.Series, counts: Counts | None = None) -> Comparison:
    """Return the comparison of phone numbers (List of String, or String)."""
    numbers = coding.listed_of_many(
        rewritten(coding.listed(values), pl.col("value").str.replace_all(r"\D+", "")), name, counts
    )
    told = likeness.marked(numbers.values), tails(numbers.values)
    return Comparison(
        name,
        frozenset([name]),
        _NUMBERS,
        (0.75, 0.05, 0.05, 0.15),
        numbers.chance,
        partial(_soon, numbers, partial(numbers_far, *told), len(_NUMBERS)),
        partial(_best, numbers, partial(numbers_alike, *told)),
        numbers.known,
        rare=(name, numbers),
        dear=len(numbers.values),
    )


def email(name: str, values: pl.Series, called: pl.DataFrame, counts: Counts | None = None) -> Comparison:
    """Return the comparison of e-mail addresses (List of String, or String).

    `called` has given_name and family_name of the parties (either may be missing): an address that is made from the
    name says little that the name has not said, so pairs of whom both have such an address are weighed apart.
    """
    written = coding.listed(values)
    spelled = coding.relisted(written, mailboxes.spelled(written.values).replace("", None))
    boxes = coding.listed_of_many(spelled, name, counts)
    told = likeness.marked(boxes.values), coding.coded(box(boxes.values)).codes
    alike, far = partial(boxes_alike, *told), partial(boxes_far, *told)
    made = made_from_name(boxes, called)
    return Comparison(
        name,
        frozenset([name]),
        _OWN + _MADE,
        (0.7, 0.06, 0.04, 0.05, 0.15) * 2,
        boxes.chance,
        lambda left, right: _told_apart(made, left, right, _soon(boxes, far, len(_OWN), left, right)),
        lambda left, right: _told_apart(made, left, right, _best(boxes, alike, left, right)),
        boxes.known,
        (0,) * len(_OWN) + (1,) * len(_MADE),
        rare=(name, boxes),
        dear=len(boxes.values),
    )


def messenger(name: str, values: pl.Series, counts: Counts | None = None) -> Comparison:
    """Return the comparison of names in messengers and of sites (List of String, or String)."""
    handles = coding.listed_of_many(rewritten(coding.listed(values), pl.col("value").str.to_lowercase()), name, counts)
    return Comparison(
        name,
        frozenset([name]),
        ("same", "different"),
        (0.8, 0.2),
        handles.chance,
        partial(_equal, handles),
        lambda left, _: texts.unshared(np.full(len(left), 2, np.uint8)),
        handles.known,
        rare=(name, handles),
    )


def rewritten(column: Listed, cleaned: pl.Expr) -> Listed:
    """Return a column with what `cleaned` makes of each `value`; what becomes null or empty is left out."""
    values = column.values.rename("value").to_frame().select(cleaned.replace("", None)).to_series()
    return coding.relisted(column, values)


def box(addresses: pl.Series) -> pl.Series:
    """Return what stands before the @."""
    return addresses.str.split("@").list.first()


def _equal(column: Listed, left: Numbers, right: Numbers) -> Agreement:
    """Return which pairs of rows have a value in common, the rarest counts, and which have only others."""
    here, there = column.first[left], column.first[right]
    found = texts.matched(here, there, column.share, here)
    several = np.flatnonzero((found.level != SILENT) & (column.lists[left] | column.lists[right]))
    if len(several):
        met = coding.meeting(column, left[several], right[several])
        first = np.flatnonzero(np.concatenate([[True], met.pair[1:] != met.pair[:-1]]))
        share = np.minimum.reduceat(np.where(met.left == met.right, column.share[met.left], np.inf), first)
        found.level[several] = np.where(np.isinf(share), OPEN, SAME)
        found.share[several] = np.where(np.isinf(share), np.nan, share)
    return found


def _soon(
    column: Listed, far: Callable[[Numbers, Numbers], Flags], different: int, left: Numbers, right: Numbers
) -> Agreement:
    """Return what `_equal` does, and which of single values are too far from one another to be alike."""
    found = _equal(column, left, right)
    open_ = np.flatnonzero(found.level == OPEN)
    open_ = open_[~(column.lists[left[open_]] | column.lists[right[open_]])]
    apart = far(column.first[left[open_]], column.first[right[open_]])
    found.level[open_[apart]] = different
    return found


def _best(column: Listed, alike: Graded, left: Numbers, right: Numbers) -> Agreement:
    """Return the best agreement of any value on the left with any on the right, of rows that have none in common."""
    level = alike(column.first[left], column.first[right])
    several = np.flatnonzero(column.lists[left] | column.lists[right])
    if len(several):
        met = coding.meeting(column, left[several], right[several])
        first = np.flatnonzero(np.concatenate([[True], met.pair[1:] != met.pair[:-1]]))
        level[several] = np.minimum.reduceat(alike(met.left, met.right), first)
    return texts.unshared(level)


def tails(numbers: pl.Series) -> Numbers:
    """Return the codes of the last digits of numbers (digits only), those that are one without its country."""
    digits = (
        numbers.rename("text")
        .to_frame()
        .select(pl.when(pl.col("text").str.len_chars() >= _LEAST).then(pl.col("text").str.tail(_TAIL)))
    )
    return coding.coded(digits.to_series()).codes


def numbers_alike(values: Marked, tails: Numbers, left: Numbers, right: Numbers) -> Levels:
    """Return how numbers that differ agree; `tails` of all as by `tails`."""
    tail = (tails[left] >= 0) & (tails[left] == tails[right])
    return graded([tail, likeness.edits(values, left, right, 1) <= 1])


def numbers_far(values: Marked, tails: Numbers, left: Numbers, right: Numbers) -> Flags:
    """Return which numbers are different by their marks alone: what `numbers_alike` would find, but for some of it."""
    far: Flags = (tails[left] < 0) | (tails[left] != tails[right])
    far &= ~likeness.may_be_like(values, left, right, 1, 1)
    return far


def _told_apart(made: Flags, left: Numbers, right: Numbers, found: Agreement) -> Agreement:
    """Return agreement with levels of their own where both addresses are made from the name."""
    level = found.level
    level[made[left] & made[right] & (level != SILENT) & (level != OPEN)] += len(_OWN)
    return found


def boxes_alike(values: Marked, box: Numbers, left: Numbers, right: Numbers) -> Levels:
    """Return how addresses that differ agree; `box` has the codes of what stands before the @ of all."""
    alike = likeness.letters(values, left, right, _ALIKE) >= _ALIKE
    return graded([likeness.edits(values, left, right, 1) <= 1, box[left] == box[right], alike])


def boxes_far(values: Marked, box: Numbers, left: Numbers, right: Numbers) -> Flags:
    """Return which addresses are different by their marks alone: what `boxes_alike` would find, but for some of it."""
    far: Flags = box[left] != box[right]
    far &= ~likeness.may_be_like(values, left, right, _ALIKE, 1)
    return far


def made_from_name(boxes: Listed, called: pl.DataFrame) -> Flags:
    """Tell for each row whether the box of its first address has its given or family name in it."""
    parts = [part for part in ("given_name", "family_name") if part in called.columns]
    if not parts:
        return np.zeros(len(boxes.counts), bool)
    keys = names.match_key(box(boxes.values).str.replace_all(r"[^\p{L}]+", " ")).str.replace_all(" ", "")
    first = np.full(len(boxes.counts), len(keys))  # the last, for rows without an address
    first[boxes.counts > 0] = boxes.codes[boxes.starts[:-1][boxes.counts > 0]]
    frame = pl.DataFrame({"box": pl.concat([keys, pl.Series([None], dtype=pl.String)]).gather(first)}).with_columns(
        _first_word(called[part]).alias(part) for part in parts
    )
    held = [
        pl.col("box").str.contains(pl.col(part), literal=True) & (pl.col(part).str.len_chars() >= _TELLING)
        for part in parts
    ]
    found = frame.select(pl.any_horizontal(held).fill_null(value=False).alias("made"))["made"]
    return found.to_numpy()


def _first_word(called: pl.Series) -> pl.Series:
    """Return the key of the first word of names."""
    one = coding.coded(called)
    words = names.match_key(one.values).str.split(" ").list.first()
    return pl.concat([words, pl.Series([None], dtype=pl.String)]).gather(np.where(one.codes < 0, len(words), one.codes))
