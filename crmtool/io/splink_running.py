"""Runs Splink over a folder that `crmtool duplicates export --engine splink` wrote: on DuckDB here, on Spark anywhere.

The folder's `score.py` starts it. Splink compares columns by SQL; where that is not enough it asks our own functions of
values (`core.comparators.beside`), registered here under their names, so that every level is what ours is. Each pair of
values is compared once and remembered for a while: the levels of a comparison, and what hangs on it, ask for the same.
To add an engine: what registers the functions there, and how its scores are written.
"""

from __future__ import annotations

import json
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import polars as pl

from crmtool.core.comparators import beside
from crmtool.core.duplicates import matching
from crmtool.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pyarrow as pa
    from splink import Linker

    from crmtool.core.comparators.beside import Function

    Engine = Any  # splink's DuckDBAPI or SparkAPI

_REMEMBERED = 200_000  # pairs of values
_SQL = {beside.TEXT: "VARCHAR", beside.FLAG: "BOOLEAN"}
#: Spark's compiler overflows its stack on conditions as long as these: they are interpreted.
_UNCOMPILED = {"spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN"}
#: What must be installed for a dialect, and the extra that brings it.
_NEEDED = {"duckdb": (("splink", "duckdb", "pyarrow"), "splink"), "spark": (("splink", "pyspark", "pyarrow"), "spark")}


def needed(dialect: str) -> None:
    """Raise UsageError where a library that a dialect needs is not installed."""
    modules, extra = _NEEDED[dialect]
    missing = [name for name in modules if find_spec(name) is None]
    if missing:
        raise UsageError(
            f"Scoring on {dialect} needs {', '.join(missing)}.", f"Install it with: pip install 'crmtool[{extra}]'"
        )


def remembering(function: Function) -> Callable[..., pa.Array]:
    """Return a function of Arrow columns that asks ours for each pair of values once; null on a side gives null."""
    import pyarrow as pa

    known: list[dict[tuple[Any, ...], int | None]] = [{}]

    def asked(*columns: pa.Array) -> pa.Array:
        levels = known[0]
        lines = list(zip(*(column.to_pylist() for column in columns), strict=True))
        new = list({line for line in lines if line not in levels})
        if new:
            if len(levels) + len(new) > _REMEMBERED:  # others may still read the one before
                levels = known[0] = {}
                new = list(set(lines))
            sides = zip(*new, strict=True)
            types = (pl.Boolean() if kind == beside.FLAG else pl.String() for kind in function.takes)
            given = (pl.Series(side, dtype=kind) for side, kind in zip(sides, types, strict=True))
            levels.update(zip(new, function.answer(*given).to_list(), strict=True))
        return pa.array([levels[line] for line in lines], pa.int32())

    return asked


def _counted(asked: Callable[..., pa.Array], many: int) -> Callable[..., pa.Array]:
    """Return a function whose arguments engines can count, and see the kind of."""
    import pyarrow as pa

    def of_two(left: pa.Array, right: pa.Array) -> pa.Array:
        return asked(left, right)

    def of_three(left: pa.Array, right: pa.Array, more: pa.Array) -> pa.Array:
        return asked(left, right, more)

    chosen = of_three if many == len(("left", "right", "more")) else of_two
    chosen.__annotations__ = dict.fromkeys(chosen.__annotations__, pa.Array)  # texts would be looked up here
    return chosen


# -- DuckDB -----------------------------------------------------------------------------------------------------------


def on_duckdb(folder: Path, database: str = ":memory:") -> dict[str, int]:
    """Score the pairs of a folder; return how many were kept of each kind. `database` may be a file, for large bases.

    Raises UsageError where the extra is missing.
    """
    needed("duckdb")
    import duckdb
    from splink import DuckDBAPI

    kept = {}
    for kind in kinds(folder):
        with duckdb.connect(database) as connection:
            _registered(connection)
            scored = _scored(folder, kind, DuckDBAPI(connection), _arrow).as_duckdbpyrelation()
            kept[kind] = int(scored.count("*").fetchall()[0][0])
            scored.write_parquet(str(folder / f"{kind}.scores.parquet"))
    return kept


def _registered(connection: Any) -> None:  # noqa: ANN401  # DuckDB's connection
    for name, function in beside.FUNCTIONS.items():
        types = [_SQL[kind] for kind in function.takes]
        asked = _counted(remembering(function), len(types))
        connection.create_function(name, asked, types, "INTEGER", type="arrow", null_handling="special")


def _arrow(engine: Engine, table: pl.DataFrame) -> Any:  # noqa: ANN401  # Splink's data frame
    return engine.register(table.to_arrow())


# -- Spark ------------------------------------------------------------------------------------------------------------


def on_spark(folder: Path, session: Any) -> dict[str, int]:  # noqa: ANN401  # pyspark's session
    """Score the pairs of a folder by a Spark session whose workers have crmtool; return how many of each kind stay.

    Raises UsageError where the extra is missing.
    """
    needed("spark")
    from pyspark.sql.functions import arrow_udf
    from splink import SparkAPI

    for name, value in _UNCOMPILED.items():
        session.conf.set(name, value)
    for name, function in beside.FUNCTIONS.items():
        asked = _counted(remembering(function), len(function.takes))
        session.udf.register(name, arrow_udf(asked, "int"))
    kept = {}
    for kind in kinds(folder):
        engine = SparkAPI(spark_session=session, register_udfs_automatically=False)
        scored = _scored(folder, kind, engine, _spark).as_spark_dataframe()
        scored.write.mode("overwrite").parquet(str(folder / f"{kind}.scores.parquet"))
        kept[kind] = session.read.parquet(str(folder / f"{kind}.scores.parquet")).count()
    return kept


def _spark(engine: Engine, table: pl.DataFrame) -> Any:  # noqa: ANN401  # Splink's data frame
    return engine.register(engine.spark.createDataFrame(table.to_arrow()))


# -- both -------------------------------------------------------------------------------------------------------------


def kinds(folder: Path) -> list[str]:
    """Return the kinds of contacts that a folder has."""
    return sorted(file.name.removesuffix(".settings.json") for file in folder.glob("*.settings.json"))


def _scored(folder: Path, kind: str, engine: Engine, registered: Callable[[Engine, pl.DataFrame], Any]) -> Any:  # noqa: ANN401  # Splink's data frame
    linker = _linker(folder, kind, engine, registered)
    return linker.inference.predict(threshold_match_weight=matching.LOW, warning_mode="never")


def _linker(folder: Path, kind: str, engine: Engine, registered: Callable[[Engine, pl.DataFrame], Any]) -> Linker:
    """Return Splink's linker over the contacts of a kind, by the trained settings and the shares of values."""
    from splink import Linker

    settings = json.loads((folder / f"{kind}.settings.json").read_text(encoding="utf-8"))
    contacts = registered(engine, pl.read_parquet(folder / f"{kind}.contacts.parquet"))
    linker = Linker(contacts, settings, log_level=None)
    shares = pl.read_parquet(folder / f"{kind}.shares.parquet")
    for (column,), table in shares.group_by("column", maintain_order=True):
        told = table.select(pl.col("rows").alias(str(column)), pl.col("share").alias(f"tf_{column}"))
        linker.table_management.register_term_frequency_lookup(registered(engine, told), str(column))
    return linker
