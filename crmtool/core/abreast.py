"""Work on columns, or parts of them, that do not depend on one another, side by side on a few threads.

Polars and numpy leave the lock of Python while they work, so two columns take two cores; most of their work on one
takes one.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

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
