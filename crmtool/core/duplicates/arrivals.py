"""New contacts among many that are matched already: the codes under which parties meet and values are counted.

The codes are kept for every party (`crmtool.io.match_keys`), so that a few new ones find those they may be, and learn
how common their values are, without reading the rest. What is then compared is a small table, by the stored model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from crmtool.core.comparators.coding import Listed
from crmtool.core.duplicates import blocking, blocking_keys, matching, models

if TYPE_CHECKING:
    from crmtool.core.comparators.coding import Counts, Numbers
    from crmtool.core.duplicates.matching import Apart, Matched, Ready
    from crmtool.core.duplicates.weighing import Pairs
    from crmtool.core.match_rules import Model
    from crmtool.core.rules import Match

_KINDS = ("person", "company")
_SHIFT, _BITS = 42, (1 << 42) - 1  # bits of a code below the number of its rule
_RULES = 32  # of each kind
_ANY = "\x00"  # stands for having any value

#: Codes of parties: `row` is their place.
CODES = {"row": pl.Int64(), "code": pl.Int64()}


@dataclass(frozen=True)
class Coded:
    """The codes of parties: those under which they meet, and those by which their values are counted (`CODES`)."""

    meeting: pl.DataFrame
    values: pl.DataFrame


def coded(parties: pl.DataFrame, kind: str, rules: Match, model: Model) -> Coded:
    """Return the codes of parties of a kind."""
    of = matching.ready(parties, rules, model)
    rares = dict(c.rare for c in of.comparisons if c.rare)
    values = [pl.DataFrame({"row": np.arange(parties.height), "code": value_codes(kind, _ANY, pl.Series([_ANY]))[0]})]
    for name, column in rares.items():
        codes = value_codes(kind, name, column.values)
        rows = column.rows if isinstance(column, Listed) else np.flatnonzero(column.codes >= 0)
        held = column.codes if isinstance(column, Listed) else column.codes[rows]
        any_ = value_codes(kind, name, pl.Series([_ANY]))[0]
        values += [_frame(rows, codes[held]), _frame(np.unique(rows), any_)]
    return Coded(_meeting(of, kind, model), pl.concat(values, how="vertical_relaxed"))


def _meeting(of: Ready, kind: str, model: Model) -> pl.DataFrame:
    parts = [pl.DataFrame(schema=CODES)]
    for number, block in enumerate(model.blocking):
        if block.keys in of.asked:
            rows, codes = blocking.blocks(of.keys, block.keys, of.rows)
            parts.append(_frame(rows, _numbered(kind, number) | (codes & _BITS)).unique())
    return pl.concat(parts)


def _numbered(kind: str, number: int) -> int:
    return (_KINDS.index(kind) * _RULES + number) << _SHIFT


def _frame(rows: Numbers, codes: Numbers | np.int64) -> pl.DataFrame:
    return pl.DataFrame({"row": rows, "code": np.broadcast_to(codes, len(rows))}, schema=CODES)


def value_codes(kind: str, name: str, values: pl.Series) -> Numbers:
    """Return the codes of values of a comparison; that of `any_code` for having one."""
    of = np.full(len(values), blocking_keys.hashed(pl.Series([f"{kind} {name}"]))[0])
    return blocking_keys.combined([of, blocking_keys.hashed(values)])


def any_code(kind: str, name: str = _ANY) -> int:
    """Return the code that counts the parties of a kind that have any value of a comparison; without one, all."""
    return int(value_codes(kind, name, pl.Series([_ANY]))[0])


def bars(model: Model, kind: str, rules: Match) -> dict[int, int]:
    """Return up to which size blocks are paired, by the number that their codes begin with (see `rule_of`)."""
    return {
        _numbered(kind, number) >> _SHIFT: min(block.largest, rules.max_block)
        for number, block in enumerate(model.blocking)
    }


def rule_of(code: pl.Expr) -> pl.Expr:
    """Return the number of the rule that codes belong to."""
    return code // (1 << _SHIFT)


def near(parties: pl.DataFrame, pairs: Apart, model: Model, counts: Counts) -> Pairs:
    """Return those of some pairs of rows that hold a component together; `counts` tells how common values are."""
    comparisons = matching.compared(parties, model, counts)[1]
    return matching.near(comparisons, models.weights(model), *pairs)


def matched(parties: pl.DataFrame, pairs: Apart, rules: Match, model: Model, counts: Counts, apart: Apart) -> Matched:
    """Return who belongs together among some parties, by the pairs of rows that are worth comparing."""
    comparisons, weights = matching.compared(parties, model, counts)[1], models.weights(model)
    none = blocking.candidates({}, [], parties.height, blocking.Limits(0, 0))
    return matching.settled(matching.near(comparisons, weights, *pairs), comparisons, weights, none, rules, apart)
