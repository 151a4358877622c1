"""Frames to delimited text that a spreadsheet may open without running anything.

What a formula is, and how it is guarded, is said in `crmtool.core.formulas`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from crmtool.core import formulas
from crmtool.core.errors import UsageError
from crmtool.io.writers.files import atomic

if TYPE_CHECKING:
    from pathlib import Path


def write_csv(
    frame: pl.DataFrame,
    path: Path,
    *,
    delimiter: str = ",",
    bom: bool = False,
    encoding: str = "utf-8",
    force: bool = False,
) -> None:
    r"""Write a frame, headings first, as delimited text with `\\n` at line ends and empty cells for nulls.

    Columns of any plain type are written as polars prints them. `bom` adds the mark by which Excel knows UTF-8. Raises
    UsageError where the file exists (without `force`) or the encoding lacks some letter, NotWritable as `atomic` does.
    """
    safe = guarded(frame)
    with atomic(path, force=force) as temporary:
        if encoding == "utf-8":
            safe.write_csv(temporary, separator=delimiter, include_bom=bom)
        else:
            temporary.write_bytes(_encoded(safe.write_csv(separator=delimiter), encoding))


def guarded(frame: pl.DataFrame, *, again: bool = True) -> pl.DataFrame:
    """Return the frame as text, headings included, as `formulas.guarded` makes it."""
    texts = frame.select(pl.all().cast(pl.String()))
    headings = _guard(pl.Series(texts.columns, dtype=pl.String), again=again).to_list()
    columns = zip(texts, headings, strict=True)
    return pl.DataFrame([_guard(column, again=again).alias(name) for column, name in columns])


def _guard(texts: pl.Series, *, again: bool) -> pl.Series:
    text, column = pl.col("text"), texts.rename("text").to_frame()
    if not column.select(formulas.suspected(text).any()).item():
        return texts
    return column.select(formulas.guarded(text, again=again)).to_series()


def _encoded(text: str, encoding: str) -> bytes:
    try:
        return text.encode(encoding)
    except LookupError:
        raise UsageError(
            f"There is no encoding called {encoding!r}.", "Use utf-8, or cp1251 for old programs."
        ) from None
    except UnicodeEncodeError as fault:
        letter = fault.object[fault.start]
        raise UsageError(f"{encoding} has no letter {letter!r}.", "Use --encoding utf-8.") from None
