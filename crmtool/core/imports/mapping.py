"""Stage one: which column of a table is which field.

A saved mapping is recognised by its signature, the headings only that export has; where none fits, columns are known by
their headings through the synonyms in `fields.toml`. What a person says on the command line wins over both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core import findings
from crmtool.core.errors import InputRefused, UsageError
from crmtool.core.imports.headings import by_number, heading_key, said
from crmtool.core.imports.sources import recognised
from crmtool.core.rules import Fields, Join, Rules, SourceMapping, canonical, field_of, may_be_labelled, own_field

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

#: Columns that crmtool itself adds to a file of rejected rows.
SERVICE = ("crmtool_row", "crmtool_reason", "crmtool_extra")
EXTRA = SERVICE[-1]  # cells that did not fit the header; while it is filled, the row is not corrected
_IGNORED = "ignore"


@dataclass(frozen=True)
class Joined:
    """Columns that are one value of a field, and the heading under which that value is spoken of."""

    target: str
    heading: str
    columns: tuple[str, ...]
    separator: str


@dataclass(frozen=True)
class Mapped:
    """How the columns of one table become fields."""

    name: str  # of the mapping, or `sources.GENERIC`
    source: str
    columns: Mapping[str, str]  # heading -> target; unmapped headings are not in it
    how: Mapping[str, str]  # heading -> "mapping", "heading", "option" or "" (unmapped)
    rule: SourceMapping
    key: tuple[str, ...]  # headings whose cells name the row
    findings: pl.DataFrame
    joins: tuple[Joined, ...] = ()


def mapped(
    headings: Iterable[str],
    rules: Rules,
    *,
    mapping: str | None = None,
    source: str | None = None,
    region: str | None = None,
    columns: Mapping[str, str] | None = None,
    file_format: str | None = None,
) -> Mapped:
    """Return the columns of a table as fields.

    What a person says wins: `mapping` is the name of a saved one, `source` another name of the source, `region` the
    country of phones, `columns` heading -> target. Raises UsageError for names that do not exist, InputRefused when no
    column says who a row is about.
    """
    headings = [heading for heading in headings if heading not in SERVICE]
    name, rule = recognised(headings, rules.mappings, mapping, file_format)
    options = _options(headings, columns or {}, rules.fields)
    joins = tuple(_joins(headings, rule.join, options))
    ways = {
        "option": options,
        "mapping": {**{h: join.target for join in joins for h in join.columns}, **said(headings, rule.columns)},
        "heading": _by_heading(headings, synonyms(rules.fields)),
    }
    choice = {h: _first(h, ways) for h in headings}
    targets = {h: target for h, (target, _) in choice.items() if target}
    if not {target for name in targets.values() for target in (name, field_of(name))} & set(rules.fields.identity):
        raise InputRefused(
            f"No column is recognised that says who a row is about: {', '.join(headings[:12])}.",
            "Say what the columns are, e.g.: --column 'Heading=name' --column 'Other=phone'",
        )
    keys = tuple(h for h, target in targets.items() if target == "key") or _keys(headings, rule.key)
    how = {h: found for h, (_, found) in choice.items()}
    if region is not None:
        rule = rule.model_copy(update={"region": _country(region)})
    return Mapped(name, source or rule.source, targets, how, rule, keys, _remarks(choice), joins)


def _country(code: str) -> str:
    """Return a country's ISO 3166 code as phone numbers want it."""
    if not (len(code) == 2 and code.isalpha()):  # noqa: PLR2004  # that is how long they are
        raise UsageError(f"{code!r} is no code of a country.", "Give two letters, e.g. RU, UA or KZ.")
    return code.upper()


def synonyms(fields: Fields) -> dict[str, str]:
    """Return heading -> field of the catalogue, the titles and names of fields included."""
    known = {name: name for name in fields.field}
    for name, rule in fields.field.items():
        known |= dict.fromkeys((rule.title, *rule.headings), name)
    return known


def _by_heading(headings: list[str], targets: Mapping[str, str]) -> dict[str, str]:
    """Return heading -> target for the headings known to `targets`, compared folded."""
    known = {heading_key(heading): target for heading, target in targets.items()}
    return {h: known[heading_key(h)] for h in headings if heading_key(h) in known}


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


def _first(heading: str, ways: Mapping[str, Mapping[str, str]]) -> tuple[str, str]:
    """Return the first target any way knows for a heading, and the way's name."""
    return next(((targets[heading], way) for way, targets in ways.items() if heading in targets), ("", ""))


def _remarks(choice: Mapping[str, tuple[str, str]]) -> pl.DataFrame:
    """Say which columns are not mapped."""
    unmapped = [heading for heading, (target, _) in choice.items() if not target]
    frame = pl.DataFrame({"column": unmapped}, schema={"column": pl.String})
    return findings.found(frame, "column.unmapped")
