"""`crmtool contacts export-sheet | import-sheet`: a list of contacts to a spreadsheet, and the edits back as a plan."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crmtool.cli import inputs, screen, verifying
from crmtool.cli.segments import PRESENT, condition, either
from crmtool.cli.session import Session, command

if TYPE_CHECKING:
    import polars as pl

    from crmtool.io.readers.table import Table
    from crmtool.io.sheets import Returned

_SHOWN = 20
_SOME_REFUSED = 3


def declare(noun: typer.Typer) -> None:
    """Add the commands to the noun."""

    @command(noun, "export-sheet")
    def export_sheet(
        session: Session,
        output: Annotated[Path, inputs.output_option("File: .xlsx or .csv.")],
        segment: Annotated[str, typer.Option(help="Name of a segment, or a filter.")] = "",
        where: Annotated[str, typer.Option(help="A filter; with --segment both must hold.")] = "",
        columns: Annotated[str, typer.Option(help="Fields, with commas between them.")] = "",
        force: Annotated[bool, typer.Option("--force", help="Overwrite the file.")] = False,
    ) -> None:
        """Write contacts to a sheet to be edited, and taken back with import-sheet. All cells are text.

        Example: crmtool contacts export-sheet --segment vip-kyiv -o sheet.xlsx
        """
        sheet = _sheet(session, segment, where, [name.strip() for name in columns.split(",") if name.strip()])
        _written(sheet, output, force=force)
        if session.options.as_json:
            screen.document({"file": str(output), "contacts": sheet.height, "columns": sheet.columns})
        elif not session.options.quiet:
            told = f"Wrote {screen.counted(sheet.height, 'contact')} to {output}."
            screen.say(f"{told} Take the edits back with: crmtool contacts import-sheet {output}")

    @command(noun, "import-sheet", writes=True)
    def import_sheet(
        session: Session,
        sheet: Annotated[Path, typer.Argument(help="A sheet of export-sheet, or a work list.", show_default=False)],
    ) -> int | None:
        """Take back what people edited in a sheet, as hand edits; rows the base has changed since are refused.

        A work list of audit that was filled in says what was found out: it is taken as contacts verify --from does.

        Example: crmtool contacts import-sheet sheet.xlsx --dry-run
        """
        from crmtool.io import outcomes, sheets
        from crmtool.io.readers import files

        command, table = f"contacts import-sheet {sheet.name}", files.read(sheet)
        if outcomes.is_work_list(table):
            return verifying.from_file(session, sheet, command)
        with session.turn(command):
            back = sheets.returned(session.store, session.rules, table, command)
            session.offer(back.plan, lambda: _shown(back), lambda: _kept_aside(session, table, back))
        return _SOME_REFUSED if back.refused.height or back.unknown else 0


def _sheet(session: Session, segment: str, where: str, fields: list[str]) -> pl.DataFrame:
    import polars as pl

    from crmtool.io import sheets

    chosen = condition(session, either(session, segment, where)) if segment or where else None
    sql = f"SELECT c.id FROM contact c WHERE c.root_id = c.id AND {PRESENT}"
    sql += f" AND ({chosen.sql})" if chosen else ""
    store = session.store
    with store.reading():
        params = list(chosen.params) if chosen else []
        ids = store.query(f"{sql} ORDER BY c.id", params, {"id": pl.Int64()})["id"]
        return sheets.written(store, ids, fields)


def _written(sheet: pl.DataFrame, path: Path, *, force: bool) -> None:
    from crmtool.core import contact_sheets
    from crmtool.io.writers import sheets

    sheets.write(sheet, path, sheets.Look(hidden=(contact_sheets.GUARD,)), title="contacts", force=force)


def _shown(back: Returned) -> None:
    """Show the edits, the rows that are refused with both values, and the columns that are not used."""
    from crmtool.core import plans

    facts = back.plan.facts
    screen.say(
        f"{screen.counted(facts['cells'], 'edit')} of {screen.counted(facts['edited'], 'contact')}, "
        f"{facts['refused']} refused, {facts['unchanged']} unchanged"
    )
    rows = back.edits.select("row", "id", "field", "base", "said").head(_SHOWN).rows()
    if rows:
        screen.table(["row", "contact", "field", "before", "after"], rows, title="Edits", right=[0, 1])
    if back.edits.height > _SHOWN:
        screen.say(f"The first {_SHOWN} of {back.edits.height} edits.")
    if back.refused.height:
        refused = back.refused.select("row", "id", "reason").head(_SHOWN).rows()
        screen.table(["row", "contact", "refused, because"], refused, title="Refused", right=[0, 1])
    for heading in back.unknown:
        screen.say(f"The column {heading!r} is no field of a contact; it is not used.")
    screen.changes(plans.counts(back.plan))


def _kept_aside(session: Session, table: Table, back: Returned) -> None:
    """Write the refused rows whole to a file of their own, with the reasons."""
    from crmtool.io import rejects

    if back.refused.is_empty():
        return
    reasons = back.refused.select("row", reasons="reason")
    path = rejects.written(session.workspace.root / "rejects", table, reasons)
    if path and not session.options.quiet and not session.options.as_json:
        screen.say(f"Refused rows: {path}")
