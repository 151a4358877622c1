"""`crmtool report`: the week, sources, the funnel, owners and cohorts; on the screen, as a page, a workbook or JSON."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from crmtool.cli import screen
from crmtool.cli.inputs import output_option
from crmtool.cli.session import Session, command
from crmtool.core.errors import UsageError

if TYPE_CHECKING:
    from crmtool.core.reports.shapes import Report, Section

_NARROW = 5  # columns beside which a bar has room
Name = Literal["weekly", "sources", "funnel", "owners", "cohorts"]


def declare(app: typer.Typer) -> None:
    """Add the command."""

    @command(app, "report")
    def report(
        session: Session,
        name: Annotated[Name, typer.Argument(help="Which report.", show_default=False)],
        as_of: Annotated[
            str, typer.Option(metavar="DAY", help="As of this day; without it: today.", show_default=False)
        ] = "",
        output: Annotated[Path | None, output_option("Write it to this .html or .xlsx file.")] = None,
        force: Annotated[bool, typer.Option("--force", help="Overwrite the file.")] = False,
    ) -> None:
        """Report the week, the sources, the funnel with a forecast, the owners, or who bought again.

        Example: crmtool report weekly -o week.html
        """
        from crmtool.io import reports

        day = _day(as_of) if as_of else session.today
        if output and output.suffix.lower() not in {".html", ".xlsx"}:
            raise UsageError(f"{output.name} ends in no format of a report.", "Name an .html or an .xlsx file.")
        with session.store.reading():
            made = reports.REPORTS[name](session.store, session.rules, day)
        if session.options.as_json:
            screen.document({"as_of": day, **made.document()})
        elif not session.options.quiet:
            screen.say(made.title)
            for section in made.sections:
                _shown(section)
        if output:
            _written(session, made, output, day, force=force)


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text!r} is no day.", "Write it as 2026-11-21.") from None


def _shown(section: Section) -> None:
    from crmtool.core.reports import shapes

    frame = section.frame
    if frame.is_empty():
        screen.say(f"{section.title}: nothing yet.")
    else:
        right = [at for at, kind in enumerate(frame.dtypes) if kind.is_numeric()]
        rows = [tuple("" if value is None else value for value in row) for row in frame.rows()]
        heads = list(frame.columns)
        if section.bar and len(heads) <= _NARROW:
            heads.append("")
            drawn = shapes.bars(frame[section.bar])
            rows = [(*row, bar) for row, bar in zip(rows, drawn, strict=True)]
        screen.table(heads, rows, title=section.title, right=right, whole=[len(heads) - 1])
    if section.note:
        screen.say(section.note)
        screen.say()


def _written(session: Session, made: Report, output: Path, day: dt.date, *, force: bool) -> None:
    from crmtool.io.renderers import report as page
    from crmtool.io.writers import files

    if output.suffix.lower() == ".xlsx":
        page.write_workbook(made, output, force=force)
    else:
        with files.atomic(output, force=force) as temporary:
            temporary.write_text(page.report_html(made, day), encoding="utf-8")
    if not session.options.quiet and not session.options.as_json:
        screen.say(f"Wrote {output}")
