"""Headings as they are compared, and the headings of a mapping, in which `*` stands for a number.

To let a mapping say more about a heading: a key of `SourceMapping`, looked up here with `said`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from crmtool.core.folding import folded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Value = TypeVar("Value")
_REPEATED = re.compile(r"(?s)(.+) \((\d+)\)")  # how readers name the second column of the same heading


@lru_cache(maxsize=20_000)  # the same synonyms are compared with the headings of every file
def heading_key(heading: str) -> str:
    """Return a heading as it is compared: folded, only letters, digits and single spaces.

    >>> heading_key("  E-mail (рабочий): "), heading_key("First_Name")
    ('e mail рабочий', 'first name')
    """
    return " ".join("".join(c if c.isalnum() else " " for c in folded(heading).replace("'", "")).split())


def matched(headings: Iterable[str], known: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Return heading -> (the entry of `known` it is, its number), for the headings that are in `known`.

    The number is what stands for the `*`, or "2" for "Phone (2)" where the file has two columns "Phone"; "" for none.

    >>> matched(["Phone 2 - Value", "NAME", "Photo"], ["Name", "Phone * - Value"])
    {'Phone 2 - Value': ('Phone * - Value', '2'), 'NAME': ('Name', '')}
    """
    headings, known = list(headings), list(known)
    plain = {heading_key(entry): entry for entry in reversed(known) if "*" not in entry}
    starred = sorted((entry for entry in known if "*" in entry), key=len, reverse=True)
    first = {heading: _entry(heading, plain, starred) for heading in headings}
    every = {heading: found or _of_twin(heading, first) for heading, found in first.items()}
    return {heading: found for heading, found in every.items() if found}


def said(headings: Iterable[str], known: Mapping[str, Value]) -> dict[str, Value]:
    """Return heading -> what `known` says about it, for the headings it says something about."""
    return {heading: known[entry] for heading, (entry, _) in matched(headings, known).items()}


def partners(headings: Iterable[str], pairs: Mapping[str, str]) -> dict[str, str]:
    """Return heading -> the heading that goes with it, of the same number, or the one without a number.

    >>> partners(["Phone 1", "Phone 2", "Type 1", "Type 2"], {"Phone *": "Type *"})
    {'Phone 1': 'Type 1', 'Phone 2': 'Type 2'}
    """
    headings = list(headings)
    found = {}
    for heading, (entry, number) in matched(headings, pairs).items():
        columns = by_number(headings, pairs[entry])
        if partner := columns.get(number) or columns.get(""):
            found[heading] = partner
    return found


def by_number(headings: Iterable[str], entry: str) -> dict[str, str]:
    """Return number -> heading for the headings that are one entry of a mapping; the first of a number counts.

    >>> by_number(["Phone 1 - Label", "Phone 2 - Label"], "Phone * - Label")
    {'1': 'Phone 1 - Label', '2': 'Phone 2 - Label'}
    """
    found: dict[str, str] = {}
    for heading, (_, number) in matched(headings, [entry]).items():
        found.setdefault(number, heading)
    return found


def fits(headings: Iterable[str], signature: Iterable[str]) -> bool:
    """Return whether the headings hold all entries of a signature."""
    signature = list(signature)
    keys = {heading_key(heading) for heading in headings}
    plain = all(heading_key(entry) in keys for entry in signature if "*" not in entry)
    return plain and all(any(_pattern(entry).fullmatch(key) for key in keys) for entry in signature if "*" in entry)


def _entry(heading: str, plain: Mapping[str, str], starred: Iterable[str]) -> tuple[str, str] | None:
    """Return the entry a heading is, and its number; a heading written out goes before one with a `*`."""
    key = heading_key(heading)
    if key in plain:
        return plain[key], ""
    fitting = ((entry, _pattern(entry).fullmatch(key)) for entry in starred)
    return next(((entry, "".join(filter(None, match.groups()))) for entry, match in fitting if match), None)


def _of_twin(heading: str, first: Mapping[str, tuple[str, str] | None]) -> tuple[str, str] | None:
    """Return what the heading is that this one repeats: "Phone (2)" is what "Phone" is."""
    repeated = _REPEATED.fullmatch(heading)
    twin = first.get(repeated[1]) if repeated else None
    return (twin[0], repeated[2]) if twin and repeated else None


@lru_cache(maxsize=4096)
def _pattern(entry: str) -> re.Pattern[str]:
    """Return the pattern of the keys of headings that are an entry with `*`."""
    return re.compile(r" ?(\d*) ?".join(re.escape(heading_key(part)) for part in entry.split("*")))
