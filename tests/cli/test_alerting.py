"""`history alerts` and `runs review` on a base with a history."""

from __future__ import annotations

import json
import shutil

import pytest
from commands import ran, surroundings


@pytest.fixture(scope="module")
def office(base, tmp_path_factory):
    """A place where an import was taken back, people were exported, and somebody worked at night."""
    place = tmp_path_factory.mktemp("office")
    shutil.copytree(base, place, dirs_exist_ok=True)
    rules = (place / "crm" / "rules" / "alerts.toml").read_text("utf-8")
    rules = rules.replace("= 1000", "= 5").replace("= 2000", "= 5")
    (place / "crm" / "rules" / "alerts.toml").write_text(rules, "utf-8")
    with surroundings(place), pytest.MonkeyPatch.context() as patch:
        assert ran("undo", "3", "--yes")[0] == 0
        assert ran("export", "moscow", "-o", "moscow.csv")[0] == 0
        patch.setenv("CRMTOOL_NOW", "2026-11-21T23:30:00+00:00")
        assert ran("contacts", "tag", "1", "late", "--yes")[0] == 0
    return place


def alerts(office, *words):
    with surroundings(office):
        code, out, err = ran("history", "alerts", "--json", *words)
    assert err == ""
    return code, [(each["kind"], each["changeset"], each["number"]) for each in json.loads(out)]


def test_exports_changes_and_nights_are_told(office):
    code, found = alerts(office)
    assert code == 0
    assert {kind for kind, _, _ in found} == {"change", "export", "night"}
    assert [number for kind, number, _ in found if kind == "night"] == [6]
    assert [(number, limit) for kind, number, limit in found if kind == "export"] == [(5, 10)]


def test_a_gate_fails_where_there_are_alerts(office):
    assert alerts(office, "--fail")[0] == 4
    assert alerts(office, "--fail", "--since", "2026-11-22") == (0, [])


def test_what_was_taken_back_did_not_come(office):
    with surroundings(office):
        told = json.loads(ran("runs", "review", "--json")[1])
    assert [(each["source"], each["counts"]["read"]) for each in told["sources"]] == [
        ("bitrix24", 40),
        ("website-form", 26),
    ]
