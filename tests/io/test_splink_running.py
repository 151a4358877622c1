"""Splink on DuckDB weighs every pair as we do, to a billionth of a bit."""

import json
import random

import numpy as np
import polars as pl
import pytest

from crmtool.core.duplicates import matching, models, splink_settings, weighing
from crmtool.core.errors import UsageError
from crmtool.core.rules import Match
from crmtool.io import splink_running

_RULES = Match()
_GIVEN = ["Александр", "Саша", "Олександр", "А.", "Анна", "Hanna", "Пётр", "Петр", "Ли", "Li", None]
_FAMILY = ["Иванов", "Ivanov", "Иванова", "Петренко", "Анна", "Ли", "фон Берг", "Гусев", "Гусева", None]
_MIDDLE = ["Иванович", "И", "Olegovich", "Олегович", None, None]
_FIRMS = ["Ромашка", "Romashka", "Вектор Плюс", "Плюс Вектор", "Вектор", None, None]
_CITIES = ["Москва", "Moskva", "Київ", "Львів", "London", None]


def people(count):
    """Return invented parties with everything that is compared, much of it shared, some with several values."""
    chance = random.Random(11)

    def some(values, most):
        return chance.sample(values, chance.randint(0, most)) or None

    phones = [f"+7916{chance.randint(0, 400):07}" for _ in range(count // 2)]
    boxes = [f"{name}.{chance.randint(0, 60)}@post.example" for name in ("ivanov", "anna", "lee", "box") * (count // 8)]
    rows = [
        {
            "given_name": chance.choice(_GIVEN),
            "middle_name": chance.choice(_MIDDLE),
            "family_name": chance.choice(_FAMILY),
            "birthday": chance.choice(
                [None, f"19{chance.randint(80, 83)}-0{chance.randint(1, 3)}-0{chance.randint(1, 9)}"]
            ),
            "company": chance.choice(_FIRMS),
            "job_title": chance.choice(["директор", "бухгалтер", "director", None]),
            "city": chance.choice(_CITIES),
            "postcode": chance.choice([None, f"10{chance.randint(1000, 1040)}"]),
            "tax_id": chance.choice([None, None, f"77{chance.randint(10**7, 10**7 + 300)}"]),
            "email": some(boxes, 2),
            "phone": some(phones, 3),
            "messenger": some(["@anna", "@lee", "@x1"], 1),
        }
        for _ in range(count)
    ]
    made = pl.DataFrame(rows, infer_schema_length=None)
    return made.with_columns(id=pl.int_range(pl.len(), dtype=pl.Int64) * 3 + 7, kind=pl.lit("person"))


@pytest.fixture(scope="module")
def model():
    return models.model(matching.trained(people(700).drop("id", "kind"), _RULES))


def written(handed, folder):
    """Write a folder as the export does; every pair that meets is kept."""
    handed.table.write_parquet(folder / "person.contacts.parquet")
    handed.shares.write_parquet(folder / "person.shares.parquet")
    (folder / "person.settings.json").write_text(json.dumps(handed.settings), "utf-8")


@pytest.mark.parametrize("scale", [None, 0.6])
def test_every_pair_weighs_the_same(model, tmp_path, monkeypatch, scale):
    pytest.importorskip("splink", reason="the extra crmtool[splink] is not installed")
    pytest.importorskip("duckdb", reason="the extra crmtool[splink] is not installed")
    monkeypatch.setattr(matching, "LOW", -1000.0)
    parties = people(700)
    if scale:
        model = models.rescaled(model, model.prior, {name: scale + len(name) / 10 for name in model.field})
    written(splink_settings.handed(parties, _RULES, model, "duckdb"), tmp_path)
    assert splink_running.kinds(tmp_path) == ["person"]
    kept = splink_running.on_duckdb(tmp_path)["person"]
    scores = pl.read_parquet(tmp_path / "person.scores.parquet")
    of = matching.ready(parties.drop("id", "kind"), _RULES, model)
    found = of.found(_RULES)
    ours = weighing.weighed(of.comparisons, models.weights(model), found.left, found.right)
    ids = parties["id"].to_numpy()
    own = pl.DataFrame({"unique_id_l": ids[ours.left], "unique_id_r": ids[ours.right], "own": ours.weight})
    both = own.join(scores, on=["unique_id_l", "unique_id_r"])
    assert kept == own.height == scores.height == both.height > 5000
    assert np.abs(both["own"] - both["match_weight"]).max() < 1e-9


def test_what_is_missing_is_said(monkeypatch):
    monkeypatch.setattr(splink_running, "find_spec", lambda _: None)
    with pytest.raises(UsageError) as refused:
        splink_running.on_duckdb(None)
    assert "crmtool[splink]" in refused.value.hint
    with pytest.raises(UsageError) as refused:
        splink_running.on_spark(None, None)
    assert "crmtool[spark]" in refused.value.hint
