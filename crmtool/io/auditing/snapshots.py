"""The figures of an audit, kept so that later ones can tell what changed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core.plans import Plan, edit

if TYPE_CHECKING:
    from crmtool.core.audits.report import Report
    from crmtool.io.store import Store


def planned(store: Store, report: Report) -> Plan:
    """Return the plan that keeps the figures of an audit; those of the same day and rules are kept once."""
    figures = json.dumps(report.figures(), sort_keys=True)
    with store.reading():
        revision, ids = store.revision(), store.next_ids()
        same = store.snapshot("audit_snapshot", where="as_of", keys=[report.as_of.isoformat()])
    row = {"as_of": report.as_of.isoformat(), "rules": report.fingerprint, "figures": figures}
    known = same.filter(pl.col("figures") == figures, pl.col("rules") == report.fingerprint).height
    new = {"id": ids["audit_snapshot"], **row, "changeset_id": revision.next}
    edits = {} if known else {"audit_snapshot": edit("audit_snapshot", created=pl.DataFrame([new]))}
    return Plan(f"audit --keep {report.as_of}", revision, report.fingerprint, edits, facts=report.figures())
