"""Names in rule files that nobody knows, each with what was probably meant."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


def unknown(named: Mapping[str, str], known: set[str], what: str = "field") -> Iterator[str]:
    """Yield a line for each place that names something nobody knows."""
    return (f"{where}: no {what} {name!r}{meant(name, known)}" for where, name in named.items() if name not in known)


def meant(word: str, known: Iterable[str]) -> str:
    """Return a did-you-mean, or what there is to choose from."""
    known = sorted(known)
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    if close:
        return f"; did you mean {close[0]}?"
    return f"; known are: {', '.join(known[:12])}" if known else ""
