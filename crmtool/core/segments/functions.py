"""The functions of the language: how each is written, what it means, what it gives, and its SQL.

To add one: a line in `FUNCTIONS` and a function that takes what was given and returns SQL. One that gives a "condition"
stands alone; one that gives a day, a number or money is compared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlglot import exp

from crmtool.core import model
from crmtool.core.segments import facts
from crmtool.core.segments.fields import field, matching
from crmtool.core.segments.refusals import refused, shown, suggested
from crmtool.core.segments.text import arguments, name_of
from crmtool.core.segments.values import day, sought, text_of, value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from crmtool.core.segments.context import Context
    from crmtool.core.segments.sql import Sql

#: Kinds of interaction that can be asked for, see `model.TABLES`.
_KINDS = ("call", "email", "meeting", "chat", "ticket", "web", "note")
_PERIOD = ("since", "before")


class Call(NamedTuple):
    """What a function was given: its values in order, and those with a name."""

    usage: str
    given: tuple[exp.Expr, ...]
    named: Mapping[str, exp.Expr]
    context: Context

    def text(self, place: int) -> str | None:
        """Return the text at a place, if one was given there."""
        return text_of(self.given[place], self.usage) if place < len(self.given) else None

    def word(self, name: str) -> str | None:
        """Return a text given by its name."""
        return text_of(self.named[name], self.usage) if name in self.named else None

    def day(self, name: str) -> str | None:
        """Return a day given by its name."""
        return day(name, value(self.named[name], self.context), f"Write: {self.usage}") if name in self.named else None


class Function(NamedTuple):
    """A function: its usage, meaning, what it gives, how many values it takes, by which names, its SQL."""

    usage: str
    meaning: str
    gives: str
    takes: tuple[int, int]
    names: tuple[str, ...]
    sql: Callable[[Call], Sql]


def _contains(call: Call) -> Sql:
    return _searched(call, "inside")


def _starts_with(call: Call) -> Sql:
    return _searched(call, "begins")


def _searched(call: Call, test: str) -> Sql:
    name = field(call.given[0], call.context)
    if name == "id":
        refused("id is a number, and only text has a beginning or an inside", "Write: id in (7, 12)")
    return matching(name, test, (sought(name, text_of(call.given[1], call.usage)),), call.context)


def _has_tag(call: Call) -> Sql:
    return facts.tagged(sought("the tag", call.text(0) or ""))


def _has(call: Call) -> Sql:
    kind, part = _of("kind of channel", call.text(0) or "", model.CHANNELS), call.text(1)
    return facts.reachable(kind, None if part is None else sought(kind, part))


def _consent(call: Call) -> Sql:
    purpose, channel = call.text(0) or "", call.word("channel")
    if call.context.purposes:
        _of("purpose of consent", purpose, sorted(call.context.purposes))
    kind = _of("kind of channel", channel, model.CHANNELS) if channel is not None else None
    return facts.consenting(purpose, kind, call.context.today.isoformat())


def _bought(call: Call) -> Sql:
    product = call.text(0)
    named = None if product is None else sought("the product", product)
    return facts.bought(call.context.won, named, *_period(call))


def _last_interaction(call: Call) -> Sql:
    return facts.last_interaction(kind_of(call))


def _interactions(call: Call) -> Sql:
    return facts.interactions(kind_of(call), *_period(call))


def _of_deals(value_of: str) -> Callable[[Call], Sql]:
    """Return the function that computes something from what was bought."""
    return lambda call: facts.of_deals(value_of, call.context.won, _currency(call), *_period(call))


def _entered(call: Call) -> Sql:
    return facts.entered(_of("segment", call.text(0) or "", sorted(call.context.segments)))


def _nothing(call: Call) -> Sql:
    """Stand in for what is compiled where it is met: `freshness` and `in_segment`."""
    raise NotImplementedError(call.usage)


def _period(call: Call) -> tuple[str | None, str | None]:
    return call.day("since"), call.day("before")


def _currency(call: Call) -> str | None:
    code = call.text(0)
    if code is not None and not (len(code) == 3 and code.isascii() and code.isalpha()):  # noqa: PLR2004 - ISO 4217
        refused(f'"{shown(code)}" is no currency', f"Write its code of three letters: {call.usage}")
    return code.upper() if code else None


def kind_of(call: Call) -> str | None:
    """Return the kind of interaction that is asked for, None for any. Raises UsageError for one there is not."""
    kind = call.word("kind")
    return None if kind is None else _of("kind of interaction", kind, _KINDS)


def _of(what: str, word: str, known: tuple[str, ...] | list[str]) -> str:
    """Return a word that is one of some; case does not matter. Raises UsageError."""
    found = next((name for name in known if name.casefold() == word.casefold()), None)
    if found is None and not known:
        refused(f'"{shown(word)}" is no {what}: there are none')
    return found or refused(f'"{shown(word)}" is no {what}', suggested(word, known))


FUNCTIONS: dict[str, Function] = {
    "contains": Function("contains(city, 'ки')", "the text has this part", "condition", (2, 2), (), _contains),
    "starts_with": Function("starts_with(name, 'Ів')", "the text begins so", "condition", (2, 2), (), _starts_with),
    "has_tag": Function("has_tag('vip')", "has this tag", "condition", (1, 1), (), _has_tag),
    "has": Function(
        "has('email') or has('email', '@firma.ua')",
        "has a channel of this kind (email, phone, messenger, site), or one with this part",
        "condition",
        (1, 2),
        (),
        _has,
    ),
    "in_segment": Function("in_segment('vip-kyiv')", "is in this segment now", "condition", (1, 1), (), _nothing),
    "entered": Function(
        "entered('trial') >= '2026-05-20'",
        "day they last entered the segment, as segments refresh saw it",
        "day",
        (1, 1),
        (),
        _entered,
    ),
    "consent": Function(
        "consent('newsletter')",
        "consent for this purpose holds today; channel => 'email' for one channel",
        "condition",
        (1, 1),
        ("channel",),
        _consent,
    ),
    "freshness": Function(
        "freshness('email') = 'green'",
        "colour of a field by the regulation: green, yellow, red; empty where there is no value",
        "colour",
        (1, 1),
        (),
        _nothing,
    ),
    "last_interaction": Function(
        "last_interaction() < days_ago(30)",
        "day of the last interaction; kind => 'call' for one kind",
        "day",
        (0, 0),
        ("kind",),
        _last_interaction,
    ),
    "interactions": Function(
        "interactions(kind => 'call', since => days_ago(90)) >= 3",
        "how many interactions there were",
        "number",
        (0, 0),
        ("kind", *_PERIOD),
        _interactions,
    ),
    "bought": Function(
        "bought('Product', before => days_ago(30))",
        "bought something, or this product; since and before say when",
        "condition",
        (0, 1),
        _PERIOD,
        _bought,
    ),
    "deal_sum": Function(
        "deal_sum('UAH', since => months_ago(12)) >= 100000",
        "sum of what they bought; without a currency empty where there are several",
        "money",
        (0, 1),
        _PERIOD,
        _of_deals(facts.SUM),
    ),
    "average_check": Function(
        "average_check() >= 1000.50",
        "sum of what they bought by the number of purchases",
        "money",
        (0, 1),
        _PERIOD,
        _of_deals(facts.AVERAGE),
    ),
    "deal_count": Function(
        "deal_count() >= 2", "how many purchases", "number", (0, 1), _PERIOD, _of_deals(facts.COUNT)
    ),
    "last_deal": Function(
        "last_deal() < months_ago(12)", "day of the last purchase", "day", (0, 1), _PERIOD, _of_deals(facts.LAST)
    ),
    "first_deal": Function(
        "first_deal() >= days_ago(90)", "day of the first purchase", "day", (0, 1), _PERIOD, _of_deals(facts.FIRST)
    ),
}

#: What functions look at that is no field, in one word.
READS = {
    "has_tag": "tag",
    "consent": "consent",
    "entered": "segment",
    **dict.fromkeys(("last_interaction", "interactions"), "interaction"),
    **dict.fromkeys(("bought", "deal_sum", "average_check", "deal_count", "last_deal", "first_deal"), "deal"),
}

#: Names that values can be given by, in any function.
NAMES = tuple(sorted({name for function in FUNCTIONS.values() for name in function.names}))


def call_of(node: exp.Expr, context: Context) -> Call:
    """Return what a known function was given. Raises UsageError for too much, too little, or an unknown name."""
    name = name_of(node)
    known = FUNCTIONS[name]
    parts = arguments(node)
    named = [part for part in parts if isinstance(part, exp.Kwarg)]
    given = tuple(part for part in parts if not isinstance(part, exp.Kwarg))
    least, most = known.takes
    if not least <= len(given) <= most:
        refused(f"{name} was given {len(given)} values", f"Write: {known.usage}")
    words = [str(part.this.name).lower() for part in named]
    for word in words:
        if word not in known.names:
            names = suggested(word, known.names) if known.names else f"Write: {known.usage}"
            refused(f'{name} knows no "{shown(word)}"', names)
        if words.count(word) > 1:
            refused(f'{name} was given "{word}" twice', f"Write: {known.usage}")
    return Call(known.usage, given, dict(zip(words, (part.expression for part in named), strict=True)), context)
