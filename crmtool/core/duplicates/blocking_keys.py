"""The keys that parties meet under to be compared: each kind of column has some.

To add a key: a `yield` where its kind is, and its name in `rules.BLOCKING_KEYS`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from crmtool.core.comparators import channels, coding, names, texts
from crmtool.core.comparators.coding import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crmtool.core.comparators.coding import Numbers
    from crmtool.core.comparators.persons import People

_WORDY, _NUMBER = 3, 5  # letters of a word, digits of a number that bring rows together


@dataclass(frozen=True)
class Keys:
    """Keys of one kind: one code for each row, or with `starts` row i has `codes[starts[i]:starts[i + 1]]`."""

    codes: Numbers
    starts: Numbers | None = None


def keys(parties: pl.DataFrame, kinds: dict[str, str], people: People | None) -> dict[str, Keys]:
    """Return everything parties can be brought together by, under its name."""
    found = dict(_all_keys(parties, kinds, people))
    return {name: key for name, key in found.items() if (key.codes >= 0).any()}


def _all_keys(parties: pl.DataFrame, kinds: dict[str, str], people: People | None) -> Iterator[tuple[str, Keys]]:
    if people:
        yield from _name_keys(people)
    for name, kind in kinds.items():
        column = parties[name]
        if kind == "text":
            words = names.match_key(column).str.split(" ")
            yield name, _plain(words.list.sort().list.join(" "))
            yield f"{name}.word", _lines(words.list.eval(pl.element().filter(pl.element().str.len_chars() >= _WORDY)))
        elif kind == "day":
            yield name, _plain(column)
            yield f"{name}.year", _plain(column.str.extract(r"^(\d{4})"))
        elif kind == "code":
            signs = texts.signs(column)
            half = pl.col("sign").str.head((pl.col("sign").str.len_chars() + 1) // 2)
            yield name, _plain(signs)
            yield f"{name}.beginning", _plain(signs.to_frame("sign").select(half).to_series())
        elif kind in ("email", "phone", "messenger"):
            yield from _channel_keys(name, column, kind)


def _name_keys(people: People) -> Iterator[tuple[str, Keys]]:
    flat = people.held.ravel()
    long = np.append((people.keys.str.len_chars() > 1).to_numpy(), values=False)
    kept = (flat >= 0) & long[flat]
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(kept.reshape(people.held.shape).sum(axis=1))])
    yield "name.word", Keys(flat[kept], starts)
    ordered = np.sort(people.held, axis=1)
    several = (people.held >= 0).sum(axis=1) > 1
    yield "name", Keys(np.where(several, combined([*ordered.T]), UNKNOWN))
    for part in ("family", "given"):
        word = people.parts[part]
        yield f"{part}_name", Keys(people.key[word])


def _channel_keys(name: str, column: pl.Series, kind: str) -> Iterator[tuple[str, Keys]]:
    if kind == "phone":
        digits = pl.element().str.replace_all(r"\D+", "").str.tail(10)
        yield name, _lines(channels.lists(column, digits.filter(digits.str.len_chars() >= _NUMBER)))
    else:
        small = channels.lists(column, pl.element().str.to_lowercase())
        yield name, _lines(small)
        if kind == "email":
            yield f"{name}.box", _lines(small.list.eval(pl.element().str.split("@").list.first()))


def _plain(values: pl.Series) -> Keys:
    return Keys(coding.coded(values.replace("", None)).codes)


def _lines(lists: pl.Series) -> Keys:
    found = coding.listed(lists)
    return Keys(found.codes, found.starts)


_GOLDEN, _MIX = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9)


def combined(codes: list[Numbers], *, whole: bool = False) -> Numbers:
    """Return one code for several (splitmix64): with `whole` none where one of them is unknown."""
    mixed = np.zeros(len(codes[0]), np.uint64)
    for code in codes:
        mixed = (mixed * _GOLDEN) ^ ((code + 2).astype(np.uint64) * _MIX)
        mixed ^= mixed >> np.uint64(31)
    found = (mixed >> np.uint64(1)).astype(np.int64)
    if whole:
        known = np.logical_and.reduce([code >= 0 for code in codes])
        found = np.where(known, found, UNKNOWN)
    return found
