"""`crmtool contacts erase`: a person leaves the base, its history, and the files around it."""

from __future__ import annotations

import contextlib
import itertools
from typing import TYPE_CHECKING, Annotated

import typer

from crmtool.cli import retaining, screen
from crmtool.cli.session import Session, command
from crmtool.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crmtool.cli.retaining import Due
    from crmtool.core.plans import Summary
    from crmtool.io.erasing import Found
    from crmtool.io.traces import Sought, Swept

_ALSO = ("dry_run", "yes", "confirm", "wait")
_READ = "Somebody reads the store: its log still holds what was erased. Then run: crmtool contacts erase"


def declare(noun: typer.Typer) -> None:
    """Add the command to the noun `contacts`."""

    @command(noun, "erase", also=_ALSO)
    def erase(
        session: Session,
        contacts: Annotated[
            list[int] | None, typer.Argument(metavar="[ID...]", help="Ids of contacts.", show_default=False)
        ] = None,
        reason: Annotated[str, typer.Option(help="Why, without names: it is kept.")] = "",
        retention: Annotated[
            bool, typer.Option("--retention", help="Whom rules/retention.toml keeps no longer.")
        ] = False,
    ) -> None:
        """Erase people for good: from the base, its history, and the files around it. It cannot be taken back.

        Without an ID it finishes an erasure that was interrupted.

        Example: crmtool contacts erase 17 --reason "asked by letter of 3 November"
        """
        with session.turn("contacts erase"):
            if contacts and retention:
                raise UsageError("Either some contacts, or whom the rules keep no longer.", "Leave one of the two out.")
            if retention:
                _retained(session)
            elif contacts:
                _erased(session, contacts, reason)
            else:
                _finished(session)


def _retained(session: Session) -> None:
    """Erase and archive whom the rules keep no longer."""
    whom = retaining.due(session)
    if whom.erase.len():
        _offered(session, "contacts erase --retention", whom.erase.to_list(), whom.reason, whom)
    else:
        session.offer(next(retaining.archiving(session, whom)), lambda: retaining.shown(whom))


def _erased(session: Session, contacts: list[int], reason: str) -> None:
    """Erase people that were named."""
    more = len(set(contacts)) - 1
    name = f"contacts erase {min(contacts)}" + (f" and {more} more" if more else "")
    _offered(session, name, contacts, reason)


def _offered(session: Session, name: str, contacts: list[int], reason: str, whom: Due | None = None) -> None:
    from crmtool.io import erasing, traces

    with session.working("Reading"):
        who = erasing.found(session.store, contacts)
    if whom is None:
        _impersonal(session, who, reason)
    stamp = {"on": session.today.isoformat(), "reason": reason.strip()}
    facts = {"erased": who.persons.len(), "contacts": who.people["id"].sort().to_list(), "reason": stamp["reason"]}
    reached, names = erasing.known_by(session.store, who)
    wanted = traces.sought(reached.rows(), names.rows())
    copies = _copies(session, who)
    facts["copies"] = copies
    number, marks = session.store.revision().next, erasing.marks(session.store, who, stamp)
    parts = erasing.parts(session.store, session.rules.fingerprint, name, who, marks)

    def show(summary: Summary) -> None:
        if whom:
            retaining.shown(whom)
        _shown(who, summary, traces.swept(session.workspace.root, wanted, looks=True))
        _told_copies(copies)

    with _noted(session, number, wanted):
        session.offer_parts(
            itertools.chain(parts, retaining.archiving(session, whom) if whom else ()),
            lambda: facts,
            show,
            lambda: _swept(session, number, wanted),
        )


@contextlib.contextmanager
def _noted(session: Session, number: int, wanted: Sought) -> Iterator[None]:
    """Keep whom an erasure is about until it is done, or was not begun: what is stopped in between can be finished."""
    from crmtool.io import traces

    if session.options.looks:
        yield
        return
    traces.noted(session.workspace.root, number, wanted)
    try:
        yield
    finally:
        if session.store.revision().number < number:
            traces.forgotten(session.workspace.root)


def _copies(session: Session, who: Found) -> list[dict[str, str]]:
    """Return the copies that hold people, as they are kept and told: copy, made, folder, goes."""
    from crmtool.cli import restoring
    from crmtool.io import remaining

    store = session.store
    with store.reading():
        first = remaining.came(store, {table: who.rows(table) for table in who.standing})
        found = remaining.holding(session.workspace, store, session.rules.backup, first, session.now)
    return [{**each._asdict(), "folder": restoring.place(session, each.folder)} for each in found]


def _told_copies(copies: list[dict[str, str]]) -> None:
    if copies:
        keys = ("copy", "made", "folder", "goes")
        rows = [tuple(copy[key] for key in keys) for copy in copies]
        screen.table(["copy", "made", "in", "goes on"], rows, title="Copies that hold them", whole=[0, 1, 3])
        screen.say(
            "Whoever restores one erases them in it again. It goes on that day if a copy is made and pruned each day;"
            " remove it by hand where it may not stay so long."
        )


def _impersonal(session: Session, who: Found, reason: str) -> None:
    """Raise UsageError where there is no reason, or it names the person: it is kept for ever."""
    from crmtool.io import erasing

    if not reason.strip():
        raise UsageError("The law asks why.", 'Give --reason, for example: --reason "asked by letter of 3 November"')
    if erasing.names(session.store, who, reason):
        raise UsageError("The reason names the person, and it is kept.", "Say it without names and addresses.")


def _swept(session: Session, number: int, wanted: Sought) -> None:
    """Take the bytes out of the files, and write the act."""
    from crmtool.io import traces

    with session.working("Sweeping"):
        whole = session.store.compacted()
        _caches_removed(session)
        beside = _set_aside(session)
        swept = traces.swept(session.workspace.root, wanted)
    path = _act(session, number)
    traces.forgotten(session.workspace.root)
    if not whole:
        screen.remark(_READ)
    if swept.workbooks:
        screen.remark(f"{screen.counted(swept.workbooks, 'workbook')} may hold them still; crmtool changes none.")
    for name in [*swept.left, *beside]:
        screen.remark(f"Look at {name}: it may hold them still. Remove it, or make it anew.")
    if not session.options.quiet and not session.options.as_json:
        screen.say(f"The act is {path.relative_to(session.workspace.root)}.")


def _set_aside(session: Session) -> list[str]:
    """Erase in stores that a restore set aside whom this one has erased; return those that cannot be opened."""
    from contextlib import closing

    from crmtool.core.errors import CrmError
    from crmtool.io import replaying
    from crmtool.io.store import Stamp, Store

    stamp = Stamp(session.actor, session.now.isoformat(timespec="seconds"))
    marks, left = session.store.snapshot("tombstone"), []
    for path in sorted((session.workspace.root / "backups").glob("replaced-*.db")):
        try:
            with closing(Store.open(path, session.workspace.key())) as store:
                replaying.again(store, marks, session.rules.fingerprint, stamp)
        except CrmError:
            left.append(f"backups/{path.name}")
    return left


def _finished(session: Session) -> None:
    """Do what an erasure that was interrupted did not come to: bytes in the store's file, files around it, the act."""
    from crmtool.io import traces

    known = traces.recalled(session.workspace.root)
    if known and _was_erased(session, known[0]) and not session.options.dry_run:
        _swept(session, *known)
        return
    if known and not session.options.dry_run:  # stopped before anything was erased
        traces.forgotten(session.workspace.root)
    if not session.store.traces():
        raise UsageError("Who shall be erased?", "Give the ids of contacts: crmtool contacts find TEXT")
    if session.options.dry_run:
        screen.say("The store's file may hold bytes of what was erased; without --dry-run they are taken out.")
        return
    _caches_removed(session)
    if not session.store.compacted():
        screen.remark(_READ)
    elif not session.options.quiet:
        screen.say("Nothing of the people who were erased is left in the store's file.")


def _was_erased(session: Session, number: int) -> bool:
    """Tell whether a change set is there and erased somebody."""
    from crmtool.io import logbook

    return bool(logbook.tally(session.store, number)["tbl"].is_in(["tombstone"]).any())


def _caches_removed(session: Session) -> None:
    """Remove the codes of all parties, and what the DNS said of their domains: both are made anew when wanted."""
    from crmtool.io import match_keys

    for path in [*session.workspace.root.glob(f"{match_keys.NAME}*"), session.workspace.root / "mail_servers.json"]:
        path.unlink(missing_ok=True)


def _act(session: Session, number: int) -> Path:
    from crmtool.io.renderers import erasure
    from crmtool.io.writers import files

    path = session.workspace.root / "reports" / f"erasure-{number}.html"
    path.parent.mkdir(mode=0o700, exist_ok=True)
    text = erasure.act(session.store, number, session.today)
    with files.atomic(path, force=True) as temporary:
        temporary.write_text(text, "utf-8")
    return path


def _shown(who: Found, summary: Summary, files: Swept) -> None:
    merged = who.people.height - who.persons.len()
    people = "1 person" if who.persons.len() == 1 else f"{who.persons.len()} people"
    screen.say(
        f"To be erased: {people}, contact {', '.join(map(str, who.persons.head(20)))}"
        + (
            f", with {screen.counted(merged, 'contact')} joined to {'it' if who.persons.len() == 1 else 'them'}"
            if merged
            else ""
        )
    )
    screen.changes(summary.counts)
    books = f" ({screen.counted(files.workbooks, 'workbook')})" if files.workbooks else ""
    for title, names in {"Files to be rewritten": files.rewritten, f"Files to look at{books}": files.left}.items():
        if names:
            screen.say(screen.safe(f"{title}: {', '.join(names)}"))
