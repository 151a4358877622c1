"""What is read from the store is what was written, and what was taken back is as if it had never been."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from content import logical
from hypothesis import given, settings
from hypothesis import strategies as st

from crmtool.core import model, plans
from crmtool.io import changelog
from crmtool.io.store import Stamp, Store

_STAMP = Stamp("steward", "2026-01-02T03:04:05+00:00")
# every text a cell can be but NUL and lone surrogates, which no reader lets through
_text = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=12)
_filled = {"contact": {"kind": st.sampled_from(["person", "company"])}, "contact_tag": {"tag": _text}}


def frames(table: str, count: int) -> st.SearchStrategy[pl.DataFrame]:
    """Return a strategy of `count` rows of a table about contacts 1 to `count`, with any text in any column."""
    fixed = {"id", "changeset_id", "contact_id", "root_id"}
    cells = {n: _filled.get(table, {}).get(n, st.none() | _text) for n in model.TABLES[table] if n not in fixed}
    row = st.fixed_dictionaries(cells)
    rows = st.lists(row, min_size=count, max_size=count)
    return rows.map(lambda rows: _numbered(table, rows))


def _numbered(table: str, rows: list[dict[str, str | None]]) -> pl.DataFrame:
    numbers = [n for n in ("id", "contact_id", "root_id") if n in model.TABLES[table]]
    whole = [{**row, **dict.fromkeys(numbers, i), "changeset_id": 1} for i, row in enumerate(rows, 1)]
    return pl.DataFrame(whole, schema=dict(model.TABLES[table]))


@settings(max_examples=settings().max_examples // 2)
@given(data=st.data(), count=st.integers(1, 4), few=st.sampled_from([0, 100]))
def test_rows_come_back_as_written_changed_and_after_undo(data: st.DataObject, count: int, few: int) -> None:
    with TemporaryDirectory(prefix="store") as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(changelog, "_FEW", few)  # removed rows are kept in blocks, or one by one
        store = Store.create(Path(folder) / "crm.db", "ab" * 32)
        come_and_go(store, {t: [data.draw(frames(t, count)) for _ in range(2)] for t in ("contact", "contact_tag")})
        store.close()


def come_and_go(store: Store, drawn: dict[str, list[pl.DataFrame]]) -> None:
    """Write rows, change them, remove them, and look after each."""
    store._db.execute("PRAGMA synchronous = OFF")
    written = {table: rows for table, (rows, _) in drawn.items()}
    store.apply(_plan(store, {t: plans.edit(t, created=rows) for t, rows in written.items()}), _STAMP)
    assert {t: store.snapshot(t).to_dicts() for t in written} == {t: rows.to_dicts() for t, rows in written.items()}

    changed = {table: rows.with_columns(changeset_id=pl.lit(2)) for table, (_, rows) in drawn.items()}
    edits = {t: plans.edit(t, updated=(written[t], changed[t])) for t in written}
    store.apply(_plan(store, edits), _STAMP)
    for table, rows in changed.items():
        untouched = rows["id"].is_in(edits[table].after["id"].implode()).not_()
        expected = pl.concat([edits[table].after, written[table].filter(untouched)]).sort("id")
        assert store.snapshot(table).equals(expected)

    standing = {t: store.snapshot(t) for t in written}
    store.apply(_plan(store, {t: plans.edit(t, removed=rows) for t, rows in standing.items()}), _STAMP)
    assert all(frame.is_empty() for frame in logical(store).values())
    removed = store.changes(3).filter(pl.col("op") == "remove")
    images = {(t, i): json.loads(before) for t, i, before in removed.select("tbl", "row_id", "before").rows()}
    for table, rows in standing.items():
        for row in rows.to_dicts():
            assert images[table, row["id"]] == {n: v for n, v in row.items() if v is not None}
    assert store.verify() == []


def _plan(store: Store, edits: dict[str, plans.Edit]) -> plans.Plan:
    return plans.Plan("test", store.revision(), "rules", edits)
