"""How many people several lists hold, and how many of them are the same: told by e-mail addresses and phone numbers.

A row is known by its channels. A personal e-mail or a mobile number names one person; rows that share one are the same
person, in whichever list they stand. An office line or a mailbox of many (`info@`) names nobody by itself: it counts
for rows that have nothing better, and leads to the one person who has it, if there is only one. Names are not compared
here; an import does that. To count another channel as a person's own: `STRONG`.

A list is a `Reach`: keys (hashes of channels) instead of values, so that ten million rows fit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: Kind and type of the channels that belong to one person.
STRONG = (("email", "personal"), ("phone", "mobile"), ("phone", "fixed_or_mobile"))
_EDGES = {"left": pl.UInt64(), "right": pl.UInt64()}


@dataclass(frozen=True)
class Reach:
    """By what the rows of one list are known.

    `anchors` (key, strong) has one key for each row, each once; `edges` (left, right) join keys of one row that name
    the same person; `loose` (left, right) lead from a weak key to a strong one of its row; `rows` counts the rows with
    a channel.
    """

    anchors: pl.DataFrame
    edges: pl.DataFrame
    loose: pl.DataFrame
    rows: int


def nobody() -> Reach:
    """Return the reach of an empty list."""
    anchors = pl.DataFrame(schema={"key": pl.UInt64(), "strong": pl.Boolean()})
    return Reach(anchors, pl.DataFrame(schema=_EDGES), pl.DataFrame(schema=_EDGES), 0)


def reach(channels: pl.DataFrame) -> Reach:
    """Return the reach of a list from its cleaned channels (columns row, kind, value, type; no nulls but in type)."""
    keyed = channels.select("row", key=pl.concat_str("kind", "value", separator=":").hash(), strong=_strong())
    keyed = keyed.unique(["row", "key"], maintain_order=True).sort(~pl.col("strong"), maintain_order=True)
    first = {"anchor": pl.col("key").first(), "named": pl.col("strong").first()}
    placed = keyed.with_columns(**{name: value.over("row") for name, value in first.items()})
    pairs = placed.filter(pl.col("key") != pl.col("anchor")).rename({"anchor": "left", "key": "right"})
    weak = pairs["named"] & ~pairs["strong"]
    anchors = placed.select(key="anchor", strong="named").unique(maintain_order=True)
    edges = pairs.filter(~weak).select(*_EDGES).unique(maintain_order=True)
    loose = pairs.filter(weak).select(left="right", right="left").unique(maintain_order=True)
    return Reach(anchors, edges, loose, placed["row"].n_unique())


def joined(parts: Iterable[Reach]) -> Reach:
    """Return the reach of a list from those of its parts, which have no row in common."""
    every = [nobody(), *parts]
    frames = {
        name: pl.concat([getattr(part, name) for part in every]).unique() for name in ("anchors", "edges", "loose")
    }
    return Reach(**frames, rows=sum(part.rows for part in every))


def people(lists: Mapping[str, Reach]) -> dict[str, pl.Series]:
    """Return for each list the people in it (UInt64, each once); the same number is the same person in all of them."""
    every = joined(lists.values())
    roots = components(pl.concat([every.edges, _leading(every)]))
    return {name: _rooted(each.anchors["key"], roots).unique() for name, each in lists.items()}


def shared(found: Mapping[str, pl.Series]) -> pl.DataFrame:
    """Return how many people each two lists have in common (columns left, right, people), in the order of the lists.

    A list beside itself has all its people.
    """
    names = list(found)
    pairs = [(left, right) for n, left in enumerate(names) for right in names[n:]]
    counts = [int(found[left].is_in(found[right].implode()).sum()) for left, right in pairs]
    schema = {"left": pl.String(), "right": pl.String(), "people": pl.Int64()}
    rows = [(left, right, count) for (left, right), count in zip(pairs, counts, strict=True)]
    return pl.DataFrame(rows, schema=schema, orient="row")


def components(edges: pl.DataFrame) -> pl.DataFrame:
    """Return the connected components of a graph (columns left, right) as key and root, the least key of its component.

    Each round every key takes its least neighbour for a parent, ways to the top are cut short, and only edges between
    different tops are kept: the number of tops at least halves in each component (Borůvka's contraction).
    """
    keys = pl.concat([edges["left"], edges["right"]]).unique().sort()
    between = pl.DataFrame({side: keys.search_sorted(edges[side]) for side in _EDGES}).cast(pl.UInt32)
    parents = pl.int_range(len(keys), dtype=pl.UInt32, eager=True)
    while between.height:
        parents = _topped(_hooked(parents, between))
        between = between.select(pl.lit(parents).gather(pl.col(side)).alias(side) for side in _EDGES)
        between = between.filter(pl.col("left") != pl.col("right")).unique()
    return pl.DataFrame({"key": keys, "root": keys.gather(parents)})


def _hooked(parents: pl.Series, between: pl.DataFrame) -> pl.Series:
    """Give each node that has a lesser neighbour the least of them as its parent."""
    ways = pl.concat([between, between.select(left="right", right="left")])
    least = ways.group_by("left").agg(pl.col("right").min()).filter(pl.col("right") < pl.col("left"))
    return parents.scatter(least["left"], least["right"])


def _topped(parents: pl.Series) -> pl.Series:
    """Let each node point at the top of its tree."""
    while True:
        further = parents.gather(parents)
        if further.equals(parents):
            return parents
        parents = further


def _leading(every: Reach) -> pl.DataFrame:
    """Return the edges from weak keys that name a row to the person who has them, where there is only one."""
    weak = every.anchors.filter(~pl.col("strong"))
    ways = every.loose.join(weak, left_on="left", right_on="key", how="semi")
    person = ways.with_columns(root=_rooted(ways["right"], components(every.edges)))
    return person.filter(pl.col("root").n_unique().over("left") == 1).select(*_EDGES)


def _rooted(keys: pl.Series, roots: pl.DataFrame) -> pl.Series:
    """Return the root of each key; a key without neighbours is its own."""
    placed = keys.alias("key").to_frame().join(roots, on="key", how="left", maintain_order="left")
    return placed.select(pl.coalesce("root", "key")).to_series()


def _strong() -> pl.Expr:
    own = [(pl.col("kind") == kind) & (pl.col("type") == type_) for kind, type_ in STRONG]
    return pl.any_horizontal(own).fill_null(value=False)
