"""Entries of differing shape (cards, directory entries) to a `Table`: one row each, one column for each heading met.

A large file comes in parts with the same columns: what is read waits in a nameless file, which the system drops with
the process, until all headings are known. To add a format: a generator of `Entry`, and `tables` over it.
"""

from __future__ import annotations

import io
import re
import tempfile
from collections import Counter
from dataclasses import replace
from functools import lru_cache
from typing import IO, TYPE_CHECKING, NamedTuple

import polars as pl

from crmtool.core import findings
from crmtool.core.errors import InputRefused, UsageError
from crmtool.io.readers import table
from crmtool.io.readers.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from crmtool.io.readers.streams import Stream
    from crmtool.io.readers.table import Options

MOST = 20  # values of one heading that get a column of their own
OTHER = "Other values"
UNREAD = "Unread lines"
_WIDEST = 500  # columns
_BATCH = 20_000  # entries
_CELLS = 5_000_000  # of a part; bounds what is held in memory at once
_HEADING = re.compile(r"(.*?)(?: (\d{1,3}))?(: .*)?", re.DOTALL)


class Entry(NamedTuple):
    """What was read of one entry that begins in line `row`; with a `code` it is refused and `raw` kept.

    `other` holds values without a column, `dropped` the name and size of data that is not kept, `notes` the code,
    column, value and suggestion of findings. `counted` False: there is only something to say about these lines.
    """

    row: int
    cells: dict[str, str]
    other: list[str]
    dropped: list[tuple[str, int]]
    notes: list[tuple[str, str | None, str | None, str | None]]
    code: str | None = None
    raw: str = ""
    counted: bool = True


def entry(row: int) -> Entry:
    """Return an entry with nothing in it yet."""
    return Entry(row, {}, [], [], [])


def put(into: Entry, heading: str, value: str) -> None:
    """Add a value under its heading, if there is any; the second one goes under "heading 2", and so on."""
    cells = into.cells
    if not value:
        return
    if heading not in cells:
        cells[heading] = value
        return
    free = next((name for name in _numbered(heading) if name not in cells), None)
    if free:
        cells[free] = value
    else:
        into.other.append(f"{heading}: {value}")


@lru_cache(maxsize=4096)
def _numbered(heading: str) -> tuple[str, ...]:
    return tuple(f"{heading} {number}" for number in range(2, MOST + 1))


def put_together(into: Entry, templates: tuple[str, ...], values: Sequence[str]) -> None:
    """Add values that belong together under the same number: the first one for which none of the headings is taken.

    `templates` are the headings, with "{}" in each for its number: "Address home{}: city".
    """
    if not any(values):
        return
    cells = into.cells
    for number in range(1, MOST + 1):
        names = _together(templates, number)
        if cells.keys().isdisjoint(names):
            cells.update([(name, value) for name, value in zip(names, values, strict=True) if value])
            return
    into.other.extend(f"{name}: {value}" for name, value in zip(_together(templates, 1), values, strict=True) if value)


@lru_cache(maxsize=4096)
def _together(templates: tuple[str, ...], number: int) -> tuple[str, ...]:
    return tuple(template.replace("{}", "" if number == 1 else f" {number}") for template in templates)


def check(path: Path, options: Options, what: str) -> None:
    """Raise UsageError for options that only a table has."""
    named = {"--sheet": options.sheet, "--delimiter": options.delimiter, "--header": options.header}
    wrong = next((name for name, value in named.items() if value is not None), None)
    if wrong:
        raise UsageError(f"{path.name} is {what} and has no {wrong.strip('-')}.", f"Leave out {wrong}.")


class _Batch(NamedTuple):
    """Entries as columns; where they wait, `cells` has headings alone."""

    cells: pl.DataFrame
    rows: pl.Series
    refused: pl.DataFrame
    blank: int
    findings: pl.DataFrame
    dropped: Counter[str]
    sizes: Counter[str]


def tables(
    path: Path, stream: Stream, options: Options, form: str, found: Iterable[Entry], rank: Callable[[str], int]
) -> Iterator[Table]:
    """Give the entries of a file as tables of the same columns.

    `rank` of a heading without its number says where its column stands; equal ranks stand as they were met. Raises
    InputRefused for a file without entries.
    """
    with tempfile.TemporaryFile() as spool:
        waiting = [_spooled(batch, spool) for batch in _batches(_first(found, options.limit))]
        if not sum(len(batch.rows) + batch.refused.height + batch.blank for batch, _ in waiting):
            raise InputRefused(f"{path.name} holds no entries.", "Export the address book again.")
        headings = _ordered(dict.fromkeys(name for batch, _ in waiting for name in batch.cells.columns), rank)
        whole = _empty(path, stream, form, [batch for batch, _ in waiting])
        spool.seek(0)
        for batch, size in waiting:
            yield from _parts(whole, batch, _read_back(spool, size), headings)
            whole = replace(whole, findings=findings.empty())


def _spooled(batch: _Batch, spool: IO[bytes]) -> tuple[_Batch, int]:
    buffer = io.BytesIO()
    batch.cells.write_ipc(buffer, compression="lz4")
    return batch._replace(cells=batch.cells.clear()), spool.write(buffer.getvalue())


def _read_back(spool: IO[bytes], size: int) -> pl.DataFrame:
    return pl.read_ipc(io.BytesIO(spool.read(size)))


def _empty(path: Path, stream: Stream, form: str, batches: list[_Batch]) -> Table:
    """Return a table without rows, with what there is to say about the file."""
    return Table(
        name=path.name,
        sha256=table.digest(path),
        cells=pl.DataFrame(),
        rows=pl.Series(table.ROW, [], pl.Int64),
        refused=table.refused([]),
        blank=0,
        findings=_about(stream, batches),
        encoding=stream.encoding,
        format=form,
        header=0,
    )


def _about(stream: Stream, batches: list[_Batch]) -> pl.DataFrame:
    guessed = stream.encoding if stream.guessed else stream.other
    encoding = pl.DataFrame({"suggestion": [guessed] if guessed else []}, schema={"suggestion": pl.String})
    number, size = Counter[str](), Counter[str]()
    for batch in batches:
        number += batch.dropped
        size += batch.sizes
    told = [(name, f"{count} of them, {size[name]:,} bytes") for name, count in sorted(number.items())]
    dropped = pl.DataFrame(told, schema={"column": pl.String, "suggestion": pl.String}, orient="row")
    return findings.joined(findings.found(encoding, "file.encoding"), findings.found(dropped, "entry.dropped"))


def _parts(whole: Table, batch: _Batch, cells: pl.DataFrame, headings: list[str]) -> Iterator[Table]:
    made = replace(
        whole,
        cells=cells,
        rows=batch.rows,
        refused=batch.refused,
        blank=batch.blank,
        findings=findings.joined(whole.findings, batch.findings),
    )
    nothing = pl.lit(None, pl.String)
    columns = [pl.col(name) if name in cells.columns else nothing.alias(name) for name in headings]
    for part in table.slices(made, max(_CELLS // max(len(headings), 1), 1)):
        yield replace(part, cells=part.cells.select(columns))


def _ordered(headings: Iterable[str], rank: Callable[[str], int]) -> list[str]:
    """Return headings by rank, then as they were met, those of one kind together by number."""
    met: dict[str, int] = {}
    placed = []
    for heading in headings:
        stem, number, part = _HEADING.fullmatch(heading).groups("")  # type: ignore[union-attr]  # it matches any
        plain = stem + part
        place = met.setdefault(stem, len(met))
        last = heading in (UNREAD, OTHER)
        placed.append(((last, rank(plain), place, int(number or 1), rank(plain)), heading))
    return [heading for _, heading in sorted(placed, key=lambda pair: pair[0])]


def _batches(found: Iterable[Entry]) -> Iterator[_Batch]:
    """Give entries as columns, so many at a time that the cells stay within `_CELLS`."""
    known: dict[str, None] = {}
    waiting: list[Entry] = []
    for each in found:
        _limit(each, known)
        waiting.append(each)
        if len(waiting) >= _BATCH or len(waiting) * len(known) > _CELLS:
            yield _batch(waiting)
            waiting = []
    if waiting:
        yield _batch(waiting)


def _first(found: Iterable[Entry], limit: int | None) -> Iterator[Entry]:
    """Give entries up to the last one within a limit."""
    left = limit
    for each in found:
        if left is not None and each.counted:
            left -= 1
        if left is not None and left < 0:
            return
        yield each


def _limit(each: Entry, known: dict[str, None]) -> None:
    """Keep the number of columns within bounds: what is too much goes into one column together."""
    cells = each.cells
    if not cells.keys() <= known.keys():
        for name in [name for name in cells if name not in known]:
            if len(known) < _WIDEST:
                known[name] = None
            else:
                each.other.append(f"{name}: {cells.pop(name)}")
    if each.other:
        cells[OTHER] = "\n".join(each.other)
        each.notes.append(("entry.overflow", OTHER, None, None))


def _batch(met: list[Entry]) -> _Batch:
    met.sort(key=lambda each: each.row)
    kept = [each for each in met if each.cells and not each.code]
    refused = [(each.row, each.raw, each.code) for each in met if each.code]
    cells = _cells([each.cells for each in kept])
    rows = pl.Series(table.ROW, [each.row for each in kept], pl.Int64)
    return _Batch(
        cells,
        rows,
        table.refused(refused),
        sum(each.counted for each in met) - len(kept) - len(refused),
        findings.joined(
            _told(met),
            table.holding(cells, rows, table.CONTROL, "row.control"),
            table.holding(cells, rows, table.REPLACEMENT, "file.bytes"),
        ),
        Counter(name for each in met for name, _ in each.dropped),
        sum((Counter({name: size}) for each in met for name, size in each.dropped), Counter()),
    )


def _cells(met: list[dict[str, str]]) -> pl.DataFrame:
    columns: dict[str, list[str | None]] = {}
    for position, cells in enumerate(met):
        for heading, value in cells.items():
            if heading not in columns:
                columns[heading] = [None] * len(met)
            columns[heading][position] = value
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))


def _told(met: list[Entry]) -> pl.DataFrame:
    told = [(each.row, *note) for each in met for note in each.notes]
    names = ("row", "code", "column", "value", "suggestion")
    return findings.found(pl.DataFrame(told, schema={n: findings.SCHEMA[n] for n in names}, orient="row"))
