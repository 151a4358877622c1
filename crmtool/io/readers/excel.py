"""Workbooks (xlsx, xlsm, xlsb, xls, ods) to a `Table`, opened by a child process that cannot take us with it.

A small file can ask for hundreds of gigabytes or abort its process; see `excel_child` for the limits.
"""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING, Any

import polars as pl

from crmtool.core import findings
from crmtool.core.errors import InputRefused, UsageError
from crmtool.io.readers import excel_child, table
from crmtool.io.readers.table import Options, Table

if TYPE_CHECKING:
    from pathlib import Path

TIMEOUT = 180  # seconds
UNPACKED = 4 << 30  # bytes
_SAVE_AS = "Open it in a spreadsheet, save the one sheet that is needed as CSV, and give that file."
_ABOVE = 50  # rows in which the header is looked for
_TWO = 2  # filled cells make a header


def read(path: Path, options: Options) -> Table:
    """Read one sheet of a workbook: the one named or numbered, else the first visible one with cells.

    The header is the first row with two filled cells, or the first with any where no row near the top has two. With a
    limit the sheet is still opened whole. Raises InputRefused where there is nothing to read, the sheet is unknown, or
    the file is protected, broken or too large; UsageError if an encoding is given.
    """
    if options.encoding is not None:
        raise UsageError(f"{path.name} is a workbook, its encoding is known.", "Leave out --encoding.")
    _check_archive(path)
    about, lines = _answer(path, options)
    _check_answer(path.name, about, options.sheet)
    cells = _cells(lines)
    header = _header(cells)
    if header is None or header + 1 >= cells.height:
        raise InputRefused(f"Sheet {about['sheet']!r} of {path.name} has no rows.", _sheets(about))
    return _table(path, about["sheet"], cells, header, options.limit)


def _check_archive(path: Path) -> None:
    """Refuse archives that are no workbook, or unpack to more than any list of people is."""
    with path.open("rb") as file:
        if file.read(2) != b"PK":  # an old workbook may hold an archive somewhere inside
            return
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError):
        raise InputRefused(f"{path.name} is damaged: its end is missing.", "Copy or export it again.") from None
    if not any(part.filename.lower() in ("content.xml", "xl/workbook.xml", "xl/workbook.bin") for part in parts):
        raise InputRefused(f"{path.name} is an archive, not a workbook.", "Unpack it and give the file inside.")
    if sum(part.file_size for part in parts) > UNPACKED:
        raise InputRefused(f"{path.name} unpacks to more than 4 GB.", _SAVE_AS)


def _answer(path: Path, options: Options) -> tuple[dict[str, Any], pl.Series]:
    """Run the child; return its first line as a value and the others as a Series of JSON."""
    limit = "" if options.limit is None else str(options.limit + _ABOVE)
    command = [sys.executable, "-P", "-m", excel_child.__name__, str(path), options.sheet or "", limit]
    try:
        done = subprocess.run(command, capture_output=True, timeout=TIMEOUT, check=False, stdin=subprocess.DEVNULL)  # noqa: S603 - our own module, no shell
    except subprocess.TimeoutExpired:
        raise InputRefused(f"{path.name} takes more than {TIMEOUT} seconds to open.", _SAVE_AS) from None
    if done.returncode == excel_child.TOO_LONG:
        raise InputRefused(f"{path.name} holds more than a billion characters.", _SAVE_AS)
    if done.returncode or not done.stdout:
        raise InputRefused(f"{path.name} is damaged, or asks for more memory or time than a list needs.", _SAVE_AS)
    lines = pl.read_lines(done.stdout).get_column("line")
    return json.loads(lines.item(0)), lines.slice(1)


def _check_answer(name: str, about: dict[str, Any], wanted: str | None) -> None:
    match about.get("refused"):
        case None:
            return
        case "password":
            hint = "Open it in a spreadsheet, remove the password, save a copy, and give that file."
            raise InputRefused(f"{name} is protected by a password.", hint)
        case "sheet":
            raise InputRefused(f"{name} has no sheet {wanted!r}.", _sheets(about))
        case "empty":
            raise InputRefused(f"{name} has no visible sheet with cells.", _sheets(about))
        case reason:
            raise InputRefused(f"{name} is damaged or no workbook: {reason}.", _SAVE_AS)


def _sheets(about: dict[str, Any]) -> str:
    names = ", ".join(f"{number} {name!r}" for number, name in enumerate(about["sheets"], 1))
    return f"Choose another with --sheet: {names}." if names else _SAVE_AS


def _cells(lines: pl.Series) -> pl.DataFrame:
    """Return the rows of the whole sheet as String columns c0, c1 ...; empty texts are null."""
    rows = lines.str.json_decode(pl.List(pl.String()))
    width = int(rows.list.len().max() or 0)  # type: ignore[arg-type]
    return pl.DataFrame([rows.list.get(number, null_on_oob=True).alias(f"c{number}") for number in range(width)])


def _header(cells: pl.DataFrame) -> int | None:
    """Return the position of the header's row."""
    top = cells.head(_ABOVE)
    filled = (
        top.select(pl.sum_horizontal(pl.all().str.strip_chars().str.len_chars().fill_null(0) > 0)).to_series()
        if top.width
        else pl.Series([], dtype=pl.UInt32)
    )
    wide = (filled >= min(_TWO, cells.width)).arg_true()
    some = (filled > 0).arg_true()
    return next(iter([*wide.head(1), *some.head(1)]), None)


def _table(path: Path, sheet: str, cells: pl.DataFrame, header: int, limit: int | None) -> Table:
    heading = cells.row(header)
    rows = pl.int_range(1, cells.height + 1, eager=True).alias(table.ROW)
    above = findings.found(_above(cells.head(header), rows.head(header)), "row.above")
    body, numbers = cells.slice(header + 1, limit), rows.slice(header + 1, limit)
    blank = table.blank_rows(body)
    kept = table.without(numbers.to_frame(), blank).get_column(table.ROW)
    filled = table.titled(table.without(body, blank), heading)
    return Table(
        name=path.name,
        sha256=table.digest(path),
        cells=filled,
        rows=kept,
        refused=table.refused([]),
        blank=len(blank),
        findings=findings.joined(above, table.holding(filled, kept, table.CONTROL, "row.control")),
        encoding="utf-8",
        sheet=sheet,
    )


def _above(cells: pl.DataFrame, rows: pl.Series) -> pl.DataFrame:
    """Return row and value (its texts, joined) of the rows that say something above the header."""
    said = cells.select(rows, value=pl.concat_str(pl.all(), separator=" ", ignore_nulls=True))
    return said.filter(pl.col("value") != "")
