"""Measure the import of a call log, the timeline of one contact and the weekly report, on a base of invented contacts.

The import is beside two others in the same run; seconds differ from machine to machine, the ratio holds better: a raw
load of the same file by the csv module and `executemany`, and the floor, in which SQLite alone copies the very rows
that the import wrote, with their proofs, into the same base, its indexes dropped before and built after.

Run as `python -m bench.journal [--contacts 100000] [--rows 100000]`.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import datetime as dt
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

from bench.imports import measured
from bench.segments_base import KEY, filled
from crmtool.io import reports, rulebook, timelines, workspace
from crmtool.io.connecting import connected
from crmtool.io.store import Store, sqlite3

HEADINGS = ("Дата и время", "Тип", "Кто звонил", "Кому звонили", "Длительность", "Статус", "Сотрудник")
_LOOKS = 200  # contacts whose timeline is read
_DAY = dt.date(2026, 11, 20)


def based(folder: Path, contacts: int) -> Path:
    """Make a workspace with so many contacts, five interactions and a deal for each; return its folder."""
    root = folder / "crm"
    workspace.created(root)
    (root / "crm.key").write_text(KEY + "\n", encoding="ascii")
    for path in root.glob("crm.db*"):
        path.unlink()
    filled(root / "crm.db", contacts).close()
    db = sqlite3.connect(root / "crm.db")
    db.execute(
        "INSERT INTO channel (contact_id, kind, value, changeset_id, proof)"
        " SELECT id, 'phone', phone, 1, zeroblob(16) FROM contact"
    )
    db.commit()
    db.close()
    return root


def log(path: Path, rows: int, contacts: int) -> Path:
    """Write a call log: nine calls of ten with a contact, each at a moment of its own."""
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, delimiter=";")
        out.writerow(HEADINGS)
        for row in range(rows):
            at = (start + dt.timedelta(seconds=23 * row)).strftime("%d.%m.%Y %H:%M:%S")
            other = f"+380{500_000_000 + (row * 7919) % (contacts * 10 // 9) + 1}"
            going = row % 3 == 0
            sides = ("101", other) if going else (other, "+380441234567")
            out.writerow(
                [
                    at,
                    "Исходящий" if going else "Входящий",
                    *sides,
                    f"{row % 40}:{row % 60:02}",
                    "Отвечен",
                    f"М{row % 40}",
                ]
            )
    return path


def raw(path: Path, store: Path) -> float:
    """Return the seconds of a load of the same file without anything else."""
    began = time.perf_counter()
    db = sqlite3.connect(store)
    db.execute("CREATE TABLE t (a TEXT, b TEXT, c TEXT, d TEXT, e TEXT, f TEXT, g TEXT)")
    with path.open(encoding="utf-8", newline="") as file:
        db.executemany("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?)", csv.reader(file, delimiter=";"))
    db.commit()
    db.close()
    return time.perf_counter() - began


def floor(before: Path, after: Path) -> tuple[int, float, float]:
    """Have SQLite copy the interactions that `after` has more into `before`; return their number, seconds, CPU."""
    with contextlib.closing(connected(before, "rw")) as db:
        db.execute("ATTACH ? AS made", [str(after)])
        found = db.execute(
            "SELECT name, sql FROM main.sqlite_schema WHERE tbl_name = 'interaction' AND sql LIKE '%INDEX%'"
        )
        known = dict(found.fetchall())
        last = db.execute("SELECT max(id) FROM main.interaction").fetchone()[0]
        began, busy = time.perf_counter(), time.process_time()
        db.execute("BEGIN IMMEDIATE")
        for table in ("changeset", "file"):
            db.execute(
                f"INSERT INTO main.{table} SELECT * FROM made.{table} WHERE id NOT IN (SELECT id FROM main.{table})"
            )
        for name in known:
            db.execute(f"DROP INDEX main.{name}")
        copied = db.execute("INSERT INTO main.interaction SELECT * FROM made.interaction WHERE id > ?", [last]).rowcount
        for statement in known.values():
            db.execute(statement)
        db.execute("COMMIT")
        return copied, time.perf_counter() - began, time.process_time() - busy


def looked(root: Path, contacts: int) -> list[float]:
    """Return the milliseconds of reading the timeline of some contacts."""
    store = Store.open(root / "crm.db", KEY)
    times = []
    for number in range(_LOOKS):
        contact = (number * 104_729) % contacts // 2 * 2 + 1
        began = time.perf_counter()
        timelines.events(store, contact, limit=200)
        timelines.about(store, contact, ("won",))
        times.append(1000 * (time.perf_counter() - began))
    store.close()
    return times


def weekly(root: Path) -> float:
    """Return the seconds of the weekly report."""
    store = Store.open(root / "crm.db", KEY)
    rules = rulebook.loaded(rulebook.defaults())
    began = time.perf_counter()
    reports.weekly(store, rules, _DAY)
    seconds = time.perf_counter() - began
    store.close()
    return seconds


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Measure the import of journals, timelines and the weekly report.")
    parser.add_argument("--contacts", type=int, default=100_000)
    parser.add_argument("--rows", type=int, default=100_000)
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        root = based(folder, asked.contacts)
        times = looked(root, asked.contacts)
        print(
            f"timeline of {_LOOKS} contacts of {asked.contacts:,}, {asked.contacts * 5:,} interactions:"
            f" median {statistics.median(times):.1f} ms, worst {max(times):.1f} ms"
        )
        print(f"weekly report: {weekly(root):.2f} s")
        file = log(folder / "calls.csv", asked.rows, asked.contacts)
        plain = raw(file, folder / "raw.db")
        before = Path(shutil.copy(root / "crm.db", folder / "before.db"))
        command = (sys.executable, "-m", "crmtool", "--workspace", str(root), "interactions", "import", str(file))
        wall, cpu, peak = measured((*command, "--yes", "--quiet"), frozenset({0}))
        print(
            f"import of {asked.rows:,} calls: {wall:.1f} s, {cpu:.1f} s of CPU, {peak:.0f} MB,"
            f" {asked.rows / wall:,.0f} rows/s; raw load {plain:.1f} s, ratio {wall / plain:.1f}"
        )
        copied, least, busy = floor(before, root / "crm.db")
        print(
            f"{copied:,} rows copied by SQLite alone: {least:.1f} s, {busy:.1f} s of CPU, {copied / least:,.0f} rows/s;"
            f" ratio {wall / least:.1f}, of CPU {cpu / busy:.1f}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
