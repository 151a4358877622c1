"""Blocks: the rows that a change set removed by the thousand, kept together in one entry of the log.

A block is an Arrow file (compressed) of the rows and their proofs, behind a keyed hash of it, which is checked before
anything is read from it. Its entry proves which rows it is about: `before` has the runs of their ids, `before_proof` a
hash over their proofs. A row of somebody who was erased is blanked: it has its id, its proof, and in the place of its
change set the number of the person, below zero.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import json
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core.errors import StoreDamaged

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: The condition, in SQL, by which an entry of the log has a block.
HAS_BLOCK = "(op = 'remove' AND ifnull(substr(before, 1, 1), '') = '[')"

OWNER = "changeset_id"  # below zero in blanked rows
_ROWS = 10_000  # rows of a block, at most
_BYTES = 1 << 26  # bytes of a block before it is compressed, about
_MAC = 16  # bytes


def cut(rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Yield rows in the portions that become blocks."""
    count = max(-(-rows.height // _ROWS), int(rows.estimated_size()) // _BYTES + 1)
    yield from rows.iter_slices(max(1, -(-rows.height // count)))


def packed(key: str, rows: pl.DataFrame) -> bytes:
    """Return the block of some rows, their proofs among the columns."""
    file = io.BytesIO()
    rows.write_ipc(file, compression="zstd", compat_level=pl.CompatLevel.oldest())
    return _mac(key, file.getvalue()) + file.getvalue()


def unpacked(key: str, block: bytes | None, columns: Sequence[str] | None = None) -> pl.DataFrame:
    """Return the rows of a block, some columns or all. Raises StoreDamaged when it is not as it was written."""
    if block is None or not hmac.compare_digest(_mac(key, block[_MAC:]), block[:_MAC]):
        raise damaged()
    return pl.read_ipc(io.BytesIO(block[_MAC:]), columns=None if columns is None else list(columns))


def blanked(rows: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of a block, those of `people` (columns id, person) without what they said."""
    going = dict(people.select("id", "person").rows())
    at, owner = rows.columns.index("id"), rows.columns.index(OWNER)
    kept = [at, owner, rows.columns.index("proof")]
    told = []
    for row in rows.iter_rows():  # anew from values: a frame with nulls in it still has the bytes that were there
        person = going.get(row[at])
        bare = [value if n in kept else None for n, value in enumerate(row)]
        bare[owner] = row[owner] if person is None else -person
        told.append(row if person is None else tuple(bare))
    return pl.DataFrame(told, schema=rows.schema, orient="row")


def present(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of a block that were not blanked."""
    return rows.filter(pl.col(OWNER) > 0)


def runs(ids: pl.Series) -> str:
    """Return ids, in order, as a JSON array of runs: [[first, last], ...]."""
    ends = pl.DataFrame({"id": ids}).group_by(run=pl.col("id") - pl.int_range(pl.len()), maintain_order=True)
    return json.dumps(ends.agg(a=pl.col("id").first(), b=pl.col("id").last()).select("a", "b").rows())


def ids(text: str) -> pl.Series:
    """Return the ids of runs. Raises StoreDamaged where they are none."""
    try:
        ends = pl.DataFrame(json.loads(text), schema={"a": pl.Int64, "b": pl.Int64}, orient="row")
    except (ValueError, TypeError, pl.exceptions.PolarsError):
        raise damaged() from None
    return ends.select(id=pl.int_ranges("a", pl.col("b") + 1).explode())["id"]


def damaged() -> StoreDamaged:
    """Return the error that says that a block is not as it was written."""
    return StoreDamaged(
        "Removed rows that the history keeps were changed by another program, or the key is not theirs.",
        "See which with: crmtool history verify",
    )


def _mac(key: str, content: bytes) -> bytes:
    return hashlib.blake2b(content, key=key.encode(), digest_size=_MAC, person=b"removed rows").digest()
