"""Reads from the store what is due, for everybody or one owner."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core.audits import freshness as judging
from crmtool.core.journal import due
from crmtool.io import freshness

if TYPE_CHECKING:
    from crmtool.core.rules import Rules
    from crmtool.io.store import Store

_TEXT, _ID = pl.String(), pl.Int64()
_CALLS_BACK = 30  # days that a missed call waits to be given back
_NAME = "coalesce(c.name, c.email, c.phone)"


def everything(store: Store, rules: Rules, first: dt.date, last: dt.date) -> pl.DataFrame:
    """Return what is due (columns: `due.DUE`): from the past what is still open, birthdays and days from `first` on."""
    with store.reading():
        parts = [
            _steps(store, last),
            _calls(store, first),
            _birthdays(store, first, last),
            *_days(store, rules, first, last),
            _verifications(store, rules, first, last),
        ]
    return due.ordered(parts)


def _steps(store: Store, last: dt.date) -> pl.DataFrame:
    sql = f"""SELECT i.next_on, coalesce(i.author, c.owner), n.root_id, {_NAME}, ifnull(i.next_step, i.subject), i.at
              FROM interaction i JOIN contact n ON n.id = i.contact_id JOIN contact c ON c.id = n.root_id
              WHERE i.next_on IS NOT NULL AND i.next_on <= ?"""
    types = {"on": _TEXT, "owner": _TEXT, "root_id": _ID, "name": _TEXT, "what": _TEXT, "said_at": _TEXT}
    steps = store.query(sql, [last.isoformat()], types)
    still = due.open_steps(steps, _latest(store, steps["root_id"]))
    return still.rename({"root_id": "contact_id"}).with_columns(kind=pl.lit("next step"))


def _latest(store: Store, roots: pl.Series) -> pl.DataFrame:
    sql = """SELECT n.root_id, max(i.at) FROM json_each(?) k CROSS JOIN contact n ON n.root_id = k.value
             CROSS JOIN interaction i ON i.contact_id = n.id WHERE i.kind <> 'note' GROUP BY n.root_id"""
    return store.query(sql, [json.dumps(roots.unique().to_list())], {"root_id": _ID, "at": _TEXT})


def _calls(store: Store, day: dt.date) -> pl.DataFrame:
    """Return missed calls of the last days after which nobody spoke with the caller."""
    since = (day - dt.timedelta(days=_CALLS_BACK)).isoformat()
    sql = f"""SELECT max(i.at), c.owner, n.root_id, {_NAME}, i.address FROM interaction i
              JOIN contact n ON n.id = i.contact_id JOIN contact c ON c.id = n.root_id
              WHERE i.at >= ? AND i.kind = 'call' AND i.direction = 'in' AND i.outcome = 'missed' GROUP BY n.root_id"""
    types = {"said_at": _TEXT, "owner": _TEXT, "root_id": _ID, "name": _TEXT, "what": _TEXT}
    missed = store.query(sql, [since], types)
    told = missed.join(_latest(store, missed["root_id"]), on="root_id", how="left")
    still = told.filter(~(pl.col("at") > pl.col("said_at")).fill_null(value=False))
    return still.with_columns(on=pl.col("said_at").str.head(10), contact_id="root_id", kind=pl.lit("call back"))


def _birthdays(store: Store, first: dt.date, last: dt.date) -> pl.DataFrame:
    sql = f"""SELECT c.owner, c.id, {_NAME}, c.birthday FROM contact c WHERE c.birthday IS NOT NULL AND c.id = c.root_id
              AND c.id NOT IN (SELECT root_id FROM archived)"""
    types = {"owner": _TEXT, "contact_id": _ID, "name": _TEXT, "birthday": _TEXT}
    found = due.birthdays(store.query(sql, [], types), first, last)
    years = pl.when(pl.col("age") > 0).then(pl.format("{} years", "age"))
    return found.with_columns(kind=pl.lit("birthday"), what=years)


def _days(store: Store, rules: Rules, first: dt.date, last: dt.date) -> list[pl.DataFrame]:
    """Return the days of the workspace's own fields that `fields.toml` declares as due."""
    own = {name: rule.title for name, rule in rules.fields.field.items() if rule.due}
    sql = f"""SELECT json_extract(c.custom, ?), c.owner, c.id, {_NAME} FROM contact c
              WHERE c.id = c.root_id AND json_extract(c.custom, ?) BETWEEN ? AND ?"""
    types = {"on": _TEXT, "owner": _TEXT, "contact_id": _ID, "name": _TEXT}
    found = []
    for name, title in own.items():
        path = f'$."{name.removeprefix("attr.")}"'
        rows = store.query(sql, [path, path, first.isoformat(), last.isoformat()], types)
        found.append(rows.with_columns(kind=pl.lit(title), what=pl.lit(None, _TEXT)))
    return found


def _verifications(store: Store, rules: Rules, first: dt.date, last: dt.date) -> pl.DataFrame:
    """Return the values that the regulation wants checked by a day; of each contact one line."""
    flags = judging.judged(freshness.facts(store, rules, first), rules.freshness, first)
    late = flags.filter((pl.col("flag") != "green") & (pl.col("due_on") <= last)).with_columns(
        field=pl.col("check").replace_strict(
            dict(enumerate(check.field for check in rules.freshness.check)), return_dtype=_TEXT
        )
    )
    each = late.group_by("contact_id").agg(pl.col("due_on").min(), what=pl.col("field").unique().sort().str.join(", "))
    sql = f"SELECT c.id, c.owner, {_NAME} FROM contact c WHERE c.id IN (SELECT value FROM json_each(?))"
    ids = json.dumps(each["contact_id"].to_list())
    names = store.query(sql, [ids], {"contact_id": _ID, "owner": _TEXT, "name": _TEXT})
    return each.join(names, on="contact_id").with_columns(
        on=pl.col("due_on").dt.to_string("iso"), kind=pl.lit("verify")
    )
