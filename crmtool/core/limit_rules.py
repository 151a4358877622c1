"""The shape of `rules/limits.toml`: how much one command may change (see `core.limits`)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from crmtool.core.rule import Rule


class Limits(Rule):
    """`limits.toml`: from how much on a command is refused unless it is confirmed."""

    share: Annotated[float, Field(ge=0, le=1)] = 0.25  # of all contacts; 1: no limit
    contacts: Annotated[int, Field(ge=0)] = 1000  # so many may always be changed

    def refuses(self, reached: int, contacts: int) -> bool:
        """Tell whether so many contacts of all are too many for one command.

        >>> limits = Limits(share=0.25, contacts=200)
        >>> limits.refuses(201, 800), limits.refuses(200, 200), limits.refuses(201, 10_000)
        (True, False, False)
        """
        return reached > max(self.contacts, self.share * contacts)
