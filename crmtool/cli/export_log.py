"""`crmtool history exports`: what left the base: who took which people, for what, in which file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from crmtool.cli import screen

if TYPE_CHECKING:
    from crmtool.cli.session import Session

_HASH = 8  # of its digits, on a screen


def listed(session: Session) -> None:
    """Show the log of exports, oldest first."""
    store = session.store
    with store.reading():
        sets = {row["id"]: row for row in store.changesets().to_dicts()}
        rows = [_told(row, sets[row["changeset_id"]]) for row in store.snapshot("export_log").to_dicts()]
    if session.options.as_json:
        screen.document(rows)
    elif not session.options.quiet:
        headings = ["", "when (UTC)", "who", "what", "rows", "left out", "file", "sha256"]
        screen.table(headings, [_line(row) for row in rows], title="Exports", right=[0, 4, 5], whole=[7])


def _told(row: dict[str, Any], by: dict[str, Any]) -> dict[str, Any]:
    """Return an entry with who and when, its JSON read."""
    read = {name: json.loads(row[name]) for name in ("fields", "people", "withheld")}
    return {**row, **read, "at": by["at"], "actor": by["actor"]}


def _line(row: dict[str, Any]) -> tuple[Any, ...]:
    what = " ".join(filter(None, [row["segment"], row["part"], f"({row['purpose']})" if row["purpose"] else ""]))
    when = row["at"][:16].replace("T", " ")
    left = sum(row["withheld"].values()) or None
    return (row["changeset_id"], when, row["actor"], what, row["rows"], left, row["file"], row["sha256"][:_HASH])
