"""Which pairs are worth comparing: those that share a key of some rule. One sort for each rule, no loop over pairs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from crmtool.core.comparators.coding import UNKNOWN
from crmtool.core.duplicates.blocking_keys import Keys, combined

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crmtool.core.comparators.coding import Flags, Numbers

    Rule = tuple[str, ...]

#: What a rule brought: pairs, blocks of two rows and more, rows in the largest; blocks left out and the rows in them.
REPORT = {
    "rule": pl.String(),
    **dict.fromkeys(("pairs", "blocks", "largest", "left_out", "rows_left_out"), pl.Int64()),
}


class Told(NamedTuple):
    """Blocks of two rows and more, rows in the largest, blocks left out, rows in these."""

    blocks: int
    largest: int
    left_out: int
    rows_left_out: int


class Limits(NamedTuple):
    """How many rows a block may have, and how many pairs for each row of the table a rule may bring."""

    block: int
    each: int


@dataclass(frozen=True)
class Candidates:
    """Pairs of rows, left before right, each once; `rules` has a bit for each rule that brought the pair.

    `report` is as `REPORT`.
    """

    left: Numbers
    right: Numbers
    rules: Numbers
    report: pl.DataFrame


def candidates(keys: Mapping[str, Keys], rules: Sequence[Rule], rows: int, limits: Limits) -> Candidates:
    """Return the pairs that share all keys of a rule; blocks over the limits are reported, not paired."""
    found, bits = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    report = []
    for number, rule in enumerate(rules):
        left, right, told = paired(*blocks(keys, rule, rows), limits.block, limits.each * rows)
        found.append(np.minimum(left, right) * rows + np.maximum(left, right))
        bits.append(np.full(len(left), 1 << number, np.int64))
        report.append((" + ".join(rule), len(left), *told))
    pair, bit = np.concatenate(found), np.concatenate(bits)
    order = np.argsort(pair, kind="stable")
    pair = pair[order]
    first = firsts(pair)
    once = pair[first]
    joined = np.bitwise_or.reduceat(bit[order], first) if len(first) else bit
    table = pl.DataFrame(report, schema=REPORT, orient="row")
    return Candidates(once // max(rows, 1), once % max(rows, 1), joined, table)


def blocks(keys: Mapping[str, Keys], rule: Rule, rows: int) -> tuple[Numbers, Numbers]:
    """Return the rows and their keys under a rule, ordered by key; rows that lack a part are left out."""
    lines = np.arange(rows)
    codes: list[Numbers] = []
    for name in rule:
        key = keys[name]
        if key.starts is None:
            codes.append(key.codes[lines])
            continue
        counts = np.diff(key.starts)[lines]
        place = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
        codes = [np.repeat(code, counts) for code in codes]
        lines = np.repeat(lines, counts)
        codes.append(key.codes[key.starts[lines] + place])
    code = combined(codes, whole=True)
    known = code != UNKNOWN
    lines, code = lines[known], code[known]
    order = np.argsort(code, kind="stable")
    return lines[order], code[order]


def paired(rows: Numbers, codes: Numbers, most: int, pairs: int | None = None) -> tuple[Numbers, Numbers, Told]:
    """Return all pairs of rows with the same code (which stand together), and what there was.

    Left out are blocks of more than `most` rows, and the largest that are left where there would be more than `pairs`.
    """
    begin = firsts(codes)
    size = np.diff(np.append(begin, len(codes)))
    cap = min(most, _fitting(size, pairs)) if pairs is not None else most
    over = size > cap
    left, right = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for many in np.unique(size[(size > 1) & ~over]):
        start = begin[size == many][:, None]
        one, other = np.triu_indices(many, 1)
        left.append(rows[(start + one).ravel()])
        right.append(rows[(start + other).ravel()])
    told = Told(int((size > 1).sum()), int(size.max(initial=0)), int(over.sum()), int(size[over].sum()))
    return np.concatenate(left), np.concatenate(right), told


def _fitting(size: Numbers, pairs: int) -> int:
    """Return the largest size of a block so that blocks up to it have at most so many pairs together."""
    several = np.sort(size[size > 1])
    run = np.cumsum(several * (several - 1) // 2)
    fitting = int(np.searchsorted(run, pairs, side="right"))
    return int(several[fitting]) - 1 if fitting < len(several) else int(several[-1]) if len(several) else 1


def size(keys: Mapping[str, Keys], rule: Rule, rows: int, most: int) -> int:
    """Return how many pairs a rule brings, without making them."""
    _, codes = blocks(keys, rule, rows)
    many = np.diff(np.append(firsts(codes), len(codes)))
    many = many[many <= most]
    return int((many * (many - 1) // 2).sum())


def firsts(ordered: Numbers) -> Numbers:
    """Return the places where a new value begins."""
    if not len(ordered):
        return np.zeros(0, np.int64)
    new: Flags = np.concatenate([[True], ordered[1:] != ordered[:-1]])
    return np.flatnonzero(new)
