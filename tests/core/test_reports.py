"""The forecast, on generated deals whose truth is known; bars and shares of reports."""

import datetime as dt
import random

import polars as pl
import pytest

from crmtool.core.deal_rules import Deals
from crmtool.core.reports import forecast, shapes

RULES = Deals(open=("offer", "contract"), chance={"offer": 0.5})
DAY = dt.date(2026, 11, 21)
TRUTH = {"offer": 0.4, "contract": 0.75}  # of all that stood there


def history(deals, seed, days=900):
    """Return deals that begin evenly, go to a contract half of the time, and are won as often as `TRUTH` says."""
    chance = random.Random(seed)
    rows = []
    for number in range(deals):
        begin = DAY - dt.timedelta(days=chance.randrange(days))
        amount = chance.randrange(1, 100) * 1_000_000
        steps = [("offer", begin)]
        signed = chance.random() < 0.5
        if signed:
            steps.append(("contract", begin + dt.timedelta(days=chance.randrange(5, 30))))
        won = chance.random() < (TRUTH["contract"] if signed else 2 * TRUTH["offer"] - TRUTH["contract"])
        steps.append(("won" if won else "lost", steps[-1][1] + dt.timedelta(days=chance.randrange(5, 60))))
        rows += [(number, amount, "RUB", stage, on) for stage, on in steps]
    return pl.DataFrame(rows, schema=forecast.STEPS, orient="row")


def known(steps):
    return steps.filter(pl.col("on") <= DAY)


def test_chances_come_near_the_truth():
    found = forecast.chances(known(history(4_000, 1)), RULES, DAY)
    assert {stage: share for stage, (share, _) in found.items()} == pytest.approx(TRUTH, abs=0.04)


def test_what_open_deals_bring_comes_near_what_they_will_bring():
    whole = history(4_000, 2)
    told = forecast.forecast(known(whole), RULES, DAY)
    now = forecast.standing(whole, DAY).filter(pl.col("stage").is_in(RULES.open))
    ends = forecast.standing(whole, dt.date(2030, 1, 1)).filter(pl.col("stage") == "won")
    came = now.join(ends, on="deal_id", how="semi")["amount"].sum()
    assert told.stages["expected"].sum() == pytest.approx(came, rel=0.2)
    assert told.tested >= 6
    assert told.error is not None
    assert told.error < 0.35
    assert told.bias == pytest.approx(1, abs=0.2)


def test_few_deals_are_not_enough_and_it_says_so():
    told = forecast.forecast(known(history(15, 3)), RULES, DAY)
    assert (told.error, told.bias) == (None, None)
    assert told.stages["closed"].null_count() == told.stages.height
    shares = dict(told.stages.select("stage", "chance").rows())
    assert set(shares.values()) <= {0.5, None}
    assert shares.get("contract") is None


def test_the_test_of_the_past_knows_nothing_of_what_came_after():
    steps = known(history(2_000, 4))
    day = dt.date(2026, 5, 1)
    before = forecast.chances(steps, RULES, day)
    turned = steps.with_columns(
        stage=pl.when((pl.col("on") > day) & (pl.col("stage") == "won")).then(pl.lit("lost")).otherwise("stage")
    )
    assert forecast.chances(turned, RULES, day) == before


def test_no_deals_at_all():
    told = forecast.forecast(pl.DataFrame(schema=forecast.STEPS), RULES, DAY)
    assert (told.stages.height, told.error, told.tested) == (0, None, 0)


def test_bars_and_shares():
    assert shapes.bars(pl.Series([10, 1, 0, None])) == ["#" * 20, "##", "", ""]
    assert shapes.bars(pl.Series([], dtype=pl.Int64)) == []
    frame = pl.DataFrame({"part": [1, 0], "whole": [3, 0]})
    assert frame.select(shapes.share("part", "whole")).to_series().to_list() == [33.3, None]
