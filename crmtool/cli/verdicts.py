"""`crmtool duplicates verdicts`: what was decided about pairs, by whom, and taking one back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from crmtool.cli import screen
from crmtool.cli.history import shown
from crmtool.cli.session import Session, command
from crmtool.core.errors import UsageError

if TYPE_CHECKING:
    import polars as pl

    from crmtool.core.plans import Plan


def declare(noun: typer.Typer) -> None:
    """Add the command to the noun."""

    @command(noun, "verdicts", writes=True)
    def verdicts(
        session: Session,
        take_back: Annotated[
            int | None, typer.Option(metavar="N", help="Take this verdict back.", show_default=False)
        ] = None,
        contact: Annotated[int | None, typer.Option(help="Only those about this contact.", show_default=False)] = None,
        taken_back: Annotated[bool, typer.Option("--all", help="Those that were taken back as well.")] = False,
        limit: Annotated[int, typer.Option(min=1, help="Lines to show.")] = 20,
    ) -> None:
        """List what was decided about pairs, the newest first; pairs that wait are in: duplicates list.

        Example: crmtool duplicates verdicts --take-back 12
        """
        if take_back is None:
            _listed(session, contact, limit, holding=not taken_back)
            return
        with session.turn(f"duplicates verdicts --take-back {take_back}"):
            plan = _planned(session, take_back)
            session.offer(plan, lambda: shown(plan))


def _planned(session: Session, number: int) -> Plan:
    from crmtool.core import merges
    from crmtool.io import gathering, unmerging

    store = session.store
    with store.reading():
        sides = store.snapshot("verdict", ["left_id", "right_id"], where="id", keys=[number])
        if sides.is_empty():
            raise UsageError(f"There is no verdict {number}.", "See them with: crmtool duplicates verdicts")
        clusters = gathering.clusters(store, sides.row(0))
        consents = store.snapshot("consent", where="contact_id", keys=clusters.contacts["id"])
        choices = unmerging.choices(store, [number], clusters)
        ids, revision = store.next_ids(), store.revision()
        return merges.plan_take_back(number, clusters, revision, session.rules, ids, consents, choices)


def _listed(session: Session, contact: int | None, limit: int, *, holding: bool) -> None:
    import polars as pl

    from crmtool.io import gathering

    store = session.store
    with store.reading():
        rows = store.snapshot("verdict")
        if contact is not None:
            root = gathering.root_of(store, contact)
            members = store.snapshot("contact", ["id"], where="root_id", keys=[root])["id"]
            rows = rows.filter(pl.col("left_id").is_in(members.implode()) | pl.col("right_id").is_in(members.implode()))
    rows = rows.filter(pl.col("decision") != "unsure").sort("id", descending=True)
    rows = rows.filter(pl.col("retracted_in").is_null()) if holding else rows
    if session.options.as_json:
        screen.document(rows.drop("changeset_id").with_columns(changeset=rows["changeset_id"]).to_dicts())
    elif not session.options.quiet:
        _table(rows, limit)


def _table(rows: pl.DataFrame, limit: int) -> None:
    shown_ = rows.head(limit).select("id", "left_id", "right_id", "decision", "by", "reason", "retracted_in").rows()
    if shown_:
        headings = ["", "left", "right", "verdict", "by", "because", "taken back in"]
        screen.table(headings, shown_, right=[0, 1, 2, 6], whole=[3])
    more = f", the newest {limit} shown" if rows.height > limit else ""
    screen.say(f"{screen.counted(rows.height, 'verdict')}{more}. Take one back with: --take-back N")
