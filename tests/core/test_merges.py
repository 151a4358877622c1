"""Verdicts of people: joining, keeping apart, and parting again, in chains and circles too."""

import polars as pl
import pytest

from crmtool.core import golden, model
from crmtool.core.errors import Conflict, UsageError
from crmtool.core.golden import Clusters
from crmtool.core.merges import plan_unmerge, plan_verdict
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
    with pytest.raises(Conflict, match="olha decided in change set 2"):
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
