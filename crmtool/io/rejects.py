"""Rejected rows as a file, to be corrected and imported again: the original columns, surplus cells, and why."""

from __future__ import annotations

import csv as stdlib
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
    """Write the rejected rows of a table under a name of their own and return the path; None: there are none.

    `rejected` has row and code; rows the reader refused come from the table itself.
    """
    if rejected.is_empty() and table.refused.is_empty():
        return None
    headings = [heading for heading in table.cells.columns if heading not in SERVICE]
    cells = table.cells.drop(SERVICE, strict=False).with_columns(table.rows.alias(_ROW))
    why = rejected.select(pl.col("row").alias(_ROW), pl.col("code").alias(_REASON))
    lacking = why.join(cells, on=_ROW, maintain_order="left").with_columns(pl.lit(None, pl.String).alias(_EXTRA))
    order = [model.named(name) for name in (*headings, *SERVICE)]
    rows = pl.concat([lacking.select(order), _refused(table, headings).select(order)]).sort(_ROW)
    messages = {code: findings.message(code, "") for code in rows[_REASON].unique()}
    frame = rows.with_columns(pl.col(_REASON).replace(messages)).cast(pl.String)
    path = _free(folder, Path(table.name).stem)
    csv.write_csv(frame, path, bom=True)
    return path


def _refused(table: Table, headings: list[str]) -> pl.DataFrame:
    """Return the rows that could not be read, their cells as far as they go and the rest as surplus."""
    rows = []
    for row, raw, code in table.refused.select("row", "raw", "code").iter_rows():
        cells = next(stdlib.reader([raw], delimiter=table.delimiter or ","), [])
        fitting = dict(zip(headings, cells, strict=False))
        rows.append({_ROW: row, _REASON: code, **fitting, _EXTRA: " | ".join(cells[len(headings) :])})
    schema = {_ROW: pl.Int64(), _REASON: pl.String(), **dict.fromkeys([*headings, _EXTRA], pl.String())}
    return pl.DataFrame(rows, schema=schema)


def _free(folder: Path, stem: str) -> Path:
    """Return a name nobody has taken."""
    numbered = (folder / f"{stem}.rejected{'' if n == 1 else f'-{n}'}.csv" for n in range(1, 1_000_000))
    return next(path for path in numbered if not path.exists())
