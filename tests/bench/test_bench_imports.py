"""The harness: what it measures, what it refuses, and what it says; with small stand-ins for the real commands."""

import csv
import json
import sqlite3
import sys
import time

import pytest

from bench import imports
from bench.imports import Failed, Run, Tool

FINE = frozenset({0})

LOAD = """
import csv, sqlite3, sys
store, file, skipped, code = sys.argv[1:]
connection = sqlite3.connect(store)
connection.execute("CREATE TABLE rows (id)")
with open(file, encoding="utf-8", newline="") as source:
    ids = [row[:1] for row in csv.reader(source)][1 + int(skipped):]
connection.executemany("INSERT INTO rows VALUES (?)", ids)
connection.commit()
connection.close()
sys.exit(int(code))
"""


def stand_in(skipped=0, code=0, fine=FINE):
    def tool(folder, file):
        store = folder / "x.db"
        command = (sys.executable, "-c", LOAD, str(store), str(file), str(skipped), str(code))
        return Tool(lambda: None, command, fine, lambda: imports.counted(store, "rows"))

    return tool


@pytest.fixture
def out(tmp_path, monkeypatch):
    monkeypatch.setattr(imports, "OUT", tmp_path / "out")
    return tmp_path / "out"


def python(code):
    return imports.measured((sys.executable, "-c", code), FINE)


def test_waiting_takes_wall_and_work_takes_cpu():
    wall, cpu, _ = python("import time; time.sleep(0.4)")
    assert wall > 0.4
    assert cpu < 0.3
    wall, cpu, _ = python("import time\nend = time.process_time() + 0.4\nwhile time.process_time() < end: pass")
    assert cpu >= 0.4
    assert cpu == pytest.approx(wall, rel=0.9)


def test_the_peak_is_that_of_the_child_and_of_its_children():
    hungry = "b = bytearray(600_000_000)"
    inner = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {hungry!r}])"
    for code in (hungry, inner):
        assert 570 < python(code)[2] < 700


def test_a_failing_command_is_told_with_its_words():
    with pytest.raises(Failed, match=r"(?s)exit code 7 of: .*no such store"):
        python("import sys; print('no such store'); sys.exit(7)")


def test_a_killed_command_has_failed():
    with pytest.raises(Failed, match="exit code -9"):
        python("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")


def test_some_rejected_rows_are_fine_for_crmtool_only(tmp_path):
    assert imports.crmtool(tmp_path, tmp_path / "a.csv").fine == {0, 3}
    assert imports.sqlite_utils(tmp_path, tmp_path / "a.csv").fine == {0}


def test_a_tool_that_loses_rows_has_failed(out, monkeypatch):
    monkeypatch.setitem(imports.TOOLS, "crmtool", stand_in(skipped=2))
    with pytest.raises(Failed, match="crmtool holds 48 of 50 rows"):
        imports.run_of("crmtool", imports.generated(50), 50)


def test_a_file_is_made_once_and_anew_for_another_generator(out, tmp_path, monkeypatch):
    file = imports.generated(20)
    with file.open(encoding="utf-8", newline="") as source:
        assert len(list(csv.reader(source))) == 21
    stamp = file.stat().st_mtime_ns
    time.sleep(0.01)
    assert imports.generated(20).stat().st_mtime_ns == stamp
    (tmp_path / "bench").mkdir()
    for name in ("contacts.py", "people.py"):
        (tmp_path / "bench" / name).write_bytes((imports.ROOT / "bench" / name).read_bytes() + b"\n")
    monkeypatch.setattr(imports, "ROOT", tmp_path)
    assert imports.generated(20) != file


def test_real_sqlite_utils_beside_a_stand_in(out, monkeypatch, capsys):
    monkeypatch.setitem(imports.TOOLS, "crmtool", stand_in(code=3, fine=frozenset({0, 3})))
    assert imports.main(["--rows", "60", "30", "--runs", "2"]) == 0
    said = capsys.readouterr().out
    assert said.count("sqlite-utils  ") >= 2
    assert [line.split()[0] for line in said.splitlines() if "crmtool   " in line] == ["30", "60"]
    assert imports.CAPTION in said
    report = json.loads((out / "imports.json").read_text())
    order = [(run["tool"], run["rows"]) for run in report["runs"]]
    assert order == [("sqlite-utils", 60), ("crmtool", 60)] * 2 + [("sqlite-utils", 30), ("crmtool", 30)] * 2
    assert all(run["wall"] > 0 and run["cpu"] > 0 and run["peak"] > 1 for run in report["runs"])


def test_a_failure_gives_no_table(out, monkeypatch, capsys):
    monkeypatch.setitem(imports.TOOLS, "crmtool", stand_in(code=1))
    assert imports.main(["--rows", "30"]) == 1
    assert capsys.readouterr().out == ""
    assert not (out / "imports.json").exists()


def test_sizes_may_come_from_the_environment(out, monkeypatch, capsys):
    monkeypatch.setenv("BENCH_ROWS", "25 35")
    monkeypatch.setitem(imports.TOOLS, "crmtool", stand_in())
    assert imports.main([]) == 0
    assert {run["rows"] for run in json.loads((out / "imports.json").read_text())["runs"]} == {25, 35}


def test_the_ratio_is_ours_by_theirs_of_the_runs_in_the_middle():
    theirs = [Run("sqlite-utils", 1000, wall, 1.0, 50.0) for wall in (9.0, 2.0, 1.0)]
    ours = [Run("crmtool", 1000, wall, 3.0, 200.0) for wall in (5.0, 0.1, 30.0)]
    *_, middle_theirs, middle_ours, ratio = imports.lines(theirs + ours)
    assert middle_theirs.split() == ["1,000", "sqlite-utils", "2.00", "1.00", "500", "50"]
    assert middle_ours.split() == ["1,000", "crmtool", "5.00", "3.00", "200", "200"]
    assert ratio.split() == ["ratio", "2.50", "3.00", "0.40", "4.00"]


def test_sqlite_utils_does_what_the_caption_says(tmp_path):
    (tmp_path / "a.csv").write_text("phone,zip\n79160000101,01234\n")
    tool = imports.sqlite_utils(tmp_path, tmp_path / "a.csv")
    imports.measured(tool.command, tool.fine)
    connection = sqlite3.connect(tmp_path / "raw.db")
    assert connection.execute("SELECT phone, zip FROM rows").fetchall() == [(79160000101, 1234)]
    connection.close()
