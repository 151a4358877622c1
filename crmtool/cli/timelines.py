"""`crmtool contacts timeline`: everything that happened with a contact, in order, on the screen or as a page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crmtool.cli import interactions, journals, screen
from crmtool.cli.inputs import output_option
from crmtool.cli.session import Session, command
from crmtool.core.errors import UsageError

if TYPE_CHECKING:
    import polars as pl

_BRIEF = 160  # characters of an event on the screen


def timeline(noun: typer.Typer) -> None:
    """Add `contacts timeline` to the commands of contacts."""

    @command(noun, "timeline")
    def timeline_(
        session: Session,
        contact: Annotated[int, typer.Argument(metavar="ID", help="Id of a contact.", show_default=False)],
        kind: Annotated[
            list[str] | None, typer.Option(help="Only these: call, deal, merge ...; repeatable.", show_default=False)
        ] = None,
        since: Annotated[str, typer.Option(metavar="DAY", help="Only from this day on.")] = "",
        limit: Annotated[int, typer.Option(min=1, help="Lines to show.")] = 30,
        new: Annotated[bool, typer.Option("--new", help="Only what was written since you last looked.")] = False,
        output: Annotated[Path | None, output_option("Write an HTML page.")] = None,
        force: Annotated[bool, typer.Option("--force", help="Overwrite the page.")] = False,
    ) -> None:
        """Show what happened with a contact, the newest first; what is new since you last looked has a mark.

        Example: crmtool contacts timeline 17 --kind call --since 2026-10-01
        """
        from crmtool.io import looks, timelines

        kinds = _known(kind or [], timelines.KINDS)
        day = interactions.moment(session, since)[:10] if since else ""
        with session.store.reading():
            root = timelines.root(session.store, contact)
            seen = looks.last(session.workspace.root, session.actor, root)
            found = timelines.events(session.store, root, kinds, day, -1 if new else limit + 1)
            about = timelines.about(session.store, root, session.rules.deals.won)
            revision = session.store.revision().number
        if new:
            found = found.filter(found["changeset_id"] > seen)
        rows = _rows(found.head(limit), journals.zone(session), seen)
        if session.options.as_json:
            screen.document({"contact": root, "events": found.head(limit).to_dicts()})
        elif not session.options.quiet:
            _shown(about, rows, more=found.height > limit)
            looks.looked(session.workspace.root, session.actor, root, revision)
        if output:
            _page(session, output, about, rows, more=found.height > limit, force=force)


def _known(kinds: list[str], known: tuple[str, ...]) -> list[str]:
    if odd := [kind for kind in kinds if kind not in known]:
        raise UsageError(f"There is no kind of event {odd[0]!r}.", f"Known are: {', '.join(known)}")
    return kinds


def _rows(events: pl.DataFrame, zone: str, seen: int) -> list[dict[str, Any]]:
    """Return events as they are shown: when, kind, who, what, next, new."""
    import polars as pl

    from crmtool.core.journal import deals, moments

    told = events.with_columns(when=moments.by_clock(pl.col("at"), zone))
    rows = []
    for event in told.to_dicts():
        way = {"in": "← ", "out": "→ "}.get(event["direction"] or "", "")
        lasted = f" ({event['seconds'] // 60}:{event['seconds'] % 60:02})" if event["seconds"] else ""
        files = f" +{screen.counted(event['files'], 'file')}" if event["files"] else ""
        money = f" — {deals.money(event['amount'], event['currency'])}" if event["amount"] is not None else ""
        steps = ", ".join(filter(None, (event["next_step"], event["next_on"])))
        rows.append(
            {
                "when": event["when"],
                "kind": f"{way}{event['kind']}",
                "who": event["who"] or "",
                "what": f"{event['what'] or ''}{money}{lasted}{files}",
                "next": steps,
                "new": bool(seen) and event["changeset_id"] > seen,
            }
        )
    return rows


def _shown(about: dict[str, Any], rows: list[dict[str, Any]], *, more: bool) -> None:
    screen.say(f"Contact {about['id']}: {about['name']}")
    for title, value in about["facts"]:
        screen.say(f"{title}: {value}")
    lines = []
    for row in rows:
        what = row["what"] if len(row["what"]) <= _BRIEF else f"{row['what'][:_BRIEF]}…"
        step = f" ⇒ {row['next']}" if row["next"] else ""
        lines.append(("•" if row["new"] else "", row["when"], row["kind"], row["who"], what + step))
    if lines:
        screen.table(["", "when", "what it was", "who", "what happened"], lines, whole=[1, 2])
    else:
        screen.say("Nothing happened yet.")
    if more:
        screen.say("Older events are left out; more with --limit.")


def _page(
    session: Session, path: Path, about: dict[str, Any], rows: list[dict[str, Any]], *, more: bool, force: bool
) -> None:
    from crmtool.io.renderers import timeline as page
    from crmtool.io.writers import files

    html = page.timeline_html(about, about["facts"], rows, as_of=session.today, zone=journals.zone(session), more=more)
    with files.atomic(path, force=force) as temporary:
        temporary.write_text(html, encoding="utf-8")
    if not session.options.quiet and not session.options.as_json:
        screen.say(f"Wrote {path}")
