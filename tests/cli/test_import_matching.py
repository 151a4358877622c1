"""What an import brings is matched with the base by the stored model, as `find` would; nothing is asked twice."""

import shutil

import polars as pl
import pytest
from commands import FIXED, asked, ran

from bench import doubles
from crmtool.core import abreast
from crmtool.core.duplicates import matching
from crmtool.io import arriving, match_keys, rulebook, workspace

_BASE, _NEW = 450, 50


def run(*arguments):
    code, out, err = ran(*arguments)
    assert code == 0, err
    return out


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """A base of invented contacts with a model, and a file of others, some of whom are the same."""
    place = tmp_path_factory.mktemp("matched")
    whole = place / "all.csv"
    doubles.write(whole, _BASE + _NEW, seed=3)
    rows = pl.read_csv(whole, infer_schema=False)
    rows.head(_BASE).drop("person", "kind").write_csv(place / "base.csv")
    rows.tail(_NEW).drop("person", "kind").write_csv(place / "new.csv")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**FIXED, "CRMTOOL_WORKSPACE": str(place / "crm")}.items():
            patch.setenv(name, value)
        run("init", str(place / "crm"))
        run("import", str(place / "base.csv"), "--yes", "--quiet")
        run("duplicates", "find", "--yes", "--quiet")
        run("duplicates", "train", "--quiet")
    return place


def settled(patch, place):
    """Work on the base of a place, and take it for a large one."""
    for name, value in {**FIXED, "CRMTOOL_WORKSPACE": str(place / "crm")}.items():
        patch.setenv(name, value)
    patch.setattr(arriving, "_SMALL", 0)
    patch.setattr(matching, "_WHOLE", 0)
    patch.setattr(abreast, "_FEW", 0)  # threads compare, and ask how common values are


@pytest.fixture
def place(base, tmp_path, monkeypatch):
    """A copy of the base, taken for a large one."""
    shutil.copytree(base, tmp_path, dirs_exist_ok=True)
    settled(monkeypatch, tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def imported(base, tmp_path_factory):
    """The base with the new file imported, and what was said; not to be changed."""
    place = tmp_path_factory.mktemp("arrived")
    shutil.copytree(base, place, dirs_exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        settled(patch, place)
        return place, run("import", str(place / "new.csv"), "--yes")


@pytest.fixture
def arrived(imported, tmp_path, monkeypatch):
    """A copy of the base with the new file."""
    shutil.copytree(imported[0], tmp_path, dirs_exist_ok=True)
    settled(monkeypatch, tmp_path)
    return tmp_path


def queue():
    return {
        (pair["left_id"], pair["right_id"]): (pair["weight"], pair["certain"]) for pair in asked("duplicates", "list")
    }


@pytest.mark.parametrize("size", ["few", pytest.param("many", marks=pytest.mark.soak)])
def test_an_import_puts_what_find_would_put(place, size, monkeypatch):
    if size == "few":
        monkeypatch.setattr(arriving, "_SMALL", 1_000)
        monkeypatch.setattr(matching, "_WHOLE", 1_000_000)
    before = queue()
    twin = place / "twin"
    shutil.copytree(place / "crm", twin)
    said = run("import", str(place / "new.csv"), "--yes")
    here = queue()
    assert "Matched with the base" in said
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CRMTOOL_WORKSPACE", str(twin))
        rules = twin / "rules" / "duplicates.toml"
        rules.write_text(rules.read_text().replace("at_import = true", "at_import = false"))
        assert "Matched" not in run("import", str(place / "new.csv"), "--yes")
        run("duplicates", "find", "--yes", "--quiet")
        there = queue()
    new = {pair: told for pair, told in there.items() if pair not in before}
    assert len(new) > 3
    assert {pair: told for pair, told in here.items() if pair not in before} == new


def test_find_has_nothing_to_add_after_an_import(arrived):
    assert "0 pairs" in run("duplicates", "find", "--dry-run")


def test_what_a_person_decided_is_left_and_undo_gives_all_back(arrived):
    matched, left, right = run("history"), *next(iter(queue()))
    run("duplicates", "different", str(left), str(right), "--yes", "--quiet")
    changed = (arrived / "new.csv").read_text().replace(".example", ".example.org", 3)
    (arrived / "again.csv").write_text(changed)
    run("import", str(arrived / "again.csv"), "--yes", "--quiet")
    assert (left, right) not in queue()
    assert matched
    for change in ("5", "4", "3"):
        run("undo", change, "--yes", "--quiet")
    assert "hold" in run("history", "verify")


def test_a_dry_run_writes_nothing_and_says_the_same(place, imported):
    before = queue()
    dry = run("import", str(place / "new.csv"), "--dry-run")
    assert queue() == before
    wet = imported[1]
    line = next(line for line in dry.splitlines() if line.startswith("Matched"))
    assert line in wet


def test_a_model_that_does_not_fit_is_told_of(place):
    learned = place / "crm" / "rules" / rulebook.LEARNED
    learned.write_text(learned.read_text().replace("rows = ", "rows = 9"))
    said = run("import", str(place / "new.csv"), "--yes")
    assert "Not matched: the model does not fit a person" in said
    assert "0 more pairs" in said


def codes(place):
    """Return all that is kept of the contacts there are."""
    space = workspace.found(place / "crm", {}, place)
    rules = rulebook.loaded(space.rules_path)
    store = space.open_store()
    with match_keys.opened(space.root) as db:
        match_keys.kept(db, store, rules, arriving.trained(rules))
        kept = {table: db.execute(f"SELECT * FROM {table}").fetchall() for table in ("meeting", "value", "party")}
    store.close()
    return kept


@pytest.mark.soak
def test_the_codes_kept_are_those_made_anew_whatever_happened(place):
    first = codes(place)
    run("import", str(place / "new.csv"), "--yes", "--quiet")
    (left, right), *_ = queue()
    run("duplicates", "merge", str(left), str(right), "--yes", "--quiet")
    after_merge = codes(place)
    run("duplicates", "unmerge", str(right), "--yes", "--quiet")
    run("contacts", "set", "1", "city=Київ", "--yes", "--quiet")
    followed = codes(place)
    (place / "crm" / match_keys.NAME).unlink()
    assert codes(place) == followed != after_merge
    for change in ("7", "6", "5", "4", "3")[1:]:
        run("undo", change, "--yes", "--quiet")
    assert codes(place) == first


def test_codes_that_are_damaged_are_made_anew(place):
    whole = codes(place)
    path = place / "crm" / match_keys.NAME
    path.write_bytes(b"no database at all, but long enough to be looked at" * 100)
    assert codes(place) == whole
    assert path.stat().st_mode & 0o77 == 0
