"""Which pairs are worth comparing: those that share a key of some rule. One sort for each rule, no loop over pairs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from crmtool.core.abreast import abreast
from crmtool.core.comparators import coding
from crmtool.core.comparators.coding import UNKNOWN
from crmtool.core.duplicates.blocking_keys import Keys, combined

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from crmtool.core.comparators.coding import Flags, Numbers

    Bits = NDArray[np.uint32]
    Rule = tuple[str, ...]

_RULE = 5  # bits of the number of a rule
RULES = 2**_RULE

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
    """Pairs of rows, left before right, each once and in order; `rules` has a bit for each rule that brought the pair.

    A pair is one number, `left * rows + right` in a table of so many `rows`: of ten million pairs two numbers would be
    a tenth of all memory. `report` is as `REPORT`.
    """

    pairs: Numbers
    rows: int
    rules: Bits
    report: pl.DataFrame
    caps: tuple[int, ...] = ()  # of each rule: the size up to which blocks were paired

    @property
    def left(self) -> Numbers:
        """The smaller row of each pair."""
        return self.pairs // max(self.rows, 1)

    @property
    def right(self) -> Numbers:
        """The larger row of each pair."""
        return self.pairs % max(self.rows, 1)

    def some(self, first: int, last: int | None, step: int = 1) -> Candidates:
        """Return the pairs from place `first` on up to `last`, each so many-th."""
        return Candidates(self.pairs[first:last:step], self.rows, self.rules[first:last:step], self.report)

    def parts(self, most: int) -> list[Candidates]:
        """Return the pairs in parts of so many at most."""
        return [self.some(start, start + most) for start in range(0, len(self.pairs), most)]


def candidates(keys: Mapping[str, Keys], rules: Sequence[Rule], rows: int, limits: Limits) -> Candidates:
    """Return the pairs that share all keys of a rule, of `RULES` at most; blocks over the limits are reported only."""

    def brought(number: int) -> tuple[Numbers, int, Told]:
        lines, codes = blocks(keys, rules[number], rows)
        cap = capped(sizes(codes), limits.block, limits.each * rows)
        left, right, told = paired(lines, codes, cap)
        return _packed(left, right, rows, number), cap, told

    every = abreast(brought, range(len(rules)), rows)
    report = [(" + ".join(rule), len(pairs), *told) for rule, (pairs, _, told) in zip(rules, every, strict=True)]
    caps = tuple(cap for _, cap, _ in every)
    found = [np.zeros(0, np.int64), *(pairs for pairs, _, _ in every)]
    every.clear()
    once, joined = _united(found)
    return Candidates(once, rows, joined, pl.DataFrame(report, schema=REPORT, orient="row"), caps)


def _packed(left: Numbers, right: Numbers, rows: int, number: int) -> Numbers:
    """Return a number for each pair and the rule that brought it, so that one sort brings the rules of a pair together.

    There are fewer than 2^29 rows: two of them and a rule take 63 bits.
    """
    found: Numbers = np.minimum(left, right)
    found *= rows
    found += np.maximum(left, right)
    found <<= _RULE
    found |= number
    return found


def _united(found: list[Numbers]) -> tuple[Numbers, Bits]:
    """Return the pairs of all rules (`_packed`) in order, each once, with its rules as bits; the list is emptied."""
    pair = np.concatenate(found)
    found.clear()
    pair.sort()
    bit = np.left_shift(np.uint32(1), (pair % RULES).astype(np.uint32))
    pair >>= _RULE
    first = firsts(pair)
    return pair[first], np.bitwise_or.reduceat(bit, first) if len(first) else bit


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
        place = coding.places(counts)
        codes = [np.repeat(code, counts) for code in codes]
        lines = np.repeat(lines, counts)
        codes.append(key.codes[key.starts[lines] + place])
    code = combined(codes, whole=True)
    known = code != UNKNOWN
    lines, code = lines[known], code[known]
    order = np.argsort(code)
    return lines[order], code[order]


def paired(rows: Numbers, codes: Numbers, most: int, pairs: int | None = None) -> tuple[Numbers, Numbers, Told]:
    """Return all pairs of rows with the same code (which stand together), and what there was.

    Left out are blocks of more than `most` rows, and the largest that are left where there would be more than `pairs`.
    """
    begin = firsts(codes)
    size = sizes(codes)
    cap = most if pairs is None else capped(size, most, pairs)
    over = size > cap
    left, right = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for many in np.unique(size[(size > 1) & ~over]):
        start = begin[size == many][:, None]
        one, other = np.triu_indices(many, 1)
        left.append(rows[(start + one).ravel()])
        right.append(rows[(start + other).ravel()])
    told = Told(int((size > 1).sum()), int(size.max(initial=0)), int(over.sum()), int(size[over].sum()))
    return np.concatenate(left), np.concatenate(right), told


def sizes(ordered: Numbers) -> Numbers:
    """Return how many rows each block has."""
    return np.diff(np.append(firsts(ordered), len(ordered)))


def capped(size: Numbers, most: int, pairs: int) -> int:
    """Return the size up to which blocks of these sizes are paired."""
    return min(most, _fitting(size, pairs))


def _fitting(size: Numbers, pairs: int) -> int:
    """Return the largest size of a block so that blocks up to it have at most so many pairs together."""
    several = np.sort(size[size > 1])
    run = np.cumsum(several * (several - 1) // 2)
    fitting = int(np.searchsorted(run, pairs, side="right"))
    return int(several[fitting]) - 1 if fitting < len(several) else int(np.iinfo(np.int64).max)


class Size(NamedTuple):
    """How many pairs a rule brings, and whether no block is left out."""

    pairs: int
    whole: bool


def size(keys: Mapping[str, Keys], rule: Rule, rows: int, most: int) -> Size:
    """Return what a rule brings, without making the pairs."""
    _, codes = blocks(keys, rule, rows)
    many = sizes(codes)
    few = many[many <= most]
    return Size(int((few * (few - 1) // 2).sum()), len(few) == len(many))


def firsts(ordered: Numbers) -> Numbers:
    """Return the places where a new value begins."""
    if not len(ordered):
        return np.zeros(0, np.int64)
    new: Flags = np.concatenate([[True], ordered[1:] != ordered[:-1]])
    return np.flatnonzero(new)
