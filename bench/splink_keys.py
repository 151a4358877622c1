"""The columns that ours compares in a file and the keys it blocks by, for Splink to take the same.

The only place of this measurement that looks inside ours. A rule of ours may hold several keys of one row (each word of
the name): its column is then a list, which Splink explodes. Keys of blocks that ours leaves out are left out here too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from crmtool.core.duplicates import blocking, blocking_keys, fields, matching
from crmtool.io import evaluation, intake, rulebook
from crmtool.io.readers import files
from crmtool.io.readers.table import Options

if TYPE_CHECKING:
    from pathlib import Path

    from crmtool.core.rules import Match

_APART = {"company": "name", "site": "domain"}  # what becomes of them where the rows are companies


class Compared(NamedTuple):
    """Heading -> kind of value, of the columns that are compared; and for each blocking rule a column of keys."""

    columns: dict[str, str]
    keys: pl.DataFrame


def compared(file: Path, truth: str) -> Compared:
    """Return what ours compares in a file whose column `truth` says which rows are one."""
    rules = rulebook.loaded(rulebook.defaults())
    rows = evaluation.labelled(files.parts(file, Options()), rules, intake.Wishes(), truth)
    kinds = fields.kinds(rows.parties)
    keys, count = blocking_keys.keys(*fields.compared(rows.parties, kinds), kinds), rows.parties.height
    asked = matching.wanted(keys, kinds, rules.duplicates.match, count)
    columns = [_column(rule, *blocking.blocks(keys, rule, count), count, rules.duplicates.match) for rule in asked]
    fields_ = {
        heading: field if field in kinds else _APART.get(field, field) for heading, field in rows.columns.items()
    }
    used = {heading: field for heading, field in fields_.items() if kinds.get(field, "none") != "none"}
    told = {heading: kinds[field] if field.startswith("attr.") else field for heading, field in used.items()}
    return Compared(told, pl.DataFrame(columns))


def _column(rule: tuple[str, ...], lines: object, codes: object, rows: int, limits: Match) -> pl.Series:
    """Return the keys of each row under a rule, without those of blocks over the limits."""
    frame = pl.DataFrame({"row": pl.Series(lines, dtype=pl.Int64), "code": pl.Series(codes, dtype=pl.Int64)})
    frame = frame.with_columns(size=pl.len().over("code").cast(pl.Int64)).filter(pl.col("size") > 1)
    sizes = frame.unique("code")["size"].sort()
    over = sizes.filter((sizes * (sizes - 1) // 2).cum_sum() > limits.max_pairs * rows)
    most = min(limits.max_block, int(over.min()) - 1 if len(over) else limits.max_block)
    kept = frame.filter(pl.col("size") <= most).group_by("row").agg("code")
    found = pl.select(row=pl.int_range(rows)).join(kept, on="row", how="left", maintain_order="left")["code"]
    single = (found.list.len().max() or 0) <= 1
    return (found.list.first() if single else found).alias(f"block.{' + '.join(rule)}")
