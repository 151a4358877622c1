"""The log of runs is turned over when it is full, and never stops a run."""

import json

from crmtool.io import runlog


def test_lines_are_added_and_the_file_is_private(tmp_path):
    path = tmp_path / "logs" / "runs.jsonl"
    for number in range(3):
        runlog.noted(path, {"n": number})
    assert [json.loads(line)["n"] for line in path.read_text().splitlines()] == [0, 1, 2]
    assert path.stat().st_mode & 0o077 == 0


def test_a_full_file_is_turned_over_and_five_old_ones_stay(tmp_path, monkeypatch):
    monkeypatch.setattr(runlog, "_MOST", 20)
    path = tmp_path / "runs.jsonl"
    for number in range(10):
        runlog.noted(path, {"number": number})
    names = ["runs.jsonl", *(f"runs.jsonl.{n}" for n in range(1, 6))]
    assert sorted(p.name for p in tmp_path.iterdir()) == names
    assert [json.loads((tmp_path / name).read_text())["number"] for name in names] == [9, 8, 7, 6, 5, 4]


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path):
    (tmp_path / "logs").write_text("a file")
    runlog.noted(tmp_path / "logs" / "runs.jsonl", {"n": 1})
    assert (tmp_path / "logs").read_text() == "a file"
