"""Delimited text to a `Table`, in parts: encoding, dialect, header, records, row numbers, findings.

Which bytes are which letters is in `encodings`, how a file becomes blocks of lines in `blocks`, what its beginning
tells in `openings`, what a record is in `records`, how a block becomes columns in `columns`, which rows
are no contacts in `endings`.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from crmtool.core import abreast, findings
from crmtool.core.errors import InputRefused, UsageError
from crmtool.io.readers import blocks, columns, encodings, endings, openings, records, table
from crmtool.io.readers.table import Options, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from concurrent.futures import Future
    from pathlib import Path

    from crmtool.io.readers.columns import Split
    from crmtool.io.readers.openings import Opening

_CELLS = 2_000_000  # of a part
_AHEAD = 4  # parts read while the digest is computed
_GLANCE, _LINE = 1 << 18, 1 << 7  # bytes read at once for a limit: a beginning, and some for each row


class _Source(NamedTuple):
    """A file to read: `guess` is its encoding, `block` how many bytes are read at once."""

    path: Path
    options: Options
    guess: encodings.Guess
    block: int

    def texts(self) -> Iterator[bytes]:
        """Give its text in blocks."""
        return blocks.texts(self.path, self.guess.encoding, self.block)


def read(path: Path, options: Options) -> Table:
    """Read a delimited text file whole (see `parts`)."""
    return table.joined(parts(path, options))


def parts(path: Path, options: Options, block: int = blocks.BLOCK) -> Iterator[Table]:
    """Read a delimited text file of any size, `block` bytes at once, in parts of about `_CELLS` cells.

    With a limit only as much of the file is read as holds so many rows. Raises InputRefused for a file without text or
    with a header alone, and UsageError for options that do not fit.
    """
    if options.sheet is not None:
        raise UsageError(f"{path.name} is a text file and has no sheets.", "Leave out --sheet.")
    openings.delimiter(options)
    source = _Source(path, options, _encoding(path, options.encoding), _size(options.limit, block))
    with blocks.digest(path) as digest:
        yield from _stamped(_gathered(endings.ended(_tables(source), options.limit)), digest)


def _encoding(path: Path, given: str | None) -> encodings.Guess:
    if given:
        return encodings.Guess(encodings.decoded(b"", given, whole=True).encoding, guessed=False)
    return encodings.detected(blocks.sample(path))


def _size(limit: int | None, block: int) -> int:
    return block if limit is None else min(block, _GLANCE + limit * _LINE)


def _gathered(tables: Iterator[Table]) -> Iterator[Table]:
    """Give small tables together, as parts worth the work on each."""
    held, cells = list[Table](), 0
    for each in tables:
        held.append(each)
        cells += each.cells.height * each.cells.width
        if cells >= _CELLS:
            yield table.joined(held)
            held, cells = [], 0
    if held:
        yield table.joined(held)


def _stamped(tables: Iterator[Table], digest: Future[str]) -> Iterator[Table]:
    """Give the tables with the file's digest; some are read ahead while it is not yet known."""
    ahead = deque[Table]()
    for each in tables:
        ahead.append(each)
        while ahead and (digest.done() or len(ahead) > _AHEAD):
            yield replace(ahead.popleft(), sha256=digest.result())
    yield from (replace(each, sha256=digest.result()) for each in ahead)


def _tables(source: _Source) -> Iterator[Table]:
    head, texts = blocks.peeked(source.texts())
    start = openings.opening(head, source.options, source.path.name)
    made = abreast.ahead(_splits(abreast.ahead(_below(texts, start.lines)), start))
    splits = _limited(made, start, source.options.limit)
    first = list(islice(splits, 2))
    if not first or not first[0][1].height:
        raise InputRefused(f"{source.path.name} has a header and no rows.", "Export the list again, with its rows.")
    kept = _kept(start, [split.cells for _, split in first] if len(first) == 1 else _cells(source, start))
    for number, (top, split) in enumerate(_chained(first, splits)):
        yield _table(source, start, kept, top, split, first=not number)


def _chained(first: list[tuple[int, Split]], others: Iterator[tuple[int, Split]]) -> Iterator[tuple[int, Split]]:
    while first:
        yield first.pop(0)
    yield from others


def _cells(source: _Source, start: Opening) -> Iterator[pl.DataFrame]:
    """Read the file once more for its cells alone."""
    splits = _splits(_below(source.texts(), start.lines), start)
    return (split.cells for _, split in _limited(splits, start, source.options.limit))


def _kept(start: Opening, cells: Iterable[pl.DataFrame]) -> list[int]:
    """Return the positions of the columns that have a heading, or some text in any of `cells`."""
    unknown = {at for at, name in enumerate(start.names) if not table.headed(name)}
    for frame in cells if unknown else ():
        unknown -= {at for at in unknown if frame.get_column(f"c{at}").null_count() < frame.height}
        if not unknown:
            break
    return [at for at in range(start.shape.width) if at not in unknown]


def _below(texts: Iterator[bytes], lines: int) -> Iterator[bytes]:
    """Leave out the first lines of a text."""
    for text in texts:
        if lines:
            at, lines = blocks.after(text, lines)
            text = text[at:]  # noqa: PLW2901  # the rest of the same block
        if text:
            yield text


def _splits(texts: Iterator[bytes], start: Opening) -> Iterator[tuple[int, Split]]:
    """Give the records of each block, with the number of the row above them."""
    top, rest = start.top, b""
    for text in texts:
        split = columns.split(rest + text, start.shape, final=False)
        rest = split.rest
        if split.height:
            yield top, split
        top += split.height
    if rest:
        yield top, columns.split(rest, start.shape, final=True)


def _limited(splits: Iterator[tuple[int, Split]], start: Opening, limit: int | None) -> Iterator[tuple[int, Split]]:
    for top, split in splits:
        left = split.height if limit is None else start.top + limit - top
        yield top, split if left >= split.height else columns.beginning(split, left)
        if left <= split.height and limit is not None:
            return


def _table(source: _Source, start: Opening, kept: list[int], top: int, split: Split, *, first: bool) -> Table:
    blank = table.blank_rows(split.cells.drop("record"))
    filled = table.without(split.cells, blank)
    rows = (filled.get_column("record").cast(pl.Int64) + top + 1).alias(table.ROW)
    headings = table.headings(start.names)
    cells = pl.DataFrame([filled.get_column(f"c{at}").alias(headings[at]) for at in kept])
    dialect = start.shape.dialect
    return Table(
        name=source.path.name,
        sha256="",
        cells=cells,
        rows=rows,
        refused=table.refused(_told(split, top, refused=True)),
        blank=len(blank) + len(split.blank),
        findings=_findings(source, start if first else None, split, top, cells, rows),
        encoding=source.guess.encoding,
        delimiter=dialect.delimiter,
        quote=dialect.quote,
        escape=dialect.escape,
        header=start.header,
    )


def _told(split: Split, top: int, *, refused: bool) -> list[tuple[int, str, str]]:
    """Return row, raw and code of the notes on refused rows, or of those on the others."""
    which = [note for note in split.notes if (note.code in records.REFUSED) == refused]
    return [(top + 1 + note.record, note.raw, note.code) for note in which]


def _findings(
    source: _Source, start: Opening | None, split: Split, top: int, cells: pl.DataFrame, rows: pl.Series
) -> pl.DataFrame:
    """Return what there is to say about a part; `start` is given with the first one."""
    if not (start or split.notes or split.damaged or split.controls):
        return findings.empty()
    told = table.refused(_told(split, top, refused=False)).select("row", "code")
    return findings.joined(
        _opening(source, start) if start else findings.empty(),
        table.holding(cells, rows, table.REPLACEMENT, "file.bytes") if split.damaged else findings.empty(),
        _lost(split, top) if split.damaged else findings.empty(),
        table.holding(cells, rows, table.CONTROL, "row.control") if split.controls else findings.empty(),
        findings.found(told),
    )


def _opening(source: _Source, start: Opening) -> pl.DataFrame:
    guessed = pl.DataFrame({"suggestion": [source.guess.encoding] if source.guess.guessed else []})
    remarks = table.refused(start.remarks).select("row", "code", value=pl.col("raw").replace("", None))
    return findings.joined(
        findings.found(guessed.cast(pl.String), "file.encoding"),
        findings.found(remarks),
    )


def _lost(split: Split, top: int) -> pl.DataFrame:
    """Return a finding for each refused row with bytes that do not fit."""
    refused = table.refused(_told(split, top, refused=True))
    return findings.found(refused.filter(pl.col("raw").str.contains(table.REPLACEMENT)).select("row"), "file.bytes")
