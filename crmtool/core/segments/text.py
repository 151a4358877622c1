"""From the text of a filter to a tree: only known tokens pass, in a shape that the parser of sqlglot takes.

A word of the language that is no name of a field or function stands in `_WORDS`, a sign in `_SIGNS`; what people write
instead, and what they should, in `_ADVICE`.
"""

from __future__ import annotations

import unicodedata
from itertools import groupby
from typing import TYPE_CHECKING, NoReturn

from sqlglot import Token, TokenType, exp
from sqlglot.dialects.sqlite import SQLite
from sqlglot.errors import ParseError, SqlglotError

from crmtool.core.segments.refusals import refused, shown, suggested

if TYPE_CHECKING:
    from collections.abc import Collection

_MAX_LENGTH = 10_000  # characters
_MAX_CONDITIONS = 500  # SQLite takes a chain of a thousand
_MAX_DEPTH = 16  # brackets and "not" within each other; the parser takes some twenty frames for each

_WORDS = frozenset({"and", "or", "not", "in", "is", "between", "null", "empty", "present"})
_SIGNS = frozenset({"=", "==", "!=", "<>", "<", "<=", ">", ">=", "=>", "(", ")", ",", ".", "-"})
_INSIDE = "Use contains(field, 'text') or starts_with(field, 'text')."
_ADVICE = {
    "like": _INSIDE,
    "ilike": _INSIDE,
    "glob": _INSIDE,
    "regexp": _INSIDE,
    "&&": "Write: and",
    "||": "Write: or",
    "!": "Write: not",
    ";": "One filter is one expression.",
    ":": "To ask for a tag, write: has_tag('vip')",
    "%": "To look inside text, write: contains(field, 'text')",
}


def tokens(expression: str, names: Collection[str]) -> list[Token]:
    """Return the tokens of a filter; `names` are the fields, functions and keywords there are. Raises UsageError."""
    if len(expression) > _MAX_LENGTH:
        refused(f"it has {len(expression)} characters, {_MAX_LENGTH} are allowed", "Use: field in ('…', '…')")
    if odd := next((c for c in expression if unicodedata.category(c) in {"Cc", "Cs"} and c not in "\t\r\n"), ""):
        refused(f"it holds the control character U+{ord(odd):04X}")
    try:
        found = SQLite().tokenize(expression)
    except SqlglotError:
        refused("a quote is not closed", "Text stands between two single quotes: city = 'Київ'")
    if _has_gaps(found, expression):
        refused("comments are not understood", "Leave out everything after -- and between /* and */")
    if not found:
        refused("it is empty", "Try: city = 'Київ'")
    _check(found, names)
    return found


def _has_gaps(found: list[Token], expression: str) -> bool:
    """Return whether anything but space stands between the tokens: a comment, in any of its forms."""
    ends = [0, *(token.end + 1 for token in found)]
    starts = [*(token.start for token in found), len(expression)]
    return any(expression[a:b].strip() for a, b in zip(ends, starts, strict=True))


def _check(found: list[Token], names: Collection[str]) -> None:
    """Refuse all tokens that this language does not have, and what would lead the parser too deep."""
    depth = 0
    for before, token in zip([None, *found], found, strict=False):
        if not _known(before, token, names):
            _unknown(token, names)
        if token.token_type is not TokenType.STRING:
            depth += (token.text == "(") - (token.text == ")")
        if depth > _MAX_DEPTH:
            refused("it nests too deeply", f"At most {_MAX_DEPTH} brackets stand within each other.")
    joints = sum(token.text.lower() in {"and", "or"} for token in found if token.token_type is not TokenType.STRING)
    if joints >= _MAX_CONDITIONS:
        refused(f"it joins {joints + 1} conditions, {_MAX_CONDITIONS} are allowed", "Use: field in ('…', '…')")
    if _repeated(found):
        refused('it repeats "not" or "-" too often')


def _repeated(found: list[Token]) -> bool:
    """Return whether a prefix operator stands before itself so often that parsing it would go too deep."""
    words = ("" if token.token_type is TokenType.STRING else token.text.lower() for token in found)
    runs = (len(list(run)) for word, run in groupby(words) if word in {"not", "-"})
    return max(runs, default=0) > _MAX_DEPTH


def _known(before: Token | None, token: Token, names: Collection[str]) -> bool:
    """Return whether a token belongs to the language; a free word (VAR) is looked at with the names."""
    if token.token_type in {TokenType.STRING, TokenType.NUMBER, TokenType.VAR}:
        return True
    if before is not None and before.token_type is TokenType.DOT:
        return token.text.isidentifier() and token.token_type is not TokenType.IDENTIFIER
    if token.token_type is TokenType.IDENTIFIER:
        return False
    return token.text in _SIGNS or token.text.lower() in _WORDS or token.text.lower() in names


def _unknown(token: Token, names: Collection[str]) -> NoReturn:
    if token.token_type is TokenType.IDENTIFIER:
        refused(f'"{shown(token.text)}" stands in the wrong quotes', f"Text takes single ones: '{shown(token.text)}'")
    if token.token_type.name.endswith("_STRING"):
        refused(f"{shown(token.text)!r} is an unknown kind of text", "Text stands between two single quotes: 'Київ'")
    advice = _ADVICE.get(token.text.lower()) or suggested(
        token.text, [*names, *sorted(_WORDS)], "crmtool segments fields"
    )
    refused(f'"{shown(token.text)}" is not understood', advice)


def parsed(found: list[Token], expression: str) -> exp.Expr:
    """Return the tree of a filter. Raises UsageError."""
    try:
        tree = SQLite().parser().parse_into(exp.Condition, _nulled(found), expression)[0]
    except SqlglotError as error:
        place = str(error.errors[0].get("highlight") or "") if isinstance(error, ParseError) and error.errors else ""
        refused(f'it breaks off at "{shown(place)}"' if place else "it is not complete", "Try: city = 'Київ'")
    except RecursionError:
        refused("it nests too deeply")
    return tree if isinstance(tree, exp.Expr) else refused("it is empty", "Try: city = 'Київ'")


def _nulled(found: list[Token]) -> list[Token]:
    """Return "empty" and "present" after "is" as NULL and NOT NULL, which the parser knows."""
    words = ["" if token.token_type is TokenType.STRING else token.text.lower() for token in found]
    done: list[Token] = []
    for at, token in enumerate(found):
        after_is = words[at - 1 : at] == ["is"] or words[max(at - 2, 0) : at] == ["is", "not"]
        if not after_is or words[at] not in {"empty", "present"}:
            done.append(token)
        elif words[at] == "empty":
            done.append(_like(token, TokenType.NULL))
        elif words[at - 1] == "not":
            done[-1] = _like(token, TokenType.NULL)
        else:
            done += [_like(token, TokenType.NOT), _like(token, TokenType.NULL)]
    return done


def _like(token: Token, kind: TokenType) -> Token:
    return Token(kind, token.text, token.line, token.col, token.start, token.end)


def name_of(node: exp.Expr) -> str:
    """Return the name of a function: sqlglot keeps it as a text, or as a class where it knows the function."""
    known = isinstance(node, exp.Func) and not isinstance(node, exp.Anonymous)
    return node.sql_name().lower() if known else str(node.this).lower()  # type: ignore[attr-defined] # a trait of its own


def arguments(node: exp.Expr) -> list[exp.Expr]:
    """Return what a function was given, in order."""
    if isinstance(node, exp.Anonymous):
        return list(node.expressions)
    return [part for part in node.args.values() if isinstance(part, exp.Expr)]


def only(node: exp.Expr, *allowed: str) -> dict[str, exp.Expr]:
    """Return the arguments of a node, refusing any that the language does not know."""
    given = {name: value for name, value in node.args.items() if value}
    if extra := [name for name in given if name not in allowed]:
        refused(f'"{shown(node.sql("sqlite"))}" is not understood', f"It has more than a filter knows: {extra[0]}.")
    if missing := [name for name in allowed if name not in given]:
        refused(f'"{shown(node.sql("sqlite"))}" is not complete', f"It lacks a part: {missing[0]}.")
    return given
