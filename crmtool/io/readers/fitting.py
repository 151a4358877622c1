"""Which of a person's options a format takes; the others are a mistake, said at once and not passed over in silence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmtool.core.errors import UsageError

if TYPE_CHECKING:
    from crmtool.io.readers.table import Options

_ASKED = ("encoding", "sheet", "delimiter", "header")


def check(options: Options, name: str, what: str, *taken: str) -> None:
    """Raise UsageError for an option that a file `name`, which is `what` ("a mailbox"), has no use for."""
    given = [option for option in _ASKED if option not in taken and getattr(options, option) is not None]
    if given:
        raise UsageError(f"{name} is {what}: --{given[0]} says nothing about it.", f"Leave out --{given[0]}.")
