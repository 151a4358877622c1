"""Rejected rows as a file, to be corrected and imported again: the original columns, surplus cells, and why."""

from __future__ import annotations

import csv as stdlib
import filecmp
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core import findings, model
from crmtool.core.imports.mapping import SERVICE
from crmtool.io.writers import csv

if TYPE_CHECKING:
    from crmtool.io.readers.table import Table

_ROW, _REASON, _EXTRA = SERVICE


def written(folder: Path, table: Table, rejected: pl.DataFrame) -> Path | None:
    """Write the rejected rows of a table and return the path; None: there are none.

    The same rows are written once; others never over an earlier file, which somebody may be correcting. `rejected` has
    row and reasons; rows the reader refused come from the table itself.
    """
    if rejected.is_empty() and table.refused.is_empty():
        return None
    frame = rows(table, rejected)
    taken, path = _names(folder, Path(table.name).stem)
    csv.write_csv(frame, path, bom=True)
    same = next((old for old in taken if filecmp.cmp(old, path, shallow=False)), None)
    if same:
        path.unlink()
    return same or path


def rows(table: Table, rejected: pl.DataFrame | None = None) -> pl.DataFrame:
    """Return the rejected rows of a table (`rejected`: row, reasons) and those it refused, as text with the reasons."""
    schema = {"row": pl.Int64(), "reasons": pl.String()}
    rejected = pl.DataFrame(schema=schema) if rejected is None else rejected
    headings = [heading for heading in table.cells.columns if heading not in SERVICE]
    cells = table.cells.drop(SERVICE, strict=False).with_columns(table.rows.alias(_ROW))
    why = rejected.select(pl.col("row").alias(_ROW), pl.col("reasons").alias(_REASON))
    lacking = why.join(cells, on=_ROW, maintain_order="left").with_columns(pl.lit(None, pl.String).alias(_EXTRA))
    order = [model.named(name) for name in (*headings, *SERVICE)]
    every = pl.concat([lacking.select(order), _refused(table, headings).select(order)]).sort(_ROW)
    return every.cast(pl.String)


def _refused(table: Table, headings: list[str]) -> pl.DataFrame:
    """Return the rows that could not be read, their cells as far as they go and the rest as surplus."""
    rows = []
    for row, raw, code in table.refused.select("row", "raw", "code").iter_rows():
        cells = _split(raw, table)
        fitting = dict(zip(headings, cells, strict=False)) if len(cells) > 1 else {}
        rows.append(
            {_ROW: row, _REASON: findings.message(code, ""), **fitting, _EXTRA: " | ".join(cells[len(fitting) :])}
        )
    schema = {_ROW: pl.Int64(), _REASON: pl.String(), **dict.fromkeys([*headings, _EXTRA], pl.String())}
    return pl.DataFrame(rows, schema=schema)


def _split(raw: str, table: Table) -> list[str]:
    """Return the cells of a row that was refused; what is no line of delimited text stays whole."""
    if table.delimiter is None:
        return [raw]
    try:
        return next(stdlib.reader([raw], delimiter=table.delimiter), [])
    except stdlib.Error:
        return [raw]


def _names(folder: Path, stem: str) -> tuple[list[Path], Path]:
    """Return the names that are taken, and the first one that is not."""
    numbered = (folder / f"{stem}.rejected{'' if n == 1 else f'-{n}'}.csv" for n in count(1))
    taken = []
    while (path := next(numbered)).exists():
        taken.append(path)
    return taken, path
