"""What SQLite packs comes out as it was put in, whatever the values look like."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmtool.io.columns import part
from crmtool.io.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

NUMBERS = st.integers(-(2**63) + 1, 2**63 - 1)
DAYS = st.dates(dt.date(1000, 1, 1), dt.date(9999, 12, 31))
NO_DAYS = st.sampled_from(
    ["", "null", '"', ',"', 'a","b', "\\", '\\",\\"', "2026-13-01", "2026-02-30", "[]"]
) | st.text(st.characters(exclude_categories=["Cs", "Nd"]))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store with nothing in it."""
    made = Store.create(tmp_path_factory.mktemp("columns") / "crm.db", "0" * 64)
    yield made
    made.close()


def read(store: Store, values: list[object], kind: pl.DataType) -> pl.Series:
    return part(store, {"x": ("value", kind)}, "FROM json_each(?)", [json.dumps(values)])["x"]


@given(st.lists(st.none() | NUMBERS))
def test_numbers(store: Store, values: list[int | None]) -> None:
    assert read(store, [*values], pl.Int64()).equals(pl.Series("x", values, pl.Int64()))


@given(st.lists(st.none() | DAYS | NO_DAYS))
def test_days_and_what_is_none(store: Store, values: list[dt.date | str | None]) -> None:
    told = read(store, [str(each) if isinstance(each, dt.date) else each for each in values], pl.Date())
    days = [each if isinstance(each, dt.date) else None for each in values]
    assert told.equals(pl.Series("x", days, pl.Date()))


@given(st.lists(st.none() | NO_DAYS))
def test_texts(store: Store, values: list[str | None]) -> None:
    assert read(store, [*values], pl.String()).equals(pl.Series("x", values, pl.String()))
