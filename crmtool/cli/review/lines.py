"""A widget that shows drawn lines as they are: nothing in them is read as markup, wrapped or measured anew."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from crmtool.cli.review import drawing

if TYPE_CHECKING:
    from crmtool.cli.review.drawing import Drawn


class Lines(Widget):
    """Lines one below the other; what there is no room for is not seen."""

    def __init__(self, name: str) -> None:
        super().__init__(id=name)
        self.lines: list[Drawn] = []

    def put(self, lines: list[Drawn]) -> None:
        """Show other lines; the size stays, and the same lines are not drawn again."""
        if lines != self.lines:
            self.lines = lines
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return one line as wide as the widget."""
        usual, width = self.visual_style.rich_style, self.size.width
        pieces = self.lines[y] if y < len(self.lines) else ()
        strip = Strip([Segment(text, usual + _style(name)) for text, name in pieces])
        return strip.adjust_cell_length(width, usual)


@cache
def _style(name: str) -> Style:
    """Return how a kind of piece looks (`drawing.STYLES`)."""
    return Style.parse(drawing.STYLES[name])
