"""Comparisons: a field, or what a function gives, with one value, with several, with a range, or with nothing.

To add a kind of value: a branch in `_sides`, with how both sides are written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlglot import exp

from crmtool.core.folding import folded
from crmtool.core.segments import facts, fields, values
from crmtool.core.segments.functions import FUNCTIONS, call_of, kind_of
from crmtool.core.segments.refusals import refused, shown, suggested
from crmtool.core.segments.sql import Coloured, Param, Sql, negated
from crmtool.core.segments.text import name_of, only
from crmtool.core.segments.values import Value, value

if TYPE_CHECKING:
    from crmtool.core.segments.context import Context

_OPERATORS: dict[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "=",  # and the whole negated
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}
_EMPTY_WITHOUT_DEALS = {"last_deal", "first_deal", "average_check"}
_ZERO_WITHOUT_DEALS = {"deal_sum", "deal_count"}
_COLOURS = ("green", "yellow", "red")
_IS_NUMBER = "{0} <= CAST(9e999 AS REAL)"  # SQLite sorts text that is no number above every number


class _Sides(NamedTuple):
    """Both sides of a comparison in SQL, with their parameters; `guard` must hold too."""

    left: str
    left_params: tuple[Param, ...]
    mark: str
    params: tuple[Param, ...]
    guard: str = ""


def compared(node: exp.Expr, context: Context) -> Sql:
    """Return the SQL of =, <, <=, > and >=."""
    args = only(node, "this", "expression")
    operator = _OPERATORS[type(node)]
    if operator == "=":
        return _equal(args["this"], [args["expression"]], context)
    if quick := _since(args["this"], operator, args["expression"], context):
        return quick
    sides = _sides(args["this"], [args["expression"]], context)
    holds = _guarded(sides, f"{sides.left} {operator} {sides.mark}")
    return facts.of_buyers(holds) if _of_buyers(args["this"], operator, sides.params[0]) else holds


def _of_buyers(left: exp.Expr, operator: str, bound: Param) -> bool:
    """Tell whether a comparison holds for nobody who bought nothing: no day, no mean, and a sum or count of 0."""
    name = name_of(left) if isinstance(left, exp.Func) else ""
    more = operator in {">", ">="} and isinstance(bound, int) and bound > 0
    return name in _EMPTY_WITHOUT_DEALS or (name in _ZERO_WITHOUT_DEALS and more)


def different(node: exp.Expr, context: Context) -> Sql:
    """Return the SQL of != and <>."""
    args = only(node, "this", "expression")
    return negated(_equal(args["this"], [args["expression"]], context))


def within(node: exp.Expr, context: Context) -> Sql:
    """Return the SQL of "in (...)"."""
    args = only(node, "this", "expressions")
    return _equal(args["this"], list(node.expressions), context)


def ranged(node: exp.Expr, context: Context) -> Sql:
    """Return the SQL of "between ... and ..."."""
    args = only(node, "this", "low", "high")
    sides = _sides(args["this"], [args["low"], args["high"]], context)
    return _guarded(sides, f"{sides.left} BETWEEN {sides.mark} AND {sides.mark}")


def emptiness(node: exp.Expr, context: Context) -> Sql:
    """Return the SQL of "is empty"; "is present" and "is not empty" come as its negation."""
    args = only(node, "this", "expression")
    if not isinstance(args["expression"], exp.Null):
        hint = "Write: field is empty, field is present, or field = 'text'"
        refused(f'"{shown(node.sql("sqlite"))}" is not understood', hint)
    if _is_freshness(args["this"]):
        return negated(_coloured(args["this"], _COLOURS, context))
    sql, params, _ = _left(args["this"], context)
    return f"{sql} IS NULL", params


def _guarded(sides: _Sides, sql: str) -> Sql:
    params = sides.left_params + sides.params
    return (f"({sql} AND {sides.guard})", params + sides.left_params) if sides.guard else (sql, params)


def _equal(left: exp.Expr, right: list[exp.Expr], context: Context) -> Sql:
    """Return that the left side is one of the values."""
    if _is_freshness(left):
        return _coloured(left, tuple(_colour(node, context) for node in right), context)
    if isinstance(left, exp.Column):
        name = fields.field(left, context)
        given = [value(node, context) for node in right]
        if fields.about(name).kind == "text" and {v.kind for v in given} == {"text"}:
            texts = dict.fromkeys(text for v in given for text in _spellings(name, v, context))
            return fields.matching(name, "same", tuple(texts), context)
    sides = _sides(left, right, context)
    marks = ", ".join([sides.mark] * len(sides.params))
    return _guarded(sides, f"{sides.left} IN ({marks})" if len(right) > 1 else f"{sides.left} = {marks}")


def _spellings(name: str, given: Value, context: Context) -> list[str]:
    """Return the folded texts that a text stands for: itself, and its canonical one where there is a vocabulary."""
    text = values.sought(name, given.text)
    canonical = context.vocabularies.get(name, {}).get(text)
    return [text, folded(canonical)] if canonical else [text]


def _since(left: exp.Expr, operator: str, right: exp.Expr, context: Context) -> Sql | None:
    """Return "last_interaction() >= day" as a list of who has interactions since, which an index gives at once."""
    if operator != ">=" or not isinstance(left, exp.Func) or name_of(left) != "last_interaction":
        return None
    call = call_of(left, context)
    day = values.day("last_interaction()", value(right, context), f"Write: {call.usage}")
    return facts.interacted_since(day, kind_of(call))


# --- the left side ----------------------------------------------------------------------------------------------------


def _left(node: exp.Expr, context: Context) -> tuple[str, tuple[Param, ...], str]:
    """Return the SQL of a left side with its parameters, and the kind of its values."""
    if isinstance(node, exp.Func) and name_of(node) in FUNCTIONS:
        name = name_of(node)
        function = FUNCTIONS[name]
        if function.gives == "condition":
            refused(f'"{name}" is true or false and is not compared', f"Write: {function.usage}")
        return *function.sql(call_of(node, context)), function.gives
    name = fields.field(node, context)
    return *fields.column(name), fields.about(name).kind


def _sides(left: exp.Expr, right: list[exp.Expr], context: Context) -> _Sides:
    """Return both sides of a comparison: numbers as numbers, days as days, text folded, `attr.` as its values say."""
    if _is_freshness(left):
        refused("colours have no order", "Write: freshness('email') in ('yellow', 'red')")
    sql, own, kind = _left(left, context)
    name = shown(left.sql("sqlite").lower()) if isinstance(left, exp.Func) else fields.field(left, context)
    given = [value(node, context) for node in right]
    if kind == "id":
        return _Sides(sql, own, "?", tuple(values.identity(v) for v in given))
    if kind == "number":
        return _Sides(sql, own, "?", tuple(values.whole(name, v) for v in given))
    if kind == "money":
        return _Sides(sql, own, "?", tuple(values.money(name, v) for v in given))
    if kind == "day":
        return _dated(name, sql, own, given, column=isinstance(left, exp.Column))
    if isinstance(left, exp.Column) and name not in fields.FIELDS and {v.kind for v in given} != {"text"}:
        return _own(name, sql, own, given)
    texts = tuple(_text(name, v, context) for v in given)
    return _Sides(sql if kind == "choice" else f"folded({sql})", own, "?", texts)


def _dated(name: str, sql: str, own: tuple[Param, ...], given: list[Value], *, column: bool) -> _Sides:
    """Return the sides for a day; a field without its year (--03-05) is neither before nor after any, as if empty."""
    usage = "Write '2026-11-21', today() or days_ago(30)"
    usage += f"; for a part of it: starts_with({name}, '1990')" if column else ""
    days = tuple(values.day(name, v, usage) for v in given)
    return _Sides(f"CASE WHEN {sql} NOT LIKE '--%' THEN {sql} END" if name == "birthday" else sql, own, "?", days)


def _own(name: str, sql: str, own: tuple[Param, ...], given: list[Value]) -> _Sides:
    """Return the sides for a field of the workspace's own that is compared with numbers or with days."""
    if len({v.kind for v in given}) > 1:
        refused(f"{name} is compared with values of different kinds at once")
    texts = tuple(v.text for v in given)
    if given[0].kind == "day":
        return _Sides(sql, own, "?", texts)
    return _Sides(f"CAST({sql} AS NUMERIC)", own, "CAST(? AS NUMERIC)", texts, _IS_NUMBER.format(sql))


def _text(name: str, given: Value, context: Context) -> str:
    """Return the folded text of a value, by its canonical name where the field has a vocabulary."""
    if given.kind != "text":
        hint = f"Write it in single quotes: {name} = '{shown(given.text)}'"
        refused(f"{name} holds text, not a {given.kind}", hint)
    return _spellings(name, given, context)[-1]


# --- colours ----------------------------------------------------------------------------------------------------------


def _is_freshness(node: exp.Expr) -> bool:
    return isinstance(node, exp.Func) and name_of(node) == "freshness"


def _colour(node: exp.Expr, context: Context) -> str:
    word = value(node, context)
    colour = word.text.lower()
    return colour if colour in _COLOURS else refused(f'"{shown(word.text)}" is no colour', suggested(colour, _COLOURS))


def _coloured(node: exp.Expr, colours: tuple[str, ...], context: Context) -> Sql:
    call = call_of(node, context)
    name = call.text(0) or ""
    if name not in context.checked:
        hint = suggested(name, sorted(context.checked)) if context.checked else "The regulation checks nothing here."
        refused(f'"{shown(name)}" is not checked by the regulation', hint)
    return "c.id IN (SELECT value FROM json_each(?))", (Coloured(name, colours),)
