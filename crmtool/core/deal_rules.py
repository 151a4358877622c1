"""The shape of `rules/deals.toml`: through which stages deals go, and which of them are the end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from crmtool.core.rule import Name, Rule

State = Literal["open", "won", "lost"]


class Deals(Rule):
    """`deals.toml`: the stages of a deal by their canonical names, and what is said of its money."""

    vocabulary: Name = "stage"  # where the canonical names and their synonyms stand
    open: tuple[Name, ...] = ()  # in the order deals go through them
    won: tuple[Name, ...] = ("won",)  # bought and paid
    lost: tuple[Name, ...] = ("lost",)
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | None = None  # where a file names none
    currencies: tuple[Annotated[str, Field(pattern=r"^[A-Z]{3}$")], ...] = ()  # that are taken; none: all of ISO 4217
    chance: Mapping[Name, Annotated[float, Field(ge=0, le=1)]] = {}  # of open stages, while the base has too few deals

    plan: Mapping[Name, Name] = {}  # owner -> what is to be won in a month: "500 000 RUB"

    @model_validator(mode="after")
    def _once(self) -> Deals:
        """Refuse a stage that stands in two states."""
        named = [*self.open, *self.won, *self.lost]
        if twice := sorted({name for name in named if named.count(name) > 1}):
            raise ValueError(f"a stage is either open, won or lost: {', '.join(twice)}")
        if odd := sorted(set(self.chance) - {*self.open}):
            raise ValueError(f"only open stages have a chance: {', '.join(odd)}")
        return self

    def states(self) -> dict[str, State]:
        """Return stage -> state of all stages there are.

        >>> Deals(open=("offer",)).states()
        {'offer': 'open', 'won': 'won', 'lost': 'lost'}
        """
        return {
            **dict.fromkeys(self.open, "open"),
            **dict.fromkeys(self.won, "won"),
            **dict.fromkeys(self.lost, "lost"),
        }
