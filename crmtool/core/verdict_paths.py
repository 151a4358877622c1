"""Which verdicts hold two contacts together: ways through the graph of contacts and verdicts "same"."""

from __future__ import annotations

from collections import deque
from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def cut(edges: Iterable[tuple[int, int, int]], start: int, goal: int) -> list[int]:
    """Return the ids of edges (a, b, id) to take away so that no path is left: on each path, the newest.

    >>> cut([(1, 2, 7), (2, 3, 8), (1, 3, 9)], 1, 3)
    [9, 8]
    """
    left = list(edges)
    gone: list[int] = []
    while path := _path(left, start, goal):
        gone.append(max(path))
        left = [edge for edge in left if edge[2] != gone[-1]]
    return gone


def _path(edges: list[tuple[int, int, int]], start: int, goal: int) -> list[int]:
    """Return the ids of the edges on a shortest path, none when there is no path."""
    neighbours: dict[int, list[tuple[int, int]]] = {}
    for a, b, i in chain(edges, ((b, a, i) for a, b, i in edges)):
        neighbours.setdefault(a, []).append((b, i))
    came: dict[int, tuple[int, int]] = {start: (start, 0)}  # contact -> the one before it on the way, and the edge
    queue = deque([start])
    while queue and goal not in came:
        here = queue.popleft()
        for there, i in neighbours.get(here, ()):
            if there not in came:
                came[there] = (here, i)
                queue.append(there)
    return _walked(came, goal) if goal in came else []


def _walked(came: Mapping[int, tuple[int, int]], goal: int) -> list[int]:
    """Return the ids of the edges on the way back from `goal` to the contact that came from itself."""
    edges = []
    here, (before, edge) = goal, came[goal]
    while before != here:
        edges.append(edge)
        here, (before, edge) = before, came[before]
    return edges
