"""The log of imports by source: what each brought in some days, how it was taken, and which has fallen silent."""

from __future__ import annotations

from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping

#: What the facts of an import count; of journals some are not counted.
COUNTS = ("read", "new", "updated", "unchanged", "repeated", "rejected", "to_review")
#: A source that is so many times as long silent as it usually is between two days of imports, is told of.
_LONG = 2


class Imported(NamedTuple):
    """One imported file: its source, the day it came, and its counts."""

    source: str
    on: dt.date
    counts: Mapping[str, int]


class Source(NamedTuple):
    """A source: what it brought in the days looked at, when it last brought anything, how often it usually does."""

    source: str
    files: int
    counts: dict[str, int]
    last: dt.date
    silent_days: int
    usual_days: int | None  # median between two days of imports; None: it came on fewer than three days
    is_silent: bool

    @property
    def rejected_share(self) -> float | None:
        """Share of the rows that were rejected; None: there were none."""
        return self.counts["rejected"] / self.counts["read"] if self.counts["read"] else None


def reviewed(imports: Iterable[Imported], first: dt.date, last: dt.date) -> list[Source]:
    """Return every source that ever came up to the day `last`, with what it brought from `first` on, by its name."""
    sources: dict[str, list[Imported]] = {}
    for each in imports:
        if each.on <= last:
            sources.setdefault(each.source, []).append(each)
    return [_source(name, every, first, last) for name, every in sorted(sources.items())]


def _source(name: str, every: list[Imported], first: dt.date, last: dt.date) -> Source:
    days = sorted({each.on for each in every})
    gaps = [(after - before).days for before, after in pairwise(days)]
    usual = round(median(gaps)) if len(gaps) > 1 else None
    silent = (last - days[-1]).days
    own = [each for each in every if each.on >= first]
    counts = {count: sum(each.counts.get(count, 0) for each in own) for count in COUNTS}
    return Source(name, len(own), counts, days[-1], silent, usual, usual is not None and silent > _LONG * usual)
