"""The log of changes: what an entry looks like, and how rows and entries are proved.

A proof is a keyed hash of content: BLAKE3 over key and content, cut to 128 bits (a keyed prefix is sound: BLAKE3 has no
length extension). Every row carries one, every entry of the log carries one, and the change sets chain over them.

An entry is about one row, or about many at once: created rows are a range of ids, and many removed rows have a block
(see `blocks`).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import polars as pl
import polars_hash as _chash  # noqa: F401  # registers the `chash` expressions

from crmtool.core import model, plans
from crmtool.io import blocks

if TYPE_CHECKING:
    from collections.abc import Mapping

START = "0" * 64  # the digest before the first change set
_PROOF_BYTES = 16
_GROUP = 10_000  # proofs
_FEW = 100  # removed rows that are logged one by one

#: An entry of the log without its number, its change set and its proof.
ENTRY: dict[str, pl.DataType] = {
    "tbl": pl.String(),
    "op": pl.String(),
    "row_id": pl.Int64(),
    "last_id": pl.Int64(),
    "before": pl.String(),
    "after": pl.String(),
    "before_proof": pl.Binary(),
    "after_proof": pl.Binary(),
}
#: What is written of an entry beside its number, its change set and its proof.
LOGGED: dict[str, pl.DataType] = {**ENTRY, "block": pl.Binary()}
#: An entry with its own proof, and with what tells that its values were blanked: whose they were, and a proof of that.
PROVED: dict[str, pl.DataType] = {**ENTRY, "proof": pl.Binary(), "erased_of": pl.Int64(), "erased": pl.Binary()}
CHANGES: dict[str, pl.DataType] = {"id": pl.Int64(), "changeset_id": pl.Int64(), **ENTRY}

CHANGESETS: dict[str, pl.DataType] = {
    "id": pl.Int64(),
    "at": pl.String(),
    "actor": pl.String(),
    "command": pl.String(),
    "rules": pl.String(),
    "facts": pl.String(),
    "undoes": pl.Int64(),
    "digest": pl.String(),
}


class Chain:
    """Gathers the proofs of a change set into its digest; of millions, each full group is kept as one hash."""

    def __init__(self, key: str) -> None:
        self._key = key
        self._groups: list[str] = []
        self._loose: list[str] = []

    def add(self, proofs: pl.Series) -> None:
        """Take in the proofs of some entries, in their order; how they are cut into calls makes no difference."""
        self._loose += proofs.bin.encode("hex").to_list()
        while len(self._loose) >= _GROUP:
            self._groups.append(self._hashed(self._loose[:_GROUP]))
            del self._loose[:_GROUP]

    def digest(self, head: list[Any]) -> str:
        """Return the digest (hex) over the head of the change set and all proofs taken in."""
        return self._hashed([*head, *self._groups, *self._loose])

    def _hashed(self, parts: list[Any]) -> str:
        content = json.dumps(parts, ensure_ascii=False)
        return str(pl.select(keyed(self._key, "changeset", pl.lit(content))).item())


def proven(key: str, table: str, rows: pl.DataFrame) -> pl.Series:
    """Return the proofs of rows (Binary, 16 bytes each): a keyed hash of the table's name and the row as JSON."""
    if rows.is_empty():
        return pl.Series("proof", [], pl.Binary)
    content = pl.struct(pl.all()).struct.json_encode()
    return rows.select(short(keyed(key, table, content)).alias("proof")).to_series()


def fingerprint(key: str) -> str:
    """Return what the store keeps of its key: enough to tell a wrong one, not enough to use it."""
    return str(pl.select(keyed(key, "key", pl.lit(""))).item())


def keyed(key: str, name: str, content: pl.Expr) -> pl.Expr:
    """Return the BLAKE3 (hex) of a text under the key, apart for each name."""
    text = pl.concat_str(pl.lit(f"{key}\n{name}\n"), content)
    hashed: pl.Expr = text.chash.blake3()  # type: ignore[attr-defined]  # a namespace registered by polars_hash
    return hashed


def short(digest: pl.Expr) -> pl.Expr:
    """Return a digest in hex as the 128 bits that are kept of it."""
    return digest.str.head(2 * _PROOF_BYTES).str.decode("hex")


def texts(changes: pl.DataFrame) -> pl.DataFrame:
    """Return changes with their binary columns as hex, so that they can be hashed as JSON."""
    return changes.select(*ENTRY).with_columns(pl.col(pl.Binary).bin.encode("hex"))


def sound(key: str, number: int, entries: pl.DataFrame) -> pl.Series:
    """Tell which entries of a change set (columns: `PROVED`) are as they were written, or as they were blanked."""
    good = proven(key, f"change {number}", texts(entries)) == entries["proof"]
    whole = entries["erased"].is_null() & entries["erased_of"].is_null()
    return good if whole.all() else whole & good | blanking(key, number, entries).eq_missing(entries["erased"])


def blanking(key: str, number: int, entries: pl.DataFrame) -> pl.Series:
    """Return the proofs that entries (columns: `PROVED`) of a change set are as they are because they were blanked."""
    told = texts(entries).with_columns(entries["proof"].bin.encode("hex"), entries["erased_of"])
    return proven(key, f"erased {number}", told)


def removals(key: str, table: str, rows: pl.DataFrame, proof: pl.Series) -> pl.DataFrame:
    """Log removed rows whole, each with the proof it had; many go into blocks."""
    if rows.height <= _FEW:
        return singly(table, rows, proof)
    parts = blocks.cut(rows.with_columns(proof.alias("proof")))
    return pl.concat([_change(_in_block(key, table, part), table) for part in parts])


def singly(table: str, rows: pl.DataFrame, proof: pl.Series) -> pl.DataFrame:
    """Log removed rows one by one (columns: `LOGGED`)."""
    return _change(
        rows.select(
            row_id="id",
            last_id="id",
            before=model.json_object(rows.columns),
            before_proof=pl.lit(proof),
            op=pl.lit("remove"),
        ),
        table,
    )


def _in_block(key: str, table: str, rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(
        row_id=pl.col("id").first(),
        last_id=pl.col("id").last(),
        before=pl.lit(blocks.runs(rows["id"])),
        before_proof=pl.lit(together(table, rows["proof"])),
        block=pl.lit(blocks.packed(key, rows)),
        op=pl.lit("remove"),
    )


def together(table: str, proofs: pl.Series) -> bytes:
    """Return one proof over the proofs of several rows, in the order of their ids."""
    text = pl.lit(proofs).bin.encode("hex").str.join("")
    proof: bytes = pl.select(short(keyed("", table, text))).item()
    return proof


def updates(table: str, before: pl.DataFrame, after: pl.DataFrame, old: pl.Series, new: pl.Series) -> pl.DataFrame:
    """Log the touched fields only; a field that was or became unknown is told by its null."""
    changed = plans.differing(before, after).to_dict()
    logged = before.select(
        row_id="id", last_id="id", before_proof=pl.lit(old), after_proof=pl.lit(new), op=pl.lit("update")
    )
    return _change(
        logged.with_columns(_fields(before, changed).alias("before"), _fields(after, changed).alias("after")), table
    )


def creations(table: str, rows: pl.DataFrame, proof: pl.Series) -> pl.DataFrame:
    """Log created rows as ranges of ids, each proved over the proofs of its rows."""
    runs = rows.select("id", run=pl.col("id") - pl.int_range(pl.len()), proof=pl.lit(proof).bin.encode("hex"))
    ranges = runs.group_by("run", maintain_order=True).agg(
        pl.col("id").first().alias("row_id"), pl.col("id").last().alias("last_id"), pl.col("proof").str.join("")
    )
    one = pl.col("row_id") == pl.col("last_id")
    whole = pl.when(one).then("proof").otherwise(keyed("", table, pl.col("proof")))
    return _change(ranges.select("row_id", "last_id", op=pl.lit("create"), after_proof=short(whole)), table)


def _fields(rows: pl.DataFrame, changed: Mapping[str, pl.Series]) -> pl.Series:
    """Return JSON objects of the changed fields of each row, nulls included."""
    members = [
        pl.when(pl.lit(flags)).then(pl.struct(name).struct.json_encode().str.strip_prefix("{").str.strip_suffix("}"))
        for name, flags in changed.items()
        if flags.any()
    ]
    inside = pl.concat_str(members, separator=",", ignore_nulls=True) if members else pl.lit("")
    return rows.select(pl.lit("{") + inside + pl.lit("}")).to_series()


def _change(rows: pl.DataFrame, table: str) -> pl.DataFrame:
    """Bring logged rows to the columns of `LOGGED`."""
    absent = [pl.lit(None, t).alias(n) for n, t in LOGGED.items() if n not in rows.columns and n != "tbl"]
    return rows.with_columns(pl.lit(table).alias("tbl"), *absent).select(pl.col(n).cast(t) for n, t in LOGGED.items())
