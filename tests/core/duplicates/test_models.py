"""What was learned is kept as it is, is the same for the same parties, and is not used where it no longer fits."""

import datetime as dt
import tomllib

import numpy as np
import pytest
from invented import people

from crmtool.core.duplicates import matching, models
from crmtool.core.match_rules import Learned
from crmtool.core.rules import Match
from crmtool.io.writers import toml


@pytest.fixture(scope="module")
def parties():
    return people(3000)[0]


@pytest.fixture(scope="module")
def model(parties):
    return models.model(matching.trained(parties, Match()))


def learned(model):
    return Learned(day=dt.date(2026, 11, 21), settings=models.settings(Match()), person=model)


def test_what_is_written_is_read_again(model):
    kept = learned(model)
    assert Learned.model_validate(tomllib.loads(toml.dumped(kept.model_dump(mode="json")))) == kept


def test_the_same_parties_teach_the_same_in_any_order_of_rows(parties, model):
    assert models.model(matching.trained(parties, Match())) == model
    assert models.data(parties.reverse()) == model.data != models.data(parties.head(2999))


def test_a_model_finds_what_was_found_when_it_was_learned(parties, model):
    fresh, again = matching.matched(parties, Match()), matching.matched(parties, Match(), model=model)
    assert (again.clusters == fresh.clusters).all()
    assert again.pairs.weight == pytest.approx(fresh.pairs.weight, abs=1e-6)


def test_what_many_pairs_taught_is_firm_and_what_none_did_is_not(model):
    kept = model.field["birthday"]
    firm = dict(zip(kept.levels, models.is_firm(kept), strict=True))
    assert firm["same"]
    assert not firm["same year"]


def test_from_few_parties_nothing_is_firm():
    few = models.model(matching.trained(people(20)[0], Match()))
    assert not any(any(models.is_firm(kept)) for kept in few.field.values())


def test_the_bars_of_blocks_are_kept(parties, model):
    bars = {block.keys: block.largest for block in model.blocking}
    assert bars["email",] == Match().max_block
    assert min(bars.values()) >= 1
    assert list(bars) == list(matching.ready(parties, Match()).asked)


@pytest.mark.parametrize(
    ("contacts", "rules", "why"),
    [
        (3500, Match(), None),
        (3500, Match(certain=12.0, review=1.0), None),
        (3500, Match(max_block=50), "has changed since"),
        (99_000, Match(), "99000"),
        (30, Match(), "learned from"),
    ],
)
def test_a_model_of_another_base_is_not_used(model, contacts, rules, why):
    said = models.unfit(learned(model), "person", rules, contacts)
    assert said is None if why is None else why in said


def test_there_is_no_model_of_companies(model):
    assert models.unfit(learned(model), "company", Match(), 100) == models.unfit(None, "company", Match(), 100)


def test_a_model_of_other_levels_is_not_used(model):
    kept = model.field["phone"]
    other = {**model.field, "phone": kept.model_copy(update={"levels": ("same", "unlike", "odd", "other")})}
    changed = learned(model.model_copy(update={"field": other}))
    assert "another version" in models.unfit(changed, "person", Match(), 3500)


def test_one_number_for_each_level(model):
    kept = model.field["phone"].model_dump()
    with pytest.raises(ValueError, match="m has 3 numbers for 4 levels"):
        type(model.field["phone"]).model_validate({**kept, "m": kept["m"][:3]})


def test_weights_are_those_kept(model):
    weights = models.weights(model)
    assert weights.prior == model.prior
    assert (weights.m["phone"] == np.array(model.field["phone"].m)).all()
    assert {of for of, _ in weights.given} <= set(model.field)
