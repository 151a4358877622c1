"""Which columns are parts of one address. A row has one address; parts of different ones never mix.

Columns of a mapping are told apart by the label of their target ("city.home") and by the number for which a `*` stands;
columns known by their headings, where a part has several of them, by what their headings say. To add a part: in
`rules.ADDRESS`.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core.imports.headings import heading_key, matched
from crmtool.core.imports.labels import label_in
from crmtool.core.imports.places import PARTS
from crmtool.core.rules import ADDRESS, field_of, label_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

#: An address is one when it has a place: with a country alone nobody is found.
_PLACE = ("city", "address", "postcode")
Parts = list[tuple[str, pl.Series]]  # (part, its values), in the order of the columns


def units(columns: Mapping[str, str], entries: Iterable[str]) -> dict[str, str]:
    """Return heading -> name of the address it is a part of, "" for the one without a name.

    `columns` is heading -> target, `entries` the headings of the mapping, which may have a `*`.

    >>> units({"Home City": "city", "Work City": "city", "Work Street": "address"}, [])
    {'Home City': 'home', 'Work City': 'work', 'Work Street': 'work'}
    """
    parts = {heading: target for heading, target in columns.items() if field_of(target) in ADDRESS}
    numbers = {heading: number for heading, (_, number) in matched(parts, entries).items()}
    by_mapping = {h: " ".join(filter(None, (label_of(parts[h]), number))) for h, number in numbers.items()}
    return {**_by_words({h: target for h, target in parts.items() if h not in numbers}), **by_mapping}


def _by_words(parts: Mapping[str, str]) -> dict[str, str]:
    """Return heading -> what it says of its address: its label, and its number where a city or postcode has it too.

    Otherwise a number counts the lines of one address: "Home Street 2". With one column for each part there is nothing
    to tell apart.
    """
    if max(Counter(field_of(target) for target in parts.values()).values(), default=0) <= 1:
        return dict.fromkeys(parts, "")
    placed = [h for h, target in parts.items() if field_of(target) in {"city", "postcode"}]
    known = {number for h in placed for number in _numbers(h)}
    words = {
        h: (label_of(target) or label_in(h), *(n for n in _numbers(h) if n in known)) for h, target in parts.items()
    }
    return {h: " ".join(filter(None, said)) for h, said in words.items()}


def _numbers(heading: str) -> list[str]:
    return re.findall(r"\d+", heading_key(heading))


def filled(parts: Parts, said: pl.DataFrame) -> Parts:
    """Return the parts of an address with those that a whole line of it says, which count where there are no others.

    `said` has `places.PARTS` and lies_in, aligned with the rows. A line that says another place than the parts do adds
    nothing.
    """
    own = _coalesced([(part, column) for part, column in parts if part in PARTS])
    frame = said.with_columns(column.alias(f"own {part}") for part, column in own.items())
    agree = [(pl.col(f"own {part}") == pl.col(part)).fill_null(value=True) for part in own]
    agree += [(pl.col("own country") == pl.col("lies_in")).fill_null(value=True)] if "country" in own else []
    agrees = pl.all_horizontal(pl.lit(value=True), *agree)
    return parts + [(part, frame.select(pl.when(agrees).then(part)).to_series()) for part in PARTS]


def chosen(addresses: Sequence[Parts]) -> dict[str, pl.Series]:
    """Return part -> values: in each row those of the first address with a place, or else of the first with anything.

    Within one address the first filled column of a part counts.
    """
    every = [_coalesced(parts) for parts in addresses]
    if len(every) == 1:
        return every[0]
    frame = pl.DataFrame([s.alias(f"{n} {part}") for n, parts in enumerate(every) for part, s in parts.items()])
    placed = [_filled(n, [part for part in parts if part in _PLACE]) for n, parts in enumerate(every)]
    first = pl.coalesce(_first(placed), _first([_filled(n, list(parts)) for n, parts in enumerate(every)]))
    names = [part for part in ADDRESS if any(part in parts for parts in every)]
    return dict(zip(names, frame.select(_picked(part, every, first) for part in names).get_columns(), strict=True))


def _picked(part: str, every: Sequence[Mapping[str, pl.Series]], first: pl.Expr) -> pl.Expr:
    """Return the values of a part in the address that counts in each row."""
    own = [pl.when(first == n).then(pl.col(f"{n} {part}")) for n, parts in enumerate(every) if part in parts]
    return pl.coalesce(own).alias(part)


def _filled(number: int, parts: Sequence[str]) -> pl.Expr:
    return pl.any_horizontal(pl.lit(False), *(pl.col(f"{number} {part}").is_not_null() for part in parts))


def _first(conditions: Sequence[pl.Expr]) -> pl.Expr:
    return pl.coalesce(pl.when(condition).then(pl.lit(n)) for n, condition in enumerate(conditions))


def _coalesced(parts: Parts) -> dict[str, pl.Series]:
    several: dict[str, list[pl.Series]] = {}
    for part, values in parts:
        several.setdefault(part, []).append(values)
    return {part: _first_filled(columns) for part, columns in several.items()}


def _first_filled(columns: list[pl.Series]) -> pl.Series:
    frame = pl.DataFrame([column.alias(str(n)) for n, column in enumerate(columns)])
    return frame.select(pl.coalesce(pl.all())).to_series()
