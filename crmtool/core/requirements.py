"""What the rules ask of a row: gathered from `fields.toml`, and each told in a sentence.

`crmtool.core.imports.validation` finds the rows that fall short. To add something a rule may ask: a key in
`rules.Limits` or `rules.Requirement`, a line in `_limits` or `_asked`, and its test there.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from crmtool.core.rules import COMPARISON, Requirement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from crmtool.core.rules import Bound, Condition, FieldRule, Fields, Limits

#: Keys that ask something of single values.
LIMITS = ("pattern", "min_length", "max_length", "min", "max", "known", "unique")

#: Families of fields of one's own that a rule may name as a whole: filled where one of them is.
FAMILIES = ("consent", "utm")


class Comparison(NamedTuple):
    """Two fields and how the first has to stand to the second: "<", "<=", "=", "!=", ">=" or ">"."""

    left: str
    sign: str
    right: str


def gathered(fields: Fields) -> tuple[Requirement, ...]:
    """Return all that is asked of rows: what every row must have, the keys at fields, and the checks."""
    every = [Requirement(name="required", required=fields.required, severity="error")] if fields.required else []
    of_fields = [found for name, rule in fields.field.items() for found in _of_field(name, rule)]
    return (*every, *of_fields, *fields.check)


def _of_field(field: str, rule: FieldRule) -> Iterator[Requirement]:
    """Yield what is asked of one field, under the name of the field."""
    said: dict[str, Any] = {"name": field, "severity": rule.severity, "message": rule.message}
    if rule.required or rule.required_when:
        kind = rule.required if isinstance(rule.required, str) else None
        yield Requirement(required=(field,), kind=kind, when=rule.required_when, **said)
    limits = {key: getattr(rule, key) for key in LIMITS}
    if demands_of_values(rule):
        yield Requirement(field=(field,), **limits, **said)


def demands_of_values(rule: Limits) -> bool:
    """Return whether anything is asked of single values."""
    return any(_is_set(getattr(rule, key)) for key in LIMITS)


def comparison(text: str) -> Comparison:
    """Return the fields and the sign of a comparison.

    >>> comparison("birthday <= first_contact_on")
    Comparison(left='birthday', sign='<=', right='first_contact_on')
    """
    found = re.match(COMPARISON, text)
    if found is None:
        raise ValueError(f"{text!r} compares nothing")
    return Comparison(*found.groups())


def is_range(low: Bound | None, high: Bound | None) -> bool:
    """Return whether two bounds can hold together; what today is, nobody knows here.

    >>> is_range(1, 5), is_range(5, 1), is_range(None, "today"), is_range(1, "today")
    (True, False, True, False)
    """
    if low is None or high is None:
        return True
    numbers = [not isinstance(bound, str | dt.date) for bound in (low, high)]
    if numbers[0] != numbers[1]:
        return False
    return "today" in {low, high} or low <= high  # type: ignore[operator]  # both are numbers, or both are days


def wrong_pattern(pattern: str) -> str:
    """Return what is wrong with a pattern, nothing where it is right.

    >>> wrong_pattern("[A-Z"), wrong_pattern("[A-Z]")
    ('missing ]: [A-Z', '')
    """
    try:
        matcher(pattern)
    except ValueError as error:
        return str(error)
    return ""


def matcher(pattern: str) -> Callable[[str], bool]:
    """Return what tells whether a whole text has the form of a pattern, in time that grows with the text alone.

    Patterns are RE2's. Raises ValueError for what is none.
    """
    import re2

    options = re2.Options()
    options.log_errors = False
    options.never_capture = True
    try:
        whole = re2.compile(pattern, options)
    except re2.error as error:
        raise ValueError(str(error.args[0].decode() if isinstance(error.args[0], bytes) else error)) from None
    quick = re2.Set.FullMatchSet(options)
    quick.Add(pattern)
    quick.Compile()

    # the set is quicker, but gives up in silence where the pattern needs more memory than it may have
    def matches(text: str) -> bool:
        return bool(quick.Match(text)) or whole.fullmatch(text) is not None

    return matches


def spoken(requirement: Requirement, language: str) -> str:
    """Return how a finding names a rule: its name, and its own words or else what it asks of values.

    >>> spoken(Requirement(name="term", field="birthday", max="today"), "en")
    'term (at most today)'
    """
    said = requirement.message
    own = said if said is None or isinstance(said, str) else (getattr(said, language) or said.en or said.ru)
    several = [" or ".join(requirement.at_least_one)] if requirement.at_least_one else []
    compared = [requirement.compare] if requirement.compare else []
    what = own or "; ".join([*several, *compared, *_limits(requirement)])
    return f"{requirement.name} ({what})" if what else requirement.name


def sentence(requirement: Requirement) -> str:
    """Return what a rule asks.

    >>> sentence(Requirement(name="b2c", when=[{"field": "type", "equals": "b2c"}], required=["source", "consent"]))
    'if type is b2c: source, consent filled'
    """
    of = [f"of a {requirement.kind}"] if requirement.kind else []
    when = [f"if {' and '.join(_condition(condition) for condition in requirement.when)}"] if requirement.when else []
    return ": ".join([*of, *when, "; ".join(_asked(requirement))])


def _asked(requirement: Requirement) -> Iterator[str]:
    """Yield each thing a rule asks, in a few words."""
    if requirement.required:
        yield f"{', '.join(requirement.required)} filled"
    if requirement.at_least_one:
        yield f"{' or '.join(requirement.at_least_one)} filled"
    if requirement.compare:
        yield requirement.compare
    if limits := _limits(requirement):
        yield f"{', '.join(requirement.field)} {', '.join(limits)}"


def _condition(condition: Condition) -> str:
    """Return a condition in words."""
    is_, is_not = " or ".join(condition.equals), " or ".join(condition.differs)
    said = [*([f"is {is_}"] if is_ else []), *([f"is not {is_not}"] if is_not else [])]
    if condition.filled is not None or not said:
        said.append("is empty" if condition.filled is False else "is filled")
    return f"{condition.field} {' and '.join(said)}"


def _limits(rule: Limits) -> list[str]:
    """Return what is asked of values, each in a few words."""
    told = {
        "pattern": f"of the form {rule.pattern}",
        "min_length": f"at least {rule.min_length} characters",
        "max_length": f"at most {rule.max_length} characters",
        "min": f"at least {rule.min}",
        "max": f"at most {rule.max}",
        "known": "in its vocabulary",
        "unique": "of one contact only",
    }
    return [words for key, words in told.items() if _is_set(getattr(rule, key))]


def _is_set(given: object) -> bool:
    return given is not None and given is not False
