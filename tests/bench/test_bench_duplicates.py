"""The harness of duplicate detection: with small stand-ins for the tools, what it refuses, and what it says."""

import json
import resource
import sys
from importlib.util import find_spec

import polars as pl
import pytest

from bench import duplicates, duplicates_page, labelled
from bench.duplicates import Failed

ROWS = """given_name,family_name,email,cluster,rec_id
Ivan,Belov,a@x.example,1,rec-1-org
Ivan,Belov,a@x.example,1,rec-1-dup-0
Anna,Titova,b@x.example,2,rec-2-org
Anna,Titowa,,2,rec-2-dup-0
"""


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """A set of four rows, and no place to write but a spare one."""
    lists = tmp_path / "lists"
    lists.mkdir()
    (lists / "four.csv").write_text(ROWS)
    kind = labelled.Labelled(("four.csv",), "cluster", 0.9, ("rec_id",), {"family_name": "family_name"})
    monkeypatch.setattr(labelled, "SETS", {"four": kind})
    monkeypatch.setattr(duplicates, "OUT", tmp_path / "out")
    monkeypatch.setenv("CRMTOOL_DATA", str(lists))
    return lists


def run_ours(monkeypatch, tmp_path, told, by="given_name", code=0):
    """Put a stand-in in the place of ours that clusters by one column and tells the figures it is given."""
    script = tmp_path / "ours.py"
    script.write_text(
        f"""
import json, sys, polars as pl
file, answer = sys.argv[1], sys.argv[2]
frame = pl.read_csv(file, infer_schema=False)
frame.with_columns(cluster=pl.col({by!r}).rank("dense")).write_csv(answer)
print(json.dumps({told!r}))
print("a remark", file=sys.stderr)
sys.exit({code})
"""
    )
    real = duplicates.ran

    def ran(command):
        words = list(command)
        if "crmtool" not in words:
            return real(words)
        return real((sys.executable, str(script), words[5], words[words.index("-o") + 1]))

    monkeypatch.setattr(duplicates, "ran", ran)


TOLD = {
    "columns": {"given_name": "given_name"},
    "f1": 1.0,
    "rows": 4,
    "read_seconds": 0.01,
    "pairs_compared": 2,
    "certain": {"precision": 0.9999},
}


def made(here, tmp_path):
    return pl.read_csv(labelled.made("four", labelled.named("four"), tmp_path, [here]), infer_schema=False)


def test_a_set_is_shuffled_and_hides_what_gives_the_truth_away(here, tmp_path):
    frame = made(here, tmp_path)
    assert frame.columns == ["given_name", "family_name", "email", "truth"]
    assert sorted(frame["truth"]) == ["1", "1", "2", "2"]
    assert frame["email"].null_count() == 1


def test_febrl_takes_the_truth_from_the_ids(here, tmp_path):
    (here / "four.csv").write_text(ROWS.replace("cluster,", "").replace(",1,rec", ",rec").replace(",2,rec", ",rec"))
    assert sorted(made(here, tmp_path)["truth"]) == ["1", "1", "2", "2"]


def test_invented_sets_come_in_any_size():
    assert [labelled.named(name).rows for name in ("invented_25", "invented_20k", "invented_3M")] == [
        25,
        20_000,
        3_000_000,
    ]
    with pytest.raises(KeyError):
        labelled.named("nothing")


def test_a_command_is_measured_with_what_it_says_and_its_failure_is_told():
    run = duplicates.ran((sys.executable, "-c", "b = bytearray(400_000_000); print('said')"))
    # a child begins as a copy of its parent, and a worker that has run a thousand tests is large
    most = max(500, 1.1 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    assert (run.said.strip(), 380 < run.peak < most) == ("said", True)
    with pytest.raises(Failed, match=r"(?s)exit code 4 of: .*no such thing"):
        duplicates.ran((sys.executable, "-c", "import sys; print('no such thing', file=sys.stderr); sys.exit(4)"))


def test_ours_is_scored_by_its_clusters(monkeypatch, tmp_path, capsys):
    run_ours(monkeypatch, tmp_path, TOLD)
    assert duplicates.main(["--tools", "ours"]) == 0
    said = capsys.readouterr().out
    assert "| four | crmtool | 4 | 2 | 1.0000 | 1.0000 | **1.0000** | default | - | 0.9999 |" in said
    assert "Every set is where it should be." in said
    kept = json.loads((tmp_path / "out" / "duplicates.json").read_text())
    assert kept["results"][0]["runs"][0]["seconds"] > 0


@pytest.mark.parametrize(
    ("told", "fault"),
    [
        (TOLD | {"columns": {"truth": "other"}}, "ours compared truth in four.csv"),
        (TOLD | {"f1": 0.5}, "ours told F1 0.5000 on four.csv, its clusters have 1.0000"),
    ],
)
def test_ours_may_neither_look_at_the_truth_nor_tell_what_is_not_so(monkeypatch, tmp_path, capsys, told, fault):
    run_ours(monkeypatch, tmp_path, told)
    assert duplicates.main(["--tools", "ours"]) == 1
    got = capsys.readouterr()
    assert got.out == ""
    assert fault in got.err


def test_a_failing_tool_gives_no_table(monkeypatch, tmp_path, capsys):
    run_ours(monkeypatch, tmp_path, TOLD, code=1)
    assert duplicates.main(["--tools", "ours"]) == 1
    assert capsys.readouterr().out == ""


def test_a_set_that_is_not_here_is_told_of(here, monkeypatch, tmp_path, capsys):
    (here / "four.csv").unlink()
    run_ours(monkeypatch, tmp_path, TOLD)
    assert duplicates.main(["--tools", "ours"]) == 0
    assert "four is left out" in capsys.readouterr().err


def test_without_splink_it_is_said_plainly(monkeypatch, tmp_path, capsys):
    run_ours(monkeypatch, tmp_path, TOLD)
    monkeypatch.setattr(duplicates, "python_with_splink", lambda named: named)
    assert duplicates.main([]) == 0
    got = capsys.readouterr()
    assert duplicates.NO_SPLINK in got.err
    assert "Splink" not in got.out


@pytest.fixture
def peers(tmp_path):
    """A Python whose Splink clusters all rows, or with its second cut by e-mail."""
    peer = tmp_path / "peer.py"
    peer.write_text(
        """
import json, sys, polars as pl
task = json.load(open(sys.argv[2]))
rows = pl.read_parquet(task["table"])
by_mail = pl.col("c_email").rank("dense").fill_null(9)
rows.select("unique_id", pl.lit(1).alias("0.95"), by_mail.alias("1 bits")).write_parquet(task["out"])
print(json.dumps({"seconds": 1.5, "peak_mb": 10.0, "pairs_kept": 1}))
"""
    )
    python = tmp_path / "python"
    start = f"exec {sys.executable}"
    python.write_text(f'#!/bin/sh\nif [ "$1" = -c ]; then {start} "$@"; fi\n{start} {peer} "$@"\n')
    python.chmod(0o755)
    return str(python)


def test_splink_is_scored_at_its_best_cut(monkeypatch, tmp_path, peers):
    run_ours(monkeypatch, tmp_path, TOLD)
    ours, theirs = duplicates.measured_set("four", ("ours", "splink"), peers)["runs"]
    assert (ours["tool"], theirs["tool"]) == ("crmtool", "Splink")
    assert theirs["blocking"]
    assert (theirs["cut"], theirs["recall"], theirs["seconds"]) == ("1 bits", 0.5, 1.5)
    assert theirs["cuts"]["0.95"]["precision"] == pytest.approx(1 / 3)


@pytest.mark.soak
def test_splink_compares_all_where_ours_does(monkeypatch, tmp_path, peers):
    run_ours(monkeypatch, tmp_path, TOLD | {"pairs_compared": 6})
    assert duplicates.measured_set("four", ("ours", "splink"), peers)["runs"][1]["blocking"] == []


@pytest.mark.skipif(not find_spec("splink"), reason="Splink is not installed (the extra crmtool[splink])")
def test_real_splink_finds_the_pairs(tmp_path, capsys):
    assert duplicates.main(["--rows", "2000", "--tools", "splink"]) == 0
    assert "| invented_2000 | Splink | 2,000 |" in capsys.readouterr().out


def run(tool="crmtool", **more):
    plain = {"tool": tool, "rows": 100, "precision": 1.0, "recall": 1.0, "f1": 0.9, "seconds": 2.0, "peak_mb": 50.0}
    plain["matching"] = 1.0
    return plain | more


def page(*runs, needed=None, growth=False):
    return duplicates_page.lines([{"set": "x", "needed": needed, "runs": list(runs)}], growth=growth)


def test_the_ratio_is_ours_by_theirs():
    ratio = page(run(), run("Splink", seconds=8.0, matching=5.0, peak_mb=100.0))[4]
    assert [cell.strip() for cell in ratio.split("|") if cell.strip()] == ["ratio", "**0.25**", "**0.20**", "**0.50**"]


@pytest.mark.parametrize(
    ("runs", "needed", "fault"),
    [
        ([run(f1=0.9)], 0.95, "x: F1 0.9000 is under 0.95."),
        ([run(f1=0.9), run("Splink", f1=0.91)], None, "x: F1 0.9000 is not above 0.9100 of Splink."),
        ([run(f1=0.9), run("Splink", f1=0.9)], None, "x: F1 0.9000 is not above 0.9000 of Splink."),
        ([run(certain_precision=0.99)], None, "x: certain pairs are right at 0.9900, under 0.995."),
        ([run(f1=1.0), run("Splink", f1=1.0)], 0.999, "Every set is where it should be."),
        ([run("Splink")], 0.999, "Ours did not run."),
    ],
)
def test_the_page_says_what_is_not_as_it_should_be(runs, needed, fault):
    assert fault in page(*runs, needed=needed)


def test_errors_and_false_pairs_stand_side_by_side():
    told = page(
        run(errors={"typo": (8, 6), "none": (4, 4)}, false={"wife": 3}),
        run("Splink", errors={"typo": (8, 2), "none": (4, 3)}, false={"one firm": 1234}),
    )
    assert "| typo | 8 | 0.750 | 0.250 |" in told
    assert told.index("| one firm | 0 | 1,234 |") < told.index("| wife | 3 | 0 |")


def test_growth_shows_what_a_million_rows_take():
    small, large = run(rows=100_000, seconds=2.0), run(rows=1_000_000, seconds=40.0)
    told = page(small, large, growth=True)
    bars = [line for line in told if line.startswith("crmtool")][:2]
    assert [line.count("#") for line in bars] == [25, 50]
    assert bars[1].split()[1:5] == ["1,000,000", "40.0", "s", "40.0"]
