"""`crmtool run` and `crmtool runs`: pipelines for cron, and the journal of what ran."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crmtool.cli import import_review, pipelines, screen
from crmtool.cli.session import Session, command
from crmtool.core.errors import UsageError

if TYPE_CHECKING:
    from crmtool.cli.pipelines import Outcome
    from crmtool.core.pipeline_rules import Pipeline

_BUG, _SOME_REJECTED = 1, 3
_SHOWN = ("new", "updated", "rejected", "pairs", "contacts", "removed")
LOG = "logs/runs.jsonl"


def declare(app: typer.Typer) -> None:
    """Add the commands."""
    _declare_run(app)
    noun = typer.Typer(help="The journal of what ran unattended.", no_args_is_help=True)
    app.add_typer(noun, name="runs")
    import_review.declare(noun)

    @command(noun, "list")
    def list_(session: Session, limit: Annotated[int, typer.Option(min=1, help="Runs to list.")] = 20) -> None:
        """List the last runs of pipelines and drills; one that was killed is told by what it had done.

        Example: crmtool runs list
        """
        _listed(session, limit)

    @command(noun, "show")
    def show(session: Session, number: Annotated[int, typer.Argument(help="A run.", show_default=False)]) -> None:
        """Show how each step of a run ended.

        Example: crmtool runs show 3
        """
        _shown_run(session, number)


def _declare_run(app: typer.Typer) -> None:
    @command(app, "run", also=("dry_run", "wait"))
    def run(
        session: Session,
        name: Annotated[str, typer.Argument(help="A pipeline of rules/pipelines.", show_default=False)],
        first: Annotated[
            str | None, typer.Option("--from", metavar="STEP", help="Begin with this step.", show_default=False)
        ] = None,
        ping: Annotated[
            str | None,
            typer.Option(metavar="URL", help="Ask for URL/start, then for URL/EXIT-CODE.", show_default=False),
        ] = None,
    ) -> int:
        """Run a pipeline: its steps one after another, each a command as it would be typed. Safe to run again.

        Example: crmtool run nightly --quiet --wait 600
        """
        from crmtool.io import pings

        pipeline = _pipeline(session, name)
        steps = pipelines.wanted(pipeline.step, first)
        pipelines.refuse_unknown(steps)
        address = pings.checked(ping) if ping else None
        with session.turn(f"run {name}"), contextlib.chdir(session.workspace.root):
            return _run(session, name, steps, None if session.options.dry_run else address)


def _pipeline(session: Session, name: str) -> Pipeline:
    known = session.rules.pipelines
    if name not in known:
        raise UsageError(f"There is no pipeline {name!r}.", f"Known are: {', '.join(sorted(known)) or 'none'}")
    return known[name]


# -- running --------------------------------------------------------------------------------------------------------


def _run(session: Session, name: str, steps: list[Any], ping: str | None) -> int:
    """Run the steps, keep how they ended, and return the exit code of the whole."""
    from crmtool.core import runs
    from crmtool.io import pings

    done: list[Outcome] = []
    pings.told(ping, "start")
    _noted(session, name, {"event": "start"})
    calling = pipelines.Calling(session, runs.facts(name, session.now))
    before = session.store.revision().number
    try:
        for outcome in pipelines.outcomes(calling, steps):
            _noted(session, name, {"event": "step", **_line(outcome)})
            _said(outcome, before, now := session.store.revision().number)
            before = now
            done.append(outcome)
    except BaseException as stop:
        code = _BUG if isinstance(stop, Exception) else pipelines.STOPPED[not isinstance(stop, KeyboardInterrupt)]
        _kept(session, name, done, code)
        pings.told(ping, str(code))
        raise
    code = _code(done)
    number = _kept(session, name, done, code)
    pings.told(ping, str(code))
    _told(session, name, done, code, number)
    return code


def _code(done: list[Outcome]) -> int:
    """Return the exit code of a run: that of the first step that failed, or that some rows were rejected."""
    codes = [outcome.code for outcome in done]
    bad = [code for code in codes if code not in pipelines.GOOD]
    return bad[0] if bad else max(codes, default=0)


def _said(outcome: Outcome, before: int, after: int) -> None:
    """Say at once what went wrong, whatever the mode; of a step that was stopped, whether it was finished."""
    if outcome.is_good:
        return
    what = f"{outcome.step} {outcome.file}" if outcome.file else outcome.step
    if outcome.code in pipelines.STOPPED:
        kept = f"finished as change set {after}" if after > before else "rolled back"
        screen.remark(f"crmtool: Stopped in the step {what}, which was {kept}; nothing is half done.")
        return
    screen.remark(f"The step {what} failed with code {outcome.code}:")
    for line in outcome.said.splitlines():
        screen.remark(f"  {line}")


def _kept(session: Session, name: str, done: list[Outcome], code: int) -> int | None:
    """Keep the run in the journal; return its number there. A dry run is not kept."""
    from crmtool.core import runs

    if session.options.dry_run:
        return None
    outcome = runs.STOPPED if code in pipelines.STOPPED else runs.DONE if code in pipelines.GOOD else runs.FAILED
    number = session.store.next_ids()["run"]
    ended = runs.Run(name, session.now, session.elapsed, outcome, code, tuple(_line(each) for each in done))
    session.record(runs.plan_record(ended, session.store.revision(), number, session.rules.fingerprint))
    _noted(session, name, {"event": "end", "outcome": outcome, "code": code, "run_number": number})
    return number


def _line(outcome: Outcome) -> dict[str, Any]:
    """Return a step as it is kept: without what the command said and without the name of its file."""
    said = dataclasses.asdict(outcome)
    del said["said"], said["file"]
    return {name: value for name, value in said.items() if value is not None}


def _noted(session: Session, name: str, event: dict[str, Any]) -> None:
    from crmtool.io import runlog

    if not session.options.dry_run:
        at = session.now + dt.timedelta(seconds=session.elapsed)
        moments = {"at": at.isoformat(timespec="seconds"), "started": session.now.isoformat(timespec="seconds")}
        runlog.noted(session.workspace.root / LOG, {**moments, "run": name, **event})


def _told(session: Session, name: str, done: list[Outcome], code: int, number: int | None) -> None:
    if session.options.as_json:
        steps = [{n: v for n, v in dataclasses.asdict(each).items() if n != "said"} for each in done]
        screen.document(
            {"run": name, "dry_run": session.options.dry_run, "number": number, "code": code, "steps": steps}
        )
    elif not session.options.quiet:
        rows = [(each.step, each.file, each.outcome, _counts(each.numbers)) for each in done]
        screen.table(["step", "file", "", ""], rows)
        ended = "Dry run: nothing was changed." if number is None else f"Kept as run {number}."
        screen.say(f"Exit code {code}. {ended}")


def _counts(numbers: dict[str, int]) -> str:
    shown = [f"{numbers[name]} {name}" for name in _SHOWN if numbers.get(name)]
    return ", ".join([*shown, *([f"change set {numbers['changeset']}"] if numbers.get("changeset") else [])])


# -- the journal ----------------------------------------------------------------------------------------------------


def _listed(session: Session, limit: int) -> None:
    from crmtool.io import journal

    rows = journal.runs(session.store).tail(limit).to_dicts()
    if session.options.as_json:
        screen.document([{**row, "steps": json.loads(row["steps"])} for row in rows])
    elif not session.options.quiet:
        lines = [
            (row["id"], row["name"], row["started_at"][:16].replace("T", " "), row["outcome"], row["code"])
            for row in rows
        ]
        screen.table(["", "run", "started (UTC)", "", "code"], lines, right=[0, 4])


def _shown_run(session: Session, number: int) -> None:
    from crmtool.io import journal

    rows = journal.runs(session.store)
    found = rows.filter(rows["id"] == number).to_dicts()
    if not found:
        raise UsageError(f"There is no run {number}.", "List them with: crmtool runs list")
    (row,) = found
    steps = json.loads(row["steps"])
    changed = journal.changed(session.store, number)
    if session.options.as_json:
        screen.document({**row, "steps": steps, "changesets": changed["id"].to_list()})
    elif not session.options.quiet:
        screen.say(f"Run {number}, {row['name']}: {row['outcome']}, code {row['code']}")
        screen.say(f"  from {row['started_at']} to {row['ended_at']}")
        lines = [(s["step"], s["outcome"], s.get("code"), s["seconds"], _counts(s.get("numbers", {}))) for s in steps]
        screen.table(["step", "", "code", "seconds", ""], lines, right=[2, 3])
        if changed.height:
            screen.table(["", "change set", "step"], changed.rows(), right=[0])
