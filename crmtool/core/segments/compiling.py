"""A readable expression becomes an SQL condition whose values are all parameters.

    city = 'Київ' and has_tag('vip') and not (email is empty or last_interaction() < days_ago(365))

The text passes three gates: only known tokens (`text`), only known shapes of the tree (here), only known names
(`fields`, `functions`). SQL is written from constants; no piece of the text reaches it but as a parameter. A comparison
with an empty value is false and its negation true, so that a filter and its `not` together hold everybody. A birthday
without its year (--03-05) is compared with a day as if it were empty; for those of a month: starts_with(birthday,
'--03').
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

from sqlglot import exp

from crmtool.core.segments import text
from crmtool.core.segments.comparing import compared, different, emptiness, ranged, within
from crmtool.core.segments.fields import FIELDS, field
from crmtool.core.segments.functions import FUNCTIONS, NAMES, READS, call_of
from crmtool.core.segments.refusals import refused, shown, suggested
from crmtool.core.segments.sql import Condition, Sql, chained, negated
from crmtool.core.segments.text import arguments, name_of, only
from crmtool.core.segments.values import DAYS, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from crmtool.core.segments.context import Context


def compiled(expression: str, context: Context) -> Condition:
    """Return `expression` as a condition over root contacts `contact c`; the caller joins it to `sql.PRESENT`.

    The connection must know the functions of `crmtool.io.connecting`. Raises UsageError for anything not understood,
    with what was probably meant.
    """
    tree = parsed(expression)
    return Condition(*_condition(tree, context), fields=tuple(dict.fromkeys(_read(tree, context))))


def parsed(expression: str) -> exp.Expr:
    """Return the tree of an expression. Raises UsageError."""
    return text.parsed(text.tokens(expression, names()), expression)


def _read(tree: exp.Expr, context: Context) -> Iterator[str]:
    """Yield the fields a filter reads; a function stands for the field or facts it looks at, a tag is "tag"."""
    for node in tree.find_all(exp.Column, exp.Anonymous, bfs=False):
        name = "" if isinstance(node, exp.Column) else name_of(node)
        if isinstance(node, exp.Column):
            yield field(node, context)
        elif name == "in_segment":
            yield from _read(parsed(context.segments[arguments(node)[0].name]), context)
        elif name in {"has", "freshness"}:
            yield str(arguments(node)[0].name).lower()
        elif name in READS:
            yield READS[name]


def names() -> list[str]:
    """Return all names of the language: of fields, functions, days, and of what functions are given by name."""
    return [*FIELDS, *FUNCTIONS, *DAYS, *NAMES, "attr"]


def _condition(node: exp.Expr, context: Context) -> Sql:
    """Return the SQL of one node of the tree; what has no shape here does not exist."""
    shape = next((shape for kinds, shape in _SHAPES if isinstance(node, kinds)), _no_condition)
    return shape(node, context)


def _bracketed(node: exp.Expr, context: Context) -> Sql:
    return _condition(only(node, "this")["this"], context)


def _joined(node: exp.Expr, context: Context) -> Sql:
    # flatten() walks without recursion: a thousand alternatives are no deep tree
    parts, size = [], 0
    for part in node.flatten(unnest=False):
        sql, params = _condition(part, context)
        parts.append((sql, params))
        size += len(sql)
        if size > _MOST_SQL:  # segments that use others twice grow at every step
            refused("it grows too long with the segments in it", "Let fewer segments use one another.")
    parts.sort(key=lambda part: any(word in part[0] for word in _DEAR))
    word = " AND " if isinstance(node, exp.And) else " OR "
    return f"({word.join(sql for sql, _ in parts)})", chained(params for _, params in parts)


def _negated(node: exp.Expr, context: Context) -> Sql:
    return negated(_bracketed(node, context))


def _called(node: exp.Expr, context: Context) -> Sql:
    name = name_of(node)
    if name in DAYS:
        refused(f'"{name}" alone says nothing', f"Compare it: first_contact_on >= {DAYS[name].usage}")
    if name not in FUNCTIONS:
        refused(f'"{shown(name)}" is no function', suggested(name, [*FUNCTIONS, *DAYS], "crmtool segments fields"))
    function = FUNCTIONS[name]
    if function.gives != "condition":
        refused(f'"{name}" alone says nothing', f"Compare it: {function.usage}")
    call = call_of(node, context)
    return _inside(text_of(call.given[0], call.usage), context) if name == "in_segment" else function.sql(call)


def _inside(name: str, context: Context) -> Sql:
    """Return the condition of another segment; one that comes back to itself is refused."""
    if name in context.within:
        path = " -> ".join([*context.within[context.within.index(name) :], name])
        refused(f"segments go round in a circle: {path}", "Let one of them do without the others.")
    if name not in context.segments:
        hint = suggested(name, sorted(context.segments)) if context.segments else "There are no segments."
        refused(f'"{shown(name)}" is no segment', hint)
    if len(context.within) >= _MOST_WITHIN:
        refused(f"more than {_MOST_WITHIN} segments lie within each other")
    inner = replace(context, within=(*context.within, name))
    return _condition(parsed(context.segments[name]), inner)


#: What takes long: conditions without any of it are asked first, as they may decide.
_DEAR = ("SELECT", "json_extract(", "folded(", "same(", "inside(", "begins(")
_MOST_WITHIN = 8
_MOST_SQL = 400_000  # characters; five hundred conditions take half of it


def _no_condition(node: exp.Expr, context: Context) -> NoReturn:
    if isinstance(node, exp.Column):
        name = field(node, context)
        refused(f'"{name}" alone says nothing', f"Write: {name} is not empty, or {name} = 'text'")
    refused(f'"{shown(node.sql("sqlite"))}" is no condition', "Try: city = 'Київ'")


#: The shapes of the tree; the first that fits is taken (to sqlglot, "and" and "or" are functions too).
_SHAPES: tuple[tuple[type[exp.Expr] | tuple[type[exp.Expr], ...], Callable[[exp.Expr, Context], Sql]], ...] = (
    (exp.Paren, _bracketed),
    ((exp.And, exp.Or), _joined),
    (exp.Not, _negated),
    (exp.NEQ, different),
    ((exp.EQ, exp.LT, exp.LTE, exp.GT, exp.GTE), compared),
    (exp.In, within),
    (exp.Between, ranged),
    ((exp.Is, exp.NullSafeEQ, exp.NullSafeNEQ), emptiness),
    (exp.Func, _called),
)
