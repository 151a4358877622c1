"""A case as lines of text: what is styled is told by words, so that a screen, a pipe and a test draw the same.

A `Drawn` line is pieces of text, each with the name of its style (see `STYLES`). Values are made visible by
`screen.safe` and folded to the width of their column; what is too long is cut, and says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len, chop_cells, set_cell_size

from crmtool.cli.screen import safe

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from crmtool.cli.review.comparing import Line, Side

    #: One line: pieces of text with the names of their styles.
    Drawn = tuple[tuple[str, str], ...]

#: Name of a style -> how it looks; none says anything that a sign or a word beside it does not say.
STYLES = {
    "": "",
    "head": "bold",
    "dim": "dim",
    "same": "green",
    "alike": "yellow",
    "differs": "bold red",
    "only one": "cyan",
    "kept": "bold",
    "here": "reverse",
}
_MOST, _WHOLE = 4, 20  # lines of one value; of a golden record
_NAME, _RESULT = 11, 84  # characters of a field's name; of a screen that has room for the result
_BAR = 12  # signs of the longest bar
_STYLE_OF = {"=": "same", "~": "alike", "≠": "differs", "+": "only one"}


@dataclass(frozen=True)
class Table:
    """A comparison as lines, and for each of its fields the first of them."""

    lines: tuple[Drawn, ...]
    starts: tuple[int, ...]


def table(
    sides: Sequence[Side],
    lines: Sequence[Line],
    width: int,
    *,
    heads: Sequence[str],
    here: int | None = None,
    picked: Iterable[int] = (),
) -> Table:
    """Return contacts beside one another, `heads` above them, the field `here` marked; `picked` columns stand out.

    Before a value that would survive stands a *. Where there is room, what would come of it is the last column.
    """
    shown = width >= _RESULT
    columns = len(sides) + shown
    room = (width - _NAME - 5) // columns - 2
    top = [("    " + "field".ljust(_NAME + 1), "dim")]
    picked = set(picked)
    for place, head in enumerate(heads):
        top.append((fit(f" {head}", room + 2), "here" if place in picked else "head"))
    drawn: list[Drawn] = [(*top, *([(fit(" together", room + 2), "head")] if shown else []))]
    starts = []
    for place, line in enumerate(lines):
        starts.append(len(drawn))
        drawn += _row(line, room, here=place == here, result=shown)
    return Table(tuple(drawn), tuple(starts))


def _row(line: Line, room: int, *, here: bool, result: bool) -> list[Drawn]:
    """Return one field as lines of columns."""
    style = _STYLE_OF[line.mark]
    cells = [_cell(values, room) for values in line.values]
    kept = [bool(values) and not line.several and values == line.result for values in line.values]
    stars = ["*" if stays and line.mark != "=" else " " for stays in kept]
    if result:
        cells.append(_cell(line.result, room))
        stars.append(" ")
        kept.append(False)
    name = folded(named(line.field), _NAME)
    drawn = []
    for row in range(max(len(name), *(len(cell) for cell in cells))):
        lead = f"{'>' if here else ' '} {line.mark if not row else ' '} "
        pieces = [(lead, style), (fit(_at(name, row), _NAME + 1), "here" if here else "dim")]
        for cell, star, stays in zip(cells, stars, kept, strict=True):
            text = fit((star if not row else " ") + _at(cell, row), room + 2)
            pieces.append((text, "kept" if stays and line.mark != "=" else ""))
        drawn.append(tuple(pieces))
    return drawn


def _cell(values: Sequence[str], room: int) -> list[str]:
    return [part for value in values for part in folded(value, room)] or ["–"]


def _at(lines: Sequence[str], place: int) -> str:
    return lines[place] if place < len(lines) else ""


def fit(text: str, width: int) -> str:
    """Return a text cut or filled to a width on the screen."""
    return set_cell_size(text, width)


def folded(value: str, width: int, most: int = _MOST) -> list[str]:
    """Return a value as lines of a width, at words where it can; one too long for `most` lines ends in its length."""
    text = safe(value)
    told = f"… {len(text)} signs"
    cut = cell_len(text) > width * most
    lines: list[str] = []
    for word in (text[: width * most] if cut else text).split(" "):
        if lines and cell_len(lines[-1]) + 1 + cell_len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines += chop_cells(word, width) or [""]
    if cut or len(lines) > most:
        return [*lines[: most - 1], *chop_cells(told, width)]
    return lines


def named(name: str) -> str:
    """Return a field as people call it."""
    return name.removeprefix("attr.").replace("_", " ")


def paragraph(text: str, width: int, style: str = "", most: int = 3) -> list[Drawn]:
    """Return a sentence as lines, the later ones set in."""
    first, *rest = folded(text, width - 4, most)
    return [((f"  {first}", style),), *(((f"    {line}", style),) for line in rest)]


def title(text: str) -> list[Drawn]:
    """Return an empty line and a heading."""
    return [(("", ""),), ((text, "head"),)]


def together(lines: Sequence[Line], width: int) -> list[Drawn]:
    """Return the golden record that would result, as a few lines."""
    said = "; ".join(f"{named(line.field)} {', '.join(line.result)}" for line in lines if line.result)
    return [*title("Together"), *paragraph(said, width, most=_WHOLE)]


def waterfall(prior: float, parts: Sequence[tuple[str, str, float]], width: int) -> list[Drawn]:
    """Return the match weight as bars, one for each of `parts` (name, agreement, bits); # speaks for one, - against."""
    total = prior + sum(bits for _, _, bits in parts)
    rows = [("before", "anything is compared", prior), *parts]
    longest = max(1.0, *(abs(bits) for _, _, bits in rows))
    room = width - _NAME - _BAR - 12
    drawn = title(f"Why: {total:+.1f} bits")
    for name, agreement, bits in rows:
        bar = ("#" if bits >= 0 else "-") * round(abs(bits) / longest * _BAR)
        words = f"  {fit(safe(named(name)), _NAME)} {fit(safe(agreement), room)} "
        drawn.append(((words, ""), (f"{bits:+6.1f} ", "kept"), (bar, "same" if bits >= 0 else "differs")))
    return drawn


def plain(lines: Iterable[Drawn]) -> str:
    """Return lines without their styles."""
    return "\n".join("".join(text for text, _ in line).rstrip() for line in lines)
