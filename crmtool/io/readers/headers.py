"""Which of a table's first rows are titles, which its header, and which rows below are no contacts.

Serves delimited text and sheets alike: a row is its cells as text, '' where empty. A row is taken for something else
than a contact only on evidence; when unsure, a row is a row. The words that are evidence stand in `captions`.
"""

from __future__ import annotations

from itertools import pairwise, zip_longest
from statistics import median
from typing import TYPE_CHECKING, Literal, NamedTuple

from crmtool.io.readers import captions, shapes

if TYPE_CHECKING:
    from collections.abc import Sequence

    Row = Sequence[str]

_LOOK = 60  # rows
_DEEPEST = 3  # rows of a header
_FOOTER = 12  # rows
_PAIR, _SEVERAL = 2, 3
_SENTENCE = 5  # words
_PHONE = 10  # digits of a number that is no amount
_LABEL, _SHORT = 80, 4  # characters of a heading, words of a group's


class Header(NamedTuple):
    """Where a table's header is among its first rows: at `start` up to, without, `stop`; above stand titles and notes.

    `start` equals `stop`: there is none, the first row of contacts is at `stop`. `names`: the headings, those of
    several rows joined ("Phone Work"); a column without one has ''.
    """

    start: int
    stop: int
    names: tuple[str, ...]


def found(rows: Sequence[Row]) -> Header:
    """Return the header among the first rows of a table (blank ones included; some tens are enough)."""
    rows = [[cell.strip() for cell in row] for row in rows[:_LOOK]]
    top = _top(rows)
    if top is None:
        return Header(0, 0, ())
    if _is_contact(rows, top):
        return Header(top, top, ())
    start = top - 1 if _groups(rows, top) else top
    stop = _end(rows, top)
    return Header(start, stop, _joined(rows[start:stop], max(map(len, rows[start : stop + 1]))))


def _count(row: Row) -> int:
    return sum(1 for cell in row if cell)


def _top(rows: Sequence[Row]) -> int | None:
    """Return the position of the first row as full as a row of the table is."""
    counts = [_count(row) for row in rows]
    usual = median([count for count in counts if count > 1] or [1])
    full = [at for at, count in enumerate(counts) if count >= max(min(_PAIR, usual), usual / 2)]
    if not full:
        return None
    later = next((at for at in full[1:10] if _outdoes(rows, full[0], at)), None)
    return full[0] if later is None else later


def _outdoes(rows: Sequence[Row], first: int, later: int) -> bool:
    """Tell whether the header is a later row than the first full one: above it are notes in pairs ("Date", "May")."""
    fuller = 2 * _count(rows[later]) >= 3 * max(_count(row) for row in rows[first:later])
    return fuller and _count(rows[first]) == _PAIR and _labels(rows[later]) and _named(rows[later])


def _labels(row: Row) -> bool:
    """Tell whether the filled cells of a row may be headings: short, without values, and distinct."""
    cells = [cell for cell in row if cell]
    return len(set(cells)) == len(cells) > 0 and all(shapes.worded(cell) and len(cell) <= _LABEL for cell in cells)


def _named(row: Row) -> bool:
    """Tell whether known headings are in a row: a third of its cells, and two unless it is a row of one."""
    cells = [cell for cell in row if cell]
    known = sum(
        1 for cell in cells if len(cell) <= _LABEL and not shapes.is_value(cell) and captions.HEADING.search(cell)
    )
    return known >= min(_PAIR, len(cells)) and 3 * known >= len(cells)


def _columns(rows: Sequence[Row], below: int) -> list[list[str]]:
    """Return the cells of each column from a row on."""
    return [list(column) for column in zip_longest(*rows[below:], fillvalue="")]


def _is_contact(rows: Sequence[Row], top: int) -> bool:
    """Tell whether the first full row is a contact: it holds what the rows below hold, and nothing that names it."""
    row, others = rows[top], [below for below in rows[top + 1 :] if _count(below) and below != rows[top]]
    columns = _columns(others, 0)
    pairs = [(cell, columns[at] if at < len(columns) else []) for at, cell in enumerate(row)]
    if any(shapes.shape(cell) == "email" for cell in row) or any(_same(cell, column) for cell, column in pairs):
        return True
    if _named(row) or any(_contrasts(cell, column) for cell, column in pairs):
        return False
    return _numbered(row, pairs) or sum(_recurs(cell, column) for cell, column in pairs) > 1


def _same(cell: str, column: Sequence[str]) -> bool:
    """Tell whether a cell is a phone, a link, a day or a person's full name in a column of such."""
    kind = shapes.shape(cell)
    if kind == "person":
        return sum(shapes.shape(other) == "person" for other in column) * 2 >= sum(map(bool, column))
    return kind in ("phone", "url", "date") and (not any(column) or shapes.common(column) == kind)


def _contrasts(cell: str, column: Sequence[str]) -> bool:
    return _names(cell) and sum(map(bool, column)) > 1 and shapes.common(column, 0.9) is not None


def _names(cell: str) -> bool:
    return shapes.worded(cell) and shapes.shape(cell) not in ("nothing", "flag")


def _numbered(row: Row, pairs: Sequence[tuple[str, Sequence[str]]]) -> bool:
    """Tell whether a row has numbers as its column has, and they do not count the columns (years, 1 2 3)."""
    cells = [cell for cell in row if cell]
    numbers = [cell for cell in cells if shapes.shape(cell) == "number"]
    if len(numbers) == len(cells):
        return not any(shapes.common(column) is None for _, column in pairs if any(column))
    whole = [int(cell) for cell in numbers if cell.isdigit()]
    counting = len(whole) > 1 and all(after - before == whole[1] - whole[0] != 0 for before, after in pairwise(whole))
    return not counting and any(cell in numbers and shapes.common(column) == "number" for cell, column in pairs)


def _recurs(cell: str, column: Sequence[str]) -> int:
    """Return how often a word of the row stands below it, up to two times."""
    return min(column.count(cell), _PAIR) if shapes.worded(cell) and len(cell) >= _SEVERAL else 0


def _groups(rows: Sequence[Row], top: int) -> bool:
    """Tell whether the row above the header names groups of its columns: short labels, each above a heading."""
    if not top or not _labels(rows[top]):
        return False
    above, names = rows[top - 1], rows[top]
    inner = [at for at, cell in enumerate(above) if cell]
    if any(at >= len(names) or not _short(above[at]) for at in inner) or not any(names[at] for at in inner):
        return False
    alone = len(inner) == 1 and inner[0] > 0 and bool(captions.HEADING.fullmatch(above[inner[0]]))
    spans = any(after - before > 1 for before, after in pairwise([*inner, len(names)]))
    return (len(inner) > 1 or alone) and spans


def _short(cell: str) -> bool:
    return _names(cell) and not cell.endswith(":") and len(cell.split()) <= _SHORT


def _end(rows: Sequence[Row], top: int) -> int:
    """Return the position after the last row of the header."""
    stop = top + 1
    while stop < min(top + _DEEPEST, len(rows) - 1) and (_completes(rows, top, stop) or _repeats(rows, top, stop)):
        stop += 1
    return stop


def _completes(rows: Sequence[Row], top: int, at: int) -> bool:
    """Tell whether a row names the columns that the row above it left without a heading (merged cells)."""
    upper, lower = rows[at - 1], rows[at]
    width = max(len(_trimmed(upper)), len(_trimmed(lower)))
    cells = list(zip_longest(upper[:width], lower[:width], fillvalue=""))
    gaps = [low for up, low in cells if not up]
    merged = any(up and up == after for (up, _), (after, _) in pairwise(cells))
    if (
        not (gaps or merged)
        or not all(gaps)
        or _count(lower) < _PAIR
        or not all(map(shapes.worded, filter(None, lower)))
    ):
        return False
    if _named(lower) or (at > top + 1 and not gaps):
        return bool(gaps or at == top + 1)
    alone = any(up and low and after for (up, low), (after, _) in pairwise([*cells, ("x", "")]) if up != after)
    columns = _columns([row for row in rows[at + 1 :] if _count(row)], 0)
    return not alone and any(_contrasts(low, column) for (_, low), column in zip(cells, columns, strict=False) if low)


def _repeats(rows: Sequence[Row], top: int, at: int) -> bool:
    """Tell whether a row has words in every column that holds values below, as a second line of names has."""
    if at + _PAIR > len(rows) - 1:
        return False
    columns = _columns([row for row in rows[at + 1 :] if _count(row)], 0)
    valued = [
        number for number, column in enumerate(columns) if sum(map(bool, column)) > 1 and shapes.common(column, 0.9)
    ]
    return len(valued) >= _PAIR and all(
        number < len(row) and _names(row[number]) for number in valued for row in (rows[top], rows[at])
    )


def _trimmed(row: Row) -> Row:
    return row[: max((at for at, cell in enumerate(row, 1) if cell), default=0)]


def _joined(rows: Sequence[Row], width: int) -> tuple[str, ...]:
    """Join the rows of a header column by column; a group's name holds for the unnamed columns after it."""
    spread = [_spread(row, rows[number + 1 :], width) for number, row in enumerate(rows)]
    return tuple(" ".join(dict.fromkeys(filter(None, column))) for column in zip(*spread, strict=True))


def _spread(row: Row, below: Sequence[Row], width: int) -> list[str]:
    names, group = list[str](), ""
    for at in range(width):
        cell = row[at] if at < len(row) else ""
        group = cell or group
        names.append(group if any(at < len(lower) and lower[at] for lower in below) else cell)
    return names


def footer(rows: Sequence[Row], columns: int) -> int:
    """Return the position among the last rows of a table at which what is no contact begins; `len(rows)`: nowhere.

    `columns`: how many the table has. Totals, counts, "Exported by ...", a sentence by itself in a wide table; blank
    rows between such lines are passed over.
    """
    start = len(rows)
    for at in range(len(rows) - 1, max(-1, len(rows) - 1 - _FOOTER), -1):
        cells = [cell.strip() for cell in rows[at]]
        if not _count(cells):
            continue
        if not _ends(cells, columns):
            break
        start = at
    return start


def _ends(row: Row, columns: int) -> bool:
    cells = [cell for cell in row if cell]
    if captions.TOTAL.fullmatch(cells[0]):
        return len(cells) == 1 or all(map(_amount, cells[1:]))
    if len(cells) > 1 or (columns < _PAIR and not captions.COUNT.fullmatch(cells[0])):
        return False
    return bool(captions.COUNT.fullmatch(cells[0]) or captions.REMARK.fullmatch(cells[0])) or (
        columns >= _SEVERAL and _sentence(cells[0])
    )


def _amount(cell: str) -> bool:
    digits = sum(character.isdigit() for character in cell)
    return shapes.shape(cell) == "nothing" or (
        0 < digits < _PHONE and shapes.shape(cell) in ("number", "phone") and cell[0] not in "+("
    )


def _sentence(cell: str) -> bool:
    words = cell.split()
    return (
        len(words) >= _SENTENCE
        and cell.endswith((".", "!", ";", ":"))
        and "@" not in cell
        and shapes.shape(cell) != "person"
    )


def continued(header: Row, rows: Sequence[Row]) -> Literal["rows", "header", "table"]:
    """Tell what follows in a table after a blank row, or where the number of cells changes.

    `header`: the headings of the table; `rows`: the first records that follow. "rows": more of the table; "header": its
    header once more, more of the table below; "table": another one, with headings of its own.
    """
    told = [[cell.strip() for cell in row] for row in rows]
    names = [name.strip() for name in header]
    first = next((row for row in told if _count(row)), [])
    if _trimmed(first) == _trimmed(names) and len(names) > 1:
        return "header"
    other = found(told)
    if other.start == other.stop or len(_trimmed(other.names)) < _PAIR or other.names == tuple(names):
        return "rows"
    head, below = told[other.stop - 1], [row for row in told[other.stop :] if _count(row)]
    width = len(_trimmed(other.names))
    apart = width != len(_trimmed(names)) and all(len(_trimmed(row)) <= width for row in below)
    strange = not set(names) & set(other.names)
    proof = _named(head) or any(_contrasts(*pair) for pair in zip(head, _columns(below, 0), strict=False))
    return "table" if _labels(head) and proof and below and (apart or strange) else "rows"
