"""What in the history is out of the ordinary: mass exports, mass changes, work at night.

To add a kind of alert: a function that yields alerts of what was done, and a line in `found`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator

    from crmtool.core.alert_rules import Alerts


class Done(NamedTuple):
    """A change set: when it was here, by whom, how many contacts it changed or removed, whether a pipeline made it."""

    changeset: int
    at: dt.datetime
    actor: str
    command: str
    changed: int
    unattended: bool


class Taken(NamedTuple):
    """An exported file: its change set, when it was here, by whom, its name, and how many people are in it."""

    changeset: int
    at: dt.datetime
    actor: str
    file: str
    people: int


class Alert(NamedTuple):
    """Something to look at: "export", "export day", "change" or "night"; `number` is more than `limit`."""

    kind: str
    changeset: int
    at: dt.datetime
    actor: str
    what: str
    number: int | None
    limit: int | None


def found(done: Iterable[Done], taken: Iterable[Taken], rules: Alerts) -> list[Alert]:
    """Return what is to be told of, oldest first."""
    done, taken = list(done), list(taken)
    every = [*_large(taken, rules), *_by_day(taken, rules), *_changes(done, rules), *_nights(done, rules)]
    return sorted(every, key=lambda alert: (alert.changeset, alert.kind))


def _large(taken: Iterable[Taken], rules: Alerts) -> Iterator[Alert]:
    limit = rules.export_people
    yield from (Alert("export", t.changeset, t.at, t.actor, t.file, t.people, limit) for t in taken if t.people > limit)


def _by_day(taken: Iterable[Taken], rules: Alerts) -> Iterator[Alert]:
    """Yield an alert for each day on which somebody took too many people out in several files."""
    days: dict[tuple[dt.date, str], list[Taken]] = {}
    for each in taken:
        days.setdefault((each.at.date(), each.actor), []).append(each)
    for (_, actor), files in days.items():
        people, last = sum(each.people for each in files), files[-1]
        if len(files) > 1 and people > rules.export_day:
            yield Alert("export day", last.changeset, last.at, actor, f"{len(files)} files", people, rules.export_day)


def _changes(done: Iterable[Done], rules: Alerts) -> Iterator[Alert]:
    limit = rules.changed
    yield from (
        Alert("change", d.changeset, d.at, d.actor, d.command, d.changed, limit) for d in done if d.changed > limit
    )


def _nights(done: Iterable[Done], rules: Alerts) -> Iterator[Alert]:
    for each in done:
        if not each.unattended and each.actor not in rules.trusted and rules.is_night(each.at):
            yield Alert("night", each.changeset, each.at, each.actor, each.command, None, None)
