"""The shape of `rules/retention.toml`: how long people are kept of whom nothing is heard, and what becomes of them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from crmtool.core.rule import Name, Rule


class Keep(Rule):
    """One rule: whoever is in a segment and gave no sign of life for so many months is archived or erased."""

    name: Name
    segment: Name  # its name, or a filter
    silent_months: Annotated[int, Field(ge=1)]
    then: Literal["archive", "erase"] = "archive"


class Retention(Rule):
    """`retention.toml`."""

    keep: tuple[Keep, ...] = ()
