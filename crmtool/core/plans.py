"""Plans: what a command would change, as a value.

For each table an `Edit` holds frames of created, updated (before and after, whole rows, aligned) and removed rows. A
plan carries the revision of the store it was computed from; `crmtool.io.store.apply` refuses it when the store has
moved. The same input, rules and revision give the same plan, byte for byte, so no clock and no chance come in here.
"""

from __future__ import annotations

import functools
import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

from crmtool.core import findings, model

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_SLICE = 100_000  # rows hashed at once: bounds the memory of their text


@dataclass(frozen=True)
class Revision:
    """A state of the store: the number of its last change set and the digest of the chain up to it."""

    number: int
    digest: str

    @property
    def next(self) -> int:
        """The number the next change set will have."""
        return self.number + 1


@dataclass(frozen=True)
class Edit:
    """What happens to one table: four frames of its columns, each sorted by id."""

    created: pl.DataFrame
    before: pl.DataFrame
    after: pl.DataFrame
    removed: pl.DataFrame

    @property
    def size(self) -> int:
        """The number of rows touched."""
        return self.created.height + self.after.height + self.removed.height


@dataclass(frozen=True)
class Plan:
    """What a command would do to the store, and what there is to say about it."""

    command: str  # as shown in the history
    base: Revision
    rules: str  # fingerprint of the rules in force
    edits: Mapping[str, Edit]
    findings: pl.DataFrame = field(default_factory=findings.empty)
    facts: Mapping[str, Any] = field(default_factory=dict)  # counts and names for the summary; JSON-ready
    undoes: int | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing would change."""
        return not any(edit.size for edit in self.edits.values())


@dataclass(frozen=True)
class Summary:
    """What there is to say about a plan, or about all parts of one.

    `counts` has table, created, updated and removed; `findings` counts them: file, severity, code, column, rows, row
    (the first) and suggestion (of the first).
    """

    command: str
    counts: pl.DataFrame
    findings: pl.DataFrame
    facts: Mapping[str, Any]

    @property
    def is_empty(self) -> bool:
        """Whether nothing would change."""
        return self.counts.is_empty()


def summary(plan: Plan) -> Summary:
    """Return what there is to say about a plan."""
    return Summary(plan.command, counts(plan), tallied(plan.findings, plan.facts.get("file")), plan.facts)


def tallied(found: pl.DataFrame, file: str | None) -> pl.DataFrame:
    """Return the findings of a file counted (see `counted`); a field without a column stands for one."""
    if found.is_empty():
        return _none_counted()
    of = pl.when(pl.col("code").is_in(findings.OF_RULES)).then(pl.coalesce("column", "field")).otherwise("column")
    return counted(found.with_columns(rows=pl.lit(1, pl.Int64), file=pl.lit(file, pl.String), column=of))


@functools.cache
def _none_counted() -> pl.DataFrame:
    """Return findings counted where there are none."""
    none = findings.empty().with_columns(rows=pl.lit(1, pl.Int64), file=pl.lit(None, pl.String))
    return counted(none)


def summed(summaries: Iterable[Summary], facts: Mapping[str, Any]) -> Summary:
    """Return the summaries of all parts of a plan as one; `facts` are those of the whole."""
    every = list(summaries)
    touched = pl.concat([each.counts for each in every]).group_by("table", maintain_order=True).sum()
    return Summary(every[0].command, touched, counted(pl.concat([each.findings for each in every])), facts)


def counted(found: pl.DataFrame) -> pl.DataFrame:
    """Return findings counted (columns: `Summary.findings`), the worst first; each broken rule apart."""
    first = pl.col("row", "suggestion").sort_by("row", nulls_last=True).first()
    ruled = pl.col("code").is_in(findings.OF_RULES)
    return (
        found.with_columns(rule=pl.when(ruled).then("suggestion"))
        .group_by("file", "severity", "code", "column", "rule")
        .agg(pl.col("rows").sum(), first)
        .sort("file", pl.col("severity").cast(pl.Enum(findings.SEVERITIES)), "code", "column", "rule", nulls_last=False)
        .drop("rule")
    )


def edit(
    table: str,
    *,
    created: pl.DataFrame | None = None,
    updated: tuple[pl.DataFrame, pl.DataFrame] | None = None,
    removed: pl.DataFrame | None = None,
) -> Edit:
    """Return the edit of `table`; frames are brought to its columns, rows that do not change are left out."""
    none = model.empty(table)
    before, after = _changed(table, *(_shaped(table, rows) for rows in updated)) if updated else (none, none)
    return Edit(
        created=none if created is None else _shaped(table, created),
        before=before,
        after=after,
        removed=none if removed is None else _shaped(table, removed),
    )


def difference(table: str, before: pl.DataFrame, after: pl.DataFrame) -> Edit:
    """Return the edit that turns the rows `before` into the rows `after`, matched by id.

    A row that differs in nothing but `changeset_id` is the same row.
    """
    before, after = _by_id(before), _by_id(after)
    if before["id"].equals(after["id"]):
        return edit(table, updated=(before, after))
    old, new = before.lazy(), after.lazy()
    created, stood, kept, removed = pl.collect_all(
        [
            new.join(old, on="id", how="anti"),
            old.join(new, on="id", how="semi"),
            new.join(old, on="id", how="semi"),
            old.join(new, on="id", how="anti"),
        ]
    )
    return edit(table, created=created, updated=(stood, kept), removed=removed)


def merged(parts: Iterable[Mapping[str, Edit]]) -> dict[str, Edit]:
    """Return the edits of several parts of one plan as one; no row may be touched by two of them."""
    whole: dict[str, list[Edit]] = {}
    for part in parts:
        for table, new in part.items():
            whole.setdefault(table, []).append(new)
    return {table: _together(edits) for table, edits in whole.items()}


def differing(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Return for each value of `before` whether `after` has another there; the rows are the same, in the same order.

    All columns at once: an operation on a column of a few rows costs more than its values.
    """
    return _beside(before, after).select(_differing(tuple(before.columns)))


def _beside(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Return columns, and the same of other rows beside them, under names no column has."""
    return before.hstack([after[name].alias(f"{name}\0") for name in before.columns])


@functools.cache
def _differing(columns: tuple[str, ...]) -> list[pl.Expr]:
    """Return what holds each column of `_beside` against the other; made once for each set of columns."""
    return [pl.col(name).ne_missing(pl.col(f"{name}\0")) for name in columns]


def touched(table: str, edit: Edit) -> pl.DataFrame:
    """Return every changed field of the updated rows (columns id, field, before, after; texts)."""
    fields = [name for name in model.TABLES[table] if name not in {"id", "changeset_id"}]
    before = _melted(edit.before, fields).rename({"value": "before"})
    after = _melted(edit.after, fields).rename({"value": "after"})
    both = before.join(after, on=["id", "field"], maintain_order="left")
    return both.filter(pl.col("before").ne_missing(pl.col("after"))).sort("id", maintain_order=True)


def counts(plan: Plan) -> pl.DataFrame:
    """Return how many rows of each table are touched (columns table, created, updated, removed)."""
    rows = [(name, e.created.height, e.after.height, e.removed.height) for name, e in plan.edits.items() if e.size]
    schema = {"table": pl.String(), **dict.fromkeys(("created", "updated", "removed"), pl.Int64())}
    return pl.DataFrame(rows, schema=schema, orient="row")


def digest(plan: Plan) -> str:
    """Return a SHA-256 over the whole plan: equal plans have equal digests."""
    total = hashlib.sha256()
    head = [plan.command, plan.base.number, plan.base.digest, plan.rules, plan.undoes, dict(plan.facts)]
    total.update(json.dumps(head, sort_keys=True, ensure_ascii=False).encode())
    for table in sorted(plan.edits):
        part = plan.edits[table]
        for frame in (part.created, part.before, part.after, part.removed):
            total.update(f"{table} {frame.height}\n".encode())
            for rows in frame.iter_slices(_SLICE):
                texts = rows.select(pl.struct(pl.all()).struct.json_encode().str.join("\n"))
                total.update(texts.item().encode())
    return total.hexdigest()


def _shaped(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Bring a frame to the columns and types of its table; columns it lacks are null."""
    schema = model.TABLES[table]
    if frame.schema == schema:
        return _by_id(frame)
    return _by_id(frame.select(_shape(table, frozenset(frame.columns))))


@functools.cache
def _shape(table: str, present: frozenset[str]) -> list[pl.Expr]:
    """Return what brings a frame with some columns to those of a table; made once for each kind of frame."""
    columns = model.TABLES[table].items()
    return [(pl.col(name) if name in present else pl.lit(None)).cast(of).alias(name) for name, of in columns]


def _changed(table: str, before: pl.DataFrame, after: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Leave out the rows that are the same before and after."""
    if before.height != after.height or not before["id"].equals(after["id"]):
        raise ValueError(f"the rows before and after an update of {table} are not the same rows")
    old, new = (frame.drop("changeset_id", strict=False) for frame in (before, after))
    if old.equals(new):
        return before.clear(), after.clear()
    differs = _beside(old, new).select(pl.any_horizontal(_differing(tuple(old.columns)))).to_series()
    return (before, after) if differs.all() else (before.filter(differs), after.filter(differs))


def _together(edits: list[Edit]) -> Edit:
    """Put edits of one table together."""
    if len(edits) == 1:
        return edits[0]
    names = ("created", "before", "after", "removed")
    return Edit(**{name: _by_id(pl.concat([getattr(edit, name) for edit in edits])) for name in names})


def _by_id(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows by id; sorting a million that are sorted would copy them."""
    return rows if rows["id"].is_sorted() else rows.sort("id")


def _melted(frame: pl.DataFrame, fields: list[str]) -> pl.DataFrame:
    """Turn rows into one line per field, values as text."""
    texts = frame.select("id", *(pl.col(name).cast(pl.String) for name in fields))
    return texts.unpivot(on=fields, index="id", variable_name="field", value_name="value")
