"""Survivorship: what each strategy prefers, that hand edits and notes are kept, and what is told of it."""

import polars as pl
import pytest
from pydantic import ValidationError

from crmtool.core import model
from crmtool.core.golden import Clusters, recomputed
from crmtool.core.survivorship import told
from crmtool.core.survivorship_rules import Survivorship

_RECORD = {"id": pl.Int64(), "contact_id": pl.Int64(), "changeset_id": pl.Int64(), "origin": pl.String(), **model.CLEAN}
TRUST = {"crm": 60, "form": 40}


def records(*rows):
    """Records numbered from 1; each of contact 1, change set 1 and the source "crm" unless it says otherwise."""
    usual = {"contact_id": 1, "changeset_id": 1, "origin": "crm"}
    return pl.DataFrame([{"id": n, **usual, **row} for n, row in enumerate(rows, 1)], schema=_RECORD)


def checks(*rows):
    """Verifications (field, value, outcome, day) of contact 1."""
    fields = ("field", "value", "outcome", "on")
    return pl.DataFrame(
        [{"id": n, "contact_id": 1, **dict(zip(fields, row, strict=True))} for n, row in enumerate(rows, 1)],
        schema=dict(model.TABLES["verification"]),
    )


def golden(rows, said=(), **rules):
    clusters = Clusters(model.empty("contact"), model.empty("channel"), rows, model.empty("verdict"), checks(*said))
    made = recomputed(pl.Series([1]), clusters, Survivorship(trust=TRUST, **rules), 7, 1)["contact"].created
    return made.row(0, named=True)


def listed(rows, of, said=(), **rules):
    """Return (value, chosen) of a field as told, and whether it is open."""
    known = rows.with_columns(root_id=pl.lit(1, pl.Int64))
    lines = told(known, checks(*said).with_columns(root_id=pl.lit(1, pl.Int64)), Survivorship(trust=TRUST, **rules))
    lines = lines.filter(pl.col("field") == of)
    return lines.select("value", "chosen").rows(), lines["open"].any()


def email(value, type_="personal"):
    return {"kind": "email", "value": value, "type": type_}


def mailed(*values):
    return {"channels": [email(value) for value in values]}


# -- strategies -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "strategy", ["trusted", "newest", "earliest", "longest", "most_frequent", "most_complete", "verified"]
)
def test_a_hand_edit_comes_before_every_file_whatever_the_strategy(strategy):
    rows = records(
        {"city": "Одеса", "changeset_id": 2, "origin": "manual"},
        {"city": "Івано-Франківськ", "changeset_id": 1},
        {"city": "Івано-Франківськ", "changeset_id": 9, "job_title": "Директор"},
    )
    said = [("city", "Івано-Франківськ", "confirmed", "2026-01-01")]
    assert golden(rows, said, field={"city": strategy})["city"] == "Одеса"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([], "Київ"),  # nobody looked: the more trusted
        ([("city", "Львів", "confirmed", "2026-01-01")], "Львів"),
        ([("city", "Львів", "confirmed", "2026-01-01"), ("city", "Київ", "confirmed", "2026-02-01")], "Київ"),
        ([("city", "Київ", "wrong", "2026-01-01")], "Львів"),
        ([("city", "Київ", "wrong", "2026-01-01"), ("city", "Київ", "confirmed", "2026-01-02")], "Київ"),
        ([("city", "Львів", "confirmed", "2026-01-01"), ("city", "Львів", "wrong", "2026-01-01")], "Київ"),
        ([("phone", "Львів", "confirmed", "2026-01-01")], "Київ"),  # of another field
    ],
)
def test_what_was_verified_last_survives_and_what_was_found_wrong_does_not(said, expected):
    rows = records({"city": "Київ"}, {"city": "Львів", "origin": "form", "changeset_id": 2})
    assert golden(rows, said, field={"city": "verified"})["city"] == expected


def test_the_record_that_says_most_counts():
    rows = records({"city": "Київ"}, {"city": "Львів", "origin": "form", "job_title": "Директор", "company": "Мрія"})
    assert golden(rows, default="most_complete")["city"] == "Львів"


def test_the_name_may_survive_by_a_strategy_of_its_own():
    rows = records(
        {"given_name": "Ivan", "family_name": "Kim"},
        {"given_name": "Иван", "family_name": "Ким", "origin": "form", "changeset_id": 2},
        {"given_name": "Иван", "family_name": "Ким", "origin": "form", "changeset_id": 3},
    )
    assert golden(rows)["name"] == "Ivan Kim"
    assert golden(rows, field={"name": "most_frequent"})["name"] == "Иван Ким"
    assert golden(rows, field={"name": "newest"})["name"] == "Иван Ким"
    assert golden(rows, field={"name": "earliest"})["name"] == "Ivan Kim"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([], "a@x.ua"),
        ([("email", "b@x.ua", "confirmed", "2026-01-01")], "b@x.ua"),
        ([("email", "a@x.ua", "unreachable", "2026-01-01")], "b@x.ua"),
    ],
)
def test_the_main_channel_may_be_the_verified_one(said, expected):
    rows = records(mailed("a@x.ua", "b@x.ua"))
    assert golden(rows, said, field={"email": "verified"})["email"] == expected
    assert golden(rows, said)["email"] == "a@x.ua"


@pytest.mark.parametrize(
    ("field", "strategy", "message"),
    [
        ("city", "union", "one value"),
        ("given_name", "longest", "say it of name"),
        ("email", "longest", "by trusted or verified"),
    ],
)
def test_a_strategy_that_cannot_be_is_refused(field, strategy, message):
    with pytest.raises(ValidationError, match=message):
        Survivorship(field={field: strategy})


# -- notes ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("notes", "expected"),
    [
        (["a", "b"], "b\n\na"),  # the newer first
        (["a", "a"], "a"),
        (["a", "a\nb"], "a\nb"),  # its lines stand in the other
        (["VIP", "VIP-зал не нужен"], "VIP-зал не нужен\n\nVIP"),  # a part of a line is not the line
        (["x", None], "x"),
        ([None, None], None),
    ],
)
def test_notes_are_all_kept_word_for_word(notes, expected):
    rows = records(*({"note": note, "changeset_id": n} for n, note in enumerate(notes, 1)))
    assert golden(rows, field={"note": "union"})["note"] == expected


def test_a_note_by_hand_stands_in_for_those_it_names():
    rows = records({"note": "old"}, {"note": "other"}, {"note": "short", "instead_of": [1], "origin": "manual"})
    assert golden(rows, field={"note": "union"})["note"] == "short\n\nother"


def test_a_note_that_only_fills_gaps_fills_them():
    rows = records({"note": "old", "fill": True})
    assert golden(rows, field={"note": "union"})["note"] == "old"
    both = records({"note": "old", "fill": True}, {"note": "said"})
    assert golden(both, field={"note": "union"})["note"] == "said"


def test_a_merge_does_not_widen_a_consent():
    yes, no = ({"custom": [{"field": "consent.newsletter", "value": value}]} for value in ("yes", "no"))
    assert golden(records({**yes, "origin": "manual"}, {**no, "origin": "form"}))["custom"] == (
        '{"consent.newsletter":"no"}'
    )


# -- what is told -----------------------------------------------------------------------------------------------------


def test_every_value_is_told_with_what_became_of_it():
    rows = records({"city": "Київ"}, {"city": "Львів", "origin": "form"}, {"city": None})
    assert listed(rows, "city") == ([("Київ", True), ("Львів", False)], False)
    assert listed(rows, "job_title") == ([], False)


@pytest.mark.parametrize(
    ("other", "is_open"),
    [
        ({}, True),  # of the same source and import: only the order of rows decides
        ({"changeset_id": 2}, False),
        ({"origin": "form"}, False),
        ({"city": "Київ"}, False),
        ({"origin": "manual"}, False),
    ],
)
@pytest.mark.parametrize("strategy", ["trusted", "newest", "most_complete", "verified"])
def test_a_field_is_open_where_only_the_order_of_rows_decides(other, is_open, strategy):
    rows = records({"city": "Київ"}, {"city": "Львів", **other})
    assert listed(rows, "city", default=strategy)[1] == is_open


def test_a_longer_text_is_a_clear_winner():
    rows = records({"city": "Київ"}, {"city": "Одеса"})
    assert listed(rows, "city", field={"city": "longest"}) == ([("Одеса", True), ("Київ", False)], False)


def test_a_name_is_told_as_a_whole():
    rows = records(
        {"given_name": "Иван", "family_name": "Ким"}, {"prefix": "г-н"}, {"name": "Kim I.", "changeset_id": 0}
    )
    assert listed(rows, "name")[0] == [("Иван Ким", True), ("Kim I.", False)]
