"""From a journal to plans: each part of a file is read as interactions or deals, then planned against the store.

The store is asked for three things: the rows that stand under the keys of a part, whose the addresses in it are, and
which addresses nobody wants to hear of.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import polars as pl

from crmtool.core import abreast, findings, model, tombstones
from crmtool.core.imports import checking, values
from crmtool.core.journal import cells, columns, deals, interactions, people, planning, targets
from crmtool.io import keeping_out
from crmtool.io.readers.table import slices

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
_PART = 100_000  # rows of a part, at most: several are in memory at once
_MOST_HELD = 500_000  # addresses kept from part to part
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


@dataclass(frozen=True)
class _Read:
    """A part of a journal with its values read, before rows are told apart."""

    table: Table
    columns: Columns
    rows: pl.DataFrame
    findings: pl.DataFrame


def smaller(tables: Iterable[Table]) -> Iterator[Table]:
    """Give the parts of a file in smaller ones: while one is written the next is read, and the one after from disk."""
    return (part for whole in tables for part in slices(whole, _PART))


def parts(
    tables: Iterable[Table], kind: str, rules: Rules, wishes: Wishes, zone: str, watch: Watch | None = None
) -> Iterator[Journal]:
    """Yield the parts of one file as the rows of a table, "interaction" or "deal"; `zone` is that of this computer.

    Without `watch` nobody is kept out. Raises UsageError and ColumnsUnknown as `columns.told` does.
    """
    seen = pl.DataFrame(schema=checking.SEEN)
    for read in abreast.ahead(_reads(tables, kind, rules, wishes, zone)):
        part, seen = _part(read, kind, rules, seen, watch)
        del read  # or it stays in memory while the next is made
        yield part
        del part


def _reads(tables: Iterable[Table], kind: str, rules: Rules, wishes: Wishes, zone: str) -> Iterator[_Read]:
    """Yield the parts of a file with their values read; columns mean in each what they mean in the first."""
    told = None
    for table in tables:
        told = told or _columns(table, kind, rules, wishes)
        ways = _ways(rules, told, wishes, zone)
        done = cells.cleaned(table.cells, table.rows, told, _TARGETS[kind], ways)
        made = [_Read(table, told, _built(done.rows, kind, rules, ways, wishes), done.findings)]
        del table, done  # nothing here may hold on to a part while others work on it
        yield made.pop()


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
    read: _Read, kind: str, rules: Rules, seen: pl.DataFrame, watch: Watch | None
) -> tuple[Journal, pl.DataFrame]:
    table, told, rows, found = read.table, read.columns, read.rows, read.findings
    out = _out(table, rows, told.source, watch)
    if out.len():
        rows, table = rows.filter(~pl.col("row").is_in(out.implode())), keeping_out.without(table, out)
        found = keeping_out.told(found, out)
    undated = kind == "interaction"
    wrong, said = (interactions.undated(rows), findings.empty()) if undated else deals.broken(rows, rules.deals)
    keyed = checking.with_own_keys(rows.filter(~pl.col("row").is_in(wrong["row"].implode())), seen)
    accepted = keyed.filter(pl.col("row") == pl.col("alike"))
    unread = findings.found(table.refused.select("row", "code"))
    every = findings.joined(table.findings, unread, told.findings, found, wrong, said)
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
    """Yield a plan for each part of one file; `heard` is told of each."""
    file_id, known = None, None
    for part in read:
        known = known or _known(store, part)
        plan, known = planned(store, rules, part, command, today, known, file_id)
        created = plan.edits["file"].created
        file_id = int(created["id"][0]) if created.height else file_id
        heard(replace(part, rows=part.rows.clear()), plan)
        del part  # or it stays in memory while the next is made
        yield plan
        del plan


@dataclass(frozen=True)
class Known:
    """What the store told for the parts of a file up to here, and what stays so for those after them."""

    source: bool  # had given rows before this file, whose parts never have the same keys
    ignored: pl.Series  # addresses that a person wants to hear nothing of
    held: pl.DataFrame  # who has what rows named (`people.HOLDERS`); without a contact: nobody


def _known(store: Store, part: Journal) -> Known:
    with store.reading():
        sql = f'SELECT EXISTS (SELECT 1 FROM "{part.table}" WHERE source = ?)'
        source = bool(store.query(sql, [part.columns.source], {"some": pl.Int64()}).item())
        ignored = _ignored(store) if part.table == "interaction" else pl.Series(dtype=pl.String)
        return Known(source, ignored, pl.DataFrame(schema=people.HOLDERS))


def planned(
    store: Store, rules: Rules, part: Journal, command: str, today: str, known: Known, file_id: int | None = None
) -> tuple[Plan, Known]:
    """Return the plan of one part, and what is known for the next.

    `today` is the ISO day on which a stage without a day of its own was reached.
    """
    source = part.columns.source
    with store.reading():
        ids, revision = store.next_ids(), store.revision()
        same = _under_keys(store, part.table, source, part.rows["source_key"] if known.source else [])
        chosen, held = _chosen(store, people.named(part.rows), source, known.held)
        rows, said = part.rows, findings.empty()
        if part.table == "interaction":
            rows = interactions.addressed(rows, chosen, known.ignored)
            said = interactions.waiting(rows.join(same.select("source_key"), on="source_key", how="anti"))
        else:
            rows = rows.join(chosen.drop("kind", "value"), on="row", how="left", maintain_order="left")
        rejected = part.rejected.join(
            store.snapshot("reject", ["raw"], where="raw", keys=part.rejected["raw"]), on="raw", how="anti"
        )
    incoming = planning.Incoming(
        part.table, _file(part), rows, rejected, findings.joined(part.findings, said), _facts(part), file_id
    )
    standing = planning.Standing(revision, ids, same, rules.fingerprint, today)
    return planning.plan_import(command, incoming, standing), replace(known, held=held)


def _under_keys(store: Store, table: str, source: str, keys: Iterable[str]) -> pl.DataFrame:
    """Return the rows of a table that a source has given under some keys."""
    if not (asked := list(keys)):
        return model.empty(table)
    store.indexed(f"{table}_key")
    types = model.TABLES[table]
    names = ", ".join(f't."{name}"' for name in types)
    sql = f"""SELECT {names} FROM json_each(?) k CROSS JOIN "{table}" t ON t.source = ? AND t.source_key = k.value"""
    return store.query(sql, [json.dumps(asked), source], types)


def _chosen(store: Store, asked: pl.DataFrame, source: str, held: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return whom rows are about (`people.chosen`), and who has what they name with what was known of it before.

    Whose an address was before is asked only of rows that nothing else tells, and anew for each part: rows of the parts
    before this one may tell it.
    """
    last = pl.col("kind") == "before"
    first = asked.filter(~last)
    held = _held(store, first, source, held)
    sure = people.chosen(first, held).drop_nulls("contact_id")
    rest = asked.join(sure, on="row", how="anti", maintain_order="left")
    left = people.chosen(rest, pl.concat([held, holders(store, rest.filter(last), source)]))
    return pl.concat([sure, left]).sort("row"), held


def _held(store: Store, asked: pl.DataFrame, source: str, held: pl.DataFrame) -> pl.DataFrame:
    """Return who has what rows name, asking the store only for what is not known (columns: `people.HOLDERS`)."""
    held = held if held.height < _MOST_HELD else held.clear()
    each = asked.select("kind", "value").unique(maintain_order=True)
    new = each.join(held, on=["kind", "value"], how="anti", maintain_order="left")
    found = holders(store, new, source)
    nobody = new.join(found, on=["kind", "value"], how="anti", maintain_order="left")
    return pl.concat([held, found, nobody.with_columns(contact_id=pl.lit(None, pl.Int64()))])


def holders(store: Store, asked: pl.DataFrame, source: str) -> pl.DataFrame:
    """Return the contacts that addresses, keys and numbers lead to (columns: `people.HOLDERS`), by their roots."""
    found = [pl.DataFrame(schema=people.HOLDERS)]
    for (kind,), part in asked.group_by("kind", maintain_order=True):
        keys = json.dumps(part["value"].unique(maintain_order=True).to_list())
        way = _LEADING.get(str(kind), _LEADING["channel"])
        found.append(store.query(way, [kind, keys, *([source] if "?3" in way else [])], people.HOLDERS))
    return pl.concat(found)


def _ignored(store: Store) -> pl.Series:
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
