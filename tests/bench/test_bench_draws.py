"""Chance by number: even, without a visible tie between purposes or neighbours, and the same for a longer run."""

import polars as pl
import pytest

from bench import draws

N = 50_000
CHANCE = draws.chances(7)


def drawn(expression, rows=N):
    return pl.select(n=pl.int_range(rows)).select(u=expression)["u"]


def test_chances_are_even_from_0_to_1():
    found = drawn(CHANCE("a"))
    assert 0 <= found.min() < found.max() < 1
    counts = (found * 20).cast(pl.Int64).value_counts()["count"]
    assert counts.len() == 20
    assert counts.min() > 0.9 * N / 20
    assert counts.max() < 1.1 * N / 20


@pytest.mark.parametrize("other", [draws.chances(7)("b"), draws.chances(8)("a"), CHANCE("a").shift(1)])
def test_purposes_seeds_and_neighbours_are_not_tied(other):
    frame = pl.select(n=pl.int_range(N)).select(a=CHANCE("a"), b=other)
    assert abs(frame.select(pl.corr("a", "b")).item()) < 0.02


def test_a_longer_run_begins_as_a_shorter_one_whatever_the_order():
    long, short = drawn(CHANCE("a")), drawn(CHANCE("a"), 100)
    assert long.head(100).equals(short)
    backwards = pl.select(n=pl.int_range(100)).reverse().select(u=CHANCE("a"))["u"]
    assert backwards.reverse().equals(short)


def test_the_draws_are_those_of_splitmix64():
    """The generator that starts at 0 gives these first numbers; they stand in many implementations' tests."""
    start = pl.select(n=pl.int_range(1, 3)).select(pl.col("n").cast(pl.UInt64) * pl.lit(draws._GOLDEN, pl.UInt64))
    assert start.select(draws._stirred(pl.col("n")))["n"].to_list() == [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4]


def test_options_come_evenly_or_the_first_most_often():
    options = [f"{place:02}" for place in range(20)]
    even = drawn(draws.even(CHANCE("e"), options)).value_counts(sort=True)["count"]
    assert even.len() == 20
    assert even[0] < 1.1 * N / 20
    uneven = drawn(draws.uneven(CHANCE("u"), options, 2.0)).value_counts(sort=True)
    assert uneven["u"].to_list()[:3] == ["00", "01", "02"]
    assert uneven["count"][0] / uneven["count"][1] == pytest.approx(1.4, abs=0.1)
    assert uneven["u"].n_unique() == 20


def test_shares_are_kept():
    found = drawn(draws.weighted(CHANCE("w"), {"a": 0.5, "b": 0.2}, "rest")).value_counts()
    shares = {name: count / N for name, count in found.iter_rows()}
    assert shares == pytest.approx({"a": 0.5, "b": 0.2, "rest": 0.3}, abs=0.01)
