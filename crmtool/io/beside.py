"""Reads a store over several connections at once: SQLite uses one processor for each.

Every connection has to see the same state of the store. What is committed is told by the last change set; where that is
not the same (somebody wrote meanwhile, or this is read inside of a write), the first connection reads alone.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import polars as pl

from crmtool.core.errors import CrmError
from crmtool.io import store as stores
from crmtool.io.connecting import connected

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from crmtool.io.store import Store

_MOST = 4  # connections: each keeps pages and a part of the answer in memory
_LATEST = "SELECT id, digest FROM changeset ORDER BY id DESC LIMIT 1"

Part = TypeVar("Part")
Given = TypeVar("Given")


def read(store: Store, given: Sequence[Given], reader: Callable[[Store, Given], Part]) -> list[Part]:
    """Return what `reader` gives for each of `given`, in their order, all of one state of the store.

    Each connection takes the next of them when it is done with one, so let those that take long come first.
    """
    count = min(len(given), os.cpu_count() or 1, _MOST)
    if count < 2 or store.is_veiled:  # noqa: PLR2004  # one connection is at hand; another would see all
        return [reader(store, each) for each in given]
    waiting = iter(range(len(given)))  # for all threads: Python gives out each number once
    with store.reading(), ThreadPoolExecutor(count - 1) as pool:
        path, latest = _file(store), _latest(store)

        def taken(one: Store) -> dict[int, Part]:
            return {number: reader(one, given[number]) for number in waiting}

        others = [pool.submit(_read, path, latest, taken) for _ in range(count - 1)]
        found = taken(store)
        for other in others:
            found |= other.result()
    return [found[number] for number in range(len(given))]


def _file(store: Store) -> Path:
    return Path(store.query("SELECT file FROM pragma_database_list WHERE name = 'main'", [], {"": pl.String()}).item())


def _latest(store: Store) -> list[tuple[object, ...]]:
    return store.query(_LATEST, [], {"id": pl.Int64(), "digest": pl.String()}).rows()


def _read(path: Path, latest: object, taken: Callable[[Store], dict[int, Part]]) -> dict[int, Part]:
    """Return what `taken` reads over a connection of its own; nothing where that sees another state of the store."""
    try:
        beside = stores.Store(connected(path, "ro"), key="")
    except CrmError:
        return {}
    try:
        with beside.reading():
            return taken(beside) if _latest(beside) == latest else {}
    finally:
        beside.close()
