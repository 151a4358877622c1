"""The audit as Markdown: the same figures and tables as the page, without the lists of people."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmtool.core.audits.freshness import FLAGS
from crmtool.core.audits.report import SECTIONS
from crmtool.io.renderers.pages import short, visible

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Sequence

    from crmtool.core.audits.report import Report, Table
    from crmtool.io.languages import Speech

SHAPES = {"green": "●", "yellow": "◐", "red": "■"}


def audit_markdown(report: Report, speech: Speech) -> str:
    """Return an audit as Markdown in a language."""
    return "\n".join(
        [
            *_head(report, speech),
            *_sections(report, speech),
            *_health(report, speech),
            *(line for table in report.tables for line in _table(table, speech)),
            *formula(report, speech),
            "",
            f"{computed(report, speech)} `{report.fingerprint}`",
            "",
        ]
    )


def computed(report: Report, speech: Speech) -> str:
    """Return from which head of the history a report was made; `history verify --anchor` checks against it."""
    return speech.t("Computed from revision %(revision)s of the base and these rules:", revision=report.head)


def formula(report: Report, speech: Speech) -> Iterator[str]:
    """Yield what a flag means, a line each."""
    days = report.rules.due_days
    yield f"{SHAPES['green']} {speech.t('green')}: " + speech.n(
        "The value was confirmed, and its next check is more than %(n)s day away.",
        "The value was confirmed, and its next check is more than %(n)s days away.",
        days,
    )
    yield f"{SHAPES['yellow']} {speech.t('yellow')}: " + speech.n(
        "The next check is at most %(n)s day away; or nobody has confirmed the value yet and its days of grace are not"
        " over.",
        "The next check is at most %(n)s days away; or nobody has confirmed the value yet and its days of grace are not"
        " over.",
        days,
    )
    yield f"{SHAPES['red']} {speech.t('red')}: " + speech.t(
        "The next check is overdue; or nobody has confirmed the value and its days of grace are over; or it was found"
        " wrong or unreachable and not confirmed on a later day."
    )
    yield speech.t("A contact is as its worst required field; see below how a flag is given.").partition(";")[0] + "."


def _head(report: Report, speech: Speech) -> Iterator[str]:
    yield f"# {speech.t('Audit of the contacts')}"
    yield ""
    when = speech.t("As of %(day)s, %(quarter)s.", day=speech.day(report.as_of), quarter=speech.quarter(report.quarter))
    yield f"{when} {speech.n('%(n)s contact.', '%(n)s contacts.', report.contacts)}"
    yield ""
    score = "—" if report.score is None else speech.number(report.score)
    yield f"{speech.t('Health of the base, 0 to 100')}: **{score}**"


def _sections(report: Report, speech: Speech) -> Iterator[str]:
    headings = [speech.t(word) for word in ("What", "How many", "Share", "Change", "Mend it with")]
    for section, codes in SECTIONS.items():
        yield from ("", f"## {speech.t(section)}", "")
        yield from _grid(headings, [_line(report, code, speech) for code in codes], right=(1, 2, 3))


def _line(report: Report, code: str, speech: Speech) -> list[str]:
    line = report.line(code)
    share = "" if line.of is None else speech.share(line.count, line.of)
    change = "—" if line.change is None else speech.change(line.change)
    command = f"`{line.command}`" if line.command else ""
    return [speech.t(line.label), speech.number(line.count), share, change, command]


def _health(report: Report, speech: Speech) -> Iterator[str]:
    yield from ("", f"## {speech.t('How the health is computed')}", "")
    yield speech.t(
        "Health = sum of share × weight, divided by the sum of the weights; a part with nothing to measure is left out."
    )
    yield ""
    rows = [
        [
            speech.t(p.name),
            speech.number(p.good),
            speech.number(p.of),
            speech.share(p.good, p.of),
            speech.number(p.weight),
        ]
        for p in report.parts
    ]
    yield from _grid([speech.t(word) for word in ("Part", "Good", "Of", "Share", "Weight")], rows, right=(1, 2, 3, 4))


def _table(table: Table, speech: Speech) -> Iterator[str]:
    yield from ("", f"## {speech.t(table.title)}", "")
    headings = [f"{SHAPES[name]} {speech.t(name)}" if name in FLAGS else speech.field(name) for name in table.columns]
    right = tuple(n for n, cell in enumerate(table.rows[0]) if isinstance(cell, int | float))
    rows = [[shown(cell, name, speech) for cell, name in zip(row, table.columns, strict=True)] for row in table.rows]
    yield from _grid(headings, rows, right=right)
    if len(table.rows) < table.total:
        yield ""
        yield speech.t(
            "The first %(shown)s of %(total)s.", shown=speech.number(len(table.rows)), total=speech.number(table.total)
        )
    yield ""


def shown(value: str | float | dt.date | None, column: str, speech: Speech) -> str:
    """Return a cell of a table as people read it."""
    if value is None:
        return "—"
    if isinstance(value, int | float):
        return speech.share(value, 1) if column in {"share", "rejected"} else speech.number(value)
    if not isinstance(value, str):
        return speech.day(value)
    return speech.field(value) if column == "field" else short(value)


def _grid(headings: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[int]) -> Iterator[str]:
    marks = ["---:" if number in right else "---" for number in range(len(headings))]
    for cells in (headings, marks, *rows):
        yield f"| {' | '.join(_inert(cell) if cells is not marks else cell for cell in cells)} |"


def _inert(text: str) -> str:
    """Return a text that Markdown takes for nothing but text, on one line; commands keep their marks."""
    plain = str(visible(text))
    if plain.startswith("`crmtool ") and plain.endswith("`"):
        return "`" + plain[1:-1].replace("`", "'").replace("|", "\\|") + "`"
    return re.sub(r"([\\`*_{}\[\]<>#|~!])", r"\\\1", plain)
