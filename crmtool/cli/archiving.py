"""`contacts archive` and `restore`: who stayed silent leaves segments and reports, and can come back."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crmtool.cli import screen
from crmtool.cli.inputs import output_option
from crmtool.cli.segments import condition
from crmtool.cli.session import Session, command
from crmtool.core.errors import UsageError

if TYPE_CHECKING:
    import polars as pl

    from crmtool.core.plans import Plan


def declare(noun: typer.Typer) -> None:
    """Add the commands."""

    @command(noun, "archive", writes=True)
    def archive(
        session: Session,
        segment: Annotated[str, typer.Option("--segment", "--where", help="Name of a segment, or a filter.")] = "",
        inactive: Annotated[bool, typer.Option("--inactive", help="Who gave no sign of life for long.")] = False,
        after: Annotated[
            int, typer.Option(min=0, metavar="DAYS", help="Days between the reactivation list and the archive.")
        ] = 30,
        reason: Annotated[str, typer.Option(help="Why; kept with each contact.")] = "silent",
        output: Annotated[Path | None, output_option("Write the reactivation list: .csv or .xlsx.")] = None,
        force: Annotated[bool, typer.Option("--force", help="Overwrite the list.")] = False,
    ) -> None:
        """First ask once more, then archive who stayed silent: run it again after some weeks.

        Who is meant and was not asked yet gets the tag "reactivation" and stands on the list; who got it --after days
        ago and is still meant is archived. --after 0 archives all at once.

        Example: crmtool contacts archive --inactive -o reactivation.xlsx
        """
        if bool(segment) == inactive:
            raise UsageError("Who shall be archived?", "Give --segment, --where or --inactive.")
        with session.turn("contacts archive"):
            with session.store.reading():
                meant = _inactive(session) if inactive else _chosen(session, segment)
                ready, fresh = _ready(session, meant, after)
                plan = _plan(session, ready, fresh, reason)
            done = (lambda: _list(session, fresh, output, force=force)) if output else None
            session.offer(plan, lambda: _shown(plan, meant.len(), after), done)

    @command(noun, "restore", writes=True)
    def restore(
        session: Session,
        contacts: Annotated[list[int], typer.Argument(metavar="ID...", help="Ids of contacts.", show_default=False)],
    ) -> None:
        """Take contacts out of the archive.

        Example: crmtool contacts restore 17
        """
        from crmtool.core import archiving

        store = session.store
        with session.turn("contacts restore"):
            with store.reading():
                roots = store.snapshot("contact", ["root_id"], where="id", keys=contacts)["root_id"].unique()
                nodes = store.snapshot("contact", ["id"], where="root_id", keys=roots)["id"]
                rows = store.snapshot("archive", where="contact_id", keys=nodes)
                said = f"contacts restore {' '.join(str(contact) for contact in contacts)}"
                plan = archiving.plan_restore(said, rows, store.revision(), session.rules.fingerprint)
            if rows.is_empty():
                raise UsageError(
                    "None of these contacts is in the archive.", "Find them with: crmtool contacts find TEXT"
                )
            session.offer(plan, lambda: screen.say(f"Out of the archive: {screen.counted(roots.len(), 'contact')}"))


def _chosen(session: Session, segment: str) -> pl.Series:
    from crmtool.io import selecting

    return selecting.members(session.store, condition(session, segment))


def _inactive(session: Session) -> pl.Series:
    from crmtool.io.auditing import figures

    return figures.silent(session.store, session.today, session.rules.freshness.inactive_months)


def _ready(session: Session, meant: pl.Series, after: int) -> tuple[pl.Series, pl.Series]:
    """Return who was asked long enough ago, and who was not asked yet."""
    from crmtool.core.archiving import REACTIVATION
    from crmtool.io.freshness import local_day

    if not after:
        return meant, meant.clear()
    store = session.store
    sql = """SELECT n.root_id, max(s.at) FROM contact_tag t JOIN contact n ON n.id = t.contact_id
             JOIN changeset s ON s.id = t.changeset_id WHERE t.tag = ? GROUP BY n.root_id"""
    asked = store.query(sql, [REACTIVATION], {"id": meant.dtype, "at": _text()})
    latest = session.today - dt.timedelta(days=after)
    long_ago = [number for number, at in asked.rows() if local_day(at) <= latest]
    return meant.filter(meant.is_in(long_ago)), meant.filter(~meant.is_in(asked["id"].implode()))


def _text() -> pl.DataType:
    import polars as pl

    return pl.String()


def _plan(session: Session, ready: pl.Series, fresh: pl.Series, reason: str) -> Plan:
    from crmtool.core import archiving

    store = session.store
    nodes = store.snapshot("contact", ["id", "root_id"], where="root_id", keys=ready).rename({"id": "contact_id"})
    there = store.snapshot("archive", ["contact_id"], where="contact_id", keys=nodes["contact_id"])
    silent = nodes.join(there, on="contact_id", how="anti", maintain_order="left")
    stamp = {"on": session.today.isoformat(), "by": session.actor, "reason": reason}
    return archiving.plan_archive(
        "contacts archive", silent, fresh, stamp, store.revision(), session.rules.fingerprint, store.next_ids()
    )


def _shown(plan: Plan, meant: int, after: int) -> None:
    screen.say(f"Meant: {screen.counted(meant, 'contact')}")
    if plan.facts["reactivation"]:
        asked = screen.counted(plan.facts["reactivation"], "contact")
        screen.say(f"To ask once more, with the tag reactivation: {asked}; archive who stays silent in {after} days.")
    if plan.facts["archived"]:
        screen.say(f"To the archive: {screen.counted(plan.facts['archived'], 'contact')}")


def _list(session: Session, fresh: pl.Series, path: Path, *, force: bool) -> None:
    """Write who is to be asked once more."""
    from crmtool.io.writers import csv, xlsx

    rows = session.store.snapshot(
        "contact", ["id", "name", "company", "email", "phone", "owner"], where="id", keys=fresh
    )
    texts = rows.cast(_text())
    if path.suffix.lower() == ".xlsx":
        xlsx.write_xlsx(texts, path, sheet="reactivation", force=force)
    elif path.suffix.lower() == ".csv":
        csv.write_csv(texts, path, force=force)
    else:
        raise UsageError(f"{path.name}: the ending says no format.", "Name the file .csv or .xlsx.")
