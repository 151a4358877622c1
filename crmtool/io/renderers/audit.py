"""The audit as one HTML page that needs nothing else: no request, its pictures drawn in place, whole without a script.

The page is `templates/audit.html.j2`; escaping is the engine's (`pages.environment`). Where scripts run, a small one
sorts tables by a click on a heading; the page allows that one alone, by its hash. To add a part of the page: a value in
`audit_html` and its place in the template.
"""

from __future__ import annotations

import base64
import hashlib
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

from markupsafe import Markup

from crmtool.core.audits.freshness import FLAGS
from crmtool.core.audits.report import SECTIONS
from crmtool.io.renderers.pages import environment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crmtool.core.audits.report import Report, Table
    from crmtool.io.languages import Speech

_WIDTH, _HEIGHT = 600, 120  # of the picture of the trend, in its own units
_TREND = 40  # snapshots that are drawn


class Part(NamedTuple):
    """One flag's share of a bar: where it starts, how long it is, and where it ends, in percent."""

    flag: str
    start: str
    length: str
    end: str


class Point(NamedTuple):
    """A point of the trend: where it stands in the picture, its day and score."""

    x: str
    y: str
    day: str
    score: float


def audit_html(report: Report, speech: Speech) -> str:
    """Return an audit as a page of HTML in a language. It holds personal data."""
    script = (resources.files("crmtool.io.renderers") / "templates" / "audit.js").read_text("utf-8").strip()
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return (
        environment()
        .get_template("audit.html.j2")
        .render(
            r=report,
            s=speech,
            t=speech.t,
            lines={line.code: line for line in report.lines},
            sections=SECTIONS,
            bar=parts,
            trend=points(report.trend),
            tables=[(table, _kinds(table)) for table in report.tables],
            script=Markup(script),  # noqa: S704  # a file of this package
            digest=digest,
        )
    )


def parts(counts: Sequence[int]) -> list[Part]:
    """Return the bar of counts of green, yellow and red."""
    total, start, bar = sum(counts), 0, []
    for flag, count in zip(FLAGS, counts, strict=True):
        if count:
            bar.append(Part(flag, *(_percent(part, total) for part in (start, count, start + count))))
        start += count
    return bar


def points(trend: Sequence[tuple[str, float]]) -> list[Point]:
    """Return the last scores as points of a picture of 600 by 120, a score of 100 at the top."""
    shown = trend[-_TREND:]
    step = _WIDTH / max(len(shown) - 1, 1)
    return [
        Point(f"{n * step:.1f}", f"{_HEIGHT * (1 - score / 100):.1f}", day, score)
        for n, (day, score) in enumerate(shown)
    ]


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f}%"


def _kinds(table: Table) -> list[str]:
    """Return what the cells of each column are: "number", "share", "day", "command" or "text"."""
    first = table.rows[0]
    named = {"share": "share", "rejected": "share", "command": "command"}
    return [
        named.get(heading) or ("number" if isinstance(cell, int) else "day" if hasattr(cell, "isoformat") else "text")
        for heading, cell in zip(table.columns, first, strict=True)
    ]
