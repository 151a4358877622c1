"""What every reader returns: text cells with row numbers, the rows that could not be read, and what there is to say.

To add something a reader tells about a file: a field of `Table` with a default, filled by the readers that know it.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core import findings, model

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

ROW = "row"
REFUSED: dict[str, pl.DataType] = {"row": pl.Int64(), "raw": pl.String(), "code": pl.String()}
CONTROL = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"  # tab and line ends are layout, not faults
REPLACEMENT = "\ufffd"


@dataclass(frozen=True)
class Options:
    """What a person may say about a file; None: find out."""

    encoding: str | None = None
    sheet: str | None = None  # name, or number counted from 1
    limit: int | None = None  # read only so many rows below the header
    format: str | None = None  # a key of `files.FORMATS`
    delimiter: str | None = None  # what stands between cells of a text file
    header: int | None = None  # number of the header's row; 0: there is none


@dataclass(frozen=True)
class Table:
    """One file as text, or one part of a large one.

    `cells` has one String column for each heading, in file order: null where empty, otherwise the cell exactly as read.
    `rows` (Int64, aligned with `cells`) are the numbers beside the rows in a spreadsheet: a plain header is row 1.
    `refused` (row, raw, code) holds rows that could not become cells; they are not repeated in `findings`.
    `blank` counts rows below the header without any text. `sha256` is of the whole file's bytes, also with
    a limit. Rows above the header of a sheet are findings, not part of `read`.
    """

    name: str
    sha256: str
    cells: pl.DataFrame
    rows: pl.Series
    refused: pl.DataFrame
    blank: int
    findings: pl.DataFrame = field(default_factory=findings.empty)
    encoding: str = ""
    delimiter: str | None = None
    quote: str | None = None  # the mark around cells of a text; None: there is none
    escape: str | None = None  # what stands before a mark inside a cell; None: it is doubled
    sheet: str | None = None
    format: str = "csv"
    header: int = 1  # number of the (last) row of the header; 0: the file has none

    @property
    def read(self) -> int:
        """Rows met below the header: accepted, refused and blank."""
        return self.cells.height + self.refused.height + self.blank


def joined(parts: Iterable[Table]) -> Table:
    """Return the parts of one file as one table."""
    first, *rest = parts
    every = [first, *rest]
    if not rest:
        return first
    return replace(
        first,
        cells=pl.concat([part.cells for part in every]),
        rows=pl.concat([part.rows for part in every]),
        refused=pl.concat([part.refused for part in every]),
        blank=sum(part.blank for part in every),
        findings=findings.joined(*(part.findings for part in every)),
    )


def slices(whole: Table, height: int) -> Iterator[Table]:
    """Return a table in parts of so many rows; what else there is to say comes with the first."""
    for start in range(0, max(whole.cells.height, 1), height):
        part = replace(whole, cells=whole.cells.slice(start, height), rows=whole.rows.slice(start, height))
        if start:
            part = replace(part, refused=whole.refused.clear(), blank=0, findings=findings.empty())
        yield part


def share(whole: Table, part: float, seed: int) -> Table:
    """Return a share of the rows, 0 to 1, spread over the table: the same seed takes the same rows."""
    kept = (whole.rows.hash(seed) % 1_000_000) < int(part * 1_000_000)
    return replace(whole, cells=whole.cells.filter(kept), rows=whole.rows.filter(kept), blank=0)


def headings(cells: Iterable[str | None]) -> list[str]:
    r"""Return the cells of a header as unique names: white space collapsed, "Phone (2)", "Column 3" for an empty one.

    >>> headings(["\ufeffPhone", "Phone\xa0", None, "Home\n phone"])
    ['Phone', 'Phone (2)', 'Column 3', 'Home phone']
    """
    names: list[str] = []
    for position, cell in enumerate(cells, 1):
        name = _tidied(cell or "") or f"Column {position}"
        names.append(_unused(name, names))
    return names


def headed(heading: str | None) -> bool:
    """Tell whether a cell of the header names its column."""
    return bool(_tidied(heading or ""))


def _tidied(heading: str) -> str:
    return " ".join(re.sub(f"[\ufeff\u200b\u2060]|{CONTROL}", "", heading).split())


def _unused(name: str, taken: Sequence[str]) -> str:
    if name not in taken:
        return name
    return next(other for number in count(2) if (other := f"{name} ({number})") not in taken)


def titled(cells: pl.DataFrame, header: Sequence[str | None]) -> pl.DataFrame:
    """Return `cells` under the headings of `header`, without columns that have neither a heading nor any text."""
    pairs = zip(cells.get_columns(), header, headings(header), strict=True)
    kept = [column.alias(name) for column, heading, name in pairs if _tidied(heading or "") or _any(column)]
    return pl.DataFrame(kept)


def _any(column: pl.Series) -> bool:
    return column.null_count() < len(column)


def blank_rows(cells: pl.DataFrame) -> pl.Series:
    """Return the positions (UInt32) of the rows of String columns that hold nothing but white space."""
    left = cells.with_row_index("__position")
    for name in cells.columns:
        if left.is_empty():
            break
        left = left.filter(model.named(name).is_null() | (model.named(name).str.strip_chars() == ""))
    return left.get_column("__position")


def without(cells: pl.DataFrame, positions: pl.Series) -> pl.DataFrame:
    """Return `cells` without the rows at `positions`."""
    if positions.is_empty():
        return cells
    kept = pl.int_range(cells.height, dtype=pl.UInt32, eager=True)
    return cells.filter(~kept.is_in(positions.implode()))


def holding(cells: pl.DataFrame, rows: pl.Series, pattern: str, code: str) -> pl.DataFrame:
    """Return findings `code` for the rows that match `pattern`, each with the first such cell."""
    hits = [
        pl.DataFrame({ROW: rows, "value": cells.get_column(name)})
        .filter(pl.col("value").str.contains(pattern))
        .with_columns(column=pl.lit(name))
        for name in cells.columns
    ]
    first = pl.concat(hits).unique(ROW, keep="first", maintain_order=True) if hits else pl.DataFrame()
    return findings.found(first, code) if len(first) else findings.empty()


def digest(path: Path) -> str:
    """Return the SHA-256 of a file's bytes in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def refused(rows: Iterable[tuple[int, str, str]]) -> pl.DataFrame:
    """Return a frame of refused rows (row, raw, code)."""
    return pl.DataFrame(list(rows), schema=REFUSED, orient="row")
