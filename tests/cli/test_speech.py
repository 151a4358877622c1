"""How commands speak: one document with --json, nothing with --quiet; --help has an example and the shared options."""

from __future__ import annotations

import json
import shlex

import pytest
import typer
from commands import EACH, HOMES, SOME, STEPS, WRITES, ran

from crmtool.cli import main, nouns


def leaves(command, path=()):
    """Yield every command that can be typed, with its words."""
    for name, inner in getattr(command, "commands", {}).items():
        yield from leaves(inner, (*path, name))
    if path and getattr(command, "invoke_without_command", True):
        yield " ".join(path), command


COMMANDS = dict(leaves(typer.main.get_command(main.app)))


@pytest.mark.parametrize("name", EACH)
def test_json_is_one_document_and_nothing_else(json_walk, walk, name):
    code, out, err = json_walk(name)
    assert err == ""
    assert out.endswith("\n")
    assert isinstance(json.loads(out), (dict, list))
    assert code == walk(name)[0]


@pytest.mark.parametrize("first", [pytest.param("import", id="first:")])
def test_json_of_a_write_names_its_change_set(json_walk, first):
    documents = {name: json.loads(json_walk(name)[1]) for name in (first, "import-form", "import-guests")}
    assert [document["changeset"] for document in documents.values()] == [1, 2, 3]
    assert documents["import"]["facts"]["read"] == 40
    assert json.loads(json_walk("import-sample")[1])["changeset"] is None


@pytest.mark.parametrize("name", SOME)
def test_quiet_says_nothing(quiet_walk, walk, name):
    code, out, err = quiet_walk(name)
    assert (code, out) == (walk(name)[0], "")
    assert err == "" or err.startswith("Left out (newsletter): ")  # nothing makes the gate of consents silent


@pytest.mark.parametrize(
    ("name", "made"),
    [
        pytest.param("export", "moscow.csv", id="reports:"),
        pytest.param("audit-lists", "report.html work.xlsx", id="audit:"),
        pytest.param("clean", "clean.csv", id="first:"),
    ],
)
def test_everything_that_came_of_a_walk_is_private(walk_and_places, name, made):
    walk, places = walk_and_places
    walk(name)
    place = places[HOMES[name]]
    files = [*(place / file for file in made.split()), *(place / "crm").rglob("*"), place / "crm"]
    assert [str(path) for path in files if path.stat().st_mode & 0o077] == []
    assert {path.suffix for path in files} >= {".csv", ".db", ".key", ".toml"}


def test_every_command_is_part_of_the_walk():
    walked = {name for name in COMMANDS for step in STEPS.values() if step == name or step.startswith(f"{name} ")}
    assert walked == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_an_example_that_can_be_typed(name):
    code, out, _ = ran(*name.split(), "--help")
    assert code == 0
    (example,) = [line.strip() for line in out.splitlines() if line.strip().startswith("Example: ")]
    typed = shlex.split(example.removeprefix("Example: "))
    assert typed[: 1 + len(name.split())] == ["crmtool", *name.split()]
    options = {option for parameter in COMMANDS[name].params for option in parameter.opts}
    assert {word for word in typed if word.startswith("-")} <= options


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_the_shared_options(name):
    options = {option for parameter in COMMANDS[name].params for option in parameter.opts}
    assert {"--json", "--quiet", "--workspace"} <= options
    assert ({"--dry-run", "--yes"} <= options) == (name in {each.split(" -")[0] for each in WRITES})
    assert all(parameter.help or parameter.param_type_name == "argument" for parameter in COMMANDS[name].params)


@pytest.mark.parametrize("words", [[], ["duplicates"]])
def test_without_a_command_the_help_is_shown_as_it_is(words):
    code, out, err = ran(*words)
    assert (code, err) == (2, "")
    assert "Commands:\n" in out


def test_every_name_in_the_help_is_a_command():
    group = typer.main.get_command(main.app)
    assert {name for name in group.commands if group.commands[name].name == name} == set(nouns.NOUNS)
    assert {command.split()[0] for command in COMMANDS} == set(nouns.NOUNS)


def test_a_module_declares_no_command_that_the_help_does_not_name():
    declared = {name for noun in nouns.NOUNS.values() for name in nouns._declared(noun.module)}
    assert declared == set(nouns.NOUNS)
