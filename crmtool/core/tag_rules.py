"""The shape of `vocabularies/tags.toml`, the dictionary of tags. To add a tag: a table `[tag."NAME"]` there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from crmtool.core.rule import Name, Rule


class Tag(Rule):
    """What a tag means, who answers for it, and until when it is of use."""

    meaning: str = ""
    owner: str = ""
    until: dt.date | None = None  # the last day; None: without end


class Tags(Rule):
    """`vocabularies/tags.toml`: tags are free, and those that stand here mean something to everybody."""

    title: str = "Tags"
    tag: Mapping[Name, Tag] = {}
    idle_months: Annotated[int, Field(ge=1)] = 12  # a tag given to nobody for so long is put up for review
