"""The act of destruction: what was erased, counted, by whom, when and why, and nothing of the person.

It is made of the change set that erased, so it can be made again at any time.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import polars as pl

from crmtool.core.reports.shapes import Report, Section
from crmtool.io import logbook
from crmtool.io.renderers import report as page

if TYPE_CHECKING:
    import datetime as dt

    from crmtool.io.store import Store


def act(store: Store, number: int, as_of: dt.date) -> str:
    """Return the act of the change set `number` as a page of HTML."""
    made = store.changesets().filter(pl.col("id") == number).to_dicts()[0]
    facts, head = json.loads(made["facts"]), store.revision()
    about = {
        "Erased on (UTC)": made["at"],
        "By": made["actor"],
        "Reason": facts["reason"],
        "People": facts["erased"],
        "Numbers of their contacts": ", ".join(map(str, facts["contacts"])),
        "Change set": number,
        "Its digest": made["digest"],
        "Head of the history": f"{head.number} {head.digest}",
    }
    done = logbook.tally(store, number)
    tables = [
        Section("What this is about", _pairs(about)),
        *_copies(facts.get("copies", [])),
        Section("Rows removed, emptied and written", done.select(table="tbl", what=_WORDS, rows="rows"), _KEPT),
    ]
    return page.report_html(Report(f"Act of destruction, change set {number}", tuple(tables)), as_of)


_WORDS = pl.col("op").replace_strict({"remove": "removed", "update": "emptied of names", "create": "written"})
_KEPT = (
    "The history of these rows was blanked. Kept are keyed hashes (table tombstone), by which the person is kept out of"
    " later imports and restored copies; they tell nothing to anybody without the key."
)


def _copies(copies: list[dict[str, str]]) -> list[Section]:
    """Return the section on copies that were made before, where there were any."""
    if not copies:
        return []
    frame = pl.DataFrame(copies).select("copy", "made", "folder", pl.col("goes").alias("goes on"))
    return [Section("Copies that held them when they were erased", frame, _RESTORED)]


_RESTORED = (
    "A copy that is restored is erased in again before it is used. The day it goes is by rules/backup.toml, with a copy"
    " made and pruned each day."
)


def _pairs(about: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame({"what": list(about), "": [str(value) for value in about.values()]})
