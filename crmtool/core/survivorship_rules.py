"""The shape of `rules/survivorship.toml`: which record's value becomes the golden one (see `core.survivorship`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import model_validator

from crmtool.core import model
from crmtool.core.rule import Rule

Strategy = Literal["trusted", "newest", "earliest", "verified", "most_complete", "longest", "most_frequent"]
_OF_CHANNELS = ("trusted", "verified")


class Survivorship(Rule):
    """`survivorship.toml`: which record's value becomes the golden one."""

    default: Strategy = "trusted"
    field: Mapping[str, Strategy | Literal["union"]] = {}
    trust: Mapping[str, int] = {}  # source -> rank, higher wins; hand edits come before all of them
    default_trust: int = 50

    @model_validator(mode="after")
    def _fitting(self) -> Survivorship:
        """Refuse strategies that cannot be for their field."""
        if parts := sorted(set(self.field) & {*model.NAME_PARTS}):
            raise ValueError(f"the parts of a name survive together: say it of name, not of {', '.join(parts)}")
        for name, strategy in self.field.items():
            if strategy == "union" and name != "note":
                raise ValueError(f"{name} has one value: union is for note (channels and tags are always all kept)")
            if name in ("email", "phone") and strategy not in _OF_CHANNELS:
                raise ValueError(f"which {name} is the main one is by {' or '.join(_OF_CHANNELS)}, not by {strategy}")
        return self

    @property
    def asks_checks(self) -> bool:
        """Whether verifications matter to what survives."""
        return "verified" in {self.default, *self.field.values()}

    def of(self, name: str) -> str:
        """Return the strategy of a field, of the name as a whole, or of a kind of channel.

        >>> Survivorship(default="newest").of("city"), Survivorship(default="newest").of("email")
        ('newest', 'trusted')
        """
        return self.field.get(name, "trusted" if name in model.CHANNELS else self.default)
