r"""Plain values to TOML 1.0, for the rule files that crmtool writes itself.

What can be written: tables of text, numbers, truth values, lists of these, tables inside tables, and lists of
tables. Every text is a basic string, escaped, so that whatever a heading holds stays a heading.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPED = re.compile(r'["\\\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]')
_LINE = 100  # characters; a longer list stands on several lines


def dumped(content: Mapping[str, Any]) -> str:
    r"""Return a table as a TOML document; keys with None are left out.

    >>> print(dumped({"title": 'a "b"', "key": ["ID"], "columns": {"E-mail": "email"}}), end="")
    title = "a \"b\""
    key = ["ID"]
    <BLANKLINE>
    [columns]
    E-mail = "email"
    """
    return "\n".join(_table(content, ())).lstrip("\n") + "\n"


def _table(content: Mapping[str, Any], path: tuple[str, ...]) -> list[str]:
    """Return the lines of a table: plain values first, as TOML wants it, then the tables inside."""
    filled = {key: value for key, value in content.items() if value is not None}
    lines = [f"{_key(key)} = {_value(value)}" for key, value in filled.items() if not _tables(value)]
    for key, value in filled.items():
        if _tables(value):
            lines += _inner(value, (*path, key))
    return lines


def _inner(value: Any, path: tuple[str, ...]) -> list[str]:  # noqa: ANN401  # what TOML holds
    name = ".".join(map(_key, path))
    if isinstance(value, Mapping):
        return ["", f"[{name}]", *_table(value, path)]
    return [line for each in value for line in ("", f"[[{name}]]", *_table(each, path))]


def _tables(value: Any) -> bool:  # noqa: ANN401  # what TOML holds
    """Tell whether a value is written as a table, or a list of tables."""
    return isinstance(value, Mapping) or (_listed(value) and bool(value) and isinstance(value[0], Mapping))


def _listed(value: Any) -> bool:  # noqa: ANN401  # what TOML holds
    return isinstance(value, Sequence) and not isinstance(value, str)


def _value(value: Any) -> str:  # noqa: ANN401  # what TOML holds
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return repr(value)
    if not _listed(value):
        return _text(value)
    items = [_value(each) for each in value]
    line = f"[{', '.join(items)}]"
    return line if len(line) <= _LINE else "[\n" + "".join(f"  {item},\n" for item in items) + "]"


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _text(key)


def _text(text: str) -> str:
    """Return a basic string; a lone surrogate, which TOML cannot hold, becomes a replacement character."""
    return f'"{_ESCAPED.sub(_escape, text)}"'


def _escape(found: re.Match[str]) -> str:
    character = found[0]
    if "\ud800" <= character <= "\udfff":
        return "\ufffd"
    return f"\\{character}" if character in '"\\' else f"\\u{ord(character):04X}"
