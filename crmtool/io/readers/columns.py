"""A block of text to columns of cells, fast, and exactly as `records.record` reads it line by line.

A block that is proven to be records from end to end is read whole (see `proofs`). Otherwise lines that are records by
themselves, and runs of lines that a quoted cell holds together, are matched by a regular expression and read together;
all other lines are read one at a time. The ways agree (a law in the tests): which one is taken is a matter of speed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from crmtool.io.readers import lines, proofs, records, table
from crmtool.io.readers.records import Record
from crmtool.io.readers.separators import ONE_COLUMN

if TYPE_CHECKING:
    from crmtool.io.readers.lines import GetLine
    from crmtool.io.readers.records import Shape

_PATIENCE = 1_000_000  # lines of a block looked at in vain for the end of quoted cells; then a cell ends with its line
_REPLACED = table.REPLACEMENT.encode()
_NEVER = "[^\\s\\S]"
_MARK = "\ufeff"  # polars drops one at the beginning of what it reads


class Note(NamedTuple):
    """Something to say about a record; with a code of `records.REFUSED` its cells are left out."""

    record: int
    code: str
    raw: str


class Split(NamedTuple):
    """The records of a block, counted from 0.

    `cells`: `record` (UInt32) and String columns c0, c1 ..., null where empty; `blank`: records (UInt32) that are lines
    of white space; `height`: how many records there are; `rest`: the end of the block, which the next one may change;
    `controls`, `damaged`: there may be control characters, or bytes that did not fit the encoding, in the cells.
    """

    cells: pl.DataFrame
    notes: list[Note]
    blank: pl.Series
    height: int
    rest: bytes
    controls: bool
    damaged: bool


def beginning(split: Split, count: int) -> Split:
    """Return the first `count` records."""
    return split._replace(
        cells=split.cells.filter(pl.col("record") < count),
        notes=[note for note in split.notes if note.record < count],
        blank=split.blank.filter(split.blank < count),
        height=count,
        rest=b"",
    )


def split(text: bytes, shape: Shape, *, final: bool) -> Split:
    """Return the records of a UTF-8 text that starts with a record and ends with a line; `final`: nothing follows."""
    whole = proofs.proven(text, shape, final=final)
    found = _by_line(text, shape, final=final) if whole is None else _as_split(*whole, text)
    return found._replace(damaged=_REPLACED[:1] in text and _REPLACED in text)


def _as_split(cells: pl.DataFrame, stop: int, text: bytes) -> Split:
    none = pl.Series("record", [], pl.UInt32)
    return Split(cells.with_row_index("record"), [], none, cells.height, text[stop:], controls=False, damaged=False)


class _Walk(NamedTuple):
    """The records `read` one at a time, the first lines of the `runs` taken, and the line from where on all is open."""

    read: list[Record]
    runs: list[int]
    open: int | None


def _by_line(text: bytes, shape: Shape, *, final: bool) -> Split:
    body = lines.split(text)
    line = lines.getter(body)
    body = body.with_row_index("at").with_columns(_kind(shape).alias("kind"))
    runs = _runs(body, shape)
    ends = dict(zip(runs.get_column("at").to_list(), runs.get_column("last").to_list(), strict=True))
    odd = body.filter(pl.col("kind") == "odd").get_column("at").to_list()
    walk = _walked(line, odd, ends, shape, final=final)
    taken = runs.filter(pl.col("at").is_in(walk.runs)) if len(walk.runs) < runs.height else runs
    stop = body.height if walk.open is None else walk.open
    starts = ~pl.int_range(stop, dtype=pl.UInt32, eager=True).is_in(_inside(walk, taken).implode())
    free = body.head(stop).filter(starts)
    kinds = {kind: free.filter(pl.col("kind") == kind).select("at", "line") for kind in ("regular", "plain", "blank")}
    regular = _regular(_in_order(kinds["regular"], taken.select("at", "line")), shape)
    cells = _in_order(regular, _plain(kinds["plain"], shape), _shaped(walk.read, shape.width))
    ordinal = (starts.cast(pl.UInt32).cum_sum() - 1).alias("record")
    notes = ((each, _remark(each, shape)) for each in walk.read)
    return Split(
        cells.select(ordinal.gather(cells.get_column("at")), *proofs.columns(shape.width)),
        [Note(int(ordinal.item(each.line)), code, each.raw) for each, code in notes if code],
        ordinal.gather(kinds["blank"].get_column("at")),
        len(free),
        lines.joined(body.slice(stop)),
        controls=bool(body.get_column("line").str.contains(table.CONTROL).any()),
        damaged=False,
    )


def _kind(shape: Shape) -> pl.Expr:
    """Tell "regular" lines (records beyond doubt), "plain" (marks only inside cells), "blank" and "odd" ones."""
    text, dialect, mark = pl.col("line"), shape.dialect, shape.dialect.delimiter or ONE_COLUMN
    expression = records.pattern(dialect, shape.width)
    regular = text.str.contains(f"\\A{expression}\\z" if expression else _NEVER) & ~text.str.starts_with(_MARK)
    simple = dialect.escape is None and not dialect.skip_space
    quote = dialect.quote
    opening = text.str.starts_with(quote) | text.str.contains(mark + quote, literal=True) if quote else pl.lit(False)
    plain = ~opening & (text.str.count_matches(mark, literal=True) == shape.width - 1) & pl.lit(simple)
    return (
        pl.when(text.str.strip_chars() == "")
        .then(pl.lit("blank"))
        .when(regular)
        .then(pl.lit("regular"))
        .when(plain)
        .then(pl.lit("plain"))
        .otherwise(pl.lit("odd"))
    )


def _runs(body: pl.DataFrame, shape: Shape) -> pl.DataFrame:
    """Return records over several lines that are beyond doubt: `at`, `last` and the text (`line`) of each.

    They begin with an odd line that ends inside a quoted cell, and end with the next line of an odd number of marks.
    """
    expression, opening = records.pattern(shape.dialect, shape.width), records.opening(shape.dialect)
    quote = shape.dialect.quote
    if expression is None or quote is None or shape.dialect.escape or shape.dialect.skip_space:
        return _no_runs()
    uneven = body.filter(pl.col("line").str.count_matches(quote, literal=True) % 2 == 1)
    pairs = uneven.select("at", "kind", "line", last=pl.col("at").shift(-1)).filter(
        pl.col("kind") == "odd", pl.col("last") - pl.col("at") < records.LINES
    )
    return _matching(body, pairs.filter(pl.col("line").str.contains(opening)), expression)


def _no_runs() -> pl.DataFrame:
    return pl.DataFrame(schema={"at": pl.UInt32(), "last": pl.UInt32(), "line": pl.String()})


def _matching(body: pl.DataFrame, pairs: pl.DataFrame, expression: str) -> pl.DataFrame:
    """Return the pairs of first and last line whose lines together are one record."""
    if pairs.is_empty():
        return _no_runs()
    spread = pairs.select("at", "last", line=pl.int_ranges("at", pl.col("last") + 1, dtype=pl.UInt32)).explode("line")
    text = body.select("line", "end").select(pl.all().gather(spread.get_column("line")))
    ended = pl.when(spread.get_column("line") == spread.get_column("last")).then(pl.lit("")).otherwise(pl.col("end"))
    whole = text.select(spread.get_column("at"), spread.get_column("last"), line=pl.col("line") + ended)
    runs = whole.group_by("at", maintain_order=True).agg(pl.col("last").first(), pl.col("line").str.join(""))
    return runs.filter(pl.col("line").str.contains(f"\\A{expression}\\z"), ~pl.col("line").str.starts_with(_MARK))


def _walked(line: GetLine, odd: list[int], ends: dict[int, int], shape: Shape, *, final: bool) -> _Walk:
    """Go from one odd line to the next that no record holds; the text of a run is left to others."""
    read, runs, after, vain = list[Record](), list[int](), 0, 0
    for at in odd:
        if at < after:
            continue
        last = ends.get(at)
        if last is not None:
            runs.append(at)
            after = last + 1
            continue
        found = records.record(line, at, shape.dialect, shape.width, records.LINES if vain < _PATIENCE else 1)
        if found.open and not final:
            return _Walk(read, runs, at)
        read.append(found)
        vain += found.tried - found.lines
        after = at + found.lines
    return _Walk(read, runs, None)


def _inside(walk: _Walk, runs: pl.DataFrame) -> pl.Series:
    """Return the lines that continue a record."""
    spans = pl.concat(
        [
            runs.select("at", "last"),
            pl.DataFrame(
                [(each.line, each.line + each.lines - 1) for each in walk.read if each.lines > 1],
                schema={"at": pl.UInt32, "last": pl.UInt32},
                orient="row",
            ),
        ]
    )
    every = spans.select(pl.int_ranges(pl.col("at") + 1, pl.col("last") + 1, dtype=pl.UInt32).alias("at"))
    return every.get_column("at").explode().drop_nulls() if len(spans) else _uint([])


def _uint(numbers: list[int]) -> pl.Series:
    return pl.Series("at", numbers, dtype=pl.UInt32)


def _remark(each: Record, shape: Shape) -> str | None:
    if each.cells is None:
        return each.code
    if records.beyond(each.cells, shape.width):
        return "row.ragged"
    short = len(each.cells) < shape.needed and any(cell.strip() for cell in each.cells)
    return "row.short" if short else each.code


def _shaped(batch: list[Record], width: int) -> pl.DataFrame:
    """Shape records read one at a time: empty cells beyond the header are cut, missing ones null."""
    kept = [
        (each.line, each.cells) for each in batch if each.cells is not None and not records.beyond(each.cells, width)
    ]
    padded = [cells if len(cells) == width else [*cells, *[None] * width][:width] for _, cells in kept]
    columns = zip(*padded, strict=True) if padded else [()] * width
    names = proofs.columns(width)
    texts = pl.DataFrame([pl.Series(name, column, pl.String()) for name, column in zip(names, columns, strict=True)])
    return texts.select(pl.Series("at", [line for line, _ in kept], pl.UInt32()), proofs.nulls(names))


def _plain(found: pl.DataFrame, shape: Shape) -> pl.DataFrame:
    names, text, mark = proofs.columns(shape.width), pl.col("line"), shape.dialect.delimiter or ONE_COLUMN
    cells = (
        text.str.split_exact(mark, shape.width - 1).struct.rename_fields(names)
        if shape.width > 1
        else pl.struct(c0=text)
    )
    return found.select("at", cells.struct.unnest()).with_columns(proofs.nulls(names))


def _regular(found: pl.DataFrame, shape: Shape) -> pl.DataFrame:
    """Read records beyond doubt, each without its last line end."""
    names = proofs.columns(shape.width)
    text = found.get_column("line").str.join("\n").cast(pl.Binary).item() or b""
    cells = proofs.read(text + b"\n" if found.height else b"", shape)
    spaced = pl.col(names).str.strip_chars_start(" ") if shape.dialect.skip_space else pl.col(names)
    return cells.select(found.get_column("at"), spaced).with_columns(proofs.nulls(names))


def _in_order(*parts: pl.DataFrame) -> pl.DataFrame:
    filled = [part for part in parts if len(part)] or [parts[0]]
    return filled[0] if len(filled) == 1 else pl.concat(filled).sort("at")
