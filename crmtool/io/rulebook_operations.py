"""What is wrong in the rule files about running the base: recipients of copies, steps of pipelines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmtool.core import pipeline_rules
from crmtool.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crmtool.core.backup_rules import Backup
    from crmtool.core.pipeline_rules import Pipeline, Step


def in_backup(rule: Backup) -> Iterator[str]:
    """Yield a line for each recipient that is no public key."""
    from crmtool.io import encryption

    for number, recipient in enumerate(rule.recipients, 1):
        try:
            encryption.recipients([recipient])
        except UsageError as error:
            yield f"backup.toml: recipients {number}: {error.message}"


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
