"""Which pairs are put before a person: agreements, blocks too large, pairs that were decided."""

import polars as pl
import pytest

from crmtool.core import duplicates
from crmtool.core.plans import Revision
from crmtool.core.rules import Find

_CONTACT = {"id": pl.Int64, "kind": pl.String, "name": pl.String}
_CHANNEL = {"root_id": pl.Int64, "kind": pl.String, "value": pl.String}
_PAIR = {"left_id": pl.Int64, "right_id": pl.Int64}


def found(contacts, channels=(), decided=(), rules=None):
    """Contacts are (id, name) of persons or (id, kind, name)."""
    people = [row if len(row) == 3 else (row[0], "person", row[1]) for row in contacts]
    return duplicates.found(
        pl.DataFrame(people, schema=_CONTACT, orient="row"),
        pl.DataFrame(list(channels), schema=_CHANNEL, orient="row"),
        pl.DataFrame(list(decided), schema=_PAIR, orient="row"),
        rules or Find(),
    )


def pairs(*args, **kwargs):
    return found(*args, **kwargs).pairs.rows()


def mail(root, value="a@x.ua"):
    return (root, "email", value)


# -- agreements -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        ("Иван Ким", "Иван Ким", True),
        ("Иван Ким", "КИМ  ИВАН", True),  # order, case, spaces
        ("Иван Ким", "Ivan Kim", True),
        ("Иван Ким", "Иван Лим", False),
        ("Иван", "Иван", False),  # one word names too many people
        (None, None, False),
        ("???", "???", False),
        ("Иван Ким", None, False),
    ],
)
def test_people_agree_on_the_words_of_their_name(one, other, agree):
    assert pairs([(1, one), (2, other)]) == ([(1, 2, "the same name")] if agree else [])


def test_a_company_has_a_name_of_one_word():
    companies = [(1, "company", "Ромашка"), (2, "company", "РОМАШКА"), (3, "company", "Лютик")]
    assert pairs(companies) == [(1, 2, "the same name")]


def test_a_company_and_a_person_do_not_agree_on_a_name():
    assert pairs([(1, "company", "Иван Ким"), (2, "person", "Иван Ким")]) == []


def test_contacts_agree_on_an_address_or_a_number_whoever_they_are():
    people = [(1, "Ада Ким"), (2, "company", "Ромашка"), (3, None)]
    assert pairs(people, [mail(1), mail(2), (3, "phone", "+380501112233"), (1, "phone", "+380501112233")]) == [
        (1, 2, "the same email"),
        (1, 3, "the same phone"),
    ]


def test_the_same_value_of_another_kind_is_no_agreement():
    assert pairs([(1, "А"), (2, "Б")], [(1, "email", "x"), (2, "phone", "x")]) == []
    assert pairs([(1, "А"), (2, "Б")], [(1, "site", "x.ua"), (2, "site", "x.ua")]) == []


def test_pairs_that_agree_on_more_come_first():
    people = [(1, "Ада Ким"), (2, "Олег Лим"), (3, "Ада Ким"), (4, "Олег Лим")]
    assert pairs(people, [mail(4), mail(2)]) == [(2, 4, "the same email, name"), (1, 3, "the same name")]


def test_a_contact_does_not_agree_with_itself():
    assert pairs([(1, "Ада Ким")], [mail(1), mail(1)]) == []


def test_the_rules_say_by_what():
    people, channels = [(1, "Ада Ким"), (2, "Ада Ким")], [mail(1), mail(2)]
    assert pairs(people, channels, rules=Find(by=("name",))) == [(1, 2, "the same name")]
    assert pairs(people, channels, rules=Find(by=())) == []


@pytest.mark.parametrize("people", [[], [(1, "Ада Ким")]])
def test_nobody_and_one_have_no_pairs(people):
    assert pairs(people) == []


# -- blocks and decisions ---------------------------------------------------------------------------------------------


def test_a_block_over_the_cap_is_reported_and_not_paired():
    people = [(n, None) for n in range(1, 6)]
    channels = [mail(1), mail(2), mail(3), mail(4, "b@x.ua"), mail(5, "b@x.ua")]
    result = found(people, channels, rules=Find(max_block=2))
    assert result.pairs.rows() == [(4, 5, "the same email")]
    assert result.skipped.rows() == [("email", "a@x.ua", 3)]


def test_those_of_a_large_block_still_meet_by_something_else():
    people = [(1, "Ада Ким"), (2, "Ада Ким"), (3, None)]
    result = found(people, [mail(1), mail(2), mail(3)], rules=Find(max_block=2))
    assert result.pairs.rows() == [(1, 2, "the same name")]


@pytest.mark.parametrize("decided", [(1, 2), (2, 1)])
def test_a_pair_that_was_decided_is_not_offered_again(decided):
    people = [(1, "Ада Ким"), (2, "Ада Ким"), (3, "Ада Ким")]
    assert [row[:2] for row in pairs(people, decided=[decided])] == [(1, 3), (2, 3)]


# -- the plan ---------------------------------------------------------------------------------------------------------


def test_the_plan_queues_the_pairs_for_review():
    result = found([(1, "Ада Ким"), (2, "Ада Ким")])
    plan = duplicates.plan_find(result, Revision(4, "d"), "f", 9)
    columns = ("id", "left_id", "right_id", "decision", "by", "reason", "retracted_in", "changeset_id")
    assert plan.edits["verdict"].created.select(columns).rows() == [
        (9, 1, 2, "unsure", "rule:find", "the same name", None, 5)
    ]
    assert plan.facts == {"pairs": 1, "blocks_skipped": 0}


def test_no_pairs_is_an_empty_plan():
    assert duplicates.plan_find(found([]), Revision(4, "d"), "f", 9).is_empty
