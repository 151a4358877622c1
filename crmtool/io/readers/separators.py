"""Which character stands between the cells of a text. To add one: a character in `SEPARATORS`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmtool.io.readers import lines, records

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl

SEPARATORS = ("\t", ";", "|", ",")  # of two that fit alike the earlier: commas stand in plain words too
ONE_COLUMN = "\x1f"  # the separator of a file that has none: it does not occur in lists of contacts
_SAMPLE = 300  # lines
_PAIR = 2


def separator(text: pl.DataFrame) -> str | None:
    """Return the separator under which the first rows of `text` (see `lines.split`) agree best; None: one column.

    It must stand in the header. Among those that do, one scores by the share of the rows that have some of it and no
    more cells than the header, and by the number of cells of the header; of equal scores the earlier wins. A header of
    two cells may be mere punctuation ("Surname, name"), so half of the rows have to agree.
    """
    sample = text.head(_SAMPLE)
    scores = {mark: _score(sample, mark) for mark in SEPARATORS}
    best = max(scores, key=lambda mark: scores[mark])
    return best if scores[best] > 0 else None


def _score(sample: pl.DataFrame, mark: str) -> float:
    rows = list(_rows(sample, mark))
    header = next((row for row in rows if filled(row)), [])
    width = filled(header)
    if width < _PAIR:
        return 0.0
    told = [row for row in rows if filled(row)]
    agreeing = sum(len(row) > 1 and filled(row) <= len(header) for row in told)
    sure = width > _PAIR or 2 * agreeing >= len(told)
    return agreeing / len(told) * (1 - 1 / width) if sure else 0.0


def _rows(sample: pl.DataFrame, mark: str) -> Iterator[list[str]]:
    line, at = lines.getter(sample), 0
    while at < sample.height:
        found = records.record(line, at, mark, None)
        at += found.lines
        yield [found.raw] if found.cells is None or found.code else found.cells  # broken quotes speak against the mark


def filled(cells: list[str]) -> int:
    """Return how many cells there are up to the last one with text."""
    return max((position for position, cell in enumerate(cells, 1) if cell.strip()), default=0)
