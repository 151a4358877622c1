"""`crmtool history alerts`: exports, changes and hours that are out of the ordinary."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from crmtool.cli import screen
from crmtool.core.errors import UsageError

if TYPE_CHECKING:
    from crmtool.cli.session import Session
    from crmtool.core.alerts import Alert

_FAILED = 4
_SAID = {
    "export": "file with {number} people (over {limit})",
    "export day": "{number} people in one day (over {limit})",
    "change": "{number} contacts changed (over {limit})",
    "night": "at night",
}


def listed(session: Session, since: str, *, fail: bool) -> int:
    """Show the alerts since a day; return 4 where there are any and `fail` is asked for."""
    from crmtool.io import alerting

    found = alerting.found(session.store, session.rules.alerts, _day(since))
    if session.options.as_json:
        screen.document([{**alert._asdict(), "at": alert.at.isoformat()} for alert in found])
    elif not session.options.quiet:
        if found:
            screen.table(["", "when (here)", "who", "what", "because"], [_line(alert) for alert in found], right=[0])
        ever = f"since {since}" if since else "ever"
        screen.say(f"{screen.counted(len(found), 'alert')} {ever}, by rules/alerts.toml.")
    return _FAILED if found and fail else 0


def _line(alert: Alert) -> tuple[object, ...]:
    said = _SAID[alert.kind].format(number=alert.number, limit=alert.limit)
    return alert.changeset, f"{alert.at:%Y-%m-%d %H:%M}", alert.actor, alert.what, said


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise UsageError(f"{text!r} is no day.", "Write it as 2026-10-01.") from None
