"""`crmtool audit due`, `plan`: what to check now, and the quarter's work spread over weeks and owners."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crmtool.cli import audit_decay, screen
from crmtool.cli.inputs import output_option
from crmtool.cli.session import Session, command
from crmtool.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl

    from crmtool.io.languages import Speech

_MOST = 100_000  # tasks of a list that people work through; the most urgent ones
_FORMULA = (
    "Priority = 60 × redness + 40 × worth: found bad 1, overdue or never verified 0.5 to 1, due soon 0.3; worth is"
    " the share of clients who bought for no more."
)
_UNFIT = (
    "%(n)s does not fit: an owner checks %(capacity)s a week. Give more --weeks or --capacity.",
    "%(n)s do not fit: an owner checks %(capacity)s a week. Give more --weeks or --capacity.",
)
_AS_OF = Annotated[
    str | None, typer.Option("--as-of", metavar="DAY", help="As of this day, e.g. 2026-11-21.", show_default=False)
]
_OWNER = Annotated[str | None, typer.Option(help="Only of this owner; '' for nobody's.", show_default=False)]
_FIELD = Annotated[str | None, typer.Option(help="Only this field, e.g. phone.", show_default=False)]
_LANG = Annotated[str, typer.Option("--lang", help="Language: en, ru, uk.")]
_FORCE = Annotated[bool, typer.Option("--force", help="Overwrite the file.")]


def declare(noun: typer.Typer) -> None:
    """Add the commands."""

    @command(noun, "due")
    def due(
        session: Session,
        owner: _OWNER = None,
        field: _FIELD = None,
        bad: Annotated[bool, typer.Option("--bad", help="Only what was found wrong or unreachable.")] = False,
        days: Annotated[int, typer.Option(min=0, help="Also what falls due within so many days.")] = 7,
        limit: Annotated[int, typer.Option(min=1, help="Lines to show.")] = 20,
        output: Annotated[Path | None, output_option("Write .xlsx, .ics or .txt, by owner.")] = None,
        as_of: _AS_OF = None,
        lang: _LANG = "en",
        force: _FORCE = False,
    ) -> None:
        """Show what to check this week, the most urgent first; or write it as lists, a calendar or a letter.

        Example: crmtool audit due --owner "Инна Лисовая" -o inna.ics
        """
        from crmtool.core.audits import workload

        speech, day = _speech(lang), _day(session, as_of)
        found = workload.due(_flags(session, day, owner, field, bad=bad), day, days)
        _warned(session, found, speech)
        if output:
            _written(session, _tasks(session, found.head(_MOST)), day, speech, output, force=force)
            return
        _told(session, found, day, speech, limit)

    @command(noun, "plan")
    def plan(
        session: Session,
        capacity: Annotated[int, typer.Option(min=1, help="Values an owner can check in a week.")] = 40,
        weeks: Annotated[int, typer.Option(min=1, max=520, help="Weeks to spread the work over.")] = 13,
        owner: _OWNER = None,
        field: _FIELD = None,
        output: Annotated[Path | None, output_option("Write .xlsx or .ics, by owner.")] = None,
        as_of: _AS_OF = None,
        lang: _LANG = "en",
        force: _FORCE = False,
    ) -> None:
        """Spread what is red or due soon evenly over weeks and owners, the most urgent first.

        Example: crmtool audit plan --capacity 30 --weeks 6
        """
        from crmtool.core.audits import workload

        speech, day = _speech(lang), _day(session, as_of)
        found = _flags(session, day, owner, field, bad=False)
        _warned(session, found, speech)
        spread = workload.spread(found, day, weeks, capacity)
        if output:
            tasks = _tasks(session, spread.filter(spread["on"].is_not_null()).head(_MOST))
            _written(session, tasks, day, speech, output, force=force)
            return
        _planned(session, spread, capacity, speech)

    audit_decay.declare(noun)


def write_lists(session: Session, day: dt.date, speech: Speech, path: Path, *, force: bool) -> None:
    """Write what is red or yellow on a day as a workbook with a sheet for each owner."""
    from crmtool.io.renderers import worklists

    found = _flags(session, day, None, None, bad=False)
    worklists.write_workbook(_tasks(session, found.head(_MOST)), speech, path, force=force)
    _cut(found.height)


def _speech(language: str) -> Speech:
    from crmtool.io import languages

    return languages.speech(language)


def _day(session: Session, text: str | None) -> dt.date:
    try:
        return dt.date.fromisoformat(text) if text else session.today
    except ValueError:
        raise UsageError(f"{text!r} is no day.", "Write it as 2026-11-21.") from None


def _flags(session: Session, day: dt.date, owner: str | None, field: str | None, *, bad: bool) -> pl.DataFrame:
    from crmtool.io.auditing import due

    known = [check.field for check in session.rules.freshness.check]
    if field is not None and field not in known:
        raise UsageError(
            f"{field!r} is not checked by the regulation.", f"Checked are: {', '.join(dict.fromkeys(known))}"
        )
    session.store.show(["owner"] if owner is not None else [])
    with session.working("Reading"):
        return due.open_flags(session.store, session.rules, day, field=field, owner=owner, bad=bad)


def _tasks(session: Session, flags: pl.DataFrame) -> list[dict[str, Any]]:
    from crmtool.io.auditing import due

    return due.tasks(session.store, session.rules, flags)


def _warned(session: Session, found: pl.DataFrame, speech: Speech) -> None:
    """Say so where there is nothing to do: no table and no file would say nothing."""
    if found.is_empty() and not session.options.quiet and not session.options.as_json:
        screen.say(speech.t("Nothing is to be checked."))


def _told(session: Session, found: pl.DataFrame, day: dt.date, speech: Speech, limit: int) -> None:
    tasks = _tasks(session, found.head(limit))
    if session.options.as_json:
        screen.document({"as_of": day, "total": found.height, "tasks": tasks})
    elif tasks and not session.options.quiet:
        heads = [speech.field(word) for word in ("priority", "contact", "field", "flag", "why", "due", "owner")]
        screen.table(heads, [_line(task, speech) for task in tasks], right=[0], whole=[5])
        if found.height > limit:
            cut = speech.t("The first %(shown)s of %(total)s.", shown=limit, total=speech.number(found.height))
            screen.say(f"{cut} {speech.t('All of them with -o list.xlsx.')}")
        screen.say(speech.t(_FORMULA))


def _line(task: Mapping[str, Any], speech: Speech) -> tuple[object, ...]:
    from crmtool.io.renderers.audit_markdown import SHAPES

    who = f"{task['contact_id']} {task['name'] or ''}".strip()
    what = f"{speech.field(task['field'])} {task['value'] or ''}".strip()
    flag = f"{SHAPES[task['flag']]} {speech.t(task['flag'])}"
    return task["priority"], who, what, flag, speech.t(task["reason"]), task["due_on"] or "—", task["owner"] or "—"


def _planned(session: Session, spread: pl.DataFrame, capacity: int, speech: Speech) -> None:
    """Tell how many tasks each owner has in each week, and how many do not fit."""
    import polars as pl

    counted = spread.group_by("owner", "on").agg(pl.len().alias("values")).sort("owner", "on", nulls_last=True)
    if session.options.as_json:
        screen.document([{**row, "week": row.pop("on")} for row in counted.to_dicts()])
        return
    if session.options.quiet or spread.is_empty():
        return
    unfit = speech.t("does not fit")
    rows = [(row["owner"] or "—", row["on"] or unfit, speech.number(row["values"])) for row in counted.to_dicts()]
    screen.table([speech.t(word) for word in ("owner", "week from", "values")], rows, right=[2])
    left = int(counted.filter(counted["on"].is_null())["values"].sum())
    if left:
        screen.say(speech.n(*_UNFIT, left, capacity=capacity))


def _written(
    session: Session, tasks: Sequence[Mapping[str, Any]], day: dt.date, speech: Speech, path: Path, *, force: bool
) -> None:
    """Write tasks; where a calendar or a letter is for several owners, a file for each beside `path`."""
    from crmtool.io.renderers import worklists

    ending = path.suffix.lower()
    if ending == ".xlsx":
        worklists.write_workbook(tasks, speech, path, force=force)
        written = [path]
    elif ending in {".ics", ".txt"}:
        written = [
            _of_owner(session, owner, own, day, speech, _named(path, owner, speech), force=force)
            for owner, own in worklists.by_owner(tasks).items()
        ]
    else:
        raise UsageError(f"{path.name}: the ending says no format.", "Name the file .xlsx, .ics or .txt.")
    if not session.options.quiet and not session.options.as_json:
        for file in written:
            screen.say(f"Wrote {file}")
        _cut(len(tasks))
    elif session.options.as_json:
        screen.document({"files": [str(file) for file in written], "tasks": len(tasks)})


def _of_owner(
    session: Session,
    owner: str | None,
    tasks: Sequence[Mapping[str, Any]],
    day: dt.date,
    speech: Speech,
    path: Path,
    *,
    force: bool,
) -> Path:
    from crmtool.io.renderers import worklists
    from crmtool.io.writers import files

    dated = [{"on": max(task["due_on"] or day, day), **task} for task in tasks]
    calendar = path.suffix.lower() == ".ics"
    text = worklists.calendar(dated, speech, session.now) if calendar else worklists.letter(owner, tasks, speech, day)
    with files.atomic(path, force=force) as temporary:
        temporary.write_bytes(text.encode("utf-8"))
    return path


def _named(path: Path, owner: str | None, speech: Speech) -> Path:
    """Return the file of an owner: the name given, and theirs, of letters and digits alone."""
    said = owner or speech.t("nobody")
    plain = "-".join("".join(c if c.isalnum() else " " for c in said).split())[:60] or "owner"
    return path.with_name(f"{path.stem}-{plain}{path.suffix}")


def _cut(count: int) -> None:
    if count > _MOST:
        screen.remark(f"The first {_MOST} of {count}, the most urgent ones.")
