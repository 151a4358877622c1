"""Parties that are one are found and told why, without labels; what cannot be learned is not made up."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from invented import people

from crmtool.core.duplicates import (
    blocking,
    blocking_keys,
    explaining,
    fields,
    matching,
    measures,
    queue,
    teaching,
    weighing,
)
from crmtool.core.rules import BLOCKING_KEYS, Match


@pytest.fixture(scope="module")
def found():
    parties, truth = people(3000)
    return parties, truth, matching.matched(parties, Match())


def test_doubles_are_found_without_labels(found):
    _, truth, matched = found
    measured = measures.measured(pl.Series(matched.clusters), truth)
    assert measured.f1 > 0.97


def test_what_is_certain_is_right(found):
    _, truth, matched = found
    sure = measures.measured(pl.Series(matched.certain), truth)
    assert sure.precision > 0.995
    assert sure.joined > 0


def test_the_share_of_doubles_is_estimated(found):
    parties, truth, matched = found
    rows = parties.height
    true = measures.measured(truth, truth).true / (rows * (rows - 1) / 2)
    assert 0.5 < matched.weights.prior / true < 2


def test_the_same_parties_give_the_same_weights(found):
    parties, _, matched = found
    again = matching.matched(parties, Match())
    assert again.weights.prior == matched.weights.prior
    assert all((again.weights.m[name] == m).all() for name, m in matched.weights.m.items())
    assert (again.clusters == matched.clusters).all()


def test_the_order_of_rows_does_not_matter(found):
    parties, _, matched = found
    turned = matching.matched(parties.reverse(), Match(), matched.weights)
    mirrored = parties.height - 1 - turned.clusters[::-1]
    same = pl.DataFrame({"one": matched.clusters, "other": mirrored})
    assert same.n_unique(["one", "other"]) == same["one"].n_unique() == same["other"].n_unique()


@pytest.mark.parametrize("scale", [1.0, 0.3])
def test_nothing_heavy_is_lost_where_the_dear_is_not_compared(scale):
    """Addresses and firms come together with names here, so that what agrees counts once."""
    parties, _ = people(200, doubled=0.6)
    firms = parties.with_columns(
        company=pl.format("{} и партнёры", "family_name"), email=pl.concat_list(pl.format("{}@firm.example", "city"))
    )
    found = matching.matched(firms, Match())
    weights = replace(found.weights, scale=dict.fromkeys(found.weights.m, scale))
    left, right = np.triu_indices(firms.height, 1)
    every = weighing.weighed(found.comparisons, weights, left, right)
    assert any(c.dear for c in found.comparisons)
    for least in (-10.0, matching.LOW, 3.0):
        heavy = weighing.heavy(found.comparisons, weights, left, right, least)
        near = every.weight >= least
        assert (heavy.left == left[near]).all()
        assert (heavy.right == right[near]).all()
        assert (heavy.weight == every.weight[near]).all()


def test_what_is_dear_is_not_asked_where_it_decides_nothing(found):
    def never(left, right):
        raise AssertionError

    _, _, matched = found
    comparisons = [replace(c, dear=1, texts=never) if c.name == "city" else c for c in matched.comparisons]
    left, right = matched.candidates.left, matched.candidates.right
    assert not len(weighing.heavy(comparisons, matched.weights, left, right, 1000.0).left)


def test_the_parts_of_an_explanation_sum_to_the_weight(found):
    parties, _, matched = found
    for place in np.argsort(-matched.pairs.weight)[::200]:
        left, right = int(matched.pairs.left[place]), int(matched.pairs.right[place])
        prior, lines = explaining.explained(matched, parties, left, right)
        assert prior + lines["weight"].sum() == pytest.approx(matched.pairs.weight[place], abs=1e-9)
        assert lines.filter(pl.col("agreement").is_null())["weight"].abs().max() in {0.0, None}


def test_who_a_person_keeps_apart_is_never_in_one_cluster(found):
    parties, _, matched = found
    together = np.flatnonzero(matched.clusters[matched.pairs.left] == matched.clusters[matched.pairs.right])[:20]
    apart = matched.pairs.left[together], matched.pairs.right[together]
    parted = matching.matched(parties, Match(), matched.weights, apart=apart)
    assert (parted.clusters[apart[0]] != parted.clusters[apart[1]]).all()


def test_pairs_for_a_person_hold_the_clusters_together(found):
    parties, _, matched = found
    ids = pl.Series(range(1000, 1000 + parties.height))
    offered = queue.offered(matched, ids)
    assert offered.schema == queue.OFFERED
    assert offered.height == parties.height - len(np.unique(matched.clusters))
    assert (offered["left_id"] < offered["right_id"]).all()
    assert offered["weight"].is_sorted(descending=True)
    assert offered.filter("certain")["weight"].min() > 0
    assert offered["reason"].str.len_chars().min() > 0


# -- too little, or too much of the same ------------------------------------------------------------------------------


def test_from_few_rows_nothing_is_learned_and_the_usual_values_stand():
    parties, _ = people(20)
    matched = matching.matched(parties, Match())
    assert set(matched.weights.learned.values()) == {0.0}
    usual = {c.name: c.usual for c in matched.comparisons}
    assert all(matched.weights.m[name].tolist() == pytest.approx(m) for name, m in usual.items())


def test_two_rows_that_are_the_same_person():
    row = {"given_name": "Иван", "family_name": "Ким", "phone": ["+79161234567"], "email": ["kim@pochta.example"]}
    others, _ = people(30, doubled=0)
    parties = pl.concat([pl.DataFrame([row, row]), others.select(*row)])
    matched = matching.matched(parties, Match())
    assert matched.clusters[:2].tolist() == [0, 0]
    assert len(np.unique(matched.clusters)) == parties.height - 1


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_hardly_any_rows(rows):
    parties, _ = people(2, doubled=0)
    assert len(matching.matched(parties.head(rows), Match()).clusters) == rows


def test_columns_without_values_are_no_comparison():
    parties, _ = people(50)
    empty = parties.with_columns(company=pl.lit(None, pl.String), job_title=pl.lit("менеджер"))
    kinds = fields.kinds(empty)
    assert kinds["company"] == kinds["job_title"] == "none"


def test_all_rows_are_the_same():
    parties, _ = people(1, doubled=0)
    matched = matching.matched(pl.concat([parties] * 700), Match())
    assert matched.candidates.report["left_out"].to_list() == [1]
    assert len(np.unique(matched.clusters)) == 700  # nothing tells them apart, so nothing says they are one


def test_a_switchboard_joins_nobody():
    parties, truth = people(2000, doubled=0.3)
    shared = parties.with_columns(
        phone=pl.when(pl.int_range(pl.len()) < 80).then(pl.lit(["+74950001122"])).otherwise("phone")
    )
    matched = matching.matched(shared, Match())
    there = pl.DataFrame({"cluster": matched.clusters, "truth": truth}).head(80)
    assert there.group_by("cluster").agg(pl.col("truth").n_unique())["truth"].max() == 1


@pytest.mark.parametrize(("copies", "sure"), [(20, True), (60, False)])
def test_a_party_of_very_many_is_for_a_person(copies, sure):
    others, _ = people(400, seed=5)
    same = pl.concat([others.head(1).with_columns(pl.col("email", "phone").fill_null([]))] * copies)
    matched = matching.matched(pl.concat([same, others.tail(-1)]), Match())
    assert len(np.unique(matched.clusters[:copies])) == 1
    assert (len(np.unique(matched.certain[:copies])) == 1) == sure


def test_namesakes_of_one_city_and_trade_are_for_a_person():
    """The rarer a name, the heavier two of it; but whole families bear it, and only one address is one person's."""
    parties, _ = people(600, doubled=0.3)
    parties = parties.with_columns(job_title=pl.lit("инженер")).with_columns(
        pl.when(pl.int_range(pl.len()) % 3 > 0).then("job_title").otherwise(pl.lit("бухгалтер")).alias("job_title")
    )
    two = parties.head(2).with_columns(
        given_name=pl.lit("Аристарх"),
        family_name=pl.lit("Преображенский"),
        city=pl.lit("Москва"),
        job_title=pl.lit("инженер"),
        birthday=pl.lit(None, pl.String),
        phone=pl.Series([["+79160000001"], ["+79265554433"]]),
        email=pl.lit([], pl.List(pl.String)),
    )
    rest = parties.tail(-2)
    namesakes = matching.matched(pl.concat([two, rest]), Match())
    assert namesakes.clusters[0] == namesakes.clusters[1]
    assert namesakes.certain[0] != namesakes.certain[1]
    codes = pl.format("{}000", 100 + pl.int_range(pl.len()) % 800)
    near = pl.concat([two.with_columns(postcode=pl.Series(["101001", "101009"])), rest.with_columns(postcode=codes)])
    close = matching.matched(near, Match())
    assert close.certain[0] != close.certain[1]  # codes that begin alike are of one city
    one = two.with_columns(phone=pl.lit(["+79160000001"]))
    known = matching.matched(pl.concat([one, rest]), Match())
    assert known.certain[0] == known.certain[1]


def test_what_shared_numbers_bring_along_is_learned_however_many_are_shared(found, monkeypatch):
    """Of very many pairs that share a number some are looked at, those of large groups among them."""
    parties, _, _ = found
    shared = parties.with_columns(
        phone=pl.when(pl.int_range(pl.len()) % 4 == 0)
        .then(pl.concat_list(pl.format("+7495000{}", 1000 + pl.int_range(pl.len()) // 120)))
        .otherwise("phone"),
        company=pl.format("Ромашка {}", pl.int_range(pl.len()) // 120),
    )
    every = matching.matched(shared, Match()).weights
    monkeypatch.setattr(teaching, "_DRAWN", 500)
    some = matching.matched(shared, Match()).weights
    company = ("company", "phone")
    assert some.given.keys() == every.given.keys()
    assert every.given[company][0] > 0.5 > every.u["company"][0]
    assert abs(some.given[company][0] - every.given[company][0]) < 0.1


def test_nobody_meets_himself():
    """A name of one word in two alphabets is one word."""
    parties = pl.DataFrame({"given_name": ["Li", "Li", "Ann"], "family_name": ["Ли", "Ли", "Lee"], "city": ["Рим"] * 3})
    kinds = fields.kinds(parties)
    met = blocking_keys.keys(*fields.compared(parties, kinds), kinds)["name.word"]
    assert np.diff(met.starts).tolist() == [1, 1, 2]


# -- what columns are -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["19800101", "19751231", "19800101"], "day"),
        (["A-17", "A-18", "A-17"], "code"),
        (["A-17", "A-18", "A-19"], "none"),  # a number of the row
        (["painter", "rabbi", "painter"], "text"),
        ([None, None, None], "none"),
    ],
)
def test_an_unknown_column_is_what_its_values_look_like(values, kind):
    assert fields.kinds(pl.DataFrame({"attr.x": pl.Series(values, dtype=pl.String)}))["attr.x"] == kind


def test_every_key_that_rules_may_name_is_there():
    texts = ["company", "job_title", "city", "address", "region", "birthday", "postcode", "tax_id"]
    names, lists = ["given_name", "middle_name", "family_name"], ["email", "phone", "messenger", "site", "domain"]
    rows = {name: [f"{name} 1234567", f"{name} 7654321"] for name in texts + names}
    parties = pl.DataFrame(
        {**rows, "birthday": ["1980-01-02", "1981-03-04"]}
        | {name: [["+79161234567"], ["a@b.example"]] for name in lists}
    )
    kinds = fields.kinds(parties)
    assert set(blocking_keys.keys(*fields.compared(parties, kinds), kinds)) == BLOCKING_KEYS


def test_there_are_never_more_rules_than_a_pair_can_tell_apart():
    parties, _ = people(300)
    shape = [pl.col("city").alias(f"attr.{place}") + f"-{place % 2}" for place in range(6)]
    wide = parties.with_columns(shape)
    own = tuple(("city", "birthday", "phone", "email")[: 1 + n % 4] for n in range(28))
    of = matching.ready(wide, Match(blocking=own))
    assert len(of.asked) == blocking.RULES
    found = of.found(Match(blocking=own))
    assert (found.left < found.right).all()
    assert found.rules.max() < 2**blocking.RULES
    with pytest.raises(ValueError, match="at most 32"):
        Match(blocking=(("email",),) * 33)


def test_a_column_that_repeats_the_name_is_not_counted_twice():
    parties, _ = people(40)
    again = parties.with_columns(pl.format("{} {}", "given_name", "family_name").alias("attr.both"))
    assert fields.kinds(again)["attr.both"] == "none"


def test_names_of_firms_are_no_names_of_persons():
    firms = pl.DataFrame({"name": ["Ромашка", "Лютик и Ко", "Ромашка"]})
    assert fields.kinds(firms)["name"] == "text"


def test_a_weight_of_nearly_nothing_is_nothing(found):
    parties, _, matched = found
    near = replace(matched, pairs=weighing.Pairs(np.array([0]), np.array([1]), np.array([-0.04])))
    offered = queue.offered(
        replace(near, clusters=np.zeros(parties.height, np.int64)), pl.Series(range(parties.height))
    )
    assert str(offered["weight"][0]) == "0.0"
