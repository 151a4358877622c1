"""Work on columns, or parts of them, that do not depend on one another, side by side on a few threads.

Parts that come one after another are made while the one before is worked on (`ahead`). Polars and numpy leave the lock
of Python while they work, so two columns take two cores; most of their work on one takes one.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Given = TypeVar("Given")
Made = TypeVar("Made")
_FEW = 10_000  # rows that are done before threads have begun
_MOST = 4  # threads: each holds what it makes of its column


def abreast(work: Callable[[Given], Made], given: Iterable[Given], rows: int) -> list[Made]:
    """Return what `work` makes of each given thing, in their order; `rows` says how long a column is.

    >>> abreast(len, ["a", "bcd"], 1)
    [1, 3]
    """
    if rows < _FEW or pl.thread_pool_size() == 1:
        return [work(each) for each in given]
    with ThreadPoolExecutor(min(pl.thread_pool_size(), _MOST)) as threads:
        return list(threads.map(work, given))


def ahead(items: Iterator[Made]) -> Iterator[Made]:
    """Give the items; the next one is made beside the work on the one before. What making one raises is raised here."""
    with ThreadPoolExecutor(1) as aside:
        coming = aside.submit(_next, items)
        while item := coming.result():
            coming = aside.submit(_next, items)
            yield item[0]
            del item  # or it stays in memory while the next is waited for


def _next(items: Iterator[Made]) -> tuple[Made] | None:
    """Return the next item, or None where there is no more."""
    for item in items:
        return (item,)
    return None
