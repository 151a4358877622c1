"""How long a workbook of 100,000 rows and 15 columns takes to read, against the library alone, in one run.

Both ways a fresh process opens the file; the ratio is what counts, seconds depend on the machine. Memory is the most
that the reader or its child held. `python bench/workbooks.py [ROWS] [TIMES]`.
"""

from __future__ import annotations

import datetime as dt
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import xlsxwriter

from crmtool.io.readers import files

if TYPE_CHECKING:
    from collections.abc import Callable

COLUMNS = 15
ALONE = """
import sys
from python_calamine import load_workbook
for row in load_workbook(sys.argv[1]).get_sheet_by_index(0).iter_rows():
    pass
"""


def written(path: Path, rows: int) -> None:
    """Write a workbook of invented people: texts, numbers, a padded postcode, days, yes or no."""
    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    sheet = book.add_worksheet("people")
    day, code = book.add_format({"num_format": "dd.mm.yyyy"}), book.add_format({"num_format": "00000"})
    sheet.write_row(0, 0, [f"Column {number}" for number in range(1, COLUMNS + 1)])
    for row in range(1, rows + 1):
        sheet.write_row(row, 0, [row, f"Surname{row % 5000}", "Anna", "Maria", 79160000000 + row, f"a{row}@a.example"])
        sheet.write_number(row, 6, 1000 + row % 90000, code)
        sheet.write_datetime(row, 7, dt.datetime(2020, 1, 1) + dt.timedelta(days=row % 1500), day)  # noqa: DTZ001 - cells have no time zone
        sheet.write_row(row, 8, [row * 1.37, row % 2 == 0, "Springfield", f"Firm {row % 3000}", "buyer", f"note {row}"])
        sheet.write_number(row, 14, 770000000000 + row)
    book.close()


def spent(action: Callable[[], object]) -> tuple[float, float]:
    """Return seconds on the clock and of processor time, those of children included."""
    clock, before = time.perf_counter(), os.times()
    action()
    after = os.times()
    return time.perf_counter() - clock, sum(after[:4]) - sum(before[:4])


def main(rows: int = 100_000, times: int = 5) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.xlsx"
        written(path, rows)
        alone, ours = [], []
        for _ in range(times):  # in turn, so that both meet the same neighbours
            alone.append(spent(lambda: subprocess.run([sys.executable, "-c", ALONE, path], check=True)))
            ours.append(spent(lambda: files.read(path)))
    memory = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) >> 10
    print(f"{rows} rows x {COLUMNS}, {memory} MB, median of {times}")
    for at, what in enumerate(("clock", "processor")):
        ratio = statistics.median(our[at] / other[at] for our, other in zip(ours, alone, strict=True))
        best = [min(each[at] for each in every) for every in (alone, ours)]
        print(f"{what}: library alone {best[0]:.2f} s, crmtool {best[1]:.2f} s, ratio {ratio:.2f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
