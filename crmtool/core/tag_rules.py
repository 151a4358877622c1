"""The shape of `vocabularies/tags.toml`, the dictionary of tags. To add a tag: a table `[tag."NAME"]` there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, model_validator

from crmtool.core.folding import folded
from crmtool.core.rule import Name, Rule


class Tag(Rule):
    """What a tag means, who answers for it, and until when it is of use."""

    meaning: str = ""
    owner: str = ""
    until: dt.date | None = None  # the last day; None: without end
    synonyms: tuple[Name, ...] = ()  # what imports write instead; read as this tag


class Tags(Rule):
    """`vocabularies/tags.toml`: tags are free, and those that stand here mean something to everybody."""

    title: str = "Tags"
    tag: Mapping[Name, Tag] = {}
    idle_months: Annotated[int, Field(ge=1)] = 12  # a tag given to nobody for so long is put up for review

    @model_validator(mode="after")
    def _each_word_once(self) -> Tags:
        words = [folded(word) for name, tag in self.tag.items() for word in {name, *tag.synonyms}]
        twice = sorted({word for word in words if words.count(word) > 1})
        if twice:
            raise ValueError(f"two tags claim the same word: {', '.join(twice)}")
        return self

    def names(self) -> dict[str, str]:
        """Return folded name or synonym -> the tag as the dictionary writes it."""
        return {folded(word): name for name, tag in self.tag.items() for word in (name, *tag.synonyms)}
