"""`crmtool duplicates export --engine | import-scores`: pairs weighed past this machine, their scores taken back."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crmtool.cli import screen
from crmtool.cli.session import Session, command

if TYPE_CHECKING:
    from crmtool.core.plans import Plan
    from crmtool.io.handing import Scored


class Engine(StrEnum):
    """What weighs pairs elsewhere."""

    splink = "splink"


class Dialect(StrEnum):
    """The database that the engine works in."""

    duckdb = "duckdb"
    spark = "spark"


def declare(noun: typer.Typer) -> None:
    """Add the command to the noun; `export --engine` is declared with the queue's sheet, in `merging`."""

    @command(noun, "import-scores", writes=True)
    def import_scores(
        session: Session,
        folder: Annotated[Path, typer.Argument(help="The folder that was exported and scored.", show_default=False)],
        limit: Annotated[int, typer.Option(min=1, help="Lines to show.")] = 20,
    ) -> None:
        """Put the pairs that another engine scored into the review queue, as `find` would.

        Verdicts and thresholds hold; pairs of contacts that were changed since the export are left out and counted.

        Example: crmtool duplicates import-scores scores --yes
        """
        with session.turn("duplicates import-scores"):
            found, plan = _found(session, folder)
            session.offer(plan, lambda: _shown(session, found, limit))


def handed(session: Session, folder: Path, dialect: Dialect, *, force: bool) -> None:
    """Write what the engine needs into a folder, and say how to go on."""
    from crmtool.io import handing

    with session.working("duplicates export"), session.store.reading():
        counts = handing.written(session.store, session.rules, folder, dialect.value, force=force)
    if session.options.as_json:
        screen.document({"folder": str(folder), "dialect": dialect.value, "contacts": counts})
    elif not session.options.quiet:
        told = ", ".join(f"{kind}: {screen.counted(many, 'contact')}" for kind, many in counts.items())
        screen.say(
            f"Wrote {folder} ({told}). It holds personal data. Score it where Splink is with: "
            f"python {folder / handing.SCRIPT}; take the scores back with: crmtool duplicates import-scores {folder}"
        )


def _found(session: Session, folder: Path) -> tuple[Scored, Plan]:
    from dataclasses import replace

    from crmtool.core.duplicates import queue
    from crmtool.io import handing

    store = session.store
    with store.reading():
        found = handing.scored(store, session.rules, folder)
        facts = {
            "certain": int(found.pairs["certain"].sum()),
            **{name: found.told(name) for name in ("scored", "unknown", "changed", "new", "differing")},
        }
        verdict = store.next_ids()["verdict"]
        plan = queue.plan_find(found.pairs, facts, store.revision(), session.rules.fingerprint, verdict)
    return found, replace(plan, command=f"duplicates import-scores {folder.name}")


def _shown(session: Session, found: Scored, limit: int) -> None:
    from crmtool.cli import duplicates

    duplicates.pairs_shown(session.store, found.pairs, limit)
    apart = max(counts.apart for counts in found.counts.values())
    same = f"{found.told('differing')} of those compared differ from our weights, by {apart:.1g} bits at most"
    screen.say(f"{screen.counted(found.told('scored'), 'pair')} were scored; {same}.")
    for what, why in (("unknown", "of contacts that are gone or merged"), ("changed", "of contacts changed since")):
        if found.told(what):
            screen.say(f"Left out: {screen.counted(found.told(what), 'pair')} {why}.")
    if found.told("new"):
        screen.say(f"{screen.counted(found.told('new'), 'contact')} came after the export and were not scored.")
