"""Where the list of contacts stands within a JSON document: answers of programs wrap it in an object.

To add a kind of list: a clause in `_lists`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from crmtool.io.readers import flattening

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEEPEST = 6  # objects around the list
_ENTRIES = 3  # so many alike make an object of objects a list
_HALF = 2
#: What only a person or a company has, directly in its object: names ...
_OWN = re.compile(
    r"e?-?mail\b|phone|mobile|(^|[^a-z])tel($|[^a-z])|(first|last|full|given|family)[ _]?name|surname"
    r"|телефон|почта|пошта|фамилия|прізвище|фио|піб|^имя$|^ім.?я$",
    re.IGNORECASE,
)
#: ... and values.
_REACHED = re.compile(r"[^\s@]+@[^\s@]+\.\w+|\+\d[\d\s().-]{8,18}\d")


def rows(document: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """Return the rows of a document that is one object, and what stands outside of them.

    They are its largest list of objects, else its first list of arrays; where the object itself is a person, or holds
    no list, it is the only row.
    """
    if _is_person(document):
        return [document], {}
    found = max(_lists(document, ()), key=lambda pair: len(pair[1]), default=None)
    if found is None:
        table = next((name for name, held in document.items() if _is_table(held)), None)
        return ([document], {}) if table is None else (document[table], _without(document, (table,)))
    path, listed = found
    return listed, _without(document, path)


def _is_person(document: dict[str, Any]) -> bool:
    texts = {name: value for name, value in document.items() if isinstance(value, str) and value.strip()}
    return any(_OWN.search(name) or _REACHED.fullmatch(value.strip()) for name, value in texts.items())


def _lists(value: dict[str, Any], path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], list[Any]]]:
    """Yield every list of objects outside of other lists, with the names that lead to it."""
    if _are_alike(value):
        yield path, [{"key": name, **each} for name, each in value.items()]
    for name, held in value.items():
        if isinstance(held, list) and _HALF * sum(isinstance(each, dict) for each in held) > len(held):
            if not flattening.labelled(name, held):
                yield (*path, name), held
        elif isinstance(held, dict) and len(path) < _DEEPEST:
            yield from _lists(held, (*path, name))


def _is_table(held: object) -> bool:
    """Tell whether a value is rows that are arrays, the first of them texts."""
    if not isinstance(held, list) or len(held) < _HALF or not all(isinstance(row, list) for row in held):
        return False
    return len(held[0]) > 1 and all(isinstance(cell, str) for cell in held[0])


def _are_alike(value: dict[str, Any]) -> bool:
    """Tell whether an object is a list whose items are named by a key: at least three objects, half of them shared."""
    objects = list(value.values())
    if len(objects) < _ENTRIES or not all(isinstance(each, dict) and each for each in objects):
        return False
    shared = set.intersection(*map(set, objects))
    return _HALF * len(shared) >= max(map(len, objects))


def _without(document: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    """Return the document without what stands at `path`, and without what is empty then."""
    if not path:
        return {}
    name, *rest = path
    left = {own: value for own, value in document.items() if own != name}
    inner = _without(document[name], tuple(rest)) if rest else {}
    return {**left, name: inner} if inner else left
