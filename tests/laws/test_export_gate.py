"""No export for a purpose holds anybody without a consent for it that holds that day, whatever was said before."""

import datetime as dt

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from crmtool.core import consents, formulas
from crmtool.core.exports import gate, samples
from crmtool.io import exporting, schema
from crmtool.io.store import Store, sqlite3

ROOTS = {1: 1, 2: 1, 3: 3, 4: 4}
DAYS = tuple(dt.date(2026, month, 1).isoformat() for month in (1, 2, 3, 4))
ENTRY = st.tuples(
    st.sampled_from(list(ROOTS)),
    st.sampled_from(["newsletter", "calls"]),
    st.sampled_from([None, "email", "phone"]),
    st.sampled_from(consents.STATES),
    st.sampled_from(DAYS),
    st.sampled_from([None, *DAYS]),
)
BOUNCE = st.tuples(
    st.sampled_from(list(ROOTS)), st.sampled_from(["confirmed", "wrong", "unreachable"]), st.sampled_from(DAYS)
)


def store_of(history, bounces, shared):
    """Return a store of four contacts, two of them one person, each with a mailbox; with `shared` all have one."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    for file in schema.files():
        db.executescript(file.read_text("utf-8"))
    db.create_function("folded", 1, lambda text: text)
    mail = {i: "one@x.ua" if shared else f"{i}@x.ua" for i in ROOTS}
    for i, root in ROOTS.items():
        main = mail[root] if i == root else None
        db.execute(
            "INSERT INTO contact (id, root_id, email, changeset_id, proof) VALUES (?, ?, ?, 1, x'')", [i, root, main]
        )
        db.execute(
            "INSERT INTO channel (contact_id, kind, value, changeset_id, proof) VALUES (?, 'email', ?, 1, x'')",
            [i, mail[i]],
        )
    db.executemany(
        "INSERT INTO consent (contact_id, purpose, channel, state, at, until, changeset_id, proof)"
        " VALUES (?, ?, ?, ?, ?, ?, 1, x'')",
        history,
    )
    db.executemany(
        'INSERT INTO verification (contact_id, field, value, outcome, "on", changeset_id, proof)'
        " VALUES (?, 'email', ?, ?, ?, 1, x'')",
        [(i, mail[i], outcome, on) for i, outcome, on in bounces],
    )
    return Store(db, "0" * 64), mail


def may_be_written_to(person, history, day):
    """Read the law plainly: of each contact the last that was said, and none of them may say anything but yes."""
    last = {}
    for contact, purpose, channel, state, at, until in history:
        if ROOTS[contact] != person or purpose != "newsletter" or channel not in (None, "email"):
            continue
        no = state in ("withdrawn", "expired")
        key = (at + ("T99" if no else ""), consents.STATES.index(state))
        known = last.get(contact)
        if known is None or key > known[0] or (key == known[0] and (until or "9") < (known[2] or "9")):
            last[contact] = (key, state, until, at)
    return bool(last) and all(
        state == "given" and at <= day and (until is None or until >= day) for _, state, until, at in last.values()
    )


@given(st.lists(ENTRY, max_size=10), st.lists(BOUNCE, max_size=3), st.booleans(), st.sampled_from(DAYS))
def test_whoever_is_in_an_export_has_a_consent_that_holds_and_an_address_that_works(history, bounces, shared, day):
    store, mail = store_of(history, bounces, shared)
    ask = exporting.Ask("1", [], "newsletter", "email", dt.date.fromisoformat(day), False)
    judged = exporting.judged(store, ask)
    store.close()
    inside = judged.filter(judged["reason"].is_null())["root_id"].to_list()
    lawful = [root for root in (1, 3, 4) if may_be_written_to(root, history, day)]
    assert set(inside) <= set(lawful)
    if not shared and not bounces:
        assert inside == lawful
    for root in inside:
        said = [
            (on, outcome != "confirmed") for i, outcome, on in bounces if ROOTS[i] == root and mail[i] == mail[root]
        ]
        assert not (said and max(said)[1])
    assert judged.height == len(set(ROOTS.values()))


@given(
    st.lists(st.sampled_from(["a", "b", "c", None]), max_size=60),
    st.integers(1, 70),
    st.integers(0, 9),
)
def test_a_sample_is_proportionate_reproducible_and_apart_from_the_rest(cities, size, seed):
    people = pl.DataFrame({"id": range(1, len(cities) + 1), "city": cities}, schema={"id": pl.Int64, "city": pl.String})
    taken = samples.taken(people, ["city"], size, seed)
    assert taken.sum() == min(size, len(cities))
    assert taken.equals(samples.taken(people, ["city"], size, seed))
    again = samples.taken(people.reverse(), ["city"], size, seed).reverse()
    assert taken.to_list() == again.to_list()
    for city in set(cities):
        exact = cities.count(city) * min(size, len(cities)) / len(cities)
        got = sum(t for t, c in zip(taken, cities, strict=True) if c == city)
        assert abs(got - exact) < 1


@given(st.text(alphabet="='+-@\t 7a\n(", max_size=8))
def test_a_guarded_cell_comes_back_as_it_was(text):
    guarded = pl.select(formulas.guarded(pl.lit(text))).item()
    assert pl.select(formulas.unguarded(pl.lit(guarded))).item() == text
    assert not guarded.lstrip().startswith(("=", "@")) or guarded.startswith("'")


def test_a_mark_is_told_before_anything_else():
    candidates = pl.DataFrame({"root_id": [1, 2], "value": [None, "b"], "label": [None, None]}, schema=gate.ADDRESSES)
    marks = pl.DataFrame({"root_id": [1], "reason": ["archived"]})
    nobody = pl.DataFrame(schema={"root_id": pl.Int64, "state": pl.String})
    checks = pl.DataFrame(schema={"root_id": pl.Int64, "value": pl.String, "outcome": pl.String})
    told = gate.judged(candidates, marks, nobody, checks, pl.DataFrame(schema={"value": pl.String}))
    assert gate.counted(told) == {"archived": 1, "no_consent": 1}
