"""Blocks give back the rows they were made of, or nothing at all."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmtool.core import model
from crmtool.core.errors import StoreDamaged
from crmtool.io import blocks
from crmtool.io.changelog import proven

KEY = "7" * 64


def tags(*ids):
    rows = {"id": list(ids), "contact_id": 1, "tag": [f"т{number}" for number in ids], "changeset_id": 1}
    frame = pl.DataFrame(rows, schema=dict(model.TABLES["contact_tag"]))
    return frame.with_columns(proven(KEY, "contact_tag", frame))


def test_rows_come_out_as_they_went_in():
    rows = tags(3, 5, 9).with_columns(tag=pl.Series(["", None, "=cmd"]))
    block = blocks.packed(KEY, rows)

    assert blocks.unpacked(KEY, block).equals(rows)
    assert blocks.unpacked(KEY, block, ["id", "tag"]).equals(rows.select("id", "tag"))


@pytest.mark.parametrize("at", [0, 15, 16, 40, -1])
def test_a_changed_byte_is_seen_before_anything_is_read(at, monkeypatch):
    block = bytearray(blocks.packed(KEY, tags(1, 2)))
    block[at] ^= 1
    monkeypatch.setattr(pl, "read_ipc", lambda *_, **__: pytest.fail("read"))

    with pytest.raises(StoreDamaged):
        blocks.unpacked(KEY, bytes(block))


@pytest.mark.parametrize("block", [None, b"", b"short", bytes(100)])
def test_what_is_no_block_is_refused(block):
    with pytest.raises(StoreDamaged):
        blocks.unpacked(KEY, block)


def test_another_key_does_not_open_it():
    with pytest.raises(StoreDamaged):
        blocks.unpacked("8" * 64, blocks.packed(KEY, tags(1)))


@given(st.sets(st.integers(1, 60), min_size=1))
def test_runs_name_exactly_their_ids(numbers):
    ids = pl.Series(sorted(numbers), dtype=pl.Int64)
    assert blocks.ids(blocks.runs(ids)).equals(ids)


@pytest.mark.parametrize("text", ["[", "[1]", '["a"]', '[["a", "b"]]', "[[1]]"])
def test_edited_runs_are_damage(text):
    with pytest.raises(StoreDamaged):
        blocks.ids(text)


def test_portions_are_bounded_in_rows_and_bytes(monkeypatch):
    rows = pl.DataFrame({"id": range(25_001), "text": "x" * 100})
    portions = list(blocks.cut(rows))
    assert pl.concat(portions).equals(rows)
    assert max(part.height for part in portions) <= 10_000

    monkeypatch.setattr(blocks, "_BYTES", 100_000)
    portions = list(blocks.cut(rows))
    assert pl.concat(portions).equals(rows)
    assert max(part.estimated_size() for part in portions) < 110_000
    assert list(blocks.cut(rows.clear())) == []
