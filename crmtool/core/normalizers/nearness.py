"""Which known word an unknown one is nearly: by the letters that are missing, too many, other or swapped.

Only for suggestions; nothing is ever put in the place of a value by likeness. Kept to words of `SHORTEST` letters and
more, where one letter does not make another word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

SHORTEST = 4  # letters
_LONGEST = 60  # a longer text is no word of a vocabulary


class Near(NamedTuple):
    """A canonical value and how near a word is to one of its names, 0 to 1."""

    canonical: str
    likeness: float


def one_off(words: Iterable[str], index: Mapping[str, str]) -> dict[str, str]:
    """Return for folded words that are one edit from a name of exactly one canonical value that value.

    `index` is folded synonym -> canonical value. An edit is a letter more, less or other, or two swapped. The cost is
    that of the letters, not of the pairs.

    >>> one_off(["инстагран", "foo"], {"инстаграм": "instagram"})
    {'инстагран': 'instagram'}
    """
    shortened: dict[str, set[str]] = {}
    for name in index:
        if SHORTEST <= len(name) <= _LONGEST:
            for part in _without_one(name):
                shortened.setdefault(part, set()).add(name)
    found = {}
    for word in words:
        if not SHORTEST <= len(word) <= _LONGEST or word.isdigit():
            continue
        names = set().union(*(shortened.get(part, set()) for part in _without_one(word)))
        meant = {index[name] for name in names if distance(word, name) == 1}
        if len(meant) == 1:
            found[word] = meant.pop()
    return found


def _without_one(word: str) -> set[str]:
    """Return a word and what is left of it without any one letter."""
    return {word, *(word[:place] + word[place + 1 :] for place in range(len(word)))}


def nearest(word: str, index: Mapping[str, str], most: int = 3) -> list[Near]:
    """Return the canonical values nearest to a folded word, the best first.

    >>> nearest("рекомендацыя", {"рекомендация": "recommendation", "звонок": "call"}, 1)
    [Near(canonical='recommendation', likeness=0.92)]
    """
    from rapidfuzz.distance import OSA  # what `distance` tells, for many words

    best: dict[str, float] = {}
    for name, canonical in index.items():
        likeness = round(_likeness(word[:_LONGEST], name, OSA.distance), 2)
        if likeness > best.get(canonical, 0.0):
            best[canonical] = likeness
    ranked = sorted(best.items(), key=lambda item: (-item[1], item[0]))
    return [Near(canonical, likeness) for canonical, likeness in ranked[:most]]


def _likeness(word: str, name: str, distance: Callable[[str, str], int]) -> float:
    """Return 1 minus the share of letters that differ; names whose length alone tells them apart are 0."""
    longest = max(len(word), len(name))
    if not longest or abs(len(word) - len(name)) * 2 > longest:
        return 0.0
    return 1 - distance(word, name) / longest


def distance(one: str, other: str) -> int:
    """Return how many letters are more, less, other or swapped (optimal string alignment; symmetric).

    >>> distance("gmial", "gmail"), distance("кот", "кит"), distance("hotmail", "homal"), distance("", "ab")
    (1, 1, 2, 2)
    """
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        above, before, row = before, row, [i]
        for j, b in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, above[j - 2] + 1)
            row.append(cost)
    return row[-1]
