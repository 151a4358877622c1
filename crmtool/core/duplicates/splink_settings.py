"""A model as Splink's settings: every level with m and u so that Splink's match weight is ours.

Splink adds the log2 of m / u of each comparison's level and, where the level has a term frequency column, the log2 of
its u by the share of the value. What Splink cannot say is said by conditions (`ladders`): evidence that hangs together
is a level of its own for each thing it hangs on.
Settings: https://moj-analytical-services.github.io/splink/api_docs/settings_dict_guide.html
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import polars as pl

from crmtool.core.duplicates import blocking, ladders, matching, models, weighing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from crmtool.core.comparators.coding import Shares
    from crmtool.core.comparators.comparison import Comparison
    from crmtool.core.duplicates.ladders import Ladder
    from crmtool.core.duplicates.matching import Ready
    from crmtool.core.duplicates.training import Weights
    from crmtool.core.match_rules import Model
    from crmtool.core.rules import Match

ID = "unique_id"
#: The shares of values, see `Handed`.
SHARES: dict[str, pl.DataType] = {"column": pl.String(), "rows": pl.Int64(), "share": pl.Float64()}


class Handed(NamedTuple):
    """What an engine needs: a row of columns for each party (`ID` first), Splink's settings, the shares of values.

    `shares` has for each column of numbers that tell how rare a value is (`column`), and each number in it (`rows`),
    the share of others that it stands for (`share`).
    """

    table: pl.DataFrame
    settings: dict[str, Any]
    shares: pl.DataFrame


class Blocked(NamedTuple):
    """Keys of each party by rule (`block_1` ...; a list where a party has several), and Splink's rules over them."""

    columns: pl.DataFrame
    rules: list[dict[str, Any]]


def handed(parties: pl.DataFrame, rules: Match, model: Model, dialect: str) -> Handed:
    """Return what an engine needs to weigh parties (with id) as the model does; `dialect` is "duckdb" or "spark"."""
    ids, fields_ = parties["id"].rename(ID), parties.drop("id", "kind")
    of, (kinds, comparisons, people) = matching.ready(fields_, rules, model), matching.compared(fields_, model)
    found = ladders.ladders(fields_, kinds, comparisons, people)
    keys = blocked(of, rules, dialect)
    columns = {column.name: column for ladder in found.values() for column in ladder.columns}
    shares = {name: table for ladder in found.values() for name, table in ladder.shares.items()}
    lines = [table.select(column=pl.lit(name), rows=name, share="share") for name, table in shares.items()]
    return Handed(
        pl.DataFrame([ids, *columns.values(), *keys.columns]),
        settings(comparisons, models.weights(model), found, keys.rules, dialect),
        pl.concat([pl.DataFrame(schema=SHARES), *lines]),
    )


def blocked(of: Ready, rules: Match, dialect: str) -> Blocked:
    """Return the keys that parties meet under; keys of groups that ours leaves out are left out here too."""
    columns, asked = [], []
    for number, rule in enumerate(of.asked, 1):
        rows, codes = blocking.blocks(of.keys, rule, of.rows)
        sizes = blocking.sizes(codes)
        cap = blocking.capped(sizes, rules.max_block, rules.max_pairs * of.rows)
        kept = np.repeat((sizes > 1) & (sizes <= cap), sizes)
        rows, codes = rows[kept], codes[kept]
        order = np.lexsort((codes, rows))
        column = ladders.lists(rows[order], pl.Series(codes[order]), of.rows).alias(f"block_{number}")
        single = not bool((column.list.len() > 1).any())
        columns.append(column.list.first() if single else column)
        told = {"blocking_rule": f"l.{column.name} = r.{column.name}", "sql_dialect": dialect}
        asked.append(told if single else {**told, "arrays_to_explode": [column.name]})
    return Blocked(pl.DataFrame(columns), asked)


def settings(
    comparisons: Sequence[Comparison],
    weights: Weights,
    found: Mapping[str, Ladder],
    rules: Sequence[Mapping[str, Any]],
    dialect: str,
) -> dict[str, Any]:
    """Return Splink's settings of a model: what is compared by `found` ladders, among pairs that `rules` bring."""
    return {
        "link_type": "dedupe_only",
        "sql_dialect": dialect,
        "unique_id_column_name": ID,
        "probability_two_random_records_match": weights.prior,
        "retain_matching_columns": False,
        "retain_intermediate_calculation_columns": False,
        "blocking_rules_to_generate_predictions": list(rules),
        "comparisons": [
            {
                "output_column_name": c.name,
                "comparison_description": c.name,
                "comparison_levels": list(_levels(c, ties, weights, found)),
            }
            for c, ties in weighing.tied(comparisons, weights)
        ],
    }


def _levels(
    c: Comparison, ties: Sequence[tuple[Shares, str]], weights: Weights, found: Mapping[str, Ladder]
) -> Iterator[dict[str, Any]]:
    """Yield the levels of a comparison in the order they are asked."""
    ladder, scale, m = found[c.name], weights.scale.get(c.name, 1.0), weights.m[c.name]
    speaks = [(found[other].shows(_speaking(weights, other)), u, other) for u, other in ties]
    yield {"sql_condition": ladder.silent, "label_for_charts": "not known", "is_null_level": True}
    for level, group in groupby(ladder.rungs, key=lambda rung: rung.level):
        rungs, name = list(group), c.levels[level - 1]
        one = " OR ".join(rung.condition for rung in rungs)
        for says, u, other in speaks:
            condition = says if one == ladders.ELSE else f"(({one}) AND {says})"
            yield _level(condition, f"{name}, as {other} says too", *_chances(m, u, level, scale))
        for rung in rungs:
            if rung.rare is None or not c.chance:
                yield _level(rung.condition, name, *_chances(m, weights.u[c.name], level, scale))
            else:
                weight = scale * float(np.log2(m[level - 1] / weights.u[c.name][level - 1]))
                yield _level(rung.condition, name, c.chance * 2.0**weight, c.chance) | _rare(rung.rare, scale)


def _speaking(weights: Weights, name: str) -> list[int]:
    """Return the levels of a comparison that are agreement."""
    return [int(level) for level in np.flatnonzero(weighing.speaking(weights, name))]


def _level(condition: str, label: str, m: float, u: float) -> dict[str, Any]:
    return {"sql_condition": condition, "label_for_charts": label, "m_probability": m, "u_probability": u}


def _rare(column: str, scale: float) -> dict[str, Any]:
    """Return what makes a level weigh by how rare a value is: its u is the chance that rarity is measured by."""
    own = {"disable_tf_exact_match_detection": True}
    return {"tf_adjustment_column": column, "tf_adjustment_weight": scale, **own} if scale else own


def _chances(m: Shares, u: Shares, level: int, scale: float) -> tuple[float, float]:
    """Return m and u whose weight is that of a level multiplied by `scale`."""
    one, other = float(m[level - 1]), float(u[level - 1])
    if scale == 1.0:
        return one, other
    weight = scale * float(np.log2(one / other))
    return min(1.0, 2.0**weight), min(1.0, 2.0**-weight)
