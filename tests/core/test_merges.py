"""Verdicts of people: joining, keeping apart, and parting again, in chains and circles too."""

import polars as pl
import pytest

from crmtool.core import golden, model
from crmtool.core.errors import Conflict, UsageError
from crmtool.core.golden import Clusters
from crmtool.core.merges import (
    DECISIONS,
    compared,
    judged,
    merged_values,
    plan_decisions,
    plan_take_back,
    plan_unmerge,
    plan_verdict,
)
from crmtool.core.plans import Revision
from crmtool.core.rules import Fields, Rules

RULES = Rules(fingerprint="f", fields=Fields(field={}, identity=("name",)))
REVISION = Revision(8, "d")
NEXT = dict.fromkeys(model.TABLES, 100)
_RECORD = golden.records_of(model.empty("record")).schema


def clusters(count, *said):
    """People 1 to `count`, one record each; verdicts are (left, right, decision), numbered from 1 in change set 2."""
    records = pl.DataFrame(
        [
            {"id": n, "contact_id": n, "changeset_id": 1, "origin": "crm", "given_name": f"P{n}"}
            for n in range(1, count + 1)
        ],
        schema=_RECORD,
    )
    verdicts = pl.DataFrame(
        [
            {"id": n, "left_id": a, "right_id": b, "decision": d, "by": "olha", "changeset_id": 2}
            for n, (a, b, d) in enumerate(said, 1)
        ],
        schema=dict(model.TABLES["verdict"]),
    )
    bare = Clusters(model.empty("contact"), model.empty("channel"), records, verdicts)
    ids = pl.Series(range(1, count + 1), dtype=pl.Int64)
    contacts = golden.recomputed(ids, bare, RULES.survivorship, 2, 1)["contact"].created
    return Clusters(contacts, model.empty("channel"), records, verdicts)


def joined(*pairs, count=4):
    return clusters(count, *((a, b, "same") for a, b in pairs))


def judge(pair, decision, standing):
    return plan_verdict(pair, decision, "olha", standing, REVISION, RULES, NEXT)


def roots_after(plan, standing):
    """Return id -> root as the plan leaves it."""
    after = plan.edits["contact"].after
    return dict(standing.contacts.select("id", "root_id").rows()) | dict(after.select("id", "root_id").rows())


# -- joining and keeping apart ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("pair", [(1, 2), (2, 1)])
def test_a_merge_is_a_verdict_and_the_golden_records_follow(pair):
    standing = clusters(2)
    plan = judge(pair, "same", standing)
    said = plan.edits["verdict"].created.row(0, named=True)
    assert (said["id"], said["left_id"], said["right_id"], said["decision"], said["by"]) == (100, 1, 2, "same", "olha")
    assert (said["retracted_in"], said["changeset_id"]) == (None, 9)
    assert roots_after(plan, standing) == {1: 1, 2: 1}
    assert plan.command == f"duplicates merge {pair[0]} {pair[1]}"
    assert set(plan.edits) == {"verdict", "contact", "channel"}  # records stay where they are


def test_a_verdict_on_an_absorbed_contact_is_one_on_its_root():
    standing = joined((1, 3))
    plan = judge((4, 3), "same", standing)
    assert plan.edits["verdict"].created.select("left_id", "right_id").rows() == [(1, 4)]
    assert roots_after(plan, standing) == {1: 1, 2: 2, 3: 1, 4: 1}


def test_different_joins_nobody():
    plan = judge((1, 2), "different", clusters(2))
    assert plan.edits["verdict"].created["decision"].to_list() == ["different"]
    assert plan.edits["contact"].size == 0


@pytest.mark.parametrize("decision", ["same", "different"])
def test_contacts_that_are_one_take_no_verdict(decision):
    with pytest.raises(UsageError, match="both lead to 1"):
        judge((1, 3), decision, joined((1, 2), (2, 3)))


@pytest.mark.parametrize("decision", ["same", "different"])
def test_a_contact_that_does_not_exist_takes_none(decision):
    with pytest.raises(UsageError, match="no contact 9"):
        judge((1, 9), decision, clusters(2))


@pytest.mark.parametrize("pair", [(1, 2), (2, 1), (3, 4), (4, 1)])
def test_a_verdict_different_stands_in_the_way_of_all_who_hang_on_either(pair):
    standing = clusters(4, (1, 3, "same"), (2, 4, "same"), (3, 2, "different"))
    with pytest.raises(Conflict, match=r"olha decided .* \(verdict 3\)"):
        judge(pair, "same", standing)


def test_different_is_said_once():
    with pytest.raises(UsageError, match="are different"):
        judge((2, 1), "different", clusters(2, (1, 2, "different")))


def test_a_verdict_different_about_others_does_not_matter():
    standing = clusters(3, (2, 3, "different"))
    assert roots_after(judge((1, 2), "same", standing), standing) == {1: 1, 2: 1, 3: 3}


# -- parting ----------------------------------------------------------------------------------------------------------


def unmerge(pair, standing):
    return plan_unmerge(pair, standing, REVISION, RULES, NEXT)


def retracted(plan):
    change = plan.edits["verdict"]
    assert (change.created.height, change.removed.height) == (0, 0)
    assert set(change.after["retracted_in"]) == {9}
    return change.after["id"].to_list()


@pytest.mark.parametrize(
    ("pairs", "apart", "taken_back", "roots"),
    [
        ([(1, 2)], (1, 2), [1], {1: 1, 2: 2, 3: 3, 4: 4}),
        ([(1, 2)], (2, 1), [1], {1: 1, 2: 2, 3: 3, 4: 4}),
        # a chain 1-2-3: neighbours are parted where they meet, the ends at the newest verdict
        ([(1, 2), (2, 3)], (1, 2), [1], {1: 1, 2: 2, 3: 2, 4: 4}),
        ([(1, 2), (2, 3)], (2, 3), [2], {1: 1, 2: 1, 3: 3, 4: 4}),
        ([(1, 2), (2, 3)], (1, 3), [2], {1: 1, 2: 1, 3: 3, 4: 4}),
        ([(2, 3), (1, 2)], (1, 3), [2], {1: 1, 2: 2, 3: 2, 4: 4}),
        # a star: only the one arm goes
        ([(1, 2), (1, 3), (1, 4)], (1, 3), [2], {1: 1, 2: 1, 3: 3, 4: 1}),
        # a circle: every way between the two is cut
        ([(1, 2), (2, 3), (1, 3)], (1, 3), [2, 3], {1: 1, 2: 1, 3: 3, 4: 4}),
        ([(1, 2), (2, 4), (1, 3), (3, 4)], (1, 4), [2, 4], {1: 1, 2: 1, 3: 1, 4: 4}),
        # said twice: both are taken back
        ([(1, 2), (1, 2)], (1, 2), [1, 2], {1: 1, 2: 2, 3: 3, 4: 4}),
    ],
)
def test_parting_takes_back_the_newest_verdict_of_every_way(pairs, apart, taken_back, roots):
    standing = joined(*pairs)
    plan = unmerge(apart, standing)
    assert retracted(plan) == taken_back
    assert roots_after(plan, standing) == roots


def test_what_comes_back_is_what_was():
    before, standing = clusters(2), joined((1, 2), count=2)
    after = unmerge((1, 2), standing).edits["contact"].after.sort("id")
    fields = ["id", "root_id", "name", "given_name"]
    changed = before.contacts.filter(pl.col("id").is_in(after["id"].implode()))
    assert after.select(fields).equals(changed.select(fields))


@pytest.mark.parametrize("pair", [(1, 3), (1, 1), (3, 4)])
def test_contacts_that_are_not_joined_cannot_be_parted(pair):
    with pytest.raises(UsageError, match="not merged"):
        unmerge(pair, joined((1, 2)))


def test_a_long_chain_is_parted_in_the_middle():
    count = 1500
    standing = joined(*((n, n + 1) for n in range(1, count)), count=count)
    assert retracted(unmerge((700, 701), standing)) == [700]
    assert retracted(unmerge((1, count), standing)) == [count - 1]


# -- many decisions ---------------------------------------------------------------------------------------------------


def decisions(*rows):
    """Decisions (left, right, decision) of a person."""
    return pl.DataFrame(
        [{"left_id": a, "right_id": b, "decision": d, "by": "petro", "reason": "sheet"} for a, b, d in rows],
        schema=DECISIONS,
    )


@pytest.mark.parametrize(
    ("rows", "standing", "refused"),
    [
        ([(1, 2, "same")], clusters(4), [None]),
        ([(1, 2, "same"), (2, 1, "same")], clusters(4), [None, ""]),  # said twice
        ([(1, 2, "same"), (2, 1, "different")], clusters(4), ["both ways", "both ways"]),
        ([(1, 9, "same")], clusters(4), ["does not exist"]),
        ([(1, 2, "maybe")], clusters(4), ["neither"]),
        ([(1, 2, "same")], joined((1, 2)), [""]),  # holds already
        ([(1, 2, "different")], joined((1, 2)), ["part them"]),
        ([(1, 2, "different")], clusters(4, (2, 1, "different")), [""]),
        ([(1, 2, "same")], clusters(4, (2, 1, "different")), ["olha decided"]),
        # of a chain that would join two who are kept apart nothing is done, in whatever order it was said
        ([(1, 2, "same"), (2, 3, "same"), (4, 3, "same")], clusters(4, (1, 3, "different")), ["olha"] * 3),
        ([(1, 2, "same"), (2, 3, "same"), (1, 3, "different")], clusters(4), ["petro"] * 3),
        ([(1, 2, "same"), (3, 4, "same"), (1, 3, "different")], clusters(4), [None, None, None]),
        ([(2, 3, "same"), (1, 4, "same")], clusters(4, (1, 2, "same"), (3, 4, "different")), ["olha", "olha"]),
    ],
)
def test_decisions_are_refused_where_they_contradict(rows, standing, refused):
    found = judged(decisions(*rows), standing)["refusal"].to_list()
    assert len(found) == len(refused)
    for said, expected in zip(found, refused, strict=True):
        assert said == expected if not expected else expected in (said or "")


def test_many_decisions_are_one_plan():
    standing = clusters(4)
    chosen = decisions((2, 1, "same"), (3, 4, "same"), (1, 3, "different"))
    plan = plan_decisions("merge many", chosen, standing, REVISION, RULES, NEXT)
    rows = plan.edits["verdict"].created.select("id", "left_id", "right_id", "decision", "by", "reason").rows()
    assert rows == [
        (100, 1, 2, "same", "petro", "sheet"),
        (101, 3, 4, "same", "petro", "sheet"),
        (102, 1, 3, "different", "petro", "sheet"),
    ]
    assert roots_after(plan, standing) == {1: 1, 2: 1, 3: 3, 4: 3}


# -- taking back ------------------------------------------------------------------------------------------------------


def test_one_verdict_is_taken_back_by_its_id():
    standing = joined((1, 2), (2, 3))
    plan = plan_take_back(2, standing, REVISION, RULES, NEXT)
    assert (retracted(plan), roots_after(plan, standing)) == ([2], {1: 1, 2: 1, 3: 3, 4: 4})
    with pytest.raises(UsageError, match="No verdict 7 holds"):
        plan_take_back(7, standing, REVISION, RULES, NEXT)


@pytest.mark.parametrize(
    ("state", "number", "copied"),
    [("withdrawn", 3, [2]), ("given", 3, []), ("withdrawn", 2, [])],  # of change set 2 is the merge
)
def test_what_was_refused_of_both_is_refused_of_each(state, number, copied):
    row = {"id": 5, "contact_id": 1, "purpose": "news", "state": state, "at": "2026-01-01", "changeset_id": number}
    said = pl.DataFrame([row], schema=dict(model.TABLES["consent"]))
    plan = plan_unmerge((1, 2), joined((1, 2), count=2), REVISION, RULES, NEXT, said)
    edit = plan.edits.get("consent")
    assert ([] if edit is None else edit.created["contact_id"].to_list()) == copied
    if copied:
        assert edit.created.drop("id", "contact_id", "changeset_id").equals(
            said.drop("id", "contact_id", "changeset_id")
        )


# -- before it is done ------------------------------------------------------------------------------------------------


def test_two_contacts_are_compared_with_what_becomes_of_them():
    standing = clusters(2)
    rows = compared((2, 1), standing, judge((2, 1), "same", standing)).rows()
    assert ("name", "P2", "P1", "P2") in rows  # the later of two equal rows
    told = merged_values((2, 1), standing, RULES.survivorship).filter(pl.col("field") == "name")
    assert told.select("value", "chosen", "open").rows() == [("P2", True, True), ("P1", False, True)]
