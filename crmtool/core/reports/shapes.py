"""What a report is: titled tables of columns, each with what there is to say below it.

Numbers stay numbers; amounts of money are texts with their currency, exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from crmtool.core.journal import deals

if TYPE_CHECKING:
    from collections.abc import Sequence

_BAR = 20  # signs of the longest bar


@dataclass(frozen=True)
class Section:
    """A table of a report; `note` is what is said below it, `bar` the column whose size is drawn."""

    title: str
    frame: pl.DataFrame
    note: str = ""
    bar: str | None = None


@dataclass(frozen=True)
class Report:
    """A report: what it is about, and its tables."""

    title: str
    sections: tuple[Section, ...]

    def document(self) -> dict[str, Any]:
        """Return the report as plain values."""
        return {
            "title": self.title,
            "sections": [
                {"title": each.title, "rows": each.frame.to_dicts(), "note": each.note} for each in self.sections
            ],
        }


def money(frame: pl.DataFrame, columns: Sequence[str], currency: str = "currency") -> pl.DataFrame:
    """Return a frame with whole ten-thousandths as texts, to the cent, with the currency of the row."""
    rows = frame.select(*columns, currency).to_dicts()
    texts = {
        name: pl.Series(name, [_text(row[name], row[currency]) for row in rows], dtype=pl.String) for name in columns
    }
    return frame.with_columns(*texts.values()).drop(currency)


def _text(units: int | None, currency: str | None) -> str | None:
    return None if units is None else deals.money((units + 50) // 100 * 100, currency)


def share(part: str, whole: str) -> pl.Expr:
    """Return a share in percent with one decimal, null of nothing.

    >>> pl.DataFrame({"a": [1], "b": [3]}).select(share("a", "b")).item()
    33.3
    """
    return pl.when(pl.col(whole) > 0).then((100 * pl.col(part) / pl.col(whole)).round(1))


def bars(values: pl.Series) -> list[str]:
    """Return a bar for each number, the longest for the largest; a number above zero has one sign at least.

    >>> bars(pl.Series([10, 1, 0, None]))[1:]
    ['##', '', '']
    """
    numbers = [float(value) if value is not None else 0.0 for value in values]
    most = max(numbers, default=0.0)
    if most <= 0:
        return ["" for _ in numbers]
    return ["#" * max(round(_BAR * number / most), 1 if number > 0 else 0) for number in numbers]
