"""Consents that rows bring: what is an entry, what is said of it, and what an old list may not do."""

import datetime as dt

import polars as pl
import pytest

from crmtool.core import model
from crmtool.core.consent_rules import Consents, Purpose
from crmtool.core.imports import consenting
from crmtool.core.imports.linking import Met

RULES = Consents(
    purpose={"news": Purpose(title="News", channel="email", months=12), "calls": Purpose(title="Calls")},
    given=("given", "да"),
    silent=("нет",),
)
TODAY = dt.date(2026, 11, 21)
_ROWS = {"id": pl.Int64(), "contact_id": pl.Int64(), "row": pl.Int64(), "custom": model.CLEAN["custom"]}


def row(number, **said):
    """Return a row of contact `number` that says `consent.NAME` things; `news_at` is `consent.news.at`."""
    custom = [{"field": f"consent.{name.replace('_', '.')}", "value": value} for name, value in said.items()]
    return {"id": number, "contact_id": number, "row": number + 1, "custom": custom}


def told(*fresh, updated=(), before=(), known=(), today=TODAY):
    kept = [pl.DataFrame({"id": [one["id"]], "clean": [encoded(one)]}) for one in before]
    met = Met(
        pl.DataFrame(list(fresh), schema=_ROWS),
        pl.DataFrame(list(updated), schema=_ROWS),
        pl.concat([model.empty("record"), *kept], how="diagonal"),
        0,
    )
    ledger = pl.DataFrame(list(known), schema=dict(model.TABLES["consent"]))
    done = consenting.told(met, ledger, consenting.File("list.csv", "shop", today), RULES, 7, 3)
    return done.edit.created, done.findings["code"].to_list()


def encoded(one):
    return pl.DataFrame([one], schema=_ROWS).select(pl.struct("custom").struct.json_encode()).item()


def test_a_dated_consent_becomes_an_entry_with_its_proof():
    entries, said = told(row(1, news="да", news_at="2026-02-28", news_text="v2"))
    assert entries.drop("changeset_id").to_dicts() == [
        {
            "id": 7,
            "contact_id": 1,
            "purpose": "news",
            "channel": "email",
            "address": None,
            "state": "given",
            "at": "2026-02-28",
            "until": "2027-02-28",
            "source": "shop",
            "text_version": "v2",
            "evidence": "list.csv, row 2",
        }
    ]
    assert said == []


def test_without_a_day_it_counts_from_the_import():
    entries, _ = told(row(1, calls="given"))
    assert entries.select("at", "until", "channel").rows() == [("2026-11-21", None, None)]


@pytest.mark.parametrize(
    ("said", "code", "states"),
    [
        ({"news": "может быть"}, ["consent.word"], ["unknown"]),
        ({"news": "нет"}, [], []),
        ({"news_at": "2026-01-01"}, [], []),
        ({"sale": "да"}, ["consent.purpose"], []),
        ({"news": "да", "news_at": "2027-01-01"}, ["consent.ahead"], []),
    ],
)
def test_what_says_less_is_told(said, code, states):
    entries, codes = told(row(1, **said))
    assert (codes, entries["state"].to_list()) == (code, states)


def test_no_day_at_all_is_no_entry():
    assert told(row(1, news="да"), today=None)[1] == ["consent.undated"]


def test_an_updated_row_says_again_what_it_said_and_nothing_is_added():
    again = row(1, news="да")
    assert told(updated=[again], before=[again])[0].is_empty()


def test_an_updated_row_that_says_something_else_adds_an_entry():
    entries, _ = told(updated=[row(1, news="withdrawn")], before=[row(1, news="да")])
    assert entries["state"].to_list() == ["withdrawn"]


def test_an_undated_consent_does_not_outdo_a_withdrawal():
    no = {"id": 1, "contact_id": 1, "purpose": "news", "state": "withdrawn", "at": "2026-03-01"}
    assert told(updated=[row(1, news="да")], before=[row(1)], known=[no])[1] == ["consent.outdone"]
    dated = row(1, news="да", news_at="2026-04-01")
    assert told(updated=[dated], before=[row(1)], known=[no])[0]["state"].to_list() == ["given"]


def test_of_two_columns_that_disagree_both_are_entries():
    both = row(1, news="да")
    both["custom"].append({"field": "consent.news", "value": "withdrawn"})
    assert told(both)[0]["state"].to_list() == ["given", "withdrawn"]
