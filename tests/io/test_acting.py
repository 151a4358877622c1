"""Who acts: the user of the system, who asked sudo, and the role taken for one command."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest

from crmtool.core.errors import RoleRefused, RuleError, UsageError
from crmtool.io import acting

RULES = """
default = "viewer"
[role.admin]
default = "write"
may = ["import", "export", "create", "merge", "archive", "history", "undo", "erase", "operate"]
[role.viewer]
[role.editor]
default = "write"
as = "viewer"
[user.{me}]
role = "editor"
owner = "Я"
"""
ME = pwd.getpwuid(os.getuid()).pw_name


@pytest.fixture
def rules(tmp_path):
    (tmp_path / "roles.toml").write_text(RULES.format(me=ME), "utf-8")
    return tmp_path


def test_without_rules_everybody_may_everything(tmp_path):
    assert acting.holder(tmp_path, {}).role.is_free


def test_a_user_has_their_role_and_their_names(rules):
    found = acting.holder(rules, {"LOGNAME": "admin", "USER": "admin"})  # what anybody may say of themselves
    assert (found.user, found.name, found.owners) == (ME, "editor", (ME, "Я"))


def test_a_role_may_be_taken_where_it_is_allowed(rules):
    assert acting.holder(rules, {"CRMTOOL_AS": "viewer"}).name == "viewer"
    with pytest.raises(RoleRefused):
        acting.holder(rules, {"CRMTOOL_AS": "admin"})
    with pytest.raises(UsageError):
        acting.holder(rules, {"CRMTOOL_AS": "nobody"})


def test_sudo_names_who_asked_only_where_crmtool_runs_for_others():
    assert acting.user({"SUDO_UID": "4242"}) == ME
    assert acting.user({"SUDO_UID": "4242", "CRMTOOL_SHARED": "/srv/crm"}) == "4242"


def test_for_others_it_counts_who_acts_also_where_the_rules_name_nobody(tmp_path):
    assert not acting.holder(tmp_path, {}).bound
    found = acting.holder(tmp_path, {"SUDO_UID": "4242", "CRMTOOL_SHARED": "/srv/crm"})
    assert (found.user, found.bound) == ("4242", True)


def test_whoever_is_not_named_has_the_default_role(rules):
    found = acting.holder(rules, {"SUDO_UID": "4242", "CRMTOOL_SHARED": "/srv/crm"})
    assert (found.user, found.name) == ("4242", "viewer")


def test_runs_for_others_use_one_workspace(tmp_path):
    shared = {"CRMTOOL_SHARED": str(tmp_path)}
    acting.shared_only(shared, None)
    acting.shared_only(shared, tmp_path)
    acting.shared_only({}, tmp_path / "other")
    with pytest.raises(RoleRefused):
        acting.shared_only(shared, tmp_path / "other")


def test_runs_for_others_open_no_file_by_name(rules):
    shared = {"CRMTOOL_SHARED": "/srv/crm"}
    who = acting.holder(rules, {})
    acting.without_files(shared, who, {"files": [Path("-")], "name": "x"})
    acting.without_files({}, who, {"files": [Path("x.csv")]})
    for given in ({"files": [Path("x.csv")]}, {"output": Path("x.csv")}):
        with pytest.raises(RoleRefused):
            acting.without_files(shared, who, given)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ('default = "admim"', 'role "admim"'),
        ('[role.x]\ndefault = "hide"\nmay = ["history"]', "history reaches every value"),
        ('[role.x]\nrecords = "own"\nmay = ["export"]', "a withdrawal said of another one"),
        ('[role.x]\nfields = { tags = "mask" }', "not masked"),
        ('[role.x]\nfields = { fone = "hide" }', "did you mean phone?"),
        ("[role.x", "is no TOML"),
    ],
)
def test_wrong_rules_let_nobody_in(tmp_path, text, wrong):
    (tmp_path / "roles.toml").write_text(text, "utf-8")
    with pytest.raises(RuleError) as error:
        acting.holder(tmp_path, {})
    assert any(wrong.replace('"', "'") in line.replace('"', "'") for line in error.value.problems), error.value.problems
