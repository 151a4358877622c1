"""The screen of the review (Textual): keys to views, views to widgets; everything else is decided elsewhere.

Some widgets show lines that are drawn by `viewing` (see `lines`), and one line takes what is typed.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual.app import App
from textual.binding import Binding
from textual.containers import Horizontal
from textual.widgets import Input

from crmtool.cli.review import asking, checking, desk, viewing, weights
from crmtool.cli.review import sitting as sittings
from crmtool.cli.review.lines import Lines
from crmtool.cli.screen import safe
from crmtool.core.errors import CrmError
from crmtool.io import reviewing

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from crmtool.cli.review.drawing import Drawn
    from crmtool.cli.review.sitting import Sitting
    from crmtool.cli.session import Session

_QUEUE = 21  # characters of the queue
_AROUND = 3  # lines above and below
_NARROW = 70  # characters of a screen that has no room for it
_LOOK = 2.0  # seconds after which a terminal that is gone is noticed
_HUNG_UP = 129  # the exit code of a program whose terminal is gone
_TOGETHER = 24  # contacts that are shown as hanging together
_MOVES = {
    "up": "line(-1)",
    "down": "line(1)",
    "left": "side(0)",
    "right": "side(1)",
    "space": "mark",
    "pageup": "page(-1)",
    "pagedown": "page(1)",
    "escape": "close",
    "ctrl+c": "said('quit')",
}


class Review(App[None]):
    """The screen."""

    ENABLE_COMMAND_PALETTE = False
    AUTO_FOCUS = None
    CSS = """
    Screen { layout: vertical; }
    #head, #foot, #remark { height: 1; }
    #typed { height: 1; border: none; padding: 0; display: none; }
    #body { height: 1fr; }
    #queue { width: 21; height: 1fr; }
    #case { width: 1fr; height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(asking.layouts(key), f"said({key.does!r})", show=False) for key in asking.KEYS),
        *(Binding(key, action, show=False, priority=key == "ctrl+c") for key, action in _MOVES.items()),
    ]

    def __init__(self, session: Session, sitting: Sitting) -> None:
        super().__init__(ansi_color=True)
        self.session = session
        self.view = viewing.View(sitting)
        self.since = time.monotonic()
        self.failure: Exception | None = None
        self.explain: weights.Explain | None = None
        self.taking: Callable[[str], None] | None = None  # what is done with the line that is typed
        self.helping = False
        self.top = 0  # the first line of the case that is seen
        self.terminated = False

    def reviewed(self) -> None:
        """Show the screen until the steward quits. Raises what broke it, once the terminal is as it was."""
        before = signal.getsignal(signal.SIGTERM)
        self.run(mouse=False)
        signal.signal(signal.SIGTERM, before)
        if self.terminated:
            signal.raise_signal(signal.SIGTERM)
        if self.failure:
            raise self.failure

    def _terminate(self) -> None:
        """Leave the screen, to end once the terminal is as it was."""
        self.terminated = True
        self.exit()

    def _look(self) -> None:
        """End where the terminal is gone and nobody was told: its keys would be waited for without rest.

        There is nothing to give back and nobody to tell; decisions are saved in this loop, so none is half done.
        """
        if not os.isatty(0):
            os._exit(_HUNG_UP)

    def _fatal_error(self) -> None:
        """Leave the screen; Textual would show the values of local variables, which are people's data."""
        self.failure = self._exception
        self._close_messages_no_wait()

    # -- widgets ------------------------------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        """Give the widgets."""
        yield Lines("head")
        with Horizontal(id="body"):
            yield Lines("queue")
            yield Lines("case")
        yield Lines("remark")
        yield Input(id="typed", compact=True)
        yield Lines("foot")

    def on_mount(self) -> None:
        """Begin with the first pair, and learn what weights are made of beside it."""
        if not self.is_headless:  # what a handler of signals raises, a task of the loop may swallow
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self._terminate)
            self.set_interval(_LOOK, self._look)
        self._next(self.view.sitting, "")
        if weights.size(self.session) <= weights.MOST:
            threading.Thread(target=self._learn, daemon=True).start()

    def on_resize(self) -> None:
        """Draw for the new size."""
        self.call_after_refresh(self._draw)

    def _learn(self) -> None:
        """Learn in a thread; a failure there costs the bars, not the sitting."""
        try:
            explain = weights.learned(self.session)
        except CrmError:
            return
        self.call_from_thread(self._learned, explain)

    def _learned(self, explain: weights.Explain) -> None:
        self.explain = explain
        self._draw_case()

    def _draw(self) -> None:
        width, height = self.size
        wide = width >= _NARROW
        pairs = self.view.sitting.waiting
        first = viewing.shown(self.view, height)
        ids = {i for pair in pairs[first : first + height] for i in pair[:2]}
        self.query_one("#queue").display = wide
        called = reviewing.called(self.session.store, ids) if wide else {}
        self._put("#head", [viewing.head(self.view, width)])
        self._put("#queue", viewing.queue(self.view, called, _QUEUE - 1, height))
        self._draw_case()

    def _draw_case(self) -> None:
        """Draw what is asked, and what there is to say beside it."""
        width = self._width()
        if self.explain and self.view.case and not self.view.why:
            self.view = replace(self.view, why=self.explain(*self.view.case.pair[:2]))
        lines, here = (viewing.help_lines(width), 0) if self.helping else viewing.detail(self.view, width)
        if not self.top <= here < self.top + max(self._room() - 1, 1):
            self.top = max(0, here - 2)
        self._seen(lines)
        self._put("#remark", [((f" {safe(self.view.remark)}", "kept"),)])
        self._put("#foot", [viewing.foot(self.view, self.size.width)])

    def _width(self) -> int:
        """Return how many characters wide the case is."""
        return self.size.width - (_QUEUE if self.size.width >= _NARROW else 0)

    def _room(self) -> int:
        """Return how many lines of the case there is room for."""
        return max(self.size.height - _AROUND - self.query_one("#typed", Input).display, 1)

    def _seen(self, lines: list[Drawn]) -> None:
        """Show the lines of the case that there is room for."""
        room = self._room()
        self.top = max(0, min(self.top, len(lines) - room))
        self._put("#case", lines[self.top : self.top + room])

    def _put(self, where: str, lines: list[Drawn]) -> None:
        self.query_one(where, Lines).put(lines)

    # -- steps --------------------------------------------------------------------------------------------------------

    def _next(self, sitting: Sitting, remark: str) -> None:
        """Go to the next pair that waits."""
        sitting, case, remarks = desk.faced(self.session, sitting)
        self.view = viewing.View(sitting, case, remark="; ".join([remark, *remarks] if remark else remarks))
        self.since = time.monotonic()
        self.top = 0
        self._draw()

    def _remark(self, text: str) -> None:
        self.view = replace(self.view, remark=text)
        self._draw_case()

    def _tried(self, step: Callable[[], None]) -> None:
        """Take a step; what stands in its way is said, and the pair shown as it is by now."""
        try:
            step()
        except desk.Settled:
            self._next(self.view.sitting, "")
        except CrmError as error:
            self._remark(" ".join([error.message, *error.problems[:1], error.hint]))

    def action_said(self, does: str) -> None:
        """Do what a key says."""
        if self.helping and does != "quit":
            self.action_close()
        elif does == "quit":
            self.exit()
        elif does == "help":
            self.helping = True
            self._draw_case()
        elif does == "filter":
            self._ask("Filter: ", "", self._filter)
        elif self.view.members:
            self._tried(lambda: self._clustered(does))
        elif does == "undo" or self.view.case:
            self._tried(lambda: self._paired(does))

    def _paired(self, does: str) -> None:
        """Do what a key says of the pair."""
        view = self.view
        if does == "edit":
            self._edit()
        elif does == "verify" and view.case:
            self._verify(view.case)
        elif does in {"members", "split"}:
            self._gather(does)
        elif view.case is None or does in {"same", "different", "skip", "undo"}:
            seconds = time.monotonic() - self.since
            sitting, remark = desk.stepped(self.session, view.sitting, view.case, does, seconds, view.choices)
            self._next(sitting, remark)

    def _gather(self, does: str) -> None:
        """Show all contacts that hang together with the pair."""
        view = self.view
        assert view.sitting.pair
        ids = sittings.together(view.sitting.waiting, view.sitting.pair, _TOGETHER)
        found = tuple(desk.members(self.session, ids))
        if does == "split" and len(found) == 2:  # noqa: PLR2004  # the pair itself
            self._remark("there are only these two: n keeps them apart")
            return
        picked = frozenset(member.side.contact for member in found)
        remark = f"{len(found)} contacts hang together here"
        self.view = replace(view, members=found, column=0, here=0, picked=picked, remark=remark)
        self._draw_case()

    def _clustered(self, does: str) -> None:
        """Do what a key says of the contacts that hang together."""
        view = self.view
        every = [member.side.contact for member in view.members]
        picked = [contact for contact in every if contact in view.picked]
        others = [contact for contact in every if contact not in view.picked]
        if does == "members":
            self.action_close()
        elif does == "split" and not (picked and others):
            self._remark("unmark with space those that are somebody else, then split")
        elif does == "same" and len(picked) < 2:  # noqa: PLR2004  # it takes two
            self._remark("mark with space those that are one")
        elif does in {"same", "different", "split"}:
            written = {
                "same": lambda: desk.joined(self.session, picked),
                "different": lambda: desk.kept_apart(self.session, every),
                "split": lambda: desk.parted(self.session, picked, others),
            }[does]()
            seconds = time.monotonic() - self.since
            self._next(*desk.gathered(self.session, view.sitting, does, written, seconds))
        else:
            self._remark("that is said of a pair: m goes back to it")

    def _edit(self) -> None:
        """Let a value be typed for the field the cursor is on."""
        view = self.view
        line = view.lines[view.here]
        if line.several:
            self._remark(f"all values of {line.field} are kept")
            return
        now = line.result or next((value for value in line.values if value), ())
        self._ask(f"{line.field}: ", safe("".join(now)), lambda value: self._show(viewing.typed(view, value)))

    def _verify(self, case: desk.Case) -> None:
        """Let it be typed what was found out about a value."""
        line = self.view.lines[self.view.here].field if self.view.lines else ""
        asked = checking.asked(self.session, case, line)
        if asked is None:
            self._remark("nothing here is checked by the regulation")
            return
        prompt = f"verify {asked.field}, confirmed/wrong/unreachable: "
        self._ask(prompt, asked.line, lambda text: self._verified(case, asked.field, text))

    def _verified(self, case: desk.Case, field: str, text: str) -> None:
        """Keep what was found out, and stay at the pair as it is by now."""
        before = self.view
        sitting, remark = checking.verified(self.session, before.sitting, case, field, text)
        self._next(sitting, remark)
        self.view = replace(self.view, here=before.here, choices=before.choices)
        self._draw_case()

    def _filter(self, text: str) -> None:
        """Go on with the pairs that a filter wants; an empty one wants all."""
        sitting = desk.seated(self.session, asking.wanted(text), self.view.sitting.steps)
        self._next(sitting, f"filter: {text}" if text.strip() else "all that wait")

    def _show(self, view: viewing.View) -> None:
        self.view = view
        self._draw_case()

    def action_line(self, by: int) -> None:
        """Move the cursor between the fields."""
        self._show(viewing.lined(self.view, by))

    def action_side(self, place: int) -> None:
        """Take a side's value for the field, or move between members."""
        if self.view.members:
            self._show(viewing.beside(self.view, 1 if place else -1))
        else:
            self._show(viewing.chosen(self.view, place))

    def action_mark(self) -> None:
        """Mark the member under the cursor, or unmark it."""
        if self.view.members:
            self._show(viewing.picked(self.view))

    def action_page(self, by: int) -> None:
        """Scroll by a screen."""
        self.top = max(0, self.top + by * max(self._room() - 2, 1))
        width = self._width()
        self._seen(viewing.help_lines(width) if self.helping else viewing.detail(self.view, width)[0])

    def action_close(self) -> None:
        """Go back from the help, the line that is typed, or the members."""
        self.helping = False
        self._typing(shown=False)
        self._show(replace(self.view, members=(), here=0))

    # -- typing -------------------------------------------------------------------------------------------------------

    def _ask(self, prompt: str, value: str, taking: Callable[[str], None]) -> None:
        """Let a line be typed."""
        self.taking = taking
        typed = self.query_one("#typed", Input)
        typed.value = value
        self._typing(shown=True)
        self._remark(f"{prompt}(Enter takes it, Esc does not)")

    def _typing(self, *, shown: bool) -> None:
        typed = self.query_one("#typed", Input)
        typed.display = shown
        self.set_focus(typed if shown else None)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the line that was typed."""
        self._typing(shown=False)
        if self.taking:
            taking, self.taking = self.taking, None
            self._tried(lambda: taking(event.value))
