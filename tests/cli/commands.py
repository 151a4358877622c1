"""The walks: every command on the samples, in an order a person might take, with the clock and the actor fixed.

To add a command: a line in one of `WALKS`; to add a walk: one more there. The walk "first" starts with nothing, the
others with a base of three imports. `{left}` and `{right}` stand for the first pair that
waits for review, `{last}` for the newest change set.
"""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path

import polars as pl
import pytest

from crmtool.cli import main

SAMPLES = Path(__file__).parents[2] / "samples"
FIXED = {"CRMTOOL_NOW": "2026-11-21T09:30:00+00:00", "LOGNAME": "olha", "TZ": "UTC", "COLUMNS": "80", "CRMTOOL_AS": ""}

#: Name of the walk -> name of the step -> what is typed after `crmtool`. Those that write get --yes unless they say
#: --dry-run.
WALKS: dict[str, dict[str, str]] = {
    "first": {
        "init": "init crm",
        "rules-check": "rules check",
        "read": "read website_form_utf8.csv --limit 4",
        "read-findings": "read bitrix_export_cp1251.csv --limit 24",
        "import-sample": "import bitrix_export_cp1251.csv --sample 12 --dry-run",
        "import": "import bitrix_export_cp1251.csv",
        "profile": "profile website_form_utf8.csv event_guests.xlsx",
        "profile-page": "profile event_guests.xlsx --examples -o profile.html",
        "import-form": "import website_form_utf8.csv",
        "import-guests": "import event_guests.xlsx",
        "import-again": "import website_form_utf8.csv",
        "map": "map event_guests.xlsx",
        "map-save": "map website_form_utf8.csv --column Комментарий=attr.wish --save requests --source site",
        "clean": "clean website_form_utf8.csv -o clean.csv --report findings.csv --expand --region RU",
        "rules-learn": "rules learn",
        "rules-learn-file": "rules learn source --from website_form_utf8.csv --column utm_source",
        "history": "history",
        "history-one": "history 2",
        "undo-dry": "undo 3 --dry-run",
        "save-plan": "contacts tag 2 later --save-plan later.plan",
        "apply": "apply later.plan",
        "history-verify": "history verify",
        "refresh": "refresh --dry-run",
        "undo": "undo {last}",
        "history-end": "history",
    },
    "duplicates": {
        "duplicates-find-dry": "duplicates find --dry-run",
        "duplicates-find": "duplicates find",
        "duplicates-list": "duplicates list --limit 5",
        "duplicates-explain": "duplicates explain {left} {right}",
        "duplicates-explain-page": "duplicates explain {left} {right} -o why.html",
        "duplicates-keys": "duplicates keys",
        "duplicates-train": "duplicates train",
        "duplicates-learn": "duplicates learn",
        "duplicates-evaluate": "duplicates evaluate labelled_people.csv --truth person -o clusters.csv",
        "duplicates-merge": "duplicates merge {left} {right}",
        "contacts-show-merged": "contacts show {right}",
        "duplicates-unmerge": "duplicates unmerge {right}",
        "duplicates-different": "duplicates different {left} {right}",
    },
    "merging": {
        "queue-export": "duplicates export -o queue.csv",
        "merge-decisions": "duplicates merge --decisions queue.csv",
        "merge-certain": "duplicates merge --certain",
        "merge-keep": "duplicates merge {left} {right} --keep name={right}",
        "contacts-show-why": "contacts show {left} --why",
        "contacts-set-merged": "contacts set {right} city=Київ",
        "unmerge-staying": "duplicates unmerge {right}",
        "verdicts-take-back": "duplicates verdicts --take-back 1",
        "verdicts": "duplicates verdicts --limit 3",
        "sheet-export": "contacts export-sheet --segment moscow -o sheet.csv",
        "sheet-import": "contacts import-sheet sheet.csv",
    },
    "scale": {
        "scale-train": "duplicates train",
        "scale-export": "duplicates export --engine splink -o scores",
        "scale-import": "duplicates import-scores scores",
    },
    "review": {
        "duplicates-review": "duplicates review --plain",
    },
    "contacts": {
        "contacts-list": "contacts list --limit 8",
        "contacts-list-segment": "contacts list --segment moscow",
        "contacts-find": "contacts find петров",
        "contacts-show": "contacts show 1",
        "contacts-set": "contacts set 1 city=Київ job_title=Директор",
        "contacts-tag": "contacts tag 1 vip partner",
        "contacts-verify": "contacts verify 1 --field email --method letter",
        "contacts-verify-value": "contacts verify 1 --field phone --method call --value +79160000177",
        "contacts-archive": "contacts archive --where city='Самара' --after 0",
        "contacts-restore": "contacts restore 31 53",
        "contacts-show-edited": "contacts show 1",
        "history-field": "history --contact 1 --field city",
    },
    "segments": {
        "segments-fields": "segments fields",
        "segments-explain-saved": "segments explain vip-kyiv",
        "segments-check": "segments check",
        "segments-refresh": "segments refresh vip-kyiv no-owner",
        "tags-list": "tags list",
        "tags-review": "tags review",
        "tags-rename": "tags rename vip VIP",
        "tags-merge": "tags merge партнер --into partner",
        "segments-refresh-again": "segments refresh",
        "segments-diff": "segments diff vip-kyiv --since 2026-11-01",
        "contacts-list-where": "contacts list --segment moscow --where has('phone') --limit 3",
    },
    "reports": {
        "segments-list": "segments list",
        "segments-count": "segments count moscow",
        "export": "export moscow -o moscow.csv",
    },
    "audit": {
        "audit": "audit --limit 5",
        "audit-uk": "audit --limit 3 --lang uk --by source --by segment",
        "audit-page": "audit -o report.html --lang ru",
        "audit-lists": "audit -o work.xlsx",
        "audit-gate": "audit --fail-on red>90% --fail-on duplicates>500",
        "audit-keep": "audit --keep --as-of 2026-09-30",
        "audit-change": "audit --limit 1 --by owner",
        "audit-due": "audit due --limit 5",
        "audit-due-letter": "audit due --days 60 -o letter.txt --lang uk",
        "audit-plan": "audit plan --capacity 10 --weeks 3",
        "audit-decay": "audit decay --by source",
    },
    "night": {
        "backup-key": "backup key -o off.key",
        "backup-create": "backup create --plain",
        "backup-list": "backup list",
        "backup-verify": "backup verify",
        "backup-drill": "backup drill",
        "backup-prune": "backup prune --dry-run",
        "backup-restore-dry": "backup restore --dry-run",
        "backup-restore": "backup restore",
        "run-dry": "run weekly --dry-run",
        "run": "run weekly",
        "run-from": "run weekly --from report",
        "runs-list": "runs list",
        "runs-show": "runs show 3",
        "doctor": "doctor --deep",
    },
    "consents": {
        "consents-add": "consents add 1 --purpose newsletter --state given --source form --at 2026-10-01",
        "consents-import": "consents import website_form_utf8.csv --purpose calls --state withdrawn --at 2026-11-01",
        "consents-bounces": "consents bounces event_guests.xlsx --kind soft --at 2026-11-02",
        "contacts-consent": "contacts consent 1",
        "export-mailing": "export moscow -o mailing.csv --profile mailing",
        "export-dry": "export moscow -o people.xlsx --dry-run",
        "export-sample": "export moscow -o test.xlsx --sample 30% --stratify source --seed 7 --rest rest.xlsx",
        "history-exports": "history exports",
    },
    "timeline": {
        "interactions-import": "interactions import call_log.csv --region RU",
        "interactions-waiting": "interactions waiting",
        "interactions-link": "interactions link 4 26",
        "interactions-create": "interactions link 3 --create Новиков",
        "interactions-add": "interactions add 3 Ждёт_счёт --at 2026-11-20 --next Отправить_счёт --on 2026-11-23",
        "contacts-note": "contacts note 3 Удобно_после_обеда",
        "interactions-from-notes": "interactions from-notes --dry-run",
        "deals-import": "deals import deals.csv",
        "deals-link": "deals link 6 4",
        "deals-add": "deals add 3 Внедрение --amount 300000₽ --stage offer --on 2026-11-01",
        "deals-move": "deals move 7 won",
        "deals-list": "deals list",
        "deals-worth": "deals worth",
        "contacts-timeline": "contacts timeline 2",
        "contacts-timeline-page": "contacts timeline 3 --kind call --kind note --since 2026-10-01 -o person.html",
        "due": "due --days 30 --limit 10",
        "report-weekly": "report weekly",
        "report-sources": "report sources -o sources.xlsx",
        "report-funnel": "report funnel",
        "report-owners": "report owners",
        "report-cohorts": "report cohorts -o cohorts.html",
        "export-person": "contacts export-person 3 -o person",
        "due-ics": "due --kind birthday --days 60 --ics birthdays.ics",
        "documents-lint": "documents lint Deals --rename",
        "documents-rename": "documents lint Deals --rename --yes --limit 3",
        "documents-unrename": "documents unrename",
        "documents-link": "documents link Deals",
    },
    "rights": {
        "contacts-erase-dry": "contacts erase 1 --reason asked_by_letter --dry-run",
        "contacts-erase": "contacts erase 1 --reason asked_by_letter",
        "undo-erased": "undo 3 --dry-run",
    },
}

WALKS["roles"] = {
    "roles-show": "roles show",
    "roles-show-one": "roles show viewer",
    "roles-review": "roles review",
    "roles-make-view": "roles make-view --role viewer -o viewer.db",
    "history-alerts": "history alerts",
    "runs-review": "runs review",
    "contacts-show-as-viewer": "--as viewer contacts show 1",
}

STEPS = {name: step for walk in WALKS.values() for name, step in walk.items()}

#: What makes the base that the other walks start with.
STARTED = ("init", "import", "import-form", "import-guests")

#: Name of the step -> the walk it belongs to.
HOMES = {name: walk for walk, steps in WALKS.items() for name in steps}

#: For tests of each step: those of one walk stay on one worker, where it is taken once (see tests/conftest.py).
EACH = [pytest.param(name, id=f"{walk}:{name}") for name, walk in HOMES.items()]
#: The same where a few walks stand for all in the gate; the rest are a slow proof.
SOME = [
    pytest.param(name, id=f"{walk}:{name}", marks=() if walk in {"first", "night", "timeline"} else pytest.mark.soak)
    for name, walk in HOMES.items()
]

WRITES = {
    "import",
    "apply",
    "refresh",
    "undo",
    "duplicates find",
    "duplicates merge",
    "duplicates unmerge",
    "duplicates different",
    "duplicates verdicts",
    "duplicates import-scores",
    "contacts set",
    "contacts tag",
    "contacts verify",
    "contacts archive",
    "contacts erase",
    "contacts restore",
    "segments refresh",
    "tags rename",
    "tags merge",
    "contacts import-sheet",
    "contacts note",
    "interactions from-notes",
    "deals import",
    "deals add",
    "deals link",
    "deals move",
    "documents link",
    "documents unrename",
    "interactions import",
    "interactions add",
    "interactions link",
    "backup prune",
    "backup restore",
    "consents add",
    "consents import",
    "consents bounces",
    "audit --keep",
}


def ran(*arguments):
    """Run the command line in this process; return its exit code, output and remarks."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main._code(list(arguments))
    return code, out.getvalue(), err.getvalue()


def asked(*arguments):
    code, out, err = ran(*arguments, "--json")
    assert code == 0, err
    return json.loads(out)


def names():
    """Return what the steps speak of and only the store knows."""
    pairs, done = asked("duplicates", "list"), asked("history")
    early = min(
        pairs, key=lambda pair: pair["right_id"], default={"left_id": 1, "right_id": 2}
    )  # both of the first import
    return {"left": str(early["left_id"]), "right": str(early["right_id"]), "last": str(done[-1]["id"])}


@contextlib.contextmanager
def surroundings(place):
    """Work in a folder with the samples and its workspace `crm`, at a fixed moment, as a fixed person."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        for name, value in FIXED.items():
            patch.setenv(name, value)
        patch.setenv("CRMTOOL_WORKSPACE", str(place / "crm"))
        patch.setattr("sys.stdin", io.StringIO("w\ny\nn\nu\n"))  # what is answered in a review
        for sample in SAMPLES.glob("*.[cx]*"):
            (place / sample.name).write_bytes(sample.read_bytes())
        yield


#: A pipeline for the walk "night": one that can be run without keys.
PIPELINE = """\
title = "Every week"
[[step]]
name = "backup"
run = "backup create --plain"
[[step]]
name = "inbox"
run = "import {file}"
files = "../website*.csv"
[[step]]
name = "more"
run = "import {file} --source weekly"
files = "../labelled*.csv"
[[step]]
name = "report"
run = "audit -o reports/freshness-{today}.html --force"
"""


#: Documents for the walk "timeline".
DOCUMENTS = """\
1/2026-01-12_Договор_v1_Ветрова.docx
1/2026-01-15_Договор_v2_Ветрова.docx
1/Счет 20.01.2026 Ветрова.pdf
2 Обучение/2026-04-31_Акт_v1_Ветрова.pdf
99/2026-07-01_Фото_v1_Лисовая.jpg
скан.pdf
"""


def typed(step, *flags):
    """Return the words of a step, with --yes where it writes."""
    words = step.split()
    writes = " ".join(words[:2]) in WRITES or words[0] in WRITES
    return [*words, *(["--yes"] if writes and "--dry-run" not in words else []), *flags]


def started(place):
    """Make the base in a folder."""
    with surroundings(place):
        for name in STARTED:
            assert ran(*typed(STEPS[name]))[0] in {0, 3}, name
        pipeline = place / "crm" / "rules" / "pipelines" / "weekly.toml"
        pipeline.write_text(PIPELINE, "utf-8")
        pipeline.chmod(0o600)
        for document in DOCUMENTS.splitlines():
            (place / "Deals" / document).parent.mkdir(parents=True, exist_ok=True)
            (place / "Deals" / document).write_text(document, "utf-8")


def scored(place):
    """Put beside an export what an engine would."""
    told = {"unique_id_l": [48, 5], "unique_id_r": [67, 61], "match_weight": [13.1, 13.0]}
    pl.DataFrame(told).write_parquet(place / "scores" / "person.scores.parquet")


#: Name of the step -> what others do before it, in the folder of the walk.
BEFORE = {"scale-import": scored}


def walked(walk, place, *flags):
    """Take a walk in a folder with some flags; return name of the step -> (exit code, output, remarks)."""
    results, known = {}, {}
    with surroundings(place):
        for name, step in WALKS[walk].items():
            if "{last}" in step or (not known and "{" in step):
                known = {**names(), **{k: v for k, v in known.items() if k != "last"}}
            BEFORE.get(name, lambda _: None)(place)
            results[name] = ran(*(word.format(**known) for word in typed(step, *flags)))
    return results
