"""How many values the normalizers get right on lists that others collected, written to docs/accuracy.md.

The lists are not part of the project: CRMTOOL_DATA names their folder, else `shared/data` beside the project is taken.
What is measured stands in `bench/accuracy_NAME.py`, one file for each subject, with a function `measure(data)` that
returns results; a new file is found by its name. The page is the same for the same lists and the same code.

Run as `python -m bench.accuracy [NAME ...]`; with names only those are shown, and nothing is written.
"""

from __future__ import annotations

import importlib
import os
import sys
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "accuracy.md"
SHOWN = 30  # misses of one result
_LONGEST = 80  # characters of a value

_HEAD = """\
# Accuracy

`make accuracy` runs the normalizers over lists that others collected and labelled, and writes this page. Right means:
the answer is the one the list expects. A value that is kept and flagged is not right here, but it is not wrong in the
base either: nothing is guessed. The lists are not part of the project.
"""


class Result(NamedTuple):
    """What was measured on one file: `right` of `of` values; `target` is the least share, 0 to 1, or None.

    `misses` are the values that came out otherwise: the value, what was expected, what came out.
    """

    file: str
    what: str
    right: int
    of: int
    target: float | None
    misses: tuple[tuple[str, str, str], ...]

    @property
    def share(self) -> float:
        """The share that came out right, 0 to 1; 0 where there was nothing to measure."""
        return self.right / self.of if self.of else 0.0

    @property
    def reached(self) -> bool:
        """Whether the target is reached; without one there is nothing to reach."""
        return self.target is None or self.share >= self.target


class Missing(Exception):
    """There are no lists to measure on."""


class Subject(Protocol):
    """A file `bench/accuracy_NAME.py`."""

    def measure(self, data: Path) -> list[Result]:
        """Return what the normalizers get right on the lists in a folder."""
        ...


def lists() -> Path:
    """Return the folder of the lists. Raises Missing."""
    said = os.environ.get("CRMTOOL_DATA")
    folder = Path(said) if said else ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        raise Missing("There are no lists to measure on: set CRMTOOL_DATA to their folder.")
    return folder


def subjects() -> list[str]:
    """Return the names of what is measured, in order."""
    return sorted(file.stem.removeprefix("accuracy_") for file in Path(__file__).parent.glob("accuracy_*.py"))


def measured(names: Iterable[str], data: Path) -> dict[str, list[Result]]:
    """Return the results of each subject."""
    found = {}
    for name in names:
        subject = cast("Subject", importlib.import_module(f"bench.accuracy_{name}"))
        found[name] = list(subject.measure(data))
    return found


# --- telling ---


def page(found: dict[str, list[Result]]) -> str:
    """Return the page: a table of all results, what misses its target, then the misses of each result."""
    parts = [_HEAD, *_verdict(found), *_table(found)]
    for name, results in found.items():
        with_misses = [result for result in results if result.right < result.of]
        if with_misses:
            parts += [f"## Misses: {name}\n", *("\n".join(_misses(result)) + "\n" for result in with_misses)]
    return "\n".join(parts)


def _verdict(found: dict[str, list[Result]]) -> Iterator[str]:
    """Yield what misses its target, or that nothing does."""
    failing = [result for results in found.values() for result in results if not result.reached]
    if not failing:
        yield "Every target is reached.\n"
        return
    yield f"**Targets not reached: {len(failing)}.**\n"
    for result in failing:
        yield f"- {_cell(result.file)}, {_cell(result.what)}: {_percent(result)}, wanted {_wanted(result)}"
    yield ""


def _table(found: dict[str, list[Result]]) -> Iterator[str]:
    yield "| subject | file | what | right | of | share | target | |"
    yield "|---|---|---|---|---|---|---|---|"
    for name, results in found.items():
        for result in results:
            mark = "" if result.target is None else "reached" if result.reached else "**missed**"
            counts = f"{result.right:,} | {result.of:,} | {_percent(result)} | {_wanted(result)}"
            yield f"| {name} | {_cell(result.file)} | {_cell(result.what)} | {counts} | {mark} |"
    yield ""


def _misses(result: Result) -> Iterator[str]:
    """Yield the first values that came out otherwise, as a table."""
    missed = result.of - result.right
    yield f"### {_cell(result.file)}: {_cell(result.what)}\n"
    yield f"{missed:,} of {result.of:,}" + ("; none of them is told" if not result.misses else "") + ":\n"
    if result.misses:
        yield "| value | expected | got |"
        yield "|---|---|---|"
        yield from (f"| {' | '.join(map(_cell, miss))} |" for miss in result.misses[:SHOWN])
        if len(result.misses) > SHOWN:
            yield f"\nand {len(result.misses) - SHOWN:,} more."


def _percent(result: Result) -> str:
    """Return the share in percent, cut: a share under its target never looks like the target."""
    return f"{result.right * 1000 // result.of / 10:.1f} %" if result.of else "—"


def _wanted(result: Result) -> str:
    return "" if result.target is None else f"{result.target * 100:.1f} %"


def _cell(value: object) -> str:
    r"""Return a value as it can stand in a table of the page: on one line, visible, its marks no marks.

    >>> _cell("a|b\n*c*")
    'a\\|b ⏎ \\*c\\*'
    """
    text = "" if value is None else str(value)
    text = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    return "".join(map(_visible, text.replace("\r\n", "\n")))


def _visible(character: str) -> str:
    if character == "\n":
        return " ⏎ "
    if character in "\\`*_[]<>|~":
        return "\\" + character
    if unicodedata.category(character)[0] in "CZ" and character != " ":
        return f"\\\\u{ord(character):04x}"
    return character


def main(arguments: list[str]) -> int:
    """Measure what is named, or everything; return the exit code, 1 without lists. A missed target is only told."""
    try:
        found = measured(arguments or subjects(), lists())
    except Missing as missing:
        print(missing, file=sys.stderr)
        return 1
    if arguments:
        print(page(found))
    else:
        PAGE.write_text(page(found).rstrip("\n") + "\n", encoding="utf-8")
        print("\n".join(_table(found)))
        print(f"Written to {PAGE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
