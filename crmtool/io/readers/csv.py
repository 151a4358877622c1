"""Delimited text to a `Table`: encoding, separator, header, records, row numbers, findings.

How a line becomes cells is in `records`, what a line is in `lines`, what stands between cells in
`separators`, which bytes are which letters in `encodings`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core import findings
from crmtool.core.errors import InputRefused, UsageError
from crmtool.io.readers import encodings, lines, records, separators, table
from crmtool.io.readers.table import Options, Table

if TYPE_CHECKING:
    from pathlib import Path

_FIRST_READ = 1 << 18
_LARGEST = (1 << 32) - 1  # polars holds no longer text in one piece


@dataclass(frozen=True)
class _Parts:
    """A text taken apart: `numbers` (Int64) has for each line the number of the row it belongs to."""

    text: encodings.Text
    mark: str | None
    header: records.Record
    split: records.Split
    numbers: pl.Series
    controls: bool

    @property
    def below(self) -> int:
        """How many rows there are below the header."""
        return int(self.numbers.item(-1)) - self.top

    @property
    def top(self) -> int:
        """The number of the header's row."""
        return int(self.numbers.item(self.header.line))


def read(path: Path, options: Options) -> Table:
    """Read a delimited text file.

    With a limit only as much of the file is read as holds so many rows. Raises InputRefused for a file without text or
    with a header alone, and UsageError for an unknown encoding.
    """
    if options.sheet is not None:
        raise UsageError(f"{path.name} is a text file and has no sheets.", "Leave out --sheet.")
    parts = _enough(path, options)
    if not parts.below:
        raise InputRefused(f"{path.name} has a header and no rows.", "Export the list again, with its rows.")
    return _table(path, parts, options.limit)


def _enough(path: Path, options: Options) -> _Parts:
    """Take apart the file, or with a limit a beginning of it that no later line can change."""
    size = _LARGEST + 1 if options.limit is None else _FIRST_READ
    while True:
        data = _beginning(path, size)
        whole = len(data) < size
        parts = _apart(data, path.name, options, whole=whole)
        if whole or (options.limit is not None and parts.below >= options.limit + records.LINES):
            return parts
        size *= 4


def _beginning(path: Path, size: int) -> bytes:
    with path.open("rb") as file:
        data = file.read(size)
    if len(data) > _LARGEST:
        raise InputRefused(f"{path.name} is larger than 4 GB.", "Split it and read the parts one after another.")
    return data


def _apart(data: bytes, name: str, options: Options, *, whole: bool) -> _Parts:
    text = encodings.decoded(data, options.encoding, whole=whole)
    body, named = lines.without_sep_line(lines.split(text.utf8))
    mark = named or separators.separator(body)
    line = lines.getter(body)
    header = _header(line, mark or separators.ONE_COLUMN, name)
    width, needed = len(header.cells or []), separators.filled(header.cells or [])
    split = records.split(body, line, header.line + header.lines, mark or separators.ONE_COLUMN, width, needed)
    at = pl.int_range(body.height, eager=True)
    inside_header = (at > header.line) & (at < header.line + header.lines)
    numbers = (split.starts & ~inside_header).cast(pl.Int64).cum_sum()
    controls = body.get_column("line").str.contains(table.CONTROL).any()
    return _Parts(text, mark, header, split, numbers, controls)


def _header(line: lines.GetLine, mark: str, name: str) -> records.Record:
    """Return the first record that has text; where its quotation marks are broken, it is split without them."""
    at = 0
    while line(at) is not None:
        found = records.record(line, at, mark, None)
        cells = found.raw.replace('"', "").split(mark) if found.cells is None else found.cells
        if any(cell.strip() for cell in cells):
            return found._replace(cells=cells, code=found.code and "row.quotes")
        at += found.lines
    raise InputRefused(f"{name} holds no text.", "Check the export: the file is empty.")


def _table(path: Path, parts: _Parts, limit: int | None) -> Table:
    header, numbers = parts.header.cells or [], parts.numbers
    last = parts.top + (parts.below if limit is None else limit)
    split = _until(parts.split, numbers, last)
    blank = table.blank_rows(split.cells.drop("line"))
    filled = table.without(split.cells, blank)
    rows = numbers.gather(filled.get_column("line")).alias(table.ROW)
    cells = table.titled(filled.drop("line"), header)
    return Table(
        name=path.name,
        sha256=table.digest(path),
        cells=cells,
        rows=rows,
        refused=table.refused(_told(split.notes, numbers, refused=True)),
        blank=len(blank) + len(split.blank),
        findings=_findings(parts, split, cells, rows),
        encoding=parts.text.encoding,
        delimiter=parts.mark,
    )


def _until(split: records.Split, numbers: pl.Series, last: int) -> records.Split:
    """Leave out what lies below row `last`."""
    stop = int((numbers <= last).sum())
    return records.Split(
        split.cells.filter(pl.col("line") < stop),
        [note for note in split.notes if note.line < stop],
        split.blank.filter(split.blank < stop),
        split.starts,
    )


def _told(notes: list[records.Note], numbers: pl.Series, *, refused: bool) -> list[tuple[int, str, str]]:
    """Return row, raw and code of the notes on refused rows, or of those on the others."""
    which = [note for note in notes if (note.code in records.REFUSED) == refused]
    return [(int(numbers.item(note.line)), note.raw, note.code) for note in which]


def _findings(parts: _Parts, split: records.Split, cells: pl.DataFrame, rows: pl.Series) -> pl.DataFrame:
    header = [records.Note(parts.header.line, parts.header.code, "")] if parts.header.code else []
    told = table.refused(_told([*header, *split.notes], parts.numbers, refused=False))
    guessed = pl.DataFrame({"suggestion": [parts.text.encoding] if parts.text.guessed else []})
    return findings.joined(
        findings.found(guessed.cast(pl.String), "file.encoding"),
        _damage(parts.text, cells, rows),
        table.holding(cells, rows, table.CONTROL, "row.control") if parts.controls else findings.empty(),
        findings.found(told.select("row", "code")),
    )


def _damage(text: encodings.Text, cells: pl.DataFrame, rows: pl.Series) -> pl.DataFrame:
    if not text.damaged:
        return findings.empty()
    found = table.holding(cells, rows, table.REPLACEMENT, "file.bytes")
    return found if len(found) else findings.found(pl.DataFrame({"row": [None]}), "file.bytes")
