"""Random edits of the log and of the rows it proves, by other hands: every one is found.

A few run with every test, a thousand with `make soak`. What nothing inside the store can tell, an end that was cut off
with all it did, is told by a head that was noted elsewhere.
"""

from __future__ import annotations

import json
import random
import shutil
from contextlib import closing

import pytest
from places import copied, verified

from crmtool.cli import main
from crmtool.core.errors import CrmError
from crmtool.io import workspace as workspaces
from crmtool.io.connecting import sqlite3

SEED = 20_261_122
TRAIL, ROWS = ("change", "changeset"), ("contact", "record", "channel", "contact_tag", "verdict", "tombstone")
PEOPLE = "".join(f"Чиж{n} Олег;chizh{n}@pochta.example;+7921000{n:04};Тверь\n" for n in range(120))
MORE = "".join(f"Дрозд{n} Вера;drozd{n}@pochta.example;+7921001{n:04};Псков\n" for n in range(12))
STEPS = """import people.csv
undo 1
undo 2
import more.csv
contacts set 3 city=Казань
contacts set 3 city=Плёс job_title=Директор
contacts tag 3 vip
undo 6
duplicates merge 3 4
duplicates unmerge 4
contacts erase 7 --reason asked"""


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    """A workspace with every kind of entry: ranges, updates, removals, blocks, and blanked ones."""
    place = tmp_path_factory.mktemp("trail")
    for name, rows in {"people.csv": PEOPLE, "more.csv": MORE}.items():
        (place / name).write_text(f"name;email;phone;city\n{rows}", "utf-8")
    made = workspaces.created(place / "crm")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        for step in STEPS.splitlines():
            assert main._code([*step.split(), "--workspace", str(made.root), "--yes", "--quiet"]) == 0, step
    assert verified(made) == []
    with closing(sqlite3.connect(made.store_path)) as db:
        db.execute("PRAGMA journal_mode = DELETE")  # the file is all there is, to be copied
    return made


# -- what other hands do --------------------------------------------------------------------------------------------


def mutated(db, dice):
    """Change something of the trail or of its rows; return what, or None where the dice fell on nothing."""
    table = dice.choice(TRAIL if dice.random() < 0.75 else ROWS)
    ways = (edited, edited, edited, emptied, removed, doubled, swapped, reordered, grafted)
    return dice.choice(ways)(db, dice, table)


def some(db, dice, table, count=1):
    ids = [row[0] for row in db.execute(f"SELECT id FROM {table} ORDER BY id")]
    return dice.sample(ids, min(count, len(ids)))


def columns(db, table):
    """Return the columns of a table but its id, which is only an order in the log and part of the row elsewhere."""
    return [row[1] for row in db.execute(f"PRAGMA table_info({table})") if row[1] != "id"]


def value(db, table, column, row):
    return db.execute(f'SELECT "{column}" FROM {table} WHERE id = ?', [row]).fetchone()[0]


def written(db, table, column, row, new):
    old = value(db, table, column, row)
    if type(old) is type(new) and old == new:
        return None
    db.execute(f'UPDATE {table} SET "{column}" = ? WHERE id = ?', [new, row])
    return f"{table}.{column} of {row}: {str(old)[:60]!r} became {str(new)[:60]!r}"


def edited(db, dice, table):
    """One sign, one bit or one number of a value is another."""
    (row,), column = some(db, dice, table), dice.choice(columns(db, table))
    old = value(db, table, column, row)
    return written(db, table, column, row, another(old, dice)) if old not in {None, "", b""} else None


def another(old, dice):
    if isinstance(old, int):
        return old + dice.choice([-1, 1, 7])
    at = dice.randrange(len(old))
    if isinstance(old, bytes):
        return old[:at] + bytes([old[at] ^ (1 << dice.randrange(8))]) + old[at + 1 :]
    return old[:at] + dice.choice('абв0178{}"') + old[at + 1 :]


def emptied(db, dice, table):
    (row,), column = some(db, dice, table), dice.choice(columns(db, table))
    return written(db, table, column, row, None)


def removed(db, dice, table):
    (row,) = some(db, dice, table)
    db.execute(f"DELETE FROM {table} WHERE id = ?", [row])
    return f"{table} {row} is gone"


def doubled(db, dice, table):
    """A row is there a second time, at the end."""
    (row,), names = some(db, dice, table), ", ".join(f'"{name}"' for name in columns(db, table))
    db.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM {table} WHERE id = ?", [row])
    return f"{table} {row} is there twice"


def swapped(db, dice, table):
    """Two rows have each other's value in one column."""
    pair, column = some(db, dice, table, 2), dice.choice(columns(db, table))
    if len(pair) < 2:
        return None
    one, two = (value(db, table, column, row) for row in pair)
    said = written(db, table, column, pair[0], two)
    written(db, table, column, pair[1], one)
    return said


def reordered(db, dice, table):
    """Two rows have each other's number; entries of the log say other things than their neighbours."""
    pair = some(db, dice, table, 2)
    if len(pair) < 2:
        return None
    for row, number in ((pair[0], -1), (pair[1], pair[0]), (-1, pair[1])):
        db.execute(f"UPDATE {table} SET id = ? WHERE id = ?", [number, row])
    return f"{table}: {pair} changed places"


def grafted(db, dice, table):
    """A row says all that another one says, its proof included."""
    pair = some(db, dice, table, 2)
    if len(pair) < 2:
        return None
    said = [written(db, table, column, pair[0], value(db, table, column, pair[1])) for column in columns(db, table)]
    return f"{table} {pair[0]} says what {pair[1]} says" if any(said) else None


def spoiled(lived, place, dice):
    """Return a workspace in which one thing was changed, and what."""
    place.mkdir()
    for name in ("crm.key", workspaces.MARKER):
        shutil.copy(lived.root / name, place)
    while True:
        shutil.copy(lived.store_path, place / "crm.db")
        with closing(sqlite3.connect(place / "crm.db", isolation_level=None)) as db:
            db.execute("PRAGMA synchronous = OFF")
            try:
                if said := mutated(db, dice):
                    return workspaces.Workspace(place), said
            except sqlite3.IntegrityError:  # what the tables themselves do not take
                continue


def unseen(lived, place, count, seed):
    """Change one thing at a time; return what was not found."""
    dice, missed = random.Random(seed), []
    for number in range(count):
        workspace, said = spoiled(lived, place / str(number), dice)
        try:
            found = verified(workspace)
        except CrmError:
            found = ["it does not open"]
        if not found:
            missed.append(said)
        shutil.rmtree(workspace.root)
    return missed


# -- the proofs -----------------------------------------------------------------------------------------------------


def test_a_few_edits_by_other_hands_are_found(lived, tmp_path):
    assert unseen(lived, tmp_path, 6, SEED) == []


@pytest.mark.soak
def test_a_thousand_edits_by_other_hands_are_found(lived, tmp_path, pytestconfig, capsys):
    missed = unseen(lived, tmp_path, 1_000, SEED + 1)
    with capsys.disabled():
        told = [f"{1_000 - len(missed)} of 1,000 edits of the trail were found", *missed]
        pytestconfig.get_terminal_writer().line("\n".join(told))
    assert missed == []


def test_nothing_is_found_where_nothing_was_changed(lived, tmp_path):
    assert verified(copied(lived, tmp_path / "well")) == []


def test_an_end_that_was_cut_off_is_told_by_a_head_that_was_noted(lived, tmp_path, capsys):
    def head(workspace, *more):
        code = main._code(["history", "verify", "--json", "--workspace", str(workspace.root), *more])
        return code, json.loads(capsys.readouterr().out)

    store = lived.open_store()
    last = store.revision()
    store.close()
    earlier = copied(lived, tmp_path / "earlier")
    later = copied(lived, tmp_path / "later")
    tag = ["contacts", "tag", "3", "late", "--workspace", str(later.root), "--yes", "--quiet"]
    assert main._code(tag) == 0
    store = later.open_store()
    noted = store.revision()
    store.close()
    assert head(earlier)[0] == 0, "nothing inside tells that something came later"
    main._code(["history", "verify", "--workspace", str(earlier.root)])
    assert "whether the end was cut off" in capsys.readouterr().out
    code, told = head(earlier, "--anchor", f"{noted.number} {noted.digest[:16]}")
    assert (code, "cut off" in told["wrong"][0]) == (13, True)
    assert head(earlier, "--anchor", f"{last.number} {last.digest[:16]}")[0] == 0
    code, told = head(later, "--anchor", f"{last.number} {noted.digest[:16]}")
    assert (code, "written anew" in told["wrong"][0]) == (13, True)
    assert main._code(["history", "verify", "--anchor", "yesterday", "--workspace", str(later.root)]) == 2
