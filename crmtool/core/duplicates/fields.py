"""What is compared about parties: by the kind of each column.

A table of parties has one row for each contact. Columns named as fields of a contact are compared as what they are,
any other (`attr.…`) as what its values look like. To compare another field: a line in `_KINDS`.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core.abreast import abreast
from crmtool.core.comparators import channels, names, persons, texts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from crmtool.core.comparators.coding import Counts
    from crmtool.core.comparators.comparison import Comparison
    from crmtool.core.comparators.persons import People

    _Made = tuple[list[Comparison], People | None]

#: What kind of comparison a field of a contact gets.
_KINDS = {
    "birthday": "day",
    "first_contact_on": "none",
    "postcode": "code",
    "tax_id": "code",
    "company": "text",
    "job_title": "text",
    "city": "text",
    "address": "text",
    "region": "text",
    "email": "email",
    "phone": "phone",
    "messenger": "messenger",
    "site": "messenger",
    "domain": "messenger",
    "legal_form": "form",
    **dict.fromkeys(persons.COLUMNS, "person"),
    **dict.fromkeys(("prefix", "suffix", "gender", "country", "type", "stage", "owner", "source", "note"), "none"),
}

_WORD = r"[\p{L}\p{M}\p{N}]+"
_AGAIN = 0.9  # of the filled rows
_LOOKED_AT = 20_000  # rows, spread over a larger table, that tell whether a column repeats the name
_MOST, _MANY = 0.9, 0.7  # of the values
_CODE = 16  # characters of a code, on the average
_PERSONS = 0.3  # of the rows: below, a column "name" holds names of something else


def kinds(parties: pl.DataFrame) -> dict[str, str]:
    """Return the kind of each column of parties: person, email, phone, messenger, day, code, text or none."""
    found = {}
    for name in parties.columns:
        kind = _KINDS.get(name) or _looks(parties[name])
        distinct = parties[name].drop_nulls().n_unique()
        found[name] = kind if distinct > (kind != "person") else "none"
    if found.get("name") == "person" and not _split(parties):
        found["name"] = "text"
    return found | dict.fromkeys(_names_again(parties, found), "none")


def _names_again(parties: pl.DataFrame, kinds: dict[str, str]) -> list[str]:
    """Return the unknown columns that hold words of the name, and so would count it twice."""
    people = [name for name, kind in kinds.items() if kind == "person"]
    strange = [name for name, kind in kinds.items() if kind == "text" and name not in _KINDS]
    if not people or not strange:
        return []
    some = parties.select(people + strange).gather_every(1 + parties.height // _LOOKED_AT)
    words = {name: names.folds(some[name]).str.extract_all(_WORD).fill_null([]) for name in people + strange}
    frame = pl.DataFrame(words).with_columns(name=pl.concat_list(people))
    shares = frame.select(_within(name).alias(name) for name in strange).row(0, named=True)
    return [name for name, share in shares.items() if share is not None and share >= _AGAIN]


def _within(column: str) -> pl.Expr:
    """Return the share of filled rows all of whose words in a column stand in the name."""
    filled = pl.col(column).list.len() > 0
    return (pl.col(column).list.set_difference("name").list.len() == 0).filter(filled).mean()


def people(parties: pl.DataFrame, kinds: Mapping[str, str], counts: Counts | None = None) -> People | None:
    """Return the names of parties; None where they have none."""
    chosen = [name for name, kind in kinds.items() if kind == "person"]
    return persons.people(parties.select(chosen), counts) if chosen else None


def compared(
    parties: pl.DataFrame, kinds: Mapping[str, str], counts: Counts | None = None
) -> tuple[list[Comparison], People | None]:
    """Return the comparisons of parties, and their names (None: they have none).

    `counts` tells how common values are, where these are some of many parties.
    """
    work: list[Callable[[], _Made]] = [partial(_persons, parties, kinds, counts)]
    work += [partial(_column, name, kind, parties, counts) for name, kind in kinds.items()]
    made = abreast(lambda each: each(), work, parties.height)
    return [c for found, _ in made for c in found], made[0][1]


def _persons(parties: pl.DataFrame, kinds: Mapping[str, str], counts: Counts | None) -> _Made:
    named = people(parties, kinds, counts)
    return (persons.comparisons(named) if named else []), named


def _column(name: str, kind: str, parties: pl.DataFrame, counts: Counts | None) -> _Made:
    if kind == "email":
        return [channels.email(name, parties[name], parties, counts)], None
    if kind == "text":
        return [texts.text(name, parties[name], counts, identity=name == "name")], None
    return ([] if kind in ("person", "none") else [_MAKERS[kind](name, parties[name], counts)]), None


_MAKERS = {
    "day": texts.day,
    "code": texts.code,
    "phone": channels.phone,
    "messenger": channels.messenger,
    "form": channels.messenger,  # equal or not; nobody meets by it
}


def _split(parties: pl.DataFrame) -> bool:
    """Tell whether the names are known in parts."""
    parts = [pl.col(name).is_not_null() for name in ("given_name", "family_name") if name in parties.columns]
    return bool(parts) and float(parties.select(pl.any_horizontal(parts).mean()).item() or 0.0) >= _PERSONS


def _looks(values: pl.Series) -> str:
    """Return what an unknown column holds, by its values: nothing that could tell parties apart is "none"."""
    if isinstance(values.dtype, pl.List):
        return "messenger"
    known = values.drop_nulls()
    if known.is_empty():
        return "none"
    frame = known.rename("value").to_frame()
    shape = frame.select(
        day=pl.col("value").str.contains(r"^\d{4}[-./]?[01]\d[-./]?[0-3]\d$").mean(),
        digit=pl.col("value").str.contains(r"\d").mean(),
        words=pl.col("value").str.contains(r"\S\s+\S").mean(),
        long=pl.col("value").str.len_chars().mean(),
        once=(pl.col("value").n_unique() == pl.len()),
    ).row(0, named=True)
    if shape["day"] > _MOST:
        return "day"
    if shape["once"] and shape["digit"] > _MOST and shape["words"] < 1 - _MOST:
        return "none"  # a number of the row
    return "code" if shape["digit"] > _MANY and shape["long"] <= _CODE else "text"
