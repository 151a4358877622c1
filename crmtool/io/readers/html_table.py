"""HTML tables, which many web programs save under the name of a workbook: the fullest table of the page, as rows.

Runs in the limited child process (`excel_child`). Tags are told apart by a pattern: nothing is executed, nothing is
fetched. To know one more tag that ends a line: `_BREAKS`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

from crmtool.io.readers.excel_answer import About, Found, Refused, Span, dense

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<[!?][^>]*>|<(?P<name>/?[a-zA-Z][^\s/>]*)(?P<rest>(?:[^<>\"']++|\"[^\"]*+\"|'[^']*+'){0,200}+)>|(?P<text>[^<]+|<)",
    re.DOTALL,
)
_SILENT = re.compile(r"<(script|style|title)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([a-zA-Z:_-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>\"']+))")
_BREAKS = {"br", "/p", "/div", "/li"}
_WIDEST, _HIGHEST = 1000, 65534  # the spans that HTML allows for
_SHORT = 7  # digits
_NUMBER = re.compile(r"-?\d+(\.\d+)?$")


@dataclass
class _Grid:
    """A table while its tags go by; `reaching` holds the columns that a cell above still covers, and for how long."""

    rows: list[list[str]] = field(default_factory=list)
    merged: list[Span] = field(default_factory=list)
    reaching: dict[int, int] = field(default_factory=dict)
    cell: list[str] | None = None  # the texts of the open cell
    number: str = ""  # what the open cell is worth, where it says so


def opened(path: str, wanted: str, encoding: str) -> Found | Refused:
    """Return the fullest table of a page, or the one of that number (from 1)."""
    grids = tables(Path(path).read_text(encoding, errors="replace"))
    names = [f"table {number}" for number in range(1, len(grids) + 1)]
    if not grids:
        return Refused("table", [])
    at = _chosen(grids, names, wanted)
    if at is None:
        return Refused("sheet", names)
    others = [names[number] for number, grid in enumerate(grids) if number != at and len(grid.rows) > 1]
    about = About(names[at], names, merged=grids[at].merged, unread=[] if wanted else others)
    return dense(about, grids[at].rows)


def _chosen(grids: list[_Grid], names: list[str], wanted: str) -> int | None:
    if not wanted:
        return max(range(len(grids)), key=lambda at: sum(map(_filled, grids[at].rows)))
    named = [at for at, name in enumerate(names) if wanted in {name, str(at + 1)}]
    return named[0] if named else None


def _filled(row: list[str]) -> int:
    return len(row) - row.count("")


def tables(page: str) -> list[_Grid]:
    """Return the tables of a page in the order they begin in; a table inside of a cell is one of its own."""
    found: list[_Grid] = []
    around: list[_Grid] = []
    for name, rest in _tokens(_SILENT.sub("", page)):
        if name == "table":
            around.append(_Grid())
            found.append(around[-1])
        elif name == "/table" and around:
            _close(around.pop())
        elif around:
            _met(around[-1], name, rest)
    for grid in around:
        _close(grid)
    return [grid for grid in found if any(map(any, grid.rows))]


def _tokens(page: str) -> Iterator[tuple[str, str]]:
    """Return the tags (lower case, "/td" for an end) with their attributes; a text has the name ""."""
    for token in _TOKEN.finditer(page):
        if token["text"] is not None:
            yield "", token["text"]
        elif token["name"]:
            yield token["name"].lower(), token["rest"]


def _met(grid: _Grid, name: str, rest: str) -> None:
    if name == "" and grid.cell is not None:
        grid.cell.append(re.sub(r"[ \t\r\n\f]+", " ", unescape(rest)))
    elif name in _BREAKS and grid.cell is not None:
        grid.cell.append("\n")
    elif name == "tr":
        _next_row(grid)
    elif name in {"td", "th"}:
        _next_cell(grid, {key.lower(): a or b or c for key, a, b, c in _ATTRIBUTE.findall(rest)})
    elif name in {"/td", "/th", "/tr"}:
        _close(grid)


def _next_row(grid: _Grid) -> None:
    _close(grid)
    grid.rows.append([])
    grid.reaching = {column: left - 1 for column, left in grid.reaching.items() if left > 0}


def _next_cell(grid: _Grid, attributes: dict[str, str]) -> None:
    """Begin a cell behind those that reach into the row from above."""
    if not grid.rows:
        _next_row(grid)
    _close(grid)
    row = grid.rows[-1]
    while grid.reaching.get(len(row), -1) >= 0:
        row.append("")
    width, height = (_span(attributes.get(name), most) for name, most in (("colspan", _WIDEST), ("rowspan", _HIGHEST)))
    left, top = len(row) + 1, len(grid.rows)
    if width > 1 or height > 1:
        grid.merged.append(Span(top, left, top + height - 1, left + width - 1))
        grid.reaching |= dict.fromkeys(range(left - 1, left - 1 + width), height - 1) if height > 1 else {}
    row += [""] * width
    grid.cell, grid.number = [f"{left - 1}"], attributes.get("x:num", "")


def _span(said: str | None, most: int) -> int:
    return max(1, min(int(said), most)) if said and said.isascii() and said.isdecimal() and len(said) < _SHORT else 1


def _close(grid: _Grid) -> None:
    """Put the text of the open cell, if there is one, into its row."""
    if grid.cell is None:
        return
    at, *texts = grid.cell
    lines = (line.strip(" ") for line in "".join(texts).split("\n"))
    text = "\n".join(lines).strip("\n")
    grid.rows[-1][int(at)] = grid.number if _NUMBER.match(grid.number) else text
    grid.cell = None
