"""The one door refuses a command that changes more of the base than the rules allow."""

import pytest

PEOPLE = "ID;Имя;Фамилия;Город\n" + "".join(f"{n};Иван;Петров{n};Киев\n" for n in range(1, 11))


@pytest.fixture
def base(crm, workspace, kept, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "people.csv").write_text(PEOPLE, "utf-8")

    def limited():
        (workspace.rules_path / "limits.toml").write_text("share = 0.2\ncontacts = 2\n")
        assert crm("import", "people.csv", "--yes").code == 0  # new contacts are no change of others

    kept("share", workspace, limited)
    (tmp_path / "people.csv").write_text(PEOPLE.replace("Киев", "Одесса"), "utf-8")
    return crm


def test_a_command_that_changes_too_many_is_refused(base, workspace):
    said = base("import", "people.csv", "--yes")
    assert said.code == 5
    assert "change 10 of 10 contacts; the limit is 20%" in said.err
    assert "--confirm" in said.err
    assert workspace.open_store().revision().number == 1


def test_it_may_be_meant(base):
    assert base("import", "people.csv", "--yes", "--confirm").code == 0
    assert base("undo", 2, "--yes").code == 0  # taking back is never refused
    assert base("undo", 1, "--yes").code == 0


def test_a_dry_run_tells_and_a_saved_plan_is_held_when_it_is_applied(base):
    said = base("import", "people.csv", "--dry-run")
    assert (said.code, "It will want --confirm" in said.err) == (0, True)
    assert base("import", "people.csv", "--save-plan", "later.plan").code == 0
    assert base("apply", "later.plan", "--yes").code == 5
    assert base("apply", "later.plan", "--yes", "--confirm").code == 0


def test_few_may_always_be_changed(base):
    assert base("contacts", "set", 1, "city=Львів", "--yes").code == 0


def test_a_large_undo_in_parts_is_not_refused(base, monkeypatch):
    from crmtool.io import reversal

    monkeypatch.setattr(reversal, "_AT_ONCE", 1)
    assert base("undo", 1, "--yes").code == 0
