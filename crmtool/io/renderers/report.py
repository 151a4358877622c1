"""A report as a page of HTML that needs nothing else, and as a workbook with a sheet for each table.

The page is `templates/report.html.j2`. Escaping is the engine's (`pages.environment`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from crmtool.io.renderers.pages import environment
from crmtool.io.writers.files import atomic
from crmtool.io.writers.xlsx import _fill, _workbook, sheet_name

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from crmtool.core.reports.shapes import Report, Section


def report_html(report: Report, as_of: dt.date) -> str:
    """Return a report as a page; the sizes of a table are drawn beside them."""
    sections = [
        {
            "title": each.title,
            "note": each.note,
            "columns": each.frame.columns,
            "numbers": [kind.is_numeric() for kind in each.frame.dtypes],
            "rows": each.frame.rows(),
            "bars": _lengths(each),
        }
        for each in report.sections
    ]
    return environment().get_template("report.html.j2").render(title=report.title, sections=sections, as_of=as_of)


def _lengths(section: Section) -> list[str]:
    """Return the length of the bar of each row in percent; none where nothing is drawn."""
    if section.bar is None:
        return []
    values = section.frame[section.bar].cast(pl.Float64).fill_null(0)
    most = max([*values, 0.0])
    return [f"{100 * value / most:.1f}%" if most > 0 else "0%" for value in values]


def write_workbook(report: Report, path: Path, *, force: bool = False) -> None:
    """Write a report as a workbook. Raises UsageError and NotWritable as `files.atomic` does."""
    with atomic(path, force=force) as temporary, _workbook(temporary) as book:
        for number, section in enumerate(report.sections, 1):
            _fill(book, sheet_name(f"{number} {section.title}"), section.frame.select(pl.all().cast(pl.String)))
