"""By what a person is known in texts that belong to nobody: rejected rows, and what waits for a name.

Addresses only: a name is not one person's. To know one by more: another part of `Marks`, and a line in `mentioning`.
"""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

_SHORTEST = 7  # digits of a phone as people write it at home
_ADDRESS = r"[^\s<>,;:\"'()\[\]|]+@[^\s<>,;:\"'()\[\]|]+"
_NUMBER = r"\+?\d[\d\s().\-]{5,}\d"


class Marks(NamedTuple):
    """What a person is known by: addresses in small letters, and the ends of phone numbers (digits) that are theirs."""

    values: frozenset[str]
    numbers: frozenset[str]


def marks(channels: pl.DataFrame) -> Marks:
    """Return what tells the person who has some channels (columns kind, value)."""
    phones = channels.filter(pl.col("kind") == "phone")["value"].str.replace_all(r"\D", "").unique()
    values = channels["value"].str.to_lowercase().unique()
    ends = {phone[at:] for phone in phones for at in range(len(phone) - _SHORTEST + 1)}
    return Marks(frozenset(values), frozenset(ends))


def mentioning(cells: pl.DataFrame, known: Marks) -> pl.Series:
    """Return the ids of rows one of whose cells (columns id, value) has an address of a person, whole."""
    small = pl.col("value").str.to_lowercase()
    written = pl.concat_list(small.str.extract_all(_ADDRESS), small.str.strip_chars())
    digits = small.str.extract_all(_NUMBER).list.eval(pl.element().str.replace_all(r"\D", ""))
    home = digits.list.eval(pl.element().str.replace(r"^(0+|8)", ""))
    found = cells.select(
        "id",
        holds=written.list.eval(pl.element().is_in(sorted(known.values))).list.any()
        | pl.concat_list(digits, home).list.eval(pl.element().is_in(sorted(known.numbers))).list.any(),
    )
    return found.filter("holds")["id"].unique().sort()
