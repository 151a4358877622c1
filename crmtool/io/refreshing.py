"""From the raw records of the store to a plan: each file's records, in ranges, cleaned anew by the rules as they are.

Every range is a plan of its own, made when the one before is written (see `Store.apply_parts`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from crmtool.core.imports import refreshing, uniqueness, validation
from crmtool.core.plans import Plan
from crmtool.io import gathering

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from crmtool.core.imports.mapping import Mapped
    from crmtool.core.rules import Rules
    from crmtool.io.store import Store

_AT_ONCE = 50_000  # records
_EXAMPLES = 5  # of each field and part
COMMAND = "refresh"


class Range(NamedTuple):
    """Records of one file, by id; not every id between belongs to it."""

    file: int
    first: int
    last: int


@dataclass(frozen=True)
class Heard:
    """What is told of a range: its facts, and the commonest changes (field, before, after, records)."""

    facts: Mapping[str, Any]
    examples: pl.DataFrame


def ranges(store: Store) -> list[Range]:
    """Return the records that came from files in ranges."""
    sql = "SELECT file_id, id FROM record WHERE file_id IS NOT NULL ORDER BY file_id, id"
    every = store.query(sql, [], {"file": pl.Int64(), "id": pl.Int64()})
    part = pl.int_range(pl.len()).over("file") // _AT_ONCE
    found = every.group_by("file", part=part, maintain_order=True).agg(first=pl.first("id"), last=pl.last("id"))
    return [Range(*row) for row in found.select("file", "first", "last").iter_rows()]


def plans(
    store: Store, rules: Rules, wanted: Iterable[Range], heard: Callable[[Heard], None], today: dt.date | None = None
) -> Iterator[Plan]:
    """Yield a plan for each range; `heard` is told of each. What rules say of records about `today` needs it."""
    synonyms = {name: vocabulary.index for name, vocabulary in rules.vocabularies.items()}
    origins, begun = origins_of(store), set[int]()
    for part in wanted:
        asking = _Asking(rules, synonyms, today, first=part.file not in begun)
        begun.add(part.file)
        plan, told = _planned(store, asking, origins[part.file], part)
        heard(told)
        yield plan
        del plan


def nothing(store: Store, rules: Rules) -> Plan:
    """Return the plan for a store without records from files."""
    return Plan(COMMAND, store.revision(), rules.fingerprint, {}, facts=total([]))


class _Asking(NamedTuple):
    """By what records are cleaned and checked; `first`: those of the first range of a file."""

    rules: Rules
    synonyms: Mapping[str, Mapping[str, str]]
    today: dt.date | None
    first: bool


def _planned(store: Store, asking: _Asking, origin: Named, part: Range) -> tuple[Plan, Heard]:
    rules = asking.rules
    with store.reading():
        sql = "SELECT id FROM record WHERE file_id = ? AND id BETWEEN ? AND ?"
        ids = store.query(sql, [*part], {"id": pl.Int64()})["id"]
        before = store.snapshot("record", where="id", keys=ids)
        mapped = refreshing.mapped_again(origin.origin, rules)
        after, fields = refreshing.recleaned(before, mapped, rules, asking.synonyms)
        said = refreshing.at_rows(_checked(store, asking, mapped, fields), before)
        contacts = gathering.clusters(store, before["contact_id"].unique(), rules.survivorship)
        standing = refreshing.Standing(store.revision(), store.next_ids(), contacts)
    told = _heard(before, after, origin.file)
    about = refreshing.Told(told.facts, said)
    return refreshing.plan_refresh(COMMAND, before, after, standing, rules, about), told


def _checked(store: Store, asking: _Asking, mapped: Mapped, fields: pl.DataFrame) -> pl.DataFrame:
    """Return what the rules find wrong with records of one file, by their ids; a value is its first contact's."""
    asked = validation.standards(asking.rules, mapped.columns, asking.today)
    broken = validation.broken(fields, asked, first=asking.first)
    names = uniqueness.fields_asked(asking.rules.fields)
    if not names:
        return broken
    holders = gathering.holding(store, {name: validation.held(fields, name)["value"].unique() for name in names})
    first = holders.sort("root_id").unique(["field", "value"], keep="first", maintain_order=True)
    roots = gathering.roots_of(store, pl.concat([fields["contact_id"], first["root_id"]]).unique())
    return pl.concat([broken, uniqueness.taken(fields, first, roots, asked)])


def _heard(before: pl.DataFrame, after: pl.DataFrame, file: str) -> Heard:
    changes = refreshing.changes(before, after)
    fields = dict(changes.group_by("field", maintain_order=True).len().sort("field").iter_rows())
    updated = int((before["clean"] != after["clean"]).sum())
    facts = {"file": file, "records": before.height, "updated": updated, "fields": fields}
    pairs = changes.group_by("field", "before", "after", maintain_order=True).agg(records=pl.len())
    return Heard(facts, commonest(pairs))


def commonest(pairs: pl.DataFrame) -> pl.DataFrame:
    """Return the commonest changes of each field (columns field, before, after, records)."""
    summed = pairs.group_by("field", "before", "after", maintain_order=True).agg(pl.col("records").sum())
    ordered = summed.sort("field", "records", descending=[False, True], maintain_order=True)
    return ordered.group_by("field", maintain_order=True).head(_EXAMPLES)


def total(facts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the facts of all ranges as those of the whole; the file's name where all are of one."""
    every = list(facts)
    files = {part["file"] for part in every}
    names = sorted({name for part in every for name in part["fields"]})
    return {
        **({"file": files.pop()} if len(files) == 1 else {}),
        "records": sum(part["records"] for part in every),
        "updated": sum(part["updated"] for part in every),
        "fields": {name: sum(part["fields"].get(name, 0) for part in every) for name in names},
    }


class Named(NamedTuple):
    """How a file came in, and its name."""

    file: str
    origin: refreshing.Origin


def origins_of(store: Store) -> dict[int, Named]:
    """Return how each file came in, by its id."""
    said = {
        (n, s): about for n, facts in store.changesets().select("id", "facts").iter_rows() for s, about in _said(facts)
    }
    found = {}
    for row in store.snapshot("file").iter_rows(named=True):
        told = said.get((row["changeset_id"], row["sha256"]), {})
        columns = json.loads(row["columns"])
        found[row["id"]] = Named(
            row["name"],
            refreshing.Origin(row["source"], row["mapping"], columns, told.get("region"), told.get("columns", {})),
        )
    return found


def _said(facts: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield what a person said about the files of an import: their digest, and `intake.told_by_hand` of each."""
    about = json.loads(facts)
    for file in about.get("files", [about]):
        if file.get("said"):
            yield file["sha256"], file["said"]
