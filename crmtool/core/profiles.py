"""What the columns of a list hold: how full they are, how many different values, in which shapes, with which faults.

Counted part by part: `counted` on each part of a file, `joined` on what came of the parts, `described` at the end. To
add a fault that is seen in a cell as it stands: a line in `FAULTS` and its code in `findings.CATALOGUE`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core import findings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

#: Different values of a column that are counted one by one; beyond, their number is estimated (error about 0.1 %).
MOST = 1 << 20
KEPT = 2000  # shapes, and values, of a column that are remembered between parts
_LOOKED_AT = 80  # characters of a value
_SHOWN = 48  # characters of a shape

_SPACES = r"^\s|\s$|\s\s"
_MIXED = r"\p{Latin}\p{Cyrillic}|\p{Cyrillic}\p{Latin}"
#: Code of the finding -> what the cells look like that have the fault.
FAULTS = {"value.spaces": _SPACES, "value.scripts": _MIXED}

#: What stands for what in a shape, in this order: a letter for each run of letters, a 9 for each digit.
_SHAPE = (
    (r"\p{M}+", ""),
    (r"[\p{Cyrillic}&&\p{Lu}]+", "Я"),
    (r"[\p{Cyrillic}--\p{Lu}]+", "я"),
    (r"[\p{Latin}&&\p{Lu}]+", "A"),
    (r"[\p{Latin}--\p{Lu}]+", "a"),
    (r"[\p{L}--[\p{Latin}\p{Cyrillic}]]+", "x"),
    (r"\p{Nd}", "9"),
    (r"9{17,}", "9…"),
    (r"\s+", " "),
    (r"я(?: я){2,}", "я я…"),
    (r"a(?: a){2,}", "a a…"),
)

_TALLY = {"column": pl.String(), "rows": pl.Int64()}
_SHAPES = {"column": pl.String(), "shape": pl.String(), "rows": pl.Int64()}
_VALUES = {"column": pl.String(), "value": pl.String(), "rows": pl.Int64()}
_PROBLEMS = {"column": pl.String(), "code": pl.String(), "rows": pl.Int64()}
_DESCRIBED = {
    "column": pl.String(),
    "filled": pl.Int64(),
    "distinct": pl.Int64(),
    "exact": pl.Boolean(),
    "repeated": pl.Int64(),
}


@dataclass(frozen=True)
class Counts:
    """What was counted in a list or a part of it.

    `filled` (column, rows) counts cells with text; `seen` has for each column the least hashes of its values,
    `shapes` and `values` (column, shape or value, rows) the most frequent, `problems` (column, code, rows) the faults,
    all in the order of the file. `reached` has for a column the hashes of the cleaned e-mail addresses and phone
    numbers in it, `usable` (column, rows) how many there are. Hashes are UInt64, each once.
    """

    rows: int
    filled: pl.DataFrame
    seen: Mapping[str, pl.Series]
    shapes: pl.DataFrame
    values: pl.DataFrame
    problems: pl.DataFrame
    reached: Mapping[str, pl.Series]
    usable: pl.DataFrame


def shapes(values: pl.Series) -> pl.Series:
    """Return the shape of each text: Яя and Aa for runs of letters, 9 for a digit, other signs as they are.

    >>> shapes(pl.Series(["+7 (916) 123-45-67", "Пётр O'Neil", "ada@x.example"])).to_list()
    ['+9 (999) 999-99-99', "Яя A'Aa", 'a@a.a']
    """
    shape = values.str.head(_LOOKED_AT)
    for pattern, sign in _SHAPE:
        if shape.str.contains(pattern).any():  # to look is five times faster than to replace
            shape = shape.str.replace_all(pattern, sign)
    long = shape.str.len_chars() > _SHOWN
    return (shape.str.head(_SHOWN) + "…").zip_with(long, shape) if long.any() else shape


def counted(cells: pl.DataFrame, said: pl.DataFrame, channels: pl.DataFrame) -> Counts:
    """Return the counts of a table of text cells.

    `said`: the findings of cleaning it; `channels`: the cleaned e-mail addresses and phone numbers in it (columns
    column, row, kind, value), each once for a cell.
    """
    tallies = [_tally(cells[heading]) for heading in cells.columns]
    codes = said.filter(pl.col("column").is_not_null()).group_by("column", "code", maintain_order=True)
    cleaning = codes.agg(rows=pl.col("row").n_unique().cast(pl.Int64))
    hashed = channels.select("column", hash=_hash(pl.concat_str("kind", "value", separator=":")))
    return Counts(
        cells.height,
        _stacked(_TALLY, (_filled(tally) for tally in tallies)),
        {heading: _seen(tally) for heading, tally in zip(cells.columns, tallies, strict=True)},
        _stacked(_SHAPES, (_shaped(tally) for tally in tallies)),
        _stacked(_VALUES, (_frequent(tally.select("column", "value", "rows"), "value") for tally in tallies)),
        pl.concat([_stacked(_PROBLEMS, map(_faults, tallies)), cleaning.select(*_PROBLEMS)]),
        {str(column): part["hash"].unique() for (column,), part in hashed.group_by("column", maintain_order=True)},
        hashed.group_by("column", maintain_order=True).agg(rows=pl.len().cast(pl.Int64)),
    )


def joined(parts: Iterable[Counts]) -> Counts:
    """Return the counts of a list from those of its parts, of which there is at least one."""
    every = list(parts)
    return Counts(
        sum(each.rows for each in every),
        _summed(pl.concat([each.filled for each in every]), ["column"]),
        {column: _least(hashes) for column, hashes in _by_column(each.seen for each in every)},
        _frequent(pl.concat([each.shapes for each in every]), "shape"),
        _frequent(pl.concat([each.values for each in every]), "value"),
        _summed(pl.concat([each.problems for each in every]), ["column", "code"]),
        dict(_by_column(each.reached for each in every)),
        _summed(pl.concat([each.usable for each in every]), ["column"]),
    )


def described(counts: Counts, headings: Sequence[str]) -> pl.DataFrame:
    """Return a row for each heading: column, filled, distinct, exact (whether distinct was counted), repeated.

    `repeated` is how many cleaned e-mail addresses or phone numbers of the column stood in it before; null where the
    column has none.
    """
    filled, usable = (dict(frame.iter_rows()) for frame in (counts.filled, counts.usable))
    rows = []
    for heading in headings:
        distinct, exact = _distinct(counts.seen.get(heading, pl.Series([], dtype=pl.UInt64)))
        repeated = usable[heading] - len(counts.reached[heading]) if heading in usable else None
        rows.append((heading, filled.get(heading, 0), distinct, exact, repeated))
    return pl.DataFrame(rows, schema=_DESCRIBED, orient="row")


def _distinct(hashes: pl.Series) -> tuple[int, bool]:
    """Return how many values the least of their hashes stand for, and whether that was counted.

    K minimum values (Bar-Yossef et al., 2002): the k-th least of n hashes spread evenly lies near k / n of the range.
    """
    if len(hashes) < MOST:
        return len(hashes), True
    return round((len(hashes) - 1) / (int(hashes[-1]) / 2**64)), False


def unique(described: pl.DataFrame, rows: int) -> list[str]:
    """Return the columns that hold a different value in each of `rows` rows, beyond doubt."""
    full = described.filter((pl.col("filled") == rows) & (pl.col("distinct") == rows) & pl.col("exact"))
    return full["column"].to_list() if rows else []


def top(frame: pl.DataFrame, column: str, count: int) -> pl.DataFrame:
    """Return the first rows of a frame of `Counts` for a column, the most frequent first."""
    return frame.filter(pl.col("column") == column).sort("rows", descending=True, maintain_order=True).head(count)


def channels(cells: pl.DataFrame, rows: pl.Series, cleaned: Iterable[tuple[str, str, pl.DataFrame]]) -> pl.DataFrame:
    """Return the usable e-mail addresses and phone numbers of a table: columns column, row, kind, value, type.

    `cleaned` has heading, kind and normalized values (see `normalizers.registry`) of the columns that hold channels;
    `rows` are the numbers beside the rows of `cells`.
    """
    schema = {"column": pl.String(), "row": pl.Int64(), **dict.fromkeys(("kind", "value", "type"), pl.String())}
    parts = [_reached(cells[heading], rows, heading, kind, values) for heading, kind, values in cleaned]
    return pl.concat([pl.DataFrame(schema=schema), *(part.select(*schema) for part in parts)])


def totals(said: Iterable[pl.DataFrame]) -> Mapping[str, int]:
    """Return how often each code stands in frames of findings, in the order of the catalogue."""
    codes = pl.concat([findings.empty().select("code"), *(frame.select("code") for frame in said)])
    found = dict(codes.group_by("code").len().iter_rows())
    return {code: found[code] for code in findings.CATALOGUE if code in found}


def _reached(cells: pl.Series, rows: pl.Series, heading: str, kind: str, values: pl.DataFrame) -> pl.DataFrame:
    placed = pl.DataFrame({"row": rows, "cell": cells}).drop_nulls("cell")
    usable = values.filter(pl.col("clean").is_not_null()).select("clean", "type", cell="value")
    long = placed.join(usable, on="cell").rename({"clean": "value"}).unique(["row", "value"])
    return long.with_columns(column=pl.lit(heading), kind=pl.lit(kind))


def _tally(cells: pl.Series) -> pl.DataFrame:
    """Return the different texts of a column as column, value, rows, and whether there is anything to see (filled)."""
    counts = cells.rename("value").drop_nulls().to_frame().group_by("value", maintain_order=True)
    tally = counts.agg(rows=pl.len().cast(pl.Int64)).with_columns(column=pl.lit(cells.name))
    return tally.with_columns(filled=pl.col("value").str.contains(r"\S"))


def _filled(tally: pl.DataFrame) -> pl.DataFrame:
    return _summed(tally.filter("filled").select(*_TALLY), ["column"])


def _seen(tally: pl.DataFrame) -> pl.Series:
    return _least(tally.filter("filled").select(hash=_hash(pl.col("value")))["hash"].unique())


def _shaped(tally: pl.DataFrame) -> pl.DataFrame:
    full = tally.filter("filled")
    return _frequent(full.select("column", shapes(full["value"]).alias("shape"), "rows"), "shape")


def _faults(tally: pl.DataFrame) -> pl.DataFrame:
    counts = [
        (code, int(tally.filter(pl.col("value").str.contains(pattern))["rows"].sum()))
        for code, pattern in FAULTS.items()
    ]
    column = tally["column"].head(1).to_list()
    rows = [(column[0], code, count) for code, count in counts if count]
    return pl.DataFrame(rows, schema=_PROBLEMS, orient="row")


def _by_column(parts: Iterable[Mapping[str, pl.Series]]) -> Iterator[tuple[str, pl.Series]]:
    """Yield each column with the different hashes of all parts."""
    every = list(parts)
    for column in dict.fromkeys(column for part in every for column in part):
        yield column, pl.concat([part[column] for part in every if column in part]).unique()


def _summed(frame: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    return frame.group_by(by, maintain_order=True).agg(pl.col("rows").sum())


def _frequent(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return the most frequent of each column; what came first wins among equals."""
    every = _summed(frame, ["column", name])
    if every.height <= KEPT:
        return every
    ranked = every.with_columns(rank=pl.col("rows").rank("ordinal", descending=True).over("column"))
    return ranked.filter(pl.col("rank") <= KEPT).drop("rank")


def _least(hashes: pl.Series) -> pl.Series:
    """Return the least `MOST` of different hashes."""
    return hashes if len(hashes) < MOST else hashes.sort().head(MOST)


def _hash(text: pl.Expr) -> pl.Expr:
    return text.hash()


def _stacked(schema: Mapping[str, pl.DataType], frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat([pl.DataFrame(schema=schema), *(frame.select(*schema) for frame in frames)])
