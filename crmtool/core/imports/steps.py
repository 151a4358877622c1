"""What became of one column: the answers of its normalizer, and how they belong to the rows.

`cleaning` makes them. To have an answer depend on something else in its row: `Step.beside`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

#: Which surroundings an answer is for, beside its value; the same in every row that has them.
BESIDE = "beside"


@dataclass(frozen=True)
class Step:
    """What became of one column, or of several joined: its normalized distinct values (columns: see `registry`).

    Where what stands beside a value counts too, `values` has it as `BESIDE`, and `beside` has it for each row.
    Whole addresses have in `places` what place each names (see `places.places`).
    """

    heading: str
    target: str
    values: pl.DataFrame
    labels: str | None = None  # heading of the column that says the label of each value
    beside: pl.Series | None = None
    places: pl.DataFrame | None = None

    @property
    def keys(self) -> list[str]:
        """The columns of `values` that tell the answers apart."""
        return ["value"] if self.beside is None else ["value", BESIDE]

    def asked(self, cells: pl.Series) -> pl.DataFrame:
        """Return the cells of the column with the columns `keys`, aligned with the rows."""
        frame = cells.alias("value").to_frame()
        return frame if self.beside is None else frame.with_columns(self.beside)
