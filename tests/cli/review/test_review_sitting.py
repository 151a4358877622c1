"""The sitting: what comes next, what is left, and what a step back gives back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crmtool.cli.review import sitting as sittings
from crmtool.cli.review.sitting import Pair

PAIRS = (Pair(1, 2, 9.0), Pair(2, 3, 8.0), Pair(4, 5), Pair(1, 3))


def test_a_decision_brings_the_next_pair_and_the_last_is_followed_by_the_first():
    sitting = sittings.begun(PAIRS)
    after = sittings.decided(sitting, "different", 7, 2.0)
    assert (after.pair, after.settled, after.total) == (PAIRS[1], 1, 4)
    last = sittings.skipped(sittings.skipped(after))
    assert last.pair == PAIRS[3]
    assert sittings.decided(last, "same", 8, 2.0).pair == PAIRS[1]
    assert sittings.told(last) == {"different": 1, "skipped": 2}


def test_what_was_skipped_comes_again():
    sitting = sittings.begun(PAIRS[:2])
    assert sittings.skipped(sittings.skipped(sitting)).pair == PAIRS[0]


def test_when_all_is_decided_nothing_waits():
    sitting = sittings.decided(sittings.begun(PAIRS[:1]), "same", 7, 1.0)
    assert (sitting.pair, sittings.minutes(sitting)) == (None, 0)


def test_the_minutes_left_follow_the_steward_s_own_pace():
    slow, quick = (sittings.decided(sittings.begun(PAIRS), "different", 7, seconds) for seconds in (60.0, 2.0))
    assert (sittings.minutes(slow), sittings.minutes(quick)) == (3, 1)
    assert sittings.minutes(sittings.begun(PAIRS * 100)) == 54  # eight seconds each, before anything is known


def test_joined_contacts_lead_their_pairs_along_and_what_is_one_is_gone():
    joined = sittings.rerooted(sittings.begun(PAIRS), {2: 1})
    assert [pair[:2] for pair in joined.waiting] == [(1, 3), (4, 5)]
    assert joined.pair == Pair(1, 3, 8.0)


def test_the_pair_that_is_asked_about_stays_when_others_before_it_are_gone():
    sitting = sittings.skipped(sittings.skipped(sittings.begun(PAIRS)))
    assert sittings.rerooted(sitting, {2: 1}).pair == PAIRS[2]


def test_a_step_back_leads_to_the_pair_that_was_asked_about():
    sitting = sittings.skipped(sittings.begun(PAIRS))
    assert sittings.taken_back(sitting) == sittings.begun(PAIRS)


def test_what_hangs_together_is_found_the_nearest_first():
    pairs = [Pair(1, 2), Pair(2, 3), Pair(3, 4), Pair(8, 9)]
    assert sittings.together(pairs, pairs[0], 10) == [1, 2, 3, 4]
    assert sittings.together(pairs, pairs[0], 3) == [1, 2, 3]


_pairs = st.lists(st.tuples(st.integers(1, 6), st.integers(1, 6)).filter(lambda pair: pair[0] < pair[1]), unique=True)


@given(_pairs, st.lists(st.sampled_from(["same", "different", "skip"]), max_size=20))
def test_whatever_is_said_every_pair_is_settled_or_waits(pairs, said):
    sitting = sittings.begun([Pair(*pair) for pair in pairs])
    for number, word in enumerate(said):
        if sitting.pair is None:
            break
        left, right = sitting.pair[:2]
        skips = word == "skip"
        sitting = sittings.skipped(sitting) if skips else sittings.decided(sitting, word, number, 1.0)
        if word == "same":
            sitting = sittings.rerooted(sitting, {right: left})
        assert 0 <= sitting.at < max(len(sitting.waiting), 1)
        assert sitting.settled + len(sitting.waiting) == len(pairs)
        assert len({pair[:2] for pair in sitting.waiting}) == len(sitting.waiting)
