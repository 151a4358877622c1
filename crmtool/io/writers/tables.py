"""Text cells in parts to one file: `write` exactly as they are, `write_guarded` without what a spreadsheet calculates.

A workbook is always exact, its cells are text and never formulas. All but workbooks are written part by part. To add a
format: a function `(frames, temporary)` here and its ending in `FORMATS`.
"""

from __future__ import annotations

from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Literal

import polars as pl

from crmtool.core.errors import UsageError
from crmtool.io.writers import csv, files, xlsx

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    Writer = Callable[[Iterable[pl.DataFrame], Path], None]


def write(frames: Iterable[pl.DataFrame], path: Path, *, force: bool = False) -> None:
    """Write frames of String columns, all under the same headings and at least one, in the format `path` ends in.

    Raises UsageError for an ending nobody knows (before a frame is asked for), where the file exists (without `force`),
    and where a workbook cannot hold the table; NotWritable as `files.atomic` does.
    """
    writer = _writer(path)
    with files.atomic(path, force=force) as temporary:
        writer(frames, temporary)


def write_guarded(frames: Iterable[pl.DataFrame], path: Path, *, force: bool = False) -> None:
    """Write as `write` does what came from a file, guarded where spreadsheets open the text and might calculate it."""
    guard = path.suffix.lower() in _CALCULATED
    write((csv.guarded(frame, again=False) if guard else frame for frame in frames), path, force=force)


def check(read: Path, output: Path | None, beside: Iterable[Path] = (), *, force: bool = False) -> None:
    """Refuse what cannot be written before any work is done for it: the `output`, and files `beside` it.

    Raises UsageError where one of them is the file that is `read`, another of them, or there already (without
    `force`), and where the ending of the output says no format.
    """
    if output:
        _writer(output)
    paths = [*([output] if output else []), *beside]
    if any(read.exists() and path.exists() and path.samefile(read) for path in paths):
        raise UsageError(f"{read} would be written over by what is made of it.", "Choose another name with -o.")
    if len({path.absolute() for path in paths}) < len(paths):
        raise UsageError("Two of the files to be written are the same.", "Choose another name for one of them.")
    for path in paths:
        files.refuse_to_overwrite(path, force=force)


def _writer(path: Path) -> Writer:
    writer = FORMATS.get(path.suffix.lower())
    if writer is None:
        raise UsageError(f"{path.name}: the ending says no format.", f"End it in one of: {', '.join(FORMATS)}.")
    return writer


def lists(frame: pl.DataFrame) -> str:
    r"""Return the rows of a frame of text as JSON arrays, one a line, with commas between them.

    >>> lists(pl.DataFrame({"a": ["x", None], "b": ["1", '"']}))
    '["x","1"],\n[null,"\\""]'
    """
    texts = frame.select(row=pl.concat_list(pl.all()) if frame.width else pl.lit([])).write_ndjson()
    return ",\n".join(line.removeprefix('{"row":').removesuffix("}") for line in texts.split("\n")[:-1])


def _delimited(separator: str) -> Writer:
    def write(frames: Iterable[pl.DataFrame], temporary: Path) -> None:
        with temporary.open("wb") as out:
            for number, frame in enumerate(frames):
                # a row of one empty cell would be an empty line
                quotes: Literal["always", "necessary"] = "always" if frame.width == 1 else "necessary"
                frame.write_csv(out, separator=separator, include_header=not number, quote_style=quotes)

    return write


def _lines(frames: Iterable[pl.DataFrame], temporary: Path) -> None:
    with temporary.open("wb") as out:
        for frame in frames:
            frame.write_ndjson(out)


def _array(frames: Iterable[pl.DataFrame], temporary: Path) -> None:
    with temporary.open("w", encoding="utf-8", newline="\n") as out:
        before = "[\n"
        for line in _objects(frames):
            out.write(before + line)
            before = ",\n"
        out.write("[]\n" if before == "[\n" else "\n]\n")


def _objects(frames: Iterable[pl.DataFrame]) -> Iterator[str]:
    """Yield the rows of each frame as JSON objects parted by commas and line ends."""
    return (",\n".join(frame.write_ndjson().split("\n")[:-1]) for frame in frames if frame.height)


def _parquet(frames: Iterable[pl.DataFrame], temporary: Path) -> None:
    """Write each part to a file of its own, then all of them as one without holding them at once."""
    with TemporaryDirectory(prefix=".crmtool-", dir=temporary.parent) as folder:
        for number, frame in enumerate(frames):
            frame.write_parquet(f"{folder}/{number:08}.parquet")
        pl.scan_parquet(f"{folder}/*.parquet", glob=True).sink_parquet(temporary)


def _workbook(frames: Iterable[pl.DataFrame], temporary: Path) -> None:
    held = list(_fitting(frames))
    xlsx.write_into(pl.concat(held), temporary, sheet="read")


def _fitting(frames: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Yield frames while they fit a sheet together. Raises UsageError before memory is filled with more."""
    rows = 0
    for frame in frames:
        rows += frame.height
        if rows >= xlsx.ROWS:
            raise UsageError("The table has more rows than a sheet can hold.", "Write it as .csv or .parquet.")
        yield frame


_CALCULATED = {".csv", ".tsv"}  # text that spreadsheets open

FORMATS: dict[str, Writer] = {
    ".csv": _delimited(","),
    ".tsv": _delimited("\t"),
    ".jsonl": _lines,
    ".json": _array,
    ".xlsx": _workbook,
    ".parquet": _parquet,
}
