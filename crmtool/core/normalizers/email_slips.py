"""Mistyped mail domains: which large provider, or which common ending, was meant. Only ever a suggestion.

A domain that nobody can have (its ending does not exist) is looked at with more patience than one that somebody may
have: mai.ru and maik.ru are no slips for mail.ru. To add an ending that is often meant: `_COMMON`.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core.normalizers.nearness import distance

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: Endings that are meant most often where one does not exist.
_COMMON = ("com", "ru", "ua", "net", "org", "info", "by", "kz", "xn--p1ai")
_LONG = 5  # letters of a name from which one slip makes no other usual name
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def meant(domain: str, providers: frozenset[str], endings: frozenset[str]) -> str | None:
    """Return the domain that was likely meant, None where `domain` may well be right.

    `domain` is in ASCII; `providers` are the domains to compare with, `endings` the top-level domains there are.

    >>> there = frozenset({"com", "ru", "om", "co"}), frozenset({"gmail.com", "mail.ru"})
    >>> [meant(name, there[1], there[0]) for name in ("gmial.com", "mai.ru", "firm.con", "gmailc.om", "mail.ry")]
    ['gmail.com', None, 'firm.com', 'gmail.com', 'mail.ru']
    """
    if domain in providers:
        return None
    name, _, ending = domain.rpartition(".")
    if ending in endings:
        return _one([each for each in _near(domain, providers) if _slip(domain, each)])
    same = _nearest(ending, {each.partition(".")[2] for each in providers if each.partition(".")[0] == name}, 2)
    if same:
        return f"{name}.{same}"
    found = _nearest(domain, {each for each in providers if _known(each) >= _LONG}, 2)
    usual = _nearest(ending, set(_COMMON), 1)
    return found or (f"{name}.{usual}" if usual and name else None)


def suspects(domains: pl.Series, providers: frozenset[str], endings: frozenset[str]) -> pl.Series:
    """Return those of distinct domains that `meant` may have something to say about; most are told apart here."""
    frame = domains.rename("domain").to_frame()
    name = pl.col("domain")
    length = name.str.len_bytes()
    lacking = ~name.str.extract(r"([^.]+)$").is_in(_column(endings))
    short = frame.filter(length <= _most(providers) + 1)["domain"]
    near = {each for each in short if not _index(providers).keys().isdisjoint((each, *_left_out(each)))}
    return frame.filter(lacking | name.is_in(list(near)))["domain"]


@cache
def _column(words: frozenset[str]) -> pl.Series:
    return pl.Series([sorted(words)])


@cache
def _most(providers: frozenset[str]) -> int:
    """Return the length of the longest provider."""
    return max(map(len, providers), default=0)


def _known(provider: str) -> int:
    """Return how many letters the name of a provider has."""
    return len(provider.partition(".")[0])


def _slip(domain: str, provider: str) -> bool:
    """Tell whether a domain that may exist is rather a slip for a provider."""
    name, _, ending = domain.partition(".")
    own, _, usual = provider.partition(".")
    if ending != usual:
        return len(own) >= _LONG and (_shorter(ending, usual) if name == own else distance(domain, provider) == 1)
    if len(own) < _LONG:
        return _swapped(name, own) or _doubled(name, own)
    beginning = name[0] == own[0] or _swapped(name, own) or (len(name) == len(own) and _beside(name[0], own[0]))
    return beginning and distance(name, own) == 1


def _shorter(ending: str, usual: str) -> bool:
    """Tell whether an ending lacks one letter of the usual one."""
    return len(ending) + 1 == len(usual) and distance(ending, usual) == 1


def _swapped(name: str, own: str) -> bool:
    """Tell whether two letters beside one another changed places, and nothing else is other."""
    return len(name) == len(own) and sorted(name) == sorted(own) and distance(name, own) == 1


def _doubled(name: str, own: str) -> bool:
    """Tell whether one letter stands twice, and nothing else is other."""
    return any(own[: n + 1] + own[n:] == name for n in range(len(own)))


def _beside(one: str, other: str) -> bool:
    """Tell whether two letters are neighbours on a row of the keyboard."""
    return any(abs(row.find(one) - row.find(other)) == 1 for row in _ROWS if one in row and other in row)


def _one(found: Iterable[str]) -> str | None:
    """Return the only one there is."""
    several = sorted(set(found))
    return several[0] if len(several) == 1 else None


def _nearest(word: str, known: set[str], most: int) -> str | None:
    """Return the nearest of the known words if it is at most that far and no other is as near."""
    fitting = [(distance(word, each), each) for each in known if abs(len(each) - len(word)) <= most]
    least = min((far for far, _ in fitting), default=most + 1)
    return _one(each for far, each in fitting if far == least) if least <= most else None


# --- nearness --------------------------------------------------------------------------------------------------------


def _near(domain: str, providers: frozenset[str]) -> Iterator[str]:
    """Yield the providers that are one slip away."""
    index = _index(providers)
    for rest in {domain, *_left_out(domain)}:
        yield from (each for each in index.get(rest, ()) if distance(domain, each) <= 1)


@cache
def _index(providers: frozenset[str]) -> dict[str, tuple[str, ...]]:
    """Return spelling with at most one letter left out -> providers."""
    index: dict[str, tuple[str, ...]] = {}
    for each in sorted(providers):
        for rest in {each, *_left_out(each)}:
            index[rest] = (*index.get(rest, ()), each)
    return index


def _left_out(word: str) -> Iterator[str]:
    """Yield a word with each letter left out."""
    return (word[:n] + word[n + 1 :] for n in range(len(word)))
