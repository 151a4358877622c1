"""The shape of `exports/NAME.toml`: which fields under which headings, for whom, in which look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from crmtool.core.rule import Rule


class Export(Rule):
    """One profile."""

    title: str
    columns: Mapping[str, str]  # heading -> field
    format: Literal["csv", "xlsx"] = "csv"
    delimiter: Literal[",", ";", "\t"] = ","
    bom: bool = False  # Excel needs it to read UTF-8
