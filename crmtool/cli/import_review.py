"""`crmtool runs review`: the log of imports by source, for the weekly look."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crmtool.cli import screen
from crmtool.cli.session import Session, command

if TYPE_CHECKING:
    from crmtool.core.import_review import Source


def declare(noun: typer.Typer) -> None:
    """Add the command to the noun `runs`."""

    @command(noun, "review")
    def review(
        session: Session, days: Annotated[int, typer.Option(min=1, help="How many days to look back.")] = 7
    ) -> None:
        """Show what each source brought: rows, new and known ones, rejects; and which source has fallen silent.

        Example: crmtool runs review --days 7
        """
        from crmtool.core import import_review
        from crmtool.io import import_log

        last = session.today
        first = last - dt.timedelta(days=days - 1)
        found = import_review.reviewed(import_log.imports(session.store), first, last)
        if session.options.as_json:
            screen.document({"from": first.isoformat(), "to": last.isoformat(), "sources": list(map(_document, found))})
        elif not session.options.quiet:
            _shown(found, first, last)


def _document(source: Source) -> dict[str, Any]:
    share = source.rejected_share
    return {**source._asdict(), "last": source.last.isoformat(), "rejected_share": share and round(share, 4)}


def _shown(found: list[Source], first: dt.date, last: dt.date) -> None:
    headings = ["source", "files", "rows", "new", "known", "rejected", "to review", "last", ""]
    rows = [_line(source) for source in found]
    screen.table(headings, rows, title=f"Imports from {first} to {last}", right=[1, 2, 3, 4, 5, 6])
    if not found:
        screen.say("Nothing was ever imported.")


def _line(source: Source) -> tuple[Any, ...]:
    counts, share = source.counts, source.rejected_share
    known = counts["updated"] + counts["unchanged"] + counts["repeated"]
    rejected = f"{counts['rejected']} ({share:.0%})" if share else counts["rejected"]
    silent = f"silent for {source.silent_days} days, usually {source.usual_days}" if source.is_silent else ""
    shown = (source.files, counts["read"], counts["new"], known, rejected, counts["to_review"])
    return (source.source, *shown, source.last.isoformat(), silent)
