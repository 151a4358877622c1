"""Parquet files to `Table`s: every column as text, opened by a child process (see `parquet_child`)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from crmtool.core import findings
from crmtool.core.errors import InputRefused
from crmtool.io.readers import fitting, parquet_child, table
from crmtool.io.readers.table import Options, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

TIMEOUT = 900  # seconds


def parts(path: Path, options: Options) -> Iterator[Table]:
    """Read a Parquet file in parts; rows are numbered from 1.

    Raises InputRefused for a damaged file or one without rows, UsageError for options that say nothing about Parquet.
    """
    fitting.check(options, path.name, "a Parquet file")
    with tempfile.TemporaryDirectory(prefix="crmtool-") as folder:  # made with mode 0700
        about = _answer(path, Path(folder), options.limit)
        if not about["parts"]:
            raise InputRefused(f"{path.name} has no rows.", "Export the list again, with its rows.")
        without = pl.DataFrame({"column": about["without"]}, {"column": pl.String})
        said, digest, start = findings.found(without, "column.bytes"), table.digest(path), 1
        for number in range(about["parts"]):
            cells = pl.read_ipc(Path(folder, str(number)))
            yield _table(path.name, digest, cells, start, said if number == 0 else findings.empty())
            start += cells.height


def _answer(path: Path, folder: Path, limit: int | None) -> dict[str, Any]:
    command = [sys.executable, "-P", "-m", parquet_child.__name__, str(path), str(folder), str(limit or "")]
    try:
        done = subprocess.run(  # noqa: S603 - our own module, no shell
            command,
            capture_output=True,
            timeout=TIMEOUT,
            check=False,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "POLARS_MAX_THREADS": "2", "RUST_BACKTRACE": "0"},
        )
    except subprocess.TimeoutExpired:
        raise InputRefused(f"{path.name} takes more than {TIMEOUT} seconds to open.", "Export it as CSV.") from None
    if done.returncode or not done.stdout:
        raise InputRefused(f"{path.name} is damaged, or holds what is no list.", "Export it again, or as CSV.")
    about: dict[str, Any] = json.loads(done.stdout)
    return about


def _table(name: str, digest: str, cells: pl.DataFrame, start: int, said: pl.DataFrame) -> Table:
    rows = pl.int_range(start, start + cells.height, eager=True).alias(table.ROW)
    blank = table.blank_rows(cells)
    filled, kept = table.without(cells, blank), table.without(rows.to_frame(), blank).get_column(table.ROW)
    return Table(
        name=name,
        sha256=digest,
        cells=filled,
        rows=kept,
        refused=table.refused([]),
        blank=len(blank),
        findings=findings.joined(said, table.holding(filled, kept, table.CONTROL, "row.control")),
        encoding="utf-8",
        format="parquet",
        header=0,
    )
