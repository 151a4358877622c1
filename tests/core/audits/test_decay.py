"""Decay: whose lives count and how long they are, and that known rates are found again."""

import datetime as dt
import math
from random import Random

import polars as pl
import pytest

from crmtool.core.audits import decay

pytest.importorskip("scipy", reason="the decay of values is an extra: pip install 'crmtool[decay]'")
START = dt.date(2024, 11, 21)


def day(number):
    return START + dt.timedelta(days=number)


def history(*rows):
    return pl.DataFrame(
        [(c, "email", value, outcome, day(on)) for c, value, outcome, on in rows], schema=decay.HISTORY, orient="row"
    )


def came(*rows):
    schema = {"contact_id": pl.Int64, "seen": pl.Date}
    return pl.DataFrame([(c, day(on)) for c, on in rows], schema=schema, orient="row")


def test_a_life_ends_halfway_between_the_last_good_day_and_the_bad_one():
    told = history(
        (1, "a", "confirmed", 100),
        (1, "a", "wrong", 200),
        (1, "a", "confirmed", 300),  # another life; not counted
        (2, "b", "confirmed", 90),
        (2, "b", "confirmed", 180),
        (3, "c", "unreachable", 60),
        (4, "d", "confirmed", 0),  # looked at when it came in, never again
    )
    lived = decay.lives(told, came((1, 0), (2, 0), (3, 0), (4, 0)))
    assert lived.select("contact_id", "days", "died").rows() == [(1, 150, True), (2, 180, False), (3, 30, True)]


def simulated(rates, contacts, years, every, seed):
    """Return what checks every `every` days find out about values that die at known yearly shares."""
    random = Random(seed)
    rows, groups = [], []
    for number in range(contacts):
        group = sorted(rates)[number % len(rates)]
        death = random.expovariate(-math.log(1 - rates[group]) / decay.YEAR)
        groups.append((number, group))
        at = random.randint(1, every)
        while at < years * decay.YEAR:
            rows.append((number, "v", "confirmed" if at < death else "wrong", at))
            if at >= death:
                break
            at += random.randint(every - 20, every + 20)
    frame = pl.DataFrame(groups, schema={"contact_id": pl.Int64, "group": pl.String}, orient="row")
    return history(*rows), frame, came(*[(number, 0) for number in range(contacts)])


def recovered(contacts, seed, every=91):
    rates = {"it": 0.40, "state": 0.08, "trade": 0.22}
    told, groups, seen = simulated(rates, contacts, 2, every, seed)
    found = decay.decays(decay.lives(told, seen), groups, 0.1)
    truth = {name: -math.log(0.9) / (-math.log(1 - rate) / 12) for name, rate in rates.items()}
    return {each.group: each.months / truth[each.group] for each in found if each.group}


def test_known_rates_are_found_again():
    assert {name: pytest.approx(1, abs=0.15) for name in ("it", "state", "trade")} == recovered(3000, 7)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("every", [45, 91, 182])
def test_known_rates_are_found_again_whatever_the_seed_and_the_period(seed, every):
    ratios = recovered(12_000, seed, every)
    assert all(abs(ratio - 1) < 0.15 for ratio in ratios.values()), ratios


def test_a_period_is_in_whole_months_and_nothing_is_proposed_where_nothing_died():
    assert decay.Decay("email", None, 50, 9, 0.1, 0.4, 2.9).every_months == 2
    assert decay.Decay("email", None, 50, 9, 0.1, 0.9, 0.4).every_months == 1
    lived = pl.DataFrame({"contact_id": range(40), "field": ["email"] * 40, "days": [90.0] * 40, "died": [False] * 40})
    (one,) = decay.decays(lived, None, 0.1)
    assert (one.watched, one.died, one.per_year, one.every_months) == (40, 0, 0, None)
    assert decay.decays(lived.head(29), None, 0.1) == []
