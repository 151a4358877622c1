"""What is wrong in the rule files about running the base: recipients of copies, steps of pipelines, roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmtool.core import pipeline_rules, role_rules
from crmtool.core.errors import UsageError
from crmtool.io.rulebook_names import unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crmtool.core.backup_rules import Backup
    from crmtool.core.pipeline_rules import Pipeline, Step
    from crmtool.core.role_rules import Roles


def in_backup(rule: Backup) -> Iterator[str]:
    """Yield a line for each recipient that is no public key."""
    from crmtool.io import encryption

    for number, recipient in enumerate(rule.recipients, 1):
        try:
            encryption.recipients([recipient])
        except UsageError as error:
            yield f"backup.toml: recipients {number}: {error.message}"


def in_roles(rules: Roles) -> Iterator[str]:
    """Yield a line for each role or field that nobody knows, and for what roles cannot keep."""
    yield from (f"roles.toml: {line}" for line in unknown(role_rules.named(rules), set(rules.role), "role"))
    yield from (f"roles.toml: {line}" for line in unknown(role_rules.fields(rules), role_rules.known_fields()))
    yield from (f"roles.toml: {place}: {wrong}" for place, wrong in role_rules.mistakes(rules))


def in_pipelines(pipelines: Iterable[tuple[str, Pipeline]]) -> Iterator[str]:
    """Yield what is wrong with the steps of pipelines; whether there is such a command is known where they run."""
    for name, pipeline in pipelines:
        names = [step.name for step in pipeline.step]
        for number, step in enumerate(pipeline.step, 1):
            where = f"pipelines/{name}.toml: step {number} ({step.name})"
            if names.index(step.name) != number - 1:
                yield f"{where}: name: an earlier step has this name"
            yield from (f"{where}: {wrong}" for wrong in _in_step(step))


def _in_step(step: Step) -> Iterator[str]:
    try:
        words = pipeline_rules.words(step)
    except ValueError as error:
        yield f"run: {error}"
        return
    if words[:1] == ["run"]:
        yield "run: a pipeline runs no pipeline"
    if words[:1] == ["crmtool"]:
        yield "run: the word crmtool is left out"
    if step.files and pipeline_rules.FILE not in words:
        yield f"run: has no {pipeline_rules.FILE}, so its files would not be read"
    if not step.files and pipeline_rules.FILE in words:
        yield "files: no pattern says which files"
    if not step.files and (step.done or step.failed or step.settled):
        yield "files: done, failed and settled are about files, and no pattern says which"
