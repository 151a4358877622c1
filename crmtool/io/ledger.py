"""Reads what concerns consents: lists of addresses from files, whose they are in the store, and a person's proof."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from crmtool.core import consents
from crmtool.io import intake

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from crmtool.core.rules import Rules
    from crmtool.io.readers.table import Table
    from crmtool.io.store import Store

_KINDS = ("email", "phone", "messenger")
_ROWS: dict[str, pl.DataType] = {
    "kind": pl.String(),
    "value": pl.String(),
    "row": pl.Int64(),
    "bounce": pl.String(),  # "hard" or "soft", where a cell of the row says so
}
_BOUNCE = r"(?i)^\s*(hard|soft)\b"


@dataclass(frozen=True)
class Listed:
    """The addresses of a list (columns: `_ROWS`), and how many rows had none that can be used."""

    rows: pl.DataFrame
    unusable: int

    def of_kind(self, kind: str | None) -> Listed:
        """Return of each row the addresses of one kind, where it has any; of the others all."""
        fits = pl.col("kind") == kind
        return replace(self, rows=self.rows.filter(fits | ~fits.any().over("row"))) if kind else self

    def absent(self, found: pl.DataFrame) -> pl.DataFrame:
        """Return the addresses (kind, value) of rows that nobody in the base has any address of."""
        known = self.rows.join(found, on=["kind", "value"], how="semi")["row"]
        return self.rows.filter(~pl.col("row").is_in(known.implode())).unique(["kind", "value"], maintain_order=True)


class Proof(NamedTuple):
    """Where a person's consents stand (`consents.CURRENT`, holds), and the entries behind it with who wrote them."""

    stands: pl.DataFrame
    entries: pl.DataFrame


def listed(tables: Iterable[Table], rules: Rules, wishes: intake.Wishes, today: dt.date) -> Listed:
    """Return the e-mails, phones and messengers of a list, cleaned as an import cleans them."""
    found, unusable = [pl.DataFrame(schema=_ROWS)], 0
    for part in intake.prepared(tables, rules, wishes, today):
        channels = part.checked.accepted.select("row", "channels").explode("channels").drop_nulls("channels")
        rows = channels.unnest("channels").filter(pl.col("kind").is_in(_KINDS)).select("kind", "value", "row")
        found.append(rows.join(_bounces(part.table), on="row", how="left", maintain_order="left").select(*_ROWS))
        unusable += part.table.cells.height + part.table.refused.height - rows["row"].n_unique()
        unusable -= part.checked.repeated
    return Listed(pl.concat(found), unusable)


def _bounces(table: Table) -> pl.DataFrame:
    """Return what rows say themselves about how mail came back (columns row, bounce)."""
    said = pl.coalesce(pl.all().str.extract(_BOUNCE, 1)) if table.cells.width else pl.lit(None, pl.String)
    return table.cells.select(bounce=said.str.to_lowercase()).with_columns(table.rows.alias("row"))


def found(store: Store, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the contacts that have addresses (columns contact_id, kind, value)."""
    schema = {"contact_id": pl.Int64(), "kind": pl.String(), "value": pl.String()}
    sql = """SELECT DISTINCT h.contact_id, h.kind, h.value
             FROM json_each(?) k CROSS JOIN channel h ON h.kind = ? AND h.value = k.value ORDER BY 1, 3"""
    parts = [
        store.query(sql, [json.dumps(part["value"].unique().to_list()), kind], schema)
        for (kind,), part in rows.group_by("kind", maintain_order=True)
    ]
    return pl.concat([pl.DataFrame(schema=schema), *parts])


def proof(store: Store, root: int, today: dt.date) -> Proof:
    """Return where the consents of a person stand and every entry of the ledger about them, oldest first."""
    members = store.snapshot("contact", ["id", "root_id"], where="root_id", keys=[root])
    entries = store.snapshot("consent", where="contact_id", keys=members["id"])
    stands = consents.current(entries, members).with_columns(holds=consents.holds(today))
    by = store.changesets().select(changeset_id="id", actor="actor", kept_at="at", command="command")
    dated = entries.join(by, on="changeset_id", how="left").sort("at", "id")
    return Proof(stands.with_columns(holds=pl.when("holds").then(pl.lit("yes")).otherwise(pl.lit("no"))), dated)
