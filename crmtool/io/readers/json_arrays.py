"""Rows of a JSON document that are arrays, as spreadsheets and databases answer: the first names the columns.

Which of the first rows is the header is told as in a sheet (`headers`). A row with more cells than the header stays an
array, which the reader keeps aside.
"""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING, Any, NamedTuple

from crmtool.io.readers import flattening, headers, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crmtool.io.readers.json_values import Value

_LOOK = 50  # rows


class Named(NamedTuple):
    """Rows as objects under their headings, how many stand above the first of them, and what these say."""

    values: Iterator[Value]
    above: int
    titles: list[str]


def named(values: Iterable[Value]) -> Named:
    """Return arrays as objects; without a header the columns are called by their numbers."""
    values = iter(values)
    ahead = list(islice(values, _LOOK))
    rows = [[_text(cell) for cell in each.value] if isinstance(each.value, list) else [] for each in ahead]
    found = headers.found(rows)
    width = max(map(len, rows), default=0) if found.stop == found.start else len(found.names)
    names = table.headings([*found.names, *[None] * width][:width])
    titles = [flattening.written(each.value) for each in ahead[: found.start]]
    return Named((_object(each, names) for each in chain(ahead[found.stop :], values)), found.stop, titles)


def _text(cell: Any) -> str:  # noqa: ANN401  # whatever JSON holds
    return "" if cell is None else cell if isinstance(cell, str) else flattening.written(cell)


def _object(each: Value, names: list[str]) -> Value:
    if not isinstance(each.value, list) or len(each.value) > len(names):
        return each
    return each._replace(value=dict(zip(names, each.value, strict=False)))
