"""Rows as frames: the same however many there are, and no value is turned into another kind."""

import polars as pl
import pytest

from crmtool.io import frames

SCHEMA = {"id": pl.Int64(), "name": pl.String(), "weight": pl.Float64(), "proof": pl.Binary()}
ROW = (1, "Анна", 0.5, b"x")


@pytest.mark.parametrize("rows", [1, 2, 64, 65, 500])
def test_rows_come_as_they_are(rows):
    given = [(n, None if n % 2 else "Анна", None, b"x") for n in range(rows)]
    found = frames.framed(given, SCHEMA)
    assert found.rows() == given
    assert found.schema == SCHEMA


@pytest.mark.parametrize("rows", [1, 500])
@pytest.mark.parametrize(("place", "value"), [(0, 1.5), (0, "1"), (1, 7), (2, "0.5")])
def test_a_value_of_another_kind_is_an_error_and_not_turned_into_one(rows, place, value):
    wrong = (*ROW[:place], value, *ROW[place + 1 :])
    with pytest.raises(TypeError):
        frames.framed([ROW] * (rows - 1) + [wrong], SCHEMA)


def test_no_rows_have_the_columns_all_the_same():
    empty = frames.empty(SCHEMA)
    assert (empty.schema, empty.height) == (SCHEMA, 0)
    empty.extend(frames.framed([ROW], SCHEMA))
    assert frames.empty(SCHEMA).is_empty()


@pytest.mark.parametrize("row", [ROW, (None, None, None, None), (1, "Анна", float("nan"), b"")])
@pytest.mark.parametrize("count", [1, 3])
def test_a_frame_is_given_as_its_rows(row, count):
    frame = pl.DataFrame([row] * count + [ROW], schema=SCHEMA, orient="row")
    assert repr(list(frames.rows(frame))) == repr(frame.rows())
    assert repr(list(frames.rows(frame.head(count)))) == repr(frame.head(count).rows())
    assert list(frames.rows(frame.clear())) == []
