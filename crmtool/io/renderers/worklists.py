"""Lists of what to check: a workbook with a sheet for each owner, a text to send, and a calendar.

A workbook comes back through `crmtool contacts verify --from`: outcome, the value as it should be, and the day are
filled in by hand. To add a column: a line in `COLUMNS`, and in the headings that `crmtool.io.reports` knows.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import polars as pl

from crmtool.io.renderers import calendars
from crmtool.io.renderers.pages import visible

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from crmtool.io.languages import Speech

#: Heading of a column, to translate -> key of the task; None: to be filled in.
COLUMNS: dict[str, str | None] = {
    "contact": "contact_id",
    "name": "name",
    "field": "field",
    "value": "value",
    "flag": "flag",
    "why": "reason",
    "due": "due_on",
    "confirmed": "verified_on",
    "how": "how",
    "outcome": None,
    "right value": None,
    "checked on": None,
    "note": None,
}
_NOBODY = "nobody"


def by_owner(tasks: Iterable[Mapping[str, Any]]) -> dict[str | None, list[Mapping[str, Any]]]:
    """Return the tasks of each owner, owners in order, nobody last."""
    found: dict[str | None, list[Mapping[str, Any]]] = {}
    for task in tasks:
        found.setdefault(task["owner"], []).append(task)
    return dict(sorted(found.items(), key=lambda each: (each[0] is None, each[0] or "")))


def sheets(tasks: Sequence[Mapping[str, Any]], speech: Speech) -> dict[str, pl.DataFrame]:
    """Return a sheet for each owner: name -> texts under translated headings; names of sheets are unlike."""
    made: dict[str, pl.DataFrame] = {}
    for owner, own in by_owner(tasks).items():
        made[_unused(str(visible(owner or speech.t(_NOBODY))), made)] = _sheet(own, speech)
    return made or {speech.t(_NOBODY): _sheet([], speech)}


def write_workbook(tasks: Sequence[Mapping[str, Any]], speech: Speech, path: Path, *, force: bool) -> None:
    """Write the sheets of `sheets` as a workbook; no cell is a formula."""
    from crmtool.io.writers import xlsx

    xlsx.write_sheets(sheets(tasks, speech), path, force=force)


def letter(owner: str | None, tasks: Sequence[Mapping[str, Any]], speech: Speech, day: dt.date) -> str:
    """Return what an owner has to check as a text to send."""
    head = speech.n("%(n)s value to check.", "%(n)s values to check.", len(tasks))
    lines = [f"{owner or speech.t(_NOBODY)}, {speech.day(day)}", head, ""]
    lines += [f"{number}. {_said(task, speech)}" for number, task in enumerate(tasks, 1)]
    return "".join(f"{visible(line)}\n" for line in lines)


def calendar(tasks: Sequence[Mapping[str, Any]], speech: Speech, stamp: dt.datetime) -> str:
    """Return tasks as a calendar (RFC 5545): a whole-day entry for each owner and day, what is overdue on the first.

    Tasks have the day to do them in `on`.
    """
    days: dict[tuple[dt.date, str], list[Mapping[str, Any]]] = {}
    for task in tasks:
        days.setdefault((task["on"], task["owner"] or ""), []).append(task)
    entries = [_entry(day, owner, own, speech) for (day, owner), own in sorted(days.items())]
    return calendars.calendar(entries, stamp, "audit")


def _entry(day: dt.date, owner: str, tasks: Sequence[Mapping[str, Any]], speech: Speech) -> calendars.Entry:
    title = speech.n("%(n)s value to check.", "%(n)s values to check.", len(tasks)).rstrip(".")
    text = "\n".join(_said(task, speech) for task in tasks)
    name = hashlib.sha256(f"{day} {owner}".encode()).hexdigest()[:32]
    return calendars.Entry(name, day, f"{title}: {owner}" if owner else title, text)


def _said(task: Mapping[str, Any], speech: Speech) -> str:
    """Return a task in a line."""
    due = "—" if task["due_on"] is None else speech.day(task["due_on"])
    who = f"{task['name'] or speech.t('no name')} ({speech.t('no. %(id)s', id=task['contact_id'])})"
    what = f"{speech.field(task['field'])} {task['value'] or ''}".strip()
    return f"{who}: {what} — {speech.t(task['reason'])}, {speech.t('due')} {due}; {speech.t(task['how'])}"


def _sheet(tasks: Sequence[Mapping[str, Any]], speech: Speech) -> pl.DataFrame:
    columns = {
        speech.t(heading): [_cell(task, key, speech) if key else None for task in tasks]
        for heading, key in COLUMNS.items()
    }
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))


def _cell(task: Mapping[str, Any], key: str, speech: Speech) -> str | None:
    value = task[key]
    if key in {"flag", "reason", "how"}:
        return speech.t(str(value))
    return None if value is None else str(value)


def _unused(name: str, taken: Mapping[str, object]) -> str:
    """Return a name of a sheet that no other has; Excel takes no two that differ in case alone."""
    from crmtool.io.writers.xlsx import sheet_name

    used = {each.casefold() for each in taken}
    first = sheet_name(name)
    number = 1
    while first.casefold() in used:
        number += 1
        first = f"{sheet_name(name)[:26]} ({number})"
    return first
