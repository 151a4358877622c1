"""`crmtool contacts export-person`: what a person may ask of those who keep data about them."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crmtool.cli import screen
from crmtool.cli.inputs import output_option
from crmtool.cli.session import Session, command
from crmtool.core.errors import NotWritable

if TYPE_CHECKING:
    from collections.abc import Callable

    from crmtool.core.exports.log import Delivery
    from crmtool.core.plans import Plan

_PROFILE = "person"  # in the log of exports


def declare(noun: typer.Typer) -> None:
    """Add the commands to the noun `contacts`."""

    @command(noun, "export-person", also=("wait",))
    def export_person(
        session: Session,
        contact: Annotated[int, typer.Argument(metavar="ID", help="Id of a contact.", show_default=False)],
        output: Annotated[Path, output_option("Write the two files into this folder.")],
        force: Annotated[bool, typer.Option("--force", help="Overwrite the files.")] = False,
    ) -> None:
        """Write all that is held about a person: as JSON for programs, and as a page for people.

        Example: crmtool contacts export-person 17 -o for-petrov
        """
        from crmtool.io import person

        with session.working("Reading"):
            held = person.held(session.store, contact)
        _written(session, held, output, force=force)


def _written(session: Session, held: dict[str, Any], folder: Path, *, force: bool) -> None:
    """Write the files and note it in the log of exports; they get their names when that is done."""
    import polars as pl

    from crmtool.core.exports.log import Delivery
    from crmtool.io import manifests
    from crmtool.io.renderers import person as page
    from crmtool.io.writers import files

    _made(folder)
    root = held["contact"]
    texts = {
        folder / f"contact-{root}.json": json.dumps(held, ensure_ascii=False, indent=2) + "\n",
        folder / f"contact-{root}.html": page.person_html(held, session.today),
    }
    rows, people = sum(map(len, held["tables"].values())), pl.Series(held["contacts"], dtype=pl.Int64)
    with ExitStack() as stack:
        made = []
        for path, text in texts.items():
            temporary = stack.enter_context(files.atomic(path, force=force))
            temporary.write_text(text, "utf-8")
            made.append(Delivery(path.name, manifests.hashed(temporary), None, rows, people))
        shown = [f"Wrote {path}" for path in texts]
        session.note(_log(session, held, made), f"contacts export-person {root}", lambda: _shown(held, shown))


def _made(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise NotWritable(f"{folder} cannot be made ({error.strerror}).", "Name another folder.") from None


def _log(session: Session, held: dict[str, Any], made: list[Delivery]) -> Callable[[], Plan]:
    """Return what makes the plan of the log."""
    from crmtool.core.exports import log

    about = {
        "segment": f"contact {held['contact']}",
        "profile": _PROFILE,
        "purpose": None,
        "fields": list(held["tables"]),
        "withheld": {},
        "revision": held["revision"],
    }
    facts = {"contact": held["contact"], "files": [each.file for each in made]}
    store, rules = session.store, session.rules.fingerprint
    return lambda: log.plan_log(made, about, store.revision(), rules, store.next_ids()["export_log"], facts)


def _shown(held: dict[str, Any], lines: list[str]) -> None:
    counts = [(table, len(rows)) for table, rows in held["tables"].items()]
    screen.table(["table", "rows"], [*counts, ("(history)", len(held["history"]))], right=[1])
    for line in lines:
        screen.say(line)
    screen.say("Look them over before they leave: notes and letters may speak of others too.")
