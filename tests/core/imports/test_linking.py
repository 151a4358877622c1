"""Whom a row meets: which verdicts the rule gives, and which pairs wait for a person."""

import polars as pl
import pytest

from crmtool.core import golden, model
from crmtool.core.imports import cleaning, linking
from crmtool.core.imports.linking import (
    PARTY,
    as_records,
    met,
    record_edit,
    strong_channels,
    tag_edit,
    verification_edit,
)
from crmtool.core.rules import Link

LINK = Link(max_shared=5)
_ROW = {
    "row": pl.Int64(),
    "source_key": pl.String(),
    "raw": pl.String(),
    **model.CLEAN,
    "tags": pl.List(pl.String()),
    "verified_on": pl.String(),
}
_APART = {"left_id": pl.Int64, "right_id": pl.Int64}


def accepted(*rows):
    """Rows as checking leaves them; file rows from 2, keys k2, k3 ..."""
    usual = [{"row": n, "source_key": f"k{n}", "raw": f'{{"n":"{n}"}}', **row} for n, row in enumerate(rows, 2)]
    return pl.DataFrame(usual, schema=_ROW)


def fresh(*rows, first=1):
    """New rows whose contacts are numbered from `first`."""
    return met(accepted(*rows), model.empty("record"), first, first).fresh


def email(value, type_="personal"):
    return {"kind": "email", "value": value, "type": type_}


def phone(value, type_="mobile"):
    return {"kind": "phone", "value": value, "type": type_}


def person(given, family, *channels, **more):
    return {"given_name": given, "family_name": family, "channels": list(channels), **more}


def holder(root, kind, value, given=None, family=None, name=None):
    return {"root_id": root, "kind": kind, "value": value, "given_name": given, "family_name": family, "name": name}


def judged(rows, holders=(), link=LINK, apart=()):
    """Return the verdicts (left, right, decision) and the findings (row, code, suggestion)."""
    known = pl.DataFrame(list(holders), schema=PARTY)
    different = pl.DataFrame(list(apart), schema=_APART, orient="row")
    made, said = linking.verdicts(rows, strong_channels(rows, link), known, link, different)
    assert set(made["by"]) <= {"rule:import"}
    return made.select("left_id", "right_id", "decision").rows(), said.select("row", "code", "suggestion").rows()


MAIL, MOBILE = email("a@x.ua"), phone("+380501112233")

# -- two of one file --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "decision"),
    [
        (person("Иван", "Ким", MAIL), person("Иван", "Ким", MAIL), "same"),
        (person("Иван", "Ким", MOBILE), person("Иван", "Ким", MOBILE), "same"),
        (person("Иван", "Ким", MAIL), person("Ivan", "Kim", MAIL), "same"),  # another alphabet
        (person("Иван", "Ким", MAIL), person("И.", "Ким", MAIL), "same"),  # an initial
        (person("Иван", "Ким", MAIL), person("Ким", "Иван", MAIL), "same"),  # given and family name exchanged
        (person("Иван", "Ким", MAIL), person("Иван", None, MAIL), "same"),  # a part that is not known
        (person("Иван", "Ким", MAIL), person(None, None, MAIL), "same"),  # no name beside a personal e-mail
        (person("Иван", "Ким", MOBILE), person(None, None, MOBILE), "unsure"),  # no name beside a telephone
        (person(None, None, MOBILE), person(None, None, MOBILE), "unsure"),
        (person("Иван", "Ким", MAIL), person("Пётр", "Ким", MAIL), "unsure"),  # a couple's mailbox
        (person("Иван", "Ким", MAIL), person("Иван", "Лим", MAIL), "unsure"),
    ],
)
def test_two_rows_with_the_same_personal_channel(one, other, decision):
    assert judged(fresh(one, other))[0] == [(1, 2, decision)]


@pytest.mark.parametrize(
    "channel", [email("info@x.ua", "role"), phone("+74951112233", "fixed"), phone("+78001112233", "toll_free")]
)
def test_a_shared_mailbox_or_a_switchboard_joins_nobody(channel):
    assert judged(fresh(person("Иван", "Ким", channel), person("Иван", "Ким", channel))) == ([], [])


def test_a_messenger_or_a_channel_of_unknown_type_joins_nobody():
    channels = [{"kind": "messenger", "value": "@kim"}, {"kind": "email", "value": "a@x.ua", "type": None}]
    assert judged(fresh(person("Иван", "Ким", *channels), person("Иван", "Ким", *channels)))[0] == []


@pytest.mark.parametrize(("channels", "expected"), [(("email",), 1), (("mobile",), 0), ((), 0)])
def test_the_rules_say_which_channels_join(channels, expected):
    rows = fresh(person("Иван", "Ким", MAIL), person("Иван", "Ким", MAIL))
    assert len(judged(rows, link=Link(channels=channels))[0]) == expected


def test_unsplit_names_are_compared_whole():
    same = fresh({"name": "Ким Иван бригадир", "channels": [MAIL]}, {"name": "ким иван бригадир", "channels": [MAIL]})
    other = fresh({"name": "Ким Иван бригадир", "channels": [MAIL]}, {"name": "склад Киев", "channels": [MAIL]})
    assert judged(same)[0] == [(1, 2, "same")]
    assert judged(other)[0] == [(1, 2, "unsure")]


@pytest.mark.parametrize(
    ("one", "other", "decision"),
    [
        ({"company": "City of Omro"}, {"company": "City of Columbus"}, "unsure"),
        ({"company": "Miami-Dade County"}, {"company": "Miami Dade County"}, "same"),
        ({"company": "City of Omro"}, {"given_name": "Ivan", "family_name": "Petrov"}, "unsure"),
        ({"company": "City of Omro"}, {}, "same"),
    ],
)
def test_organisations_behind_one_mailbox_are_told_apart_by_their_names(one, other, decision):
    verdicts, _ = judged(fresh({**one, "channels": [MAIL]}, {**other, "channels": [MAIL]}))
    assert verdicts == [(1, 2, decision)]


def test_one_row_and_no_row_meet_nobody():
    assert judged(fresh(person("Иван", "Ким", MAIL))) == ([], [])
    assert judged(fresh()) == ([], [])


def test_a_row_with_one_value_twice_does_not_meet_itself():
    assert judged(fresh(person("Иван", "Ким", MAIL, MAIL))) == ([], [])


# -- with whom we know ------------------------------------------------------------------------------------------------


def test_a_new_contact_joins_the_known_one_and_says_so_at_its_row():
    rows = fresh(person("Иван", "Ким", MAIL), first=10)
    verdicts, said = judged(rows, [holder(3, "email", "a@x.ua", "Ivan", "Kim")])
    assert verdicts == [(3, 10, "same")]
    assert said == [(2, "link.joined", "3")]


@pytest.mark.parametrize(
    ("known", "row", "code"),
    [
        (holder(3, "email", "a@x.ua", "Олег", "Ким"), person("Иван", "Ким", MAIL), "link.contradiction"),
        (holder(3, "phone", "+380501112233"), person("Иван", "Ким", MOBILE), "link.unproven"),
    ],
)
def test_doubt_says_whether_the_names_differ_or_prove_too_little(known, row, code):
    verdicts, said = judged(fresh(row, first=10), [known])
    assert verdicts == [(3, 10, "unsure")]
    assert said == [(2, code, "3")]


def test_the_verdict_tells_why():
    rows = fresh(person("Иван", "Ким", MAIL, MOBILE), person("Иван", "Ким", MAIL, MOBILE))
    made, _ = linking.verdicts(rows, strong_channels(rows, LINK), pl.DataFrame(schema=PARTY), LINK)
    assert made["reason"].to_list() == ["the same e-mail and mobile number and a compatible name"]


def test_known_contacts_are_not_paired_with_one_another():
    known = [holder(3, "email", "a@x.ua", "Иван", "Ким"), holder(4, "email", "a@x.ua", "Иван", "Ким")]
    verdicts, _ = judged(fresh(person("Иван", "Ким", MAIL), first=10), known)
    assert verdicts == [(3, 10, "same"), (4, 10, "same")]


def test_a_new_contact_does_not_join_two_whom_a_person_keeps_apart():
    known = [holder(3, "email", "a@x.ua", "Иван", "Ким"), holder(4, "email", "a@x.ua", "Иван", "Ким")]
    verdicts, said = judged(fresh(person("Иван", "Ким", MAIL), first=10), known, apart=[(3, 4)])
    assert verdicts == [(3, 10, "unsure"), (4, 10, "unsure")]
    assert {code for _, code, _ in said} == {"link.unproven"}


# -- more than two ----------------------------------------------------------------------------------------------------


def test_a_value_shared_by_many_proves_nothing_and_is_told():
    rows = fresh(*(person("Иван", "Ким", MAIL) for _ in range(3)))
    assert len(judged(rows, link=Link(max_shared=3))[0]) == 3
    verdicts, said = judged(rows, link=Link(max_shared=2))
    assert verdicts == []
    assert said == [(2, "link.shared", None), (3, "link.shared", None), (4, "link.shared", None)]


def test_known_holders_count_among_the_many():
    known = [holder(n, "email", "a@x.ua", "Иван", "Ким") for n in (1, 2)]
    assert judged(fresh(person("Иван", "Ким", MAIL), first=10), known, Link(max_shared=2))[0] == []


def test_a_contradiction_in_a_cluster_of_three_leaves_nobody_joined():
    rows = fresh(
        person("Иван", "Ким", MAIL),
        person(None, "Ким", MAIL, MOBILE),  # fits both
        person("Олег", "Ким", MOBILE),
    )
    verdicts, said = judged(rows)
    assert verdicts == [(1, 2, "unsure"), (2, 3, "unsure")]
    assert {code for _, code, _ in said} == {"link.unproven"}


def test_a_contradiction_elsewhere_does_not_matter():
    rows = fresh(
        person("Иван", "Ким", MAIL),
        person("Иван", "Ким", MAIL),
        person("Ада", "Лим", MOBILE),
        person("Олег", "Лим", MOBILE),
    )
    assert judged(rows)[0] == [(1, 2, "same"), (3, 4, "unsure")]


@pytest.mark.parametrize(("count", "decision"), [(20, "same"), (21, "unsure")])
def test_a_chain_of_joins_that_grows_too_long_goes_to_review(count, decision):
    rows = [person("Иван", "Ким", email(f"{n}@x.ua"), email(f"{n + 1}@x.ua")) for n in range(count)]
    verdicts, _ = judged(fresh(*rows))
    assert [d for _, _, d in verdicts] == [decision] * (count - 1)


# -- which record a row is --------------------------------------------------------------------------------------------


def known_records(rows, numbers, contacts):
    """Rows of the table as an earlier import of `rows` left them."""
    clean = cleaning.encoded(rows)
    stamp = {"id": numbers, "contact_id": contacts, "source": ["crm"] * len(numbers), "file_id": [1] * len(numbers)}
    frame = rows.select("source_key", "row", "raw").with_columns(clean, changeset_id=pl.lit(1, pl.Int64))
    return frame.hstack(pl.DataFrame(stamp)).select(list(model.TABLES["record"]))


def test_a_row_whose_key_is_new_becomes_a_record_and_a_contact_of_its_own():
    found = met(accepted({"city": "Київ"}, {"city": "Львів"}), model.empty("record"), 5, 8)
    assert found.fresh.select("row", "id", "contact_id").rows() == [(2, 5, 8), (3, 6, 9)]
    assert (found.updated.height, found.before.height, found.unchanged) == (0, 0, 0)


def test_a_row_that_says_the_same_again_is_unchanged():
    rows = accepted({"city": "Київ"})
    found = met(rows, known_records(rows, [5], [8]), 6, 9)
    assert (found.fresh.height, found.updated.height, found.unchanged) == (0, 0, 1)


@pytest.mark.parametrize("change", [{"raw": '{"n":"new"}'}, {"city": "Львів"}])
def test_a_row_that_changed_updates_its_record(change):
    old, new = accepted({"city": "Київ"}, {"city": "Одеса"}), accepted({"city": "Київ", **change}, {"city": "Одеса"})
    found = met(new, known_records(old, [5, 6], [8, 9]), 7, 10)
    assert found.updated.select("id", "contact_id", "row").rows() == [(5, 8, 2)]
    assert found.before["id"].to_list() == [5]
    assert (found.fresh.height, found.unchanged) == (0, 1)


def test_no_rows_meet_no_records():
    found = met(accepted(), model.empty("record"), 1, 1)
    assert (found.fresh.height, found.updated.height, found.unchanged) == (0, 0, 0)


def test_records_carry_source_file_and_change_set():
    old = accepted({"city": "Київ", "source": "a field of this name"})
    new = accepted({"city": "Львів", "source": "a field of this name"}, {"city": "Одеса"})
    change = record_edit(met(new, known_records(old, [5], [8]), 6, 9), "crm", 2, 4)
    assert change.created.select("id", "source", "file_id", "changeset_id", "row").rows() == [(6, "crm", 2, 4, 3)]
    assert change.after.select("id", "source", "file_id", "changeset_id").rows() == [(5, "crm", 2, 4)]
    assert '"city":"Львів"' in change.after["clean"][0]


def test_rows_become_records_of_clusters():
    records = as_records(fresh({"source": "a field of this name"}), "crm", 4)
    assert records.select("id", "contact_id", "origin", "source", "changeset_id").rows() == [
        (1, 1, "crm", "a field of this name", 4)
    ]
    assert set(records.columns) == set(golden.records_of(model.empty("record")).columns)


# -- tags and verifications -------------------------------------------------------------------------------------------

_TAGS = {"contact_id": pl.Int64, "tag": pl.String}


def test_contacts_get_the_tags_they_lack_once_each():
    rows = fresh({"tags": ["vip", "expo"]}, {"tags": ["vip", "vip"]}, {"tags": None}, {"tags": []})
    known = pl.DataFrame([(1, "expo")], schema=_TAGS, orient="row")
    made = tag_edit(rows, known, 7, 3).created
    assert made.rows() == [(7, 1, "vip", 3), (8, 2, "vip", 3)]


def test_rows_without_tags_give_none():
    assert tag_edit(fresh({}), pl.DataFrame(schema=_TAGS), 1, 1).size == 0


_KNOWN = {"contact_id": pl.Int64, "field": pl.String, "value": pl.String, "on": pl.String}
DATED = {"city": "Київ", "channels": [MAIL, email("b@x.ua"), MOBILE], "verified_on": "2026-10-01"}


def test_a_dated_row_vouches_for_each_checked_value():
    known = pl.DataFrame([(1, "email", "b@x.ua", "2026-10-01")], schema=_KNOWN, orient="row")
    change = verification_edit(fresh(DATED, {"city": "Львів"}), ("email", "city", "postcode"), known, "crm", 4, 9)
    assert change.created.select("id", "contact_id", "field", "value", "on", "outcome", "by", "method").rows() == [
        (4, 1, "email", "a@x.ua", "2026-10-01", "confirmed", "crm", "import"),
        (5, 1, "city", "Київ", "2026-10-01", "confirmed", "crm", "import"),
    ]


@pytest.mark.parametrize("rows", [fresh(DATED).drop("verified_on"), fresh({"city": "Київ"}), fresh()])
def test_rows_without_a_day_vouch_for_nothing(rows):
    assert verification_edit(rows, ("email", "city"), pl.DataFrame(schema=_KNOWN), "crm", 1, 1).size == 0
