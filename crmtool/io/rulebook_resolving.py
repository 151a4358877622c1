"""Names in the rules that lead nowhere, and what contradicts itself between rule files.

To add a kind of rule file: what it names, in `unresolved`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from crmtool.core import model, rules
from crmtool.core.journal.targets import DEALS, IGNORED, INTERACTIONS
from crmtool.core.rule import Rule
from crmtool.io import rulebook_checks as checks
from crmtool.io import rulebook_exports, rulebook_roles
from crmtool.io import rulebook_operations as operations
from crmtool.io.rulebook_names import unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

#: Targets that are no field of a contact but mean something to an import.
_TARGETS = ("ignore", "tags", "key", "verified_on", "name")
_Rule = TypeVar("_Rule", bound=Rule)
_GOLDEN = {*model.FIELDS, *model.CHANNELS, "name", "kind", "id", "tags"}


def unresolved(book: rules.Rules) -> Iterator[str]:
    """Yield every name in the rules that leads nowhere; what could not be read is None here, and passed over."""
    if book.fields:
        yield from _in_fields(book)
        targets = {*book.fields.field, *_TARGETS}
        for name, mapping in _read(book.mappings):
            yield from (f"mappings/{name}.toml: {line}" for line in _in_mapping(mapping, targets))
    yield from _in_journals(book)
    yield from _two_ranks(book)
    yield from operations.in_pipelines(_read(book.pipelines))
    if book.backup:
        yield from operations.in_backup(book.backup)
    if book.roles:
        yield from rulebook_roles.mistakes(book.roles)
    if book.survivorship:
        named = {f"survivorship.toml: field.{field}": field for field in book.survivorship.field}
        yield from unknown(named, {*model.FIELDS, "name", "email", "phone"})
    if book.duplicates:
        blocking = enumerate(book.duplicates.match.blocking, 1)
        named = {f"duplicates.toml: match.blocking {n}: {key}": key for n, rule in blocking for key in rule}
        yield from unknown(named, set(rules.BLOCKING_KEYS))
    if book.freshness:
        yield from checks.of_freshness(book)
    yield from rulebook_exports.mistakes(_read(book.exports), book.consents)


def _in_journals(book: rules.Rules) -> Iterator[str]:
    if book.deals:
        yield from checks.of_deals(book)
    if book.deals and book.documents:
        named = {f"documents.toml: required.{stage}": stage for stage in book.documents.required}
        yield from unknown(named, set(book.deals.states()), "stage")
    for folder, known in (("interactions", INTERACTIONS), ("purchases", DEALS)):
        for name, mapping in _read(getattr(book, folder)):
            yield from checks.of_journal(f"{folder}/{name}.toml", mapping, {*known, IGNORED})


def _read(files: Mapping[str, _Rule]) -> list[tuple[str, _Rule]]:
    """Return the rule files of a folder that could be read."""
    return [(name, rule) for name, rule in files.items() if rule]


def _in_fields(book: rules.Rules) -> Iterator[str]:
    yield from checks.mistakes(book)
    vocabularies = {
        f"fields.toml: field.{name}.vocabulary": rule.vocabulary
        for name, rule in book.fields.field.items()
        if rule.vocabulary is not None
    }
    yield from unknown(vocabularies, set(book.vocabularies), "vocabulary")
    asked = {"identity": book.fields.identity, "required": book.fields.required}
    named = {f"fields.toml: {key}: {name}": name for key, names in asked.items() for name in names}
    yield from unknown(named, {*model.FIELDS, *model.CHANNELS, "name"})
    if not book.fields.identity:
        yield "fields.toml: identity: names no field, so no row could be kept"
    for name in book.fields.field:
        if rules.field_of(name) not in {*_GOLDEN, *_TARGETS} and not name.startswith("attr."):
            yield f"fields.toml: field.{name}: a field of your own is written attr.{name}"


def _in_mapping(mapping: rules.SourceMapping, targets: set[str]) -> Iterator[str]:
    named = {f"columns.{heading}": target for heading, target in mapping.columns.items()}
    named |= {f"join.{target}": target for target in mapping.join}
    yield from unknown({w: t for w, t in named.items() if not known_target(t, targets)}, targets)
    own = {target for target in mapping.defaults if rules.own_field(target)}
    yield from unknown({f"defaults.{target}": target for target in mapping.defaults}, {*model.FIELDS, *own})
    yield from unknown({f"split.{heading}": heading for heading in mapping.split}, _sent(mapping), "column")
    yield from unknown({f"labels.{heading}": heading for heading in mapping.labels}, _sent(mapping), "column")
    yield from _unlabelled(mapping)
    for heading, form in mapping.formats.items():
        if form not in {"DMY", "MDY"} and "%" not in form:
            yield f'formats.{heading}: {form!r} is neither "DMY", "MDY" nor a form such as "%d.%m.%Y"'


def _sent(mapping: rules.SourceMapping) -> set[str]:
    """Return the headings a mapping sends somewhere."""
    return {*mapping.columns, *(heading for join in mapping.join.values() for heading in join.columns)}


def _unlabelled(mapping: rules.SourceMapping) -> Iterator[str]:
    """Yield a line for each column that is given a label and is sent where labels mean nothing."""
    for heading in mapping.labels:
        target = mapping.columns.get(heading)
        if target is not None and not rules.may_be_labelled(rules.field_of(target)):
            yield f"labels.{heading}: a {target} has no label; only channels and parts of an address do"


def _two_ranks(book: rules.Rules) -> Iterator[str]:
    """Yield a line for each mapping that ranks its source otherwise than a mapping before it."""
    ranks: dict[str, tuple[int, str]] = {}
    for name, mapping in _read(book.mappings):
        if mapping.trust is None:
            continue
        rank, first = ranks.setdefault(mapping.source, (mapping.trust, name))
        if rank != mapping.trust:
            yield f"mappings/{name}.toml: trust: {mapping.trust}, but mappings/{first}.toml says {rank} for its source"


def known_target(target: str, targets: Iterable[str]) -> bool:
    """Return whether a mapping may send a column there: a field, a labelled one, or a field of one's own.

    >>> [known_target(target, {"name"}) for target in ("name", "phone.fax", "city.home", "utm.source", "name.old")]
    [True, True, True, True, False]
    """
    field = rules.field_of(target)
    return target in targets or rules.own_field(target) is not None or rules.may_be_labelled(field)
