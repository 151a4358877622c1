"""Contacts are handed to another engine, and its scores give the queue that `find` gives; what is stale is told."""

import os
import shutil
from pathlib import Path

import polars as pl
import pytest
from commands import FIXED, asked, ran

from bench import doubles as invented
from crmtool.core.duplicates import matching, models, weighing
from crmtool.io import doubles, rulebook, workspace


def run(*arguments, code=0):
    ended, out, err = ran(*arguments)
    assert ended == code, err
    return out + err


def scores():
    """Weigh as an engine would: every pair that meets, by the exported model."""
    place = workspace.found(None, os.environ, Path.cwd())
    rules, found = rulebook.loaded(place.rules_path), {}
    store = place.open_store()
    for kind, parties in doubles.kinds(store, rules):
        model = doubles.usable(rules, kind, parties.height)
        of = matching.ready(parties.drop("id", "kind"), rules.duplicates.match, model)
        met = of.found(rules.duplicates.match)
        pairs = weighing.weighed(of.comparisons, models.weights(model), met.left, met.right)
        ids = parties["id"]
        sides = {"unique_id_l": ids.gather(pairs.left), "unique_id_r": ids.gather(pairs.right)}
        found[kind] = pl.DataFrame({**sides, "match_weight": pairs.weight})
    store.close()
    return found


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """A base of invented contacts with a model, exported and scored."""
    place = tmp_path_factory.mktemp("scaled")
    invented.write(place / "all.csv", 300, seed=3)
    pl.read_csv(place / "all.csv", infer_schema=False).drop("person", "kind").write_csv(place / "base.csv")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**FIXED, "CRMTOOL_WORKSPACE": str(place / "crm")}.items():
            patch.setenv(name, value)
        patch.setattr(matching, "_WHOLE", 0)
        run("init", str(place / "crm"))
        run("import", str(place / "base.csv"), "--yes", "--quiet")
        run("duplicates", "train", "--quiet")
        run("duplicates", "export", "--engine", "splink", "-o", str(place / "out"))
        for kind, pairs in scores().items():
            pairs.write_parquet(place / "out" / f"{kind}.scores.parquet")
    return place


@pytest.fixture
def place(base, tmp_path, monkeypatch):
    shutil.copytree(base, tmp_path, dirs_exist_ok=True)
    for name, value in {**FIXED, "CRMTOOL_WORKSPACE": str(tmp_path / "crm")}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(matching, "_WHOLE", 0)
    return tmp_path


def queue():
    return {
        (p["left_id"], p["right_id"]): (p["weight"], p["certain"], p["reason"]) for p in asked("duplicates", "list")
    }


def taken(place, *flags, code=0):
    return run("duplicates", "import-scores", str(place / "out"), *flags, code=code)


def test_scores_give_the_queue_that_find_gives_and_are_taken_back(place):
    before = queue()
    said = taken(place, "--yes")
    assert "0 of those compared differ" in said
    scored = queue()
    run("undo", "2", "--yes")
    assert queue() == before
    run("history", "verify")
    run("duplicates", "find", "--yes")
    assert queue() == scored
    assert len(scored) > 20


def test_verdicts_hold_and_nobody_is_asked_twice(place):
    taken(place, "--yes")
    (left, right), *_ = queue()
    run("duplicates", "different", str(left), str(right), "--yes")
    kept = queue()
    assert (left, right) not in kept
    assert "Nothing to change." in taken(place, "--yes")
    assert queue() == kept


def test_pairs_of_contacts_changed_since_are_left_out_and_told(place):
    pairs = pl.read_parquet(place / "out" / "person.scores.parquet")
    right = pairs.sort("match_weight").row(-1)[1]
    gone = pairs.filter((pl.col("unique_id_l") == right) | (pl.col("unique_id_r") == right)).height
    run("contacts", "set", str(right), "city=Тверь", "--yes")
    found = asked("duplicates", "import-scores", str(place / "out"), "--dry-run")
    assert found["facts"]["changed"] == gone > 0
    assert found["facts"]["unknown"] == found["facts"]["new"] == 0


def test_pairs_of_contacts_that_are_no_more_are_left_out_and_told(place):
    file = place / "out" / "person.scores.parquet"
    more = pl.DataFrame({"unique_id_l": [10**9], "unique_id_r": [10**9 + 1], "match_weight": [30.0]})
    pl.concat([pl.read_parquet(file), more]).write_parquet(file)
    assert "Left out: 1 pair of contacts that are gone or merged" in taken(place, "--dry-run")


def test_weights_that_are_not_ours_are_told_and_decide_nothing(place):
    file = place / "out" / "person.scores.parquet"
    taken(place, "--yes")
    own = queue()
    run("undo", "2", "--yes")
    pl.read_parquet(file).with_columns(pl.col("match_weight") + 0.5).write_parquet(file)
    said = " ".join(taken(place, "--yes").split())
    assert "by 0.5 bits at most" in said
    assert queue() == own


def test_another_model_is_refused(place):
    rules = place / "crm" / "rules" / "duplicates.model.toml"
    rules.write_text(rules.read_text("utf-8").replace("prior = 0.", "prior = 0.0"), "utf-8")
    assert "is not the one that was exported" in taken(place, "--yes", code=6)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("no folder", "is no folder of"),
        ("no scores", "There is no person.scores.parquet in out."),
        ("torn scores", "cannot be read"),
        ("other columns", "needs the columns"),
        ("no json", "is no folder of"),
    ],
)
def test_what_cannot_be_read_is_refused(place, fault, words):
    file, about = place / "out" / "person.scores.parquet", place / "out" / "export.json"
    if fault == "no folder":
        shutil.rmtree(place / "out")
    elif fault == "no scores":
        file.unlink()
    elif fault == "torn scores":
        file.write_bytes(file.read_bytes()[:200])
    elif fault == "other columns":
        pl.DataFrame({"unique_id_l": [1]}).write_parquet(file)
    else:
        about.write_text("[1", "utf-8")
    assert words in " ".join(taken(place, "--yes", code=16).split())


def test_scores_may_come_in_parts(place):
    file = place / "out" / "person.scores.parquet"
    pairs = pl.read_parquet(file)
    taken(place, "--yes")
    whole = queue()
    run("undo", "2", "--yes")
    file.unlink()
    file.mkdir()
    pairs.head(100).write_parquet(file / "part-1.parquet")
    pairs.slice(100).write_parquet(file / "part-2.parquet")
    taken(place, "--yes")
    assert queue() == whole


def test_an_export_is_not_written_over_anything(place):
    export = ("duplicates", "export", "--engine", "splink", "-o")
    run(*export, str(place / "out"), code=2)
    run(*export, str(place / "base.csv"), code=2)
    run(*export, str(place), code=2)
    run(*export, str(place / "out"), "--force", "--dialect", "spark")
    assert not list((place / "out").glob("*.scores.parquet"))
    assert "spark" in (place / "out" / "score.py").read_text("utf-8").casefold()


def test_without_a_model_nothing_is_handed_over(place):
    (place / "crm" / "rules" / "duplicates.model.toml").unlink()
    assert "duplicates train" in run("duplicates", "export", "--engine", "splink", "-o", str(place / "new"), code=2)
    assert not (place / "new").exists()
