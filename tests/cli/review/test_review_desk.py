"""Decisions reach the store one by one, beside others who decide; each can be taken back."""

from __future__ import annotations

import pytest

from crmtool.cli.review import desk
from crmtool.cli.review import sitting as sittings
from crmtool.core.errors import Conflict, UsageError


def step(session, sitting, does, **given):
    sitting, case, _ = desk.faced(session, sitting)
    return desk.stepped(session, sitting, case, does, 1.0, **given)


def history(session):
    return session.store.changesets().select("command", "actor").rows()


def test_a_decision_is_a_change_set_of_its_own(steward):
    session = steward("olha")
    sitting, said = step(session, desk.seated(session), "same")
    sitting, _ = step(session, sitting, "different")
    assert said == "1 and 2: same, as change set 2"
    assert history(session)[1:] == [("duplicates merge 1 2", "olha"), ("duplicates different 3 4", "olha")]
    assert [pair[:2] for pair in sitting.waiting] == [(5, 6), (5, 7), (6, 7)]
    assert desk.seated(session).waiting == sitting.waiting, "the store has the same queue"


def test_the_golden_record_shown_is_the_one_that_results(steward):
    session = steward()
    sitting = desk.seated(session)
    _, case, _ = desk.faced(session, sitting)
    step(session, sitting, "same")
    after = session.store.snapshot("contact", where="id", keys=[1]).row(0, named=True)
    assert {name: after[name] for name in case.golden} == {name: value for name, (value,) in case.golden.items()}


@pytest.mark.parametrize("does", ["same", "different"])
def test_a_step_back_leaves_contacts_and_queue_as_they_were(steward, content, does):
    session = steward()
    begun = desk.seated(session)
    before = content()
    sitting, _ = step(session, begun, does)
    sitting, said = step(session, sitting, "undo")
    assert said == f"1 and 2: {does}, taken back as 3"
    assert content() == before
    assert sitting == begun


def test_a_skip_writes_nothing_and_can_be_taken_back(steward):
    session = steward()
    begun = desk.seated(session)
    sitting, _ = step(session, begun, "skip")
    assert sitting.pair[:2] == (3, 4)
    assert step(session, sitting, "undo")[0] == begun
    assert len(history(session)) == 1


def test_undo_at_the_beginning_says_so(steward):
    session = steward()
    assert step(session, desk.seated(session), "undo")[1] == "there is nothing to take back in this sitting"


def test_three_that_are_one_need_two_decisions(steward):
    session = steward()
    sitting = sittings.skipped(sittings.skipped(desk.seated(session)))
    sitting, _ = step(session, sitting, "same")
    sitting, _ = step(session, sitting, "same")
    assert [pair[:2] for pair in sitting.waiting] == [(1, 2), (3, 4)]
    assert session.store.snapshot("contact", ["root_id"])["root_id"].to_list()[4:] == [5, 5, 5]


def test_values_by_hand_go_with_the_merge_in_one_change_set(steward, content):
    session = steward()
    before, begun = content(), desk.seated(session)
    sitting, said = step(session, begun, "same", choices={"city": "г. Тверь", "given_name": "Анна"})
    assert said == "1 and 2: same, as change set 2"
    after = session.store.snapshot("contact", where="id", keys=[1]).row(0, named=True)
    assert (after["city"], after["given_name"], after["family_name"]) == ("Тверь", "Анна", "Дуб")
    assert step(session, sitting, "undo")[0] == begun
    assert content() == before


def test_a_value_that_cannot_be_leaves_the_pair_undecided(steward, content):
    session = steward()
    before = content()
    with pytest.raises(UsageError, match="birthday"):
        step(session, desk.seated(session), "same", choices={"birthday": "soon"})
    assert content() == before
    assert len(history(session)) == 1


# -- beside others ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "why"), [("same", "they are one by now"), ("different", "taras said that they are different")]
)
def test_a_pair_that_another_decided_vanishes_with_a_remark(steward, said, why):
    olha, taras = steward("olha"), steward("taras")
    mine = desk.seated(olha)
    step(taras, desk.seated(taras), said)
    sitting, case, remarks = desk.faced(olha, mine)
    assert remarks == [f"1 and 2: {why}"]
    assert case.pair[:2] == (3, 4)
    assert (sitting.settled, sitting.total) == (1, 5)


def test_what_another_decided_while_the_pair_was_shown_is_not_decided_again(steward):
    olha, taras = steward("olha"), steward("taras")
    mine, case, _ = desk.faced(olha, desk.seated(olha))
    step(taras, desk.seated(taras), "different")
    with pytest.raises(desk.Settled, match="taras said"):
        desk.stepped(olha, mine, case, "same", 1.0)
    assert len(history(olha)) == 2


def test_a_decision_of_another_about_others_is_no_hindrance(steward):
    olha, taras = steward("olha"), steward("taras")
    mine, case, _ = desk.faced(olha, desk.seated(olha))
    step(taras, sittings.skipped(desk.seated(taras)), "same")
    sitting, said = desk.stepped(olha, mine, case, "same", 1.0)
    assert said == "1 and 2: same, as change set 3"
    assert desk.faced(olha, sitting)[1].pair[:2] == (5, 6)


def test_a_pair_whose_contact_another_joined_is_asked_about_as_it_is_now(steward):
    olha, taras = steward("olha"), steward("taras")
    mine = sittings.skipped(sittings.skipped(desk.seated(olha)))
    step(taras, sittings.skipped(sittings.skipped(sittings.skipped(desk.seated(taras)))), "same")
    sitting, case, remarks = desk.faced(olha, mine)
    assert (case.pair[:2], case.sides[0].absorbed, remarks) == ((5, 6), (7,), [])
    sitting = sittings.rerooted(sitting, {7: 5})
    assert [pair[:2] for pair in sitting.waiting] == [(1, 2), (3, 4), (5, 6)]


def test_a_decision_that_carries_later_work_is_not_taken_back(steward):
    olha, taras = steward("olha"), steward("taras")
    sitting = sittings.skipped(sittings.skipped(desk.seated(olha)))
    sitting, _ = step(olha, sitting, "different")
    assert sitting.steps[-1].changeset == 2
    step(taras, desk.seated(taras), "undo")
    session = steward("pavlo")
    from crmtool.io import reversal

    with session.turn("undo"):
        session.step().offer(reversal.planned(session.store, session.rules, 2), lambda: None)
    again, said = step(olha, sitting, "undo")
    assert said == "5 and 6: different, taken back as 2"
    assert again.pair[:2] == (5, 6)


# -- clusters ---------------------------------------------------------------------------------------------------------


def roots(session):
    return dict(session.store.snapshot("contact", ["id", "root_id"]).rows())


def test_a_whole_cluster_is_joined_as_one_change_set_and_comes_apart_again(steward, content):
    session = steward()
    before = content()
    number = desk.joined(session, [5, 6, 7])
    assert roots(session)[6] == roots(session)[7] == 5
    sitting, said = desk.gathered(session, desk.seated(session), "same", number, 1.0)
    assert said == "same, as change set 2"
    desk.stepped(session, sitting, None, "undo", 1.0)
    assert content() == before


def test_members_are_shown_as_their_own_records_say(steward):
    session = steward()
    desk.joined(session, [5, 6])
    found = desk.members(session, [5, 7])
    assert [(member.side.contact, member.root) for member in found] == [(5, 5), (6, 5), (7, 7)]
    assert [member.side.values["given_name"] for member in found] == [("Ольга",), ("Игорь",), ("Вера",)]


def test_a_split_parts_what_is_one_and_keeps_apart_what_waits(steward):
    session = steward()
    desk.joined(session, [5, 6])
    assert desk.parted(session, [5], [6, 7]) == 3
    assert {roots(session)[i] for i in (5, 6, 7)} == {5, 6, 7}
    assert [pair[:2] for pair in desk.seated(session).waiting] == [(1, 2), (3, 4), (6, 7)]


def test_of_a_cluster_all_may_differ(steward):
    session = steward()
    desk.kept_apart(session, [5, 6, 7])
    assert [pair[:2] for pair in desk.seated(session).waiting] == [(1, 2), (3, 4)]
    assert desk.kept_apart(session, [5, 6, 7]) is None, "nobody thinks so any more"


def test_joining_against_a_verdict_is_refused(steward):
    session = steward()
    step(session, desk.seated(session), "different")
    with pytest.raises(Conflict):
        desk.joined(session, [1, 2])
