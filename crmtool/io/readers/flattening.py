"""Objects within objects to columns of text: how JSON becomes a table.

A name within an object follows its own after a point (`address.city`). The values of a list have columns of their own
(`phones`, `phones 2`). A list of labelled values (`[{"name": "phone", "value": "+7..."}]`) has a column for each label.
What finds no column (the tenth of ten values is followed by more, names beyond the thousandth, what is nested too deep,
the numbers beside labelled values) stands as JSON in the column `OTHER`: nothing is left out. To add a name that labels
go by: a word in `_NAMES`, `_TYPES` or `_VALUES`.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from crmtool.io.readers import table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

OTHER = "Other values"
WIDEST = 1000  # columns
DEEPEST = 8  # objects within one another that still become columns
LONGEST = 10  # values of a list that have columns of their own

_NAMES = ("field_name", "name", "field", "question", "title", "label", "key")  # say what the value is
_TYPES = ("value_type", "type", "kind", "label", "enum_code")  # say which of several it is
_VALUES = ("value", "values", "answer")
_WAY_VALUES = ("number", "phone", "email", "address", "url", "text")  # in a list of ways to reach somebody
_BESIDE = re.compile(r"(id|code|sort|order|index|primary|verified)$")  # what stands beside a value and says little
_HOLDERS = re.compile(
    r"(custom|user|contact|form)?(field|value|answer|attribute|propert|param|variable|contact|channel|communication"
    r"|input|question|response|detail|meta|data|item|info)(s|y|ies)?(data|values|info)?(s)?"
)
_WAYS = re.compile(
    r"phone|mail|messenger|address|телефон|почт|пошт|адрес|сайт|месс?ендж|(?<![^\W_])(tel|mob|fax|im|url|web|site)"
)
_SURROGATES = re.compile("[\ud800-\udfff]")


class _Sheet(NamedTuple):
    """A table in the making: columns by heading, values without a column by row, headings known from other parts."""

    columns: dict[str, pl.Series]
    left: dict[int, dict[str, Any]]
    known: set[str]

    def has_room(self, heading: str) -> bool:
        return heading in self.known or len(self.known) < WIDEST


def frame(objects: Sequence[dict[str, Any]], known: set[str]) -> pl.DataFrame:
    """Return a String column for each value of the objects, null where empty; one row for each object, in order.

    `known` are the headings of earlier parts of the same file; new ones are added to it, up to `WIDEST`. Values are
    texts, None, True, False, lists and objects; numbers come as the text that was written.
    """
    sheet = _Sheet({}, {}, known)
    _spread("", objects, sheet, 0)
    if sheet.left:
        said = [written(sheet.left[row]) if row in sheet.left else None for row in range(len(objects))]
        _add(OTHER, pl.Series(said, dtype=pl.String), sheet)
    if not sheet.columns:
        return pl.DataFrame({OTHER: pl.Series([None] * len(objects), dtype=pl.String)})
    cells = pl.DataFrame([series.alias(heading) for heading, series in sheet.columns.items()])
    return cells.select(pl.when(pl.all() != "").then(pl.all()))


def _spread(path: str, objects: Sequence[dict[str, Any] | None], sheet: _Sheet, depth: int) -> None:
    """Give each name within the objects a column."""
    for name in dict.fromkeys(chain.from_iterable(filter(None, objects))):
        _column(_heading(path, name), _values(objects, name), sheet, depth)


def _values(objects: Sequence[dict[str, Any] | None], name: str) -> list[Any]:
    try:
        return list(map(itemgetter(name), objects))  # type: ignore[arg-type]
    except (KeyError, TypeError):  # not all objects are there, or have the name
        return [each.get(name) if each else None for each in objects]


@lru_cache(maxsize=10_000)
def _heading(path: str, name: str) -> str:
    own = table.headings([_whole(name)])[0]
    return f"{path}.{own}" if path else own


def _column(heading: str, values: list[Any], sheet: _Sheet, depth: int) -> None:
    """Give values a column, and those that hold others as many as these need."""
    kinds = set(map(type, values))
    if dict in kinds:
        _objects(heading, values, sheet, depth)
    if list in kinds:
        _lists(heading, values, sheet, depth)
    if kinds - {dict, list, type(None)} or kinds == {type(None)}:
        _texts(heading, values, sheet)


def _texts(heading: str, values: list[Any], sheet: _Sheet) -> None:
    if not sheet.has_room(heading):
        _leave(heading, values, sheet)
        return
    try:
        series = pl.Series(values, dtype=pl.String)
    except (TypeError, UnicodeEncodeError):
        series = pl.Series([_text(value) for value in values], dtype=pl.String)
    _add(heading, series, sheet)


def _text(value: object) -> str | None:
    match value:
        case str():
            return _whole(value)
        case bool():
            return "true" if value else "false"
    return None


def _whole(text: str) -> str:
    """Return a text that can be stored: half of a pair of UTF-16 becomes U+FFFD."""
    return _SURROGATES.sub(table.REPLACEMENT, text) if not text.isascii() else text


def _add(heading: str, series: pl.Series, sheet: _Sheet) -> None:
    name, number = heading, 1
    while name in sheet.columns:
        number += 1
        name = f"{heading} ({number})"
    sheet.columns[name] = series
    sheet.known.add(name)


def _leave(heading: str, values: Iterable[Any], sheet: _Sheet) -> None:
    for row, value in enumerate(values):
        if _says(value):
            _leave_one(row, heading, value, sheet)


def _leave_one(row: int, heading: str, value: object, sheet: _Sheet) -> None:
    """Keep a value that has no column; of several under one heading, a list."""
    held = sheet.left.setdefault(row, {})
    held[heading] = [*held[heading], value] if heading in held else [value]


def written(value: object) -> str:
    """Return a value as JSON, with every letter as it is."""
    return _whole(json.dumps(value, ensure_ascii=False))


def _objects(heading: str, values: list[Any], sheet: _Sheet, depth: int) -> None:
    objects = [value if isinstance(value, dict) else None for value in values]
    if depth < DEEPEST:
        _spread(heading, objects, sheet, depth + 1)
    else:
        _leave(heading, objects, sheet)


def _lists(heading: str, values: list[Any], sheet: _Sheet, depth: int) -> None:
    """Place the values of each row's list under headings of their own, then see what they hold."""
    placed: dict[str, list[Any]] = {}
    for row, value in enumerate(values):
        if isinstance(value, list):
            for own, item in _numbered(heading, value, row, sheet):
                if own not in placed and (len(placed) >= WIDEST or depth >= DEEPEST):
                    _leave_one(row, own, item, sheet)
                else:
                    placed.setdefault(own, [None] * len(values))[row] = item
    for own, items in placed.items():
        _column(own, items, sheet, depth + 1)


def _numbered(heading: str, items: list[Any], row: int, sheet: _Sheet) -> Iterator[tuple[str, Any]]:
    """Yield heading and value for each item: the second of a heading is numbered 2; what is too much is left."""
    counts: dict[str, int] = {}
    for item in items:
        own, value, beside = _labelled(heading, item)
        if beside:
            _leave_one(row, own, beside, sheet)
        if not _says(value):
            continue
        counts[own] = number = counts.get(own, 0) + 1
        if number > LONGEST:
            _leave_one(row, own, value, sheet)
        else:
            yield own if number == 1 else f"{own} {number}", value


class _Label(NamedTuple):
    name: str
    heading: str


def _labelled(heading: str, item: object) -> tuple[str, Any, dict[str, Any]]:
    """Return the heading that an item of a list asks for, its value, and what else stands beside the value."""
    if not isinstance(item, dict):
        return heading, item, {}
    names = {name.lower(): name for name in item}
    a_way = bool(_WAYS.search(heading.rpartition(".")[2].lower()))
    value = next((names[name] for name in (*_VALUES, *(_WAY_VALUES if a_way else ())) if name in names), None)
    label = _label(heading, item, names, a_way=a_way)
    beside = {name: held for name, held in item.items() if name != value and (label is None or name != label.name)}
    if value is None or (label is None and not all(_BESIDE.search(name.lower()) for name in beside)):
        return heading, item, {}
    return label.heading if label else heading, item[value], {k: v for k, v in beside.items() if _says(v)}


def labelled(heading: str, items: list[Any]) -> bool:
    """Tell whether a list is of labelled values, the columns of one row, and not of rows."""
    return all(not isinstance(item, dict) or _labelled(heading, item)[1] is not item for item in items)


def _label(heading: str, item: dict[str, Any], names: dict[str, str], *, a_way: bool) -> _Label | None:
    """Return which name of the item labels its value, and the heading that comes of it.

    A name says what the value is, unless the list is of one way to reach somebody; a type says which of several such
    ways it is, and what the value is where the list is of anything.
    """
    a_holder = _HOLDERS.fullmatch(re.sub(r"[\W_]", "", heading.rpartition(".")[2].lower()))
    for name in (*_TYPES, *_NAMES) if a_way else (*_NAMES, *(("type",) if a_holder else ())):
        said = item.get(names.get(name, name))
        if isinstance(said, str) and said.strip():
            own = table.headings([_whole(said)])[0]
            return _Label(names[name], f"{heading} {own}" if a_way else own)
    return None


def _says(value: object) -> bool:
    return value is not None and value not in ("", [], {})
