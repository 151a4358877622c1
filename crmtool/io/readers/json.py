"""JSON and JSON lines to `Table`s: what forms, bots, webhooks and programs write.

The list is found wherever it stands: JSON lines, one array, objects one after another, or an object around a list (see
`envelopes`); its rows may be arrays, too (`json_arrays`). How an object becomes cells is in `flattening`, how text
becomes values in `json_values`. A row has the number of its line in JSON lines, and in everything else that of its
place in the list, from 1. A row that is no object, or is broken, is refused and kept whole, and reading goes on.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from crmtool.core import findings
from crmtool.core.errors import InputRefused
from crmtool.io.readers import encodings, envelopes, fitting, flattening, json_arrays, json_values, table
from crmtool.io.readers.json_values import Value
from crmtool.io.readers.table import Options, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_SAMPLE = 1 << 18  # bytes
_BLOCK = 4 << 20  # characters
_BATCH = 25_000  # rows taken apart at once
_HELD = 8  # batches held in memory; those of a longer file wait on the disk until all headings are known
_ROWS = 200_000  # of a part
_CELLS = 30_000_000  # of a part
_HALF = 2
_AROUND = " \t\r\n,\x1e\ufeff"
_HINT = "Export the list again as JSON, JSON lines or CSV, without comments."


class _Rows(NamedTuple):
    """Some rows of a file: objects and their numbers, and what is kept aside (row, raw, code); `read`: how many in all.

    `remarks` (code, value) are about the whole file.
    """

    read: int
    numbers: list[int]
    objects: list[dict[str, Any]]
    refused: list[tuple[int, str, str]]
    remarks: list[tuple[str, str | None]]


def parts(path: Path, options: Options) -> Iterator[Table]:
    """Read a file of JSON, of any of its kinds, in parts that all have the same columns.

    Raises InputRefused where no object can be read, UsageError for options that do not fit.
    """
    fitting.check(options, path.name, "JSON", "encoding")
    sample = _sample(path)
    guess = encodings.decoded(sample, options.encoding, whole=len(sample) < _SAMPLE)
    in_lines = options.format == "jsonl" or _is_lines(guess.utf8.decode("utf-8", "replace"))
    about = Table(
        name=path.name,
        sha256=table.digest(path),
        cells=pl.DataFrame(),
        rows=pl.Series(table.ROW, [], pl.Int64()),
        refused=table.refused([]),
        blank=0,
        encoding=guess.encoding,
        format="jsonl" if in_lines else "json",
        header=0,
    )
    with path.open(encoding=guess.encoding, errors="replace", newline="\n") as text:
        values = json_values.values(text.read, path.name)
        rows = (
            _lines(text.read, options.limit)
            if in_lines
            else _listed(values, path.name, options.limit, in_array=guess.utf8.lstrip()[:1] == b"[")
        )
        known: set[str] = set()
        tables = (_table(each, about, known) for each in rows)
        yield from _with(_settled(tables, about), guess)


def _with(tables: Iterator[Table], guess: encodings.Text) -> Iterator[Table]:
    """Say with the first part that the encoding was guessed."""
    guessed = pl.DataFrame({"suggestion": [guess.encoding] if guess.guessed else []}, {"suggestion": pl.String})
    for each in tables:
        yield replace(each, findings=findings.joined(findings.found(guessed, "file.encoding"), each.findings))
        guessed = guessed.clear()


def _sample(path: Path) -> bytes:
    """Return the beginning of a file, or, where that is plain ASCII, the first part that is not."""
    with path.open("rb") as file:
        head = block = file.read(_SAMPLE)
        while block and block.isascii():
            block = file.read(_SAMPLE)
    return head if head == block or not block else head[: _SAMPLE // 2] + b"\n" + block[block.find(b"\n") + 1 :]


def _is_lines(sample: str) -> bool:
    """Tell whether most lines are an object each. Several objects in one line, or one over several, are not."""
    lines = [line for line in map(str.strip, sample.split("\n")[:1000]) if line]
    objects = [line for line in lines if line.startswith("{") and line.rstrip(",").endswith("}")]
    return len(lines) > 1 and lines[0][0] != "[" and _HALF * len(objects) >= len(lines) and not _shared(objects[0])


def _shared(line: str) -> bool:
    """Tell whether a line goes on with another object behind the first."""
    try:
        end = json_values.decoded(line, 0)[1]
    except (json.JSONDecodeError, RecursionError):
        return False
    return line[end:].lstrip(" ,").startswith("{")


def _lines(read: Callable[[int], str], limit: int | None) -> Iterator[_Rows]:
    """Take each line for a row."""
    number, rest = 1, ""
    while (block := read(_BLOCK)) or rest:
        *lines, rest = (rest + (block or "\n")).split("\n")
        for start in range(0, len(lines), _BATCH):
            batch = lines[start : start + _BATCH]
            if limit is not None and number + len(batch) > limit:
                yield _of_lines(number, batch[: limit - number + 1])
                return
            yield _of_lines(number, batch)
            number += len(batch)


def _of_lines(first: int, lines: list[str]) -> _Rows:
    rows = _Rows(len(lines), [], [], [], [])
    decode, numbers, objects = json_values.decoded, rows.numbers, rows.objects
    for number, line in enumerate(lines, first):
        text = line.strip(_AROUND)
        try:
            value, end = decode(text, 0)
        except (json.JSONDecodeError, RecursionError):
            value, end = None, 0
        if type(value) is dict and end == len(text):
            numbers.append(number)
            objects.append(value)
        elif text:
            rows.refused.append((number, line.strip(), "row.unreadable"))
    return rows


def _listed(values: Iterator[Value], name: str, limit: int | None, *, in_array: bool) -> Iterator[_Rows]:
    """Number the values of a document; a single one may be an envelope, within an array if it says nothing itself."""
    first, outside = list(islice(values, 2)), dict[str, Any]()
    if first and first[0].raw is not None and all(each.raw == "" for each in first[1:]):
        raise InputRefused(f"{name} is not valid JSON: it goes wrong in line {first[0].line}.", _HINT)
    if len(first) == 1 and isinstance(first[0].value, dict) and not (in_array and _says(first[0].value)):
        inside, outside = envelopes.rows(first[0].value)
        values = (Value(row) for row in inside)
        first = list(islice(values, 2))
    remarks: list[tuple[str, str | None]] = [("file.outside", flattening.written(outside))] if outside else []
    every: Iterator[Value] = chain(first, values)
    above = 0
    if len(first) > 1 and all(isinstance(each.value, list) for each in first):
        every, above, titles = json_arrays.named(every)
        remarks += [("file.outside", title) for title in titles]
    numbered = enumerate(islice(every, limit), above + 1)
    while batch := list(islice(numbered, _BATCH)):
        yield _of_values(batch, remarks)
        remarks = []


def _of_values(batch: list[tuple[int, Value]], remarks: list[tuple[str, str | None]]) -> _Rows:
    cut = [("file.cut", None) for _, each in batch if each.raw == ""]
    told = [(number, each) for number, each in batch if each.raw != ""]
    objects = [(number, each.value) for number, each in told if isinstance(each.value, dict)]
    refused = [
        (number, each.raw or flattening.written(each.value), "row.unreadable")
        for number, each in told
        if not isinstance(each.value, dict)
    ]
    return _Rows(len(told), [n for n, _ in objects], [value for _, value in objects], refused, [*remarks, *cut])


def _says(value: dict[str, Any]) -> bool:
    return any(isinstance(held, str) and held for held in value.values())


def _table(rows: _Rows, about: Table, known: set[str]) -> Table:
    cells = flattening.frame(rows.objects, known)
    blank = table.blank_rows(cells)
    numbers = pl.Series(table.ROW, rows.numbers, pl.Int64())
    filled, kept = table.without(cells, blank), table.without(numbers.to_frame(), blank).get_column(table.ROW)
    return replace(
        about,
        cells=filled,
        rows=kept,
        refused=table.refused(rows.refused),
        blank=rows.read - len(rows.refused) - filled.height,
        findings=findings.joined(
            findings.found(pl.DataFrame(rows.remarks, {"code": pl.String, "value": pl.String}, orient="row")),
            *_odd(filled, kept),
        ),
    )


def _odd(cells: pl.DataFrame, rows: pl.Series) -> Iterator[pl.DataFrame]:
    either = f"{table.CONTROL}|{table.REPLACEMENT}"
    if cells.select(pl.any_horizontal(pl.all().str.contains(either).any())).item():
        yield table.holding(cells, rows, table.CONTROL, "row.control")
        yield table.holding(cells, rows, table.REPLACEMENT, "file.bytes")


def _settled(tables: Iterator[Table], about: Table) -> Iterator[Table]:
    """Give all parts the same columns: which those are is known when the last row was read."""
    held = list(islice(tables, _HELD))
    if len(held) < _HELD:
        if not sum(each.cells.height for each in held):
            raise InputRefused(f"{about.name} holds no object that could be a row.", _HINT)
        headings = _headings(held)
        yield from _joined((_under(headings, each) for each in held), len(headings))
        return
    with tempfile.TemporaryDirectory(prefix="crmtool-") as folder:  # made with mode 0700
        waiting = [
            (replace(each, cells=each.cells.clear()), _put(each.cells, Path(folder, str(number))))
            for number, each in enumerate(chain(held, tables))
        ]
        headings = _headings(each for each, _ in waiting)
        back = (replace(each, cells=pl.read_ipc(path)) for each, path in waiting)
        yield from _joined((_under(headings, each) for each in back), len(headings))


def _put(cells: pl.DataFrame, path: Path) -> Path:
    cells.write_ipc(path)
    return path


def _headings(tables: Iterable[Table]) -> list[str]:
    return list(dict.fromkeys(chain.from_iterable(each.cells.columns for each in tables)))


def _under(headings: list[str], each: Table) -> Table:
    own, height = set(each.cells.columns), each.cells.height
    columns = (
        each.cells.get_column(name) if name in own else pl.repeat(None, height, dtype=pl.String, eager=True)
        for name in headings
    )
    cells = pl.DataFrame([column.alias(name) for column, name in zip(columns, headings, strict=True)])
    return replace(each, cells=cells)


def _joined(tables: Iterator[Table], width: int) -> Iterator[Table]:
    """Join neighbours to parts of a good size."""
    rows = max(min(_ROWS, _CELLS // max(width, 1)), 1)
    waiting: list[Table] = []
    for each in tables:
        waiting.append(each)
        if sum(one.cells.height for one in waiting) >= rows:
            yield table.joined(waiting)
            waiting = []
    if waiting:
        yield table.joined(waiting)
