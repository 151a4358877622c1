"""Looking a workspace over: what is well, what wants care, what is wrong, and what to do about it.

To add a check: a function that yields `Finding`s, and its name in `CHECKS`. A check must not change anything, and must
not fail where the thing it looks at is broken: that is what it tells.
"""

from __future__ import annotations

import os
import shutil
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import polars as pl

from crmtool.core import runs
from crmtool.core.errors import CrmError
from crmtool.io import backups, encryption, journal, manifests, rulebook, schema, soundness, traces
from crmtool.io.connecting import sqlite3
from crmtool.io.store import Store

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator

    from crmtool.core.rules import Rules
    from crmtool.io.workspace import Workspace

Flag = Literal["green", "yellow", "red"]

_DRILL_YELLOW, _DRILL_RED = 35, 100  # days without a drill
_COPY_YELLOW = 2  # days without a copy
_ROOM_RED, _ROOM_YELLOW = 1.0, 4.0  # times the store that must be free on the disk
_LOG_YELLOW = 2**30  # bytes of SQLite's log beside the store
_SHOWN = 5  # lines of one check

#: Faults of SQLite: from this version, before that one, how bad, and what they do. Source: its list of changes.
_FAULTS: tuple[tuple[tuple[int, ...], tuple[int, ...], Flag, str], ...] = (
    ((0,), (3, 38, 0), "red", "knows no -> and ->>, which crmtool uses"),
    ((3, 7, 0), (3, 51, 3), "yellow", "may damage a store in rare races when its log is begun anew"),
)


@dataclass(frozen=True)
class Finding:
    """What one look found: how it stands, in a sentence, and the next step where there is one."""

    check: str
    flag: Flag
    says: str
    step: str = ""


@dataclass(frozen=True)
class Subject:
    """What is looked over."""

    workspace: Workspace
    now: dt.datetime
    rules: Rules | None
    store: Store | None  # None: it cannot be opened
    deep: bool


def looked_over(workspace: Workspace, now: dt.datetime, *, deep: bool) -> list[Finding]:
    """Return what all checks found, in the order of `CHECKS`; `deep` reads every row."""
    rules, ruled = _rules(workspace)
    store, opened = _store(workspace)
    try:
        subject = Subject(workspace, now, rules, store, deep)
        found = [finding for check in CHECKS for finding in check(subject)]
    finally:
        if store:
            store.close()
    return [*opened, *ruled, *found]


def _rules(workspace: Workspace) -> tuple[Rules | None, list[Finding]]:
    try:
        return rulebook.loaded(workspace.rules_path), [Finding("rules", "green", "All rules are right.")]
    except CrmError as error:
        return None, [Finding("rules", "red", error.message, "See the mistakes with: crmtool rules check")]
    except OSError as error:
        return None, [Finding("rules", "red", f"They cannot be read ({error.strerror}).", "Check the permissions.")]


def _store(workspace: Workspace) -> tuple[Store | None, list[Finding]]:
    try:
        store = Store.open(workspace.store_path, workspace.key())
    except CrmError as error:
        return None, [Finding("store", "red", error.message, error.hint)]
    return store, [Finding("store", "green", "Opens with its key.")]


def _sqlite(_: Subject) -> Iterator[Finding]:
    version = tuple(int(part) for part in sqlite3.sqlite_version.split("."))
    faults = [(flag, what) for first, mended, flag, what in _FAULTS if first <= version < mended]
    for flag, what in faults:
        step = "Install a newer one: pip install --upgrade pysqlite3"
        yield Finding("sqlite", flag, f"SQLite {sqlite3.sqlite_version} {what}.", step)
    if not faults:
        yield Finding("sqlite", "green", f"SQLite {sqlite3.sqlite_version} has no fault known here.")


def _permissions(subject: Subject) -> Iterator[Finding]:
    root = subject.workspace.root
    secret = [root, subject.workspace.store_path, root / "crm.key", root / "crm.lock"]
    loose = [path for path in secret if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077]
    strange = [path for path in secret if path.exists() and path.stat().st_uid != os.geteuid()]
    if loose:
        names = ", ".join(path.name for path in loose)
        yield Finding("permissions", "red", f"Others may open {names}.", f"Run: chmod -R go-rwx {root}")
    if strange:
        names = ", ".join(path.name for path in strange)
        yield Finding("permissions", "yellow", f"Somebody else owns {names}.", "Run crmtool as the owner, or chown.")
    if not loose and not strange:
        yield Finding("permissions", "green", "Only you may open the workspace.")


def _room(subject: Subject) -> Iterator[Finding]:
    store = subject.workspace.store_path
    size = max(store.stat().st_size if store.exists() else 0, 2**20)
    free = shutil.disk_usage(subject.workspace.root).free
    says = f"{free / 1e9:.1f} GB free, the store has {size / 1e9:.3f} GB."
    flag: Flag = "red" if free < _ROOM_RED * size else "yellow" if free < _ROOM_YELLOW * size else "green"
    yield Finding("disk", flag, says, "" if flag == "green" else "Free some space; a copy takes three times the store.")
    log = store.with_name(f"{store.name}-wal")
    if log.exists() and log.stat().st_size > _LOG_YELLOW:
        yield Finding("disk", "yellow", "SQLite's log is long: somebody reads without an end.", "End old readers.")


def _integrity(subject: Subject) -> Iterator[Finding]:
    if subject.store is None:
        return
    restore = "Go back to a copy: crmtool backup restore"
    try:
        broken = soundness.structural(subject.store)
        rotten = soundness.rotten(subject.store, subject.workspace.key()) if subject.deep else []
    except CrmError as error:
        yield Finding("integrity", "red", error.message, restore)
        return
    for line in broken[:_SHOWN]:
        yield Finding("integrity", "red", line, restore)
    if not broken:
        yield Finding("integrity", "green", "The structure of the store is whole.")
    for line in rotten[:_SHOWN]:
        yield Finding("rows", "red", line, "See all with: crmtool history verify; then go back to a copy.")
    if subject.deep and not rotten:
        yield Finding("rows", "green", "Every row and every entry of the history is as it was written.")


def _indexes(subject: Subject) -> Iterator[Finding]:
    """Compare the tables, views, triggers and indexes with those of a new store."""
    if subject.store is None:
        return
    there, wanted = _schema(subject.store), _fresh_schema()
    lacking = {name: sql for name, sql in wanted.items() if name not in there}
    for name, sql in list(lacking.items())[:_SHOWN]:
        step = f"Run: sqlite3 {subject.workspace.store_path} '{' '.join(sql.split())}'"
        yield Finding("indexes", "yellow", f"{name} is missing, so that work is slow or fails.", step)
    if strange := sorted({*there} - {*wanted}):
        yield Finding("indexes", "yellow", f"Not made by crmtool: {', '.join(strange[:_SHOWN])}.", "Remove what slows.")
    if not lacking and not strange:
        yield Finding("indexes", "green", "All tables, views and indexes are there, and no others.")


_SCHEMA = "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"


def _schema(store: Store) -> dict[str, str]:
    return dict(store.query(_SCHEMA, [], {"name": pl.String(), "sql": pl.String()}).rows())


def _fresh_schema() -> dict[str, str]:
    from sqlite_utils import Database

    db = sqlite3.connect(":memory:", isolation_level=None)
    schema.migrations().apply(Database(db))
    found = dict(db.execute(_SCHEMA).fetchall())
    db.close()
    return found


def _lock(subject: Subject) -> Iterator[Finding]:
    holder = subject.workspace.writer()
    if holder:
        yield Finding("lock", "yellow", f"Writing now: {holder}.", "Wait for it; if it hangs, end that process.")
    else:
        yield Finding("lock", "green", "Nobody is writing; a lock left by a killed run holds nobody up.")


def _copies(subject: Subject) -> Iterator[Finding]:
    if subject.rules is None:
        return
    copies = backups.copies(subject.workspace, subject.rules.backup)
    make = "Make one with: crmtool backup create"
    sound = [copy for copy in copies if not copy.manifest.faults]
    if not sound:
        yield Finding("copies", "yellow", "There is no copy yet.", make)
    else:
        days = (subject.now - sound[-1].manifest.moment).days
        flag: Flag = "yellow" if days > _COPY_YELLOW else "green"
        says = f"The newest of {len(copies)} was made {_ago(days)}."
        yield Finding("copies", flag, says, make if flag == "yellow" else "")
    yield from _targets(subject, subject.rules)
    yield from _drills(subject, sound)


def _targets(subject: Subject, rules: Rules) -> Iterator[Finding]:
    for name, folder in backups.targets(subject.workspace, rules.backup).items():
        if not folder.is_dir() and name != backups.TRAY:
            step = "Mount the disk or make the folder, or change rules/backup.toml."
            yield Finding("targets", "red", f"The target {name} is not there.", step)
        for path in manifests.unreadable(folder)[:_SHOWN]:
            yield Finding("targets", "yellow", f"{path.name} has no manifest that can be read.", "Do not rely on it.")
    for left in backups.leftovers(subject.workspace.root / backups.TRAY):
        step = "It goes with the next: crmtool backup create"
        yield Finding("targets", "yellow", f"{left.name} was left by a run that was killed.", step)


def _drills(subject: Subject, copies: list[manifests.Copy]) -> Iterator[Finding]:
    """Tell how long ago a copy was last opened to prove it; a workspace is as old as its oldest copy."""
    if subject.store is None or not copies:
        return
    last = journal.last(subject.store, runs.DRILL)
    days = (subject.now - (last or copies[0].manifest.moment)).days
    flag: Flag = "red" if days > _DRILL_RED else "yellow" if days > _DRILL_YELLOW else "green"
    says = f"A copy was last opened to prove it {_ago(days)}." if last else "No copy was ever opened to prove it."
    yield Finding("drills", flag, says, "" if flag == "green" else "Run: crmtool backup drill --identity KEYFILE")


def _ago(days: int) -> str:
    return {0: "today", 1: "yesterday"}.get(days, f"{days} days ago")


def _keys(subject: Subject) -> Iterator[Finding]:
    root = subject.workspace.root
    folders = [root, root / backups.TRAY, root / "rules"]
    here = [path for folder in folders if folder.is_dir() for path in folder.iterdir() if encryption.holds_secret(path)]
    for path in here[:_SHOWN]:
        step = "Move it to another machine or a stick: whoever takes this disk could open the copies."
        yield Finding("keys", "red", f"{path.relative_to(root)} holds the secret key of copies.", step)
    if subject.rules is None or here:
        return
    count = len(subject.rules.backup.recipients)
    if count > 1:
        yield Finding("keys", "green", f"Copies open for {count} recipients; no secret key lies here.")
    elif count:
        step = "Name a second one in rules/backup.toml."
        yield Finding("keys", "yellow", "Copies open for one recipient: a lost key takes them along.", step)
    else:
        step = "Name recipients in rules/backup.toml; crmtool backup key makes a pair."
        yield Finding("keys", "yellow", "Copies are not encrypted.", step)


def _last_run(subject: Subject) -> Iterator[Finding]:
    if subject.store is None:
        return
    every = journal.runs(subject.store).filter(~pl.col("name").is_in([runs.DRILL, runs.RESTORE]))
    if every.is_empty():
        yield Finding("runs", "green", "No pipeline has run yet.")
        return
    run = every.row(-1, named=True)
    good = run["outcome"] == runs.DONE
    step = "" if good else f"See why: crmtool runs {'list' if run['id'] is None else 'show ' + str(run['id'])}"
    says = f"The last run, {run['name']} of {run['started_at'][:16].replace('T', ' ')}, ended: {run['outcome']}."
    yield Finding("runs", "green" if good else "yellow", says, step)


def _erased(subject: Subject) -> Iterator[Finding]:
    if (subject.store is not None and subject.store.traces()) or traces.recalled(subject.workspace.root):
        says = "A run that erased people was stopped before the store's file and the files around it were swept."
        yield Finding("erased", "yellow", says, "Run: crmtool contacts erase")


CHECKS: tuple[Callable[[Subject], Iterator[Finding]], ...] = (
    _integrity,
    _sqlite,
    _permissions,
    _room,
    _indexes,
    _lock,
    _copies,
    _keys,
    _last_run,
    _erased,
)
