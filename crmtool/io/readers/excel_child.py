"""The process that opens a file which cannot be trusted: it may be killed or run out of memory without harm to anyone.

Started by `excel_process` as `python -m crmtool.io.readers.excel_child PATH KIND SHEET ROWS ENCODING MEMORY SECONDS
OUTPUT`; "" stands for the first visible sheet with cells, all rows. Writes an answer (`excel_answer`): about the sheet,
then its rows from row 1. A reason not to read is {"refused": reason, "sheets": [names]} instead. Must stay free of
heavy imports: it starts for every file. To add a kind of file: a line in `KINDS`.
"""

from __future__ import annotations

import gc
import io
import sys
from itertools import islice
from typing import TYPE_CHECKING

from crmtool.io.readers import excel_answer, excel_book, html_table, xml_table
from crmtool.io.readers.excel_answer import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from crmtool.io.readers.excel_answer import Found

BLOCK = 500  # lines written at once

KINDS: dict[str, Callable[[str, str, str], Found | Refused]] = {
    "book": excel_book.opened,
    "html": html_table.opened,
    "xml": xml_table.opened,
}


def limited(memory: int, seconds: int) -> None:
    """Bound this process; where the system knows no limits, the parent's clock remains."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main(path: str, kind: str, sheet: str, rows: str, encoding: str, memory: str, seconds: str, output: str) -> None:
    """Write the answer to standard output."""
    limited(int(memory), int(seconds))
    gc.disable()  # nothing here refers to itself in a ring, and millions of cells would be looked at again and again
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="replace", newline="\n")
    answer = KINDS[kind](path, sheet, encoding)
    if isinstance(answer, Refused):
        sys.stdout.write(excel_answer.first_line(answer._asdict()))
        return
    height = min(answer.height, int(rows)) if rows else answer.height
    sys.stdout.write(excel_answer.first_line(excel_answer.told(answer, height)))
    lines = excel_answer.lines(islice(answer.rows, height), answer.width)
    left = int(output)
    while block := "".join(islice(lines, BLOCK)):
        left -= len(block)
        if left < 0:
            sys.exit(excel_answer.TOO_LONG)
        sys.stdout.write(block)


if __name__ == "__main__":
    main(*sys.argv[1:])
