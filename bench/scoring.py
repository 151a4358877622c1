"""How clusters agree with the truth, pair by pair: precision, recall, F1; by planted error, and which pairs are false.

A cluster of n rows counts as its n(n-1)/2 pairs, whatever found them. Polars is imported by the functions only: see
`bench.duplicates` on memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

LARGEST = 500  # rows of a cluster whose false pairs are looked at one by one


class Score(NamedTuple):
    """Pairs within clusters, pairs within the truth, and pairs within both."""

    said: int
    true: int
    both: int

    @property
    def precision(self) -> float:
        """The share of the pairs said that are true; 1 where none is said."""
        return self.both / self.said if self.said else 1.0

    @property
    def recall(self) -> float:
        """The share of the true pairs that are said; 1 where there is none."""
        return self.both / self.true if self.true else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        return 2 * self.both / (self.said + self.true) if self.said + self.true else 1.0


def pairs(frame: pl.DataFrame, *columns: str) -> int:
    """Return how many pairs of rows agree in all of the columns."""
    import polars as pl

    sizes = frame.group_by(columns).len()["len"].cast(pl.Int64)
    return int((sizes * (sizes - 1) // 2).sum())


def scored(frame: pl.DataFrame, cluster: str = "cluster", truth: str = "truth") -> Score:
    """Return how the clusters of a frame agree with its truth."""
    return Score(pairs(frame, cluster), pairs(frame, truth), pairs(frame, cluster, truth))


def by_error(frame: pl.DataFrame) -> dict[str, tuple[int, int]]:
    """Return for each kind of error the true pairs that carry it, and how many of them are in one cluster.

    `frame` has `truth`, `cluster` and `errors`, kinds joined by "|"; a pair carries what either row carries.
    """
    import polars as pl

    rows = frame.select("truth", "cluster", "errors").with_row_index("row")
    both = rows.join(rows, on="truth", suffix="_2").filter(pl.col("row") < pl.col("row_2"))
    kinds = pl.concat_list(pl.col("errors", "errors_2").fill_null("").str.split("|")).list.unique()
    kinds = kinds.list.filter(pl.element() != "")
    kinds = pl.when(kinds.list.len() == 0).then(pl.lit(["none"])).otherwise(kinds)
    both = both.select(found=pl.col("cluster") == pl.col("cluster_2"), kinds=kinds)
    told = both.explode("kinds").group_by("kinds").agg(pl.len(), pl.col("found").sum())
    return {kind: (count, found) for kind, count, found in told.sort("len", descending=True).iter_rows()}


def false_pairs(frame: pl.DataFrame) -> dict[str, int]:
    """Return how many false pairs there are of each kind: husband and wife, colleagues ... or nothing in common.

    `frame` has `truth`, `cluster`, `kind`, `pair`, `relation` and `firm` of `bench.doubles`, and `phone`, `name`.
    """
    import polars as pl

    mixed = frame.filter(pl.col("truth").n_unique().over("cluster") > 1)
    small = mixed.filter(pl.len().over("cluster") <= LARGEST).with_row_index("row")
    both = small.join(small, on="cluster", suffix="_2")
    both = both.filter((pl.col("row") < pl.col("row_2")) & (pl.col("truth") != pl.col("truth_2")))
    told = both.group_by(_kind()).len().sort("len", "kind", descending=[True, False])
    found = dict(told.iter_rows())
    large = pairs(mixed, "cluster") - pairs(mixed, "cluster", "truth") - both.height
    return found | ({f"in clusters over {LARGEST}": large} if large else {})


def _kind() -> pl.Expr:
    import polars as pl

    def same(column: str) -> pl.Expr:
        return pl.col(column) == pl.col(f"{column}_2")

    closeness = pl.when(pl.col("relation") != "none").then("relation").otherwise("relation_2")
    return (
        pl.when(same("pair") & (closeness != "none"))
        .then(closeness)
        .when(pl.col("kind") != pl.col("kind_2"))
        .then(pl.lit("firm and person"))
        .when(pl.col("kind") == "company")
        .then(pl.lit("two firms"))
        .when(same("name"))
        .then(pl.lit("namesakes"))
        .when(same("firm"))
        .then(pl.lit("one firm"))
        .when(same("phone"))
        .then(pl.lit("one phone"))
        .otherwise(pl.lit("others"))
        .alias("kind")
    )


# --- what the harness asks for, run in a process of its own ---


def ours(file: Path, answer: Path, truth: str) -> dict[str, Any]:
    """Return how the clusters in `answer`, the rows of `file` in their order with a column more, agree with the truth.

    Raises ValueError when the rows are not those of the file.
    """
    import polars as pl

    known, said = (pl.read_csv(place, infer_schema=False) for place in (file, answer))
    if not said[truth].equals(known[truth]):
        raise ValueError(f"{answer.name} does not hold the rows of {file.name}")
    return _told(known, said["cluster"], file, truth)


def best_cut(file: Path, clusters: Path, truth: str) -> dict[str, Any]:
    """Return how each column of clusters by row in a Parquet file agrees with the truth, and the best in detail."""
    import polars as pl

    known, said = pl.read_csv(file, infer_schema=False), pl.read_parquet(clusters).sort("unique_id")
    cuts = [name for name in said.columns if name != "unique_id"]
    scores = {cut: scored(pl.DataFrame({"truth": known[truth], "cluster": said[cut]})) for cut in cuts}
    best = max(scores, key=lambda cut: scores[cut].f1)
    told = _told(known, said[best], file, truth)
    return told | {"cut": best, "cuts": {cut: _figures(score) for cut, score in scores.items()}}


def _figures(score: Score) -> dict[str, float]:
    return {"precision": score.precision, "recall": score.recall, "f1": score.f1}


def _told(known: pl.DataFrame, clusters: pl.Series, file: Path, truth: str) -> dict[str, Any]:
    import polars as pl

    frame = known.with_columns(truth=pl.col(truth), cluster=clusters)
    beside = file.with_suffix(".truth.csv")
    told: dict[str, Any] = _figures(scored(frame)) | {"rows": frame.height}
    if beside.is_file():
        more = pl.read_csv(beside, infer_schema=False).select("errors", "pair", "relation", "firm")
        frame = pl.concat([frame, more], how="horizontal")
        told |= {"errors": by_error(frame), "false": false_pairs(frame)}
    return told
