"""The shape of `pipelines/NAME.toml`: what runs unattended, step by step.

A step is a command of crmtool as it would be typed. To add something a step may say: a field of `Step`, its meaning in
`crmtool.cli.pipelines`, and its sentence in the shipped file.
"""

from __future__ import annotations

import shlex
from typing import Annotated, Literal

from pydantic import Field

from crmtool.core.rule import Name, Rule, Words

#: Stands in the command of a step for each of its files.
FILE = "{file}"
#: Stands in the command of a step for the day of the run.
TODAY = "{today}"


class Step(Rule):
    """One step: a command, for each of some files if it has any, and what happens should it fail."""

    name: Annotated[str, Field(pattern=r"^\w[\w-]*$")]
    run: Name  # as typed after `crmtool`; {file} and {today} are filled in
    files: Words = ()  # patterns, inside the workspace if relative; the oldest file goes first
    settled: Annotated[int, Field(ge=0)] = 0  # seconds a file must have been left alone: it may still be arriving
    done: Name | None = None  # folder that files which were taken are moved to
    failed: Name | None = None  # folder that files which were refused are moved to
    on_fail: Literal["stop", "continue"] = "stop"


class Pipeline(Rule):
    """`pipelines/NAME.toml`: a named list of steps."""

    title: Name
    step: Annotated[tuple[Step, ...], Field(min_length=1)]


def words(step: Step) -> list[str]:
    """Return the command of a step as words. Raises ValueError where a quotation mark is not closed."""
    return shlex.split(step.run)
