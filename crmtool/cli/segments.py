"""`crmtool segments`: the saved filters, and how many people each one holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from crmtool.cli import screen
from crmtool.cli.session import Session, command
from crmtool.core.errors import UsageError

if TYPE_CHECKING:
    from crmtool.core.segments import Condition


#: Contacts that segments speak of: golden records that are not archived.
PRESENT = "c.root_id = c.id AND c.id NOT IN (SELECT root_id FROM archived)"


def declare(app: typer.Typer) -> None:
    """Add the commands."""
    noun = typer.Typer(help="Saved filters over contacts.", no_args_is_help=True)
    app.add_typer(noun, name="segments")

    @command(noun, "list")
    def list_(session: Session) -> None:
        """List the segments with their titles and counts.

        Example: crmtool segments list
        """
        rows = [
            (name, segment.title, counted(session, condition(session, name)), segment.where)
            for name, segment in sorted(session.rules.segments.items())
        ]
        keys = ("name", "title", "contacts", "where")
        if session.options.as_json:
            screen.document([dict(zip(keys, row, strict=True)) for row in rows])
        elif not session.options.quiet:
            screen.table(["segment", "title", "contacts", "where"], rows, right=[2])

    @command(noun, "count")
    def count(
        session: Session, segment: Annotated[str, typer.Argument(help="Name, or a filter.", show_default=False)]
    ) -> None:
        """Count the contacts of a segment, or of a filter written here.

        Example: crmtool segments count "city = 'Київ' and has_tag('vip')"
        """
        number = counted(session, condition(session, segment))
        if session.options.as_json:
            screen.document({"segment": segment, "contacts": number})
        elif not session.options.quiet:
            screen.say(str(number))


def condition(session: Session, segment: str) -> Condition:
    """Return the condition of a saved segment, or of a filter written in its place. Raises UsageError."""
    from crmtool.core import segments
    from crmtool.io import rulebook

    rules = session.rules
    saved = rules.segments.get(segment)
    if saved is None and segment.replace("-", "").replace("_", "").isalnum():
        raise UsageError(f"There is no segment {segment!r}.", f"Known are: {', '.join(sorted(rules.segments))}")
    synonyms = {
        field: rulebook.synonyms(rules.vocabularies[rule.vocabulary])
        for field, rule in rules.fields.field.items()
        if rule.vocabulary
    }
    custom = frozenset(name for name in rules.fields.field if name.startswith("attr."))
    return segments.compiled(
        saved.where if saved else segment, today=session.today, custom=custom, vocabularies=synonyms
    )


def counted(session: Session, condition: Condition) -> int:
    """Return how many contacts a condition holds for."""
    import polars as pl

    sql = f"SELECT count(*) FROM contact c WHERE {PRESENT} AND ({condition.sql})"
    return int(session.store.query(sql, condition.params, {"count": pl.Int64()}).item())
