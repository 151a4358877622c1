"""Filters over contacts: a readable expression becomes an SQL condition whose values are all parameters.

    city = 'Київ' and has_tag('vip') and not (email is empty or first_contact_on < days_ago(365))

The text passes three gates: only known tokens, only known shapes of the tree, only known names. SQL is written here
from constants; no piece of the text reaches it but as a parameter. A comparison with an empty field is false and its
negation true, so that a filter and its `not` together hold everybody. A birthday without its year (--03-05) is compared
with a day as if it were empty; for those of a month: starts_with(birthday, '--03').

To add a function: one line in `_FUNCTIONS` (a condition) or `_DAYS` (a day), and a function that writes its SQL.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple, NoReturn

from sqlglot import Token, TokenType, exp
from sqlglot.dialects.sqlite import SQLite
from sqlglot.errors import ParseError, SqlglotError

from crmtool.core import model
from crmtool.core.errors import UsageError
from crmtool.core.folding import folded

Param = str | int
Vocabularies = Mapping[str, Mapping[str, str]]

#: Fields that can be asked for, beside `attr.NAME` of the workspace.
NAMES = ("id", "kind", "name", *model.FIELDS, "email", "phone")
DATES = frozenset({"birthday", "first_contact_on"})

_MAX_LENGTH = 10_000  # characters
_MAX_CONDITIONS = 500  # SQLite takes a chain of a thousand
_MAX_DEPTH = 16  # brackets and "not" within each other; the parser takes some twenty frames for each
_MAX_ID = 2**63 - 1  # the largest integer of SQLite
_IS_NUMBER = "{0} <= CAST(9e999 AS REAL)"  # SQLite sorts text that is no number above every number


@dataclass(frozen=True)
class Condition:
    """A compiled filter: SQL over `contact c`, its parameters in order, and the fields it reads."""

    sql: str
    params: tuple[Param, ...]
    fields: tuple[str, ...]


@dataclass(frozen=True)
class _Context:
    """What an expression may refer to."""

    today: dt.date
    custom: frozenset[str] = frozenset()  # as asked for: attr.NAME
    vocabularies: Vocabularies = field(default_factory=dict)


class _Value(NamedTuple):
    """A value as written: its kind is "text", "number" or "day"."""

    kind: str
    text: str


class _Operands(NamedTuple):
    """Both sides of a comparison in SQL, with their parameters; `guard` must hold too."""

    left: str
    left_params: tuple[Param, ...]
    marks: tuple[str, ...]
    params: tuple[Param, ...]
    guard: str = ""


def compiled(
    expression: str,
    *,
    today: dt.date,
    custom: frozenset[str] = frozenset(),
    vocabularies: Vocabularies | None = None,
) -> Condition:
    """Return `expression` as a condition over root contacts; the caller joins `contact c` and `c.root_id = c.id`.

    `custom` names the fields of the workspace's own, with or without `attr.`; `vocabularies` gives, for a field, folded
    synonym -> canonical value. The connection must know the function `folded`, which leaves NULL alone. Raises
    UsageError for anything not understood.
    """
    tree = _parsed(_checked(_tokens(expression)), expression)
    context = _Context(today, frozenset(f"attr.{name.removeprefix('attr.')}" for name in custom), vocabularies or {})
    return Condition(*_condition(tree, context), fields=_fields(tree, context))


# --- the text: characters, tokens, tree -------------------------------------------------------------------------------


def _refused(message: str, hint: str = "") -> NoReturn:
    raise UsageError(f"The filter cannot be used: {message}.", hint)


def _shown(text: str) -> str:
    """Return a piece of the filter short and printable."""
    plain = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)
    return plain if len(plain) <= 40 else plain[:39] + "…"  # noqa: PLR2004 - what reads well in one line


def _suggested(word: str, known: Iterable[str]) -> str:
    """Return "Did you mean ...?" or the list of what there is."""
    names = list(known)
    near = difflib.get_close_matches(word.casefold(), names, n=1)
    return f"Did you mean {near[0]}?" if near else f"There are: {', '.join(names)}."


def _tokens(expression: str) -> list[Token]:
    if len(expression) > _MAX_LENGTH:
        _refused(f"it has {len(expression)} characters, {_MAX_LENGTH} are allowed", "Use: field in ('…', '…')")
    if odd := next((c for c in expression if unicodedata.category(c) in {"Cc", "Cs"} and c not in "\t\r\n"), ""):
        _refused(f"it holds the control character U+{ord(odd):04X}")
    try:
        tokens = SQLite().tokenize(expression)
    except SqlglotError:
        _refused("a quote is not closed", "Text stands between two single quotes: city = 'Київ'")
    if _has_gaps(tokens, expression):
        _refused("comments are not understood", "Leave out everything after -- and between /* and */")
    return tokens or _refused("it is empty", "Try: city = 'Київ'")


def _has_gaps(tokens: list[Token], expression: str) -> bool:
    """Return whether anything but space stands between the tokens: a comment, in any of its forms."""
    ends = [0, *(token.end + 1 for token in tokens)]
    starts = [*(token.start for token in tokens), len(expression)]
    return any(expression[a:b].strip() for a, b in zip(ends, starts, strict=True))


_WORDS = frozenset({"and", "or", "not", "in", "is", "between", "null", "empty"})
_SIGNS = frozenset({"=", "==", "!=", "<>", "<", "<=", ">", ">=", "(", ")", ",", ".", "-"})
_ADVICE = {
    "like": "Use contains(field, 'text') or starts_with(field, 'text').",
    "glob": "Use contains(field, 'text') or starts_with(field, 'text').",
    "regexp": "Use contains(field, 'text') or starts_with(field, 'text').",
    "&&": "Write: and",
    "||": "Write: or",
    "!": "Write: not",
    ";": "One filter is one expression.",
    ":": "To ask for a tag, write: has_tag('vip')",
    "%": "To look inside text, write: contains(field, 'text')",
}


def _checked(tokens: list[Token]) -> list[Token]:
    """Return the tokens with "empty" read as "null", refusing all that this language does not have."""
    depth = 0
    for before, token in zip([None, *tokens], tokens, strict=False):
        if not _known(before, token):
            _unknown_token(token)
        depth += (token.text == "(") - (token.text == ")")
        if depth > _MAX_DEPTH:
            _refused("it nests too deeply", f"At most {_MAX_DEPTH} brackets stand within each other.")
    joints = sum(token.text.lower() in {"and", "or"} for token in tokens)
    if joints >= _MAX_CONDITIONS:
        _refused(f"it joins {joints + 1} conditions, {_MAX_CONDITIONS} are allowed", "Use: field in ('…', '…')")
    if _repeated(tokens):
        _refused('it repeats "not" or "-" too often')
    return [_nulled(before, token) for before, token in zip([None, *tokens], tokens, strict=False)]


def _repeated(tokens: list[Token]) -> bool:
    """Return whether a prefix operator stands before itself so often that parsing it would go too deep."""
    runs = (len(list(run)) for word, run in groupby(token.text.lower() for token in tokens) if word in {"not", "-"})
    return max(runs, default=0) > _MAX_DEPTH


def _known(before: Token | None, token: Token) -> bool:
    """Return whether a token belongs to the language; a free word (VAR) is looked at with the names."""
    if token.token_type in {TokenType.STRING, TokenType.NUMBER, TokenType.VAR}:
        return True
    if before is not None and before.token_type is TokenType.DOT:
        return token.text.isidentifier() and token.token_type is not TokenType.IDENTIFIER
    if token.token_type is TokenType.IDENTIFIER:
        return False
    return token.text in _SIGNS or token.text.lower() in {*_WORDS, *NAMES, *_FUNCTIONS, *_DAYS, "attr"}


def _unknown_token(token: Token) -> NoReturn:
    if token.token_type is TokenType.IDENTIFIER:
        _refused(
            f'"{_shown(token.text)}" stands in the wrong quotes', f"Text takes single ones: '{_shown(token.text)}'"
        )
    if token.token_type.name.endswith("_STRING"):
        _refused(f"{_shown(token.text)!r} is an unknown kind of text", "Text stands between two single quotes: 'Київ'")
    advice = _ADVICE.get(token.text.lower()) or _suggested(token.text, [*NAMES, *_FUNCTIONS, *_WORDS])
    _refused(f'"{_shown(token.text)}" is not understood', advice)


def _nulled(before: Token | None, token: Token) -> Token:
    """Return "empty" after "is" or "is not" as the keyword NULL, which the parser knows."""
    if token.text.lower() != "empty" or before is None or before.text.lower() not in {"is", "not"}:
        return token
    return Token(TokenType.NULL, token.text, token.line, token.col, token.start, token.end)


def _parsed(tokens: list[Token], expression: str) -> exp.Expr:
    try:
        tree = SQLite().parser().parse_into(exp.Condition, tokens, expression)[0]
    except SqlglotError as error:
        place = str(error.errors[0].get("highlight") or "") if isinstance(error, ParseError) and error.errors else ""
        _refused(f'it breaks off at "{_shown(place)}"' if place else "it is not complete", "Try: city = 'Київ'")
    except RecursionError:
        _refused("it nests too deeply")
    return tree if isinstance(tree, exp.Expr) else _refused("it is empty", "Try: city = 'Київ'")


# --- conditions -------------------------------------------------------------------------------------------------------

_Sql = tuple[str, tuple[Param, ...]]
_OPERATORS: dict[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "=",  # and the whole negated
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}


def _condition(node: exp.Expr, context: _Context) -> _Sql:
    """Return the SQL of one node of the tree; what has no shape here does not exist."""
    shape = next((shape for kinds, shape in _SHAPES if isinstance(node, kinds)), _no_condition)
    return shape(node, context)


def _only(node: exp.Expr, *allowed: str) -> dict[str, exp.Expr]:
    """Return the arguments of a node, refusing any that the language does not know."""
    given = {name: value for name, value in node.args.items() if value}
    if extra := [name for name in given if name not in allowed]:
        _refused(f'"{_shown(node.sql("sqlite"))}" is not understood', f"It has more than a filter knows: {extra[0]}.")
    if missing := [name for name in allowed if name not in given]:
        _refused(f'"{_shown(node.sql("sqlite"))}" is not complete', f"It lacks a part: {missing[0]}.")
    return given


def _bracketed(node: exp.Expr, context: _Context) -> _Sql:
    return _condition(_only(node, "this")["this"], context)


def _joined(node: exp.Expr, context: _Context) -> _Sql:
    # flatten() walks without recursion: a thousand alternatives are no deep tree
    parts = [_condition(part, context) for part in node.flatten(unnest=False)]
    word = " AND " if isinstance(node, exp.And) else " OR "
    return f"({word.join(sql for sql, _ in parts)})", _chained(params for _, params in parts)


def _chained(groups: Iterable[tuple[Param, ...]]) -> tuple[Param, ...]:
    return tuple(param for group in groups for param in group)


def _negated(node: exp.Expr, context: _Context) -> _Sql:
    sql, params = _bracketed(node, context)
    return f"NOT ifnull({sql}, 0)", params


def _compared(node: exp.Expr, context: _Context) -> _Sql:
    args = _only(node, "this", "expression")
    sides = _operands(args["this"], [args["expression"]], context)
    return _guarded(sides, f"{sides.left} {_OPERATORS[type(node)]} {sides.marks[0]}")


def _different(node: exp.Expr, context: _Context) -> _Sql:
    sql, params = _compared(node, context)
    return f"NOT ifnull({sql}, 0)", params


def _within(node: exp.Expr, context: _Context) -> _Sql:
    args = _only(node, "this", "expressions")
    sides = _operands(args["this"], list(node.expressions), context)
    return _guarded(sides, f"{sides.left} IN ({', '.join(sides.marks)})")


def _between(node: exp.Expr, context: _Context) -> _Sql:
    args = _only(node, "this", "low", "high")
    sides = _operands(args["this"], [args["low"], args["high"]], context)
    return _guarded(sides, f"{sides.left} BETWEEN {sides.marks[0]} AND {sides.marks[1]}")


def _emptiness(node: exp.Expr, context: _Context) -> _Sql:
    args = _only(node, "this", "expression")
    if not isinstance(args["expression"], exp.Null):
        _refused(f'"{_shown(node.sql("sqlite"))}" is not understood', "Write: field is empty, or field = 'text'")
    sql, params = _column(_field(args["this"], context), context)
    return f"{sql} IS NULL", params


def _guarded(sides: _Operands, sql: str) -> _Sql:
    params = sides.left_params + sides.params
    return (f"({sql} AND {sides.guard})", params + sides.left_params) if sides.guard else (sql, params)


def _no_condition(node: exp.Expr, context: _Context) -> NoReturn:
    if isinstance(node, exp.Column):
        name = _field(node, context)
        _refused(f'"{name}" alone says nothing', f"Write: {name} is not empty, or {name} = 'text'")
    _refused(f'"{_shown(node.sql("sqlite"))}" is no condition', "Try: city = 'Київ'")


# --- fields and values ------------------------------------------------------------------------------------------------


def _field(node: exp.Expr, context: _Context) -> str:
    """Return the name of a field, "attr.NAME" for a workspace's own."""
    if not isinstance(node, exp.Column):
        _refused(f'"{_shown(node.sql("sqlite"))}" stands where a field belongs', "Write the field first: city = 'Київ'")
    name = ".".join(part.name for part in node.parts)
    known = [*NAMES, *sorted(context.custom)]
    found = next((n for n in (name, name.lower()) if n in known), None)
    return found or _refused(f'"{_shown(name)}" is no field of a contact', _suggested(name, known))


def _column(name: str, context: _Context) -> _Sql:
    if name in context.custom:
        return "json_extract(c.custom, ?)", (f'$."{name.removeprefix("attr.")}"',)
    return f"c.{name}", ()


def _value(node: exp.Expr, context: _Context) -> _Value:
    if isinstance(node, exp.Literal):
        return _Value("text", node.name) if node.is_string else _Value("number", _number(node.name))
    if isinstance(node, exp.Neg):
        number = _value(node.this, context)
        return number._replace(text=f"-{number.text}") if number.kind == "number" else _no_value(node)
    if isinstance(node, exp.Func) and _name(node) in _DAYS:
        return _Value("day", _DAYS[_name(node)](_arguments(node), context))
    return _no_value(node)


def _number(text: str) -> str:
    return text if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text) else _refused(f'"{_shown(text)}" is no plain number')


def _no_value(node: exp.Expr) -> NoReturn:
    text = _shown(node.sql("sqlite"))
    if isinstance(node, exp.Column):
        _refused(f'"{text}" stands where a value belongs', f"Text takes single quotes: '{text}'")
    if isinstance(node, exp.Null):
        _refused("nothing equals an empty value", "Write: field is empty")
    if isinstance(node, exp.Func) and not isinstance(node, exp.Concat):
        _refused(f'"{_name(node)}" gives no value', _suggested(_name(node), _DAYS))
    _refused(f'"{text}" is no value', "A value is a text in single quotes, a number, today() or days_ago(30).")


def _operands(left: exp.Expr, right: list[exp.Expr], context: _Context) -> _Operands:
    """Return both sides of a comparison: ids as integers, days as they are, text folded, `attr.` as its values say."""
    name = _field(left, context)
    values = [_value(node, context) for node in right]
    kinds = {value.kind for value in values}
    column = _column(name, context)
    if name == "id":
        return _plain(column, [_identity(value) for value in values])
    if name in DATES:
        return _dated(column, [_day(name, value) for value in values])
    if name in context.custom and kinds != {"text"}:
        return _own(name, column, values)
    return _folded(column, [_text(name, value, context) for value in values])


def _own(name: str, column: _Sql, values: list[_Value]) -> _Operands:
    """Return the sides for a field of the workspace's own that is compared with numbers or with days."""
    if len({value.kind for value in values}) > 1:
        _refused(f"{name} is compared with values of different kinds at once")
    texts = [value.text for value in values]
    return _numeric(column, texts) if values[0].kind == "number" else _plain(column, texts)


def _plain(column: _Sql, params: Iterable[Param]) -> _Operands:
    return _marked(*column, "?", tuple(params))


def _dated(column: _Sql, days: Iterable[Param]) -> _Operands:
    """Return the sides for a day; one without its year (--03-05) is neither before nor after any, as if empty."""
    sql, own = column
    return _marked(f"CASE WHEN {sql} NOT LIKE '--%' THEN {sql} END", own, "?", tuple(days))


def _folded(column: _Sql, params: Iterable[Param]) -> _Operands:
    sql, own = column
    return _marked(f"folded({sql})", own, "?", tuple(params))


def _numeric(column: _Sql, params: Iterable[Param]) -> _Operands:
    sql, own = column
    sides = _marked(f"CAST({sql} AS NUMERIC)", own, "CAST(? AS NUMERIC)", tuple(params))
    return sides._replace(guard=_IS_NUMBER.format(sql))


def _marked(left: str, own: tuple[Param, ...], mark: str, params: tuple[Param, ...]) -> _Operands:
    return _Operands(left, own, (mark,) * len(params), params)


def _identity(value: _Value) -> int:
    if value.kind != "number" or not value.text.isdigit() or int(value.text) > _MAX_ID:
        _refused("an id is a whole number", "Write it without quotes: id = 7")
    return int(value.text)


def _day(name: str, value: _Value) -> str:
    if value.kind == "day":
        return value.text
    if value.kind == "text" and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value.text) and _exists(value.text):
        return value.text
    return _refused(
        f'"{_shown(value.text)}" is no day to compare {name} with',
        f"Write '2026-11-21', today() or days_ago(30); for a part of it: starts_with({name}, '1990')",
    )


def _exists(day: str) -> bool:
    try:
        dt.date.fromisoformat(day)
    except ValueError:
        return False
    return True


def _text(name: str, value: _Value, context: _Context) -> str:
    """Return the folded text of a value, by its canonical name where the field has a vocabulary."""
    if value.kind != "text":
        _refused(
            f"{name} holds text, not a {value.kind}", f"Write it in single quotes: {name} = '{_shown(value.text)}'"
        )
    words = context.vocabularies.get(name, {})
    return _sought(name, words.get(folded(value.text), value.text))


def _sought(name: str, text: str) -> str:
    return folded(text) or _refused(f"{name} is compared with an empty text", "Write: field is empty")


# --- functions --------------------------------------------------------------------------------------------------------


def _name(node: exp.Expr) -> str:
    """Return the name of a function: sqlglot keeps it as a text, or as a class where it knows the function."""
    known = isinstance(node, exp.Func) and not isinstance(node, exp.Anonymous)
    return node.sql_name().lower() if known else str(node.this).lower()  # type: ignore[attr-defined] # a trait of its own


def _arguments(node: exp.Expr) -> list[exp.Expr]:
    if isinstance(node, exp.Anonymous):
        return list(node.expressions)
    return [part for part in node.args.values() if isinstance(part, exp.Expr)]


def _called(node: exp.Expr, context: _Context) -> _Sql:
    name = _name(node)
    if name in _DAYS:
        _refused(f'"{name}" alone says nothing', f"Compare it: first_contact_on >= {_USAGE[name]}")
    if name not in _FUNCTIONS:
        _refused(f'"{_shown(name)}" is no function', _suggested(name, [*_FUNCTIONS, *_DAYS]))
    return _FUNCTIONS[name](_arguments(node), context)


def _contains(arguments: list[exp.Expr], context: _Context) -> _Sql:
    return _searched("contains", "> 0", arguments, context)


def _starts_with(arguments: list[exp.Expr], context: _Context) -> _Sql:
    return _searched("starts_with", "= 1", arguments, context)


def _searched(function: str, place: str, arguments: list[exp.Expr], context: _Context) -> _Sql:
    _count(function, arguments, 2, 2)
    name = _field(arguments[0], context)
    if name == "id":
        _refused(f"{function} looks into text; id is a number")
    sql, own = _column(name, context)
    return f"instr(folded({sql}), ?) {place}", (*own, _sought(name, _literal(function, arguments[1])))


def _has_tag(arguments: list[exp.Expr], context: _Context) -> _Sql:  # noqa: ARG001 - one shape for all
    _count("has_tag", arguments, 1, 1)
    tag = _sought("the tag", _literal("has_tag", arguments[0]))
    return _child("contact_tag", "folded(x.tag) = ?"), (tag,)


def _has(arguments: list[exp.Expr], context: _Context) -> _Sql:  # noqa: ARG001 - one shape for all
    _count("has", arguments, 1, 2)
    kind = _literal("has", arguments[0]).lower()
    if kind not in model.CHANNELS:
        _refused(f'"{_shown(kind)}" is no kind of channel', _suggested(kind, model.CHANNELS))
    if len(arguments) == 1:
        return _child("channel", "x.kind = ?"), (kind,)
    part = _sought(kind, _literal("has", arguments[1]))
    return _child("channel", "x.kind = ? AND instr(folded(x.value), ?) > 0"), (kind, part)


def _child(table: str, condition: str) -> str:
    """Return that a row of `table` belongs to any contact of this one's cluster.

    The list is made once, which is three times as fast for a tag as looking for the children of each contact.
    """
    return (
        f"c.id IN (SELECT n.root_id FROM {table} x JOIN contact n ON n.id = x.contact_id "  # noqa: S608 - constants only
        f"WHERE {condition})"
    )


def _today(arguments: list[exp.Expr], context: _Context) -> str:
    _count("today", arguments, 0, 0)
    return context.today.isoformat()


def _days_ago(arguments: list[exp.Expr], context: _Context) -> str:
    _count("days_ago", arguments, 1, 1)
    days = _value(arguments[0], context)
    limit = context.today.toordinal() - 1
    if days.kind != "number" or not days.text.isdigit() or int(days.text) > limit:
        _refused(f'"{_shown(days.text)}" is no number of days', f"Write: {_USAGE['days_ago']}")
    return (context.today - dt.timedelta(days=int(days.text))).isoformat()


def _literal(function: str, node: exp.Expr) -> str:
    if isinstance(node, exp.Literal) and node.is_string:
        return str(node.name)
    return _refused(f'"{_shown(node.sql("sqlite"))}" is no text', f"Write: {_USAGE[function]}")


def _count(function: str, arguments: list[exp.Expr], least: int, most: int) -> None:
    if not least <= len(arguments) <= most:
        _refused(f"{function} was given {len(arguments)} values", f"Write: {_USAGE[function]}")


_FUNCTIONS: dict[str, Callable[[list[exp.Expr], _Context], _Sql]] = {
    "contains": _contains,
    "starts_with": _starts_with,
    "has_tag": _has_tag,
    "has": _has,
}
_DAYS: dict[str, Callable[[list[exp.Expr], _Context], str]] = {"today": _today, "days_ago": _days_ago}
_USAGE = {
    "contains": "contains(city, 'ки')",
    "starts_with": "starts_with(name, 'Ів')",
    "has_tag": "has_tag('vip')",
    "has": "has('email') or has('email', '@example.com')",
    "today": "today()",
    "days_ago": "days_ago(30)",
}


#: The shapes of the tree; the first that fits is taken (to sqlglot, "and" and "or" are functions too).
_SHAPES: tuple[tuple[type[exp.Expr] | tuple[type[exp.Expr], ...], Callable[[exp.Expr, _Context], _Sql]], ...] = (
    (exp.Paren, _bracketed),
    ((exp.And, exp.Or), _joined),
    (exp.Not, _negated),
    (exp.NEQ, _different),
    ((exp.EQ, exp.LT, exp.LTE, exp.GT, exp.GTE), _compared),
    (exp.In, _within),
    (exp.Between, _between),
    ((exp.Is, exp.NullSafeEQ, exp.NullSafeNEQ), _emptiness),
    (exp.Func, _called),
)


# --- what is read -----------------------------------------------------------------------------------------------------


def _fields(tree: exp.Expr, context: _Context) -> tuple[str, ...]:
    """Return the fields a filter reads, each once, in its order; a tag is "tag", a channel its kind."""
    return tuple(dict.fromkeys(_read(tree, context)))


def _read(tree: exp.Expr, context: _Context) -> Iterator[str]:
    for node in tree.find_all(exp.Column, exp.Anonymous, bfs=False):
        if isinstance(node, exp.Column):
            yield _field(node, context)
        elif _name(node) == "has_tag":
            yield "tag"
        elif _name(node) == "has":
            yield str(_arguments(node)[0].name).lower()
