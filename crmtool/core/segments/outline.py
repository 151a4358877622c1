"""The conditions a filter is made of, as written: what `segments explain` counts one by one.

Works on tokens, so each part is a piece of the text and a filter of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crmtool.core.segments.compiling import names, parsed
from crmtool.core.segments.text import tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlglot import Token


@dataclass(frozen=True)
class Part:
    """A piece of a filter; `word` joins its own parts ("and", "or"), and is empty where it has none."""

    text: str
    word: str = ""
    parts: tuple[Part, ...] = ()


def outline(expression: str) -> Part:
    """Return a filter as a tree of its conditions; brackets within brackets are opened. Raises UsageError."""
    parsed(expression)  # only what is understood as a whole has parts
    return _part(tokens(expression, names()), expression)


def _part(found: Sequence[Token], expression: str) -> Part:
    text = expression[found[0].start : found[-1].end + 1]
    inner = found
    while _enclosed(inner):
        inner = inner[1:-1]
    for word in ("or", "and"):  # "or" binds less, so it is the outermost
        pieces = _split(inner, word)
        if len(pieces) > 1:
            return Part(text, word, tuple(_part(piece, expression) for piece in pieces))
    return Part(text)


def _enclosed(found: Sequence[Token]) -> bool:
    """Return whether one pair of brackets stands around everything."""
    if [found[0].text, found[-1].text] != ["(", ")"] or _is_text(found[0]) or _is_text(found[-1]):
        return False
    depths = _depths(found)
    return all(depth > 0 for depth in depths[:-1])


def _depths(found: Sequence[Token]) -> list[int]:
    depth, depths = 0, []
    for token in found:
        depth += 0 if _is_text(token) else (token.text == "(") - (token.text == ")")
        depths.append(depth)
    return depths


def _split(found: Sequence[Token], word: str) -> list[Sequence[Token]]:
    """Return the pieces between a word that stands in no bracket; the "and" of a "between" joins nothing."""
    pieces: list[Sequence[Token]] = []
    begin, ranges = 0, 0
    for at, (token, depth) in enumerate(zip(found, _depths(found), strict=True)):
        if depth or _is_text(token):
            continue
        lower = token.text.lower()
        ranges += lower == "between"
        if lower == "and" and ranges:
            ranges -= 1
        elif lower == word:
            pieces.append(found[begin:at])
            begin = at + 1
    return [*pieces, found[begin:]]


def _is_text(token: Token) -> bool:
    return token.token_type.name == "STRING"
