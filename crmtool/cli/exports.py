"""`crmtool export`: a segment as a file, by a profile of `rules/exports`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crmtool.cli import screen
from crmtool.cli.inputs import output_option
from crmtool.cli.segments import PRESENT, condition
from crmtool.cli.session import Session, command
from crmtool.core.errors import UsageError

if TYPE_CHECKING:
    import polars as pl

    from crmtool.core.export_rules import Export
    from crmtool.core.segments.sql import Condition

_LISTED = ("messenger", "site")  # channels without a main one


def declare(app: typer.Typer) -> None:
    """Add the command."""

    @command(app, "export")
    def export(
        session: Session,
        segment: Annotated[str, typer.Argument(help="Name of a segment, or a filter.", show_default=False)],
        output: Annotated[Path, output_option("File: .csv or .xlsx.")],
        profile: Annotated[str, typer.Option(help="Profile of rules/exports.")] = "excel",
        encrypt_to: Annotated[
            list[str] | None,
            typer.Option("--encrypt-to", metavar="KEY", help="Only this public key opens it; repeatable."),
        ] = None,
        force: Annotated[bool, typer.Option("--force", help="Overwrite the file.")] = False,
    ) -> None:
        """Write the contacts of a segment to a file.

        Example: crmtool export vip-kyiv -o vip.csv
        """
        profiles = session.rules.exports
        if profile not in profiles:
            raise UsageError(f"There is no export profile {profile!r}.", f"Known are: {', '.join(sorted(profiles))}")
        with session.store.reading():
            rows = _rows(session, condition(session, segment), profiles[profile])
        if encrypt_to:
            output = _sealed(rows, output, profiles[profile], encrypt_to, force=force)
        else:
            _written(rows, output, profiles[profile], force=force)
        if session.options.as_json:
            screen.document({"segment": segment, "profile": profile, "file": str(output), "contacts": rows.height})
        elif not session.options.quiet:
            screen.say(f"Wrote {screen.counted(rows.height, 'contact')} to {output}")


def _rows(session: Session, condition: Condition, profile: Export) -> pl.DataFrame:
    """Return the contacts as rows under the headings of the profile."""
    import polars as pl

    columns = ", ".join(f'{_source(field)} AS "{n}"' for n, field in enumerate(profile.columns.values()))
    sql = f"SELECT {columns} FROM contact c WHERE {PRESENT} AND ({condition.sql}) ORDER BY c.id"
    return session.store.query(sql, condition.params, {heading: pl.String() for heading in profile.columns})


def _source(field: str) -> str:
    """Return the SQL of a field of an export profile; the rulebook has checked its name."""
    lists = {"tags": ("contact_tag", "tag", "1"), **{k: ("channel", "value", f"x.kind = '{k}'") for k in _LISTED}}
    if field in lists:
        table, column, which = lists[field]
        return f"""(SELECT group_concat({column}, ', ') FROM (
            SELECT DISTINCT x.{column} FROM {table} x JOIN contact n ON n.id = x.contact_id
            WHERE n.root_id = c.id AND {which} ORDER BY 1))"""
    if field.startswith("attr."):
        name = field.removeprefix("attr.").replace("'", "''").replace('"', "")
        return f"json_extract(c.custom, '$.\"{name}\"')"
    return f'CAST(c."{field}" AS TEXT)'


def _sealed(rows: pl.DataFrame, path: Path, profile: Export, recipients: list[str], *, force: bool) -> Path:
    """Write a file that only some people can open; its name ends in .age."""
    from crmtool.io import encryption

    target = path if path.suffix == encryption.ENDING else path.with_name(path.name + encryption.ENDING)
    with encryption.sealed(target, recipients, force=force) as plain:
        _written(rows, plain, profile, force=False)
    return target


def _written(rows: pl.DataFrame, path: Path, profile: Export, *, force: bool) -> None:
    from crmtool.io.writers import csv, xlsx

    if path.suffix.lower() == ".xlsx":
        xlsx.write_xlsx(rows, path, force=force)
    elif path.suffix.lower() in {".csv", ".txt", ".tsv"}:
        csv.write_csv(rows, path, delimiter=profile.delimiter, bom=profile.bom, force=force)
    else:
        raise UsageError(f"{path.name}: the ending says no format.", "Name the file .csv or .xlsx.")
