"""`crmtool tags`: the tags of contacts, their dictionary, and what to do about those that went astray."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from crmtool.cli import screen
from crmtool.cli.session import Session, command
from crmtool.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crmtool.core.plans import Plan

_Tag = Annotated[str, typer.Argument(show_default=False)]


def declare(app: typer.Typer) -> None:
    """Add the commands."""
    noun = typer.Typer(help="Tags of contacts, and their dictionary.", no_args_is_help=True)
    app.add_typer(noun, name="tags")

    @command(noun, "list")
    def list_(session: Session) -> None:
        """List the tags with how many contacts have them, what they mean and whose they are.

        Example: crmtool tags list
        """
        rows = _listed(session)
        if session.options.as_json:
            screen.document(rows)
        elif not session.options.quiet:
            lines = [tuple(row.values()) for row in rows]
            screen.table(["tag", "contacts", "last given", "until", "owner", "meaning"], lines, right=[1])

    @command(noun, "rename", writes=True)
    def rename(session: Session, old: _Tag, new: _Tag) -> None:
        """Give a tag another name, on all contacts.

        Example: crmtool tags rename вебинар_май24 "вебинар май 24"
        """
        from crmtool.core.folding import folded
        from crmtool.io import tagging

        counts = {folded(tag) for tag in tagging.used(session.store)["tag"]}
        if folded(new) in counts and folded(new) != folded(old):
            raise UsageError(
                f"There is a tag {new!r} already.", f"To put both together: crmtool tags merge {old!r} --into {new!r}"
            )
        _offer(session, [old], new, f"tags rename {old}")

    @command(noun, "merge", writes=True)
    def merge(
        session: Session,
        tags: Annotated[list[str], typer.Argument(show_default=False)],
        into: Annotated[str, typer.Option("--into", help="The tag that stays.", show_default=False)],
    ) -> None:
        """Put several tags together under one name, on all contacts.

        Example: crmtool tags merge webinar-may вебинар --into вебинар_май24
        """
        _offer(session, tags, into, f"tags merge into {into}")

    @command(noun, "review")
    def review(session: Session) -> None:
        """List the tags somebody should look at: expired, nearly the same as another, unknown, unused, long not given.

        Example: crmtool tags review
        """
        rows = _reviewed(session)
        if session.options.as_json:
            screen.document(rows)
        elif not session.options.quiet:
            screen.table(["tag", "contacts", "why", "what to do"], [tuple(row.values()) for row in rows], right=[1])
            screen.say(f"{screen.counted(len(rows), 'line')} to look at. The dictionary: rules/vocabularies/tags.toml")


def _offer(session: Session, old: Sequence[str], new: str, name: str) -> None:
    """Offer the plan that renames tags. Raises UsageError where nobody has one of them."""
    with session.turn(name):
        plan = _planned(session, old, new, name)
        edit = plan.edits["contact_tag"]
        contacts = screen.counted(edit.after.height, "contact")
        said = f"{new}: given to {contacts} for the old name; {edit.removed.height} had it already."
        session.offer(plan, lambda: screen.say(screen.safe(said)))


def _planned(session: Session, old: Sequence[str], new: str, name: str) -> Plan:
    from crmtool.core import tags
    from crmtool.core.folding import folded
    from crmtool.core.segments.refusals import suggested
    from crmtool.io import tagging

    clean = " ".join(new.split())
    if not clean:
        raise UsageError("A tag needs a name.", "Write it in quotes where it has spaces.")
    with session.store.reading():
        there = {folded(tag): tag for tag in tagging.used(session.store)["tag"]}
        for tag in old:
            if folded(tag) not in there:
                raise UsageError(f"Nobody has the tag {tag!r}.", suggested(tag, sorted(there.values())))
        rows = tagging.rows(session.store, [*old, clean])
        return tags.plan_renamed(rows, old, clean, name, session.store.revision(), session.rules.fingerprint)


def _listed(session: Session) -> list[dict[str, Any]]:
    """Return the tags in use and those of the dictionary: tag, contacts, last_on, until, owner, meaning."""
    from crmtool.core.folding import folded
    from crmtool.core.tag_rules import Tag
    from crmtool.io import tagging

    known = {folded(name): rule for name, rule in session.rules.tags.tag.items()}
    rows = tagging.used(session.store).rows()
    here = {folded(tag) for tag, *_ in rows}
    rows += [(name, 0, None) for name in session.rules.tags.tag if folded(name) not in here]
    told = []
    for tag, contacts, last_on in rows:
        rule = known.get(folded(tag), Tag())
        until = rule.until.isoformat() if rule.until else None
        facts = {"tag": tag, "contacts": contacts, "last_on": last_on, "until": until}
        told.append({**facts, "owner": rule.owner or None, "meaning": rule.meaning or None})
    return told


def _reviewed(session: Session) -> list[dict[str, Any]]:
    """Return the review: tag, contacts, reason, todo."""
    from crmtool.core import tags
    from crmtool.io import tagging

    found = tags.review(tagging.used(session.store), session.rules.tags, session.today)
    return [
        {"tag": tag, "contacts": contacts, "reason": reason, "todo": _todo(tag, reason, like)}
        for tag, contacts, reason, like in found.rows()
    ]


def _todo(tag: str, reason: str, like: str | None) -> str:
    ways = {
        "near-duplicate": f"crmtool tags merge {tag!r} --into {like!r}",
        "unknown": "say in the dictionary what it means, or rename it",
        "expired": "give it another day in the dictionary, or rename it",
        "unused": "take it out of the dictionary",
        "idle": "take it off, or leave it",
    }
    return ways[reason]
