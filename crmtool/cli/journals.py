"""What the commands that read journals share: files become plans, and what came of the rows is told."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmtool.cli import inputs, screen
from crmtool.cli.session import Session

if TYPE_CHECKING:
    from crmtool.core.plans import Plan, Summary
    from crmtool.io.journals import Journal, Wishes

SOME_REJECTED = 3


def imported(session: Session, command: str, paths: list[Path], kind: str, wishes: Wishes) -> int:
    """Read journals of a kind ("interaction" or "deal") as one change set; return the exit code."""
    from crmtool.core import plans as planning
    from crmtool.io import journals

    heard: list[tuple[Journal, Plan]] = []
    read = [_parts(session, path, kind, wishes) for path in inputs.paths(paths)]
    first = list(itertools.islice(read[0], 2))
    small, whole = len(first) == 1 and len(read) == 1, [itertools.chain(first, read[0]), *read[1:]]
    del first
    plans = _plans(session, command, whole, heard)

    def facts() -> dict[str, Any]:
        return journals.total(plan.facts for _, plan in heard)

    def done() -> None:
        _set_aside(session, heard)

    if small:
        with session.working(command):
            plan = next(plans)
        summary = planning.summary(plan)
        session.offer(plan, lambda: _shown(heard, summary), done)
    else:
        session.offer_parts(plans, facts, lambda summary: _shown(heard, summary), done)
    return SOME_REJECTED if facts()["rejected"] else 0


def wishes(session: Session, source: str | None, kind: str | None = None) -> Wishes:
    """Return what was said on the command line about a journal."""
    from crmtool.io import journals

    said = session.reading
    return journals.Wishes(said.mapping, source, said.region, said.columns, kind)


def zone(session: Session) -> str:
    """Return the time zone of this workspace: that of the rules, else that of the computer."""
    from crmtool.io import zones

    return session.rules.communication.zone or zones.local(os.environ)


def _parts(session: Session, path: Path, kind: str, wanted: Wishes) -> Iterator[Journal]:
    from crmtool.io import journals, keeping_out
    from crmtool.io.readers import happenings

    ours = session.rules.communication.ours
    tables = happenings.parts(path, session.reading.options(), ours, session.today)
    if not session.store.is_veiled:  # who does not see everything may write one part alone
        tables = journals.smaller(tables)
    return journals.parts(tables, kind, session.rules, wanted, zone(session), keeping_out.watch(session.store))


def _plans(
    session: Session, command: str, files: list[Iterator[Journal]], heard: list[tuple[Journal, Plan]]
) -> Iterator[Plan]:
    from crmtool.io import journals

    today = session.today.isoformat()
    for parts in files:
        yield from journals.plans(
            session.store, session.rules, parts, command, today, lambda part, plan: heard.append(_light(part, plan))
        )


def _light(part: Journal, plan: Plan) -> tuple[Journal, Plan]:
    """Let go of what is not told at the end."""
    from dataclasses import replace

    kept = part.read.rows.is_in(part.rejected["row"].implode())
    read = replace(part.read, cells=part.read.cells.filter(kept), rows=part.read.rows.filter(kept))
    return replace(part, read=read), replace(plan, edits={})


def _set_aside(session: Session, heard: list[tuple[Journal, Plan]]) -> None:
    """Write the rejected rows of each file to a file that can be corrected and imported as it is."""
    import polars as pl

    from crmtool.io import rejects
    from crmtool.io.readers import table

    parts = [part for part, _ in heard]
    for _, group in itertools.groupby(parts, lambda part: (part.read.name, part.read.sha256)):
        several = list(group)
        wrong = pl.concat([part.rejected.select("row", "reasons") for part in several])
        path = rejects.written(session.workspace.root / "rejects", table.joined(p.read for p in several), wrong)
        if path and not session.options.quiet and not session.options.as_json:
            screen.say(f"Rejected rows: rejects/{path.name}. Correct them there and import that file.")


def _shown(heard: list[tuple[Journal, Plan]], summary: Summary) -> None:
    from crmtool.io.journals import OUTCOMES

    for name, part in {part.read.name: part for part, _ in reversed(heard)}.items():
        screen.say(f"{name}: {part.read.format}, mapping: {part.columns.name}, source: {part.columns.source}")
    screen.findings(summary.findings)
    facts = summary.facts
    sums = [f"{facts[part]} {part.replace('_', ' ')}" for part in OUTCOMES if facts[part]]
    screen.say(f"Rows: {facts['read']} read = {' + '.join(sums) or 0}")
    if facts["waiting"]:
        kind = heard[0][0].table
        screen.say(f"Of the new: {facts['waiting']} of nobody known; say whose they are with: crmtool {kind}s link")
    screen.changes(summary.counts)
