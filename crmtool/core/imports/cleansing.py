"""A table with its cells cleaned, under the same headings in the same order: no keys, no contacts.

A value that is not usable stays as read, a placeholder becomes empty, several values of a cell are joined. With
`expand` the parts a normalizer knows (a phone's extension, a name's given name) come as columns after their own: every
column of its frame that is not of the registry's is a part, so a new normalizer needs nothing here. To give a kind of
field a part that its normalizer does not know: `_DERIVED`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from crmtool.core import model
from crmtool.core.abreast import abreast
from crmtool.core.imports import cleaning, mail, values
from crmtool.core.imports.mapping import SERVICE
from crmtool.core.imports.steps import BESIDE
from crmtool.core.normalizers import registry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from crmtool.core.imports.mapping import Mapped
    from crmtool.core.imports.steps import Step
    from crmtool.core.rules import Fields, Rules

#: How many cells of each column became what, and by which rule.
TALLY: dict[str, pl.DataType] = {
    "column": pl.String(),
    "field": pl.String(),
    "outcome": pl.String(),  # one of `OUTCOMES`
    "rule": pl.String(),  # what changed the cells; null: nothing did
    "cells": pl.Int64(),
}

#: Unchanged; in another look; a placeholder, now empty; not usable and left as read.
OUTCOMES = ("same", "changed", "unknown", "unusable")

#: What stands between several values of one cleaned cell.
BETWEEN = "; "
_PLACEHOLDER = "value.placeholder"
#: Kinds whose parts have names that say all, where only one column of the table is of that kind.
_PLAIN = ("person", "company")
#: The first parts of a kind, in order; others follow as the normalizer has them.
_FIRST = {"phone": ("e164", "extension", "kind", "region", "status"), "email": ("status", "domain", "canonical")}


@dataclass(frozen=True)
class Cleansed:
    """Cleaned cells, aligned with the rows; what the normalizers said; how the cells changed (`TALLY`).

    `records` are the fields of the rows as an import would have them (see `cleaning.fields`), for the rules to look at.
    """

    cells: pl.DataFrame
    findings: pl.DataFrame
    tally: pl.DataFrame
    records: pl.DataFrame


class _Column(NamedTuple):
    """A cleaned column: its cells, its parts under their headings, and after which column of the table it belongs."""

    step: Step
    after: str
    cells: pl.Series
    parts: Mapping[str, pl.Series]
    tally: pl.DataFrame


def cleansed(
    cells: pl.DataFrame,
    rows: pl.Series,
    mapped: Mapped,
    rules: Rules,
    synonyms: Mapping[str, Mapping[str, str]],
    *,
    expand: bool = False,
    servers: Callable[[pl.Series], pl.DataFrame] | None = None,
) -> Cleansed:
    """Return a table of text cells with every mapped column cleaned; arguments as for `cleaning.cleaned`.

    `servers` tells of domains in ASCII whether they take mail (domain, state); None: nobody asks. Columns that are one
    value only together stay as read; with `expand` their value comes after the last of them.
    """
    numbered, steps, _ = cleaning.stepped(cells.drop(SERVICE, strict=False), rows, mapped, rules, synonyms)
    steps = mail.asked(steps, servers)
    columns = _columns(cells, numbered, steps, mapped, rules, expand=expand)
    tally = pl.concat([pl.DataFrame(schema=TALLY), *(each.tally for each in columns)])
    records = cleaning.fields(numbered, steps, mapped, rules)
    return Cleansed(pl.DataFrame(list(_placed(cells, columns))), cleaning.remarks(numbered, steps), tally, records)


def texts(
    cells: pl.DataFrame, rows: pl.Series, mapped: Mapped, rules: Rules, synonyms: Mapping[str, Mapping[str, str]]
) -> pl.DataFrame:
    """Return only the cleaned cells of a table, as `cleansed` has them."""
    numbered, steps, _ = cleaning.stepped(cells.drop(SERVICE, strict=False), rows, mapped, rules, synonyms)
    return pl.DataFrame(list(_placed(cells, _columns(cells, numbered, steps, mapped, rules, expand=False))))


def _columns(
    cells: pl.DataFrame, numbered: pl.DataFrame, steps: tuple[Step, ...], mapped: Mapped, rules: Rules, *, expand: bool
) -> list[_Column]:
    separators = values.said_of(cells.drop(SERVICE, strict=False).columns, mapped.rule).split
    last = {join.heading: join.columns[-1] for join in mapped.joins}
    headings = _part_headings(steps, cells.columns, rules.fields, last) if expand else {}

    def column(step: Step) -> _Column:
        return _column(
            numbered[step.heading],
            step,
            last.get(step.heading, step.heading),
            headings.get(step.heading, {}),
            separators.get(step.heading, BETWEEN),
            _derived(step, rules.fields),
        )

    return abreast(column, [step for step in steps if expand or step.heading not in last], cells.height)


def _placed(cells: pl.DataFrame, columns: Iterable[_Column]) -> Iterator[pl.Series]:
    """Yield the columns of the table, cleaned ones in their places, each followed by its parts."""
    own = {column.step.heading: column for column in columns}
    for heading in cells.columns:
        yield own[heading].cells if heading in own else cells[heading]
        for column in own.values():
            if column.after == heading:
                if column.step.heading != heading:
                    yield column.cells
                yield from (part.alias(name) for name, part in column.parts.items())


def _column(
    cells: pl.Series,
    step: Step,
    after: str,
    headings: Mapping[str, str],
    separator: str,
    derived: Mapping[str, pl.Expr],
) -> _Column:
    """Return a cleaned column; `headings` names the parts wanted, `derived` says how they are got."""
    answers = _answers(step, separator, {part: derived[part] for part in headings})
    found = step.asked(cells).join(answers, on=step.keys, how="left", maintain_order="left")
    parts = {heading: found[f"part {part}"] for part, heading in headings.items()}
    return _Column(step, after, found["text"].alias(step.heading), parts, _tally(found, step))


def _answers(step: Step, separator: str, parts: Mapping[str, pl.Expr]) -> pl.DataFrame:
    """Return one row for each distinct answer: the step's keys, text (for the cell), outcome, rule and parts."""
    answered = step.values
    clean, code = pl.col("clean"), pl.col("code")
    extension = pl.col("extension") if "extension" in answered.columns else pl.lit(None, pl.String)
    pieces = answered.select(
        *step.keys,
        "rule",
        text=clean + pl.coalesce(pl.format(" ext. {}", extension), pl.lit("")),
        lost=clean.is_null() & code.is_not_null() & (code != _PLACEHOLDER),
        **{f"part {name}": part.cast(pl.String) for name, part in parts.items()},
    )
    if (answered["seq"] > 0).any():
        pieces = pieces.group_by(step.keys, maintain_order=True).agg(
            pl.col("rule").drop_nulls().first(),
            pl.col("text").drop_nulls().str.join(separator).replace("", None),
            pl.col("lost").any(),
            *(_side_by_side(f"part {name}") for name in parts),
        )
    text = pl.when("lost").then("value").otherwise("text")
    return pieces.with_columns(text=text).with_columns(outcome=_outcome())


def _side_by_side(part: str) -> pl.Expr:
    """Return a part of several values as one text, each in its place; null where none of them has it."""
    known = pl.col(part).is_not_null().any()
    return pl.when(known).then(pl.col(part).fill_null("").str.join(BETWEEN)).alias(part)


def _outcome() -> pl.Expr:
    """Return what became of a value."""
    return (
        pl.when("lost")
        .then(pl.lit("unusable"))
        .when(pl.col("text").is_null())
        .then(pl.lit("unknown"))
        .when(pl.col("text") != pl.col("value"))
        .then(pl.lit("changed"))
        .otherwise(pl.lit("same"))
    )


def _tally(found: pl.DataFrame, step: Step) -> pl.DataFrame:
    rule = pl.when(pl.col("outcome") == "changed").then("rule")
    filled = found.lazy().filter(pl.col("value").is_not_null()).group_by("outcome", rule=rule).agg(cells=pl.len())
    named = filled.collect().with_columns(column=pl.lit(step.heading), field=pl.lit(step.target))
    return named.select(pl.col(name).cast(dtype) for name, dtype in TALLY.items()).sort("outcome", "rule")


# --- parts -----------------------------------------------------------------------------------------------------------


def expanded(headings: Sequence[str]) -> list[str]:
    """Return the headings of a table that are parts, put there by an earlier `expand`; they are no fields."""
    dotted = [heading for heading in headings if heading.rpartition(".")[0] in headings]
    if not dotted and not {*model.NAME_PARTS, "base_name"} & {*headings}:
        return []
    known = {kind: _parts_of(kind) for kind in registry.kinds()}
    every = {part for parts in known.values() for part in parts}
    ours = [heading for heading in dotted if heading.rpartition(".")[2] in every]
    return ours + [heading for kind in _PLAIN for heading in _run(headings, known.get(kind, []))]


def _parts_of(kind: str) -> list[str]:
    """Return the names of the parts a kind of field has."""
    return [*_derived_of(registry.normalized(kind, pl.Series([], dtype=pl.String), registry.Settings()), kind)]


def _run(headings: Sequence[str], parts: list[str]) -> list[str]:
    """Return the parts where they stand in a run, in their order; else none."""
    whole = parts and any([*headings[n : n + len(parts)]] == parts for n in range(1, len(headings)))
    return parts if whole else []


def _part_headings(
    steps: Iterable[Step], headings: list[str], fields: Fields, last: Mapping[str, str]
) -> dict[str, dict[str, str]]:
    """Return for each column its parts under the headings they get; none where they are there already."""
    parts = {step.heading: [*_derived(step, fields)] for step in steps}
    kinds = {step.heading: values.kind_of(step.target, fields) for step in steps}
    found = {}
    for heading, names in parts.items():
        plain = kinds[heading] in _PLAIN and [*kinds.values()].count(kinds[heading]) == 1
        place = headings.index(last.get(heading, heading)) + 1
        there = headings[place : place + len(names)]
        if plain and there != names and not {*names} & {*headings}:
            found[heading] = {name: name for name in names}
        elif there != names:
            dotted = {name: f"{heading}.{name}" for name in names}
            found[heading] = {name: dot for name, dot in dotted.items() if dot not in headings}
    return found


def _derived(step: Step, fields: Fields) -> dict[str, pl.Expr]:
    return _derived_of(step.values, values.kind_of(step.target, fields))


def _derived_of(answered: pl.DataFrame, kind: str) -> dict[str, pl.Expr]:
    """Return the parts of a normalizer's frame, in order, as expressions over it."""
    extra = [name for name in answered.columns if name not in {*registry.COLUMNS, BESIDE}]
    known = {**_DERIVED.get(kind, {}), **{name: pl.col(name) for name in extra}}
    if "type" in known and "kind" in _FIRST.get(kind, ()):
        known.setdefault("kind", known["type"])
        del known["type"]
    first = [part for part in _FIRST.get(kind, ()) if part in known]
    return {part: known[part] for part in (*first, *(name for name in known if name not in first))}


def _status() -> pl.Expr:
    """Return what a value is worth in one word, by its finding."""
    code = pl.col("code")
    return (
        pl.when(pl.col("clean").is_not_null())
        .then(pl.lit("valid"))
        .when(code == _PLACEHOLDER)
        .then(pl.lit("unknown"))
        .when(code.str.ends_with(".ambiguous"))
        .then(pl.lit("ambiguous"))
        .when(code.str.ends_with(".damaged"))
        .then(pl.lit("damaged"))
        .when(code.is_not_null())
        .then(pl.lit("invalid"))
    )


#: Parts that follow from the columns every normalizer gives; what a normalizer says itself goes before them.
_DERIVED: dict[str, dict[str, pl.Expr]] = {
    "phone": {"e164": pl.col("clean"), "status": _status()},
    "email": {"status": _status(), "domain": pl.col("clean").str.extract(r"@([^@]+)$")},
}
