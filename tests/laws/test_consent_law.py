"""Where consents stand: the law of the core, the view of the store and a plain reading of the law agree."""

import datetime as dt

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from crmtool.core import consents, model
from crmtool.io import schema
from crmtool.io.store import sqlite3

CHANNELS = (None, "email", "phone")
MOMENTS = ("2026-01-01", "2026-01-01T09:00:00+00:00", "2026-01-01T10:00:00+00:00", "2026-01-02", "2026-02-01")
ENTRY = st.tuples(
    st.integers(1, 4),
    st.sampled_from(["newsletter", "calls"]),
    st.sampled_from(CHANNELS),
    st.sampled_from(consents.STATES),
    st.sampled_from(MOMENTS),
    st.sampled_from([None, "2026-01-01", "2026-03-01"]),
)
HISTORIES = st.lists(ENTRY, max_size=12)
ROOTS = {1: 1, 2: 1, 3: 3, 4: 1}


def ledger(history):
    names = ["contact_id", "purpose", "channel", "state", "at", "until"]
    schema = {name: model.TABLES["consent"][name] for name in names}
    return pl.DataFrame(history, schema=schema, orient="row")


def current(history):
    roots = pl.DataFrame({"id": list(ROOTS), "root_id": list(ROOTS.values())})
    return consents.current(ledger(history), roots)


def viewed(history):
    """Return the rows of the view in a store of its own."""
    db = sqlite3.connect(":memory:")
    for file in schema.files():
        db.executescript(file.read_text("utf-8"))
    db.executemany("INSERT INTO contact (id, root_id, changeset_id, proof) VALUES (?, ?, 1, x'')", ROOTS.items())
    db.executemany(
        "INSERT INTO consent (contact_id, purpose, channel, state, at, until, changeset_id, proof)"
        " VALUES (?, ?, ?, ?, ?, ?, 1, x'')",
        history,
    )
    return db.execute(f"SELECT {', '.join(consents.CURRENT)} FROM consent_state").fetchall()


def read_plainly(history):
    """Return (person, purpose, channel) -> (state, until, at), read word for word from the law."""
    told = {}
    for person, purpose, channel in {(ROOTS[entry[0]], entry[1], entry[2]) for entry in history}:
        of_nodes = []
        for node in (node for node, root in ROOTS.items() if root == person):
            heard = [entry[3:] for entry in history if entry[:2] == (node, purpose) and entry[2] in (None, channel)]
            if heard:
                of_nodes.append(max(heard, key=when))
        worst = max((entry[0] for entry in of_nodes), key=consents.STATES.index)
        alike = [entry for entry in of_nodes if entry[0] == worst]
        ends = [until for _, _, until in alike if until] if worst == "given" else []
        told[person, purpose, channel] = (worst, min(ends, default=None), max(at for _, at, _ in alike))
    return told


def when(said):
    state, at, until = said
    late = "T99" if "T" not in at and state in {"withdrawn", "expired"} else ""
    return at + late, consents.STATES.index(state), [-ord(letter) for letter in until or "9"]


@given(HISTORIES)
def test_the_view_says_what_the_core_says(history):
    assert sorted(viewed(history), key=str) == sorted(current(history).rows(), key=str)


@given(HISTORIES)
def test_the_core_says_what_the_law_says(history):
    found = {row[:3]: row[3:] for row in current(history).rows()}
    assert found == read_plainly(history)


@given(HISTORIES, st.sampled_from([dt.date(2025, 12, 31), dt.date(2026, 1, 1), dt.date(2026, 4, 1)]))
def test_another_no_never_gives_a_consent(history, day):
    """Whatever one more withdrawal is about, nobody who had no consent has one after it."""
    before = {row[:3] for row in current(history).filter(consents.holds(day)).rows()}
    for contact in ROOTS:
        more = [*history, (contact, "calls", None, "withdrawn", "2026-01-01", None)]
        assert {row[:3] for row in current(more).filter(consents.holds(day)).rows()} <= before
