"""Running the steps of a pipeline: each is a command of crmtool, called in this process as it would be typed.

A step takes the same road as a person's command: the same options, plan, door, and exit code. It gets --json and, where
it asks, --yes; what it changes carries the run in the facts of its change set, in the same transaction.
"""

from __future__ import annotations

import contextlib
import io
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from typer.exceptions import TyperException

from crmtool.cli.session import Session
from crmtool.core.errors import CrmError, UsageError

if TYPE_CHECKING:
    from crmtool.core.pipeline_rules import Step

#: Exit codes that mean success; and those of a run that was asked to end.
GOOD, STOPPED = (0, 3), (130, 143)


@dataclass(frozen=True)
class Outcome:
    """How a step ended, or one file of it."""

    step: str
    outcome: str
    code: int = 0
    file: str | None = None
    sha256: str | None = None
    seconds: float = 0.0
    numbers: dict[str, int] = field(default_factory=dict)
    said: str = ""  # remarks of the command; they may hold data and are only shown

    @property
    def is_good(self) -> bool:
        """Whether the step did what it should."""
        return self.code in GOOD


@dataclass(frozen=True)
class Calling:
    """What all steps of a run share."""

    session: Session
    facts: dict[str, Any]  # of the run


def wanted(steps: Sequence[Step], first: str | None) -> list[Step]:
    """Return the steps from one on. Raises UsageError where there is no such step."""
    names = [step.name for step in steps]
    if first is not None and first not in names:
        raise UsageError(f"There is no step {first!r}.", f"The steps are: {', '.join(names)}")
    return list(steps[names.index(first) if first else 0 :])


def refuse_unknown(steps: Sequence[Step]) -> None:
    """Raise UsageError, listing every step whose command or options do not exist, before any of them runs."""
    from crmtool.core import pipeline_rules

    problems = [f"{step.name}: {wrong}" for step in steps if (wrong := _wrong(pipeline_rules.words(step)))]
    if problems:
        raise UsageError("Some steps cannot be run:", "See how with: crmtool COMMAND --help", problems)


def _wrong(words: list[str]) -> str:
    try:
        command, rest = _command(words)
        command.make_context(words[0], [*rest], resilient_parsing=False).close()
    except (TyperException, KeyError) as error:
        return error.format_message() if isinstance(error, TyperException) else f"there is no command {words[0]!r}"
    except CrmError as error:
        return error.message
    return ""


def _command(words: Sequence[str]) -> tuple[Any, list[str]]:
    """Return the command that words name, and the words after its name. Raises KeyError."""
    from crmtool.cli import main

    command: Any = typer.main.get_command(main.app)
    rest = list(words)
    while hasattr(command, "commands") and not _is_whole(command, rest):
        command = command.commands[rest.pop(0) if rest else ""]
    return command, rest


def _is_whole(noun: Any, rest: Sequence[str]) -> bool:  # noqa: ANN401  # click's classes are private to typer
    """Return whether a noun is a command by itself here, as `audit` is, which `audit due` is not."""
    return noun.invoke_without_command and (not rest or rest[0] not in noun.commands)


def outcomes(calling: Calling, steps: Sequence[Step]) -> Iterator[Outcome]:
    """Run steps one after another and yield how each ended; after one that fails the rules say whether to go on."""
    going = True
    for step in steps:
        if not going:
            yield Outcome(step.name, "not run")
            continue
        for outcome in _step(calling, step):
            yield outcome
            stopped = outcome.code in STOPPED
            going = going and not stopped and (outcome.is_good or step.on_fail == "continue")
            if stopped:
                break


def _step(calling: Calling, step: Step) -> Iterator[Outcome]:
    from crmtool.io import inbox

    if not step.files:
        yield _called(calling, step, None)
        return
    found = inbox.waiting(step.files, calling.session.workspace.root)
    if not found:
        yield Outcome(step.name, "no files")
    for path in found:
        yield _of_file(calling, step, path)


def _of_file(calling: Calling, step: Step, path: Path) -> Outcome:
    """Take one file: unless it still arrives or was taken before; then put it where the rules say."""
    from crmtool.core import pipeline_rules
    from crmtool.io import inbox

    if not inbox.is_settled(path, step.settled):
        return Outcome(step.name, "still arriving", file=path.name)
    words = pipeline_rules.words(step)
    _, rest = _command(words)
    command = " ".join(words[: len(words) - len(rest)])
    if inbox.is_taken(calling.session.store, path, command):
        outcome = Outcome(step.name, "already imported", file=path.name)
    else:
        outcome = _called(calling, step, path)
    return _put_away(calling.session, step, path, outcome)


def _put_away(session: Session, step: Step, path: Path, outcome: Outcome) -> Outcome:
    import dataclasses

    from crmtool.io import inbox

    folder = step.done if outcome.is_good else step.failed
    if folder is None or session.options.dry_run or outcome.code in STOPPED:
        return outcome
    try:
        inbox.moved(path, session.workspace.root / folder)
    except CrmError as error:
        return dataclasses.replace(outcome, outcome="failed", code=error.exit_code, said=error.message)
    return outcome


def _called(calling: Calling, step: Step, path: Path | None) -> Outcome:
    """Run the command of a step; what it prints is read, not shown."""
    from crmtool.cli import main
    from crmtool.core import pipeline_rules, runs
    from crmtool.io import manifests

    session = calling.session
    given = {pipeline_rules.FILE: str(path), pipeline_rules.TODAY: session.today.isoformat()}
    words = [_filled(word, given) for word in pipeline_rules.words(step)]
    flags = _flags(words, session)
    digest = manifests.hashed(path) if path else None
    begun, out, err = time.monotonic(), io.StringIO(), io.StringIO()
    if flags is None:
        return Outcome(step.name, "not tried", file=path.name if path else None)
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main._code([*words, *flags], {**calling.facts, "run_step": step.name})  # noqa: SLF001  # the one entry
    seconds = 0.0 if session.elapsed == 0 else round(time.monotonic() - begun, 2)
    counts = runs.numbers(_document(out.getvalue()))
    name = path.name if path else None
    return Outcome(step.name, _how(code), code, name, digest, seconds, counts, err.getvalue())


def _filled(word: str, given: dict[str, str]) -> str:
    for name, value in given.items():
        word = value if word == name else word.replace(name, value)
    return word


def _flags(words: Sequence[str], session: Session) -> list[str] | None:
    """Return the options every step gets that its command knows; None: it has no dry run and one is wanted."""
    command, _ = _command(words)
    known = {option for parameter in command.params for option in parameter.opts}
    if session.options.dry_run and not {"--dry-run"} & known:
        return None
    flags = ["--json", "--workspace", str(session.workspace.root)]
    flags += ["--yes"] if "--yes" in known and "--yes" not in words else []
    return flags + (["--dry-run"] if session.options.dry_run and "--dry-run" not in words else [])


def _how(code: int) -> str:
    if code in STOPPED:
        return "stopped"
    return {0: "done", 3: "done, some rejected"}.get(code, "failed")


def _document(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return None
