"""The keys that parties meet under to be compared: each kind of column has some.

A key is the hash of a text (xxHash64, which is the same everywhere and for ever), made once for each distinct value: so
keys of one table meet those of another, and those that were kept.
To add a key: a line in `_KEYED`, what it is made of in `_MADE`, and its name in `rules.BLOCKING_KEYS`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import polars_hash as _nchash  # noqa: F401  # registers the `nchash` expressions

from crmtool.core.abreast import abreast
from crmtool.core.comparators import channels, coding, names
from crmtool.core.comparators.coding import UNKNOWN, Coded

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from crmtool.core.comparators.coding import Listed, Numbers
    from crmtool.core.comparators.comparison import Comparison
    from crmtool.core.comparators.persons import People

_PARTS = {"word", "year", "beginning", "box"}  # of a column
_WORDY, _NUMBER = 3, 5  # letters of a word, digits of a number that bring rows together

#: Kind of a column -> what its keys are called after its own name: the whole value, and parts of it.
_KEYED = {
    "text": ("", ".word"),
    "day": ("", ".year"),
    "code": ("", ".beginning"),
    "phone": ("",),
    "messenger": ("",),
    "email": ("", ".box"),
}


@dataclass(frozen=True)
class Keys:
    """Keys of one kind: one code for each row, or with `starts` row i has `codes[starts[i]:starts[i + 1]]`."""

    codes: Numbers
    starts: Numbers | None = None


def keys(
    comparisons: Sequence[Comparison], people: People | None, kinds: Mapping[str, str], named: Collection[str] = ()
) -> dict[str, Keys]:
    """Return everything parties can be brought together by, under its name.

    Keys are made of columns as the comparisons (all of them, see `fields.compared`) spell and count them. Of a column
    that `named` has a key of, only the keys named are made: each costs time, the more the longer the table.
    """
    columns = dict(c.rare for c in comparisons if c.rare)
    told = {column_of(key) for key in named}
    work = [lambda: dict(_name_keys(people)) if people else {}]
    for name, kind in kinds.items():
        wanted = [part for part in _KEYED.get(kind, ()) if name not in told or name + part in named]
        if wanted:
            work.append(partial(_column_keys, name, columns[name], kind, wanted))
    found = abreast(lambda each: each(), work, max(map(_height, columns.values()), default=0))
    return {name: key for made in found for name, key in made.items() if (key.codes >= 0).any()}


def _height(column: Coded | Listed) -> int:
    return len(column.codes if isinstance(column, Coded) else column.counts)


def _name_keys(people: People) -> Iterator[tuple[str, Keys]]:
    word = np.append(hashed(people.keys.marks.texts), UNKNOWN)
    flat = _once(people.held).ravel()
    kept = (flat >= 0) & np.append(people.keys.length > 1, values=False)[flat]
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(kept.reshape(people.held.shape).sum(axis=1))])
    yield "name.word", Keys(word[flat[kept]], starts)
    ordered = np.sort(word[people.held], axis=1)
    several = (people.held >= 0).sum(axis=1) > 1
    yield "name", Keys(np.where(several, combined([*ordered.T]), UNKNOWN))
    for part in ("family", "given"):
        yield f"{part}_name", Keys(word[people.key[people.parts[part]]])


def _once(held: Numbers) -> Numbers:
    """Return the codes of each row, in order, those said before in it unknown: Ли Li is one word."""
    found = np.sort(held, axis=1)
    found[:, 1:][found[:, 1:] == found[:, :-1]] = UNKNOWN
    return found


def _column_keys(name: str, column: Coded | Listed, kind: str, wanted: Collection[str]) -> dict[str, Keys]:
    """Return the wanted keys of a column; every distinct value is worked on once."""
    return {name + part: key for part, key in _parts(column, kind, wanted)}


def _parts(column: Coded | Listed, kind: str, wanted: Collection[str]) -> Iterator[tuple[str, Keys]]:
    if isinstance(column, Coded) and kind == "text":
        yield from _words(column, wanted)
        return
    for part in wanted:
        made = _MADE.get((kind, part))
        if isinstance(column, Coded):
            found = coding.through(column, made(column.values)) if made else column
            yield part, Keys(np.append(hashed(found.values), UNKNOWN)[found.codes])
        else:
            yield part, _lines(coding.relisted(column, made(column.values)) if made else column)


def _words(one: Coded, wanted: Collection[str]) -> Iterator[tuple[str, Keys]]:
    words = names.match_key(one.values).str.split(" ")
    if "" in wanted:
        found = coding.through(one, words.list.sort().list.join(" "))
        yield "", Keys(np.append(hashed(found.values), UNKNOWN)[found.codes])
    if ".word" in wanted:
        long = pl.element().filter(pl.element().str.len_chars() >= _WORDY)
        yield ".word", _lines(coding.spread(one, words.list.eval(long)))


def _lines(found: Listed) -> Keys:
    return Keys(hashed(found.values)[found.codes], found.starts)


def _beginning(values: pl.Series) -> pl.Series:
    half = pl.col("sign").str.head((pl.col("sign").str.len_chars() + 1) // 2)
    return values.to_frame("sign").select(half).to_series()


def _number(values: pl.Series) -> pl.Series:
    digits = pl.col("digits")
    frame = values.str.tail(10).to_frame("digits")
    return frame.select(pl.when(digits.str.len_chars() >= _NUMBER).then(digits)).to_series()


#: Kind of a column and key -> what the key is made of; where there is none, of the values as they are.
_MADE: dict[tuple[str, str], Callable[[pl.Series], pl.Series]] = {
    ("day", ".year"): lambda values: values.str.extract(r"^(\d{4})"),
    ("code", ".beginning"): _beginning,
    ("phone", ""): _number,
    ("email", ".box"): channels.box,
}


def hashed(values: pl.Series) -> Numbers:
    """Return the key of each text, never UNKNOWN."""
    hashes: pl.Expr = pl.col("text").nchash.xxhash64()  # type: ignore[attr-defined]  # registered by polars_hash
    found = values.cast(pl.String).to_frame("text").select(hashes).to_series().to_numpy()
    return (found >> np.uint64(1)).astype(np.int64)


def column_of(key: str) -> str:
    """Return the column a key is made from: "attr.title" of "attr.title" and of "attr.title.word"."""
    column, _, part = key.rpartition(".")
    return column if part in _PARTS and column != "attr" else key


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
