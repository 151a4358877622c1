"""What happened with one contact as a page of HTML that needs nothing else: no script, no request.

The page is `templates/timeline.html.j2`. Escaping is the engine's (`pages.environment`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmtool.io.renderers.pages import environment

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

_LONGEST = 2_000  # characters of one event


def timeline_html(
    contact: Mapping[str, Any],
    facts: Sequence[tuple[str, str]],
    events: Sequence[Mapping[str, Any]],
    *,
    as_of: dt.date,
    zone: str,
    more: bool,
) -> str:
    """Return a contact (id, name), facts about it and its events as a page; `more`: there are events left out.

    An event has when, kind, who, what, next and new.
    """
    shown = [{**event, "what": _short(event["what"])} for event in events]
    page = environment().get_template("timeline.html.j2")
    return page.render(contact=contact, facts=facts, events=shown, as_of=as_of, zone=zone, more=more)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
