"""Sheets that come back: a workbook to be filled in by people, or the same as CSV.

Every cell is text and none is a formula; what the program needs to know the row by is hidden, what people may fill in
is marked, and where only some words count they can be chosen. Sheets without marks and choices may be long: `sheet_xml`
writes them several times as fast as `xlsx`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from crmtool.core.errors import UsageError
from crmtool.io.writers import csv, files, sheet_xml, xlsx

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import polars as pl


class Look(NamedTuple):
    """Headings of columns that are hidden, to be filled in, and offer a choice of words."""

    hidden: tuple[str, ...] = ()
    marked: tuple[str, ...] = ()
    choices: Mapping[str, tuple[str, ...]] = {}


def write(texts: pl.DataFrame, path: Path, look: Look, *, title: str, force: bool = False) -> None:
    """Write a frame of text as .xlsx or .csv, by the ending. Raises UsageError and NotWritable as the writers do."""
    if path.suffix.lower() == ".csv":
        csv.write_csv(texts, path, bom=True, force=force)
        return
    if path.suffix.lower() != ".xlsx":
        raise UsageError(f"{path.name}: the ending says no format.", "Name the file .xlsx or .csv.")

    if not look.marked and not look.choices:
        with files.atomic(path, force=force) as temporary:
            sheet_xml.write([texts], temporary, hidden=look.hidden, sheet=title)
        return

    def finish(book: Any, sheet: Any) -> None:  # noqa: ANN401 - xlsxwriter has no types
        text = {"num_format": "@"}
        shown = book.add_format({**text, "bg_color": "#FFF5CC"})
        at = {name: position for position, name in enumerate(texts.columns)}
        for name in look.marked:
            sheet.set_column(at[name], at[name], _WIDTH, shown)
        for name in look.hidden:
            sheet.set_column(at[name], at[name], _WIDTH, book.add_format(text), {"hidden": True})
        for name, words in look.choices.items():
            rule = {"validate": "list", "source": list(words), "ignore_blank": True, "error_type": "information"}
            sheet.data_validation(1, at[name], max(texts.height, 1), at[name], rule)

    with files.atomic(path, force=force) as temporary:
        xlsx.write_into(texts, temporary, sheet=title, finish=finish)


_WIDTH = 14  # characters
