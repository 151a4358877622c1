"""Every workbook of the shared collection: opened or refused cleanly, in bounded time and memory."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from crmtool.core.errors import InputRefused
from crmtool.io.readers import files
from crmtool.io.readers.table import Options

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "excel"
pytestmark = pytest.mark.skipif(not DATA.exists(), reason="the shared collection of real files is not here")

BOOKS = sorted(path for path in DATA.rglob("*.*") if path.suffix != ".csv") if DATA.exists() else []
FAMILIES = sorted({path.stem for path in BOOKS if path.parent.name == "sheetjs"})
#: Each takes a process of its own to be measured: the gate measures the largest.
ALONE = [
    pytest.param(path, marks=() if place < 8 else pytest.mark.soak)
    for place, path in enumerate(sorted(BOOKS, key=lambda path: -path.stat().st_size))
]
#: The gate looks into every eighth.
SOME = [pytest.param(path, marks=pytest.mark.soak if place % 8 else ()) for place, path in enumerate(BOOKS)]
SECONDS, MEGABYTES = 12, 900
READ = """
import resource, sys
from pathlib import Path
from crmtool.core.errors import InputRefused
from crmtool.io.readers import files
try:
    table = files.read(Path(sys.argv[1]))
    print("read", table.cells.height, table.read)
except InputRefused as refusal:
    print("refused" if refusal.hint else "no way out")
for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
    used = resource.getrusage(who)
    print(used.ru_maxrss >> 10, used.ru_utime + used.ru_stime)
"""


def opened(path):
    try:
        return files.read(path)
    except InputRefused as refusal:
        return None if refusal.hint else pytest.fail(f"no way out: {refusal.message}")


@pytest.mark.parametrize("path", ALONE, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_workbook_is_opened_or_refused_in_bounds(path):
    started = time.monotonic()
    done = subprocess.run([sys.executable, "-c", READ, path], capture_output=True, text=True, timeout=300, check=True)
    outcome, *used = done.stdout.splitlines()
    assert outcome.split()[0] in {"read", "refused"}
    assert all(int(line.split()[0]) < MEGABYTES for line in used)
    assert min(sum(float(line.split()[1]) for line in used), time.monotonic() - started) < SECONDS


@pytest.mark.parametrize("path", SOME, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_cells_are_plain_and_rows_add_up(path):
    table = opened(path)
    if table is None:
        return
    cells = [cell for column in table.cells.get_columns() for cell in column.drop_nulls()]
    assert not [cell for cell in cells if cell == "" or cell.endswith(" 00:00:00") or cell.startswith("\x1b")]
    assert len(table.rows) == table.cells.height
    assert table.rows.is_sorted()
    assert table.rows.is_unique().all()
    assert table.cells.height + table.refused.height > 0
    assert table.header < int(table.rows.min() or 1 << 20)
    assert table.sheet
    assert (table.findings.get_column("row").drop_nulls() > 0).all()


@pytest.mark.parametrize("stem", FAMILIES)
def test_one_book_in_several_formats_reads_the_same(stem):
    """Of merged cells only .xls and .xlsx tell, so that a header of merged cells may be another one in .xlsb."""
    versions = [path for path in BOOKS if path.parent.name == "sheetjs" and path.stem == stem and path.suffix != ".ods"]
    tables = [opened(path) for path in versions]
    read = [table for table in tables if table is not None]
    assert len(read) in {0, len(tables)}
    assert len({(table.header, table.read) for table in read}) == len({table.header for table in read})


@pytest.mark.parametrize("ending", ["xls", "xlsb", "xlsx"])
def test_errors_are_told_in_every_format(ending):
    told = files.read(DATA / "sheetjs" / f"ErrorTypes.{ending}").findings.filter(code="cell.error")
    kinds = {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"}
    assert (told.height, set(told.get_column("value"))) == (20, kinds)


@pytest.mark.parametrize("name", ["number_format.xls", "number_format_russian.xls"])
def test_digits_of_formats_are_read_in_old_workbooks(name):
    found = files.read(DATA / "sheetjs" / name, Options(sheet="2011", header=0)).cells
    assert [column for column in found.get_columns() if column.str.contains("^0[0-9]{4}$").any()]
