"""What can be typed after `crmtool`: each name, the module that declares it, and the line that the help shows.

A module is imported when its command is asked for: starting costs what is used, however many commands there are. To add
a command: a line in `NOUNS`, and `declare(app)` in its module.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import Any, NamedTuple

import typer
from typer.core import TyperGroup


class Noun(NamedTuple):
    """A module of this package, and what its command is for."""

    module: str
    does: str


NOUNS = {
    "init": Noun("workspaces", "Make a workspace: store, key, rules, folders."),
    "read": Noun("reading", "Show the table in a file exactly as it is read."),
    "profile": Noun("profiles", "Show what is in files, and how many people they share."),
    "map": Noun("mappings", "Show what each column of a file is taken for; save it."),
    "import": Noun("imports", "Read files of contacts into the base."),
    "clean": Noun("cleaning", "Clean the values of a file; nothing is stored."),
    "refresh": Noun("cleaning", "Clean the whole base anew by the rules as they are."),
    "apply": Noun("plans", "Apply a saved plan."),
    "duplicates": Noun("duplicates", "Find, review, merge and part contacts."),
    "audit": Noun("audit", "How fresh and complete the base is, what to do first."),
    "segments": Noun("segments", "Saved filters over contacts."),
    "tags": Noun("tags", "Tags of contacts, and their dictionary."),
    "export": Noun("exports", "Write the contacts of a segment to a file."),
    "contacts": Noun("contacts", "Look at contacts and edit them by hand."),
    "consents": Noun("consents", "Who allowed us what."),
    "interactions": Noun("interactions", "Calls, letters, meetings, chats, tickets, notes."),
    "deals": Noun("deals", "Deals and purchases."),
    "documents": Noun("documents", "Names, versions and folders of documents."),
    "due": Noun("agenda", "Next steps, birthdays, ends of contracts, checks."),
    "report": Noun("reports", "The week, sources, funnel, owners, cohorts."),
    "history": Noun("history", "What was done; prove that nothing else was."),
    "undo": Noun("history", "Take a change set back."),
    "roles": Noun("roles", "Who may see and do what."),
    "rules": Noun("rules", "The rule files of the workspace."),
    "doctor": Noun("doctor", "Look the workspace over, with a next step for each."),
    "backup": Noun("backups", "Copies of the workspace."),
    "run": Noun("runs", "Run a pipeline, as cron does."),
    "runs": Noun("runs", "The journal of what ran unattended."),
}


class Commands(Mapping[str, Any]):
    """The commands by name, each made when it is asked for."""

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401  # click's classes are private to typer
        return _declared(NOUNS[name].module)[name]

    def __iter__(self) -> Iterator[str]:
        return iter(NOUNS)

    def __len__(self) -> int:
        return len(NOUNS)


class Root(TyperGroup):
    """The command `crmtool` itself."""

    def __init__(self, **attributes: Any) -> None:  # noqa: ANN401  # typer hands over what it knows
        super().__init__(**attributes)
        self.commands = Commands()  # type: ignore[assignment]  # nothing is ever added to it

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401  # as click calls it
        """Find the command; of a word that stands only behind others (`verify`), say behind which."""
        fuller = [] if args[0] in NOUNS or ctx.resilient_parsing else _fuller(args[0])
        if fuller:
            ctx.fail(f"No such command {args[0]!r}. Did you mean {', '.join(map(repr, fuller))}?")
        return super().resolve_command(ctx, args)

    def format_commands(self, _ctx: Any, formatter: Any) -> None:  # noqa: ANN401  # as click calls it
        """Show the names with their lines, without loading what they stand for."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, noun.does) for name, noun in NOUNS.items()])


def _fuller(word: str) -> list[str]:
    """Return the commands of two words that end with a word."""
    nouns = {name: _declared(noun.module)[name] for name, noun in NOUNS.items()}
    return [f"{name} {word}" for name, command in nouns.items() if word in getattr(command, "commands", ())]


@cache
def _declared(module: str) -> Mapping[str, Any]:
    """Return the commands that a module declares."""
    app = typer.Typer(rich_markup_mode=None)
    app.callback()(_nothing)
    import_module(f"crmtool.cli.{module}").declare(app)
    commands: Mapping[str, Any] = getattr(typer.main.get_command(app), "commands")  # noqa: B009  # of a group
    return commands


def _nothing() -> None:
    """Make of one command a group, as several are."""
