"""How many contacts a plan changes: what the limit of `rules/limits.toml` is held against."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from crmtool.core import model
from crmtool.core.errors import SafetyRefused

if TYPE_CHECKING:
    from crmtool.core.limit_rules import Limits
    from crmtool.core.plans import Plan


def reached(plan: Plan, own: int | None = None) -> int:
    """Return how many contacts a plan changes: of which something that stands is changed or taken away.

    Contacts from the id `own` on were made by an earlier part of the same command and do not count.
    What is only added to somebody, such as a tag or an interaction, counts where the golden record changes by it.
    """
    found = [
        frame.get_column(column).rename("id")
        for table, edit in plan.edits.items()
        for column in ("id",) * (table == "contact") + model.REFERENCES.get(table, ())
        for frame in (edit.before, edit.removed)
    ]
    ids = pl.concat([pl.Series("id", [], dtype=pl.Int64), *found]).drop_nulls().unique()
    return (ids if own is None else ids.filter(ids < own)).len()


def more(plan: Plan) -> int:
    """Return by how many contacts a plan makes the base larger."""
    edit = plan.edits.get("contact")
    return edit.created.height - edit.removed.height if edit else 0


def refusal(number: int, contacts: int, limits: Limits) -> SafetyRefused | None:
    """Return the error about a command that changes so many of all contacts; None: it may."""
    if not limits.refuses(number, contacts):
        return None
    return SafetyRefused(
        f"This would change {number} of {contacts} contacts; the limit is {limits.share:.0%} (rules/limits.toml).",
        "Nothing was changed. Look at it with --dry-run; if it is meant, add --confirm.",
    )
