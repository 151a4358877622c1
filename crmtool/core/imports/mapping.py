"""Stage one: which column of a table is which field.

A saved mapping is recognised by its signature, the headings only that export has; where none fits, columns are known by
their headings through the synonyms in `fields.toml`. What a person says on the command line wins over both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core import findings, model
from crmtool.core.errors import InputRefused, UsageError
from crmtool.core.folding import folded
from crmtool.core.rules import Fields, Rules, SourceMapping, field_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: Columns that crmtool itself adds to a file of rejected rows.
SERVICE = ("crmtool_row", "crmtool_reason", "crmtool_extra")
EXTRA = SERVICE[-1]  # cells that did not fit the header; while it is filled, the row is not corrected
GENERIC = "by headings"
_IGNORED = "ignore"


@dataclass(frozen=True)
class Mapped:
    """How the columns of one table become fields."""

    name: str  # of the mapping, or `GENERIC`
    source: str
    columns: Mapping[str, str]  # heading -> target; unmapped headings are not in it
    how: Mapping[str, str]  # heading -> "mapping", "heading", "option" or "" (unmapped)
    rule: SourceMapping
    key: tuple[str, ...]  # headings whose cells name the row
    findings: pl.DataFrame


def mapped(
    headings: Iterable[str],
    rules: Rules,
    *,
    mapping: str | None = None,
    source: str | None = None,
    region: str | None = None,
    columns: Mapping[str, str] | None = None,
) -> Mapped:
    """Return the columns of a table as fields.

    What a person says wins: `mapping` is the name of a saved one, `source` another name of the source, `region` the
    country of phones, `columns` heading -> target. Raises UsageError for names that do not exist, InputRefused when no
    column says who a row is about.
    """
    headings = [heading for heading in headings if heading not in SERVICE]
    name, rule = _chosen(headings, rules.mappings, mapping)
    said = _options(headings, columns or {}, rules.fields)
    by_mapping, by_heading = _by_heading(headings, rule.columns), _by_heading(headings, synonyms(rules.fields))
    ways = {"option": said, "mapping": by_mapping, "heading": by_heading}
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
    return Mapped(name, source or rule.source, targets, how, rule, keys, _remarks(choice))


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


def heading_key(heading: str) -> str:
    """Return a heading as it is compared: folded, only letters, digits and single spaces.

    >>> heading_key("  E-mail (рабочий): "), heading_key("First_Name")
    ('e mail рабочий', 'first name')
    """
    return " ".join("".join(c if c.isalnum() else " " for c in folded(heading).replace("'", "")).split())


def _chosen(
    headings: list[str], mappings: Mapping[str, SourceMapping], forced: str | None
) -> tuple[str, SourceMapping]:
    """Return the mapping named, or the one with the longest signature the headings hold, or none."""
    if forced is not None:
        if forced not in mappings:
            raise UsageError(f"There is no mapping {forced!r}.", f"Known are: {', '.join(sorted(mappings))}")
        return forced, mappings[forced]
    present = {heading_key(heading) for heading in headings}
    fitting = [
        (len(signature), name, rule)
        for name, rule in sorted(mappings.items())
        for signature in (rule.signature, *rule.variants)
        if signature and {heading_key(h) for h in signature} <= present
    ]
    if not fitting:
        return GENERIC, SourceMapping(title="", source="file")
    _, name, rule = max(fitting, key=lambda fit: fit[0])
    return name, rule


def _by_heading(headings: list[str], targets: Mapping[str, str]) -> dict[str, str]:
    """Return heading -> target for the headings known to `targets`, compared folded."""
    known = {heading_key(heading): target for heading, target in targets.items()}
    return {h: known[heading_key(h)] for h in headings if heading_key(h) in known}


def _keys(headings: list[str], key: tuple[str, ...]) -> tuple[str, ...]:
    """Return the headings that name a row, in the order of the mapping, so that a file's own order changes no key."""
    present = {heading_key(heading): heading for heading in headings}
    return tuple(present[heading_key(heading)] for heading in key if heading_key(heading) in present)


def _options(headings: list[str], options: Mapping[str, str], fields: Fields) -> dict[str, str]:
    """Check what the person said about columns."""
    known = {heading_key(heading): heading for heading in headings}
    fine = {*fields.field, _IGNORED, "key", "tags", "verified_on"}
    said = {}
    for heading, target in options.items():
        if heading_key(heading) not in known:
            raise UsageError(f"The file has no column {heading!r}.", f"It has: {', '.join(headings[:20])}")
        if target not in fine and not target.startswith("attr.") and field_of(target) not in model.CHANNELS:
            raise UsageError(f"There is no field {target!r}.", f"Known are: {', '.join(sorted(fine))}")
        said[known[heading_key(heading)]] = target
    return said


def _first(heading: str, ways: Mapping[str, Mapping[str, str]]) -> tuple[str, str]:
    """Return the first target any way knows for a heading, and the way's name."""
    return next(((targets[heading], way) for way, targets in ways.items() if heading in targets), ("", ""))


def _remarks(choice: Mapping[str, tuple[str, str]]) -> pl.DataFrame:
    """Say which columns are not mapped."""
    unmapped = [heading for heading, (target, _) in choice.items() if not target]
    frame = pl.DataFrame({"column": unmapped}, schema={"column": pl.String})
    return findings.found(frame, "column.unmapped")
