"""Files looked at before anything is done with them: what their columns hold, and how many people they share.

A file goes by in parts, each mapped, cleaned and checked as an import would, and only counts are kept. `document` puts
all that is known into one plain structure, from which the screen, the page and `--json` are made.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from crmtool.core import findings, overlaps, profiles
from crmtool.core.errors import ColumnsUnknown
from crmtool.core.imports import checking, cleaning, validation
from crmtool.core.rules import field_of
from crmtool.io import intake
from crmtool.io.readers import table as tables

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Mapping

    from crmtool.core.imports.cleaning import Cleaned
    from crmtool.core.imports.mapping import Mapped
    from crmtool.core.overlaps import Reach
    from crmtool.core.profiles import Counts
    from crmtool.core.rules import Rules
    from crmtool.io.intake import Wishes
    from crmtool.io.readers.table import Table
    from crmtool.io.store import Store

BASE = "\x00base"  # no file is called so
_SHAPES = 5
_HELD = 8  # parts; then their counts are joined
_REACHING = ("email", "phone")


@dataclass(frozen=True)
class Survey:
    """One file: how it was read (`table`, without its rows), what its columns are, hold, and whom they reach."""

    table: Table
    mapped: Mapped | None  # None: no column says who a row is about
    counts: Counts
    rejected: Mapping[str, int]  # code -> rows that an import would set aside
    reach: Reach


class _Part(NamedTuple):
    table: Table
    counts: Counts
    rejected: pl.DataFrame
    reach: Reach


def surveyed(parts: Iterable[Table], rules: Rules, wishes: Wishes, today: dt.date | None = None) -> Survey:
    """Look at one file; rules about `today` need it.

    Raises UsageError for names in `wishes` that do not exist, and what reading raises.
    """
    synonyms = {name: vocabulary.index for name, vocabulary in rules.vocabularies.items()}
    mapped: Mapped | None = None
    seen: list[_Part] = []
    for part in parts:
        if not seen:
            mapped = _mapped(part, rules, wishes)
        seen.append(_looked_at(part, mapped, rules, synonyms, today))
        seen = seen if len(seen) < _HELD else [_joined(seen)]
    whole = _joined(seen)
    return Survey(whole.table, mapped, whole.counts, profiles.totals([whole.rejected]), whole.reach)


def base(store: Store) -> tuple[int, Reach]:
    """Return how many contacts the store holds, and whom they reach."""
    count = store.query("SELECT count(*) FROM contact WHERE id = root_id", [], {"n": pl.Int64()}).item()
    text = pl.String()
    sql = """SELECT n.root_id, h.kind, h.value, h.type FROM channel h JOIN contact n ON n.id = h.contact_id
             WHERE h.kind IN ('email', 'phone')"""
    return int(count), overlaps.reach(
        store.query(sql, [], {"row": pl.Int64(), "kind": text, "value": text, "type": text})
    )


def document(
    surveys: Mapping[str, Survey], base: tuple[int, Reach] | None = None, *, examples: bool = False
) -> dict[str, Any]:
    """Return all that is known of some files as one plain structure.

    `surveys` has the files under the names they were given by, `base` what `base` returns; with `examples` the most
    frequent values are among it. Counts of people go by e-mail addresses and phone numbers (see `core.overlaps`).
    """
    reaches = {name: survey.reach for name, survey in surveys.items()}
    people = overlaps.people({**reaches, **({BASE: base[1]} if base else {})})
    known = people.pop(BASE, None)
    everyone = pl.concat(list(people.values())).unique() if people else pl.Series([], dtype=pl.UInt64)
    shared = overlaps.shared(people)
    return {
        "files": [
            {**_file(name, survey, examples=examples), **_people(survey, people[name], known)}
            for name, survey in surveys.items()
        ],
        "shared": shared.filter(pl.col("left") != pl.col("right")).to_dicts(),
        "people": len(everyone),
        "in_base": None if known is None else _common(everyone, known),
        "new_to_base": None if known is None else len(everyone) - _common(everyone, known),
        "base": {"contacts": base[0], "people": len(known)} if base and known is not None else None,
    }


def _mapped(part: Table, rules: Rules, wishes: Wishes) -> Mapped | None:
    try:
        return intake.mapped(part, rules, wishes)
    except ColumnsUnknown:  # a file of no people can be looked at all the same
        return None


def _joined(parts: list[_Part]) -> _Part:
    return _Part(
        tables.joined(part.table for part in parts),
        profiles.joined(part.counts for part in parts),
        pl.concat([part.rejected for part in parts]),
        overlaps.joined(part.reach for part in parts),
    )


def _looked_at(
    part: Table,
    mapped: Mapped | None,
    rules: Rules,
    synonyms: Mapping[str, Mapping[str, str]],
    today: dt.date | None,
) -> _Part:
    bare = replace(part, cells=part.cells.clear(), rows=part.rows.clear())
    if mapped is None:
        channels = profiles.channels(part.cells, part.rows, [])
        counts = profiles.counted(part.cells, findings.empty(), channels)
        return _Part(bare, counts, findings.empty().select("code"), overlaps.nobody())
    cleaned = cleaning.cleaned(part.cells, part.rows, mapped, rules, synonyms)
    asked = validation.standards(rules, mapped.columns, today)
    rejected = checking.checked(cleaned.records, rules.fields, asked=asked).rejected
    cells = part.cells.hstack(cleaned.joined)
    channels = profiles.channels(cells, part.rows, _channels(cleaned))
    counts = profiles.counted(part.cells, cleaned.findings, channels)
    return _Part(bare, counts, rejected.select("code"), overlaps.reach(channels))


def _channels(cleaned: Cleaned) -> Iterator[tuple[str, str, pl.DataFrame]]:
    for step in cleaned.steps:
        if field_of(step.target) in _REACHING:
            yield step.heading, field_of(step.target), step.values


def _common(left: pl.Series, right: pl.Series) -> int:
    return int(left.is_in(right.implode()).sum())


def _file(name: str, survey: Survey, *, examples: bool) -> dict[str, Any]:
    table, counts = survey.table, survey.counts
    headings = list(table.cells.columns)
    return {
        "path": name,
        "file": table.name,
        "format": table.format,
        "encoding": table.encoding or None,
        "delimiter": table.delimiter,
        "sheet": table.sheet,
        "header_row": table.header,
        "mapping": survey.mapped.name if survey.mapped else None,
        "source": survey.mapped.source if survey.mapped else None,
        "read": counts.rows + table.refused.height + table.blank,
        "rows": counts.rows,
        "refused": table.refused.height,
        "blank": table.blank,
        "rejected": dict(survey.rejected),
        "findings": profiles.totals([table.refused, table.findings]),
        "columns": [_column(row, survey, examples=examples) for row in profiles.described(counts, headings).to_dicts()],
    }


def _column(row: Mapping[str, Any], survey: Survey, *, examples: bool) -> dict[str, Any]:
    heading, counts, mapped = row["column"], survey.counts, survey.mapped
    shapes = profiles.top(counts.shapes, heading, _SHAPES).select("shape", "rows").to_dicts()
    values = profiles.top(counts.values, heading, _SHAPES).select("value", "rows").to_dicts()
    problems = profiles.top(counts.problems, heading, counts.problems.height).select("code", "rows").to_dicts()
    return {
        "column": heading,
        **_taken_for(heading, mapped),
        "filled": row["filled"],
        "distinct": row["distinct"],
        "distinct_exact": row["exact"],
        "repeated": row["repeated"],
        "shapes": shapes,
        "problems": [{**each, **_meaning(each["code"])} for each in problems],
        **({"examples": values} if examples else {}),
    }


def _taken_for(heading: str, mapped: Mapped | None) -> dict[str, Any]:
    """Return what a column is (field), or only may be (perhaps), how that is known, and how surely, 0 to 1."""
    doubts = {column.heading: column for column in mapped.unsure} if mapped else {}
    field = mapped.columns.get(heading) if mapped else None
    doubt = doubts.get(heading)
    return {
        "field": field,
        "perhaps": doubt.target if doubt else None,
        "how": (mapped.how.get(heading) or None) if mapped else None,
        "confidence": doubt.confidence if doubt else mapped.confidence.get(heading) if mapped else None,
    }


def _meaning(code: str) -> dict[str, str]:
    return {"severity": findings.CATALOGUE[code].severity, "message": findings.message(code, "…")}


def _people(survey: Survey, people: pl.Series, known: pl.Series | None) -> dict[str, Any]:
    common = None if known is None else _common(people, known)
    return {
        "people": len(people),
        "rows_without_channel": survey.counts.rows - survey.reach.rows,
        "in_base": common,
        "new_to_base": None if common is None else len(people) - common,
    }
