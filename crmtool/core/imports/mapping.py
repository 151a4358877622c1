"""Stage one: which column of a table is which field.

What a person says on the command line wins; then a saved mapping, recognised by its signature; then the synonyms in
`fields.toml`; then what the heading resembles and what its cells look like (`guessing`). Such a guess counts when it is
sure, and otherwise is a question: columns without which nobody could be known or reached are asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from crmtool.core import findings
from crmtool.core.errors import ColumnsUnknown, UsageError
from crmtool.core.imports import content, guessing, likeness
from crmtool.core.imports.guessing import ASKED, SURE, Choice
from crmtool.core.imports.headings import by_number, heading_key, matched, partners, said
from crmtool.core.imports.sources import GENERIC, recognised
from crmtool.core.rules import Fields, Join, Rules, SourceMapping, canonical, field_of, may_be_labelled, own_field

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

#: Columns that crmtool itself adds to a file of rejected rows.
SERVICE = ("crmtool_row", "crmtool_reason", "crmtool_extra")
EXTRA = SERVICE[-1]  # cells that did not fit the header; while it is filled, the row is not corrected
_IGNORED = "ignore"
_UTM = tuple(f"utm.{mark}" for mark in ("source", "medium", "campaign", "term", "content"))
WHO = ("name", "given_name", "family_name", "company")


@dataclass(frozen=True)
class Joined:
    """Columns that are one value of a field, and the heading under which that value is spoken of."""

    target: str
    heading: str
    columns: tuple[str, ...]
    separator: str


class Unsure(NamedTuple):
    """A column that looks like contact data and could not be told surely; it is left out unless a person says it."""

    heading: str
    target: str  # what it may be
    confidence: float
    alternatives: tuple[str, ...]
    needed: bool  # nothing else in the file is surely what this may be: a name, a phone, an e-mail


@dataclass(frozen=True)
class Mapped:
    """How the columns of one table become fields."""

    name: str  # of the mapping, or `sources.GENERIC`
    source: str
    columns: Mapping[str, str]  # heading -> target; unmapped headings are not in it
    how: Mapping[str, str]  # heading -> "option", "mapping", "heading", "similar heading", "content" or "" (unmapped)
    rule: SourceMapping
    key: tuple[str, ...]  # headings whose cells name the row
    findings: pl.DataFrame
    joins: tuple[Joined, ...] = ()
    confidence: Mapping[str, float] = field(default_factory=dict)  # heading -> 0..1
    unsure: tuple[Unsure, ...] = ()

    @property
    def questions(self) -> tuple[Unsure, ...]:
        """The unsure columns without which an import would leave out whom a row is about, or how to reach them."""
        return tuple(column for column in self.unsure if column.needed)


def mapped(
    headings: Iterable[str],
    rules: Rules,
    *,
    mapping: str | None = None,
    source: str | None = None,
    region: str | None = None,
    columns: Mapping[str, str] | None = None,
    file_format: str | None = None,
    sample: pl.DataFrame | None = None,
) -> Mapped:
    """Return the columns of a table as fields.

    What a person says wins: `mapping` is the name of a saved one, `source` another name of the source, `region` the
    country of phones, `columns` heading -> target. `file_format` is that of the table, `sample` holds cells of its
    columns. Raises UsageError for names that do not exist, ColumnsUnknown when none says who a row is about (where
    `identity` names fields that do).
    """
    headings = [heading for heading in headings if heading not in SERVICE]
    name, rule = recognised(headings, rules.mappings, mapping, file_format)
    options = _options(headings, columns or {}, rules.fields)
    joins = tuple(_joins(headings, rule.join, options))
    told = {
        **{h: Choice(t, "mapping", 1.0) for h, t in _by_mapping(headings, rule, joins).items()},
        **{h: Choice(t, "option", 1.0) for h, t in options.items()},
    }
    choices = {**told, **_guessed([h for h in headings if h not in told], rules, sample)}
    sure = {h: choices[h] for h in headings if choices[h].confidence >= SURE}
    targets = {h: choice.target for h, choice in sure.items()}
    unsure = tuple(_unsure(choices, targets, asking=name == GENERIC))
    telling = {*rules.fields.identity}
    if telling and not _kinds(targets) & telling and not any(column.needed for column in unsure):
        raise ColumnsUnknown(
            f"No column is recognised that says who a row is about: {', '.join(headings[:12])}.",
            "Say what the columns are, e.g.: --column 'Heading=name' --column 'Other=phone'",
        )
    if region is not None:
        rule = rule.model_copy(update={"region": _country(region)})
    keys = tuple(h for h, target in targets.items() if target == "key") or _keys(headings, rule.key)
    used = {*keys, *matched(headings, [tagging.column for tagging in rule.tagging])}
    return Mapped(
        name,
        source or rule.source,
        targets,
        {h: sure[h].how if h in sure else "" for h in headings},
        rule,
        keys,
        _remarks([heading for heading in headings if heading not in used], sure, unsure),
        joins,
        {h: choice.confidence for h, choice in sure.items()},
        unsure,
    )


def settled(mapped: Mapped) -> Mapped:
    """Return a mapping that leaves no question open. Raises ColumnsUnknown with the columns that are one."""
    if not mapped.questions:
        return mapped
    lines = [f"{c.heading}: perhaps {' or '.join((c.target, *c.alternatives))}" for c in mapped.questions]
    first = mapped.questions[0]
    raise ColumnsUnknown(
        "It is not sure what these columns are:",
        f"Say it, e.g.: --column '{first.heading}={first.target}', or --column '{first.heading}=ignore'",
        lines,
    )


def _guessed(headings: list[str], rules: Rules, sample: pl.DataFrame | None) -> dict[str, Choice]:
    """Return what each heading is by the catalogue, by likeness, and by its cells."""
    names = synonyms(rules.fields)
    exact = said(headings, names)
    known = likeness.index({} if len(exact) == len(headings) else names)
    fitting = {rule.vocabulary: name for name, rule in rules.fields.field.items() if rule.vocabulary}
    listed = {field: rules.vocabularies[v] for v, field in fitting.items() if v in rules.vocabularies}
    words = {field: content.folded_words(vocabulary) for field, vocabulary in listed.items()}
    open_to = [h for h in headings if h not in exact or guessing.contestable(exact[h])]
    cells = {} if sample is None else {h: content.sampled(sample[h]) for h in open_to if h in sample.columns}
    looks = {heading: content.looks(values, words) for heading, values in cells.items()}
    return {h: guessing.chosen(h, exact.get(h), known, looks.get(h, {})) for h in headings}


def _by_mapping(headings: list[str], rule: SourceMapping, joins: Iterable[Joined]) -> dict[str, str]:
    """Return heading -> target by the mapping; columns of labels are no fields of their own."""
    labels = dict.fromkeys(partners(headings, rule.labels).values(), _IGNORED)
    return {**labels, **{h: join.target for join in joins for h in join.columns}, **said(headings, rule.columns)}


def _unsure(choices: Mapping[str, Choice], targets: Mapping[str, str], *, asking: bool) -> Iterator[Unsure]:
    """Yield the columns that look like contact data and are not sure.

    None is needed where a mapping is known (`asking` is false): what it does not name is kept with the record.
    """
    found = _kinds(targets)
    who = {*WHO} if found & {*WHO} else set()
    for heading, (target, _, confidence, alternatives) in choices.items():
        if ASKED <= confidence < SURE:
            needed = asking and field_of(target) in {*WHO, "phone", "email"} - found - who
            yield Unsure(heading, target, confidence, alternatives, needed)


def _kinds(targets: Mapping[str, str]) -> set[str]:
    """Return the fields columns are sent to."""
    return {field_of(target) for target in targets.values()}


def _country(code: str) -> str:
    """Return a country's ISO 3166 code as phone numbers want it."""
    if not (len(code) == 2 and code.isalpha()):  # noqa: PLR2004  # that is how long they are
        raise UsageError(f"{code!r} is no code of a country.", "Give two letters, e.g. RU, UA or KZ.")
    return code.upper()


def synonyms(fields: Fields) -> dict[str, str]:
    """Return heading -> field of the catalogue, the titles and names of fields and the five UTM marks included."""
    known = {name: name for name in (*fields.field, *_UTM)}
    for name, rule in fields.field.items():
        known |= dict.fromkeys((rule.title, *rule.headings), name)
    return known


def _keys(headings: list[str], key: tuple[str, ...]) -> tuple[str, ...]:
    """Return the headings that name a row, in the order of the mapping, so that a file's own order changes no key."""
    present = {heading_key(heading): heading for heading in headings}
    return tuple(present[heading_key(heading)] for heading in key if heading_key(heading) in present)


def _joins(headings: list[str], joins: Mapping[str, Join], options: Mapping[str, str]) -> Iterator[Joined]:
    """Yield the columns that are one value, the same numbers together; one that a person sends elsewhere stays out."""
    for target, join in joins.items():
        numbered = [by_number(headings, entry) for entry in join.columns]
        shared = [found.get("") for found in numbered]
        for number in _numbers(join, numbered):
            columns = (found.get(number) or common for found, common in zip(numbered, shared, strict=True))
            kept = tuple(column for column in columns if column and column not in options)
            if kept:
                yield Joined(target, _name(kept, headings), kept, join.separator)


def _numbers(join: Join, numbered: list[dict[str, str]]) -> list[str]:
    """Return the numbers that columns of a join have; a column without a `*` goes with every number."""
    own = [found for entry, found in zip(join.columns, numbered, strict=True) if "*" in entry] or numbered
    return list(dict.fromkeys(number for found in own for number in found))


def _name(columns: tuple[str, ...], headings: list[str]) -> str:
    """Return a heading for joined columns that no column has."""
    name = " + ".join(columns)
    return name if len(columns) > 1 and name not in headings else f"{name} +"


def _options(headings: list[str], options: Mapping[str, str], fields: Fields) -> dict[str, str]:
    """Check what the person said about columns."""
    known = {heading_key(heading): heading for heading in headings}
    fine = {*fields.field, _IGNORED, "key", "tags", "verified_on"}
    told = {}
    for heading, given in options.items():
        target = canonical(given)
        if heading_key(heading) not in known:
            raise UsageError(f"The file has no column {heading!r}.", f"It has: {', '.join(headings[:20])}")
        if target not in fine and not own_field(target) and not may_be_labelled(field_of(target)):
            raise UsageError(f"There is no field {given!r}.", f"Known are: {', '.join(sorted(fine))}")
        told[known[heading_key(heading)]] = target
    return told


def _remarks(headings: list[str], sure: Mapping[str, Choice], unsure: Iterable[Unsure]) -> pl.DataFrame:
    """Say which columns are not mapped, and which by a guess."""
    doubts = {column.heading: column.target for column in unsure}
    guessed = {h: choice.target for h, choice in sure.items() if choice.how in {"similar heading", "content"}}
    unmapped = dict.fromkeys(h for h in headings if h not in sure and h not in doubts)
    return findings.joined(
        *(
            findings.found(_listed(columns), code)
            for code, columns in (
                ("column.unmapped", unmapped),
                ("column.unsure", doubts),
                ("column.guessed", guessed),
            )
        )
    )


def _listed(columns: Mapping[str, str | None]) -> pl.DataFrame:
    schema = {"column": pl.String(), "suggestion": pl.String()}
    return pl.DataFrame({"column": [*columns], "suggestion": [*columns.values()]}, schema=schema)
