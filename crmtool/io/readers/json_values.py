"""Text to JSON values, one after another, as much of the text in memory as the longest of them takes.

Numbers come as the text that was written. A value that is broken, or nested too deep, is told apart from those around
it and reading goes on behind it.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from crmtool.core.errors import InputRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LONGEST = 256 << 20  # characters of one value
DEEPEST = 100  # values within one another
_BLOCK = 1 << 20  # characters
_NEAR = 16  # characters: a fault so near to the end of what was read may be the end's
_BETWEEN = re.compile(r"[\s,\x1e\ufeff]*")
_FIRST_NAME = re.compile(r'\{\s*("(?:[^"\\]|\\.)*")')
_INDENT = 200  # characters


class Value(NamedTuple):
    """A value, or what is no value: its text (`raw`), and in which line of the text it goes wrong."""

    value: Any
    raw: str | None = None
    line: int = 0


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object with all its pairs: the second of a name is numbered 2."""
    held = dict(pairs)
    if len(held) == len(pairs):
        return held
    held = {}
    for name, value in pairs:
        own, number = name, 1
        while own in held:
            number += 1
            own = f"{name} {number}"
        held[own] = value
    return held


_raw_decode = json.JSONDecoder(
    strict=False, parse_int=str, parse_float=str, parse_constant=str, object_pairs_hook=_distinct
).raw_decode


def decoded(text: str, at: int) -> tuple[Any, int]:
    """Return the value that begins at a position, and where it ends.

    Raises json.JSONDecodeError for what is no value, RecursionError for what is nested deeper than `DEEPEST`.
    """
    value, end = _raw_decode(text, at)
    if text.count("[", at, end) + text.count("{", at, end) > DEEPEST and _depth(value) > DEEPEST:
        raise RecursionError
    return value, end


def _depth(value: object) -> int:
    level, depth = [value], 0
    while level := [held for each in level if isinstance(each, dict | list) for held in _held(each)]:
        depth += 1
    return depth


def _held(value: dict[str, Any] | list[Any]) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else value


def values(read: Callable[[int], str], name: str) -> Iterator[Value]:
    """Yield the items of the arrays of a text, and the values outside of them, as they stand; commas may be missing.

    `read` gives so many more characters of it, "" at its end. An array without an end yields a last value of an empty
    `raw`. Raises InputRefused where one value of file `name` is larger than a list of people is.
    """
    text, at, base, in_array = "", 0, 1, False  # `base`: the line in which `text` begins
    while True:
        at = _end(_BETWEEN, text, at)
        if at == len(text):
            base += text.count("\n")
            text, at = read(_BLOCK), 0
            if not text:
                break
        elif text[at] in "[]" and in_array == (text[at] == "]"):
            in_array, at = not in_array, at + 1
        else:
            found = _found(text, at)
            if not found.sure and (more := _more(read, text, at, name)):
                base, text, at = base + text.count("\n", 0, more.cut), more.text, more.at
                continue
            broken = found.value.raw is not None
            yield found.value._replace(line=base + text.count("\n", 0, found.fault)) if broken else found.value
            at = found.end
    if in_array:
        yield Value(None, "", base)


class _Found(NamedTuple):
    """What begins at a position, where it ends, and whether more of the text cannot make it something else."""

    value: Value
    end: int
    sure: bool
    fault: int = 0  # where it goes wrong


def _found(text: str, at: int) -> _Found:
    try:
        value, end = decoded(text, at)
    except RecursionError:
        return _broken(text, at)._replace(fault=at)
    except json.JSONDecodeError as fault:
        if fault.pos >= len(text) - _NEAR or fault.msg.startswith("Unterminated string"):
            return _broken(text, at)._replace(sure=False, fault=fault.pos)
        return _broken(text, at)._replace(fault=fault.pos)
    return _Found(Value(value), end, isinstance(value, dict | list) or end < len(text))


def _broken(text: str, at: int) -> _Found:
    """Take apart what is no value: it lasts until the next object that begins as this one does, or to the end."""
    begun = text.rfind("\n", 0, at)
    indent = text[begun + 1 : at]
    first = _FIRST_NAME.match(text, at)
    own_line = begun >= 0 and not indent.strip()
    if own_line:
        following = re.compile(rf"\n{indent}(?=[{{\[])|\n\s*(?=\]\s*\Z)")
    elif first:
        following = re.compile(rf"(?<=[}}\]])\s*,?\s*(?=\{{\s*{re.escape(first[1])}\s*:)")
    else:
        following = None
    found = following.search(text, at + 1) if following else None
    if found is None or (not own_line and "[" in text[at : found.start()]):  # there it may be an object inside
        return _Found(Value(None, text[at:].rstrip()), len(text), sure=False)
    return _Found(Value(None, text[at : found.start()].rstrip(" ,\r\n\t")), found.end(), sure=True)


class _Longer(NamedTuple):
    text: str
    at: int
    cut: int  # how many characters were let go in front


def _more(read: Callable[[int], str], text: str, at: int, name: str) -> _Longer | None:
    """Return the text from the line of a position on, with as much again behind it; None at its end."""
    if len(text) - at > LONGEST:
        raise InputRefused(f"{name} holds a value of more than 256 million characters.", "Save it as JSON lines.")
    cut = max(text.rfind("\n", max(0, at - _INDENT), at), 0) or at
    more = read(max(_BLOCK, len(text) - cut))
    return _Longer(text[cut:] + more, at - cut, cut) if more else None


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at
