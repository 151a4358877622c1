"""The process that opens a Parquet file: a damaged one may make the library abort or print its own traces.

Started as `python -m crmtool.io.readers.parquet_child FILE FOLDER LIMIT` ("" for all rows). Writes the rows as text
cells to FOLDER, in Arrow files 0, 1 ..., each with the same columns, and one JSON object to standard output: {"parts":
how many, "without": [columns of bytes]}. To add a kind of column: a case in `_WRITTEN`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from crmtool.io.readers import excel_child, table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MEMORY = 6 << 30  # bytes of address space, of which the library reserves much and fills little
SECONDS = 600  # of processor time
_ROWS = 200_000  # of a part
_CELLS = 30_000_000  # of a part
_SOON = 100  # rows
_EXACT = 1 << 53  # larger fractional numbers are not exact
_BETWEEN = ", "


def text(cells: pl.Expr, kind: pl.DataType) -> pl.Expr | None:
    """Return an expression for a column as text, as a person would type it; None where it is of no text.

    Whole numbers without a point, others as written; days and times in ISO form, midnight left out; what is no number
    is empty; values of a list with ", " between them, of lists of more than that as JSON.
    """
    if isinstance(kind, pl.List):
        return _listed(cells, kind)
    if isinstance(kind, pl.Array):
        return _listed(cells.arr.to_list(), pl.List(kind.inner))
    if isinstance(kind, pl.Datetime):
        written = cells.dt.to_string("%Y-%m-%dT%H:%M:%S%.f" + ("%:z" if kind.time_zone else ""))
        return written.str.strip_suffix("T00:00:00")
    if isinstance(kind, pl.Object | pl.Unknown):
        return None
    return next((write(cells) for kinds, write in _WRITTEN if isinstance(kind, kinds)), cells.cast(pl.String))


def _number(cells: pl.Expr) -> pl.Expr:
    whole = (cells == cells.round()) & (cells.abs() < _EXACT)
    exact = pl.when(whole).then(cells.cast(pl.Int64, strict=False).cast(pl.String))
    return exact.when(cells.is_not_nan()).then(cells.cast(pl.String))


_WRITTEN: tuple[tuple[type[pl.DataType], Callable[[pl.Expr], pl.Expr]], ...] = (
    (pl.Float32, _number),
    (pl.Float64, _number),
    (pl.Duration, lambda cells: cells.dt.to_string("iso")),
)


def _listed(cells: pl.Expr, kind: pl.List) -> pl.Expr | None:
    inner = kind.inner
    if isinstance(inner, pl.Binary | pl.Object):
        return None
    if isinstance(inner, pl.List | pl.Array | pl.Struct):
        wrapped = pl.struct(v=cells).struct.json_encode().str.strip_prefix('{"v":').str.strip_suffix("}")
        return pl.when(cells.is_not_null()).then(wrapped)
    own = text(pl.element(), inner() if isinstance(inner, type) else inner)
    return None if own is None else cells.list.eval(own).list.join(_BETWEEN, ignore_nulls=True)


def columns(cells: pl.Expr, heading: str, kind: pl.DataType) -> Iterator[tuple[str, pl.Expr | None]]:
    """Yield heading and text of a column, or of each field of a column of structs ("address.city")."""
    if not isinstance(kind, pl.Struct):
        yield heading, text(cells, kind)
        return
    for field in kind.fields:
        own = field.dtype() if isinstance(field.dtype, type) else field.dtype
        yield from columns(cells.struct.field(field.name), f"{heading}.{field.name}", own)


def _is_text(column: pl.LazyFrame) -> bool:
    """Tell whether a column of bytes holds nothing but text; a picture among the first rows is soon seen."""
    try:
        for rows in (column.head(_SOON), column):
            rows.select(pl.all().cast(pl.String).null_count()).collect(engine="streaming")
    except pl.exceptions.ComputeError:
        return False
    return True


def converted(path: Path, folder: Path, limit: int | None) -> dict[str, object]:
    """Write the rows of a file as text; return what there is to say."""
    rows = pl.scan_parquet(path, glob=False, hive_partitioning=False)
    named = rows.collect_schema()
    rows = rows.rename(dict(zip(named.names(), (f"c{at}" for at in range(len(named))), strict=True)))
    schema = rows.collect_schema()
    binary = [name for name, kind in schema.items() if isinstance(kind, pl.Binary)]
    bad = {name for name in binary if not _is_text(rows.select(name))}
    wanted = [
        (heading, expression)
        for (own, kind), name in zip(schema.items(), named.names(), strict=True)
        for heading, expression in columns(pl.col(own), name, kind)
        if own not in bad
    ]
    kept = [(heading, expression) for heading, expression in wanted if expression is not None]
    headings = table.headings([heading for heading, _ in kept])
    texts = [expression.alias(f"t{at}") for at, (_, expression) in enumerate(kept)]
    height, number = max(min(_ROWS, _CELLS // max(len(texts), 1)), 1), 0
    count = rows.select(pl.len()).collect().item()
    for start in range(0, count if limit is None else min(limit, count), height):
        most = height if limit is None else min(height, limit - start)
        part = rows.slice(start, most).select(texts).collect()
        part = part.select(pl.when(pl.all() != "").then(pl.all()))
        part.rename(dict(zip(part.columns, headings, strict=True))).write_ipc(folder / str(number))
        number += 1
    without = [name for own, name in zip(schema, named, strict=True) if own in bad]
    return {"parts": number, "without": without + [heading for heading, expression in wanted if expression is None]}


def main(path: str, folder: str, limit: str) -> None:
    """Convert a file and say what there is to say."""
    excel_child.limited(MEMORY, SECONDS)
    sys.stdout.write(json.dumps(converted(Path(path), Path(folder), int(limit) if limit else None)))


if __name__ == "__main__":
    main(*sys.argv[1:])
