"""One sitting of a steward: what waits, where they are, what they said, and how long the rest may take.

Everything here is a value, made anew by each step; no screen and no store is known. A step is a decision, which has a
change set, or a skip, which has none.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crmtool.io.reviewing import Wanted

_USUAL = 8.0  # seconds for a decision, before this steward's own pace is known
_RECENT = 15  # decisions that tell the pace


class Pair(NamedTuple):
    """Two contacts that wait for a decision, the smaller id on the left, and the match weight in bits."""

    left: int
    right: int
    weight: float | None = None
    certain: bool = False


class Step(NamedTuple):
    """What was said about a pair, the change set that keeps it (None: skipped), and the seconds it took."""

    pair: Pair
    said: str
    changeset: int | None = None
    seconds: float = 0.0


@dataclass(frozen=True)
class Sitting:
    """The pairs that wait in the order they are shown, and how many there were; which were `wanted` (None: all).

    `at` is the place of the one that is asked about, `steps` what was said so far.
    """

    waiting: tuple[Pair, ...]
    total: int
    wanted: Wanted | None = None
    at: int = 0
    steps: tuple[Step, ...] = ()

    @property
    def pair(self) -> Pair | None:
        """The pair that is asked about; None when nothing waits."""
        return self.waiting[self.at] if self.waiting else None

    @property
    def settled(self) -> int:
        """The number of pairs that need no answer any more."""
        return self.total - len(self.waiting)


def begun(waiting: Sequence[Pair], wanted: Wanted | None = None, steps: Sequence[Step] = ()) -> Sitting:
    """Return the sitting at the first of some pairs; `steps` are those of the sitting before a filter."""
    return Sitting(tuple(waiting), len(waiting), wanted, steps=tuple(steps))


def minutes(sitting: Sitting) -> int:
    """Return how many minutes the waiting pairs may take, at the pace of the latest decisions; a part counts as one."""
    recent = [step.seconds for step in sitting.steps if step.changeset is not None and step.seconds][-_RECENT:]
    seconds = median(recent or [_USUAL]) * len(sitting.waiting)
    return -int(-seconds // 60)


def told(sitting: Sitting) -> dict[str, int]:
    """Return how often each thing was said in this sitting."""
    said = [step.said for step in sitting.steps]
    return {word: said.count(word) for word in dict.fromkeys(said)}


def decided(sitting: Sitting, said: str, changeset: int, seconds: float) -> Sitting:
    """Return the sitting after a decision on the pair that is asked about; the next one takes its place."""
    step = Step(sitting.waiting[sitting.at], said, changeset, seconds)
    return vanished(replace(sitting, steps=(*sitting.steps, step)))


def noted(sitting: Sitting, said: str, changeset: int) -> Sitting:
    """Return the sitting after something was kept about the pair, which goes on waiting; it has no pace."""
    return replace(sitting, steps=(*sitting.steps, Step(sitting.waiting[sitting.at], said, changeset)))


def vanished(sitting: Sitting) -> Sitting:
    """Return the sitting without the pair that is asked about; after the last one comes the first."""
    waiting = (*sitting.waiting[: sitting.at], *sitting.waiting[sitting.at + 1 :])
    return replace(sitting, waiting=waiting, at=sitting.at % max(len(waiting), 1))


def skipped(sitting: Sitting) -> Sitting:
    """Return the sitting at the next pair; the one that is skipped stays where it is and comes again after the last."""
    step = Step(sitting.waiting[sitting.at], "skipped")
    at = (sitting.at + 1) % len(sitting.waiting)
    return replace(sitting, at=at, steps=(*sitting.steps, step))


def rerooted(sitting: Sitting, roots: Mapping[int, int]) -> Sitting:
    """Return the sitting with its pairs as they are where contacts were joined (`roots`: absorbed contact -> root).

    Pairs that are one by now, or that stand twice, are gone.
    """
    if not any(pair.left in roots or pair.right in roots for pair in sitting.waiting):
        return sitting
    waiting, before = _moved(sitting.waiting, roots), _moved(sitting.waiting[: sitting.at], roots)
    return replace(sitting, waiting=waiting, at=len(before) % max(len(waiting), 1))


def again(sitting: Sitting, waiting: Sequence[Pair], pair: Pair | None = None) -> Sitting:
    """Return the sitting over the pairs that wait now, at `pair` where it is one of them; what was said stays said."""
    places = {each[:2]: place for place, each in enumerate(waiting)}
    at = places.get(pair[:2], 0) if pair else 0
    return replace(sitting, waiting=tuple(waiting), total=max(sitting.total, len(waiting)), at=at)


def taken_back(sitting: Sitting) -> Sitting:
    """Return the sitting before its last step, at the pair that was decided or skipped."""
    return again(replace(sitting, steps=sitting.steps[:-1]), sitting.waiting, sitting.steps[-1].pair)


def together(pairs: Sequence[Pair], start: Pair, most: int) -> list[int]:
    """Return the contacts that hang together with a pair through pairs that wait, the nearest first, `most` of them."""
    beside: dict[int, list[int]] = {}
    for pair in pairs:
        beside.setdefault(pair.left, []).append(pair.right)
        beside.setdefault(pair.right, []).append(pair.left)
    found = [start.left, start.right]
    for here in found:  # grows while it is walked
        new = [there for there in dict.fromkeys(beside.get(here, ())) if there not in found]
        found += new[: most - len(found)]
    return found


def _moved(pairs: Sequence[Pair], roots: Mapping[int, int]) -> tuple[Pair, ...]:
    kept: dict[tuple[int, int], Pair] = {}
    for pair in pairs:
        left, right = sorted((roots.get(pair.left, pair.left), roots.get(pair.right, pair.right)))
        if left != right:
            kept.setdefault((left, right), pair._replace(left=left, right=right))
    return tuple(kept.values())
