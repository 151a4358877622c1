"""`crmtool read`: a file as it is read, cell by cell, before anything is made of it.

The file goes by in parts: each is written on where it is wanted, and only what the screen or the document tells of the
whole is kept. To tell more about a file: a line in `_facts`, which the screen and `--json` share.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from crmtool.cli import screen
from crmtool.cli.inputs import output_option
from crmtool.cli.session import Session, command
from crmtool.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl

    from crmtool.io.readers.table import Table

_SHOWN = 20  # rows
_WIDEST = 24  # characters of a cell
_GAP = 3  # between columns
_BLOCKS = 8  # of columns side by side
_MARKS = {",": "commas", ";": "semicolons", "\t": "tabs", " ": "spaces", ":": "colons"}
_SPOOL = 1 << 26  # bytes of a document that are kept in memory


class Passed(NamedTuple):
    """What is kept of a part that went by: how many rows it had, and its table with only the first of them."""

    rows: int
    table: Table


def declare(app: typer.Typer) -> None:
    """Add the command."""

    @command(app, "read", reads=True)
    def read(
        session: Session,
        file: Annotated[Path, typer.Argument(help="A file of contacts; - for standard input.", show_default=False)],
        output: Annotated[
            Path | None,
            output_option(
                "Write the cells exactly as read to a .csv, .tsv, .jsonl, .json, .xlsx or .parquet file. For programs: "
                "a formula in a cell stays one."
            ),
        ] = None,
        limit: Annotated[int | None, typer.Option(min=1, help="Read only so many rows.", show_default=False)] = None,
        force: Annotated[bool, typer.Option("--force", help="Overwrite the output.")] = False,
    ) -> int:
        """Show the table in a file exactly as it is read; nothing is stored.

        Example: crmtool read clients.csv --limit 50
        """
        from crmtool.io.readers import files

        _check(session)
        told: list[Passed] = []
        shown = limit or _SHOWN
        with _document(wanted=session.options.as_json) as out:
            parts = _passing(files.parts(file, session.reading.options(limit)), told, shown, out)
            _written(parts, output, force=force)
            if out:
                _end(out, told)
        table = _joined(told)
        if not session.options.as_json and not session.options.quiet:
            _shown(table, _count(told))
            if output:
                screen.say(f"Wrote {screen.counted(_count(told), 'row')} to {output}")
        return 3 if table.refused.height else 0


def _check(session: Session) -> None:
    """Refuse what would be said in vain: here columns are shown as they are, nothing is made of them."""
    said = session.reading
    if said.columns or said.mapping or said.region:
        raise UsageError(
            "read shows the table as it is; --column, --mapping and --region say what to make of it.",
            "See how the columns would be understood with: crmtool map FILE",
        )


def _written(parts: Iterator[pl.DataFrame], output: Path | None, *, force: bool) -> None:
    """Let the parts go by, into a file where one is wanted."""
    from crmtool.io.writers import tables

    if output:
        tables.write(parts, output, force=force)
    for _ in parts:
        pass


def _passing(parts: Iterator[Table], told: list[Passed], shown: int, out: IO[str] | None) -> Iterator[pl.DataFrame]:
    """Yield the cells of each part; note what is to be told of it, and write its rows to the document."""
    for part in parts:
        if out:
            _rows(out, part, told)
        kept = max(0, shown - _count(told))
        rows = part.rows if out else part.rows.head(kept)
        told.append(Passed(part.cells.height, replace(part, cells=part.cells.head(kept), rows=rows)))
        yield part.cells


def _joined(told: list[Passed]) -> Table:
    """Return the whole table with the rows that were kept; `rows` may have the numbers of all."""
    from crmtool.io.readers import table

    return table.joined(part.table for part in told)


def _count(told: list[Passed]) -> int:
    return sum(part.rows for part in told)


def _facts(table: Table) -> dict[str, Any]:
    """Return what is known of a file before its rows."""
    return {
        "file": table.name,
        "sha256": table.sha256,
        "format": table.format,
        "encoding": table.encoding or None,
        "delimiter": table.delimiter,
        "quote": table.quote,
        "escape": table.escape,
        "sheet": table.sheet,
        "header_row": table.header,
        "columns": table.cells.columns,
    }


# -- the document ---------------------------------------------------------------------------------------------------


@contextmanager
def _document(*, wanted: bool) -> Iterator[IO[str] | None]:
    """Give a place to write a document of any size to; it is printed when it is whole, and not at all after a fault."""
    from tempfile import SpooledTemporaryFile

    if not wanted:
        yield None
        return
    with SpooledTemporaryFile(_SPOOL, "w+", encoding="utf-8", newline="\n") as out:
        yield out
        out.seek(0)
        screen.copied(out)


def _rows(out: IO[str], part: Table, told: list[Passed]) -> None:
    """Write the rows of a part, after the facts of the file where it is the first one."""
    from crmtool.io.writers import tables

    if not told:
        opening = screen.dumped(_facts(part)).removesuffix("\n}")
        out.write(f'{opening},\n  "rows": [')
    if part.cells.height:
        out.write(",\n" if _count(told) else "\n")
        out.write(tables.lists(part.cells))


def _end(out: IO[str], told: list[Passed]) -> None:
    """Close the document with what is known only when all parts have gone by."""
    from crmtool.core import findings

    whole = _joined(told)
    said = [{**f, "message": findings.message(f["code"], f["suggestion"])} for f in whole.findings.to_dicts()]
    rest = {
        "read": _count(told) + whole.refused.height + whole.blank,
        "cells": _count(told),
        "refused": whole.refused.to_dicts(),
        "blank": whole.blank,
        "findings": said,
    }
    numbers = ",".join(map(str, whole.rows))
    out.write(f'\n  ],\n  "row_numbers": [{numbers}],\n' + screen.dumped(rest).removeprefix("{\n") + "\n")


# -- the screen -----------------------------------------------------------------------------------------------------


def _shown(table: Table, cells: int) -> None:
    """Say what the file is and how its rows add up, what there is to say about them, and show the first ones."""
    screen.say(f"{table.name}: {_kind(table)}")
    screen.say(f"{screen.counted(table.cells.width, 'column')}, {_header(table)}")
    refused, blank = table.refused.height, table.blank
    screen.say(f"{cells + refused + blank} read = {screen.counted(cells, 'row')} + {refused} refused + {blank} blank")
    screen.say()
    screen.findings(_findings(table))
    _grids(table)
    if cells > table.cells.height:
        screen.say(f"The first {table.cells.height} of {cells} rows; write all of them with -o FILE.")


def _kind(table: Table) -> str:
    """Return in words what a file is, and how it is written."""
    parts = [table.format, table.encoding]
    parts += [f"cells parted by {_MARKS.get(table.delimiter, table.delimiter)}" if table.delimiter else ""]
    parts += [f"quoted with {table.quote}" if table.quote else ""]
    parts += [f"escaped with {table.escape}" if table.escape else ""]
    parts += [f"sheet {table.sheet}" if table.sheet else ""]
    return ", ".join(filter(None, parts))


def _header(table: Table) -> str:
    return f"headings in row {table.header}" if table.header else "no row of headings"


def _findings(table: Table) -> pl.DataFrame:
    """Return the findings counted, as `screen.findings` prints them; refused rows among them."""
    import polars as pl

    from crmtool.core import findings

    said = findings.joined(findings.found(table.refused.select("row", "code")), table.findings)
    kinds = said.sort("severity", "code", "column").group_by("severity", "code", "column", maintain_order=True)
    return kinds.agg(pl.col("suggestion").first(), pl.col("row").min(), rows=pl.len(), file=pl.lit(table.name))


def _grids(table: Table) -> None:
    """Show the first rows as tables beside one another that fit the width of the screen."""
    if not table.cells.height:
        return
    numbers = [str(number) for number in table.rows]
    cells = {heading: [_short(cell) for cell in table.cells[heading]] for heading in table.cells.columns}
    blocks = _blocks(cells, screen.console().width - max(map(len, numbers)) - _GAP)
    for block in blocks[:_BLOCKS]:
        lines = zip(numbers, *(cells[heading] for heading in block), strict=True)
        headings = [_short(heading) for heading in block]
        screen.table(["", *headings], lines, right=[0], whole=range(len(block) + 1))
    left = sum(map(len, blocks[_BLOCKS:]))
    if left:
        screen.say(f"{screen.counted(left, 'more column')} not shown; all of them with --json or -o FILE.")


def _blocks(cells: dict[str, list[str]], width: int) -> list[list[str]]:
    """Return the headings in groups whose columns fit beside each other."""
    from rich.cells import cell_len

    blocks: list[list[str]] = []
    free = 0
    for heading, texts in cells.items():
        needed = max(map(cell_len, (_short(heading), *texts))) + _GAP
        if not blocks or needed > free:
            blocks.append([])
            free = width + _GAP
        blocks[-1].append(heading)
        free -= needed
    return blocks


def _short(cell: str | None) -> str:
    """Return a cell as it is shown: on one line, cut where it is long."""
    text = screen.safe(cell)
    return text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"
