"""Splink on DuckDB, trained and used as its documentation recommends: what `bench.duplicates` sets ours beside.

Runs by itself, under any Python that has Splink 5; nothing of this project is imported here. It is given a JSON file
(`bench.splink_task` says what stands in it) and writes a Parquet file of clusters: one column for each cut, and
`0.95`, the cut that its examples take. On standard output: seconds and peak of memory from the start to the
clusters at .95, which is one whole run; the other cuts are tried after that.

To compare another kind of value: a line in `KINDS`.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa
    from splink import Linker
    from splink.internals.comparison_creator import ComparisonCreator
    from splink.internals.splink_dataframe import SplinkDataFrame

STARTED = time.perf_counter()
PROBABILITY = 0.95
EVERY_PAIR = "1 = 1"
LOWEST = -10.0  # match weight under which no pair is kept: no cut lies lower
RECALL = 0.7  # of the deterministic rules, as Splink's examples guess it
SEED = 1


def comparison(column: str, kind: str) -> ComparisonCreator:
    """Return what Splink's library offers for a kind of value, with term frequencies where values repeat."""
    import splink.comparison_library as cl

    library = {
        "name": lambda: cl.NameComparison(column).configure(term_frequency_adjustments=True),
        "birthday": lambda: cl.DateOfBirthComparison(column, input_is_string=True),
        "email": lambda: cl.EmailComparison(column),
        "postcode": lambda: cl.PostcodeComparison(column),
        "digits": lambda: cl.LevenshteinAtThresholds(column, [1, 2]).configure(term_frequency_adjustments=True),
        "text": lambda: cl.JaroWinklerAtThresholds(column, [0.9, 0.8]).configure(term_frequency_adjustments=True),
        "word": lambda: cl.ExactMatch(column).configure(term_frequency_adjustments=True),
    }
    return library[KINDS.get(kind, "word")]()


KINDS = {
    "name": "name",
    "given_name": "name",
    "middle_name": "name",
    "family_name": "name",
    "birthday": "birthday",
    "email": "email",
    "phone": "digits",
    "tax_id": "digits",
    "postcode": "digits",
    "postcode.gb": "postcode",
    "company": "text",
    "text": "text",
    "code": "digits",
    "day": "birthday",
    "address": "text",
}


def linker_of(task: dict[str, Any]) -> Linker:
    """Return a Splink linker over the table of the task."""
    import duckdb
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    rules = [
        block_on(*rule, arrays_to_explode=[name for name in rule if name in task["lists"]] or None)
        for rule in task["blocking"]
    ]
    connection = duckdb.connect()
    connection.execute("CREATE TABLE contacts AS SELECT * FROM read_parquet(?)", [task["table"]])
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[comparison(column, kind) for column, kind in task["columns"].items()],
        blocking_rules_to_generate_predictions=rules or [EVERY_PAIR],
        retain_intermediate_calculation_columns=False,
        retain_matching_columns=False,
    )
    return Linker(DuckDBAPI(connection).register("contacts"), settings, log_level=None)


def train(linker: Linker, task: dict[str, Any]) -> None:
    from splink import block_on

    rules = [block_on(*rule) for rule in task["deterministic"]]
    linker.training.estimate_probability_two_random_records_match(rules, recall=RECALL)
    linker.training.estimate_u_using_random_sampling(max_pairs=task["sampled"], seed=SEED)
    for rule in task["training"]:
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(*rule))


def clusters(linker: Linker, edges: SplinkDataFrame, **cut: float) -> pa.Table:
    """Return unique_id and cluster by Splink's own connected components, as an Arrow table in order of unique_id."""
    found = linker.clustering.cluster_pairwise_predictions_at_threshold(edges, **cut)
    table = found.as_duckdbpyrelation().select("unique_id, cluster_id").to_arrow_table()
    found.drop_table_from_database_and_remove_from_cache()
    return table.sort_by("unique_id")


def peak() -> float:
    """Return the peak of this process so far, in MiB."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


def run(task: dict[str, Any]) -> dict[str, Any]:
    """Do one whole run, then try the other cuts; return what it took."""
    import pyarrow.parquet

    linker = linker_of(task)
    train(linker, task)
    edges = linker.inference.predict(threshold_match_weight=LOWEST)
    found = clusters(linker, edges, threshold_match_probability=PROBABILITY).rename_columns(["unique_id", "0.95"])
    told = {"seconds": time.perf_counter() - STARTED, "peak_mb": peak()}
    for weight in task["weights"]:
        column = clusters(linker, edges, threshold_match_weight=weight)["cluster_id"]
        found = found.append_column(f"{weight} bits", column)
    pyarrow.parquet.write_table(found, task["out"])
    return told | {"pairs_kept": edges.as_duckdbpyrelation().count("*").fetchall()[0][0], "splink": _version()}


def _version() -> str:
    from importlib.metadata import version

    return f"{version('splink')} (DuckDB {version('duckdb')})"


if __name__ == "__main__":
    print(json.dumps(run(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))))
