"""Which column of a journal is what: a person's word first, then a saved mapping, then the headings themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core import findings
from crmtool.core.errors import ColumnsUnknown, UsageError
from crmtool.core.imports.headings import heading_key, matched, said
from crmtool.core.imports.sources import GENERIC, recognised
from crmtool.core.journal.targets import IGNORED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crmtool.core.journal.targets import Target
    from crmtool.core.rules import SourceMapping

#: Columns that crmtool itself adds to a file of rejected rows.
_SERVICE = ("crmtool_row", "crmtool_reason", "crmtool_extra")


@dataclass(frozen=True)
class Columns:
    """How the columns of one journal are read."""

    name: str  # of the mapping, or `sources.GENERIC`
    source: str
    targets: Mapping[str, str]  # heading -> target; what is kept with the row alone is not in it
    rule: SourceMapping
    key: tuple[str, ...]  # headings whose cells name the row
    findings: pl.DataFrame


def told(
    headings: Iterable[str],
    known: Mapping[str, Target],
    mappings: Mapping[str, SourceMapping],
    asked: Iterable[Iterable[str]],
    *,
    mapping: str | None = None,
    source: str | None = None,
    columns: Mapping[str, str] | None = None,
    file_format: str | None = None,
) -> Columns:
    """Return what the columns are. `known` are the targets; one of each group in `asked` has to be there.

    `mapping` names a saved one, `source` another name of the source, `columns` is heading -> target as a person said.
    Raises UsageError for names that do not exist, ColumnsUnknown where a group of `asked` is missing.
    """
    headings = [heading for heading in headings if heading not in _SERVICE]
    name, rule = recognised(headings, mappings, mapping, file_format)
    options = _options(headings, columns or {}, known)
    names = {word: target for target, what in known.items() for word in (target, *what.headings)}
    targets = {**(_once(said(headings, names)) if name == GENERIC else {}), **said(headings, rule.columns), **options}
    present = {*targets.values(), *rule.defaults}
    for group in map(tuple, asked):
        if not present & {*group}:
            raise ColumnsUnknown(
                f"No column is recognised as {' or '.join(group[:2])}: {', '.join(headings[:12])}.",
                f"Say what the columns are, e.g.: --column 'Heading={group[0]}'; known are: {', '.join(known)}.",
            )
    key = tuple(h for h, t in targets.items() if t == "key") or _key(headings, rule)
    unmapped = [h for h in headings if h not in targets and h not in key]
    kept = {h: t for h, t in targets.items() if t not in {IGNORED, "key"}}
    said_of = pl.DataFrame({"column": unmapped}, schema={"column": pl.String()})
    return Columns(name, source or rule.source, kept, rule, key, findings.found(said_of, "column.unmapped"))


def _key(headings: list[str], rule: SourceMapping) -> tuple[str, ...]:
    """Return the headings that name a row, in the order of the mapping."""
    present = {entry: heading for heading, (entry, _) in matched(headings, rule.key).items()}
    return tuple(present[entry] for entry in rule.key if entry in present)


def _once(targets: Mapping[str, str]) -> dict[str, str]:
    """Return heading -> target where a heading alone tells it; the first of several such columns counts."""
    found: dict[str, str] = {}
    for heading, target in targets.items():
        if target not in found.values():
            found[heading] = target
    return found


def _options(headings: list[str], options: Mapping[str, str], known: Mapping[str, Target]) -> dict[str, str]:
    """Check what the person said about columns."""
    present = {heading_key(heading): heading for heading in headings}
    for heading, target in options.items():
        if heading_key(heading) not in present:
            raise UsageError(f"The file has no column {heading!r}.", f"It has: {', '.join(headings[:20])}")
        if target not in {*known, IGNORED}:
            raise UsageError(f"There is nothing called {target!r} here.", f"Known are: {', '.join(known)}, {IGNORED}")
    return {present[heading_key(heading)]: target for heading, target in options.items()}
