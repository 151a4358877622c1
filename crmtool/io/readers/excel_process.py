"""The walk to the process that opens a file which cannot be trusted, and back: what is asked, what comes in answer.

`excel_child` opens the file and writes an answer as `excel_answer` says; here it is asked for and taken apart.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

import polars as pl

from crmtool.core.errors import InputRefused
from crmtool.io.readers import excel_answer
from crmtool.io.readers.excel_limits import SAVE_AS

if TYPE_CHECKING:
    from pathlib import Path

    from crmtool.io.readers.excel_limits import Limits

CHILD = "crmtool.io.readers.excel_child"  # not imported: it needs what the parent does not
PATIENCE = 10  # times the processor time that may pass on the clock, which a busy machine needs


@dataclass(frozen=True)
class Sheet:
    """A sheet as it was found: its columns that hold any text, as String, null where empty; the first row is row 1.

    `numbers` are those of the columns in the sheet, from 1. `imprecise` holds the places (row and column from 1) of
    numbers with more digits than a spreadsheet keeps.
    """

    name: str
    names: list[str]
    cells: pl.DataFrame
    numbers: list[int]
    about: dict[str, Any]
    imprecise: list[tuple[int, int]]


def asked(
    path: Path, kind: str, limits: Limits, *, sheet: str = "", rows: int | None = None, encoding: str = ""
) -> Sheet:
    """Return a sheet of a file of `kind` (a key of `excel_child.KINDS`), opened by a limited child process.

    Raises InputRefused with the child's reason, or where it died or took too long.
    """
    request = [str(path), kind, sheet, "" if rows is None else str(rows), encoding, *map(str, limits)]
    with tempfile.TemporaryFile() as answer:
        _run(request, path.name, limits, answer)
        answer.seek(0)
        data = answer.read()
    first, _, body = data.partition(excel_answer.ROW.encode())
    about = json.loads(first)
    _refuse(path.name, about, sheet)
    cells = _cells(body, about["width"])
    if cells.height != about["height"]:
        raise InputRefused(f"{path.name} could not be read to its end.", SAVE_AS)
    return _unescaped(about, cells)


def _run(request: list[str], name: str, limits: Limits, answer: IO[bytes]) -> None:
    command = [sys.executable, "-P", "-m", CHILD, *request]
    patience = PATIENCE * limits.seconds
    try:
        code = subprocess.run(  # noqa: S603 - our own module, no shell
            command, stdin=subprocess.DEVNULL, stdout=answer, stderr=subprocess.DEVNULL, timeout=patience, check=False
        ).returncode
    except subprocess.TimeoutExpired:
        raise InputRefused(f"{name} takes more than {patience} seconds to open.", SAVE_AS) from None
    if code == excel_answer.TOO_LONG:
        raise InputRefused(f"{name} holds much more text than its size allows for.", SAVE_AS)
    if code:
        raise InputRefused(f"{name} is damaged, or asks for more memory or time than a list needs.", SAVE_AS)


def _refuse(name: str, about: dict[str, Any], wanted: str) -> None:
    match about.get("refused"):
        case None:
            return
        case "password":
            hint = "Open it in a spreadsheet, remove the password, save a copy, and give that file."
            raise InputRefused(f"{name} is protected by a password.", hint)
        case "entities":
            hint = "Open it in a spreadsheet, save a copy, and give that file."
            raise InputRefused(f"{name} declares XML entities, which no list needs: it may be made to do harm.", hint)
        case "table":
            raise InputRefused(f"{name} is a web page without a table.", "Export the list as CSV or Excel.")
        case "sheet":
            raise InputRefused(f"{name} has no sheet {wanted!r}.", choice(about["sheets"]))
        case "empty":
            raise InputRefused(f"{name} has no visible sheet with cells.", choice(about["sheets"]))
        case reason:
            raise InputRefused(f"{name} is damaged or no workbook: {reason}.", SAVE_AS)


def choice(sheets: list[str], taken: str | None = None) -> str:
    """Return the way out where another sheet than the one `taken` may be meant."""
    names = ", ".join(f"{number} {name!r}" for number, name in enumerate(sheets, 1) if name != taken)
    return f"Choose another with --sheet: {names}." if names else "There is no other sheet: is it the right file?"


def _cells(body: bytes, width: int) -> pl.DataFrame:
    """Return the cells under the numbers of their columns, without columns that are empty (all but the first)."""
    names = [str(number) for number in range(1, width + 1)]
    if not body:
        return pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    cells = pl.read_csv(
        body,
        has_header=False,
        schema=dict.fromkeys(["before", *names], pl.String),
        separator=excel_answer.CELL,
        eol_char=excel_answer.ROW,
        quote_char=None,
    )
    empty = cells.null_count().row(0)
    return cells.select(
        [name for name, nulls in zip(names, empty[1:], strict=True) if nulls < cells.height or name == "1"]
    )


def _unescaped(about: dict[str, Any], cells: pl.DataFrame) -> Sheet:
    """Return the sheet with what was escaped as it was read."""
    escaped = [name for name in cells.columns if _has(cells.get_column(name), excel_answer.ESCAPE)]
    imprecise = [
        (row + 1, int(name))
        for name in escaped
        for row in cells.get_column(name).str.starts_with(excel_answer.IMPRECISE).arg_true()
    ]
    letters = [*excel_answer.ESCAPED.values(), excel_answer.IMPRECISE]
    meant = [*excel_answer.ESCAPED, ""]
    cells = cells.with_columns(pl.col(escaped).str.replace_many(letters, meant))
    return Sheet(about["sheet"], about["sheets"], cells, [int(name) for name in cells.columns], about, imprecise)


def _has(column: pl.Series, character: str) -> bool:
    return bool(column.str.contains(character, literal=True).any())
