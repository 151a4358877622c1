"""Printing: results to standard output, remarks to standard error. Data is shown as it is, never as markup or codes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import textwrap
import threading
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import polars as pl
    from rich.console import Console
    from rich.text import Text

#: Words that mean yes, in the languages of our users.
_YES = {"y", "yes", "д", "да", "так", "і", "ok"}  # not "т": on a Russian keyboard it is the key of "n"
#: How it is known what a column is -> how that is said.
WAYS = {
    "mapping": "mapping",
    "option": "you said so",
    "heading": "its heading",
    "similar heading": "a heading like it",
    "content": "its cells",
    "": "kept, not used",
}
_PATIENCE = 2.0  # seconds before progress is shown
_FLAGS = {"green": ("● green", "green"), "yellow": ("◐ yellow", "yellow"), "red": ("■ red", "red")}


def console(*, stderr: bool = False) -> Console:
    """Return a console that keeps to 80 columns where there is no terminal."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else _width()
    return Console(file=stream, highlight=False, markup=False, emoji=False, soft_wrap=False, width=width)


def _width() -> int:
    """Return how wide a screen is that is no terminal."""
    columns = os.environ.get("COLUMNS", "")
    return int(columns) if columns.isdecimal() and int(columns) > 0 else 80


def safe(value: object) -> str:
    r"""Return a value as one line of visible text: control, direction and other invisible characters are escaped.

    >>> safe("a\x1b[2Jb"), safe(None)
    ('a\\x1b[2Jb', '')
    """
    text = "" if value is None else str(value)
    return "".join(c if c.isprintable() or c == " " else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    if character == "\n":
        return " ⏎ "
    if unicodedata.category(character) in {"Zs", "Zl", "Zp"}:
        return " "
    return character.encode("unicode_escape").decode("ascii")


@contextmanager
def _heard() -> Iterator[None]:
    """Go on in silence once nobody reads the output: a write must not stop because `head` has seen enough."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def counted(number: int, noun: str) -> str:
    """Return a number with its noun.

    >>> counted(1, "contact"), counted(63, "contact")
    ('1 contact', '63 contacts')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def say(text: str = "") -> None:
    """Print a sentence of a result; where there is no terminal to fold it, it keeps to the width of the tables."""
    line = safe(text)
    if not sys.stdout.isatty():
        line = textwrap.fill(line, _width(), subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
    with _heard():
        print(line)


def remark(text: str) -> None:
    """Print a line beside the result."""
    print(safe(text), file=sys.stderr)


def document(content: object) -> None:
    """Print one JSON document."""
    with _heard():
        print(dumped(content))


def dumped(content: object) -> str:
    """Return a JSON document as it is printed."""
    return json.dumps(content, ensure_ascii=False, indent=2, default=str)


def copied(text: IO[str]) -> None:
    """Print a document that was too large to be held in memory."""
    with _heard():
        shutil.copyfileobj(text, sys.stdout)


def table(
    headings: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    title: str = "",
    right: Iterable[int] = (),
    whole: Iterable[int] = (),
) -> None:
    """Print a table and an empty line; columns in `right` are numbers, the values of those in `whole` are never broken.

    Flags are shown by shape, word and colour.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    right, whole = set(right), {*right, *whole}
    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for number, heading in enumerate(headings):
        justify: Literal["left", "right"] = "right" if number in right else "left"
        grid.add_column(Text(heading), justify=justify, overflow="fold", no_wrap=number in whole)
    for row in rows:
        grid.add_row(*(_cell(value) for value in row))
    out = console()
    with out.capture() as drawn:  # rich ends the program by itself where a pipe is closed
        if title:
            out.print(Text(title, "bold"))
        out.print(grid)
    with _heard():
        print("\n".join(line.rstrip() for line in drawn.get().splitlines()), end="\n\n")


def findings(counted: pl.DataFrame) -> None:
    """Print findings, counted (columns: `core.plans.Summary.findings`)."""
    from crmtool.core import findings as catalogue

    by_file: dict[str, list[tuple[object, ...]]] = {}
    for f in _empty_together(counted.to_dicts()):
        one = f["rows"] == 1 or f["code"] in catalogue.OF_RULES
        what = catalogue.message(f["code"], f["suggestion"] if one else "…") + f.get("of", "")
        count = f["rows"] if f["row"] is not None else None
        by_file.setdefault(f["file"], []).append((f["severity"], f["column"] or "", count, f["row"], what))
    for file, rows in by_file.items():
        title = f"Findings in {safe(file)}" if len(by_file) > 1 else "Findings"
        table(["", "column", "rows", "first", "what"], rows, title=title, right=[2, 3])


def _empty_together(counted: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield counted findings; columns that lack what one rule asks become one of them, the columns under `of`."""
    together: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for number, f in enumerate(counted):
        lacks = f["code"] == "value.required"
        same = (f["file"], f["severity"], f["suggestion"]) if lacks else (number,)
        together.setdefault(same, []).append(f)
    for several in together.values():
        of = ", ".join(f"{f['column']} {f['rows']}" for f in several)
        one = {"column": None, "rows": None, "row": min(f["row"] for f in several), "of": f": {of}"}
        yield {**several[0], **(one if len(several) > 1 else {})}


def changes(counts: pl.DataFrame) -> None:
    """Print how many rows of each table a plan touches (columns table, created, updated, removed)."""
    if counts.height:
        table(counts.columns, counts.rows(), title="Changes", right=[1, 2, 3])


@contextmanager
def working(what: str) -> Iterator[Callable[[str], None]]:
    """Show on a terminal that work goes on, and for how long, once it takes over two seconds.

    Gives a function that says how far it has come. Nothing may be printed meanwhile.
    """
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    bar = Progress(*columns, console=console(stderr=True), transient=True)
    task = bar.add_task(safe(what), total=None)
    soon = threading.Timer(_PATIENCE, bar.start)
    soon.start()
    try:
        yield lambda far: bar.update(task, description=safe(f"{what}: {far}"))
    finally:
        soon.cancel()
        soon.join()
        bar.stop()


def _cell(value: object) -> Text:
    from rich.text import Text

    if isinstance(value, str) and value in _FLAGS:
        return Text(*_FLAGS[value])
    return Text(safe(value))


def agreed(question: str) -> bool:
    """Ask a yes or no question on the terminal; anything but a yes is a no."""
    remark("")
    return (typed(f"{question} [y/N] ") or "").casefold() in _YES


def typed(question: str) -> str | None:
    """Ask a question on the terminal and return the line that was typed; None where the input has ended."""
    print(safe(question), end="", file=sys.stderr, flush=True)
    if sys.platform != "win32":
        signal.siginterrupt(signal.SIGINT, True)  # polars' handler has the system go on waiting for a line
    try:
        line = sys.stdin.readline()
    except KeyboardInterrupt:
        remark("")
        raise
    return line.strip() if line else None
