"""Taking back: what a change set created goes, what it removed comes back, what it updated gets its old fields."""

import json

import polars as pl
import pytest

from crmtool.core import golden, history, model
from crmtool.core.errors import Conflict
from crmtool.core.golden import Clusters
from crmtool.core.history import (
    Trace,
    created_ids,
    inverse,
    leaning,
    plan_undo,
    touched_ids,
    with_dependents,
    with_ground,
)
from crmtool.core.plans import Revision
from crmtool.core.rules import Fields, Rules

RULES = Rules(fingerprint="f", fields=Fields(field={}, identity=("name",)))
_LOG = {"op": pl.String, "row_id": pl.Int64, "last_id": pl.Int64, "before": pl.String, "after": pl.String}
_PROOF = {"id": pl.Int64, "proof": pl.Binary}


def created(first, last=None):
    return {"op": "create", "row_id": first, "last_id": last or first}


def updated(row, before, after):
    images = {"before": json.dumps(before), "after": json.dumps(after)}
    return {"op": "update", "row_id": row, "last_id": row, **images}


def removed(row):
    return {"op": "remove", "row_id": row["id"], "last_id": row["id"], "before": json.dumps(row)}


def log(*entries):
    return pl.DataFrame(list(entries), schema=_LOG)


def rows(table, *standing):
    return pl.DataFrame(list(standing), schema=dict(model.TABLES[table]))


def tag(number, name, changeset=2):
    return {"id": number, "contact_id": 1, "tag": name, "changeset_id": changeset}


def proofs(**known):
    """Proofs by row, as i1=b"a"."""
    return pl.DataFrame([{"id": int(name[1:]), "proof": proof} for name, proof in known.items()], schema=_PROOF)


def trace(table, entries, standing=(), now=None, first=None):
    return Trace(log(*entries), rows(table, *standing), proofs(**(now or {})), proofs(**(first or {})))


def tags_back(entries, standing=(), **more):
    return inverse({"contact_tag": trace("contact_tag", entries, standing, **more)})


# -- what a log is about ----------------------------------------------------------------------------------------------


def test_created_rows_are_logged_as_ranges():
    entries = log(created(3, 5), updated(1, {}, {}), created(9))
    assert created_ids(entries).to_list() == [3, 4, 5, 9]
    assert touched_ids(entries).to_list() == [1, 3, 4, 5, 9]


def test_an_empty_log_is_about_nothing():
    assert created_ids(log()).to_list() == []
    assert touched_ids(log()).to_list() == []
    assert inverse({}).edits == {}
    assert history.concerned(inverse({})).to_list() == []


# -- created, removed, updated ----------------------------------------------------------------------------------------


def test_what_was_created_is_removed():
    back = tags_back([created(1, 2)], [tag(1, "a"), tag(2, "b")])
    assert back.edits["contact_tag"].removed["id"].to_list() == [1, 2]
    assert back.conflicts == ()


def test_what_was_created_and_is_gone_needs_nothing():
    back = tags_back([created(1, 2)], [tag(2, "b")])
    assert back.edits["contact_tag"].removed["id"].to_list() == [2]
    assert back.conflicts == ()


def test_what_was_removed_comes_back_under_its_id():
    back = tags_back([removed(tag(4, "a", 1))])
    assert back.edits["contact_tag"].created.to_dicts() == [tag(4, "a", 1)]


def test_what_was_removed_and_is_back_already_is_left():
    back = tags_back([removed(tag(4, "a", 1))], [tag(4, "a", 3)])
    assert back.edits["contact_tag"].size == 0


def test_what_was_updated_gets_its_old_fields_and_keeps_the_others():
    entry = updated(1, {"tag": "old", "changeset_id": 1}, {"tag": "new", "changeset_id": 2})
    back = tags_back([entry], [tag(1, "new")])
    assert back.edits["contact_tag"].after.select("id", "contact_id", "tag").rows() == [(1, 1, "old")]


@pytest.mark.parametrize(("before", "after"), [(None, "x"), ("x", None)])
def test_unknown_is_a_value_too(before, after):
    entry = updated(1, {"reason": before}, {"reason": after})
    row = {"id": 1, "left_id": 1, "right_id": 2, "decision": "same", "by": "olha", "reason": after, "changeset_id": 2}
    back = inverse({"verdict": trace("verdict", [entry], [row])})
    assert back.edits["verdict"].after["reason"].to_list() == [before]


# -- what stands in the way -------------------------------------------------------------------------------------------


def test_an_updated_field_that_was_changed_again_is_a_conflict():
    back = tags_back([updated(1, {"tag": "old"}, {"tag": "new"})], [tag(1, "newer", 7)])
    assert back.edits["contact_tag"].size == 0
    assert back.conflicts == ("contact_tag 1 was changed again by change set 7",)


def test_a_change_of_another_field_is_kept():
    standing = {**tag(1, "new", 7), "contact_id": 5}
    back = tags_back([updated(1, {"tag": "old"}, {"tag": "new"})], [standing])
    assert back.edits["contact_tag"].after.select("contact_id", "tag").rows() == [(5, "old")]
    assert back.conflicts == ()


def test_an_updated_row_that_is_gone_is_a_conflict():
    back = tags_back([updated(1, {"tag": "old"}, {"tag": "new"})])
    assert back.conflicts == ("contact_tag 1 is gone since",)


def test_a_created_row_that_was_changed_since_is_a_conflict():
    back = tags_back([created(1, 2)], [tag(1, "a"), tag(2, "B", 7)], now={"i2": b"now"}, first={"i2": b"then"})
    assert back.edits["contact_tag"].removed["id"].to_list() == [1]
    assert back.conflicts == ("contact_tag 2 was changed again by change set 7",)


def test_a_created_row_that_was_changed_and_changed_back_is_none():
    back = tags_back([created(2)], [tag(2, "b", 8)], now={"i2": b"same"}, first={"i2": b"same"})
    assert back.edits["contact_tag"].removed["id"].to_list() == [2]
    assert back.conflicts == ()


# -- contacts that go -------------------------------------------------------------------------------------------------

PEOPLE = trace("contact", [created(1, 2)], [{"id": 1, "root_id": 1}, {"id": 2, "root_id": 2}])


def verdict(number, by, decision="same"):
    return {"id": number, "left_id": 1, "right_id": 2, "decision": decision, "by": by, "changeset_id": 4}


def test_created_contacts_leave_and_removed_ones_return():
    gone = {"id": 7, "root_id": 7, "kind": "person", "changeset_id": 1}
    back = inverse({"contact": trace("contact", [created(1, 2), removed(gone)], [{"id": 1, "root_id": 1}])})
    assert (back.leaving.to_list(), back.returning.to_list()) == ([1], [7])
    assert "contact" not in back.edits  # computed, not turned back
    assert history.concerned(back).to_list() == [1, 7]


def test_a_rules_verdict_goes_with_its_contact_and_a_persons_stands_in_the_way():
    back = inverse({"contact": PEOPLE})
    after = with_dependents(back, {"verdict": rows("verdict", verdict(1, "rule:import"), verdict(2, "olha"))})
    assert after.edits["verdict"].removed["id"].to_list() == [1]
    assert after.conflicts == ("verdict 2 of change set 4 needs a contact this would remove",)


def test_rows_of_the_same_change_set_go_and_later_ones_stand_in_the_way():
    back = inverse({"contact": PEOPLE, "contact_tag": trace("contact_tag", [created(1)], [tag(1, "a")])})
    after = with_dependents(back, {"contact_tag": rows("contact_tag", tag(1, "a"), tag(2, "b", 9))})
    assert after.conflicts == ("contact_tag 2 of change set 9 needs a contact this would remove",)


def test_computed_rows_never_stand_in_the_way():
    channels = rows("channel", {"id": 1, "contact_id": 1, "kind": "email", "value": "a@x.ua", "changeset_id": 9})
    assert with_dependents(inverse({"contact": PEOPLE}), {"channel": channels}).conflicts == ()


def test_what_comes_back_needs_its_contact():
    back = tags_back([removed(tag(4, "a"))])
    assert leaning(back).rows() == [("contact_tag", 4, 1)]
    nobody, nothing = pl.Series([], dtype=pl.Int64), model.empty("record")
    assert with_ground(back, pl.Series([1]), nothing).conflicts == ()
    assert with_ground(back, nobody, nothing).conflicts == ("contact_tag 4 belongs to contact 1, which is gone since",)


def test_a_record_that_was_read_again_meanwhile_does_not_come_back():
    record = {"id": 4, "contact_id": 1, "source": "crm", "source_key": "k", "clean": "{}", "changeset_id": 1}
    back = inverse({"record": trace("record", [removed(record)])})
    again = rows("record", {**record, "id": 9, "changeset_id": 6})
    other = rows("record", {**record, "id": 9, "source": "form"})
    assert with_ground(back, pl.Series([1]), other).conflicts == ()
    assert with_ground(back, pl.Series([1]), again).conflicts == (
        "record 4 was read again as record 9 by change set 6",
    )


# -- the plan ---------------------------------------------------------------------------------------------------------


def standing(*said):
    """Two people with a record each, joined as the verdicts say."""
    records = [
        {"id": n, "contact_id": n, "source": "crm", "source_key": str(n), "clean": f'{{"given_name":"P{n}"}}'}
        for n in (1, 2)
    ]
    bare = Clusters(
        model.empty("contact"),
        model.empty("channel"),
        golden.records_of(rows("record", *({**record, "changeset_id": 1} for record in records))),
        rows("verdict", *said),
    )
    contacts = golden.recomputed(pl.Series([1, 2]), bare, RULES.survivorship, 1, 1)["contact"].created
    return Clusters(contacts, bare.channels, bare.records, bare.verdicts)


def test_taking_back_a_merge_gives_both_contacts_back():
    said = verdict(3, "olha")
    back = inverse({"verdict": trace("verdict", [created(3)], [said])})
    plan = plan_undo(4, back, standing(said), Revision(6, "d"), RULES, 1)
    assert (plan.command, plan.undoes) == ("undo 4", 4)
    assert plan.edits["verdict"].removed["id"].to_list() == [3]
    changed = plan.edits["contact"].after.select("id", "root_id", "name")
    assert (2, 2, "P2") in changed.rows()


def test_taking_back_an_unmerge_does_not_join_whom_a_person_told_apart():
    parted = {**verdict(3, "olha"), "retracted_in": 5}
    entry = updated(3, {"retracted_in": None}, {"retracted_in": 5})
    back = inverse({"verdict": trace("verdict", [entry], [parted])})
    around = standing()
    assert plan_undo(5, back, around, Revision(6, "d"), RULES, 1).edits["contact"].size > 0
    told = Clusters(around.contacts, around.channels, around.records, rows("verdict", verdict(8, "petro", "different")))
    with pytest.raises(Conflict, match="petro decided in change set 4"):
        plan_undo(5, back, told, Revision(6, "d"), RULES, 1)
