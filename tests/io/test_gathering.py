"""What the pure stages are given from the store: whole clusters, holders of values, pairs that are kept apart."""

import polars as pl
import pytest

from crmtool.core import golden, model, plans
from crmtool.core.golden import Clusters
from crmtool.core.rules import Survivorship
from crmtool.io import gathering
from crmtool.io.store import Stamp, Store

STAMP = Stamp("olha", "2026-11-21T10:00:00+00:00")
RECORDS = {
    1: '{"given_name":"Ада","channels":[{"kind":"email","value":"a@x.ua","type":"personal"}]}',
    2: '{"given_name":"Ева","channels":[{"kind":"email","value":"b@x.ua","type":"personal"}]}',
    3: '{"name":"Ким бригадир","channels":[{"kind":"email","value":"a@x.ua","type":"personal"}]}',
    4: '{"company":"Ромашка","channels":[{"kind":"phone","value":"+380501112233","type":"mobile"}]}',
}


def rows(table, *given):
    return pl.DataFrame([{"changeset_id": 1, **row} for row in given], schema=dict(model.TABLES[table]))


def verdict(number, left, right, decision, retracted=None):
    return {
        "id": number,
        "left_id": left,
        "right_id": right,
        "decision": decision,
        "by": "olha",
        "retracted_in": retracted,
    }


@pytest.fixture
def store(tmp_path):
    """Ada and Eva are one (1, 2), Kim (3) and a company (4) are not; 2 and 3 are kept apart, 1 and 4 no longer."""
    made = Store.create(tmp_path / "crm.db", "5" * 64)
    records = rows(
        "record",
        *(
            {"id": n, "contact_id": n, "source": "crm", "source_key": str(n), "clean": text}
            for n, text in RECORDS.items()
        ),
    )
    verdicts = rows(
        "verdict",
        verdict(1, 1, 2, "same"),
        verdict(2, 2, 3, "different"),
        verdict(3, 1, 4, "different", retracted=1),
        verdict(4, 3, 4, "unsure"),
    )
    bare = Clusters(model.empty("contact"), model.empty("channel"), golden.records_of(records), verdicts)
    computed = golden.recomputed(pl.Series([1, 2, 3, 4]), bare, Survivorship(), 1, 1)
    edits = {
        **computed,
        "record": plans.edit("record", created=records),
        "verdict": plans.edit("verdict", created=verdicts),
    }
    made.apply(plans.Plan("test", made.revision(), "rules", edits), STAMP)
    yield made
    made.close()


def test_contacts_lead_to_their_root_and_unknown_ids_nowhere(store):
    assert gathering.roots_of(store, [2, 3, 99]).rows() == [(2, 1), (3, 3)]
    assert gathering.roots_of(store, []).rows() == []


@pytest.mark.parametrize("asked", [[1], [2], [1, 2]])
def test_a_cluster_is_whole_whoever_of_it_is_asked_for(store, asked):
    found = gathering.clusters(store, asked)
    assert found.contacts["id"].to_list() == [1, 2]
    assert sorted(found.channels["value"]) == ["a@x.ua", "b@x.ua"]
    assert found.records.select("id", "given_name", "origin").rows() == [(1, "Ада", "crm"), (2, "Ева", "crm")]
    assert found.verdicts["id"].to_list() == [1, 2]  # those that hold, also with others


def test_nobody_is_no_cluster(store):
    found = gathering.clusters(store, [99])
    sizes = [frame.height for frame in (found.contacts, found.channels, found.records, found.verdicts)]
    assert sizes == [0, 0, 0, 0]


def values(*pairs):
    return pl.DataFrame(pairs, schema={"kind": pl.String, "value": pl.String}, orient="row")


def holders(store, *pairs):
    found = gathering.holders(store, values(*pairs))
    return sorted(found.select("root_id", "value", "name", "given_name").rows())


def test_holders_are_the_roots_of_those_who_have_a_value(store):
    assert holders(store, ("email", "b@x.ua")) == [(1, "b@x.ua", "Ева", "Ева")]
    assert holders(store, ("email", "a@x.ua")) == [
        (1, "a@x.ua", "Ева", "Ева"),
        (3, "a@x.ua", "Ким бригадир", None),
    ]


def test_a_company_is_not_the_name_of_who_has_the_value(store):
    assert holders(store, ("phone", "+380501112233")) == [(4, "+380501112233", None, None)]


@pytest.mark.parametrize("asked", [[], [("phone", "a@x.ua")], [("email", "c@x.ua")], [("email", "A@x.ua")]])
def test_a_value_nobody_has_has_no_holder(store, asked):
    assert holders(store, *asked) == []


@pytest.mark.parametrize(
    ("roots", "pairs"), [([1, 3, 4], [(1, 3)]), ([1, 3], [(1, 3)]), ([1, 4], []), ([3], []), ([], [])]
)
def test_pairs_that_a_verdict_keeps_apart_are_known_by_their_roots(store, roots, pairs):
    assert gathering.apart(store, pl.Series(roots, dtype=pl.Int64)).rows() == pairs


def test_a_pair_that_is_kept_apart_waits_for_nobody(store):
    types = {"left_id": pl.Int64(), "right_id": pl.Int64()}
    waiting = "SELECT left_id, right_id FROM review ORDER BY id"
    assert store.query(waiting, [], types).rows() == [(3, 4)]
    more = rows("verdict", verdict(5, 3, 1, "unsure"), verdict(6, 4, 3, "different"), verdict(7, 1, 4, "unsure"))
    edits = {"verdict": plans.edit("verdict", created=more)}
    store.apply(plans.Plan("test", store.revision(), "rules", edits), STAMP)
    assert store.query(waiting, [], types).rows() == [(1, 4)]


def test_how_somebody_is_addressed_is_no_part_of_the_name_that_is_compared(store):
    told = {"name": "Dr Ада Ким PhD", "prefix": "Dr", "suffix": "PhD", "given_name": "Ада", "family_name": "Ким"}
    before = store.snapshot("contact", where="id", keys=pl.Series([3]))
    after = before.with_columns(pl.lit(value).alias(name) for name, value in told.items())
    plan = plans.Plan("test", store.revision(), "rules", {"contact": plans.edit("contact", updated=(before, after))})
    store.apply(plan, STAMP)
    found = gathering.parties(store, {}, pl.Series([3]))
    assert found["name"].to_list() == ["Ада Ким"]
    assert not {"prefix", "suffix"} & {*found.columns}
