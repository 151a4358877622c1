"""The store: one transaction or nothing, ids for ever, and nothing changed behind its back stays unseen."""

from __future__ import annotations

import polars as pl
import pytest

from crmtool.core import model, plans
from crmtool.core.errors import Conflict, KeyMissing, Locked, NoWorkspace, StoreDamaged
from crmtool.io import blocks, indexes, logbook, schema
from crmtool.io.changelog import Chain
from crmtool.io.store import Stamp, Store, sqlite3

KEY = "5" * 64
STAMP = Stamp("olha", "2026-11-21T10:00:00+00:00")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "crm.db"


@pytest.fixture
def store(path):
    made = Store.create(path, KEY)
    yield made
    made.close()


def plan(store, command="test", **edits):
    return plans.Plan(command, store.revision(), "rules", edits)


def people(*ids, changeset=1, **fields):
    rows = {"id": list(ids), "root_id": list(ids), "kind": "person", "changeset_id": changeset}
    return pl.DataFrame({**rows, **{n: v if isinstance(v, list) else [v] * len(ids) for n, v in fields.items()}})


def tags(*rows, changeset=1):
    return pl.DataFrame(rows, schema=["id", "contact_id", "tag"], orient="row").with_columns(changeset_id=changeset)


def filled(store):
    """Three people and two tags in one change set; then one name changed, then one tag removed."""
    store.apply(
        plan(
            store,
            contact=plans.edit("contact", created=people(1, 2, 3, name=["Ада", "Боря", "Віра"])),
            contact_tag=plans.edit("contact_tag", created=tags((1, 1, "vip"), (2, 2, "vip"))),
        ),
        STAMP,
    )
    rename(store, 2, "Борис", 2)
    known = store.snapshot("contact_tag", where="id", keys=[2])
    store.apply(plan(store, contact_tag=plans.edit("contact_tag", removed=known)), STAMP)
    return store


def rename(store, contact, name, changeset):
    before = store.snapshot("contact", where="id", keys=[contact])
    after = before.with_columns(name=pl.lit(name), changeset_id=pl.lit(changeset))
    return store.apply(plan(store, contact=plans.edit("contact", updated=(before, after))), STAMP)


def content(store):
    return {table: store.snapshot(table).rows() for table in model.TABLES}


def tampered(store, path, *statements):
    """Do to the file what another program would."""
    other = sqlite3.connect(path)
    for statement in statements:
        other.execute(statement)
    other.commit()
    other.close()
    return store.verify()


# -- applying -------------------------------------------------------------------------------------------------------


def test_what_is_applied_is_read_back(store):
    filled(store)

    assert store.snapshot("contact", ["id", "name"]).rows() == [(1, "Ада"), (2, "Борис"), (3, "Віра")]
    assert store.snapshot("contact_tag", ["id", "tag"]).rows() == [(1, "vip")]
    assert store.changesets()["id"].to_list() == [1, 2, 3]
    assert store.verify() == []


def test_a_plan_from_an_earlier_revision_is_refused(store):
    filled(store)
    old = plan(store, contact=plans.edit("contact", created=people(4, changeset=4)))
    rename(store, 1, "Аделаїда", 4)
    before = content(store)

    with pytest.raises(Conflict) as refusal:
        store.apply(old, STAMP)

    assert refusal.value.exit_code == 6
    assert "from change set 3 to 4" in refusal.value.message
    assert refusal.value.hint
    assert content(store) == before


def test_a_plan_with_the_right_number_and_another_past_is_refused(store):
    filled(store)
    lookalike = plans.Plan("test", plans.Revision(store.revision().number, "f" * 64), "rules", {})

    with pytest.raises(Conflict):
        store.apply(lookalike, STAMP)


@pytest.mark.parametrize("fails_at", ["_log", "_insert", "_update", "_known"])
def test_an_error_in_the_middle_leaves_nothing(store, monkeypatch, fails_at):
    filled(store)
    before, revision, ids = content(store), store.revision(), store.next_ids()
    known = store.snapshot("contact", where="id", keys=[1])
    edits = {
        "contact": plans.edit(
            "contact",
            created=people(4, changeset=4, name="Галя"),
            updated=(known, known.with_columns(name=pl.lit("Адам"))),
        ),
        "contact_tag": plans.edit("contact_tag", created=tags((3, 4, "new"), changeset=4)),
    }
    made = plan(store, **edits)
    inner, calls = getattr(store, fails_at), []

    def failing(*given):
        calls.append(fails_at)
        if len(calls) == 1:
            raise RuntimeError("injected")
        return inner(*given)

    monkeypatch.setattr(store, fails_at, failing)
    with pytest.raises(RuntimeError, match="injected"):
        store.apply(made, STAMP)
    monkeypatch.undo()

    assert calls
    assert (content(store), store.revision(), store.next_ids()) == (before, revision, ids)
    assert store.verify() == []
    assert store.apply(made, STAMP) == 4


def test_an_interruption_in_the_last_table_leaves_nothing(store, monkeypatch):
    filled(store)
    before = content(store)
    made = plan(
        store,
        contact=plans.edit("contact", created=people(4, changeset=4)),
        contact_tag=plans.edit("contact_tag", created=tags((3, 4, "new"), changeset=4)),
    )
    inner = store._insert

    def interrupted(table, *rest):
        if table == "contact_tag":
            raise KeyboardInterrupt
        inner(table, *rest)

    monkeypatch.setattr(store, "_insert", interrupted)
    with pytest.raises(KeyboardInterrupt):
        store.apply(made, STAMP)

    assert content(store) == before


def test_a_row_that_leads_nowhere_is_not_written(store):
    made = plan(store, contact_tag=plans.edit("contact_tag", created=tags((1, 99, "vip"))))

    with pytest.raises(sqlite3.IntegrityError):
        store.apply(made, STAMP)

    assert store.snapshot("contact_tag").is_empty()
    assert store.revision().number == 0


def test_a_large_load_leaves_all_its_indexes(store):
    before = indexes.of(store._db, "contact")
    store.apply(plan(store, contact=plans.edit("contact", created=people(*range(1, 20_001), name="x"))), STAMP)

    assert indexes.of(store._db, "contact") == before
    assert before
    assert store.verify() == []


def test_between_the_parts_of_a_load_what_plans_look_up_is_there(store):
    seen = []

    def parts():
        yield plan(store, contact=plans.edit("contact", created=people(*range(1, 20_001), name="x")))
        seen.append({*indexes.of(store._db, "contact")})
        yield plan(store, contact=plans.edit("contact", created=people(20_001, name="x")))

    before = {*indexes.of(store._db, "contact")}
    store.apply_parts(parts(), STAMP, dict)

    assert {"contact_root", "contact_email"} <= seen[0] < before
    assert {*indexes.of(store._db, "contact")} == before


def test_ids_are_never_given_twice(store):
    filled(store)
    last = store.snapshot("contact", where="id", keys=[3])
    store.apply(plan(store, contact=plans.edit("contact", removed=last)), STAMP)

    assert store.snapshot("contact")["id"].to_list() == [1, 2]
    assert store.next_ids()["contact"] == 4
    assert store.next_ids()["contact_tag"] == 3
    assert store.verify() == []


def test_a_removed_row_comes_back_under_its_id_and_proves_itself(store):
    filled(store)
    last = store.snapshot("contact", where="id", keys=[3])
    store.apply(plan(store, contact=plans.edit("contact", removed=last)), STAMP)
    store.apply(plan(store, contact=plans.edit("contact", created=last.with_columns(changeset_id=pl.lit(5)))), STAMP)

    assert store.snapshot("contact", ["name"], where="id", keys=[3]).item() == "Віра"
    assert store.next_ids()["contact"] == 4
    assert store.verify() == []


# -- many removed rows ----------------------------------------------------------------------------------------------

MANY = (*range(1, 200), 203, *range(300, 400))


@pytest.fixture
def emptied(store):
    """Three hundred people, one of whom was renamed; then all but three gone."""
    names = [f"Ім'я {number}" for number in range(1, 401)]
    store.apply(plan(store, contact=plans.edit("contact", created=people(*range(1, 401), name=names))), STAMP)
    rename(store, 5, "Борис", 2)
    going = store.snapshot("contact", where="id", keys=MANY)
    store.apply(plan(store, contact=plans.edit("contact", removed=going)), STAMP)
    return store, going


def blocked(store):
    return store._db.execute("SELECT row_id, last_id, before FROM change WHERE block IS NOT NULL").fetchall()


def test_many_removed_rows_are_one_entry_and_prove_themselves(emptied):
    store, _ = emptied
    assert blocked(store) == [(1, 399, "[[1, 199], [203, 203], [300, 399]]")]
    assert store.snapshot("contact")["id"].to_list() == [200, 201, 202, *range(204, 300), 400]
    assert store.verify() == []


def test_many_removed_rows_are_told_one_by_one(emptied):
    store, going = emptied
    told = store.changes(3)
    assert told["row_id"].to_list() == list(MANY)
    assert set(told["op"]) == {"remove"}
    images = told["before"].str.json_decode(pl.Struct(dict(model.TABLES["contact"]))).struct.unnest()
    assert images.equals(going)
    assert store.changes_of("contact", [203, 250])["changeset_id"].to_list() == [1, 3]
    assert store.changes_of("contact", [5])["changeset_id"].to_list() == [1, 2, 3]
    assert store.changes_in(3, "contact", pl.Series([7, 250]))["row_id"].to_list() == [7]


def test_a_change_set_is_counted_without_reading_its_rows(emptied, monkeypatch):
    store, _ = emptied
    monkeypatch.setattr(blocks, "unpacked", lambda *_: pytest.fail("read"))

    assert logbook.tally(store, 3).rows() == [("contact", "remove", 300, 1, 399)]
    assert logbook.tally(store, 1).rows() == [("contact", "create", 400, 1, 400)]
    assert logbook.updates(store, 2)["row_id"].to_list() == [5]
    assert logbook.updates(store, 3).is_empty()
    assert logbook.tally(store, 9).is_empty()


def test_the_first_proof_after_a_change_set_may_lie_in_a_block(emptied):
    store, _ = emptied
    renamed = store.changes(2).row(0, named=True)
    assert dict(store.first_proofs("contact", 1, 5, 5).rows()) == {5: renamed["before_proof"]}
    assert dict(store.first_proofs("contact", 2, 5, 5).rows()) == {5: renamed["after_proof"]}
    assert store.first_proofs("contact", 2, 190, 210)["id"].to_list() == [*range(190, 200), 203]
    assert store.first_proofs("contact", 3, 1, 400).is_empty()


def test_many_rows_that_come_back_are_ranges_and_prove_themselves(emptied):
    store, going = emptied
    store.apply(plan(store, contact=plans.edit("contact", created=going)), STAMP)

    assert store.changes(4).select("op", "row_id", "last_id").rows() == [
        ("create", 1, 199),
        ("create", 203, 203),
        ("create", 300, 399),
    ]
    rename(store, 7, "Ян", 5)
    assert store.verify() == []


def test_a_row_that_came_back_cannot_be_set_back_to_before(emptied):
    store, going = emptied
    old = store._db.execute("SELECT before_proof FROM change WHERE changeset_id = 2").fetchone()[0]
    store.apply(plan(store, contact=plans.edit("contact", created=going)), STAMP)
    store._db.execute("UPDATE contact SET name = 'Ім''я 5', changeset_id = 1, proof = ? WHERE id = 5", [old])

    assert store.verify() == ["contact 1 to 199: a row was swapped outside crmtool"]


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE change SET block = NULL WHERE op = 'remove'", "change set 3: removed rows of the table contact"),
        ("UPDATE change SET block = x'00' WHERE op = 'remove'", "change set 3: removed rows of the table contact"),
        ("UPDATE change SET block = substr(block, 2) WHERE op = 'remove'", "change set 3: removed rows"),
        ("UPDATE change SET before = '[[1, 2]]' WHERE op = 'remove'", "change set 3: the entry about contact 1"),
        ("UPDATE change SET before = '[oh' WHERE op = 'remove'", "change set 3: the entry about contact 1"),
        ("UPDATE change SET before = NULL WHERE op = 'remove'", "change set 3: the entry about contact 1"),
        ("UPDATE change SET before_proof = x'00' WHERE op = 'remove'", "change set 3: the entry about contact 1"),
    ],
)
def test_what_another_program_did_to_a_block_is_found(emptied, path, statement, said):
    store, _ = emptied
    assert any(line.startswith(said) for line in tampered(store, path, statement))


def test_a_block_of_ours_in_the_wrong_place_is_found(emptied):
    store, going = emptied
    store.apply(plan(store, contact=plans.edit("contact", created=going)), STAMP)
    rename(store, 5, "Бруно", 5)
    store.apply(
        plan(store, contact=plans.edit("contact", removed=store.snapshot("contact", where="id", keys=MANY))), STAMP
    )
    assert store.verify() == []
    store._db.execute(
        "UPDATE change SET block = (SELECT block FROM change WHERE changeset_id = 3) WHERE changeset_id = 6"
    )

    assert "change set 6: removed rows of the table contact were edited" in store.verify()
    with pytest.raises(StoreDamaged):
        store.changes(6)


def test_a_person_can_be_blanked_in_a_block_and_the_history_holds(emptied):
    store, _ = emptied
    number, block = store._db.execute("SELECT id, block FROM change WHERE block IS NOT NULL").fetchone()
    rows = blocks.unpacked(KEY, block)
    kept = pl.col("id") != 7
    blank = rows.with_columns(pl.when(kept).then(pl.col(name)) for name in rows.columns if name not in {"id", "proof"})
    store._db.execute("UPDATE change SET block = ? WHERE id = ?", [blocks.packed(KEY, blank), number])

    assert store.verify() == []
    assert blocks.unpacked(KEY, block)["name"][6] == "Ім'я 7"
    assert blocks.unpacked(KEY, blocks.packed(KEY, blank))["name"][6] is None


# -- beside other programs ------------------------------------------------------------------------------------------


def test_a_reader_sees_one_state_while_another_writes(store, path):
    filled(store)
    reader = Store.open(path, KEY)
    with reader.reading():
        before = content(reader)
        rename(store, 1, "Аделаїда", 4)
        assert content(reader) == before
        assert reader.revision().number == 3
    assert reader.revision().number == 4
    assert reader.snapshot("contact", ["name"], where="id", keys=[1]).item() == "Аделаїда"
    reader.close()


def test_a_reader_sees_nothing_of_an_unfinished_write(store, path, monkeypatch):
    filled(store)
    reader, inner, seen = Store.open(path, KEY), store._log, []

    def looked_at(*given):
        inner(*given)
        seen.append((reader.revision().number, reader.snapshot("contact", ["name"], where="id", keys=[1]).item()))

    monkeypatch.setattr(store, "_log", looked_at)
    rename(store, 1, "Аделаїда", 4)

    assert seen == [(3, "Ада")]
    assert reader.revision().number == 4
    reader.close()


def test_another_writer_is_told_to_wait(store, path, monkeypatch):
    filled(store)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    store._db.execute("PRAGMA busy_timeout = 10")

    with pytest.raises(Locked) as refusal:
        rename(store, 1, "x", 4)

    assert refusal.value.exit_code == 11
    other.close()


# -- opening --------------------------------------------------------------------------------------------------------


def test_no_store_is_no_store(tmp_path):
    with pytest.raises(NoWorkspace):
        Store.open(tmp_path / "crm.db", KEY)
    assert not (tmp_path / "crm.db").exists()


def test_another_key_does_not_open_it(store, path):
    with pytest.raises(KeyMissing):
        Store.open(path, "6" * 64)


def test_a_newer_schema_is_not_touched(store, path):
    store._db.execute(f"PRAGMA user_version = {schema.version() + 1}")

    with pytest.raises(StoreDamaged, match=f"schema {schema.version() + 1}"):
        Store.open(path, KEY)


def test_a_file_that_is_no_database(tmp_path):
    path = tmp_path / "crm.db"
    path.write_bytes(b"these are not the contacts you look for" * 100)
    with pytest.raises(StoreDamaged):
        Store.open(path, KEY)


def test_the_key_is_not_in_the_store(store, path):
    filled(store)
    store.close()
    assert KEY.encode() not in path.read_bytes()


# -- tampering ------------------------------------------------------------------------------------------------------

_COPY = "tbl, op, row_id, last_id, before, after, before_proof, after_proof, proof"


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE contact SET name = 'Аня' WHERE id = 1", "contact 1: the row was edited"),
        ("UPDATE contact SET city = '' WHERE id = 1", "contact 1: the row was edited"),
        ("UPDATE contact SET changeset_id = 1 WHERE id = 2", "contact 2: the row was edited"),
        ("UPDATE contact_tag SET contact_id = 3", "contact_tag 1: the row was edited"),
        ("UPDATE contact SET proof = x'00' WHERE id = 3", "contact 3: the row was edited"),
        ("DELETE FROM contact WHERE id = 3", "contact 3: the row was removed"),
        (
            "INSERT INTO contact_tag SELECT 9, contact_id, tag, changeset_id, proof FROM contact_tag",
            "contact_tag 9: the row was",
        ),
        ("UPDATE change SET after = replace(after, 'Борис', 'Богдан') WHERE op = 'update'", "change set 2"),
        ("UPDATE change SET before = NULL WHERE op = 'remove'", "change set 3"),
        ("UPDATE change SET last_id = 2 WHERE op = 'create' AND tbl = 'contact'", "change set 1"),
        ("UPDATE change SET before_proof = after_proof WHERE op = 'update'", "change set 2"),
        ("DELETE FROM change WHERE op = 'update'", "change set 2"),
        ("DELETE FROM change WHERE op = 'create' AND tbl = 'contact_tag'", "change set 1"),
        (f"INSERT INTO change (changeset_id, {_COPY}) SELECT 3, {_COPY} FROM change WHERE id = 1", "change set 3"),
        ("UPDATE change SET changeset_id = 3 WHERE op = 'update'", "change set 2"),
        ("UPDATE changeset SET actor = 'someone' WHERE id = 1", "change set 1: it, or an entry"),
        ("UPDATE changeset SET at = '2020-01-01T00:00:00+00:00' WHERE id = 2", "change set 2: it, or an entry"),
        ("UPDATE changeset SET command = 'nothing' WHERE id = 3", "change set 3: it, or an entry"),
        ("UPDATE changeset SET rules = 'x' WHERE id = 3", "change set 3: it, or an entry"),
        ("UPDATE changeset SET facts = '{\"new\": 1}' WHERE id = 3", "change set 3: it, or an entry"),
        ("UPDATE changeset SET undoes = 1 WHERE id = 3", "change set 3: it, or an entry"),
        ("UPDATE changeset SET digest = (SELECT digest FROM changeset WHERE id = 1) WHERE id = 2", "change set 2"),
        (
            "INSERT INTO changeset SELECT 4, at, actor, command, rules, facts, undoes, digest FROM changeset LIMIT 1",
            "change set 4",
        ),
    ],
)
def test_what_another_program_did_is_found(store, path, statement, said):
    filled(store)
    assert store.verify() == []

    found = tampered(store, path, "PRAGMA foreign_keys = OFF", statement)

    assert any(line.startswith(said) for line in found), found


def test_a_change_set_in_the_middle_cannot_be_dropped(store, path):
    filled(store)
    rename(store, 1, "Аделаїда", 4)

    found = tampered(
        store,
        path,
        "PRAGMA foreign_keys = OFF",
        "DELETE FROM change WHERE changeset_id = 3",
        "DELETE FROM changeset WHERE id = 3",
    )

    assert any(line.startswith("change set 4") for line in found), found


def test_the_last_change_set_cannot_be_dropped_from_the_log_alone(store, path):
    filled(store)
    rename(store, 1, "Аделаїда", 4)

    found = tampered(
        store,
        path,
        "PRAGMA foreign_keys = OFF",
        "DELETE FROM change WHERE changeset_id IN (3, 4)",
        "DELETE FROM changeset WHERE id IN (3, 4)",
    )

    assert "contact_tag 2: the row was removed outside crmtool" in found


def test_entries_cannot_change_places(store, path):
    filled(store)
    found = tampered(
        store,
        path,
        "UPDATE change SET id = 100 WHERE id = 1",
        "UPDATE change SET id = 1 WHERE id = 2",
        "UPDATE change SET id = 2 WHERE id = 100",
    )

    assert any(line.startswith("change set 1") for line in found), found


def test_a_row_set_back_with_its_old_and_valid_proof_is_found(store, path):
    filled(store)
    before = store._db.execute("SELECT name, changeset_id, proof FROM contact WHERE id = 2").fetchone()
    rename(store, 2, "Богдан", 4)
    other = sqlite3.connect(path)
    other.execute("UPDATE contact SET name = ?, changeset_id = ?, proof = ? WHERE id = 2", before)
    other.commit()
    other.close()

    assert store.verify() == ["contact 2: the row was set back outside crmtool"]


def test_a_row_set_back_to_its_creation_is_found(store, path):
    store.apply(plan(store, contact=plans.edit("contact", created=people(1, 2, name=["Ада", "Боря"]))), STAMP)
    before = store._db.execute("SELECT name, changeset_id, proof FROM contact WHERE id = 2").fetchone()
    rename(store, 2, "Борис", 2)
    store._db.execute("UPDATE contact SET name = ?, changeset_id = ?, proof = ? WHERE id = 2", before)

    assert store.verify() == ["contact 2: the row was set back outside crmtool"]


def test_a_removed_row_put_back_with_its_old_proof_is_found(store):
    filled(store)
    proof = store._db.execute("SELECT before_proof FROM change WHERE op = 'remove'").fetchone()[0]
    store._db.execute("INSERT INTO contact_tag VALUES (2, 2, 'vip', 1, ?)", [proof])

    assert store.verify() == ["contact_tag 2: the row was added outside crmtool"]


def test_a_plan_over_an_edited_row_is_refused(store, path):
    filled(store)
    tampered(store, path, "UPDATE contact SET name = 'Аня' WHERE id = 1")

    with pytest.raises(StoreDamaged) as refusal:
        rename(store, 1, "Анна", 4)

    assert "verify" in refusal.value.hint
    assert "Аня" not in refusal.value.message
    assert store.revision().number == 3


def test_the_digest_does_not_depend_on_how_proofs_come_in():
    proofs = pl.Series([number.to_bytes(16) for number in range(25_003)])
    whole, cut, other = Chain("key"), Chain("key"), Chain("key")
    whole.add(proofs)
    for part in (proofs[:1], proofs[1:9_999], proofs[9_999:20_001], proofs[20_001:]):
        cut.add(part)
    other.add(proofs.reverse())
    assert whole.digest(["head", 1]) == cut.digest(["head", 1])
    assert other.digest(["head", 1]) != whole.digest(["head", 1]) != whole.digest(["head", 2])
