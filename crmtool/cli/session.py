"""One run of one command: the workspace, the rules, the clock, how to speak, and the one door to the store.

Commands are declared with `@command(app, "name", reads=True, writes=True)`; they get a `Session` first, and the options
that such commands share are added: `reads` for those that read files. A command that writes ends in
`session.offer(plan, ...)`.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import functools
import getpass
import inspect
import os
import sys
import time
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crmtool.cli import admission, endings, inputs
from crmtool.core.errors import UsageError

if TYPE_CHECKING:
    from crmtool.core.plans import Plan, Summary
    from crmtool.core.roles import Holder
    from crmtool.core.rules import Rules
    from crmtool.io.intake import Servers
    from crmtool.io.store import Stamp, Store
    from crmtool.io.workspace import Workspace

_SHARED = {
    "workspace": Annotated[Path | None, typer.Option("--workspace", help="The workspace folder.", show_default=False)],
    "as_json": Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")],
    "quiet": Annotated[bool, typer.Option("--quiet", help="Only errors, and the exit code.")],
}
_WRITING = {
    "dry_run": Annotated[bool, typer.Option("--dry-run", help="Show what would change; change nothing.")],
    "yes": Annotated[bool, typer.Option("--yes", help="Do not ask.")],
    "save_plan": Annotated[
        Path | None,
        typer.Option("--save-plan", help="Write the plan to a file, for crmtool apply.", show_default=False),
    ],
    "confirm": Annotated[
        bool, typer.Option("--confirm", help="Go beyond the limit of rules/limits.toml; it is meant.")
    ],
    "wait": Annotated[
        float, typer.Option("--wait", metavar="SECS", min=0, help="How long to wait while another run is writing.")
    ],
}
_PATIENCE = 2.0  # seconds that a change among many waits for another writer
_DONE = 600.0  # seconds that what is done anyhow waits to be written down
_DEFAULTS = {**dict.fromkeys(("workspace", "save_plan", *inputs.OPTIONS)), "wait": 0.0}


@dataclass(frozen=True)
class Options:
    """What every command can be told."""

    workspace: Path | None = None
    as_json: bool = False
    quiet: bool = False
    dry_run: bool = False
    yes: bool = False
    save_plan: Path | None = None
    confirm: bool = False
    wait: float = 0.0

    @property
    def looks(self) -> bool:
        """Whether the store stays as it is, whatever the plan."""
        return self.dry_run or self.save_plan is not None


class Session:
    """The surroundings of one command."""

    def __init__(
        self,
        options: Options,
        reading: inputs.Reading | None = None,
        facts: Mapping[str, Any] | None = None,
        command: str = "",
    ) -> None:
        self.options = options
        self._command = command
        self.reading = reading or inputs.Reading()
        self._facts = facts  # of the pipeline that this is a step of; it holds the lock
        self._begun = time.monotonic()

    @functools.cached_property
    def workspace(self) -> Workspace:
        """The workspace this run works in. Raises RoleRefused where the command is not for the role."""
        from crmtool.core import roles

        roles.admitted(self.holder, self._command)
        return self._place

    @functools.cached_property
    def _place(self) -> Workspace:
        from crmtool.io import acting, workspace

        acting.shared_only(os.environ, self.options.workspace)
        return workspace.found(self.options.workspace, os.environ, Path.cwd())

    @functools.cached_property
    def holder(self) -> Holder:
        """Who acts, and in which role."""
        from crmtool.io import acting

        return acting.holder(self._place.rules_path, os.environ)

    @functools.cached_property
    def store(self) -> Store:
        """The open store, as the role has it."""
        return admission.store(self)

    def store_closed(self) -> None:
        """Leave the store, so that another file can take its place."""
        if "store" in self.__dict__:
            self.store.close()
            del self.store

    @functools.cached_property
    def rules(self) -> Rules:
        """The rules of the workspace."""
        from crmtool.io import rulebook

        return rulebook.loaded(self.workspace.rules_path, self.workspace.root / rulebook.KNOWN)

    @property
    def today(self) -> dt.date:
        """The day it is here."""
        return self.now.astimezone().date()

    @functools.cached_property
    def now(self) -> dt.datetime:
        """The moment of this run; CRMTOOL_NOW fixes it, for tests and for runs that must come out the same again."""
        fixed = os.environ.get("CRMTOOL_NOW")
        return admission.moment(fixed) if fixed else dt.datetime.now(dt.UTC)

    @property
    def elapsed(self) -> float:
        """Seconds since this run began; none pass where CRMTOOL_NOW fixes the clock."""
        return 0.0 if os.environ.get("CRMTOOL_NOW") else time.monotonic() - self._begun

    def servers(self, *, housed: bool = True) -> Servers:
        """Return what asks the DNS about domains; a workspace, where the run has one, keeps the answers for a while."""
        from crmtool.io import mail_servers

        return mail_servers.asking(self.workspace.root / "mail_servers.json" if housed else None, self.today)

    @property
    def interactive(self) -> bool:
        """Whether somebody can be asked."""
        return sys.stdin.isatty() and not self.options.as_json and not self.options.quiet

    @functools.cached_property
    def actor(self) -> str:
        """Who runs this."""
        return self.holder.user if self.holder.bound else getpass.getuser()

    def step(self) -> Session:
        """Return the session of one change of many that a run makes as it is told: silent, at a moment of its own."""
        step = Session(Options(yes=True, quiet=True, wait=max(self.options.wait, _PATIENCE)))
        step.workspace, step.store, step.rules, step.actor = self.workspace, self.store, self.rules, self.actor
        return step

    @contextlib.contextmanager
    def turn(self, command: str, wait: float = 0.0) -> Iterator[None]:
        """Be the only writer, unless nothing is to be written; reads inside see one state of the store."""
        free = self.options.looks or self._facts is not None
        with contextlib.nullcontext() if free else self.workspace.lock(command, max(wait, self.options.wait)):
            yield
            if not free and "rules" in self.__dict__:
                admission.remembered(self)

    def offer(self, plan: Plan, show: Callable[[], None], done: Callable[[], None] | None = None) -> int | None:
        """Show a plan and, unless it is empty, a dry run or declined, apply it; return the change set's number.

        `show` prints the plan; `done` is called once the store is as planned, also when nothing had to change. Raises
        UsageError where nobody can be asked and `--yes` is missing.
        """
        from crmtool.core import limits, plans

        self.store.permit(plan)
        summary = plans.summary(plan)
        self._show(show)
        self._within_limits(limits.reached(plan), 0, plan.undoes)
        number = None
        with self._saving() as (add, end):
            if not plan.is_empty and self.agreed():
                add(plan)
                end(plan.facts)
                self._copied_before(summary)
                with self.working("Writing"):
                    number = None if self.options.looks else self.store.apply(self._of_run(plan), self._stamp())
        self._finish(summary, number, done)
        return number

    def note(self, plan: Callable[[], Plan], command: str, show: Callable[[], None]) -> None:
        """Write down, unasked, what was done anyhow: `plan`, made while nobody else writes, only adds to a log."""
        from crmtool.cli import screen
        from crmtool.core import plans

        with self.working("Writing the log"), self.turn(command, _DONE):
            number = self.store.apply(self._of_run(made := plan()), self._stamp())
        self._show(show)
        if self.options.as_json:
            screen.document(endings.document(self.options, plans.summary(made), number))

    def offer_parts(
        self,
        parts: Iterator[Plan],
        facts: Callable[[], dict[str, Any]],
        show: Callable[[Summary], None],
        done: Callable[[], None] | None = None,
    ) -> int | None:
        """Write a plan that comes in parts, show what it does, and keep it unless it is a dry run or declined.

        Later parts are planned from what earlier ones did; `facts` gives those of the whole when all parts are
        written. All is one transaction, which a dry run takes back. Otherwise as `offer`.
        """
        from crmtool.core import limits, plans

        said: list[Summary] = []
        touched: list[tuple[int, int, int | None]] = []  # of each part: contacts reached, made more, undone change set

        def summary() -> Summary:
            return plans.summed(said, facts())

        def agreed() -> dict[str, Any] | None:
            busy.close()
            whole = summary()
            self._show(lambda: show(whole))
            if touched:
                numbers, more, undoes = zip(*touched, strict=True)
                self._within_limits(sum(numbers), sum(more), undoes[0])
            if whole.is_empty or not self.agreed():
                return None
            end(whole.facts)
            self._copied_before(whole)
            return None if self.options.looks else {**whole.facts, **(self._facts or {})}

        def told() -> Iterator[Plan]:
            own = self.store.next_ids()["contact"]
            for part in parts:
                said.append(plans.summary(part))
                touched.append((limits.reached(part, own), limits.more(part), part.undoes))
                add(part)
                far(f"part {len(said)}")
                yield part
                del part  # or it stays in memory while the next is made

        with self._saving() as (add, end), contextlib.ExitStack() as busy:
            far = busy.enter_context(self.working("Planning and writing"))
            number = self.store.apply_parts(told(), self._stamp(), agreed)
        self._finish(summary(), number, done)
        return number

    def _within_limits(self, reached: int, more: int, undoes: int | None) -> None:
        """Refuse a plan that changes more contacts than the rules allow; `more` of those in the store are its own.

        Raises SafetyRefused unless it is confirmed; a dry run says so only. Taking back is never refused.
        """
        from crmtool.cli import screen
        from crmtool.core import limits

        if undoes is not None or self.options.confirm or reached <= self.rules.limits.contacts:
            return
        refusal = limits.refusal(reached, admission.contacts(self) - more, self.rules.limits)
        if refusal and not self.options.looks:
            raise refusal
        if refusal and not self.options.quiet:
            screen.remark(f"{refusal.message} It will want --confirm.")

    def record(self, plan: Plan) -> int:
        """Apply a plan that only keeps what was done, without asking; return the change set's number."""
        return self.store.apply(self._of_run(plan), self._stamp())

    def _of_run(self, plan: Plan) -> Plan:
        """Return a plan with the facts of the pipeline that it is a step of: they are kept with the change set."""
        return dataclasses.replace(plan, facts={**plan.facts, **self._facts}) if self._facts else plan

    def _copied_before(self, summary: Summary) -> None:
        """Make a copy of the workspace before a plan that the rules call large."""
        if self.options.looks:
            return
        from crmtool.cli import screen
        from crmtool.io import backups

        copy = backups.before(self.workspace, self.store, self.rules, summary, self.now)
        if copy and not self.options.quiet:
            screen.remark(f"A copy was made before this change: {copy.manifest.archive}")

    @contextlib.contextmanager
    def _saving(self) -> Iterator[tuple[Callable[[Plan], None], Callable[[Mapping[str, Any]], None]]]:
        """Give what takes the parts of a plan, and the facts of the whole, to the file of `--save-plan`."""
        if self.options.save_plan is None or self.options.dry_run:
            yield (lambda _: None), (lambda _: None)
            return
        if self.store.is_veiled:
            raise UsageError(
                "A plan is saved of whole rows, and your role sees a part of them.", "Apply it with --yes."
            )
        from crmtool.io import planfile

        with planfile.writing(self.options.save_plan, self.workspace.key()) as writing:
            yield writing

    def working(self, what: str) -> contextlib.AbstractContextManager[Callable[[str], None]]:
        """Show that work goes on, where somebody looks (see `screen.working`)."""
        from crmtool.cli import screen

        return contextlib.nullcontext(lambda _: None) if self.options.quiet else screen.working(what)

    def _show(self, show: Callable[[], None]) -> None:
        if not self.options.quiet and not self.options.as_json:
            show()

    def _finish(self, summary: Summary, number: int | None, done: Callable[[], None] | None) -> None:
        from crmtool.cli import screen

        if done and not self.options.dry_run and (summary.is_empty or number is not None or self.options.save_plan):
            done()
        if self.options.as_json:
            screen.document(endings.document(self.options, summary, number))
        elif not self.options.quiet:
            screen.say(endings.last_line(self.options, summary, number))

    def _stamp(self) -> Stamp:
        from crmtool.io.store import Stamp

        return Stamp(self.actor, self.now.isoformat(timespec="seconds"))

    def agreed(self) -> bool:
        """Return whether to go on, asking where somebody can be asked. Raises UsageError where nobody can."""
        if self.options.dry_run:
            return False
        if self.options.yes or self.options.save_plan:
            return True
        if not self.interactive:
            raise UsageError(
                "Nobody can be asked here, so nothing was changed.", "Add --yes to apply, or --dry-run to look."
            )
        from crmtool.cli import screen

        return screen.agreed("Apply this?")


def command(
    app: typer.Typer, name: str, *, reads: bool = False, writes: bool = False, also: Sequence[str] = ()
) -> Callable[[Callable[..., int | None]], Callable[..., int | None]]:
    """Declare a command: the function's own parameters, then the options that commands of its kind share.

    `also` names options of those that write, for a command that writes elsewhere. The function gets a `Session` first
    and may return an exit code. Without a name it is what the noun itself does.
    """

    def declare(function: Callable[..., int | None]) -> Callable[..., int | None]:
        shared = {**_SHARED, **{n: a for n, a in _WRITING.items() if writes or n in also}}
        hints = typing.get_type_hints(function, include_extras=True)
        own = [p.replace(annotation=hints[p.name]) for p in list(inspect.signature(function).parameters.values())[1:]]
        kind = inspect.Parameter.KEYWORD_ONLY
        more = [
            inspect.Parameter(n, kind, default=_DEFAULTS.get(n, False), annotation=a)
            for n, a in {**(inputs.OPTIONS if reads else {}), **shared}.items()
        ]
        context = inspect.Parameter("context", kind, annotation=typer.Context)

        @functools.wraps(function)
        def run(**given: Any) -> int | None:  # noqa: ANN401  # typer hands over what it parsed
            around: typer.Context = given.pop("context")
            if around.invoked_subcommand:  # what the noun itself does, before one of its commands
                return None
            told = dict(given)
            options = Options(**{n: given.pop(n) for n in shared})
            read = inputs.reading(given) if reads else None
            session = Session(options, read, around.obj, admission.words(around))
            admission.without_files(session, told)
            return function(session, **given)

        parameters = [*(p.replace(kind=kind) for p in own), *more, context]
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # typer reads it
        run.__annotations__ = {p.name: p.annotation for p in parameters}
        (app.command(name) if name else app.callback(invoke_without_command=True))(run)
        return function

    return declare
