"""What the screen shows, as a value: the sitting, the pair that is asked about, what was chosen, where the cursor is.

Pure: a key gives another view (`lined`, `picked` ...), and a view gives lines to draw. Two faces: the pair, and all
contacts that hang together (`members`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from crmtool.cli.review import asking, comparing, drawing
from crmtool.cli.review import sitting as sittings
from crmtool.cli.screen import counted, safe

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crmtool.cli.review.comparing import Line
    from crmtool.cli.review.desk import Case, Member
    from crmtool.cli.review.drawing import Drawn
    from crmtool.cli.review.sitting import Sitting
    from crmtool.cli.review.weights import Told

_COLUMN = 20  # characters of a column when there are many
_BAR = 10  # signs of the bar of progress
_ABOUT = 8  # lines of what happened with each
_SETTLED = "Nothing waits any more. q quits, u takes the last decision back, / looks for others."


@dataclass(frozen=True)
class View:
    """What is seen. `here` is the field the cursor is on; `choices` are values by hand of the one both would become.

    With `members` their columns are shown: the cursor is on one of them (`column`), and some are `picked`.
    """

    sitting: Sitting
    case: Case | None = None
    why: Told | None = None
    here: int = 0
    choices: Mapping[str, str] = field(default_factory=dict)
    members: tuple[Member, ...] = ()
    column: int = 0
    picked: frozenset[int] = frozenset()
    remark: str = ""

    @property
    def lines(self) -> list[Line]:
        """The fields that are compared."""
        if self.members:
            return comparing.compared([member.side for member in self.members], {})
        if self.case is None:
            return []
        chosen = {name: (value,) for name, value in self.choices.items()}
        return comparing.compared(self.case.sides, {**self.case.golden, **chosen})


# -- moves ------------------------------------------------------------------------------------------------------------


def lined(view: View, by: int) -> View:
    """Return the view with the cursor so many fields further."""
    return replace(view, here=max(0, min(view.here + by, len(view.lines) - 1)), remark="")


def chosen(view: View, place: int) -> View:
    """Return the view with the value of one side chosen for the field the cursor is on."""
    if not view.case or not view.lines:
        return view
    line = view.lines[view.here]
    if line.several:
        return replace(view, remark=f"{drawing.named(line.field)}: all are kept")
    if not line.values[place]:
        return replace(view, remark=f"{drawing.named(line.field)}: there is nothing to choose on that side")
    return typed(view, line.values[place][0])


def typed(view: View, value: str) -> View:
    """Return the view with a value for the field the cursor is on; the one it would have anyway is no choice."""
    name = view.lines[view.here].field
    others = {other: kept for other, kept in view.choices.items() if other != name}
    golden = view.case.golden.get(name, ()) if view.case else ()
    return replace(view, choices=others if golden == (value,) else {**others, name: value}, remark="")


def beside(view: View, by: int) -> View:
    """Return the view of members with the cursor so many columns further."""
    return replace(view, column=max(0, min(view.column + by, len(view.members) - 1)), remark="")


def picked(view: View) -> View:
    """Return the view of members with the one under the cursor picked, or no more."""
    return replace(view, picked=view.picked ^ {view.members[view.column].side.contact}, remark="")


# -- lines ------------------------------------------------------------------------------------------------------------


def head(view: View, width: int) -> Drawn:
    """Return the line at the top: how far the sitting is."""
    done, total = view.sitting.settled, view.sitting.total
    bar = "#" * round(_BAR * done / max(total, 1))
    left = f"about {counted(sittings.minutes(view.sitting), 'minute')} left" if view.sitting.waiting else "done"
    only = ", filtered" if view.sitting.wanted else ""
    return ((f" {done} of {counted(total, 'pair')}{only} [{bar:.<{_BAR}}] {left}".ljust(width)[:width], "head"),)


def foot(view: View, width: int) -> Drawn:
    """Return the line at the bottom: the keys."""
    if view.members:
        told = "space mark  y marked are one  n all differ  t split off marked  m back"
    else:
        told = "y same  n different  s skip  u undo  ←→ choose  m more  ? all keys  q quit"
    return ((f" {told}"[:width], "dim"),)


def queue(view: View, called: Mapping[int, str], width: int, height: int) -> list[Drawn]:
    """Return the pairs around the one that is asked about, a line for each."""
    first = shown(view, height)
    drawn: list[Drawn] = []
    for place, pair in enumerate(view.sitting.waiting[first : first + height], first):
        weight = "" if pair.weight is None else f"{pair.weight:.0f}"
        name = safe(called.get(pair.left) or pair.left)
        text = f"{'>' if place == view.sitting.at else ' '}{weight:>3}{'!' if pair.certain else ' '} {name}"
        drawn.append(((drawing.fit(text, width), "here" if place == view.sitting.at else ""),))
    return drawn


def shown(view: View, height: int) -> int:
    """Return the place of the first pair that the queue shows."""
    return max(0, min(view.sitting.at - height // 2, len(view.sitting.waiting) - height))


def detail(view: View, width: int) -> tuple[list[Drawn], int]:
    """Return the lines about what is asked, and which of them the cursor is on."""
    if view.members:
        return _cluster(view, width)
    if view.case is None:
        return drawing.paragraph(_SETTLED, width), 0
    return _pair(view, view.case, width)


def _pair(view: View, case: Case, width: int) -> tuple[list[Drawn], int]:
    lines = view.lines
    heads = [_head(side.contact, len(side.absorbed)) for side in case.sides]
    table = drawing.table(case.sides, lines, width, heads=heads, here=view.here)
    drawn = [*table.lines, *drawing.together(lines, width), *_why(view, case, width)]
    for side in case.sides:
        drawn += drawing.title(f"With {side.contact}")
        for line in side.past[:_ABOUT] or ("nothing is known",):
            drawn += drawing.paragraph(line, width)
    return drawn, table.starts[view.here] if table.starts else 0


def _why(view: View, case: Case, width: int) -> list[Drawn]:
    if view.why:
        return drawing.waterfall(*view.why, width)
    weight = "not weighed" if case.pair.weight is None else f"{case.pair.weight:+.1f} bits"
    drawn = drawing.title(f"Why: {weight}")
    return drawn + [part for reason in case.reasons for part in drawing.paragraph(reason, width)]


def _cluster(view: View, width: int) -> tuple[list[Drawn], int]:
    """Return the contacts that hang together side by side, as many as there is room for."""
    room = max(2, (width - 16) // (_COLUMN + 2))
    first = max(0, min(view.column - room + 1, len(view.members) - room))
    seen = view.members[first : first + room]
    lines = [_among(line, first, first + room) for line in view.lines]
    heads = [f"[{'x' if m.side.contact in view.picked else ' '}] {m.side.contact}{_one(m)}" for m in seen]
    table = drawing.table(
        [m.side for m in seen], lines, min(width, 80), heads=heads, here=view.here, picked=[view.column - first]
    )
    return list(table.lines), table.starts[view.here]


def _among(line: Line, first: int, last: int) -> Line:
    """Return a field of some columns only."""
    values = line.values[first:last]
    return replace(line, values=values, mark=comparing.mark(line.field, values))


def _one(member: Member) -> str:
    """Return what a contact is part of, where it was joined to another."""
    return "" if member.root == member.side.contact else f" in {member.root}"


def _head(contact: int, absorbed: int) -> str:
    return f"{contact}" + (f" and {absorbed} more" if absorbed else "")


def help_lines(width: int) -> list[Drawn]:
    """Return what the keys are for."""
    keys = {key.key: key.told for key in asking.KEYS} | _MOVES
    told = [part for key, what in keys.items() for part in drawing.paragraph(f"{key}  {what}", width)]
    signs = ", ".join(f"{sign} {word}" for sign, word in comparing.MARKS.items())
    said = drawing.paragraph(f"Signs: {signs}, * the value that stays, ! certain", width)
    return [*drawing.title("Keys, the same on Cyrillic layouts")[1:], *told, *said]


_MOVES = {
    "up down": "move between the fields",
    "left right": "take the value of that side for the field; among members: move between them",
    "space": "mark a member",
    "PgUp PgDn": "scroll",
    "Esc": "back",
}
