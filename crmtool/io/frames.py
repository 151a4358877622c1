"""Rows that SQLite gave, as frames: many column by column, a few at once, none as a frame that was made before.

And frames as the rows it is given.

A command on one contact asks for some rows of many tables, and to make a column costs as much as a hundred values.
"""

from __future__ import annotations

from functools import cache
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_FEW = 64  # rows
_MANY = 5_000  # rows whose values are made at once
_NONE = type(None)
#: What a column of a type is made of; a value of another kind is never turned into one silently.
_KINDS = {
    pl.Int64(): {int, _NONE},
    pl.String(): {str, _NONE},
    pl.Float64(): {float, _NONE},
    pl.Binary(): {bytes, _NONE},
}


def framed(rows: Sequence[tuple[Any, ...]], schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """Return rows as a frame of the given columns. Raises TypeError for a value that is not of its column's type."""
    kinds = [_KINDS.get(each, ()) for each in schema.values()]
    if len(rows) <= _FEW and all(type(value) in kind for row in rows for value, kind in zip(row, kinds, strict=True)):
        return pl.DataFrame(rows, schema=dict(schema), orient="row")
    columns = zip(*rows, strict=True)
    return pl.DataFrame([pl.Series(n, c, t) for (n, t), c in zip(schema.items(), columns, strict=True)])


def rows(frame: pl.DataFrame) -> Iterator[tuple[Any, ...]]:
    """Give the rows of a frame, half as dear as `iter_rows`: a value that a column repeats is made once."""
    return chain.from_iterable(zip(*map(_values, part), strict=True) for part in frame.iter_slices(_MANY))


def _values(column: pl.Series) -> Iterable[Any]:
    if column.dtype == pl.Binary or not column.len() or column[0] is None or column[0] != column[-1]:
        return column.to_list()
    alike = (column == column[0]).all(ignore_nulls=False)
    return repeat(column[0], column.len()) if alike else column.to_list()


def empty(schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """Return a frame of the given columns without rows."""
    return _bare(tuple(schema.items())).clone()


@cache
def _bare(columns: tuple[tuple[str, pl.DataType], ...]) -> pl.DataFrame:
    return pl.DataFrame(schema=dict(columns))
