"""What a filter may refer to beside the fields: the day, the workspace's own names, and other segments."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Mapping

    from crmtool.core.segments.sql import Vocabularies


@dataclass(frozen=True)
class Context:
    """Names and facts of a workspace; all but the day may be left out.

    `custom` are the workspace's own fields as asked for (attr.NAME), looked at only for a name that no field has;
    `vocabularies` give, for a field, folded synonym -> canonical value; `segments` name -> expression; `won` are the
    stages of a deal that was bought, none: every deal with a day of closing; `checked` the fields that have a colour;
    `purposes` of consent, none: any may be asked for; `renamed` former names of companies -> what they are called now.
    """

    today: dt.date
    custom: Collection[str] = frozenset()
    vocabularies: Vocabularies = field(default_factory=dict)
    segments: Mapping[str, str] = field(default_factory=dict)
    won: tuple[str, ...] = ()
    checked: frozenset[str] = frozenset()
    purposes: frozenset[str] = frozenset()
    renamed: Mapping[str, str] = field(default_factory=dict)
    within: tuple[str, ...] = ()  # segments that are being compiled, the outermost first
