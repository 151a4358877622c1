"""The review in plain lines: a pair is told in sentences, and answered with a line on standard input.

For screen readers, and for scripts: what is asked goes to standard output, an answer that nobody understands ends a
script, since those after it would answer other pairs.
"""

from __future__ import annotations

import functools
import sys
import time
from typing import TYPE_CHECKING

from crmtool.cli import screen
from crmtool.cli.review import asking, comparing, desk, drawing, weights
from crmtool.cli.review import sitting as sittings
from crmtool.core.errors import CrmError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crmtool.cli.review.comparing import Line
    from crmtool.cli.review.desk import Case
    from crmtool.cli.review.sitting import Pair, Sitting
    from crmtool.cli.session import Session

_ASKED = "y same, n different, s skip, u undo, w why, q quit"
_ORDER = "≠~+="
_PAST = 4  # of what happened with each
_WHY = {"w", "ц", "why"}


def reviewed(session: Session, sitting: Sitting) -> Iterator[Sitting]:
    """Ask about pair after pair until the answers end; yield the sitting before each answer, and at the end.

    Raises what `desk.stepped` does, and UsageError for an answer that is none, where nobody can be asked again.
    """
    speaks = not session.options.quiet and not session.options.as_json
    explain = functools.cache(lambda: weights.learned(session))
    shown: Pair | None = None
    while True:
        sitting, case, remarks = desk.faced(session, sitting)
        for remark in remarks:
            screen.remark(remark)
        yield sitting
        if case is None:
            return
        if speaks and case.pair != shown:
            _told(case, sitting)
        shown, since = case.pair, time.monotonic()
        said = _line(speaks)
        if said is None or asking.answer(said) == "quit":
            return
        if said.strip().casefold() in _WHY:
            if speaks:
                _explained(explain()(*case.pair[:2]))
        else:
            sitting, done = _tried(session, sitting, case, said, time.monotonic() - since)
            if speaks:
                screen.say(done)


def _tried(session: Session, sitting: Sitting, case: Case, said: str, seconds: float) -> tuple[Sitting, str]:
    """Take a step; a person at a terminal may answer again."""
    try:
        return _stepped(session, sitting, case, said, seconds)
    except desk.Settled as settled:
        return sitting, settled.message
    except CrmError as error:
        if not sys.stdin.isatty():
            raise
        return sitting, " ".join([error.message, *error.problems, error.hint])


def _stepped(session: Session, sitting: Sitting, case: Case, said: str, seconds: float) -> tuple[Sitting, str]:
    does = asking.answer(said)
    if does not in {"same", "different", "skip", "undo"}:
        raise UsageError(f"{screen.safe(said.strip())!r} is no answer.", f"Answers are: {_ASKED}")
    return desk.stepped(session, sitting, case, does, seconds)


def _line(speaks: bool) -> str | None:
    """Return the next line; None at the end of input."""
    if sys.stdin.isatty():
        return screen.typed(f"{_ASKED}? ")
    line = sys.stdin.readline()
    if speaks and line:
        screen.say(f"> {line.strip()}")
    return line or None


def _told(case: Case, sitting: Sitting) -> None:
    """Print a pair: what differs first, what is the same last."""
    left, right = case.sides
    weight = "" if case.pair.weight is None else f", {case.pair.weight:.1f} bits"
    far = f"{sitting.settled} of {sitting.total} done, about {screen.counted(sittings.minutes(sitting), 'minute')} left"
    screen.say()
    screen.say(f"{left.contact} and {right.contact}{weight}{', certain' if case.pair.certain else ''}; {far}.")
    lines = comparing.compared(case.sides, case.golden)
    for line in sorted(lines, key=lambda line: _ORDER.index(line.mark)):
        screen.say(_sentence(line, left.contact, right.contact))
    for reason in case.reasons:
        screen.say(f"Because of: {reason}.")
    for side in case.sides:
        for happened in side.past[:_PAST]:
            screen.say(f"With {side.contact}: {happened}.")


def _sentence(line: Line, left: int, right: int) -> str:
    name = drawing.named(line.field)
    one, other = (", ".join(values) for values in line.values)
    if line.mark == "=":
        return f"{name} same: {one}."
    if line.mark == "+":
        return f"{name} only with {left if one else right}: {one or other}."
    result = "" if line.several or not line.result else f" Together: {', '.join(line.result)}."
    return f"{name} {comparing.MARKS[line.mark]}: {one} | {other}.{result}"


def _explained(told: weights.Told | None) -> None:
    if told is None:
        screen.remark("These two were not compared with one another.")
        return
    prior, parts = told
    screen.say(f"Before anything is compared: {prior:+.1f} bits.")
    for name, agreement, bits in parts:
        screen.say(f"{drawing.named(name)} {agreement}: {bits:+.1f} bits.")
    screen.say(f"Together: {prior + sum(bits for _, _, bits in parts):+.1f} bits.")
