"""`crmtool audit`: freshness of every checked value as green, yellow or red, on the screen or as a page."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crmtool.cli import screen
from crmtool.cli.inputs import output_option
from crmtool.cli.session import Session, command
from crmtool.core.errors import UsageError

if TYPE_CHECKING:
    import polars as pl

    from crmtool.core.freshness_rules import Freshness
    from crmtool.io.store import Store


def declare(app: typer.Typer) -> None:
    """Add the command."""

    @command(app, "audit")
    def audit(
        session: Session,
        output: Annotated[Path | None, output_option("Write an HTML page.")] = None,
        as_of: Annotated[
            str | None, typer.Option(metavar="DAY", help="As of this day, e.g. 2026-11-21.", show_default=False)
        ] = None,
        limit: Annotated[int, typer.Option(min=1, help="Contacts to list.")] = 20,
        force: Annotated[bool, typer.Option("--force", help="Overwrite the page.")] = False,
    ) -> None:
        """Show how fresh the base is: who has to check what, and what is overdue.

        Example: crmtool audit -o report.html
        """
        from crmtool.core.audits import flags as audits

        day = _day(as_of) if as_of else session.today
        with session.store.reading():
            contacts, flags = _flags(session.store, session.rules.freshness, day)
            revision = session.store.revision().number
        if session.options.as_json:
            _document(flags, day, revision, session.rules.fingerprint)
        elif not session.options.quiet:
            _shown(flags, audits.by_contact(flags), day, limit)
        if output:
            _page(session, output, flags, contacts, day, revision, force=force)


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text!r} is no day.", "Write it as 2026-11-21.") from None


def _flags(store: Store, rules: Freshness, day: dt.date) -> tuple[int, pl.DataFrame]:
    """Return how many contacts there are and the flags of their checked values."""
    import polars as pl

    from crmtool.core.audits import flags as audits

    fields = list(dict.fromkeys(check.field for check in rules.check))
    roots = store.snapshot("contact", ["id", "root_id", "name", "email", "phone", "owner", *fields_once(fields)])
    roots = roots.filter(pl.col("id") == pl.col("root_id"))
    contacts = roots.with_columns(name=pl.coalesce("name", "email", "phone"))
    text = pl.String()
    verifications = store.query(
        """SELECT n.root_id, v.field, v.value, v.outcome, v."on"
           FROM verification v JOIN contact n ON n.id = v.contact_id""",
        [],
        {"contact_id": pl.Int64(), "field": text, "value": text, "outcome": text, "on": text},
    )
    seen = store.query(
        """SELECT n.root_id, max(substr(s.at, 1, 10)) FROM record r JOIN contact n ON n.id = r.contact_id
           JOIN changeset s ON s.id = r.changeset_id GROUP BY n.root_id""",
        [],
        {"contact_id": pl.Int64(), "on": text},
    )
    return contacts.height, audits.flags(contacts, verifications, seen, rules, day)


def fields_once(fields: list[str]) -> list[str]:
    """Return the checked fields that are not read anyway."""
    return [field for field in fields if field not in {"name", "email", "phone", "owner"}]


def _shown(flags: pl.DataFrame, people: pl.DataFrame, day: dt.date, limit: int) -> None:
    from crmtool.core.audits import flags as audits

    totals = {flag: flags.filter(flags["flag"] == flag).height for flag in audits.FLAGS}
    screen.say(
        f"Freshness on {day}: ● {totals['green']} green, ◐ {totals['yellow']} yellow, ■ {totals['red']} red values"
    )
    for by, heading in (("owner", "By owner"), ("field", "By field")):
        rows = [(row[0] or "—", *row[1:]) for row in audits.summary(flags, by).rows()]
        screen.table([by, "● green", "◐ yellow", "■ red", "values"], rows, title=heading, right=[1, 2, 3, 4])
    open_ = people.filter(people["flag"] != "green")
    worst = flags.join(open_.head(limit), on="contact_id", how="semi")
    rows = [
        (f["contact_id"], f["name"], f["field"], f["flag"], f["reason"], f["due_on"] or "—", f["owner"] or "—")
        for f in audits.worst_first(worst.filter(worst["flag"] != "green")).to_dicts()
    ]
    if rows:
        screen.table(
            ["", "contact", "field", "flag", "why", "due", "owner"], rows, title="To check, worst first", right=[0]
        )
    if open_.height > limit:
        screen.say(f"The first {limit} of {open_.height} contacts with something to check; all of them with --json.")


def _document(flags: pl.DataFrame, day: dt.date, revision: int, fingerprint: str) -> None:
    from crmtool.core.audits import flags as audits

    screen.document(
        {
            "as_of": day,
            "revision": revision,
            "rules": fingerprint,
            "by_owner": audits.summary(flags, "owner").to_dicts(),
            "by_field": audits.summary(flags, "field").to_dicts(),
            "flags": flags.to_dicts(),
        }
    )


def _page(
    session: Session, path: Path, flags: pl.DataFrame, contacts: int, day: dt.date, revision: int, *, force: bool
) -> None:
    from crmtool.io.renderers import audit
    from crmtool.io.writers import files

    html = audit.audit_html(
        flags,
        title="Freshness audit",
        as_of=day,
        revision=revision,
        fingerprint=session.rules.fingerprint,
        rules=session.rules.freshness,
        contacts=contacts,
    )
    with files.atomic(path, force=force) as temporary:
        temporary.write_text(html, encoding="utf-8")
    if not session.options.quiet and not session.options.as_json:
        screen.say(f"Wrote {path}")
