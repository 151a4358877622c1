"""Pipelines: steps like typed commands, files taken once, a journal with the data, an end that is told."""

from __future__ import annotations

import json
import os
import shutil
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from crmtool.cli import main, pipelines
from crmtool.io import journal, manifests, rulebook, workspace

PEOPLE = "Name,E-mail\n{}\n"


@pytest.fixture(scope="module")
def ready(tmp_path_factory):
    """A fresh workspace with a pipeline of three steps."""
    made = workspace.created(tmp_path_factory.mktemp("pipelines") / "crm")
    (made.rules_path / "pipelines" / "inbox.toml").write_text(
        """
        title = "Inbox"
        [[step]]
        name = "inbox"
        run = "import {file}"
        files = ["inbox/*"]
        done = "inbox/done"
        failed = "inbox/failed"
        on_fail = "continue"
        [[step]]
        name = "tag"
        run = "contacts tag 1 'first one'"
        [[step]]
        name = "report"
        run = "audit -o reports/{today}.html --force"
        """
    )
    return made.root


@pytest.fixture
def place(ready, tmp_path, monkeypatch):
    root = shutil.copytree(ready, tmp_path / "crm")
    monkeypatch.setenv("CRMTOOL_WORKSPACE", str(root))
    monkeypatch.setenv("CRMTOOL_NOW", "2026-11-21T03:00:00+00:00")
    return root


@pytest.fixture
def run(place, capsys):
    def of(*arguments):
        capsys.readouterr()
        code = main._code(["run", "inbox", *arguments])
        return code, *capsys.readouterr()

    return of


def put(place, name, *people):
    (place / "inbox" / name).write_text(PEOPLE.format("\n".join(people)), "utf-8")


def state(place):
    store = workspace.Workspace(place).open_store()
    try:
        return {
            "contacts": store.snapshot("contact", ["name"])["name"].to_list(),
            "changesets": store.changesets()["command"].to_list(),
            "runs": journal.runs(store).to_dicts(),
        }
    finally:
        store.close()


def steps(out):
    return [(step["step"], step["outcome"]) for step in json.loads(out)["steps"]]


def test_steps_run_in_order_and_are_kept(place, run):
    put(place, "a.csv", "Анна Белова,anna@pochta.example")
    code, out, err = run("--json")
    assert (code, err) == (0, "")
    assert steps(out) == [("inbox", "done"), ("tag", "done"), ("report", "done")]
    after = state(place)
    assert after["changesets"] == ["import a.csv", "contacts tag 1", "run inbox"]
    assert (place / "reports" / "2026-11-21.html").is_file()
    (kept,) = after["runs"]
    assert (kept["name"], kept["outcome"], kept["code"]) == ("inbox", "done", 0)


def test_quiet_says_nothing_where_all_is_well(place, run):
    put(place, "a.csv", "Анна Белова,anna@pochta.example")
    assert run("--quiet") == (0, "", "")


def test_what_a_step_changed_carries_the_run_in_the_same_change_set(place, run):
    put(place, "a.csv", "Анна Белова,anna@pochta.example")
    run()
    store = workspace.Workspace(place).open_store()
    facts = [json.loads(facts) for facts in store.changesets()["facts"]]
    assert [fact.get("run_step") for fact in facts] == ["inbox", "tag", None]
    assert journal.changed(store, 1).rows() == [(1, "import a.csv", "inbox"), (2, "contacts tag 1", "tag")]
    assert store.verify() == []
    store.close()


def test_a_run_again_changes_nothing_and_a_file_taken_is_passed(place, run):
    put(place, "a.csv", "Анна Белова,anna@pochta.example")
    run()
    before = state(place)
    shutil.copy(place / "inbox" / "done" / "a.csv", place / "inbox" / "copy.csv")
    code, out, _ = run("--json")
    assert (code, steps(out)[0]) == (0, ("inbox", "already imported"))
    assert state(place)["contacts"] == before["contacts"]
    assert sorted(p.name for p in (place / "inbox" / "done").iterdir()) == ["a.csv", "copy.csv"]


def test_a_file_whose_import_was_taken_back_is_taken_again(place, run):
    put(place, "a.csv", "Анна Белова,anna@pochta.example")
    run()
    assert main._code(["undo", "2", "--yes", "--quiet"]) == 0
    assert main._code(["undo", "1", "--yes", "--quiet"]) == 0
    shutil.move(place / "inbox" / "done" / "a.csv", place / "inbox" / "a.csv")
    _, out, _ = run("--json")
    assert steps(out)[0] == ("inbox", "done")


def test_the_oldest_file_goes_first_and_a_bad_one_does_not_stop_the_rest(place, run):
    put(place, "z.csv", "Анна Белова,anna@pochta.example")
    put(place, "b.csv", "Иван Котов,ivan@pochta.example")
    (place / "inbox" / "odd.csv").write_bytes(bytes(range(256)) * 4)
    for age, name in enumerate(("b.csv", "odd.csv", "z.csv")):
        os.utime(place / "inbox" / name, (1_000 - age, 1_000 - age))
    code, out, err = run("--json")
    assert code == 16
    assert "The step inbox odd.csv failed with code 16" in err
    done = [(s["file"], s["outcome"]) for s in json.loads(out)["steps"][:3]]
    assert done == [("z.csv", "done"), ("odd.csv", "failed"), ("b.csv", "done")]
    assert [p.name for p in (place / "inbox" / "failed").iterdir()] == ["odd.csv"]
    assert state(place)["runs"][0]["outcome"] == "failed"


def test_after_a_step_that_must_not_fail_nothing_runs(place, run):
    code, out, err = run("--json")
    assert code == 2
    assert steps(out) == [("inbox", "no files"), ("tag", "failed"), ("report", "not run")]
    assert "There is no contact 1" in err


def test_a_run_begins_where_it_is_told(place, run):
    code, out, _ = run("--from", "report", "--json")
    assert (code, steps(out)) == (0, [("report", "done")])
    assert main._code(["run", "inbox", "--from", "rport"]) == 2


def test_a_dry_run_changes_nothing(place, run):
    put(place, "a.csv", "Анна Белова,anna@pochta.example")
    before = sorted((p, p.stat().st_mtime_ns) for p in place.rglob("*.*") if not p.name.startswith("crm.db"))
    code, out, _ = run("--dry-run", "--json")
    assert steps(out)[0] == ("inbox", "done")
    assert steps(out)[-1] in {("report", "not run"), ("report", "not tried")}
    assert state(place)["changesets"] == []
    after = sorted((p, p.stat().st_mtime_ns) for p in place.rglob("*.*") if not p.name.startswith("crm.db"))
    assert after == before
    assert code == 2, "the contact to tag is not there without the import"


def test_a_file_that_still_arrives_is_left_alone(place, run):
    path = place / "rules" / "pipelines" / "inbox.toml"
    path.write_text(path.read_text().replace('files = ["inbox/*"]', 'files = ["inbox/*"]\nsettled = 600'))
    put(place, "a.csv", "Анна Белова,anna@pochta.example")
    _, out, _ = run("--json")
    assert steps(out)[0] == ("inbox", "still arriving")
    assert (place / "inbox" / "a.csv").is_file()


@pytest.mark.parametrize("step", ["no-such-command", "audit --no-such-option", "segments"])
def test_steps_that_do_not_exist_are_told_before_anything_runs(place, run, step):
    path = place / "rules" / "pipelines" / "inbox.toml"
    path.write_text(path.read_text().replace("audit -o reports/{today}.html --force", step))
    put(place, "a.csv", "Анна Белова,anna@pochta.example")
    code, _, err = run()
    assert code == 2
    assert "Some steps cannot be run" in err
    assert "report: " in err
    assert state(place)["changesets"] == []


@pytest.mark.parametrize("code", [130, 143])
def test_a_run_that_is_asked_to_end_is_kept_and_says_what_became_of_the_step(place, run, monkeypatch, code):
    inner = main._code

    def ended(arguments, facts=None):
        return code if facts is not None else inner(arguments)

    monkeypatch.setattr(main, "_code", ended)
    put(place, "a.csv", "Анна Белова,anna@pochta.example")
    given, _, err = run()
    assert given == code
    assert "Stopped in the step inbox a.csv, which was rolled back" in err
    (kept,) = state(place)["runs"]
    assert (kept["outcome"], kept["code"]) == ("stopped", code)
    assert [step["outcome"] for step in json.loads(kept["steps"])] == ["stopped", "not run", "not run"]
    assert (place / "inbox" / "a.csv").is_file()


def test_a_run_that_was_killed_is_told_by_what_it_had_done(place, run):
    put(place, "a.csv", "Анна Белова,anna@pochta.example")
    run()
    store = workspace.Workspace(place).open_store()
    store._db.execute("DELETE FROM run")  # as if it had been killed before its last line
    (found,) = journal.runs(store).to_dicts()
    store.close()
    assert (found["id"], found["name"], found["outcome"], found["code"]) == (None, "inbox", "killed", None)
    assert [step["step"] for step in json.loads(found["steps"])] == ["inbox", "tag"]


def test_the_log_and_the_journal_hold_nobodys_data(place, run):
    put(place, "kanareika.csv", "Анна Канарейкина,kanareika@pochta.example")
    run()
    (place / "inbox" / "kanareika2.csv").write_bytes(bytes(range(256)) * 4)
    run()
    log = (place / "logs" / "runs.jsonl").read_text("utf-8")
    assert [json.loads(line)["event"] for line in log.splitlines()].count("end") == 2
    kept = json.dumps(state(place)["runs"])
    for text in (log, kept):
        assert "anareik" not in text.casefold()
        assert manifests.hashed(place / "inbox" / "done" / "kanareika.csv") in text


def test_a_run_holds_the_lock_and_its_steps_need_none(place, run):
    with workspace.Workspace(place).lock("import big.csv"):
        code, _, err = run()
    assert code == 11
    assert "import big.csv" in err


@pytest.fixture
def watchdog():
    """A server that keeps what it was asked for, and fails."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_error(500)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/abc/", asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_watchdog_is_told_and_its_errors_stop_nothing(place, run, watchdog):
    url, asked = watchdog
    assert run("--ping", url, "--from", "report")[0] == 0
    assert asked == ["/abc/start", "/abc/0"]
    assert run("--ping", "http://127.0.0.1:9/", "--from", "report")[0] == 0
    assert run("--ping", "file:///etc/passwd")[0] == 2


def test_every_step_that_is_shipped_exists():
    for pipeline in rulebook.loaded(rulebook.defaults()).pipelines.values():
        pipelines.refuse_unknown(pipeline.step)


def test_an_unknown_pipeline_is_told_with_those_there_are(place, capsys):
    assert main._code(["run", "nigthly"]) == 2
    assert "inbox, nightly" in capsys.readouterr().err
