"""What is wrong with the checks in `fields.toml`: names that lead nowhere, bounds that cannot hold, bad patterns.

A key of `rules.Limits` or `rules.Requirement` that can be wrong in itself gets a line in `_in_limits` or `_in_check`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmtool.core import model, requirements, rules
from crmtool.core.folding import folded
from crmtool.core.freshness_rules import CHECKED, EVENTS, STAGE
from crmtool.core.normalizers.vocabulary import vocabulary_index
from crmtool.io.rulebook_names import meant, unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def mistakes(book: rules.Rules) -> Iterator[str]:
    """Yield what is wrong with the checks in `fields.toml`, at fields and of their own.

    `book` has its fields, and None for vocabularies that could not be read.
    """
    own = {*book.fields.field, *model.FIELDS, *model.CHANNELS, *requirements.FAMILIES, "name", "kind", "tags"}
    for name, rule in book.fields.field.items():
        if rule.required or rule.required_when or requirements.demands_of_values(rule):
            where = f"fields.toml: field.{name}"
            yield from unknown({where: name}, own - {"key", "verified_on"}, "value to check for")
            yield from _in_conditions(where, rule.required_when, own, book)
            yield from _in_limits(where, rule, [name], book)
    names = [check.name for check in book.fields.check]
    for number, check in enumerate(book.fields.check, 1):
        where = f"fields.toml: check {number} ({check.name})"
        if names.index(check.name) != number - 1:
            yield f"{where}: name: an earlier check has this name"
        yield from _in_check(where, check, own, book)


def of_deals(book: rules.Rules) -> Iterator[str]:
    """Yield what is wrong with the names in `deals.toml`; `book` has its deals."""
    deals = book.deals
    if deals.vocabulary not in book.vocabularies:
        yield from unknown({"deals.toml: vocabulary": deals.vocabulary}, set(book.vocabularies), "vocabulary")
    elif vocabulary := book.vocabularies[deals.vocabulary]:
        listed = {"open": deals.open, "won": deals.won, "lost": deals.lost}
        for key, stages in listed.items():
            yield from (f"deals.toml: {key}: {wrong}" for wrong in _unheard(stages, vocabulary))


def of_freshness(book: rules.Rules) -> Iterator[str]:
    """Yield what is wrong with the names in `freshness.toml`; `book` has its regulation."""
    for number, check in enumerate(book.freshness.check, 1):
        where = f"freshness.toml: check {number}"
        yield from unknown({where: check.field}, set(CHECKED))
        events = {f"{where}: after": event for event in check.after if not event.startswith(STAGE)}
        yield from unknown(events, {*EVENTS, f"{STAGE}NAME"}, "event")
        segments = {f"{where}: override {n}": each.segment for n, each in enumerate(check.override, 1)}
        yield from unknown(segments, set(book.segments), "segment")


def of_journal(file: str, mapping: rules.SourceMapping, targets: set[str]) -> Iterator[str]:
    """Yield what is wrong with a mapping of a journal: targets it does not have, and what no journal knows."""
    named = {f"columns.{heading}": target for heading, target in mapping.columns.items()}
    named |= {f"defaults.{target}": target for target in mapping.defaults}
    yield from (f"{file}: {line}" for line in unknown(named, targets))
    for key in ("labels", "join", "tags", "tagging"):
        if getattr(mapping, key):
            yield f"{file}: {key}: means nothing for a journal"


def _in_check(where: str, check: rules.Requirement, own: set[str], book: rules.Rules) -> Iterator[str]:
    sides = requirements.comparison(check.compare) if check.compare else None
    named = {
        "field": check.field,
        "required": check.required,
        "at_least_one": check.at_least_one,
        "compare": [sides.left, sides.right] if sides else [],
    }
    asked = [(f"{where}: {key}: {name}", name) for key, fields in named.items() for name in fields]
    yield from unknown({at: name for at, name in asked if not _is_checked(name)}, own)
    yield from _in_conditions(where, check.when, own, book)
    yield from _in_limits(where, check, check.field, book)
    limits = requirements.demands_of_values(check)
    if limits and not check.field:
        yield f"{where}: says what values have to be, but not of which field: field = ..."
    if check.field and not limits:
        yield f"{where}: field: nothing is asked of it; known are: {', '.join(requirements.LIMITS)}"
    if not any(named.values()) and not limits:
        yield f"{where}: asks nothing: required, at_least_one, compare, or field and its limits"


def _in_conditions(
    where: str, conditions: Iterable[rules.Condition], own: set[str], book: rules.Rules
) -> Iterator[str]:
    for condition in conditions:
        if not _is_checked(condition.field):
            yield from unknown({f"{where}: when: {condition.field}": condition.field}, own)
        if words := _vocabulary(condition.field, book):
            at = f"{where}: when: {condition.field}"
            yield from (f"{at}: {wrong}" for wrong in _unheard((*condition.equals, *condition.differs), words))


def _unheard(said: Iterable[str], vocabulary: rules.Vocabulary) -> Iterator[str]:
    """Yield a line for each word that no value of a vocabulary is."""
    values = {folded(value) for value in vocabulary.values}
    synonyms = vocabulary_index(vocabulary.values, vocabulary.drop)
    for word in said:
        if folded(word) not in values:
            canonical = synonyms.get(folded(word))
            yield f"{word!r} is not in its vocabulary" + (
                f", where it is {canonical}" if canonical else meant(word, vocabulary.values)
            )


def _in_limits(where: str, rule: rules.Limits, fields: Iterable[str], book: rules.Rules) -> Iterator[str]:
    if rule.pattern is not None and (wrong := requirements.wrong_pattern(rule.pattern)):
        yield f"{where}: pattern: {wrong}"
    if rule.min_length is not None and rule.max_length is not None and rule.min_length > rule.max_length:
        yield f"{where}: min_length: {rule.min_length} is more than max_length, {rule.max_length}"
    if not requirements.is_range(rule.min, rule.max):
        yield f"{where}: min: {rule.min} is no bound below max, {rule.max}"
    if rule.unique:
        odd = [name for name in fields if name not in model.FIELDS and rules.field_of(name) not in model.CHANNELS]
        yield from (f"{where}: unique: {name} is neither a field of a contact nor a channel" for name in odd)
    if rule.known:
        lacking = [name for name in fields if name in book.fields.field and book.fields.field[name].vocabulary is None]
        yield from (f"{where}: known: the field {name} has no vocabulary" for name in lacking)


def _is_checked(name: str) -> bool:
    """Return whether a check may be about it though no field of the catalogue has its name."""
    return rules.own_field(name) is not None or rules.field_of(name) in model.CHANNELS


def _vocabulary(field: str, book: rules.Rules) -> rules.Vocabulary | None:
    """Return the vocabulary of a field; None: it has none, or one that could not be read."""
    rule = book.fields.field.get(field)
    return book.vocabularies.get(rule.vocabulary) if rule and rule.vocabulary else None
