"""Keeping people who were erased out of what is read: their rows are told by the marks they left (`core.tombstones`).

A row that is kept out leaves nothing behind: no value in a finding, no rejected row. Where nobody was erased, nothing
is asked. Who comes again of their own will is taken in (`Watch.readmits`), and is then no longer looked out for.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core import findings, plans, tombstones
from crmtool.core.plans import Plan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crmtool.core.imports.cleaning import Cleaned
    from crmtool.io.readers.table import Table
    from crmtool.io.store import Store

_MARK = {"mark": pl.String(), "person": pl.Int64()}


@dataclass(frozen=True)
class Watch:
    """Who is looked out for: the store with the marks; `met` gathers whom `readmits` let in."""

    store: Store
    readmits: bool = False
    met: list[int] = field(default_factory=list)

    def out(self, told: pl.DataFrame) -> pl.Series:
        """Return the rows (`of`) of people who were erased, from what they say (columns: `tombstones.TEXTS`)."""
        sealed = told.select("of", mark=self.store.sealed(tombstones.sealing(told)))
        sql = "SELECT mark, person FROM tombstone WHERE mark IN (SELECT value FROM json_each(?))"
        known = self.store.query(sql, [json.dumps(sealed["mark"].unique().to_list())], _MARK)
        self.met.extend(known["person"].unique() if self.readmits else [])
        hit = sealed.join(known, on="mark", how="semi")["of"].unique()
        return hit.clear() if self.readmits else hit


def watch(store: Store, *, readmits: bool = False) -> Watch | None:
    """Return what looks out for people who were erased; None: nobody was."""
    some = store.query("SELECT count(*) FROM (SELECT 1 FROM tombstone LIMIT 1)", [], {"some": pl.Int64()}).item()
    return Watch(store, readmits) if some else None


def from_contacts(table: Table, cleaned: Cleaned, source: str, watch: Watch) -> tuple[Table, Cleaned, int]:
    """Return a table and its cleaned rows without those of people who were erased, and how many these were."""
    rows = cleaned.records.rename({"row": "of"}).with_columns(origin=pl.lit(source))
    cells = (tombstones.whole(table.cells.select(of=table.rows, value=column)) for column in table.cells)
    out = watch.out(pl.concat([tombstones.texts(rows), refused(table, source), *cells]))
    if out.is_empty():
        return table, cleaned, 0
    kept = ~cleaned.records["row"].is_in(out.implode())
    joined = cleaned.joined.filter(kept) if cleaned.joined.height else cleaned.joined
    records, said = cleaned.records.filter(kept), told(cleaned.findings, out)
    return without(table, out), replace(cleaned, records=records, findings=said, joined=joined), out.len()


def refused(table: Table, source: str) -> pl.DataFrame:
    """Return what the rows that could not be read say (columns: `tombstones.TEXTS`)."""
    rows = table.refused.select("raw", of="row", origin=pl.lit(source))
    return pl.concat([tombstones.written(rows), tombstones.mentioned(rows.rename({"raw": "value"}))])


def without(table: Table, out: pl.Series) -> Table:
    """Return a table without some rows (their numbers)."""
    kept = ~table.rows.is_in(out.implode())
    return replace(
        table,
        cells=table.cells.filter(kept),
        rows=table.rows.filter(kept),
        refused=_others(table.refused, out),
        findings=_others(table.findings, out),
    )


def told(said: pl.DataFrame, out: pl.Series) -> pl.DataFrame:
    """Return findings without those of rows that are kept out, of which is said that they are."""
    return findings.joined(_others(said, out), findings.found(out.sort().to_frame("row"), "row.erased"))


def _others(rows: pl.DataFrame, out: pl.Series) -> pl.DataFrame:
    return rows.filter(~pl.col("row").is_in(out.implode()).fill_null(value=False))


def readmitted(store: Store, watch: Watch, command: str, rules: str) -> Iterator[Plan]:
    """Yield the plan that forgets the marks of people who were let in again."""
    rows = store.snapshot("tombstone", where="person", keys=sorted(set(watch.met)))
    if rows.height:
        edits = {"tombstone": plans.edit("tombstone", removed=rows)}
        yield Plan(command, store.revision(), rules, edits)
