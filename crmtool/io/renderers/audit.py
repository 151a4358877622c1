"""The freshness audit as one HTML page that needs nothing else: no script, no request, its pictures drawn in place.

The page is `templates/audit.html.j2`; what it shows is computed here. Every text that came from outside is escaped by
the template engine and made visible by `visible` (control and direction characters). To add a part of the page: a value
in `_page` and its place in the template.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from crmtool.core.audits import flags as audits

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from crmtool.core.freshness_rules import Freshness

MAX_ROWS = 500  # of a list that is read; a page of a million rows opens nowhere
MAX_GROUPS = 50  # of a table of counts
MAX_TEXT = 200  # characters of one value

#: Characters that show nothing or turn the direction of what stands around them.
_UNSEEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    r"\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)


class Part(NamedTuple):
    """One flag's share of a bar: where it starts and how long it is, in percent."""

    flag: str
    start: str
    length: str


def audit_html(
    flags: pl.DataFrame,
    *,
    title: str,
    as_of: dt.date,
    revision: int,
    fingerprint: str,
    rules: Freshness,
    contacts: int,
    limit: int = MAX_ROWS,
) -> str:
    """Return the audit as a page of HTML.

    `flags`: columns of `core.audits.SCHEMA`; `contacts`: how many were looked at; `limit`: rows of each list, the rest
    is counted. `revision` of the store and `fingerprint` of the rules say what the page was computed from.
    """
    facts = {"title": title, "as_of": as_of, "revision": revision, "fingerprint": fingerprint, "contacts": contacts}
    return environment().get_template("audit.html.j2").render(**facts, **_page(flags, limit), rules=rules)


def visible(value: object) -> object:
    r"""Return a value for the page: nothing as nothing, text with every unseen character written out as its number.

    >>> visible("evil\u202egnp.exe")
    'evil⟨U+202E⟩gnp.exe'
    """
    if value is None or isinstance(value, Markup):
        return "" if value is None else value
    return _UNSEEN.sub(lambda unseen: f"⟨U+{ord(unseen[0]):04X}⟩", str(value))


def short(text: str) -> str:
    """Return a text cut to what fits a table, saying how much was cut."""
    return text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}… ({len(text):,} characters)"


def share(part: int, whole: int) -> str:
    """Return a share in whole percent that never claims all or nothing where it is not.

    >>> share(999, 1000), share(1, 1000), share(0, 7), share(7, 7), share(0, 0)
    ('99 %', '<1 %', '0 %', '100 %', '—')
    """
    if not whole:
        return "—"
    return "<1 %" if 0 < part * 100 < whole else f"{part * 100 // whole} %"


def parts(row: Mapping[str, int]) -> list[Part]:
    """Return the bar of a row of counts (green, yellow, red, total)."""
    bar, start = [], 0
    for flag in audits.FLAGS:
        if row[flag]:
            bar.append(Part(flag, _percent(start, row["total"]), _percent(row[flag], row["total"])))
        start += row[flag]
    return bar


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f}%"


@cache
def environment() -> Environment:
    """Return the engine of every page: what it fills in is escaped, unseen characters are written out."""
    environment = Environment(
        autoescape=True,
        loader=PackageLoader("crmtool.io.renderers"),
        undefined=StrictUndefined,
        finalize=visible,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"short": short, "share": share, "parts": parts, "grouped": "{:,}".format}
    return environment


def _page(flags: pl.DataFrame, limit: int) -> dict[str, Any]:
    """Return what the page shows of the flags: totals, tables of counts and the lists of work."""
    owners = audits.summary(flags, "owner").sort("red", "yellow", descending=True, maintain_order=True)
    fields = audits.summary(flags, "field")
    return {
        "totals": {"total": flags.height, **{flag: int(fields[flag].sum()) for flag in audits.FLAGS}},
        "groups": [_group("field", fields), _group("owner", owners)],
        "lists": [_list(flags, flag, limit) for flag in ("red", "yellow")],
    }


def _group(by: str, counts: pl.DataFrame) -> dict[str, Any]:
    rows = counts.head(MAX_GROUPS).rename({by: "label"}).to_dicts()
    return {"by": by, "rows": rows, "total": counts.height}


def _list(flags: pl.DataFrame, flag: str, limit: int) -> dict[str, Any]:
    chosen = flags.filter(pl.col("flag") == flag)
    return {"flag": flag, "rows": audits.worst_first(chosen).head(limit).to_dicts(), "total": chosen.height}
