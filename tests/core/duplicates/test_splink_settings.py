"""A model as Splink's settings: the same pairs meet, and all that a condition reads is there."""

import math
import re

import polars as pl
import pytest
from invented import people

from crmtool.core.comparators import beside
from crmtool.core.duplicates import matching, models, splink_settings
from crmtool.core.rules import Match

_RULES = Match()


@pytest.fixture(scope="module")
def parties():
    made = people(900)[0]
    return made.with_columns(id=pl.int_range(pl.len(), dtype=pl.Int64) * 2 + 10, kind=pl.lit("person"))


@pytest.fixture(scope="module")
def model(parties):
    return models.model(matching.trained(parties.drop("id", "kind"), _RULES))


@pytest.fixture(scope="module")
def handed(parties, model):
    return splink_settings.handed(parties, _RULES, model, "duckdb")


def levels(handed):
    return [level for compared in handed.settings["comparisons"] for level in compared["comparison_levels"]]


def test_the_same_pairs_meet(parties, model, handed):
    found = matching.ready(parties.drop("id", "kind"), _RULES, model).found(_RULES)
    ids = parties["id"].to_numpy()
    met = set()
    for rule in handed.settings["blocking_rules_to_generate_predictions"]:
        column = re.fullmatch(r"l\.(\w+) = r\.\1", rule["blocking_rule"])[1]
        keys = handed.table.select("unique_id", key=column)
        if "arrays_to_explode" in rule:
            keys = keys.explode("key", empty_as_null=False, keep_nulls=False)
        both = (
            keys.drop_nulls().join(keys.drop_nulls(), on="key").filter(pl.col("unique_id") < pl.col("unique_id_right"))
        )
        met |= set(both.select("unique_id", "unique_id_right").rows())
    assert met == set(zip(ids[found.left].tolist(), ids[found.right].tolist(), strict=True))


def test_all_that_a_condition_reads_is_there(handed):
    for level in levels(handed):
        columns = set(re.findall(r"\b([a-z]\w*)_[lr]\b", level["sql_condition"]))
        assert columns <= set(handed.table.columns)
        functions = set(re.findall(r"\b(crm_\w+)\(", level["sql_condition"]))
        assert functions <= set(beside.FUNCTIONS)
        assert not level.get("tf_adjustment_column") or columns


def test_every_number_that_tells_how_rare_a_value_is_has_its_share(handed):
    named = {level["tf_adjustment_column"] for level in levels(handed) if "tf_adjustment_column" in level}
    for column in named:
        shares = handed.shares.filter(pl.col("column") == column)
        assert set(handed.table[column].drop_nulls()) <= set(shares["rows"])
        assert shares["share"].is_between(0, 1, closed="right").all()


def test_each_comparison_begins_with_silence_and_ends_with_the_rest(handed):
    for compared in handed.settings["comparisons"]:
        first, *_, last = compared["comparison_levels"]
        assert first["is_null_level"]
        assert last["sql_condition"] == "ELSE"


def test_what_people_taught_multiplies_every_weight(parties, model):
    twice = models.rescaled(model, model.prior, dict.fromkeys(model.field, 2.0))
    none = models.rescaled(model, model.prior, dict.fromkeys(model.field, 0.0))
    once = {each["output_column_name"]: each for each in _settings(parties, model)["comparisons"]}
    for other, factor in ((twice, 2.0), (none, 0.0)):
        for compared in _settings(parties, other)["comparisons"]:
            own = once[compared["output_column_name"]]["comparison_levels"]
            for level, before in zip(compared["comparison_levels"][1:], own[1:], strict=True):
                assert _weight(level) == pytest.approx(factor * _weight(before), abs=1e-9)


def _settings(parties, model):
    return splink_settings.handed(parties, _RULES, model, "spark").settings


def _weight(level):
    return math.log2(level["m_probability"] / level["u_probability"])


def test_a_list_longer_than_the_places_still_agrees(parties, model):
    many = [f"+7916{place:07}" for place in range(40)]
    lists = pl.Series([many, many[30:], *parties["phone"][2:]])
    wide = parties.with_columns(phone=lists)
    handed = splink_settings.handed(wide, replace_rules(max_block=2000), model, "duckdb")
    conditions = [level["sql_condition"] for level in levels(handed)]
    assert any("arrays_overlap(phone_l, phone_r)" in condition for condition in conditions)
    assert handed.table["phone"].list.len().max() == 40


def replace_rules(**changes):
    return _RULES.model_copy(update=changes)
