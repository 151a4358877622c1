"""What parting two contacts means for what was said of them by hand, told from the history of their records.

Values that were chosen for a merge (`merge --keep`) go with it, unless they were changed since. What else was said of
the two together stays with the one that carried the golden record.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import polars as pl

from crmtool.core import merges, model
from crmtool.core.plans import edit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crmtool.core.golden import Clusters
    from crmtool.core.plans import Edit
    from crmtool.io.store import Store

    Row = dict[str, Any]  # of the table `record`
    Said = dict[str, Any]  # field -> value

_CHILDREN = ("contact_tag", "verification", "interaction", "deal", "consent")


def choices(store: Store, numbers: list[int], clusters: Clusters) -> Edit | None:
    """Return the edit that takes back what was chosen by hand together with some verdicts; None: there is nothing."""
    before: list[Row] = []
    back: list[Row] = []
    removed: list[Row] = []
    for number in sorted(set(_sets(numbers, clusters)), reverse=True):
        for now in _by_hand(store, clusters.contacts["id"]).iter_rows(named=True):
            old, chosen = _around(store, now, number)
            if chosen is None:
                continue
            rest = {name: _without(now[name], (old or {}).get(name), chosen[name]) for name in ("raw", "clean")}
            if old is None and json.loads(rest["raw"]) == {}:
                removed.append(now)
            elif rest != {name: now[name] for name in rest}:
                before.append(now)
                back.append({**now, **rest, "changeset_id": (old or now)["changeset_id"]})
        if before or removed:
            break  # of several merges the newest: choices of older ones stay with what they were made for
    if not before and not removed:
        return None
    shape = dict(model.TABLES["record"])
    frames = [pl.DataFrame(rows, schema=shape) for rows in (before, back, removed)]
    return edit("record", updated=(frames[0], frames[1]), removed=frames[2])


def staying(store: Store, pair: tuple[int, int], clusters: Clusters) -> dict[str, Any]:
    """Return what was said of the contact of both since they were merged, and so stays with the one that carries it.

    `fields` are the hand edits (field -> value), the rest counts rows of the tables of `_CHILDREN`.
    """
    sets = _sets(merges.joining(pair, clusters), clusters)
    if not sets:
        return {}
    since, root = min(sets), int(clusters.contacts["root_id"][0])
    counts = {}
    for table in _CHILDREN:
        sql = f'SELECT count(*) FROM "{table}" WHERE contact_id = ? AND changeset_id > ?'
        number = int(store.query(sql, [root, since], {"n": pl.Int64()}).item())
        if number:
            counts[table] = number
    own = _by_hand(store, pl.Series([root]))
    edits = {name: value for row in own.iter_rows(named=True) for name, value in _later(store, row, since).items()}
    return {**({"fields": edits} if edits else {}), **counts}


def _sets(numbers: list[int], clusters: Clusters) -> list[int]:
    """Return the change sets in which some verdicts were given."""
    return clusters.verdicts.filter(pl.col("id").is_in(numbers))["changeset_id"].to_list()


def _by_hand(store: Store, contacts: pl.Series) -> pl.DataFrame:
    return store.snapshot("record", where="contact_id", keys=contacts).filter(pl.col("source") == model.MANUAL)


def _around(store: Store, now: Row, number: int) -> tuple[Row | None, Row | None]:
    """Return a record before a change set and after it, each None where it was not there or not touched."""
    changes = store.changes_of("record", [now["id"]]).sort("changeset_id", descending=True)
    row: Row | None = now
    for change in changes.iter_rows(named=True):
        if row is None or change["changeset_id"] < number:
            break
        old = None if change["op"] == "create" else {**row, **json.loads(change["before"] or "{}")}
        if change["changeset_id"] == number:
            return old, row
        row = old
    return None, None


def _later(store: Store, now: Row, since: int) -> Said:
    """Return the fields that were said of a hand-made record after a change set, as they are now."""
    changes = store.changes_of("record", [now["id"]])
    then: Row | None = now
    for change in changes.sort("changeset_id", descending=True).iter_rows(named=True):
        if then is None or change["changeset_id"] <= since:
            break
        then = None if change["op"] == "create" else {**then, **json.loads(change["before"] or "{}")}
    known: Mapping[str, Any] = json.loads(then["raw"]) if then else {}
    return {name: value for name, value in json.loads(now["raw"]).items() if value and known.get(name) != value}


def _without(now: str, before: str | None, chosen: str) -> str:
    """Return what is said now without what was chosen, as JSON; what was changed since the choice stays."""
    kept, old, made = json.loads(now), json.loads(before or "{}"), json.loads(chosen)
    for name, value in made.items():
        if value == old.get(name) or kept.get(name) != value:
            continue
        kept.pop(name)
        kept |= {name: old[name]} if name in old else {}
    if before is not None and kept == old:
        return before
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))
