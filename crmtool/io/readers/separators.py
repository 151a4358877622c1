"""How a text is divided into cells: what stands between them, what encloses them.

Every candidate dialect is tried on the first lines, and the one wins under which the lines come out most like a table:
records of one width, made of cells that look like values (a number, an address, a few words) and not like leftovers (a
lone quotation mark, another separator glued between two words). The idea of weighing a pattern of widths with the types
of the cells is that of van den Burg, Nazabal and Sutton, "Wrangling messy CSV files by detecting row and type patterns"
(2019); the measures are our own. To add a separator: a line in `SEPARATORS`, with how readily it is believed.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from crmtool.io.readers import lines, shapes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import polars as pl

#: What may stand between cells. Of two that fit alike the earlier wins: commas stand in plain words too.
SEPARATORS = {"\t": 1.0, ";": 1.0, "|": 0.99, ",": 0.98, "^": 0.9, "~": 0.9, ":": 0.7, " ": 0.6}
ONE_COLUMN = "\x1f"  # the separator of a file that has none: it does not occur in lists of contacts
_USUAL = (",", ";", "\t", "|")
_PLAIN = (":", " ")  # stand in ordinary text, so they need proof
_LINES = 300
_CHARACTERS = 1 << 18
_DEEP = 60  # lines of one quoted cell
_TYPED = 3000  # cells looked at
_PAIR, _SEVERAL = 2, 3
_LEAST = 0.2  # a score below is no table
_MOST, _NEARLY = 0.9, 0.98
_TITLES, _TITLE = 20, 0.02  # lines above a table; what each takes from the score
_GLUED = re.compile(r"[^\s;|\t][;|\t][^\s;|\t]|[^\W\d_],\w|\w,[^\W\d_]|\t")  # two cells that were not taken apart
_ENCLOSED = re.compile(r"\s*([\"']).*\1\s*", re.DOTALL)
_LONE = re.compile(r"^[\"'][^\"']*$|^[^\"']*[\"']$")  # half of an enclosed cell


class Dialect(NamedTuple):
    r"""How cells stand in a text.

    `delimiter`: None in a text of one column. `quote`: the mark around cells, or None where marks are but text.
    `escape`: what stands before a quotation mark that belongs to the cell: a backslash, or None where it is doubled; a
    backslash before anything but a quotation mark or a backslash is text, and doubled marks are understood in any case.
    `skip_space`: spaces after a delimiter are layout.
    """

    delimiter: str | None
    quote: str | None = '"'
    escape: str | None = None
    skip_space: bool = False


class Trial(NamedTuple):
    """A sample read in one dialect: its records, and how many of its lines could not be read so."""

    dialect: Dialect
    rows: list[list[str]]
    broken: int


def dialect(sample: Sequence[str], delimiter: str | None = None) -> Dialect:
    """Return the dialect of a text by its first lines (with or without their ends; some hundreds are enough).

    `delimiter`: the one a person or the file itself names; then only the rest is found.
    """
    text = _beginning(sample)
    marks = [mark for mark in SEPARATORS if any(mark in line for line in text)] if delimiter is None else [delimiter]
    scored = [(score(trial, sure=delimiter is not None), trial) for mark in marks for trial in _trials(text, mark)]
    best, chosen = max(scored, key=lambda pair: pair[0], default=(0.0, None))
    if chosen is None or (best < _LEAST and delimiter is None):
        return _one_column(text)
    return chosen.dialect._replace(skip_space=chosen.dialect.skip_space or _spaced(chosen))


def otherwise(line: str, how: Dialect, width: int) -> list[str] | None:
    """Return the cells of a line that is one cell in its file's dialect, but a whole row with another delimiter.

    `width`: cells of a row; with fewer than three there is too little to go by, and a line that fits two ways is left.
    """
    if width < _SEVERAL:
        return None
    marks = [mark for mark in _USUAL if mark != how.delimiter and mark in line]
    read = [_record([line], 0, how._replace(delimiter=mark))[0] for mark in marks]
    whole = [cells for cells in read if cells is not None and len(cells) == width]
    return whole[0] if len(whole) == 1 else None


def separator(text: pl.DataFrame) -> str | None:
    """Return the delimiter of a text (see `lines.split`); None: one column."""
    line = lines.getter(text.head(_LINES))
    return dialect([line(at) or "" for at in range(min(text.height, _LINES))]).delimiter


def filled(cells: Sequence[str]) -> int:
    """Return how many cells there are up to the last one with text."""
    return max((position for position, cell in enumerate(cells, 1) if cell.strip()), default=0)


def _beginning(sample: Sequence[str]) -> list[str]:
    """Return the first lines, each with a line feed: no more than the limits, and only a first line is cut."""
    text, size = list[str](), 0
    for line in islice(sample, _LINES):
        size += len(line)
        if size > _CHARACTERS and text:
            break
        text.append(line[:_CHARACTERS].rstrip("\r\n") + "\n")
    return text


def _trials(text: list[str], mark: str) -> Iterator[Trial]:
    """Try the sensible dialects for a delimiter: plain quotation marks, then those for which there is a sign."""
    whole = "".join(text)
    sound = False
    for quote in [quote for quote in ('"', "'") if quote == '"' or _opens(whole, mark, quote)]:
        escapes = (None, "\\") if f"\\{quote}" in whole else (None,)
        spaces = (False, True) if mark != " " and re.search(f"{re.escape(mark)} +{quote}", whole) else (False,)
        made = [tried(text, Dialect(mark, quote, escape, skip)) for escape in escapes for skip in spaces]
        sound = sound or any(not trial.broken for trial in made)
        yield from made
    if not sound and _opens(whole, mark, '"'):  # marks are text only where they cannot be quotation marks
        yield tried(text, Dialect(mark, None))


def _opens(whole: str, mark: str, quote: str) -> bool:
    """Tell whether some cells begin with the quotation mark, and as many end with it."""
    edge = re.escape(mark)
    begun = len(re.findall(rf"(?:^|{edge} *){quote}(?=[^\n])", whole, re.MULTILINE))
    ended = len(re.findall(rf"{quote}(?= *(?:$|{edge}))", whole, re.MULTILINE))
    return begun > 0 and ended >= begun / 2


def tried(text: Sequence[str], how: Dialect) -> Trial:
    """Read lines (with their ends) in a dialect; a line that does not fit it becomes one record, split as it is."""
    rows, broken, at = list[list[str]](), 0, 0
    while at < len(text):
        cells, taken = _record(text, at, how)
        if cells is None:
            cells = text[at].rstrip("\n").split(how.delimiter)
            broken += (at + _DEEP < len(text) or taken == 1) and not _undoubled(cells, how)
            taken = 1
        rows.append(cells)
        at += taken
    return Trial(how, rows, broken)


def _undoubled(cells: Sequence[str], how: Dialect) -> bool:
    """Tell whether each cell that begins with a quotation mark ends with one: marks inside were merely not doubled."""
    mark = how.quote or ONE_COLUMN
    begun = [cell.strip() for cell in cells if cell.lstrip().startswith(mark)]
    return bool(begun) and all(len(cell) > 1 and cell.endswith(mark) and f"\\{mark}" not in cell for cell in begun)


def _record(text: Sequence[str], at: int, how: Dialect) -> tuple[list[str] | None, int]:
    """Return the cells of the record at a line and its number of lines; no cells where quotation marks break."""
    csv.field_size_limit(1 << 30)
    reader = csv.reader(
        islice(text, at, at + _DEEP),
        delimiter=how.delimiter or ONE_COLUMN,
        quotechar=how.quote,
        quoting=csv.QUOTE_MINIMAL if how.quote else csv.QUOTE_NONE,
        escapechar=how.escape,
        skipinitialspace=how.skip_space,
        strict=True,
    )
    try:
        return next(reader), reader.line_num
    except (csv.Error, StopIteration):
        return None, reader.line_num


def score(trial: Trial, *, sure: bool = False) -> float:
    """Return how much the records look like a table: 0 (not at all) to 1. `sure`: the delimiter needs no proof."""
    told = [row for row in trial.rows if any(cell.strip() for cell in row) and not _remark(row)]
    width = _width(told)
    rows = _below_titles(told, width)
    if width < _PAIR or not (sure or _proven(trial, rows, width)):
        return 0.0
    agreeing = sum(_agrees(row, width) for row in rows) / len(rows)
    sound = 1 - trial.broken / len(rows)
    bare = 1 - _TITLE * (len(told) - len(rows))
    return (
        agreeing
        * (1 - 0.5 / width)
        * _likeness(rows)
        * sound
        * bare
        * SEPARATORS.get(trial.dialect.delimiter or ",", 1.0)
    )


def _width(rows: Sequence[Sequence[str]]) -> int:
    """Return the commonest number of cells above one; the larger of two as common."""
    widths = Counter(len(row) for row in rows if len(row) > 1)
    return max(widths, key=lambda width: (widths[width], width), default=0)


def _agrees(row: Sequence[str], width: int) -> float:
    """Return how well a record fits the width: cells left out at the end are commoner than cells too many."""
    if len(row) == width or (len(row) > width and filled(row) <= width):
        return 1.0
    if len(row) == 1:
        return 0.0
    return 0.5 if len(row) < width else 0.3


def _remark(row: Sequence[str]) -> bool:
    return len(row) == 1 and row[0].startswith("#")


def _below_titles(rows: list[list[str]], width: int) -> list[list[str]]:
    """Leave out the lines above the first record of the table's width, if they are few."""
    first = next((at for at, row in enumerate(rows) if len(row) == width), 0)
    return rows[first:] if first <= _TITLES and len(rows) - first >= _PAIR else rows


def _proven(trial: Trial, rows: list[list[str]], width: int) -> bool:
    """Tell whether the delimiter is no mere punctuation: in two cells, or where the mark stands in ordinary text."""
    mark = trial.dialect.delimiter
    agreeing = sum(len(row) == width for row in rows) / len(rows)
    if mark in _PLAIN:
        return width >= _SEVERAL and agreeing >= _MOST and (_encloses(rows, mark) or _contrasts(rows))
    if width == _PAIR and len(next(row for row in trial.rows if not _remark(row))) != _PAIR:
        spaced = sum(row[-1].startswith(" ") for row in rows if len(row) > 1)
        return agreeing >= _MOST and 2 * spaced < len(rows)
    return width > _PAIR or 2 * agreeing >= 1


def _encloses(rows: Sequence[Sequence[str]], mark: str | None) -> bool:
    """Tell whether cells hold the delimiter, as they only can between quotation marks."""
    return any(mark in cell for row in rows for cell in row if mark)


def _contrasts(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether a column of values stands under a heading that is none."""
    head, *body = rows
    columns = zip(head, *body, strict=False)
    return len(body) > 1 and any(shapes.worded(top) and shapes.common(column, _MOST) for top, *column in columns)


def _likeness(rows: Sequence[Sequence[str]]) -> float:
    """Return the mean of how much the filled cells look like something whole."""
    step = max(1, len(rows) * len(rows[0]) // _TYPED)
    marks = [_whole(cell) for row in rows[::step] for cell in row[:_TYPED] if cell.strip()]
    return sum(marks) / len(marks) if marks else 0.0


def _whole(cell: str) -> float:
    if len(cell) > 1 and _ENCLOSED.fullmatch(cell):
        return 0.3
    found = shapes.shape(cell)
    if found in shapes.VALUES:
        return 1.0
    if found != "text":
        return 0.95
    return 0.3 if _GLUED.search(cell) or _LONE.search(cell) else 0.75


def _spaced(trial: Trial) -> bool:
    """Tell whether a space follows nearly every delimiter, so that it is layout."""
    inner = [cell for row in trial.rows for cell in row[1:] if cell.strip()]
    first = [row for row in trial.rows if len(row) > 1]
    begun = sum(cell.startswith(" ") for cell in inner)
    return trial.dialect.delimiter != " " and len(first) > 1 and begun >= _NEARLY * len(inner)


def _one_column(text: Sequence[str]) -> Dialect:
    trial = tried(text, Dialect(None))
    return Dialect(None, None if 2 * trial.broken > len(trial.rows) else '"')
