"""What to check, from the store: red and yellow values with their priority, names and values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from crmtool.core.audits import workload
from crmtool.core.audits.report import WORK
from crmtool.io.auditing.report import flags_of, work
from crmtool.io.columns import packed

if TYPE_CHECKING:
    import datetime as dt

    from crmtool.core.rules import Rules
    from crmtool.io.store import Store

#: What is said of a task: that of a work list, how urgent it is, and when it is planned.
TASK = (*WORK, "priority")


def open_flags(
    store: Store, rules: Rules, day: dt.date, *, field: str | None = None, owner: str | None = None, bad: bool = False
) -> pl.DataFrame:
    """Return red and yellow flags with priority and owner, the most urgent first.

    Only of a field, only of an owner ("" for nobody), only what was found wrong or unreachable, where asked for.
    """
    with store.reading():
        flags = workload.ordered(flags_of(store, rules, day), worths(store, rules, day), day)
        columns = {"contact_id": ("n.id", pl.Int64()), "owner": ("n.owner", pl.String())}
        owners = packed(store, columns, "FROM contact n WHERE n.id = n.root_id", "n.id")
    joined = flags.join(owners, on="contact_id", how="left", maintain_order="left")
    if field:
        numbers = [number for number, check in enumerate(rules.freshness.check) if check.field == field]
        joined = joined.filter(pl.col("check").is_in(numbers))
    if owner is not None:
        joined = joined.filter(pl.col("owner").fill_null("") == owner)
    return joined.filter(pl.col("reason").is_in(["found wrong", "unreachable"])) if bad else joined


def worths(store: Store, rules: Rules, day: dt.date) -> pl.DataFrame:
    """Return what each client is worth, 0 to 1 (columns contact_id, worth), from the deals won until a day."""
    marks = ", ".join("?" * len(rules.deals.won))
    sql = f"""SELECT n.root_id, ifnull(d.currency, ''), d.amount FROM deal d JOIN contact n ON n.id = d.contact_id
              WHERE d.stage IN ({marks}) AND d.amount IS NOT NULL AND ifnull(d.closed_on, '') <= ?"""
    types = {"contact_id": pl.Int64(), "currency": pl.String(), "amount": pl.Int64()}
    return workload.worth(store.query(sql, [*rules.deals.won, day.isoformat()], types))


def tasks(store: Store, rules: Rules, flags: pl.DataFrame) -> list[dict[str, Any]]:
    """Return flags of `open_flags` as tasks, in their order (keys: `TASK`, and the further columns of `flags`)."""
    more = [name for name in ("priority", "on") if name in flags.columns]
    said = work(store, rules, flags)
    return [{**task, **extra} for task, extra in zip(said, flags.select(more).to_dicts(), strict=True)]
