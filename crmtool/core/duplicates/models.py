"""What was learned, as a value to be written and read again, and whether it may still be used.

Numbers are kept to nine digits: enough for the weights, and the same on every machine.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from crmtool.core.duplicates import blocking_keys, fields
from crmtool.core.duplicates.training import Weights
from crmtool.core.match_rules import Block, Compared, Model
from crmtool.core.model import CHANNELS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crmtool.core.comparators.coding import Numbers, Shares
    from crmtool.core.comparators.comparison import Comparison
    from crmtool.core.duplicates.blocking import Candidates, Rule
    from crmtool.core.match_rules import Learned
    from crmtool.core.rules import Match

_DIGITS = 9
_GROWN = 2.0  # times as many contacts, or as few: then what was learned is of another base
FEW, FIRM = 30.0, 1.0  # pairs that taught a level, and bits by which halves may differ: beyond, it is not to be trusted


@dataclass(frozen=True)
class Trained:
    """What was learned from parties: the kinds of columns, the comparisons, blocking, weights, and how firm they are.

    `halves` is for each comparison by how many bits its levels differ between halves of what taught them.
    """

    rows: int
    data: str
    kinds: Mapping[str, str]
    comparisons: Sequence[Comparison]
    asked: Sequence[Rule]
    found: Candidates
    weights: Weights
    halves: Mapping[str, Shares]


def model(found: Trained) -> Model:
    """Return what was learned as it is kept."""
    return Model(
        rows=found.rows,
        data=found.data,
        prior=_round(found.weights.prior),
        columns={name: kind for name, kind in found.kinds.items() if kind != "none"},
        blocking=tuple(
            Block(keys=rule, largest=largest) for rule, largest in zip(found.asked, found.found.caps, strict=True)
        ),
        field={c.name: _compared(c, found) for c in found.comparisons},
    )


def _compared(comparison: Comparison, found: Trained) -> Compared:
    name, weights = comparison.name, found.weights
    seen = weights.seen.get(name, np.zeros(len(comparison.levels)))
    return Compared(
        levels=comparison.levels,
        m=_rounded(weights.m[name]),
        u=_rounded(weights.u[name]),
        pairs=tuple(round(float(count), 1) for count in seen),
        halves=tuple(round(float(bits), 2) for bits in found.halves[name]),
        chance=_round(comparison.chance),
        given={other: _rounded(u) for (of, other), u in weights.given.items() if of == name},
    )


def _rounded(numbers: Shares) -> tuple[float, ...]:
    return tuple(_round(float(number)) for number in numbers)


def _round(number: float) -> float:
    return float(f"{number:.{_DIGITS}g}")


def weights(of: Model) -> Weights:
    """Return the weights that a model keeps."""
    given = {(name, other): np.array(u) for name, kept in of.field.items() for other, u in kept.given.items()}
    seen = {name: np.array(kept.pairs) for name, kept in of.field.items()}
    m, u = ({name: np.array(getattr(kept, part)) for name, kept in of.field.items()} for part in ("m", "u"))
    scale = {name: kept.scale for name, kept in of.field.items()}
    return Weights(m, u, of.prior, given, {name: float(pairs.sum()) for name, pairs in seen.items()}, seen, scale)


def rescaled(of: Model, prior: float, scale: Mapping[str, float]) -> Model:
    """Return a model with another prior, and the weights of its comparisons multiplied."""
    kept = {name: compared.model_copy(update={"scale": _round(scale[name])}) for name, compared in of.field.items()}
    return of.model_copy(update={"prior": _round(prior), "field": kept})


def is_firm(kept: Compared) -> list[bool]:
    """Tell for each level whether its weight can be trusted: taught by enough pairs, and the same by either half."""
    return [pairs >= FEW and bits <= FIRM for pairs, bits in zip(kept.pairs, kept.halves, strict=True)]


def settings(rules: Match) -> str:
    """Return the fingerprint of the rules that decide what is learned: not the thresholds, which only use it."""
    told = (rules.blocking, rules.max_block, rules.max_pairs, rules.seed)
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


def data(parties: pl.DataFrame) -> str:
    """Return a fingerprint of parties that does not depend on their order."""
    return f"{int(np.add.reduce(lines(parties).astype(np.uint64))):016x}" if parties.width else "0" * 16


def lines(parties: pl.DataFrame) -> Numbers:
    """Return a fingerprint of each of some parties."""
    columns = [
        (pl.col(name).list.join("\x1f") if dtype == pl.List else pl.col(name)).fill_null("\x00")
        for name, dtype in parties.schema.items()
    ]
    return blocking_keys.hashed(parties.select(pl.concat_str(columns, separator="\x1e")).to_series())


def unfit(learned: Learned | None, kind: str, rules: Match, rows: int) -> str | None:
    """Return why a model cannot be used for so many contacts of a kind, None where it can."""
    kept = learned.of(kind) if learned else None
    if learned is None or kept is None:
        return "there is none"
    if learned.settings != settings(rules):
        return "blocking in duplicates.toml has changed since"
    if not kept.rows / _GROWN <= rows <= kept.rows * _GROWN:
        return f"it was learned from {kept.rows} contacts, and now there are {rows}"
    if not _known_levels(kept) or (kind == "company" and "company" in kept.columns):
        return "it was learned by another version of crmtool"
    return None


def _known_levels(kept: Model) -> bool:
    """Tell whether the comparisons have the levels that were learned."""
    several = pl.List(pl.String())
    none = pl.DataFrame(schema={name: several if name in CHANNELS else pl.String() for name in kept.columns})
    kinds = dict(kept.columns)
    try:
        made = fields.compared(none, kinds)[0]
    except KeyError:  # a kind of column that there is no more
        return False
    return {c.name: c.levels for c in made} == {name: compared.levels for name, compared in kept.field.items()}
