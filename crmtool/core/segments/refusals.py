"""How a filter is refused: what cannot be understood, and what was probably meant."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, NoReturn

from crmtool.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

_SHOWN = 40  # characters of a piece of the filter that read well in one line
_LISTED = 12  # names that are listed where none is near


def refused(message: str, hint: str = "") -> NoReturn:
    """Refuse a filter. Raises UsageError."""
    raise UsageError(f"The filter cannot be used: {message}.", hint)


def shown(text: str) -> str:
    """Return a piece of the filter short and printable."""
    plain = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)
    return plain if len(plain) <= _SHOWN else plain[: _SHOWN - 1] + "…"


def suggested(word: str, known: Iterable[str], where: str = "") -> str:
    """Return "Did you mean ...?", or the first of what there is and where to see all."""
    names = list(known)
    near = difflib.get_close_matches(word.casefold(), names, n=1)
    if near:
        return f"Did you mean {near[0]}?"
    more = f" ... See all with: {where}" if where and len(names) > _LISTED else "."
    return f"There are: {', '.join(names[: _LISTED if where else None])}{more}"
