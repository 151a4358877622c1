"""A block of text to columns of cells, fast, and exactly as `records.record` reads it line by line.

A block that is well formed from end to end is read whole. Otherwise lines that are records by themselves, and runs of
lines that a quoted cell holds together, are told from their bytes (see `outlines`) and read together (see `proofs`);
all other lines are read one at a time. The ways agree (a law in the tests): which one is taken is a matter of speed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from crmtool.io.readers import outlines, proofs, records, table
from crmtool.io.readers.records import Record

if TYPE_CHECKING:
    from crmtool.io.readers.lines import GetLine
    from crmtool.io.readers.outlines import Signs
    from crmtool.io.readers.records import Shape

_PATIENCE = 1_000_000  # lines of a block looked at in vain for the end of quoted cells; then a cell ends with its line
_REPLACED = table.REPLACEMENT.encode()
_REGULAR, _PLAIN, _RUN, _BLANK, _ODD = range(5)  # ways to read a line: see `_ways` and `_runs`


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
    codes = outlines.codes(text)
    signs = outlines.signs(text, codes, shape.dialect)
    found = _whole(text, signs, shape, final=final)
    if found is None:
        body = outlines.lines(signs).with_row_index("at")
        found = _divided(text, _ways(body, shape), shape, final=final)
    damaged = _REPLACED[:1] in text and _REPLACED in text
    return found._replace(controls=outlines.controlled(text, codes), damaged=damaged)


def _whole(text: bytes, signs: Signs, shape: Shape, *, final: bool) -> Split | None:
    """Return the records of a text that is nothing but records beyond doubt."""
    if shape.dialect.skip_space or (told := outlines.whole(signs, shape.width, final=final)) is None:
        return None
    cells = proofs.proven(text[: told.stop], shape.dialect, shape.width, told.height, told.size)
    if cells is None:
        return None
    none, rest = pl.Series("record", [], pl.UInt32), text[told.stop :]
    return Split(cells.with_row_index("record"), [], none, cells.height, rest, controls=False, damaged=False)


def _ways(body: pl.DataFrame, shape: Shape) -> pl.DataFrame:
    """Add the `way` to read each line as if a record begins with it, and the `size` in bytes of its cells.

    A regular line is a record beyond doubt; in a plain one all marks are but text; a blank one is empty; others: odd.
    """
    dialect, many = shape.dialect, shape.width - 1
    length = (pl.col("stop") - pl.col("start")).cast(pl.Int32) - pl.col("tail")
    layout = (pl.col("escapes") > 0) | ((pl.col("marks") > 0) & dialect.skip_space)
    sound = (pl.col("marks") % 2 == 0) & (pl.col("faults") == 0) & ~layout
    regular = pl.col("known") & sound & (pl.col("separators") == many)
    text = (pl.col("openings") == 0) & pl.lit(dialect.escape is None and not dialect.skip_space)
    plain = pl.col("known") & text & (pl.col("delimiters") == many)
    way = pl.when(length == 0).then(_BLANK).when(regular).then(_REGULAR).when(plain).then(_PLAIN).otherwise(_ODD)
    unfolded = pl.when(regular).then(pl.col("doubled") - pl.col("marks")).otherwise(0)
    return body.with_columns(way=way.cast(pl.UInt8), size=length - many + unfolded)


def _runs(body: pl.DataFrame, shape: Shape) -> pl.DataFrame:
    """Return records over several lines that are beyond doubt: `at`, `last` and the `size` of each.

    They begin with a line that ends inside a quoted cell, and end with the next line of an odd number of marks.
    """
    counts = ("inner_faults", "inner_separators", "inner_doubled", "marks")
    single = pl.col("way").is_in([_REGULAR, _PLAIN]) & pl.col("lone")
    if shape.dialect.escape or shape.dialect.skip_space or body.select(single.any()).item():
        body = body.clear()
    sums = body.with_columns(pl.col(name).cum_sum().alias(f"{name}_sum") for name in counts)
    uneven = sums.filter(pl.col("marks") % 2 == 1, "known")
    inside = {name: pl.col(f"{name}_sum").shift(-1) - pl.col(f"{name}_sum") for name in counts}
    length = (pl.col("stop").shift(-1) - pl.col("start")).cast(pl.Int32) - pl.col("tail").shift(-1)
    marks = pl.col("marks") + inside["marks"]
    pairs = uneven.select(
        "at",
        last=pl.col("at").shift(-1),
        lone=pl.col("lone").shift(-1),
        faults=pl.col("faults") + inside["inner_faults"],
        separators=pl.col("separators") + inside["inner_separators"],
        size=length - (shape.width - 1) - marks + pl.col("doubled") + inside["inner_doubled"],
    )
    return pairs.filter(
        pl.col("faults") == 0,
        pl.col("separators") == shape.width - 1,
        pl.col("last") - pl.col("at") < records.LINES,
        ~pl.col("lone"),
    ).select("at", "last", "size")


class _Walk(NamedTuple):
    """The records `read` one at a time, the first lines of the `runs` taken, and the line from where on all is open."""

    read: list[Record]
    runs: list[int]
    open: int | None


def _divided(text: bytes, body: pl.DataFrame, shape: Shape, *, final: bool) -> Split:
    """Return the records of the lines, each read in its way; one after another if those beyond doubt do not add up."""
    runs = _runs(body, shape)
    walk = _walked(_getter(text, body), body, runs, shape, final=final)
    taken = runs.filter(pl.col("at").is_in(walk.runs)) if len(walk.runs) < runs.height else runs
    stop = body.height if walk.open is None else walk.open
    found = _found(body.head(stop), walk, taken)
    regular, plain = _regular(text, found, taken, shape), _plain(text, found, shape)
    if regular is None or plain is None:
        return _divided(text, body.with_columns(known=False, way=pl.lit(_ODD, pl.UInt8)), shape, final=final)
    cells = _in_order(regular, plain, _shaped(walk.read, shape.width))
    record = found.get_column("record")
    notes = ((each, _remark(each, shape)) for each in walk.read)
    return Split(
        cells.select(record.gather(cells.get_column("at")), *proofs.columns(shape.width)),
        [Note(int(record.item(each.line)), code, each.raw) for each, code in notes if code],
        found.filter("begins", pl.col("way") == _BLANK).get_column("record"),
        int(found.get_column("begins").sum()),
        text[body.item(stop, "start") :] if stop < body.height else b"",
        controls=False,
        damaged=False,
    )


def _getter(text: bytes, body: pl.DataFrame) -> GetLine:
    """Return a function that gives the line at a position with its end, or None past the last one."""
    starts, stops = body.get_column("start").to_list(), body.get_column("stop").to_list()
    return lambda at: text[starts[at] : stops[at]].decode() if at < len(starts) else None


def _walked(line: GetLine, body: pl.DataFrame, taken: pl.DataFrame, shape: Shape, *, final: bool) -> _Walk:
    """Go from one odd line to the next that no record holds; the text of a run is left to others."""
    ends = dict(zip(taken.get_column("at").to_list(), taken.get_column("last").to_list(), strict=True))
    odd = body.filter(pl.col("way") == _ODD).get_column("at").to_list()
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


def _found(body: pl.DataFrame, walk: _Walk, runs: pl.DataFrame) -> pl.DataFrame:
    """Return the lines in the way they are read, whether a record `begins` with each, and the number of its record."""
    slow = pl.DataFrame(
        [(each.line, each.line + each.lines - 1) for each in walk.read],
        schema={"at": pl.UInt32, "last": pl.UInt32},
        orient="row",
    )
    way = body.get_column("way").scatter(_spread(runs), _RUN).scatter(_spread(slow), _ODD)
    inner = pl.concat([_spread(runs), _spread(slow)])
    begins = pl.repeat(True, body.height, dtype=pl.Boolean, eager=True).scatter(inner, False)
    begins = begins.scatter(pl.concat([runs.get_column("at"), slow.get_column("at")]), True)
    return body.with_columns(way, begins.alias("begins"), (begins.cum_sum() - 1).alias("record"))


def _spread(spans: pl.DataFrame) -> pl.Series:
    """Return all lines of records from line `at` to line `last`."""
    return spans.select(pl.int_ranges("at", pl.col("last") + 1, dtype=pl.UInt32)).to_series().explode()


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


def _regular(text: bytes, found: pl.DataFrame, runs: pl.DataFrame, shape: Shape) -> pl.DataFrame | None:
    """Read records beyond doubt; None if they do not add up."""
    single = found.filter(pl.col("way") == _REGULAR).select("at", "size")
    whole = pl.concat([single, runs.select("at", "size")]).sort("at") if runs.height else single
    return _proven(_chosen(text, found.filter(pl.col("way").is_in([_REGULAR, _RUN]))), whole, shape)


def _plain(text: bytes, found: pl.DataFrame, shape: Shape) -> pl.DataFrame | None:
    """Read lines whose marks are but text; None if they do not add up."""
    plain = found.filter(pl.col("way") == _PLAIN)
    return _proven(_chosen(text, plain), plain, shape._replace(dialect=shape.dialect._replace(quote=None)))


def _proven(text: bytes, found: pl.DataFrame, shape: Shape) -> pl.DataFrame | None:
    size = int(found.get_column("size").sum())
    cells = proofs.proven(text, shape.dialect, shape.width, found.height, size)
    return cells.insert_column(0, found.get_column("at")) if cells is not None else None


def _chosen(text: bytes, some: pl.DataFrame) -> bytes:
    """Return some lines of a text. Where one ends with a carriage return by itself, none holds one: all get a feed."""
    begun = some.filter(pl.col("start").ne_missing(pl.col("stop").shift(1))).get_column("start")
    ended = some.filter(pl.col("stop").ne_missing(pl.col("start").shift(-1))).get_column("stop")
    chosen = b"".join(text[start:stop] for start, stop in zip(begun.to_list(), ended.to_list(), strict=True))
    returned = some.select((pl.col("lone") & (pl.col("way") != _RUN)).any()).item()
    return chosen.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if returned else chosen


def _in_order(*parts: pl.DataFrame) -> pl.DataFrame:
    filled = [part for part in parts if len(part)] or [parts[0]]
    return filled[0] if len(filled) == 1 else pl.concat(filled).sort("at")
