"""The tags of rows: of columns that list them, and those a mapping gives to every row or by what a cell says.

A tag of the dictionary, however it was written, is given as the dictionary writes it; any other as it is. To add a way
in which a mapping gives tags: a key in `SourceMapping` and a line in `_given`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from crmtool.core import findings
from crmtool.core.folding import folded, folds
from crmtool.core.imports.headings import matched

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crmtool.core.rules import SourceMapping, Tagging


def tags(
    cells: pl.DataFrame,
    rows: pl.Series,
    listed: Sequence[pl.DataFrame],
    rule: SourceMapping,
    dictionary: Mapping[str, str],
) -> pl.DataFrame:
    """Return the tags of each row (columns row, tags, a list).

    `rows` are the numbers of the rows in `cells`; `listed` has row and tags, one text separated by commas;
    `dictionary` is folded name -> tag.
    """
    every = _given(cells, rows, listed, rule).filter(pl.col("tags") != "")
    named = folds(every["tags"]).replace_strict(dictionary, default=every["tags"], return_dtype=pl.String)
    return every.with_columns(tags=named).unique(maintain_order=True).group_by("row", maintain_order=True).agg("tags")


def _given(cells: pl.DataFrame, rows: pl.Series, listed: Sequence[pl.DataFrame], rule: SourceMapping) -> pl.DataFrame:
    """Return the tags of rows as they were written (columns row, tags), one each."""
    parts = [_apart(each) for each in listed]
    parts += [rows.to_frame().with_columns(tags=pl.lit(tag)) for tag in rule.tags]
    parts += [
        rows.filter(_says(cells[heading], tagging)).to_frame().with_columns(tags=pl.lit(tag))
        for tagging in rule.tagging
        for heading in matched(cells.columns, [tagging.column])
        for tag in tagging.tags
    ]
    return pl.concat([pl.DataFrame(schema={"row": pl.Int64(), "tags": pl.String()}), *parts])


def unknown(listed: pl.DataFrame, heading: str, dictionary: Mapping[str, str]) -> pl.DataFrame:
    """Return a finding for each tag of a column that the dictionary does not have; an empty one says nothing.

    `listed` and `dictionary` are as for `tags`.
    """
    every = _apart(listed).filter(pl.col("tags") != "")
    distinct = every["tags"].unique()
    strange = distinct.filter(~folds(distinct).is_in(list(dictionary))) if dictionary else distinct.clear()
    told = every.filter(pl.col("tags").is_in(strange.implode())).unique(maintain_order=True)
    return findings.found(told.rename({"tags": "value"}), "tag.unknown", column=heading, field="tags")


def _apart(listed: pl.DataFrame) -> pl.DataFrame:
    """Return tags one by one (columns row, tags)."""
    return listed.select("row", pl.col("tags").str.split(",").list.eval(_unquoted(pl.element()))).explode("tags")


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
