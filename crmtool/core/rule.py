"""What the models of all rule files are made of.

The models of one subject live together: those of contacts in `rules`, others in a file of their own, such as `deals`.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Name = Annotated[str, Field(min_length=1)]
Words = Annotated[tuple[Name, ...], BeforeValidator(lambda given: (given,) if isinstance(given, str) else given)]


class Rule(BaseModel):
    """A frozen model that refuses unknown keys; its validator is built when the first file asks for it."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)
