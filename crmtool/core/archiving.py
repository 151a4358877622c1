"""The archive: contacts that are out of segments, exports and reports, in the history all the same, and can come back.

A contact is archived where each contact it is made of is, so one who comes back in a new list is there again. Before it
is archived, a contact is given the tag `REACTIVATION`: somebody writes or calls once more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from crmtool.core.plans import Plan, Revision, edit

if TYPE_CHECKING:
    from collections.abc import Mapping

REACTIVATION = "reactivation"


def plan_archive(
    command: str,
    silent: pl.DataFrame,
    asked: pl.Series,
    stamp: Mapping[str, str],
    revision: Revision,
    fingerprint: str,
    next_ids: Mapping[str, int],
) -> Plan:
    """Return the plan that archives contacts and asks others to be reactivated first.

    `silent`: contact_id and root_id of what the archived contacts are made of and is not archived yet; `asked`: ids
    of the contacts that get the tag; `stamp`: on, by and reason of the archive.
    """
    number = pl.lit(revision.next, pl.Int64)
    rows = silent.select(
        "contact_id",
        *(pl.lit(stamp[name], pl.String).alias(name) for name in ("on", "by", "reason")),
        id=pl.int_range(pl.len(), dtype=pl.Int64) + next_ids["archive"],
        changeset_id=number,
    )
    tags = (
        asked.rename("contact_id")
        .to_frame()
        .with_columns(
            tag=pl.lit(REACTIVATION),
            id=pl.int_range(pl.len(), dtype=pl.Int64) + next_ids["contact_tag"],
            changeset_id=number,
        )
    )
    edits = {"contact_tag": edit("contact_tag", created=tags), "archive": edit("archive", created=rows)}
    return Plan(
        command,
        revision,
        fingerprint,
        edits,
        facts={"archived": silent["root_id"].n_unique(), "reactivation": asked.len()},
    )


def plan_restore(command: str, rows: pl.DataFrame, revision: Revision, fingerprint: str) -> Plan:
    """Return the plan that takes rows out of the archive."""
    return Plan(command, revision, fingerprint, {"archive": edit("archive", removed=rows)})
