"""All that is held about a person as one page for people to read: the page of reports, with a table for each kind.

To give a table a title of its own: a line in `_TITLES`; the others are shown under their names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from crmtool.core.reports.shapes import Report, Section
from crmtool.io.renderers import report as page

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

_TITLES = {
    "record": "Where it came from: each row as it was read, and what was understood",
    "channel": "Phones, e-mails and other addresses",
    "contact_tag": "Tags",
    "verdict": "Who is the same person, and who is not",
    "verification": "What was checked",
    "consent": "Consents",
    "interaction": "Calls, letters, meetings, notes",
    "deal": "Deals",
    "deal_stage": "How the deals went",
    "attachment": "Files that came with them (names only; what is in them is not kept here)",
    "archive": "Put into the archive",
    "segment_membership": "Lists this person was in",
    "reject": "Rows that were not taken in",
    "export_log": "Files this person left in",
}
_SERVICE = {"id", "changeset_id", "root_id", "contact_id", "file_id", "source_key", "revision", "sha256"}


def person_html(held: Mapping[str, Any], as_of: dt.date) -> str:
    """Return all that is held about a person (see `person.held`) as a page of HTML that needs nothing else."""
    tables = held["tables"]
    golden = next(row for row in tables["contact"] if row["id"] == held["contact"])
    sections = [Section("Who this is", _frame(_facts(golden)))]
    sections += [Section(title, _frame(tables[name])) for name, title in _TITLES.items() if name in tables]
    sections.append(Section("Every change, oldest first", _frame(held["history"])))
    name = golden.get("name") or golden.get("email") or golden.get("phone") or "(no name)"
    return page.report_html(Report(f"{name}: all that is held", tuple(sections)), as_of)


def _facts(golden: Mapping[str, Any]) -> list[dict[str, Any]]:
    own = golden.get("custom", {})
    known = {**{name: value for name, value in golden.items() if name not in {*_SERVICE, "custom"}}, **own}
    return [{"field": name, "value": value} for name, value in known.items()]


def _frame(rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Return rows as a table of texts, with the columns that somebody has."""
    names = [name for name in dict.fromkeys(name for row in rows for name in row) if name not in _SERVICE]
    return pl.DataFrame({name: [_text(row.get(name)) for row in rows] for name in names})


def _text(value: Any) -> str:  # noqa: ANN401  # what JSON can hold
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_text(each)}" for name, each in value.items() if each not in (None, [], {}))
    if isinstance(value, list):
        return ", ".join(_text(each) for each in value)
    return "" if value is None else str(value)
