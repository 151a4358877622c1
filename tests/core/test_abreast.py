"""Columns worked on side by side: in their order, on several threads where there are many rows, faults told."""

import threading

import polars as pl
import pytest

from crmtool.core.abreast import abreast, ahead

MANY = 100_000


@pytest.mark.parametrize("rows", [1, MANY])
def test_what_is_made_has_the_order_of_what_was_given(rows):
    assert abreast(lambda n: n * n, range(20), rows) == [n * n for n in range(20)]
    assert abreast(len, [], rows) == []


def test_many_rows_are_worked_on_at_once():
    if pl.thread_pool_size() == 1:
        pytest.skip("one thread for polars: nothing is done at once")
    both = threading.Barrier(2)
    assert sorted(abreast(lambda _: both.wait(timeout=20), [1, 2], MANY)) == [0, 1]


def test_few_rows_start_no_thread():
    assert abreast(lambda _: threading.current_thread(), [1, 2], 1) == [threading.current_thread()] * 2


@pytest.mark.parametrize("rows", [1, MANY])
def test_a_fault_comes_through(rows):
    with pytest.raises(ZeroDivisionError):
        abreast(lambda n: 1 // n, [1, 0], rows)


def test_what_comes_next_is_made_beside_the_work_on_the_one_before():
    both = threading.Barrier(2)
    given = ahead(both.wait(timeout=20) if n else n for n in range(2))
    next(given)
    both.wait(timeout=20)
    assert len(list(given)) == 1


def test_things_made_ahead_come_in_their_order_and_their_faults_after_them():
    given = ahead(1 // (2 - n) for n in range(5))
    assert [next(given), next(given)] == [0, 1]
    with pytest.raises(ZeroDivisionError):
        next(given)
    assert list(ahead(iter([]))) == []
