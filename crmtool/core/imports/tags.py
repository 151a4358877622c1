"""The tags of rows: of columns that list them, and those a mapping gives to every row or by what a cell says.

To add a way in which a mapping gives tags: a key in `SourceMapping` and a line in `tags`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from crmtool.core.folding import folded, folds
from crmtool.core.imports.headings import matched

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crmtool.core.rules import SourceMapping, Tagging


def tags(cells: pl.DataFrame, rows: pl.Series, listed: Sequence[pl.DataFrame], rule: SourceMapping) -> pl.DataFrame:
    """Return the tags of each row (columns row, tags, a list).

    `rows` are the numbers of the rows in `cells`; `listed` has row and tags, one text separated by commas.
    """
    parts = [
        each.select("row", pl.col("tags").str.split(",").list.eval(_unquoted(pl.element()))).explode("tags")
        for each in listed
    ]
    parts += [rows.to_frame().with_columns(tags=pl.lit(tag)) for tag in rule.tags]
    parts += [
        rows.filter(_says(cells[heading], tagging)).to_frame().with_columns(tags=pl.lit(tag))
        for tagging in rule.tagging
        for heading in matched(cells.columns, [tagging.column])
        for tag in tagging.tags
    ]
    every = pl.concat([pl.DataFrame(schema={"row": pl.Int64(), "tags": pl.String()}), *parts])
    every = every.filter(pl.col("tags") != "").unique(maintain_order=True)
    return every.group_by("row", maintain_order=True).agg("tags")


def _unquoted(tag: pl.Expr) -> pl.Expr:
    """Return a tag without the quotes around it, which some exports put about each."""
    return tag.str.strip_chars().str.replace(r'^"(.*)"$', "$1").str.strip_chars()


def _says(cells: pl.Series, tagging: Tagging) -> pl.Series:
    """Tell which cells call for the tags."""
    distinct = cells.alias("cell").drop_nulls().unique()
    fold = pl.col("fold")
    tests = [fold == folded(word) for word in tagging.equals]
    tests += [fold.str.contains(folded(word), literal=True) for word in tagging.contains]
    calling = distinct.to_frame().with_columns(fold=folds(distinct)).filter(pl.any_horizontal(tests or fold != ""))
    return cells.is_in(calling["cell"].implode()).fill_null(value=False)
