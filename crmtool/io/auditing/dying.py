"""The decay of a base, from its verifications: how fast e-mails, phones and positions die, and for whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from crmtool.core import model
from crmtool.core.audits import decay
from crmtool.core.errors import UsageError
from crmtool.io import beside, selecting
from crmtool.io.columns import packed
from crmtool.io.freshness import ROOTS, seen

if TYPE_CHECKING:
    import datetime as dt

    from crmtool.core.rules import Rules
    from crmtool.io.store import Store


def decays(store: Store, rules: Rules, day: dt.date, by: str | None) -> list[decay.Decay]:
    """Return how values of the checked fields die until a day, together and by a field of contacts or by segment.

    Raises UsageError for what contacts cannot be told by, and where scipy is not installed.
    """
    with store.reading():
        came = seen(store, day, first=True)
        fields = sorted({check.field for check in rules.freshness.check})
        # field by field: of all that was found out only the lives are kept
        lived = [decay.lives(_history(store, field, day), came) for field in fields]
        groups = _groups(store, rules, day, by) if by else None
    try:
        return decay.decays(pl.concat(lived), groups, rules.freshness.tolerance) if lived else []
    except ImportError:
        raise UsageError(
            "The decay of values needs scipy, which is not installed.", "Install it with: pip install 'crmtool[decay]'"
        ) from None


def _history(store: Store, field: str, day: dt.date) -> pl.DataFrame:
    """Return what was found out about the values of a field until a day (columns: `decay.HISTORY`)."""
    names = {"contact_id": "n.root_id", "field": "v.field", "value": "v.value", "outcome": "v.outcome", "on": 'v."on"'}
    columns = {name: (sql, decay.HISTORY[name]) for name, sql in names.items()}
    source = f"""FROM contact n CROSS JOIN verification v ON n.id = v.contact_id
                 WHERE v.field = '{field}' AND v.value IS NOT NULL AND v."on" <= '{day}'"""
    return packed(store, columns, source, "n.id").drop_nulls("on")


def _groups(store: Store, rules: Rules, day: dt.date, by: str) -> pl.DataFrame:
    """Return the group of each contact (columns contact_id, group); with segments it may be in several."""
    if by == "segment":
        names = selecting.askable(store, rules, day, sorted(rules.segments))
        conditions = selecting.conditions(store, rules, day, names)
        found = beside.read(store, conditions, selecting.members)
        parts = [
            members.rename("contact_id").to_frame().with_columns(group=pl.lit(name))
            for name, members in zip(names, found, strict=True)
        ]
        return pl.concat([pl.DataFrame(schema={"contact_id": pl.Int64(), "group": pl.String()}), *parts])
    own = by.startswith("attr.") and by in rules.fields.field
    if by not in model.FIELDS and not own:
        raise UsageError(
            f"Contacts cannot be told by {by!r}.", "Give segment, or a field such as source, type, attr.NAME."
        )
    store.show([by])
    path = by.removeprefix("attr.").replace("'", "''").replace('"', "")
    column = f"json_extract(n.custom, '$.\"{path}\"')" if own else f'n."{by}"'
    columns = {"contact_id": ("n.id", pl.Int64()), "group": (column, pl.String())}
    return packed(store, columns, f"FROM contact n WHERE {ROOTS}", "n.id")
