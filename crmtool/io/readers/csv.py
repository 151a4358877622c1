"""Delimited text to a `Table`: encoding, separator, header, records, row numbers, findings.

How a line becomes cells is in `records`, what a line is in `lines`, what stands between cells in
`separators`, which bytes are which letters in `encodings`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
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
    data, parts, whole = _enough(path, options)
    found = _table(path.name, parts, options.limit)
    if not parts.below:
        raise InputRefused(f"{path.name} has a header and no rows.", "Export the list again, with its rows.")
    return replace(found, sha256=hashlib.sha256(data).hexdigest() if whole else "")


def _enough(path: Path, options: Options) -> tuple[bytes, _Parts, bool]:
    """Take apart the file, or with a limit a beginning that no later line can change; and tell whether that is all."""
    size = _LARGEST + 1 if options.limit is None else _FIRST_READ
    while True:
        data = _beginning(path, size)
        whole = len(data) < size
        parts = _apart(data, path.name, options, whole=whole)
        if whole or (options.limit is not None and parts.below >= options.limit + records.LINES):
            return data, parts, whole
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
    split = records.split(
        body, line, header.line + header.lines, mark or separators.ONE_COLUMN, len(header.cells or [])
    )
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
            return found._replace(cells=cells)
        at += found.lines
    raise InputRefused(f"{name} holds no text.", "Check the export: the file is empty.")


def _table(name: str, parts: _Parts, limit: int | None) -> Table:
    header, numbers = parts.header.cells or [], parts.numbers
    last = parts.top + (parts.below if limit is None else limit)
    split = _until(parts.split, numbers, last)
    cells = split.cells.drop("line").rename(dict(zip(split.cells.columns[1:], table.headings(header), strict=True)))
    blank = table.blank_rows(cells)
    rows = table.without(numbers.gather(split.cells.get_column("line")).alias(table.ROW).to_frame(), blank)
    cells = table.without_hollow_columns(table.without(cells, blank), header)
    return Table(
        name=name,
        sha256="",
        cells=cells,
        rows=rows.get_column(table.ROW),
        refused=_refused(split.odd, numbers, len(header)),
        blank=len(blank) + len(split.blank),
        findings=_findings(parts, split, cells, rows.get_column(table.ROW)),
        encoding=parts.text.encoding,
        delimiter=parts.mark,
    )


def _until(split: records.Split, numbers: pl.Series, last: int) -> records.Split:
    """Leave out what lies below row `last`."""
    stop = int((numbers <= last).sum())
    return records.Split(
        split.cells.filter(pl.col("line") < stop),
        [each for each in split.odd if each.line < stop],
        split.blank.filter(split.blank < stop),
        split.starts,
    )


def _refused(odd: list[records.Record], numbers: pl.Series, width: int) -> pl.DataFrame:
    faults = ((each, _fault(each, width)) for each in odd)
    return table.refused((int(numbers.item(each.line)), each.raw, code) for each, code in faults if code)


def _fault(each: records.Record, width: int) -> str | None:
    if each.cells is None:
        return each.code
    return "row.ragged" if records.beyond(each.cells, width) else None


def _findings(parts: _Parts, split: records.Split, cells: pl.DataFrame, rows: pl.Series) -> pl.DataFrame:
    guessed = pl.DataFrame({"suggestion": [parts.text.encoding] if parts.text.guessed else []})
    return findings.joined(
        findings.found(guessed.cast(pl.String), "file.encoding"),
        _damage(parts.text, cells, rows),
        table.holding(cells, rows, table.CONTROL, "row.control") if parts.controls else findings.empty(),
        _repaired(parts, split),
    )


def _damage(text: encodings.Text, cells: pl.DataFrame, rows: pl.Series) -> pl.DataFrame:
    if not text.damaged:
        return findings.empty()
    found = table.holding(cells, rows, table.REPLACEMENT, "file.bytes")
    return found if len(found) else findings.found(pl.DataFrame({"row": [None]}), "file.bytes")


def _repaired(parts: _Parts, split: records.Split) -> pl.DataFrame:
    """Tell of short rows, and of those that were split without regard to their quotation marks."""
    header = parts.header.cells or []
    needed = max((position for position, cell in enumerate(header, 1) if cell.strip()), default=0)
    told = [(int(parts.numbers.item(each.line)), _remark(each, needed)) for each in (parts.header, *split.odd)]
    return findings.found(pl.DataFrame(told, {"row": pl.Int64(), "code": pl.String()}, orient="row"))


def _remark(each: records.Record, needed: int) -> str | None:
    if each.cells is None or not any(cell.strip() for cell in each.cells):
        return None
    return "row.short" if len(each.cells) < needed else each.code
