"""What the reader of delimited text makes of a clean table written in odd ways: `python bench/pollution.py`.

Each way is judged by the table that a person would expect: "exact" is the same headings and rows, "kept" that no cell
of the table was lost (it is among the cells or among the rows put aside), "lost" the rest.
"""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from crmtool.core.errors import InputRefused
from crmtool.io.readers import files
from crmtool.io.readers.table import Options, Table

if TYPE_CHECKING:
    from collections.abc import Callable

Rows = list[list[str]]
HEAD = ["Date", "Time", "Amount", "Code", "Name", "Company", "Site", "Note", "City"]
BODY: Rows = [
    [
        f"{1 + n % 28:02}/0{1 + n % 9}/2023",
        f"{8 + n % 12:02}:{n % 60:02}",
        f"{n * 7 % 90}.5",
        f"K-{100 + n}",
        ("Anna Petrenko", "Ivan O'Hara", "Олена Коваль", "Müller, Jörg")[n % 4],
        ('Firm "Sun" Ltd', "Roses & Co", "ТОВ Зоря")[n % 3],
        f"https://site{n}.example/a?b={n}",
        ("asked; later", "", "call back, please", "two\nlines")[n % 4],
        ("Kyiv", "Lviv", "Berlin")[n % 3],
    ]
    for n in range(80)
]


def text(rows: Rows, mark: str = ",", end: str = "\r\n", **form: object) -> str:
    sink = io.StringIO(newline="")
    csv.writer(sink, delimiter=mark[0], lineterminator=end, **form).writerows(rows)  # type: ignore[arg-type]  # a form is told by name
    return sink.getvalue()


def long(rows: Rows, mark: str) -> str:
    """Write every cell enclosed, with a delimiter of any length."""
    return "".join(mark.join('"' + cell.replace('"', '""') + '"' for cell in row) + "\r\n" for row in rows)


def changed(at: int, how: Callable[[str], str]) -> str:
    """Change one record of the table as text."""
    return "".join(how(text([row])) if number == at else text([row]) for number, row in enumerate([HEAD, *BODY]))


def without(row: str, mark: str) -> str:
    return row.replace(mark, "", 1)


ALL = [HEAD, *BODY]
FLAT = [[cell.replace("\n", " ") for cell in row] for row in ALL]
SOLID = [[cell.translate(str.maketrans("", "", "\"',;\n")) for cell in row] for row in ALL]
SECOND = [["Item", "Price", "Stock"], *[[f"pen {n}", f"{n}.50", str(n)] for n in range(10)]]
WIDE = [[f"field {n}" for n in range(12)], *[[str(n * k) for n in range(12)] for k in range(1, 9)]]
TOP = [
    ["Date", "", "", "", "Client", "", "", "", "Place"],
    ["", "Time", "Sum", "Code", "Name", "Firm", "Site", "Note", "City"],
]
JOINED = [
    "Date",
    "Date Time",
    "Date Sum",
    "Date Code",
    "Client Name",
    "Client Firm",
    "Client Site",
    "Client Note",
    "Place City",
]
BACK = {"escapechar": "\\", "doublequote": False}
QUOTED = {"quoting": csv.QUOTE_ALL}

#: Name, text, headings expected (None: there are none), rows expected.
WAYS: list[tuple[str, str, list[str] | None, Rows]] = [
    ("clean", text(ALL), HEAD, BODY),
    *[(f"delimiter {mark!r}", text(ALL, mark), HEAD, BODY) for mark in ";\t|^~: "],
    *[(f"delimiter {mark!r}, enclosed", text(ALL, mark, **QUOTED), HEAD, BODY) for mark in ";\t|: "],
    *[(f"delimiter {mark!r}, enclosed", long(ALL, mark), HEAD, BODY) for mark in (", ", "; ", "\t\t")],
    ("quote '", text(ALL, quotechar="'"), HEAD, BODY),
    ("quote ', enclosed", text(ALL, quotechar="'", **QUOTED), HEAD, BODY),
    ("escape \\", text(ALL, **BACK), HEAD, BODY),
    ("escape \\, enclosed", text(ALL, **BACK, **QUOTED), HEAD, BODY),
    ("no quotes", text(SOLID, quoting=csv.QUOTE_NONE, quotechar=None), HEAD, SOLID[1:]),
    ("line feed", text(ALL, end="\n"), HEAD, BODY),
    ("carriage return", text(FLAT, end="\r"), HEAD, FLAT[1:]),
    ("no last line end", text(ALL).rstrip("\r\n"), HEAD, BODY),
    ("two last line ends", text(ALL) + "\r\n", HEAD, BODY),
    ("preamble, delimited", text([["Report", *[""] * 8], ["of May", *[""] * 8], *ALL]), HEAD, BODY),
    ("preamble, bare", "Report\r\nof May\r\n" + text(ALL), HEAD, BODY),
    ("preamble, prose and blank", "Notes:\r\nTaken in May, by hand, so; take care.\r\n\r\n" + text(ALL), HEAD, BODY),
    ("sep line", "sep=;\r\n" + text(ALL, ";"), HEAD, BODY),
    ("header in two rows", text([*TOP, *BODY]), JOINED, BODY),
    ("header repeated", text([HEAD, HEAD, *BODY]), HEAD, BODY),
    ("no header", text(BODY), None, BODY),
    ("one row", text(ALL[:2]), HEAD, BODY[:1]),
    ("one row, no header", text(BODY[:1]), None, BODY[:1]),
    ("total below", text([*ALL, ["Total", "", "3210.5", *[""] * 6]]), HEAD, BODY),
    ("remark below", text(ALL) + "\r\nExported by Anna on 2023-05-01\r\n", HEAD, BODY),
    ("narrower table below", text(ALL) + "\r\n" + text(SECOND), HEAD, BODY),
    ("wider table below", text(ALL) + "\r\n" + text(WIDE), HEAD, BODY),
    ("narrower table right below", text(ALL) + text(SECOND), HEAD, BODY),
    ("wider table right below", text(ALL) + text(WIDE), HEAD, BODY),
    *[(f"row {at}: a delimiter less", changed(at, lambda row: without(row, ",")), HEAD, BODY) for at in (0, 5)],
    *[(f"row {at}: one more", changed(at, lambda row: row.replace(",", ",,", 1)), HEAD, BODY) for at in (0, 5)],
    *[(f"row {at}: other delimiter", changed(at, lambda row: row.replace(",", ";")), HEAD, BODY) for at in (0, 5)],
    *[(f"row {at}: lone quote", changed(at, lambda row: '"' + row), HEAD, BODY) for at in (0, 5)],
    *[(f"row {at}: quote inside", changed(at, lambda row: row.replace("/", '/"', 1)), HEAD, BODY) for at in (5,)],
]


def judged(table: Table, names: list[str] | None, rows: Rows) -> str:
    """Compare a table that was read with the one expected."""
    wanted = [[cell or None for cell in row] for row in rows]
    got = [list(row) for row in table.cells.rows()]
    if got == wanted and (table.cells.columns == names or (names is None and table.header == 0)):
        return "exact"
    said = "\n".join(
        [*(cell for row in got for cell in row if cell), *table.refused.get_column("raw"), *table.cells.columns]
    )
    said += "\n".join(table.findings.get_column("value").drop_nulls())
    bare = said.replace('"', "")
    lost = [cell for row in rows for cell in row if cell.replace('"', "") not in bare]
    return (
        f"lost {len(lost)}: {lost[:2]}"
        if lost
        else f"kept, {sum(row in got for row in wanted)} of {len(rows)} rows exact"
    )


def main() -> None:
    exact = 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        for name, content, names, rows in WAYS:
            path.write_bytes(content.encode())
            try:
                table = files.read(path, Options())
                outcome = judged(table, names, rows)
                outcome += (
                    ""
                    if outcome == "exact"
                    else f"; {len(table.refused)} aside; {table.delimiter!r} {table.cells.columns}"
                )
            except InputRefused as refusal:
                outcome = f"refused: {refusal.message}"
            exact += outcome == "exact"
            print(f"{name:32} {outcome[:200]}")
    print(f"{exact} of {len(WAYS)} exact")


if __name__ == "__main__":
    main()
