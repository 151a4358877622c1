"""From a journal to plans: each part of a file is read as interactions or deals, then planned against the store.

The store is asked for three things: the rows that stand under the keys of a part, whose the addresses in it are, and
which addresses nobody wants to hear of.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import polars as pl

from crmtool.core import findings, model, tombstones
from crmtool.core.imports import checking, values
from crmtool.core.journal import cells, columns, deals, interactions, people, planning, targets
from crmtool.io import keeping_out

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from crmtool.core.journal.columns import Columns
    from crmtool.core.plans import Plan
    from crmtool.core.rules import Rules
    from crmtool.io.keeping_out import Watch
    from crmtool.io.readers.table import Table
    from crmtool.io.store import Store

#: What becomes of rows: every row read is in exactly one of these.
OUTCOMES = ("new", "updated", "unchanged", "repeated", "rejected", "kept_out", "blank")
COUNTS = ("read", *OUTCOMES, "waiting")
_TARGETS = {"interaction": targets.INTERACTIONS, "deal": targets.DEALS}
#: How a kind of address leads to contacts: ?1 is the kind, ?2 a JSON list of values, ?3 the source.
_LEADING = {
    "contact": """SELECT ?1, CAST(k.value AS TEXT), n.root_id FROM json_each(?2) k
                  CROSS JOIN contact n ON n.id = CAST(k.value AS INTEGER)""",
    "key": """SELECT ?1, k.value, n.root_id FROM json_each(?2) k
              CROSS JOIN record r ON r.source = ?3 AND r.source_key = k.value
              CROSS JOIN contact n ON n.id = r.contact_id""",
    "before": """SELECT DISTINCT ?1, k.value, n.root_id FROM json_each(?2) k
                 CROSS JOIN interaction r ON r.address = k.value AND r.contact_id IS NOT NULL
                 CROSS JOIN contact n ON n.id = r.contact_id""",
    "channel": """SELECT ?1, k.value, n.root_id FROM json_each(?2) k
                  CROSS JOIN channel r ON r.kind = ?1 AND r.value = k.value
                  CROSS JOIN contact n ON n.id = r.contact_id""",
}
_ASKED = {"interaction": interactions.ASKED, "deal": deals.ASKED}


@dataclass(frozen=True)
class Wishes:
    """What a person says about a journal; None: the rules say it."""

    mapping: str | None = None
    source: str | None = None
    region: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    kind: str | None = None  # of interactions


@dataclass(frozen=True)
class Journal:
    """A part of a journal, read: rows that are fine, rows that are not, what there is to say."""

    table: str  # "interaction" or "deal"
    read: Table
    columns: Columns
    rows: pl.DataFrame
    rejected: pl.DataFrame  # row, raw, reasons
    repeated: int
    findings: pl.DataFrame
    kept_out: int = 0  # rows of people who were erased


def parts(
    tables: Iterable[Table], kind: str, rules: Rules, wishes: Wishes, zone: str, watch: Watch | None = None
) -> Iterator[Journal]:
    """Yield the parts of one file as the rows of a table, "interaction" or "deal"; `zone` is that of this computer.

    Without `watch` nobody is kept out. Raises UsageError and ColumnsUnknown as `columns.told` does.
    """
    told, seen = None, pl.DataFrame(schema=checking.SEEN)
    for table in tables:
        told = told or _columns(table, kind, rules, wishes)
        part, seen = _part(table, kind, told, rules, _ways(rules, told, wishes, zone), seen, wishes, watch)
        yield part


def _columns(table: Table, kind: str, rules: Rules, wishes: Wishes) -> Columns:
    return columns.told(
        table.cells.columns,
        _TARGETS[kind],
        rules.interactions if kind == "interaction" else rules.purchases,
        _ASKED[kind],
        mapping=wishes.mapping,
        source=wishes.source,
        columns=wishes.columns,
        file_format=table.format,
    )


def _ways(rules: Rules, told: Columns, wishes: Wishes, zone: str) -> cells.Ways:
    settings = values.settings_for(rules.normalize, wishes.region or told.rule.region, {})
    vocabulary = rules.vocabularies.get(rules.deals.vocabulary)
    stages = vocabulary.index if vocabulary else {}
    return cells.Ways(settings, rules.communication.zone or zone, stages)


def _part(
    table: Table,
    kind: str,
    told: Columns,
    rules: Rules,
    ways: cells.Ways,
    seen: pl.DataFrame,
    wishes: Wishes,
    watch: Watch | None,
) -> tuple[Journal, pl.DataFrame]:
    done = cells.cleaned(table.cells, table.rows, told, _TARGETS[kind], ways)
    rows = _built(done.rows, kind, rules, ways, wishes)
    out = _out(table, rows, told.source, watch)
    if out.len():
        rows, table = rows.filter(~pl.col("row").is_in(out.implode())), keeping_out.without(table, out)
        done = replace(done, findings=keeping_out.told(done.findings, out))
    undated = kind == "interaction"
    wrong, said = (interactions.undated(rows), findings.empty()) if undated else deals.broken(rows, rules.deals)
    keyed = checking.with_own_keys(rows.filter(~pl.col("row").is_in(wrong["row"].implode())), seen)
    accepted = keyed.filter(pl.col("row") == pl.col("alike"))
    unread = findings.found(table.refused.select("row", "code"))
    every = findings.joined(table.findings, unread, told.findings, done.findings, wrong, said)
    repeated = keyed.height - accepted.height
    part = Journal(kind, table, told, accepted, _rejected(table, rows, wrong), repeated, every, out.len())
    return part, pl.concat([seen, checking.seen_of(accepted)])


def _built(rows: pl.DataFrame, kind: str, rules: Rules, ways: cells.Ways, wishes: Wishes) -> pl.DataFrame:
    if kind == "interaction":
        return interactions.built(rows, ways, rules.communication.ours, wishes.kind)
    return deals.built(rows, rules.deals)


def _out(table: Table, rows: pl.DataFrame, source: str, watch: Watch | None) -> pl.Series:
    """Return the rows of people who were erased: known by their addresses, or as rows that say what was erased."""
    if watch is None:
        return pl.Series(dtype=pl.Int64)
    asked = tombstones.addresses(people.named(rows).rename({"row": "of"}))
    written = tombstones.written(rows.select("raw", of="row", origin=pl.lit(source)))
    return watch.out(pl.concat([asked, written, keeping_out.refused(table, source)]))


def _rejected(table: Table, rows: pl.DataFrame, wrong: pl.DataFrame) -> pl.DataFrame:
    """Return the rows that are kept aside, with all reasons in words (columns row, raw, reasons)."""
    refused = table.refused.with_columns(suggestion=pl.lit(None, pl.String))
    refused = refused.with_columns(reasons=findings.sentences(refused)).select("row", "raw", "reasons")
    told = wrong.with_columns(says=findings.sentences(wrong)).group_by("row").agg(reasons=pl.col("says").str.join("; "))
    mine = rows.select("row", "raw").join(told, on="row", maintain_order="left")
    return pl.concat([mine, refused]).sort("row")


def plans(
    store: Store,
    rules: Rules,
    read: Iterable[Journal],
    command: str,
    today: str,
    heard: Callable[[Journal, Plan], None],
) -> Iterator[Plan]:
    """Yield a plan for each part; `heard` is told of each."""
    file_id: int | None = None
    for part in read:
        plan = planned(store, rules, part, command, today, file_id)
        created = plan.edits["file"].created
        file_id = int(created["id"][0]) if created.height else file_id
        heard(replace(part, rows=part.rows.clear()), plan)
        del part  # or it stays in memory while the next is made
        yield plan
        del plan


def planned(store: Store, rules: Rules, part: Journal, command: str, today: str, file_id: int | None = None) -> Plan:
    """Return the plan of one part; `today` is the ISO day on which a stage without a day of its own was reached."""
    with store.reading():
        ids, revision = store.next_ids(), store.revision()
        known = under_keys(store, part.table, part.columns.source, part.rows["source_key"], ids)
        asked = people.named(part.rows)
        chosen = people.chosen(asked, _holders(store, asked, part.columns.source))
        rows, said = part.rows, findings.empty()
        if part.table == "interaction":
            rows = interactions.addressed(rows, chosen, ignored(store, ids))
            said = interactions.waiting(rows.join(known.select("source_key"), on="source_key", how="anti"))
        else:
            rows = rows.join(chosen.drop("kind", "value"), on="row", how="left", maintain_order="left")
        rejected = part.rejected.join(
            store.snapshot("reject", ["raw"], where="raw", keys=part.rejected["raw"]), on="raw", how="anti"
        )
    incoming = planning.Incoming(
        part.table, _file(part), rows, rejected, findings.joined(part.findings, said), _facts(part), file_id
    )
    standing = planning.Standing(revision, ids, known, rules.fingerprint, today)
    return planning.plan_import(command, incoming, standing)


def under_keys(store: Store, table: str, source: str, keys: pl.Series, ids: Mapping[str, int]) -> pl.DataFrame:
    """Return the rows of a table that a source has given under some keys."""
    types = model.TABLES[table]
    if ids[table] == 1:
        return model.empty(table)
    names = ", ".join(f't."{name}"' for name in types)
    sql = f"""SELECT {names} FROM json_each(?) k CROSS JOIN "{table}" t ON t.source = ? AND t.source_key = k.value"""
    return store.query(sql, [json.dumps(keys.to_list()), source], types)


def _holders(store: Store, asked: pl.DataFrame, source: str) -> pl.DataFrame:
    """Return who has what rows name; whose an address was before is asked only of rows that nothing else tells."""
    last = pl.col("kind") == "before"
    first = asked.filter(~last)
    held = holders(store, first, source)
    sure = people.chosen(first, held).drop_nulls("contact_id")
    rest = asked.filter(last).join(sure, on="row", how="anti", maintain_order="left")
    return pl.concat([held, holders(store, rest, source)])


def holders(store: Store, asked: pl.DataFrame, source: str) -> pl.DataFrame:
    """Return the contacts that addresses, keys and numbers lead to (columns: `people.HOLDERS`), by their roots."""
    found = [pl.DataFrame(schema=people.HOLDERS)]
    for (kind,), part in asked.group_by("kind", maintain_order=True):
        keys = json.dumps(part["value"].unique(maintain_order=True).to_list())
        way = _LEADING.get(str(kind), _LEADING["channel"])
        found.append(store.query(way, [kind, keys, *([source] if "?3" in way else [])], people.HOLDERS))
    return pl.concat(found)


def ignored(store: Store, ids: Mapping[str, int]) -> pl.Series:
    """Return the addresses that a person wants to hear nothing of."""
    if ids["interaction"] == 1:
        return pl.Series("address", [], pl.String)
    sql = "SELECT DISTINCT address FROM interaction WHERE contact_id IS NULL AND ignored = 1 AND address IS NOT NULL"
    return store.query(sql, [], {"address": pl.String()})["address"]


def _file(part: Journal) -> dict[str, Any]:
    table, told = part.read, part.columns
    return {
        "name": table.name,
        "sha256": table.sha256,
        "source": told.source,
        "mapping": told.name,
        "encoding": table.encoding,
        "columns": json.dumps({h: told.targets.get(h) for h in table.cells.columns}, ensure_ascii=False),
    }


def _facts(part: Journal) -> dict[str, Any]:
    table, told = part.read, part.columns
    about = {"file": table.name, "sha256": table.sha256, "source": told.source, "mapping": told.name}
    counts = {"repeated": part.repeated, "rejected": part.rejected.height, "kept_out": part.kept_out}
    return {**about, "read": table.read + part.kept_out, **counts, "blank": table.blank}


def total(facts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the facts of all parts as those of the whole: one file's own, or under `files` those of each."""
    files: dict[str, dict[str, Any]] = {}
    for part in facts:
        name = f"{part['file']} {part['sha256']}"
        before = files.get(name)
        files[name] = {**before, **{c: before[c] + part[c] for c in COUNTS}} if before else dict(part)
    each = list(files.values())
    if len(each) == 1:
        return each[0]
    return {"files": each, **{count: sum(one[count] for one in each) for count in COUNTS}}
