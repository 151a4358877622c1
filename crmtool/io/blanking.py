"""Taking what was said about people out of the log, so that it still proves what was done.

An entry loses its values and keeps its proof, over which the change sets chain; a second proof tells that crmtool
blanked it. Rows in blocks are blanked inside of them. All this happens while the plan that removes the people is being
written (see `Store.apply_parts`), in the same transaction.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import polars as pl

from crmtool.io import blocks, logbook
from crmtool.io.changelog import PROVED, blanking

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crmtool.io.store import Store

_ENTRY: dict[str, pl.DataType] = {"id": pl.Int64(), "changeset_id": pl.Int64(), **PROVED}


def entries(store: Store, table: str, ids: pl.Series) -> pl.DataFrame:
    """Return the entries that say what some rows of a table were (columns id, changeset_id, those of `PROVED`)."""
    names = ", ".join(f"c.{name}" for name in _ENTRY)
    sql = f"""SELECT {names} FROM json_each(?) k CROSS JOIN change c ON c.tbl = ? AND c.row_id = k.value
              WHERE c.op <> 'create' AND {logbook.TOLD}"""
    return store.query(sql, [json.dumps(ids.to_list()), table], _ENTRY)


def blanked(db: Any, key: str, found: pl.DataFrame) -> int:  # noqa: ANN401  # a connection of either driver
    """Blank some entries (columns: those of `entries`, with `erased_of`); return how many."""
    empty = found.with_columns(pl.lit(None, pl.String).alias(side) for side in ("before", "after"))
    for (number,), part in empty.group_by("changeset_id"):
        proofs = blanking(key, int(str(number)), part)
        rows = part.select("erased_of", proofs.alias("erased"), "id").iter_rows()
        db.executemany("UPDATE change SET before = NULL, after = NULL, erased_of = ?, erased = ? WHERE id = ?", rows)
    return found.height


def blanked_rows(db: Any, key: str, store: Store, people: Mapping[str, pl.DataFrame]) -> int:  # noqa: ANN401  # as above
    """Blank rows in blocks: table -> their ids and whose they were (columns id, person); return how many."""
    count = 0
    for table, rows in people.items():
        for entry in logbook.entries(store, "tbl = ?", [table]):
            hit = blocks.ids(entry["before"]).is_in(rows["id"].implode()).sum()
            if hit:
                whole = blocks.blanked(logbook.opened(store, key, entry), rows)
                db.execute("UPDATE change SET block = ? WHERE id = ?", [blocks.packed(key, whole), entry["id"]])
                count += int(hit)
    return count
