"""`crmtool audit`: how fresh and complete the base is, on the screen, as a page, as Markdown or as work lists."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crmtool.cli import audit_work, screen
from crmtool.cli.inputs import output_option
from crmtool.cli.session import Session, command
from crmtool.core.errors import UsageError

if TYPE_CHECKING:
    from crmtool.core.audits.report import Report, Table
    from crmtool.io.languages import Speech

_FORMS = (".html", ".pdf", ".md", ".json", ".xlsx")
_FAILED = 4  # the exit code of a check that failed
AS_OF = Annotated[
    str | None, typer.Option("--as-of", metavar="DAY", help="As of this day, e.g. 2026-11-21.", show_default=False)
]
LANG = Annotated[str, typer.Option("--lang", help="Language: en, ru, uk.")]


def declare(app: typer.Typer) -> None:
    """Add the commands."""
    noun = typer.Typer(
        help="How fresh, complete and healthy the base is, and what to do first.\n\n"
        "Example: crmtool audit -o report.html --lang uk"
    )
    app.add_typer(noun, name="audit")
    audit_work.declare(noun)

    @command(noun, "", writes=True)
    def audit(
        session: Session,
        output: Annotated[Path | None, output_option("Write .html, .pdf, .md, .json, or .xlsx work lists.")] = None,
        as_of: AS_OF = None,
        quarter: Annotated[
            str | None, typer.Option(metavar="2026Q4", help="Tell the imports of this quarter.", show_default=False)
        ] = None,
        by: Annotated[
            list[str] | None,
            typer.Option(metavar="NAME", help="owner, source, segment, region, field; repeatable.", show_default=False),
        ] = None,
        fail_on: Annotated[
            list[str] | None,
            typer.Option("--fail-on", metavar="CHECK", help="Exit with 4 where this holds: 'red > 20%'; repeatable."),
        ] = None,
        keep: Annotated[bool, typer.Option("--keep", help="Keep the figures, for later audits to compare.")] = False,
        lang: LANG = "en",
        limit: Annotated[int, typer.Option(min=1, help="Rows of each list on the screen.")] = 10,
        force: Annotated[bool, typer.Option("--force", help="Overwrite the file.")] = False,
    ) -> int | None:
        """Show how the base is: freshness, completeness, duplicates, consent; who has to do what."""
        from crmtool.core.audits import gates

        speech = _speech(lang)
        checks = [gates.gate(text) for text in fail_on or ()]
        report = _report(session, as_of, quarter, tuple(by or ()))
        if output:
            _written(session, report, speech, output, force=force)
        if keep:
            _kept(session, report)
        if checks:
            return _judged(session, report, checks)
        if session.options.as_json and not keep:
            screen.document(document(report))
        elif not session.options.quiet and not keep and not output:
            _shown(report, speech, limit)
        return None


def day_of(session: Session, text: str | None) -> dt.date:
    """Return a day as it was given, today without one. Raises UsageError."""
    if text is None:
        return session.today
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text!r} is no day.", "Write it as 2026-11-21.") from None


def _speech(language: str) -> Speech:
    from crmtool.io import languages

    return languages.speech(language)


def _report(session: Session, as_of: str | None, quarter: str | None, by: tuple[str, ...]) -> Report:
    from crmtool.core.audits import quarters
    from crmtool.io.auditing import report

    if odd := [name for name in by if name not in report.BY]:
        raise UsageError(f"--by {odd[0]!r} is no such thing.", f"There are: {', '.join(report.BY)}")
    session.store.show(name for name in by if name not in {"segment", "field"})
    told = quarters.quarter(quarter) if quarter else None
    today = day_of(session, as_of)
    day = min(today, told.last) if told and as_of is None else today
    with session.working("Auditing"):
        return report.report(session.store, session.rules, day, quarter=told, by=by or ("owner", "field"))


def _judged(session: Session, report: Report, checks: list[Any]) -> int:
    """Tell what fails, and nothing else; return the exit code."""
    from crmtool.core.audits import gates

    told = [said for check in checks if (said := gates.failed(report, check))]
    if session.options.as_json:
        screen.document({"as_of": report.as_of, "failed": told})
    elif not session.options.quiet:
        for line in told:
            screen.say(line)
    return _FAILED if told else 0


def _kept(session: Session, report: Report) -> None:
    from crmtool.io.auditing import snapshots

    with session.turn("audit --keep"):
        plan = snapshots.planned(session.store, report)
        score = "—" if report.score is None else f"{report.score:.1f}"
        session.offer(plan, lambda: screen.say(f"Figures of {report.as_of}, health {score}, are kept."))


def _written(session: Session, report: Report, speech: Speech, path: Path, *, force: bool) -> None:
    """Write the report in the form its ending says; a dry run says so only."""
    if path.suffix.lower() not in _FORMS:
        raise UsageError(f"{path.name}: the ending says no format.", f"Name the file {', '.join(_FORMS)}.")
    if not session.options.dry_run:
        _write(session, report, speech, path, force=force)
    if not session.options.quiet and not session.options.as_json:
        screen.say(f"Dry run: {path} was not written." if session.options.dry_run else f"Wrote {path}")


def _write(session: Session, report: Report, speech: Speech, path: Path, *, force: bool) -> None:
    from crmtool.io.renderers import audit, audit_markdown, pdf
    from crmtool.io.writers import files

    if path.suffix.lower() == ".xlsx":
        audit_work.write_lists(session, report.as_of, speech, path, force=force)
        return
    texts = {
        ".html": lambda: audit.audit_html(report, speech),
        ".md": lambda: audit_markdown.audit_markdown(report, speech),
        ".json": lambda: screen.dumped(document(report)) + "\n",
    }
    with files.atomic(path, force=force) as temporary:
        if path.suffix.lower() == ".pdf":
            pdf.write_pdf(texts[".html"](), temporary)
        else:
            temporary.write_text(texts[path.suffix.lower()](), encoding="utf-8")


def document(report: Report) -> dict[str, Any]:
    """Return an audit as one document of JSON."""
    return {
        "as_of": report.as_of,
        "quarter": str(report.quarter),
        "revision": report.revision,
        "head": report.head,
        "rules": report.fingerprint,
        "contacts": report.contacts,
        "health": {
            "score": report.score,
            "parts": [{"part": p.name, "good": p.good, "of": p.of, "weight": p.weight} for p in report.parts],
        },
        "compared_with": report.before.get("as_of"),
        "figures": {
            line.code: {"count": line.count, "of": line.of, "change": line.change, "command": line.command}
            for line in report.lines
        },
        "tables": [_table_document(table) for table in report.tables],
        "work": {list_.flag: {"total": list_.total, "first": list(list_.rows)} for list_ in report.work},
        "trend": [{"as_of": day, "score": score} for day, score in report.trend],
    }


def _table_document(table: Table) -> dict[str, Any]:
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    return {"title": table.title, "total": table.total, "rows": rows}


def _shown(report: Report, speech: Speech, limit: int) -> None:
    from crmtool.core.audits.report import SECTIONS
    from crmtool.io.renderers import audit_markdown

    t = speech.t
    score = "—" if report.score is None else speech.number(report.score)
    when = t("As of %(day)s, %(quarter)s.", day=speech.day(report.as_of), quarter=speech.quarter(report.quarter))
    screen.say(f"{when} {speech.n('%(n)s contact.', '%(n)s contacts.', report.contacts)}")
    screen.say(f"{t('Health of the base, 0 to 100')}: {score}")
    screen.say(
        " + ".join(f"{speech.number(p.weight)} × {t(p.name)} {speech.share(p.good, p.of)}" for p in report.parts)
    )
    screen.say()
    for section, codes in SECTIONS.items():
        rows = [_row(report, code, speech) for code in codes]
        heads = [t(word) for word in ("What", "How many", "Share", "Change", "Mend it with")]
        screen.table(heads, rows, title=t(section), right=[1, 2, 3])
    for table in report.tables:
        _table(table, speech, limit)
    for line in audit_markdown.formula(report, speech):
        screen.say(line)


def _row(report: Report, code: str, speech: Speech) -> tuple[str, ...]:
    line = report.line(code)
    share = "" if line.of is None else speech.share(line.count, line.of)
    change = "—" if line.change is None else speech.change(line.change)
    return speech.t(line.label), speech.number(line.count), share, change, line.command


def _table(table: Table, speech: Speech, limit: int) -> None:
    from crmtool.io.renderers.audit_markdown import SHAPES, shown

    heads = [f"{SHAPES[name]} {speech.t(name)}" if name in SHAPES else speech.field(name) for name in table.columns]
    rows = [[shown(cell, name, speech) for cell, name in zip(row, table.columns, strict=True)] for row in table.rows]
    right = [number for number, cell in enumerate(table.rows[0]) if isinstance(cell, int | float)]
    screen.table(heads, rows[:limit], title=speech.t(table.title), right=right)
    if table.total > limit:
        screen.say(
            speech.t("The first %(shown)s of %(total)s.", shown=speech.number(limit), total=speech.number(table.total))
        )
        screen.say()
