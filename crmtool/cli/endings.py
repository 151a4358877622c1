"""How a command that writes ends: its last line, and its document for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crmtool.cli.session import Options
    from crmtool.core.plans import Summary


def last_line(options: Options, summary: Summary, number: int | None) -> str:
    """Return what was done, with the way back or on."""
    if number is not None:
        applied = f"Applied as {number}. Take it back with: crmtool undo {number}"
        return f"Erased as {number}. This cannot be taken back." if "erased" in summary.facts else applied
    if summary.is_empty:
        return "Nothing to change."
    if options.dry_run:
        return "Dry run: nothing was changed."
    if options.save_plan:
        return f"Nothing was changed yet. Apply the plan with: crmtool apply {options.save_plan}"
    return "Nothing was changed."


def document(options: Options, summary: Summary, number: int | None) -> dict[str, Any]:
    """Return the same as one JSON-ready document."""
    tables = {row.pop("table"): row for row in summary.counts.to_dicts()}
    codes = summary.findings.select("code", "rows").group_by("code").sum().sort("code")
    return {
        "command": summary.command,
        "dry_run": options.looks,
        "changeset": number,
        "tables": tables,
        "facts": dict(summary.facts),
        "findings": dict(codes.iter_rows()),
    }
