"""The shape of `rules/duplicates.model.toml`: the match weights that `crmtool duplicates train` learned and wrote.

To keep another thing that is learned: a field here, and where `core.duplicates.models` writes and reads it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import Field, model_validator

from crmtool.core.rule import Name, Rule

Share = Annotated[float, Field(gt=0, le=1)]
Count = Annotated[float, Field(ge=0)]


class Block(Rule):
    """A rule of blocking: its keys, and the size up to which its blocks are paired."""

    keys: Annotated[tuple[Name, ...], Field(min_length=1)]
    largest: Annotated[int, Field(ge=1)]


class Compared(Rule):
    """What was learned of one comparison, level by level, the best level first.

    `m` is how often pairs of one party show a level, `u` how often other pairs do, `pairs` how many pairs of one party
    taught it, `halves` by how many bits its weight differs when learned from either half of the pairs. `chance` is how
    often two parties drawn at random agree; `given` has u among those who share something else; `scale` is what people
    taught: the weight is multiplied by it.
    """

    levels: Annotated[tuple[Name, ...], Field(min_length=1)]
    m: tuple[Share, ...]
    u: tuple[Share, ...]
    pairs: tuple[Count, ...]
    halves: tuple[Count, ...]
    chance: Annotated[float, Field(ge=0, le=1)]
    given: Mapping[str, tuple[Share, ...]] = {}
    scale: Count = 1.0

    @model_validator(mode="after")
    def _one_for_each_level(self) -> Self:
        lists = {"m": self.m, "u": self.u, "pairs": self.pairs, "halves": self.halves}
        lists |= {f"given.{name}": share for name, share in self.given.items()}
        for name, numbers in lists.items():
            if len(numbers) != len(self.levels):
                raise ValueError(f"{name} has {len(numbers)} numbers for {len(self.levels)} levels")
        return self


class Model(Rule):
    """What was learned of the contacts of one kind: from how many, their fingerprint, and what is compared how."""

    rows: Annotated[int, Field(ge=0)]
    data: Name
    prior: Annotated[float, Field(gt=0, lt=1)]  # the share of all pairs that are one party
    columns: Mapping[str, Name]  # column -> how it is compared
    blocking: tuple[Block, ...]
    field: Mapping[str, Compared]


class Learned(Rule):
    """`duplicates.model.toml`: the day, the fingerprint of the settings it was learned by, and a model of each kind."""

    day: dt.date
    settings: Name
    person: Model | None = None
    company: Model | None = None

    def of(self, kind: str) -> Model | None:
        """Return the model of contacts of a kind: "person" or "company"."""
        return {"person": self.person, "company": self.company}.get(kind)
