"""Everything the store holds about one person: in every table, in rejected rows, and in the history.

A person is all contacts of a cluster. A new table that points at contacts is found by `model.REFERENCES`; what is found
in another way has a function here and a line in `standing`.
"""

from __future__ import annotations

import json
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import polars as pl

from crmtool.core import model, persons
from crmtool.io import gathering, logbook

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crmtool.io.store import Store

Rows = dict[str, pl.DataFrame]

_IDS = {"id": pl.Int64()}
_JSON = {"raw", "clean", "custom", "tags", "fields", "withheld"}
_OF_OTHERS = {"people"}  # ids of everybody in a file
_REJECTED = """SELECT r.id, j.value FROM reject r, json_each(iif(json_valid(r.raw), r.raw, json_array(r.raw))) j
               WHERE j.type = 'text'"""
_SIDES = {"deal_stage": {"deal_id": "deal"}, "attachment": {"interaction_id": "interaction", "deal_id": "deal"}}


def members(store: Store, contact: int) -> tuple[int, pl.Series]:
    """Return the root of a contact and the ids of all contacts it is made of. Raises UsageError when there is none."""
    root = gathering.root_of(store, contact)
    return root, store.snapshot("contact", ["id"], where="root_id", keys=[root])["id"]


def held(store: Store, contact: int) -> dict[str, Any]:
    """Return all that is held about the person that a contact is: contact, contacts, revision, tables and history.

    `tables` has the rows of each table as they stand, `history` every entry about these rows and about rows that are
    gone, in order. What is kept as JSON is read, money is exact text. Raises UsageError when there is no such contact.
    """
    with store.reading():
        root, ids = members(store, contact)
        log = _removed(store, ids)
        rows = standing(store, ids, log["channel"])
        said = history(store, {table: pl.concat([rows[table]["id"], log[table]["id"]]).unique() for table in rows})
        files = store.snapshot("file", ["id", "name"], where="id", keys=_files(rows))
        revision = store.revision().number
    names = dict(files.rows())
    tables = {table: [told(row, names) for row in each.to_dicts()] for table, each in rows.items() if each.height}
    return {"contact": root, "contacts": ids.to_list(), "revision": revision, "tables": tables, "history": said}


def standing(store: Store, ids: pl.Series, gone: pl.DataFrame) -> Rows:
    """Return the rows of each table that are about some contacts; `gone` are channels that they had once."""
    rows = {"contact": store.snapshot("contact", where="id", keys=ids)}
    for table, columns in model.REFERENCES.items():
        rows[table] = _pointing(store, table, dict.fromkeys(columns, ids))
    known = persons.marks(pl.concat([rows["channel"], gone]))
    rows["interaction"] = pl.concat([rows["interaction"], _waiting(store, known)]).sort("id")
    for table, sides in _SIDES.items():
        more = _pointing(store, table, {column: rows[parent]["id"] for column, parent in sides.items()})
        rows[table] = pl.concat([rows.get(table, more), more]).unique("id").sort("id")
    rejected = store.query(_REJECTED, [], {**_IDS, "value": pl.String()})
    rows["reject"] = store.snapshot("reject", where="id", keys=persons.mentioning(rejected, known))
    rows["export_log"] = _exported(store, ids)
    return {table: rows[table] for table in model.TABLES if table in rows}


def history(store: Store, ids: Mapping[str, Iterable[int]]) -> list[dict[str, Any]]:
    """Return each entry of the log about rows of some tables, oldest first, with when, who and by which command."""
    sets = {row["id"]: row for row in store.changesets().to_dicts()}
    entries = pl.concat([store.changes_of(table, of) for table, of in ids.items()]).sort("id", maintain_order=True)
    wanted = {table: set(of) for table, of in ids.items()}
    return [
        {
            "changeset": entry["changeset_id"],
            **{name: sets[entry["changeset_id"]][name] for name in ("at", "actor", "command")},
            "table": entry["tbl"],
            "what": entry["op"],
            "id": row,
            **{side: told(json.loads(entry[side])) for side in ("before", "after") if entry[side]},
        }
        for entry in entries.to_dicts()
        for row in range(entry["row_id"], entry["last_id"] + 1)
        if row in wanted[entry["tbl"]]
    ]


# -- what is found in ways of its own -------------------------------------------------------------------------------


def _pointing(store: Store, table: str, sides: Mapping[str, pl.Series]) -> pl.DataFrame:
    found = [store.snapshot(table, where=column, keys=keys) for column, keys in sides.items()]
    return pl.concat(found).unique("id").sort("id")


def _waiting(store: Store, known: persons.Marks) -> pl.DataFrame:
    """Return the interactions of nobody known that went through an address of the person."""
    sql = "SELECT id, address FROM interaction WHERE contact_id IS NULL AND address IS NOT NULL"
    waiting = store.query(sql, [], {**_IDS, "value": pl.String()})
    return store.snapshot("interaction", where="id", keys=persons.mentioning(waiting, known))


def _exported(store: Store, ids: pl.Series) -> pl.DataFrame:
    """Return the entries of the log of exports in whose files some contacts were."""
    sql = """SELECT DISTINCT x.id FROM export_log x, json_each(x.people) run, json_each(?) k
             WHERE k.value BETWEEN run.value ->> 0 AND run.value ->> 1"""
    found = store.query(sql, [json.dumps(ids.to_list())], _IDS)
    return store.snapshot("export_log", where="id", keys=found["id"])


def _removed(store: Store, ids: pl.Series) -> Rows:
    """Return the rows about some contacts that are gone from each table, as they were when they went."""
    return {table: removed(store, table, ids) for table in model.TABLES}


def removed(store: Store, table: str, ids: pl.Series) -> pl.DataFrame:
    """Return the rows of a table about some contacts that are gone; each once."""
    return removed_by(store, table, dict.fromkeys(model.REFERENCES.get(table, ()), ids))


def removed_by(store: Store, table: str, sides: Mapping[str, pl.Series]) -> pl.DataFrame:
    """Return the rows of a table that are gone and pointed by some columns (column -> ids) at something; each once."""
    if not sides:
        return model.empty(table)
    about = " OR ".join(f"before ->> '$.{side}' IN (SELECT value FROM json_each(?))" for side in sides)
    keys = [json.dumps(ids.to_list()) for ids in sides.values()]
    mine = pl.any_horizontal(pl.col(side).is_in(ids.implode()) for side, ids in sides.items())
    return _gone(store, table, f"({about})", keys, mine)


def removed_all(store: Store, table: str) -> pl.DataFrame:
    """Return all rows of a table that are gone; each once."""
    return _gone(store, table, "1", [], pl.lit(value=True))


def ever_same(store: Store) -> pl.DataFrame:
    """Return the verdicts "same" that are gone."""
    return _gone(store, "verdict", "before ->> '$.decision' = 'same'", [], pl.col("decision") == "same")


def removed_of_nobody(store: Store, table: str, known: persons.Marks, text: str) -> pl.DataFrame:
    """Return the rows of a table that are gone, pointed at nobody, and have an address of a person in their texts."""
    of = model.REFERENCES.get(table, ())
    nobody = " AND ".join([f"before ->> '$.{text}' IS NOT NULL", *(f"before ->> '$.{side}' IS NULL" for side in of)])
    rows = _gone(
        store, table, nobody, [], pl.all_horizontal(pl.col(text).is_not_null(), *(pl.col(s).is_null() for s in of))
    )
    return rows.filter(pl.col("id").is_in(persons.mentioning(rows.select("id", value=text), known).implode()))


def _gone(store: Store, table: str, about: str, params: list[str], mine: pl.Expr) -> pl.DataFrame:
    """Return the rows of a table that are gone and fit a condition, told in SQL and as an expression; each once."""
    types = dict(model.TABLES[table])
    sql = f"SELECT before FROM change WHERE tbl = ? AND op = 'remove' AND {logbook.TOLD} AND {about}"
    images = store.query(sql, [table, *params], {"before": pl.String()})["before"]
    singly = images.str.json_decode(pl.Struct(types)).alias("row").to_frame().unnest("row")
    sets = {entry["changeset_id"] for entry in logbook.entries(store, "tbl = ?", [table])}
    many = [part.select(*types).filter(mine) for n in sorted(sets) for part in store.removed(n, table, [*types])]
    return pl.concat([singly, *many]).unique("id", keep="last").sort("id")


def _files(rows: Rows) -> pl.Series:
    return pl.concat([each["file_id"] for each in rows.values() if "file_id" in each.columns]).drop_nulls().unique()


def told(row: Mapping[str, Any], files: Mapping[int, str] = MappingProxyType({})) -> dict[str, Any]:
    """Return a row without what it does not say: JSON read, money as exact text, the file by its name."""
    said = {name: _read(name, value) for name, value in row.items() if value is not None and name not in _OF_OTHERS}
    return {**said, **({"file": files[row["file_id"]]} if row.get("file_id") in files else {})}


def _read(name: str, value: Any) -> Any:  # noqa: ANN401  # a cell of any table
    if name in _JSON and isinstance(value, str):
        return json.loads(value)
    return f"{Decimal(value) / model.MONEY:f}" if name == "amount" else value
