"""Golden records: which value survives, how contacts hang together, what happens to channels."""

import json
from itertools import pairwise

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from crmtool.core import golden, model, survivorship
from crmtool.core.golden import Clusters, recomputed, records_of, roots, same_edges
from crmtool.core.survivorship_rules import Survivorship

_RECORD = {"id": pl.Int64(), "contact_id": pl.Int64(), "changeset_id": pl.Int64(), "origin": pl.String(), **model.CLEAN}
TRUST = Survivorship(trust={"manual": 100, "crm": 60, "form": 40})


def records(*rows):
    """Records numbered from 1; each of contact 1, change set 1 and the source "crm" unless it says otherwise."""
    usual = {"contact_id": 1, "changeset_id": 1, "origin": "crm"}
    return pl.DataFrame([{"id": n, **usual, **row} for n, row in enumerate(rows, 1)], schema=_RECORD)


def verdicts(*rows):
    """Verdicts (left, right, decision, retracted in)."""
    fields = ("left_id", "right_id", "decision", "retracted_in")
    return pl.DataFrame(
        [{"id": n, **dict(zip(fields, row, strict=True))} for n, row in enumerate(rows, 1)],
        schema=dict(model.TABLES["verdict"]),
    )


def clusters(rows, joins=(), contacts=None, channels=None):
    return Clusters(
        model.empty("contact") if contacts is None else contacts,
        model.empty("channel") if channels is None else channels,
        rows,
        verdicts(*joins),
    )


def computed(rows, joins=(), rules=TRUST, ids=None):
    """Return the contacts as they come out, by id."""
    wanted = pl.Series(ids or sorted(set(rows["contact_id"])), dtype=pl.Int64)
    made = recomputed(wanted, clusters(rows, joins), rules, 7, 1)["contact"].created
    return {row["id"]: row for row in made.to_dicts()}


def email(value, type_="personal"):
    return {"kind": "email", "value": value, "type": type_}


def phone(value, type_="mobile", label=None):
    return {"kind": "phone", "value": value, "type": type_, "label": label}


# -- roots ------------------------------------------------------------------------------------------------------------


def edges(*pairs):
    return pl.DataFrame(pairs, schema={"left_id": pl.Int64, "right_id": pl.Int64}, orient="row")


@pytest.mark.parametrize("few", [0, 100], ids=["as many", "as a few"])
@pytest.mark.parametrize(
    ("ids", "pairs", "expected"),
    [
        ([], [], []),
        ([5], [], [5]),
        ([1, 2, 3], [], [1, 2, 3]),
        ([1, 2, 3], [(1, 2), (2, 3)], [1, 1, 1]),
        ([1, 2, 3], [(3, 2), (2, 1)], [1, 1, 1]),  # the order of a pair does not matter
        ([1, 2, 3, 4], [(1, 2), (3, 4)], [1, 1, 3, 3]),
        ([1, 2, 3], [(1, 2), (2, 3), (1, 3)], [1, 1, 1]),  # a circle
        ([4, 2], [(4, 4)], [4, 2]),  # oneself
        ([3, 1, 2], [(3, 2)], [2, 1, 2]),  # the order of ids is kept
    ],
)
def test_the_root_is_the_smallest_of_all_that_hang_together(ids, pairs, expected, few, monkeypatch):
    monkeypatch.setattr(golden, "_FEW", few)
    assert roots(pl.Series(ids, dtype=pl.Int64), edges(*pairs))["root_id"].to_list() == expected


@pytest.mark.parametrize("order", ["up", "down", "zigzag"])
def test_a_chain_of_two_thousand_is_one_person(order):
    count = 2000
    numbers = {
        "up": list(range(1, count + 1)),
        "down": list(range(count, 0, -1)),
        "zigzag": [n for pair in zip(range(1, 1001), range(2000, 1000, -1), strict=True) for n in pair],
    }[order]
    chain = edges(*pairwise(numbers))
    assert set(roots(pl.Series(sorted(numbers)), chain)["root_id"]) == {1}


def test_only_verdicts_same_that_hold_keep_contacts_together():
    said = verdicts((1, 2, "same", None), (2, 3, "different", None), (3, 4, "unsure", None), (4, 5, "same", 9))
    assert same_edges(said).rows() == [(1, 2)]


# -- which value survives ---------------------------------------------------------------------------------------------

NOTES = (
    {"note": "bb", "changeset_id": 1, "origin": "form"},
    {"note": "aaa", "changeset_id": 2, "origin": "form"},
    {"note": "aaa", "changeset_id": 3, "origin": "form"},
    {"note": "mm", "changeset_id": 4, "origin": "crm"},
    {"note": "c", "changeset_id": 5, "origin": "form"},
    {"note": None, "changeset_id": 6, "origin": "manual"},
)


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [("trusted", "mm"), ("newest", "c"), ("earliest", "bb"), ("longest", "aaa"), ("most_frequent", "aaa")],
)
def test_every_strategy_chooses_among_the_known_values(strategy, expected):
    rules = Survivorship(trust=TRUST.trust, field={"note": strategy})
    assert computed(records(*NOTES), rules=rules)[1]["note"] == expected


@pytest.mark.parametrize("strategy", ["trusted", "newest", "earliest", "longest", "most_frequent"])
def test_a_field_nobody_knows_stays_unknown(strategy):
    rows = records({"note": None}, {"note": None})
    assert computed(rows, rules=Survivorship(default=strategy))[1]["note"] is None


@pytest.mark.parametrize("strategy", ["longest", "most_frequent"])
def test_a_tie_goes_to_the_more_trusted_then_the_newer(strategy):
    rules = Survivorship(trust=TRUST.trust, default=strategy)
    trusted = records({"city": "Київ", "origin": "crm"}, {"city": "Одес", "origin": "form", "changeset_id": 2})
    newer = records({"city": "Київ"}, {"city": "Одес", "changeset_id": 2})
    assert computed(trusted, rules=rules)[1]["city"] == "Київ"
    assert computed(newer, rules=rules)[1]["city"] == "Одес"


def test_of_equally_trusted_sources_the_newest_record_counts():
    rows = records({"city": "Київ", "changeset_id": 2}, {"city": "Львів", "changeset_id": 3}, {"city": "Одеса"})
    assert computed(rows)[1]["city"] == "Львів"


def test_sources_without_a_rank_have_the_default_trust():
    rows = records({"city": "Київ", "origin": "stranger"}, {"city": "Львів", "origin": "form", "changeset_id": 2})
    assert computed(rows)[1]["city"] == "Київ"  # 50 against 40
    assert computed(rows, rules=Survivorship())[1]["city"] == "Львів"  # without ranks all are equal


def test_the_earliest_day_is_the_earliest_by_the_calendar():
    rows = records(
        {"first_contact_on": "2024-03-01", "changeset_id": 1}, {"first_contact_on": "2021-12-31", "changeset_id": 2}
    )
    rules = Survivorship(field={"first_contact_on": "earliest"})
    assert computed(rows, rules=rules)[1]["first_contact_on"] == "2021-12-31"


# -- the name ---------------------------------------------------------------------------------------------------------


def test_the_parts_of_a_name_survive_together():
    rows = records(
        {"given_name": "Мария", "family_name": "Петрова", "origin": "crm"},
        {"given_name": "Маша", "middle_name": "Ивановна", "family_name": "Сидорова", "origin": "form"},
    )
    found = computed(rows)[1]
    assert found["name"] == "Мария Петрова"
    assert found["middle_name"] is None


def test_among_equals_the_fuller_name_counts_then_the_newer():
    fuller = records(
        {"given_name": "Иван", "middle_name": "Ильич", "family_name": "Ким"},
        {"given_name": "Ваня", "changeset_id": 2},
    )
    newer = records(
        {"given_name": "Ганна", "family_name": "Кім"}, {"given_name": "Анна", "family_name": "Кім", "changeset_id": 2}
    )
    assert computed(fuller)[1]["name"] == "Иван Ильич Ким"
    assert computed(newer)[1]["name"] == "Анна Кім"


@pytest.mark.parametrize("edit", [{"city": "Львов"}, {"gender": "female"}, {"prefix": "Mr"}])
def test_a_trusted_record_without_a_name_takes_no_name_away(edit):
    rows = records({"given_name": "Иван", "family_name": "Ким", "origin": "form"}, {**edit, "origin": "manual"})
    assert computed(rows)[1]["name"] == "Иван Ким"


def test_a_gender_set_by_hand_counts_though_the_name_comes_from_elsewhere():
    rows = records({"given_name": "Саша", "gender": "male"}, {"gender": "female", "origin": "manual"})
    assert (computed(rows)[1]["given_name"], computed(rows)[1]["gender"]) == ("Саша", "female")


@pytest.mark.parametrize(
    ("record", "name", "kind"),
    [
        ({"given_name": "Ivan", "family_name": "Kim"}, "Ivan Kim", "person"),
        ({"prefix": "Dr", "given_name": "Ivan", "middle_name": "I.", "suffix": "Jr"}, "Dr Ivan I. Jr", "person"),
        ({"name": "Ким Иван бригадир"}, "Ким Иван бригадир", "person"),
        ({"prefix": "Mr", "name": "Kim"}, "Mr Kim", "person"),
        ({"prefix": "Mr"}, None, "person"),
        ({"company": "Ромашка"}, "Ромашка", "company"),
        ({"company": "Ромашка", "name": "Kim"}, "Kim", "person"),
        ({"company": "Ромашка", "kind": "person"}, "Ромашка", "person"),
        ({}, None, "person"),
    ],
)
def test_the_display_name_and_the_kind(record, name, kind):
    found = computed(records(record))[1]
    assert (found["name"], found["kind"]) == (name, kind)


# -- clusters ---------------------------------------------------------------------------------------------------------

TWO = records(
    {"contact_id": 1, "given_name": "Иван", "changeset_id": 1},
    {"contact_id": 2, "given_name": "Иван", "family_name": "Ким", "city": "Київ", "changeset_id": 2},
)


def test_the_root_carries_the_golden_record_and_the_absorbed_are_bare():
    found = computed(TWO, [(1, 2, "same", None)])
    assert (found[1]["root_id"], found[1]["name"], found[1]["city"]) == (1, "Иван Ким", "Київ")
    known = {name for name, value in found[2].items() if value is not None}
    assert known == {"id", "root_id", "changeset_id"}
    assert found[2]["root_id"] == 1


@pytest.mark.parametrize("said", [(1, 2, "same", 5), (1, 2, "different", None), (1, 2, "unsure", None)])
def test_without_a_holding_verdict_both_are_themselves(said):
    assert computed(TWO, [said]) == computed(TWO)


def test_a_contact_without_records_is_a_contact_all_the_same():
    found = computed(records(), ids=[3])
    assert (found[3]["id"], found[3]["root_id"], found[3]["name"], found[3]["kind"]) == (3, 3, None, "person")


def test_nothing_gives_nothing():
    made = recomputed(pl.Series([], dtype=pl.Int64), clusters(records()), TRUST, 1, 1)
    assert (made["contact"].size, made["channel"].size) == (0, 0)


# -- channels ---------------------------------------------------------------------------------------------------------


def channels(rows, joins=(), next_channel=1, before=None, remembered=None):
    ids = pl.Series(sorted(set(rows["contact_id"])), dtype=pl.Int64)
    return recomputed(ids, clusters(rows, joins, channels=before), TRUST, 7, next_channel, remembered)["channel"]


def test_the_channels_of_all_records_are_kept_once_each_at_their_contact():
    rows = records(
        {"contact_id": 1, "channels": [phone("+380501112233"), email("a@x.ua")]},
        {"contact_id": 1, "channels": [email("a@x.ua"), email("b@x.ua")]},
        {"contact_id": 2, "channels": [email("a@x.ua")]},
        {"contact_id": 2, "channels": []},
        {"contact_id": 2, "channels": None},
    )
    made = channels(rows, [(1, 2, "same", None)], next_channel=10).created
    assert made["id"].to_list() == [10, 11, 12, 13]
    assert sorted(made.select("contact_id", "value").rows()) == [
        (1, "+380501112233"),
        (1, "a@x.ua"),
        (1, "b@x.ua"),
        (2, "a@x.ua"),
    ]


def test_a_known_channel_keeps_its_id_and_takes_the_label_of_the_best_record():
    first = channels(records({"channels": [phone("+380501112233", label="work")]})).created
    rows = records(
        {"channels": [phone("+380501112233", label="work")]},
        {"channels": [phone("+380501112233", label="mobile")], "origin": "manual"},
    )
    change = channels(rows, next_channel=2, before=first)
    assert (change.created.height, change.removed.height) == (0, 0)
    assert (change.after["id"].to_list(), change.after["label"].to_list()) == ([1], ["mobile"])


def test_a_channel_no_record_names_any_more_goes():
    first = channels(records({"channels": [email("a@x.ua"), email("b@x.ua")]})).created
    change = channels(records({"channels": [email("b@x.ua")]}), before=first)
    assert (change.created.height, change.removed["value"].to_list()) == (0, ["a@x.ua"])


def test_a_remembered_channel_comes_back_under_its_id():
    rows = records({"channels": [email("a@x.ua")]})
    gone = channels(rows).created
    assert channels(rows, next_channel=9, remembered=gone).created["id"].to_list() == [1]


def test_a_remembered_channel_that_stands_again_is_not_doubled():
    rows = records({"channels": [email("a@x.ua")]})
    gone = channels(rows).created
    standing = gone.with_columns(id=pl.lit(5, pl.Int64))
    assert channels(rows, next_channel=9, before=standing, remembered=gone).size == 0


@pytest.mark.parametrize(
    ("rows", "mail", "number"),
    [
        ([{"channels": [email("info@x.ua", "role"), email("ivan@x.ua")]}], "ivan@x.ua", None),
        ([{"channels": [email("info@x.ua", "role")]}], "info@x.ua", None),
        ([{"channels": [phone("+74951112233", "fixed"), phone("+79161112233")]}], None, "+79161112233"),
        (
            [{"channels": [email("a@x.ua")], "origin": "form"}, {"channels": [email("b@x.ua")], "origin": "manual"}],
            "b@x.ua",
            None,
        ),
        (
            [
                {"channels": [email("info@x.ua", "role")], "origin": "manual"},
                {"channels": [email("b@x.ua")], "origin": "form"},
            ],
            "b@x.ua",
            None,
        ),
        ([{"channels": [{"kind": "site", "value": "x.ua"}]}], None, None),
        ([{"channels": [email("a@x.ua", None)]}], "a@x.ua", None),
        ([{}], None, None),
    ],
)
def test_the_main_channel_is_personal_or_mobile_then_the_most_trusted(rows, mail, number):
    found = computed(records(*rows))[1]
    assert (found["email"], found["phone"]) == (mail, number)


# -- fields of one's own ----------------------------------------------------------------------------------------------


def test_own_fields_come_from_the_best_record_that_has_them():
    rows = records(
        {"custom": [{"field": "nps", "value": "9"}, {"field": 'quote"d', "value": "a\\b"}], "origin": "form"},
        {"custom": [{"field": "nps", "value": "7"}], "origin": "crm"},
        {"custom": [], "origin": "manual"},
        {"custom": None, "origin": "manual"},
    )
    assert json.loads(computed(rows)[1]["custom"]) == {"nps": "7", 'quote"d': "a\\b"}


def test_without_own_fields_there_is_no_object():
    assert computed(records({"city": "Київ"}))[1]["custom"] is None


# -- records ----------------------------------------------------------------------------------------------------------


def test_records_of_the_table_give_their_fields_and_keep_the_source_apart():
    clean = {"source": "utm", "city": "Київ", "channels": [{"kind": "email", "value": "a@x.ua"}]}
    row = {"id": 4, "contact_id": 2, "source": "form", "clean": json.dumps(clean), "changeset_id": 3}
    found = records_of(pl.DataFrame([row], schema=dict(model.TABLES["record"]))).row(0, named=True)
    assert (found["origin"], found["source"], found["city"], found["name"]) == ("form", "utm", "Київ", None)
    assert found["channels"] == [{"kind": "email", "value": "a@x.ua", "label": None, "extension": None, "type": None}]


def test_records_of_no_rows_has_all_columns():
    assert dict(records_of(model.empty("record")).schema) == dict(_RECORD)


def test_computing_again_changes_nothing():
    rows = records(
        {"contact_id": 1, "given_name": "Иван", "channels": [email("a@x.ua")]},
        {"contact_id": 2, "given_name": "Иван", "channels": [phone("+380501112233")]},
    )
    joins = [(1, 2, "same", None)]
    ids = pl.Series([1, 2])
    first = recomputed(ids, clusters(rows, joins), TRUST, 7, 1)
    contacts, known = first["contact"].created, first["channel"].created
    again = recomputed(ids, clusters(rows, joins, contacts, known), TRUST, 8, 3)
    assert (again["contact"].size, again["channel"].size) == (0, 0)
    backwards = recomputed(ids, clusters(rows.sort("id", descending=True), joins), TRUST, 7, 1)
    assert_frame_equal(backwards["contact"].created, contacts)
    assert_frame_equal(backwards["channel"].created, known)


def test_the_fields_that_are_one_name_are_golden_fields():
    assert set(survivorship.NAME_UNIT) <= {*model.FIELDS, "name"}
