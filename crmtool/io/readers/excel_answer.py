"""How the process that opens a file hands over a sheet: a line about it, then cells with control characters between.

Nothing else is as fast to write and to take apart. A cell may hold these characters too: then they are escaped, and so
is the sign before a number that has more digits than a spreadsheet keeps. Free of heavy imports, as the child is.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

TOO_LONG = 3  # exit code of a process that has written more than it may
CELL, ROW, ESCAPE = "\x1f", "\x1e", "\x1b"
IMPRECISE = f"{ESCAPE}3"  # stands before a number
ESCAPED = {ESCAPE: f"{ESCAPE}0", CELL: f"{ESCAPE}1", ROW: f"{ESCAPE}2"}


class Refused(NamedTuple):
    """Why there is nothing to read."""

    refused: str  # "password", "sheet", "empty", "entities", or what a library said
    sheets: list[str]


class Span(NamedTuple):
    """A merged range: first and last row and column, counted from 1."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True)
class About:
    """What there is to say about a sheet besides its cells; rows and columns are counted from 1."""

    sheet: str
    sheets: list[str]  # of the file, all
    errors: list[tuple[int, int, str]] = field(default_factory=list)
    uncomputed: list[tuple[int, int]] = field(default_factory=list)  # formulas
    hidden: list[int] = field(default_factory=list)  # rows
    merged: list[Span] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)  # other sheets with cells
    unseen: list[str] = field(default_factory=list)  # hidden sheets with cells


class Found(NamedTuple):
    """A sheet: its size from row 1 and column 1, and its rows, all of that width, "" for an empty cell."""

    about: About
    width: int
    height: int
    rows: Iterable[list[str]]


def dense(about: About, rows: list[list[str]]) -> Found:
    """Return a sheet whose rows differ in width."""
    width = max(map(len, rows), default=0)
    return Found(about, width, len(rows), (row + [""] * (width - len(row)) for row in rows))


def told(found: Found, height: int) -> dict[str, object]:
    """Return what the first line says about a sheet of which so many rows follow."""
    return {**asdict(found.about), "width": found.width, "height": height, "bottom": found.height}


def first_line(about: dict[str, object]) -> str:
    """Return the line about the sheet; JSON writes control characters in letters."""
    return json.dumps(about, ensure_ascii=False, separators=(",", ":")) + ROW


def lines(rows: Iterable[list[str]], width: int) -> Iterator[str]:
    """Return each row of `width` texts as a line; it begins with a separator, so that none is ever empty."""
    for cells in rows:
        line = CELL.join(cells)
        if ESCAPE in line or ROW in line or line.count(CELL) != width - 1:
            line = CELL.join(map(_escaped, cells))
        yield f"{CELL}{line}{ROW}"


def _escaped(cell: str) -> str:
    sign = IMPRECISE if cell.startswith(IMPRECISE) else ""
    for character, letters in ESCAPED.items():
        cell = cell.replace(character, letters) if not sign else cell
    return cell
