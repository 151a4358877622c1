"""What Splink is given: the same columns and blocking rules as ours, cleaned as its documentation asks for.

Text in small Latin letters without marks (so Иванов meets Ivanov there too), digits of phone numbers, ISO days, empty
cells as nulls. The keys that ours blocks by are columns here, and Splink blocks on the same keys.
Polars is imported by the functions only: see `bench.duplicates` on memory.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    import polars as pl

PHONE_DIGITS = 10  # what remains without the code of the country
WEIGHTS = (-8, -5, -3, -2, -1, 0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 12, 14, 16, 20, 24)  # cuts to try, in bits

#: Blocking where ours does not run, and the rules that Splink takes its prior and its parameters from. Of all these,
#: those count whose fields the set has.
BLOCKING = (
    ("given_name", "family_name"),
    ("family_name", "birthday"),
    ("given_name", "birthday"),
    ("email",),
    ("phone",),
    ("tax_id",),
    ("family_name", "city"),
    ("family_name", "postcode"),
    ("given_name", "postcode"),
    ("birthday", "city"),
    ("company", "city"),
    ("birthday", "postcode"),
    ("name",),
    ("address",),
)
#: Besides, where there are few rows and wide blocks cost nothing.
WIDE = (("given_name",), ("family_name",), ("birthday",), ("city",))
FEW = 12_000
SAMPLED, SAMPLED_FEW = 1e6, 1e7  # random pairs for u: its default, and what it advises where they cost nothing
DETERMINISTIC = (
    ("given_name", "family_name", "birthday"),
    ("given_name", "email"),
    ("family_name", "email"),
    ("given_name", "phone"),
    ("birthday", "postcode"),
    ("tax_id",),
    ("name", "city"),
    ("name", "address"),
    ("name", "phone"),
)
TRAINING = (("given_name", "family_name"), ("birthday",), ("email",), ("phone",), ("tax_id",), ("name",), ("address",))
SESSIONS = 3


def task(file: Path, truth: str, known: Mapping[str, str] | None, folder: Path) -> dict[str, Any]:
    """Write the table and return the task for `bench/splink_peer.py`.

    `known` tells the kinds of columns (column -> field); None: what ours compares, and by which keys.
    """
    import polars as pl

    cells = pl.read_csv(file, infer_schema=False)
    said, keys = _ours(file, truth) if known is None else (known, pl.DataFrame())
    columns = _told_apart(cells.drop(truth), said)
    table = _latin(cells.select(_cleaned(pl.col(name), kind).alias(_safe(name)) for name, kind in columns.items()))
    kinds = {_safe(name): kind for name, kind in columns.items() if table[_safe(name)].drop_nulls().n_unique() > 1}
    keys = keys.rename(_safe)
    table = pl.concat([table.select(list(kinds)), keys], how="horizontal").with_row_index("unique_id")
    table.write_parquet(folder / "table.parquet")
    return {
        "table": str(folder / "table.parquet"),
        "out": str(folder / "splink.parquet"),
        "columns": kinds,
        "blocking": [[name] for name in keys.columns] or _own_rules(kinds, cells.height),
        "lists": [name for name in keys.columns if isinstance(keys[name].dtype, pl.List)],
        "deterministic": _fitting(DETERMINISTIC, kinds),
        "training": _fitting(TRAINING, kinds)[:SESSIONS],
        "sampled": SAMPLED_FEW if cells.height < FEW else SAMPLED,
        "weights": WEIGHTS,
    }


def _ours(file: Path, truth: str) -> tuple[Mapping[str, str], pl.DataFrame]:
    from bench import splink_keys

    return splink_keys.compared(file, truth)


def _own_rules(kinds: Mapping[str, str], rows: int) -> list[list[str]]:
    return _fitting(BLOCKING + (WIDE if rows < FEW else ()), kinds)


def _safe(name: str) -> str:
    """Return a name of a column that SQL does not take for a word of its own."""
    return "c_" + re.sub(r"\W+", "_", name.lower())


def _told_apart(known: pl.DataFrame, said: Mapping[str, str]) -> dict[str, str]:
    """Return the columns with their kind: a whole name only where it has no parts, British postcodes apart."""
    kinds = {name: field.split(".")[0] for name, field in said.items() if name in known.columns}
    if {"given_name", "family_name"} <= set(kinds.values()):
        kinds = {name: kind for name, kind in kinds.items() if kind != "name"}
    british = {
        name for name, kind in kinds.items() if kind == "postcode" and known[name].str.contains("[A-Za-z]").any()
    }
    return {name: "postcode.gb" if name in british else kind for name, kind in kinds.items()}


def _cleaned(value: pl.Expr, kind: str) -> pl.Expr:
    import polars as pl

    value = value.str.strip_chars().str.to_lowercase().str.replace_all(r"\s+", " ")
    if kind == "phone":
        value = value.str.replace_all(r"\D", "").str.tail(PHONE_DIGITS)
    if kind == "birthday":
        value = value.str.replace(r"^(\d{4})(\d\d)(\d\d)$", "${1}-${2}-${3}")
    return pl.when(value != "").then(value)


def _latin(table: pl.DataFrame) -> pl.DataFrame:
    """Return the table in Latin letters; each distinct value is spelled once."""
    import polars as pl
    from anyascii import anyascii

    def spelled(column: pl.Series) -> pl.Series:
        foreign = column.unique().drop_nulls()
        foreign = foreign.filter(foreign.str.contains(r"[^\x00-\x7F]"))
        return column.replace(foreign, pl.Series([anyascii(value).lower() for value in foreign], dtype=pl.String))

    return table.select(spelled(table[name]) for name in table.columns)


def _fitting(rules: Iterable[Sequence[str]], kinds: Mapping[str, str]) -> list[list[str]]:
    """Return the rules whose kinds there are, as the columns that hold them; the first column of each kind."""
    column = {kind.split(".")[0]: name for name, kind in reversed(kinds.items())}
    return [[column[kind] for kind in rule] for rule in rules if set(rule) <= column.keys()]
