"""Records cleaned anew from their raw cells, after a rule changed.

A record keeps its contact, its source and what its columns were taken for when it came; what the rules make of its
cells is computed again, and the golden records from it. Hand edits are no records of a file and stay as they are. Tags,
verifications, verdicts and rejected rows are facts of the import and stay too. A record also keeps its place among the
newer and the older ones: cleaning says nothing new.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from crmtool.core import findings, golden, model
from crmtool.core.imports import cleaning, linking
from crmtool.core.imports import mapping as mappings
from crmtool.core.plans import Edit, Plan, Revision, edit, merged
from crmtool.core.rules import field_of, may_be_labelled, own_field

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crmtool.core.imports.mapping import Mapped
    from crmtool.core.rules import Rules

#: What changes in records: field by field, as text.
CHANGES: dict[str, pl.DataType] = {
    "id": pl.Int64(),
    "field": pl.String(),
    "before": pl.String(),
    "after": pl.String(),
}
_IGNORED = "ignore"


@dataclass(frozen=True)
class Origin:
    """What is kept of how a file came in: its source, the mapping by name, and what its columns were taken for.

    `region` and `told` are what a person said beside the mapping then.
    """

    source: str
    mapping: str
    columns: Mapping[str, str | None]  # heading -> target, None: not known
    region: str | None = None
    told: Mapping[str, str] = field(default_factory=dict)  # heading -> target


def mapped_again(origin: Origin, rules: Rules) -> Mapped:
    """Return what the columns of a file are now.

    A mapping that is still there says it, as it stands now; columns it does not name, and all columns where it is gone,
    are what they were taken for.
    """
    headings = list(origin.columns)
    any_field = rules.fields.model_copy(update={"identity": tuple(rules.fields.field)})
    known = rules.mappings.get(origin.mapping)
    rules = rules.model_copy(
        update={"fields": any_field, "mappings": {origin.mapping: known} if known is not None else {}}
    )
    name = origin.mapping if known is not None else None
    as_was = {h: t if t and _stands(t, rules) else _IGNORED for h, t in origin.columns.items()}
    said = {h: t for h, t in origin.told.items() if _stands(t, rules)}
    if known is not None:
        named = mappings.mapped(headings, rules, mapping=name, columns=said).how
        as_was = {h: t for h, t in as_was.items() if named.get(h) != "mapping"}
    return mappings.mapped(
        headings, rules, mapping=name, source=origin.source, region=origin.region, columns={**as_was, **said}
    )


def _stands(target: str, rules: Rules) -> bool:
    """Tell whether the rules still know a target."""
    plain = target in rules.fields.field or target in {_IGNORED, "key", "tags", "verified_on"}
    return plain or own_field(target) is not None or may_be_labelled(field_of(target))


class Recleaned(NamedTuple):
    """Rows of the table `record` as they become, and their fields with the ids as `row` (see `cleaning.fields`)."""

    records: pl.DataFrame
    fields: pl.DataFrame


def recleaned(
    records: pl.DataFrame, mapped: Mapped, rules: Rules, synonyms: Mapping[str, Mapping[str, str]]
) -> Recleaned:
    """Return rows of the table `record`, all of one file, with `clean` as the rules make it now."""
    headings = [heading for heading in mapped.how if heading not in mappings.SERVICE]
    shape = pl.Struct(dict.fromkeys(headings, pl.String()))
    cells = records["raw"].str.json_decode(shape).struct.unnest()
    done = cleaning.cleaned(cells, records["id"], mapped, rules, synonyms)
    fills = records["clean"].str.ends_with(linking.FILLS)
    fresh = records.with_columns(clean=cleaning.encoded(done.records))
    fresh = fresh.with_columns(clean=pl.when(fills).then(linking.filling()).otherwise("clean"))
    return Recleaned(fresh, done.records.with_columns(records["contact_id"]))


def at_rows(found: pl.DataFrame, records: pl.DataFrame) -> pl.DataFrame:
    """Return findings whose rows are ids of records at the rows these came from."""
    rows = records.select(row="id", at="row")
    at = found.join(rows, on="row", how="left", maintain_order="left").with_columns(row="at").drop("at")
    return findings.joined(at)


@dataclass(frozen=True)
class Standing:
    """What stands in the store where some records are cleaned anew: the clusters of all their contacts."""

    revision: Revision
    next_ids: Mapping[str, int]
    clusters: golden.Clusters


@dataclass(frozen=True)
class Told:
    """What is told with a plan: its facts, and the findings of the checks."""

    facts: Mapping[str, Any]
    findings: pl.DataFrame


def plan_refresh(
    command: str, before: pl.DataFrame, after: pl.DataFrame, standing: Standing, rules: Rules, told: Told
) -> Plan:
    """Return the plan that puts the records `after` in the place of `before`, with the golden records that follow."""
    number, clusters = standing.revision.next, standing.clusters
    new = golden.records_of(after).select(clusters.records.columns)
    records = pl.concat([clusters.records.join(new, on="id", how="anti"), new])
    edits: dict[str, Edit] = {"record": edit("record", updated=(before, after))}
    computed = golden.recomputed(
        clusters.contacts["id"],
        replace(clusters, records=records),
        rules.survivorship,
        number,
        standing.next_ids["channel"],
    )
    return Plan(command, standing.revision, rules.fingerprint, merged([edits, computed]), told.findings, told.facts)


def changes(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Return what differs between the cleaned fields of records (columns: `CHANGES`), rows of the table aligned."""
    moved = before["clean"] != after["clean"]
    ids = before.filter(moved)["id"]
    old, new = (_texts(model.decoded(rows.filter(moved)["clean"])) for rows in (before, after))
    parts = [
        pl.DataFrame([ids, old[name].alias("before"), new[name].alias("after")])
        .filter(pl.col("before").ne_missing(pl.col("after")))
        .select("id", pl.lit(name).alias("field"), "before", "after")
        for name in old.columns
    ]
    return pl.concat([pl.DataFrame(schema=CHANGES), *parts])


def _texts(clean: pl.DataFrame) -> pl.DataFrame:
    """Return cleaned fields as texts, one column for each field and each kind of channel."""
    plain = [name for name in model.CLEAN if name not in {"channels", "custom", "instead_of", "fill"}]
    kinds = [_channels(kind).alias(kind) for kind in model.CHANNELS]
    pairs = pl.format("{}: {}", pl.element().struct.field("field"), pl.element().struct.field("value"))
    return clean.select(*plain, *kinds, own_fields=_listed(pl.col("custom").list.eval(pairs)))


def _channels(kind: str) -> pl.Expr:
    """Return the channels of a kind, each with its extension, label and type."""
    part = pl.element().struct.field
    words = [part("value"), pl.format("ext. {}", part("extension")), part("label"), part("type")]
    text = pl.concat_str(words, separator=" ", ignore_nulls=True)
    return _listed(pl.col("channels").list.eval(pl.when(part("kind") == kind).then(text)).list.drop_nulls())


def _listed(texts: pl.Expr) -> pl.Expr:
    return texts.list.join("; ").replace("", None)
