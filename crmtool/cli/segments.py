"""`crmtool segments`: the saved filters, how many people each one holds, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from crmtool.cli import membership, screen
from crmtool.cli.session import Session, command
from crmtool.core.errors import RoleRefused, UsageError
from crmtool.core.segments.sql import PRESENT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from crmtool.core.segments.outline import Part
    from crmtool.core.segments.sql import Condition

__all__ = ["PRESENT", "condition", "counted", "declare", "either"]

_Segment = Annotated[str, typer.Argument(help="Name, or a filter.", show_default=False)]
_FAILED = 4
_EVERYBODY = "id > 0"


def declare(app: typer.Typer) -> None:
    """Add the commands."""
    noun = typer.Typer(help="Saved filters over contacts.", no_args_is_help=True)
    app.add_typer(noun, name="segments")
    membership.declare(noun)

    @command(noun, "list")
    def list_(session: Session) -> None:
        """List the segments with their titles and counts.

        Example: crmtool segments list
        """
        from crmtool.io import selecting

        names = sorted(session.rules.segments)
        asked = selecting.askable(session.store, session.rules, session.today, names)
        counts = dict(zip(asked, (counted(session, each) for each in _conditions(session, asked)), strict=True))
        rows = [(n, session.rules.segments[n].title, counts.get(n), session.rules.segments[n].where) for n in names]
        keys = ("name", "title", "contacts", "where")
        document = [dict(zip(keys, row, strict=True)) for row in rows]
        _told(session, document, lambda: screen.table(["segment", *keys[1:3]], [row[:3] for row in rows], right=[2]))

    @command(noun, "count")
    def count(session: Session, segment: _Segment) -> None:
        """Count the contacts of a segment, or of a filter written here.

        Example: crmtool segments count "city = 'Київ' and has_tag('vip')"
        """
        number = counted(session, condition(session, segment))
        _told(session, {"segment": segment, "contacts": number}, lambda: screen.say(str(number)))

    @command(noun, "explain")
    def explain(session: Session, segment: _Segment) -> None:
        """Show each condition of a segment with its count, and how many are left after each.

        Example: crmtool segments explain vip-kyiv
        """
        rows = _explained(session, segment)
        lines = [("  " * row["depth"] + row["condition"], row["alone"], row["left"]) for row in rows]
        _told(session, rows, lambda: screen.table(["condition", "alone", "left"], lines, right=[1, 2]))

    @command(noun, "fields")
    def fields(session: Session) -> None:
        """List what a filter may ask for: fields, functions and days, each with an example.

        Example: crmtool segments fields
        """
        rows = _asked_for(session)
        _told(session, rows, lambda: _show_asked_for(rows))

    @command(noun, "check")
    def check(session: Session) -> int:
        """Check all segments: that they can be used, hold somebody, and are not due for a review.

        Example: crmtool segments check
        """
        rows = [_checked(session, name) for name in sorted(session.rules.segments)]
        _show_checked(session, rows)
        return _FAILED if any(row["wrong"] for row in rows) else 0


def _told(session: Session, document: object, show: Callable[[], None]) -> None:
    """Say a result in the way that was asked for."""
    if session.options.as_json:
        screen.document(document)
    elif not session.options.quiet:
        show()


# -- conditions -----------------------------------------------------------------------------------------------------


def condition(session: Session, segment: str) -> Condition:
    """Return the condition of a saved segment, or of a filter written in its place. Raises UsageError."""
    return _conditions(session, [segment])[0]


def _conditions(session: Session, segments: Sequence[str]) -> list[Condition]:
    from crmtool.io import selecting

    return selecting.conditions(session.store, session.rules, session.today, segments)


def counted(session: Session, condition: Condition) -> int:
    """Return how many contacts a condition holds for."""
    from crmtool.io import selecting

    return selecting.counted(session.store, condition)


def either(session: Session, segment: str, where: str) -> str:
    """Return the filter of a command that takes `--segment` and `--where`; both given: both must hold."""
    from crmtool.io import selecting

    if not (segment and where):
        return segment or where
    return f"({selecting.expression(session.rules, segment)}) and ({where})"


# -- explaining -----------------------------------------------------------------------------------------------------


def _explained(session: Session, segment: str) -> list[dict[str, Any]]:
    """Return the conditions of a filter: depth, condition, alone (how many it holds), left (how many so far hold)."""
    from crmtool.core.segments.outline import outline
    from crmtool.io import selecting

    saved = session.rules.segments.get(segment)
    text = saved.where if saved else selecting.expression(session.rules, segment)
    whole = outline(text)
    steps = whole.parts if whole.word == "and" else (whole,)
    rows: list[dict[str, Any]] = [{"depth": 0, "condition": "everybody", "alone": _EVERYBODY, "left": _EVERYBODY}]
    for number, step in enumerate(steps, 1):
        so_far = " and ".join(f"({each.text})" for each in steps[:number])
        lines = [{"depth": depth, "condition": line, "alone": line, "left": None} for depth, line in _lines(step, 0)]
        rows += [{**lines[0], "left": so_far}, *lines[1:]]
    filters = list(dict.fromkeys(row[key] for row in rows for key in ("alone", "left") if row[key]))
    counts = dict(zip(filters, (counted(session, each) for each in _conditions(session, filters)), strict=True))
    return [{**row, "alone": counts[row["alone"]], "left": counts.get(row["left"])} for row in rows]


def _lines(part: Part, depth: int) -> list[tuple[int, str]]:
    """Return a part and those it is made of, each with its depth."""
    return [(depth, part.text), *(line for inner in part.parts for line in _lines(inner, depth + 1))]


def _asked_for(session: Session) -> list[dict[str, str]]:
    """Return what a filter may ask for: what, name, example, meaning."""
    from crmtool.core.segments import fields, functions, values

    own = [name for name in session.rules.fields.field if name.startswith("attr.")]
    titles = {name: rule.title for name, rule in session.rules.fields.field.items()}
    rows = [("field", name, each.example, each.meaning) for name, each in fields.FIELDS.items()]
    rows += [("field", name, f"{name} is present", titles[name]) for name in sorted(own)]
    rows += [("function", name, each.usage, each.meaning) for name, each in functions.FUNCTIONS.items()]
    rows += [("day", name, each.usage, each.meaning) for name, each in values.DAYS.items()]
    return [dict(zip(("what", "name", "example", "meaning"), row, strict=True)) for row in rows]


def _show_asked_for(rows: list[dict[str, str]]) -> None:
    for what in ("field", "function", "day"):
        some = [(row["example"], row["meaning"]) for row in rows if row["what"] == what]
        screen.table([f"{what}s, as in", "which means"], some)


def _show_checked(session: Session, rows: list[dict[str, Any]]) -> None:
    if session.options.as_json:
        screen.document(rows)
        return
    shown = [row for row in rows if row["wrong"] or not session.options.quiet]
    keys = ("name", "contacts", "owner", "review_on")
    lines = [(*(row[key] for key in keys), row["wrong"] or row["remark"]) for row in shown]
    if lines:
        screen.table(["segment", "contacts", "owner", "review", "remark"], lines, right=[1])


def _checked(session: Session, name: str) -> dict[str, Any]:
    """Return what is to be said of a segment: name, contacts, owner, review_on, wrong, remark."""
    rule = session.rules.segments[name]
    number, wrong, kept = None, "", list[str]()
    try:
        number = counted(session, condition(session, name))
    except UsageError as error:
        wrong = f"{error.message} {error.hint}".strip()
    except RoleRefused as error:
        kept = [error.message]
    due = rule.review_on is not None and rule.review_on <= session.today
    remarks = (
        ["its review is due"] * due + ["holds nobody"] * (number == 0) + ["has no owner"] * (not rule.owner) + kept
    )
    review = rule.review_on.isoformat() if rule.review_on else None
    return {
        "name": name,
        "contacts": number,
        "owner": rule.owner,
        "review_on": review,
        "wrong": wrong,
        "remark": ", ".join(remarks),
    }
