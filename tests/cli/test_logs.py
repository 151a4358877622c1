"""What is written without being asked for names nobody: logs, the journal of runs, manifests, what cron is told.

One person, a canary, goes through all that a night does, and through steps that fail in each way that files can make
them fail. To add a way: a file in `BAD`, or a step of the pipeline.
"""

from __future__ import annotations

import json
from pathlib import Path

import lives
import polars as pl
import pytest
from commands import ran

from crmtool.io import manifests
from crmtool.io.store import Store

HEAD = "name;phone;email;city;note;birthday"
GOOD = f"{HEAD}\nКанарейкина Анна;+79165550391;canary@leak.example;Клетск;поёт;03.05.1987\n"
AGAIN = f"{HEAD}\nКанарейкина Анна;8 916 555-03-91;canary@leak.example;Клетск;поёт по утрам;03.05.1987\n"
#: Files that cannot be taken, or in part; each says who it is about.
BAD = {
    "ragged.csv": GOOD + "Канарейкина Анна;+79165550391;canary@leak.example;;;;;;;\n;;;;;\n",
    "unclosed.csv": GOOD + '"Канарейкина Анна;+79165550391\n',
    "wild.csv": f"{HEAD}\nКанарейкина;9165550391999;canary@@leak;Клетск;=1+1;32.13.1987\n",
    "nobody.csv": "Канарейкина;canary@leak.example\n+79165550391;Клетск\n",
    "broken.xlsx": "PK\x03\x04 Канарейкина canary@leak.example +79165550391",
    "broken.json": '[{"name": "Канарейкина", "email": "canary@leak.example"',
    "odd.vcf": "BEGIN:VCARD\nFN:Канарейкина Анна\nEMAIL:canary@leak.example\nBDAY:32.13.1987\n",
    "mail.eml": "From: Канарейкина <canary@leak.example>\nTo: =?utf-8?B?broken?=\n\n+79165550391",
}
PIPELINE = """
[[step]]
name = "backup"
run = "backup create --plain"
on_fail = "continue"
[[step]]
name = "inbox"
run = "import {file}"
files = "inbox/*"
done = "inbox/done"
failed = "inbox/failed"
on_fail = "continue"
"""
STEPS = {
    "find": "duplicates find",
    "merge": "duplicates merge --certain",
    "clean": "clean ../good.csv -o ../clean.csv",
    "audit": "audit -o reports/audit.html --force",
    "export": "export 'id > 0' -o ../out.csv --profile excel --approximate",
    "again": "export 'id > 0' -o ../out.csv --profile excel --approximate",
    "undo": "undo 1",
    "gate": "segments count nobody",
    "calls": "interactions import ../calls.csv",
    "erase": "contacts erase 1 --reason asked",
    "gone": "contacts show 1",
    "known": "import ../good.csv",
}
CANARIES = ("канарейкин", "kanareykin", "9165550391", "916 555", "canary", "leak.example", "клетск", "1987", "поёт")


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    """A workspace after such a night, and what cron was told: exit code and standard error."""
    place = tmp_path_factory.mktemp("night")
    with pytest.MonkeyPatch.context() as patch:
        lives.settled(patch, place)
        patch.setenv("CRMTOOL_DEBUG", "1")
        lives.lived(place, {"good.csv": GOOD, "again.csv": AGAIN}, "import good.csv\nimport again.csv --source other")
        Path("calls.csv").write_text("Дата и время;Кто звонил\n19.11.2026 10:00;+79165550391\nx;Канарейкина\n", "utf-8")
        steps = "".join(f'[[step]]\nname = "{n}"\nrun = "{run}"\non_fail = "continue"\n' for n, run in STEPS.items())
        Path("crm/rules/pipelines/all.toml").write_text(f'title = "All"\n{PIPELINE}{steps}', "utf-8")
        for name, text in BAD.items():
            Path("crm/inbox", name).write_text(text, "utf-8")
        code, _, err = ran("run", "all", "--quiet")
    return place, (code, err)


def leaks(text):
    return [word for word in CANARIES if word in text.lower()]


def in_bytes(path):
    content = path.read_bytes()
    return {word for encoding in ("utf-8", "utf-16-le", "cp1251") for word in leaks(content.decode(encoding, "ignore"))}


def test_no_log_names_anybody(lived):
    place, _ = lived
    logs = [path for path in (place / "crm" / "logs").iterdir() if path.stat().st_size]
    assert len(logs) == 1
    lines = [json.loads(line) for line in logs[0].read_text("utf-8").splitlines()]
    failed = {line.get("step") for line in lines if line.get("outcome") == "failed"}
    assert {line.get("step") for line in lines} >= {*STEPS, "inbox"}
    assert {"inbox", "again", "gate", "gone"} <= failed
    assert in_bytes(logs[0]) == set()


def test_the_journal_and_the_manifests_of_copies_name_nobody(lived):
    place, _ = lived
    crm = place / "crm"
    store = Store.open(crm / "crm.db", (crm / "crm.key").read_text("ascii").strip())
    runs = store.snapshot("run")
    facts = store.query("SELECT facts FROM changeset", [], {"facts": pl.String()})["facts"].to_list()
    store.close()
    assert runs.height == 1
    assert leaks(json.dumps([runs.to_dicts(), facts], ensure_ascii=False)) == []
    found = [copy.manifest_path for copy in manifests.found(crm / "backups")]
    assert found
    assert [path for path in found if in_bytes(path)] == []


def test_what_cron_is_told_names_nobody(lived):
    """What stands on standard error becomes a mail, or a line of the system's journal."""
    _, (code, err) = lived
    assert code != 0
    assert err.count("failed with code") > 5
    assert leaks(err) == []


def test_the_search_sees_a_leak(lived):
    assert leaks(GOOD.lower()) != []
    assert in_bytes(lived[0] / "good.csv") != set()
